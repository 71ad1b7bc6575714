"""The folds of the pages, opened as a viewer would who reads everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.shared.panels import FOLDS, fold_key

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest


def unfold(app: AppTest) -> None:
    """Open every fold of the page that is drawn next."""
    for fold in FOLDS:
        app.session_state[fold_key(fold)] = True
