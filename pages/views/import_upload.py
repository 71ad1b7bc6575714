"""The first step of an import: files are brought."""

from __future__ import annotations

import streamlit as st

from data.warehouse import REGISTRY_VARIABLE, named_registry
from pages.shared import import_words as words
from pages.shared.access import REFUSED
from pages.shared.ask import current_registry
from pages.shared.panels import heading, quiet, say
from pages.shared.registry_in_use import registry_in_use
from pages.shared.sentences import registry_sentence
from pages.shared.upload import DONE, ROUND, begin, by_name
from pages.shared.wording import marked, plural

TITLE = "Import the department's own tables"


def refusing() -> None:
    """Say why the page takes no files, and what to do."""
    heading(TITLE, [REFUSED], synthetic=False)


def uploading() -> None:
    """Take files, read them, and go on to their columns."""
    done = st.session_state.pop(DONE, None)
    if done:
        st.success(done, icon=":material/check:")
        st.page_link(
            "outcomes/overview.py", label="See the results", icon=":material/arrow_forward:"
        )
    heading(TITLE, [words.INTRODUCTION], synthetic=False)
    files = st.file_uploader(
        "Files of the department",
        accept_multiple_files=True,
        key=f"upload.files_{st.session_state.get(ROUND, 0)}",
        help=words.limit_sentence(int(st.get_option("server.maxUploadSize"))),
    )
    if st.button(
        f"Read {plural(len(files), 'file')}" if files else "Read the files",
        key="upload.read",
        type="primary",
        disabled=not files,
    ):
        with st.spinner("Reading the files and recognising their columns …"):
            begin(by_name([(file.name, file.getvalue()) for file in files]))
        st.rerun()
    say(quiet(words.SAFE), _where())


def _where() -> str:
    """Say which registry is in use, or that none is named."""
    path = named_registry()
    if path is None:
        said = words.unnamed_sentence(REGISTRY_VARIABLE)
        return marked(said, synthetic=current_registry().synthetic)
    registry = registry_in_use()
    if registry is None:
        return words.no_registry_sentence(path)
    return marked(registry_sentence(registry), synthetic=registry.synthetic)
