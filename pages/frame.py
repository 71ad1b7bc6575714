"""The frame around every page, run on every click: menu, cohort bar, cohort line."""

from __future__ import annotations

import streamlit as st

from pages.shared.ask import current_signature, warehouse_or_stop
from pages.shared.cohort_bar import cohort_bar, cohort_line
from pages.shared.sentences import EMPTY, NOBODY
from pages.shared.style import BRAND, STYLE

MENU = {
    "outcomes/overview.py": "Overview",
    "outcomes/trajectories.py": "Pain & disability",
    "outcomes/responders.py": "Responders",
    "imaging/leakage.py": "Cement leakage",
    "imaging/alignment.py": "Height & kyphosis",
    "follow_up/survival.py": "Survival",
    "follow_up/attrition.py": "Follow-up",
    "follow_up/events.py": "Events",
    "about/methods.py": "Methods",
}
SEEN = "registry.signature"


def menu() -> list[st.Page]:
    """Return the pages in the order in which a meeting asks."""
    first = next(iter(MENU))
    return [
        st.Page(
            path,
            title=title,
            url_path=path.split("/")[-1].removesuffix(".py"),
            default=path == first,
        )
        for path, title in MENU.items()
    ]


def main() -> None:
    """Draw the frame and run the page inside it."""
    st.set_page_config(
        page_title="Kyphoplasty outcomes",
        page_icon="🦴",
        layout="wide",
        initial_sidebar_state=278,
    )
    st.html(STYLE)
    st.logo(BRAND, size="large")
    page = st.navigation(menu(), position="top")
    warehouse_or_stop()
    say_when_replaced()
    chosen = cohort_bar()
    cohort_line(chosen)
    if not chosen.n_patients:
        st.info(NOBODY if chosen.n_patients_all else EMPTY)
    page.run()


def say_when_replaced() -> None:
    """Tell the viewer that a new registry was loaded since the last click."""
    now = current_signature()
    if st.session_state.get(SEEN, now) != now:
        st.toast("A new registry was loaded; every number on this page now comes from it.")
    st.session_state[SEEN] = now


main()
