"""The frame around every page, run on every click: menu, cohort bar, cohort line."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import streamlit as st

from data.warehouse import RegistryError, named_registry
from pages.shared.ahead import AHEAD, MOST_LEVELS
from pages.shared.ask import ask, current_signature
from pages.shared.cohort_bar import (
    choose_nobody,
    chosen_cohort,
    cohort_bar,
    cohort_line,
    follow_registry,
    one_click_away,
    write_link,
)
from pages.shared.identifiers import identifiers_switch
from pages.shared.sentences import EMPTY, NOBODY
from pages.shared.style import BRAND, STYLE

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator
    from streamlit.navigation.page import StreamlitPage

    from pages.shared.ahead import Asked
    from queries.cohort import Selection

MENU = {
    "outcomes/overview.py": "Overview",
    "outcomes/trajectories.py": "Pain & disability",
    "outcomes/responders.py": "Responders",
    "imaging/leakage.py": "Leakage",
    "imaging/alignment.py": "Height & kyphosis",
    "follow_up/survival.py": "Survival",
    "follow_up/attrition.py": "Follow-up",
    "follow_up/events.py": "Events",
    "patients/patient.py": "Patient",
    "outcomes/subgroups.py": "Subgroups",
    "registry/import_data.py": "Import",
    "registry/quality.py": "Data quality",
    "about/methods.py": "Methods",
}
IMPORT = "registry/import_data.py"
FOLDED = ("outcomes/subgroups.py", IMPORT, "registry/quality.py", "about/methods.py")
SEEN = "registry.signature"
VISITOR = "ahead.visitor"


def menu() -> dict[str, list[st.Page]]:
    """Return the pages in the order in which a meeting asks, the last ones folded away."""
    first = next(iter(MENU))
    sections: dict[str, list[st.Page]] = {"": [], "More": []}
    for path, title in MENU.items():
        address = path.split("/")[-1].removesuffix(".py")
        page = st.Page(path, title=title, url_path=address, default=path == first)
        sections["More" if path in FOLDED else ""].append(page)
    return sections


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
    try:
        with AHEAD.click() as asked:
            chosen = show(page)
    except RegistryError as error:
        st.error(str(error))
    else:
        if chosen is not None:
            answer_ahead(chosen, asked)


def show(page: StreamlitPage) -> Selection | None:
    """Draw the page, and around it the cohort line and the filters."""
    first = SEEN not in st.session_state
    try:
        say_when_replaced()
        chosen = chosen_cohort()
    except RegistryError as error:
        without_registry(page, error)
        return None
    line = st.container()
    if first:
        around(chosen, line)
    if not chosen.n_patients:
        st.info(NOBODY if chosen.n_patients_all else EMPTY)
    try:
        page.run()
    finally:
        if not first:
            around(chosen, line)
    return chosen


def without_registry(page: StreamlitPage, error: RegistryError) -> None:
    """Say that no registry can be read; the page that makes one is drawn all the same."""
    path = named_registry()
    if page.url_path == Path(IMPORT).stem:
        if path is None or path.exists():
            st.error(str(error))
        choose_nobody()
        page.run()
    else:
        st.error(str(error))
        st.page_link(IMPORT, label="Import the department's own tables")


def answer_ahead(chosen: Selection, asked: list[Asked]) -> None:
    """Have the page answered for the cohorts one click away, while nobody clicks."""
    if not AHEAD.started or chosen.n_levels_all > MOST_LEVELS:
        return
    visitor = st.session_state.setdefault(VISITOR, uuid4().hex)
    jobs = [
        partial(ask, question, cohort, **dict(options))
        for cohort in one_click_away(chosen)
        for question, options in asked
    ]
    AHEAD.work(visitor, jobs)


def around(chosen: Selection, line: DeltaGenerator) -> None:
    """Draw what stands around the page: after it, so that its charts come first, but at first."""
    write_link(chosen.cohort)
    with line:
        cohort_line(chosen)
    cohort_bar(chosen)
    with st.sidebar:
        identifiers_switch()


def say_when_replaced() -> None:
    """Tell the viewer that a new registry was loaded since the last click."""
    now = current_signature()
    if st.session_state.get(SEEN, now) != now:
        st.toast("A new registry was loaded; every number on this page now comes from it.")
        follow_registry()
    st.session_state[SEEN] = now


main()
