"""The imports so far, and the way back to an earlier one."""

from __future__ import annotations

import streamlit as st

from data.ingest import history, undo
from data.warehouse import RegistryError, named_registry
from pages.shared import import_change_words as words
from pages.shared.access import may_import
from pages.shared.panels import say, table_text
from pages.shared.registry_in_use import registry_in_use
from pages.shared.upload import DONE
from pages.views.import_steps import problem


def history_panel() -> None:
    """Print the imports of the named registry, and bring one back."""
    path = named_registry()
    try:
        if path is None or registry_in_use() is None:
            return
        imports = history(path)
    except RegistryError as error:
        problem(str(error))
        return
    say("#### Imports so far", table_text(words.history_rows(imports)))
    kept = words.by_import(imports)
    if not kept or not may_import():
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Go back to",
            list(kept),
            format_func=lambda number: words.import_label(kept[number]),
            key="upload.earlier",
            width=560,
        )
        wanted = st.button("Go back to this import", key="upload.undo")
    if wanted:
        try:
            undo(path, int(chosen))
        except RegistryError as error:
            problem(str(error))
        else:
            st.session_state[DONE] = words.undone_sentence(kept[chosen])
            st.rerun()
