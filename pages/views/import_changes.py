"""The last steps of an import: what it would change, and its acceptance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from data.ingest import accept, difference
from data.warehouse import REGISTRY_VARIABLE, named_registry, signature
from pages.shared import import_change_words as words
from pages.shared.ask import answered_in, ask_of_all
from pages.shared.identifiers import hidden
from pages.shared.import_words import unnamed_sentence
from pages.shared.panels import heading, say, table_text
from pages.shared.registry_in_use import file_in_use, registry_in_use
from pages.shared.upload import DONE, Outlook, forget
from pages.views.import_steps import onward
from queries.overview import overview

if TYPE_CHECKING:
    from data.ingest import Checked
    from pages.shared.upload import Upload


def changes(upload: Upload) -> None:
    """Print which patients come, change and go, and the headline figures before and after."""
    found = _outlook(upload)
    heading(
        "What would change",
        [words.change_sentence(found.difference, is_first=found.is_first)],
        synthetic=False,
    )
    if gone := words.vanished_sentence(found.difference, hidden=hidden()):
        st.warning(gone, icon=":material/person_remove:")
    onward("accept", "Go on to accept")
    left, right = st.columns(2, gap="medium")
    with left:
        say("**Headline figures of all patients**", table_text(words.figure_rows(found)))
    with right:
        if not found.is_first:
            with st.container(key="rows_to_look_at"):
                say(
                    "**Patients**",
                    table_text(words.patient_rows(found.difference, hidden=hidden())),
                )
        say("**Rows of the registry**", table_text(words.table_rows(found.difference)))


def _outlook(upload: Upload) -> Outlook:
    file, is_readable = file_in_use(), registry_in_use() is not None
    seen = None if file is None else signature(file)
    if upload.outlook is not None and upload.outlook.seen == seen:
        return upload.outlook
    checked = _accepted(upload)
    bar = st.progress(0.1, "Comparing with the registry in use …")
    compared = difference(file if is_readable else None, checked)
    bar.progress(0.4, "Counting the headline figures …")
    before = ask_of_all(overview).rows if is_readable else ()
    after = answered_in(checked, overview).rows
    bar.empty()
    upload.outlook = Outlook(seen, compared, before, after)
    return upload.outlook


def _accepted(upload: Upload) -> Checked:
    if upload.checked is None:
        upload.step = "findings"
        st.rerun()
    return upload.checked


def accepting(upload: Upload) -> None:
    """Write the registry when a person accepts."""
    shown = upload.outlook
    found, checked, path = _outlook(upload), _accepted(upload), named_registry()
    heading("Accept the import", [], synthetic=False)
    if path is None:
        say(unnamed_sentence(REGISTRY_VARIABLE))
        return
    say(
        words.change_sentence(found.difference, is_first=found.is_first),
        words.findings_sentence(checked),
        words.accept_sentence(checked, path, replaces=found.seen is not None),
    )
    if gone := words.vanished_sentence(found.difference, hidden=hidden()):
        st.warning(gone, icon=":material/person_remove:")
    if st.button("Accept and write the registry", key="upload.accept", type="primary"):
        with st.spinner("Writing the registry …"):
            seen = (shown or found).seen
            accept(checked, path, replaces=seen, is_first=seen is None)
        forget()
        st.session_state[DONE] = words.done_sentence(checked)
        st.rerun()
