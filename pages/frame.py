"""The frame around every page, run on every click: menu, cohort bar, cohort line."""

from __future__ import annotations

import contextlib
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import streamlit as st

from data.warehouse import RegistryError
from pages.charts.drawing import drawings
from pages.shared.ahead import AHEAD, MOST_LEVELS, parts_of
from pages.shared.ask import ask_ahead, current_signature, one_registry
from pages.shared.cohort_bar import (
    choose_nobody,
    chosen_cohort,
    cohort_bar,
    cohort_line,
    follow_registry,
    keep_filters,
    one_click_away,
    write_link,
)
from pages.shared.identifiers import hidden, identifiers_switch
from pages.shared.menu import draw_menu
from pages.shared.order import charts_first
from pages.shared.registry_in_use import file_in_use
from pages.shared.sentences import EMPTY, NOBODY
from pages.shared.style import BRAND, STYLE
from queries.cohort import selection

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from streamlit.delta_generator import DeltaGenerator

    from pages.charts.drawing import Noted
    from pages.shared.ahead import Asked
    from queries.cohort import Cohort, Selection

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
DRAWN = "frame.drawn"


def all_pages() -> list[st.Page]:
    """Return the pages in the order in which a meeting asks."""
    first = next(iter(MENU))
    return [
        st.Page(path, title=title, url_path=address_of(path), default=path == first)
        for path, title in MENU.items()
    ]


def address_of(path: str) -> str:
    """Return the last part of a page's address."""
    return Path(path).stem


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
    pages = all_pages()
    page = st.navigation(pages, position="hidden")
    draw_menu(page, pages, [MENU[path] for path in FOLDED])
    part(page.url_path)


@st.fragment
def part(address: str) -> None:
    """Draw what a filter changes: the page, its charts first, then the filters around it.

    A click inside reruns this part alone, without the frame.
    """
    first = DRAWN not in st.session_state
    st.session_state[DRAWN] = True
    imports = address == Path(IMPORT).stem  # writes a registry while it runs
    with (
        AHEAD.click() as asked,
        drawings() as drawn,
        contextlib.nullcontext() if imports else one_registry(),
    ):
        chosen, line = None, None
        try:
            chosen = cohort_or_nobody(address)
            line = st.container(horizontal=True, vertical_alignment="center", key="cohort_line")
            if first:
                around(chosen, line)
            inside(address, chosen)
        except RegistryError as error:
            st.error(str(error))
            if not imports:
                st.page_link(IMPORT, label="Import the department's own tables")
        if not first:
            around(chosen, line)
    if chosen is not None:
        answer_ahead(chosen, asked, drawn)


def inside(address: str, chosen: Selection | None) -> None:
    """Draw the page of an address, its charts first."""
    drawn = f"{DRAWN}.{address}"
    with charts_first(st.session_state.get(drawn)) as order:
        if chosen is not None and not chosen.n_patients:
            st.info(NOBODY if chosen.n_patients_all else EMPTY)
        run(address)
    st.session_state[drawn] = order.charts


def around(chosen: Selection | None, line: DeltaGenerator | None) -> None:
    """Draw the cohort line above the page and the filters beside it."""
    if chosen is None or line is None:
        keep_filters()
    else:
        write_link(chosen.cohort)
        with line:
            cohort_line(chosen)
        with st.sidebar:
            cohort_bar(chosen)
            identifiers_switch()


def cohort_or_nobody(address: str) -> Selection | None:
    """Return what the filters keep; None on the page that makes a registry, where there is none."""
    try:
        say_when_replaced()
        return chosen_cohort()
    except RegistryError as error:
        if address != Path(IMPORT).stem:
            raise
        if file_in_use() is not None:
            st.error(str(error))
        choose_nobody()
        return None


def run(address: str) -> None:
    """Run the script of a page; Streamlit's own way runs one once, a part is drawn again."""
    path = next(one for one in MENU if one.endswith(f"/{address or 'overview'}.py"))
    script = Path(__file__).parent / path
    code = compiled(script, script.stat().st_mtime_ns)
    exec(code, {"__name__": "__main__", "__file__": str(script)})  # noqa: S102


@cache
def compiled(script: Path, _changed: int) -> CodeType:
    """Return the code of a page."""
    return compile(script.read_text(encoding="utf-8"), str(script), "exec")


def answer_ahead(chosen: Selection, asked: list[Asked], drawn: list[Noted]) -> None:
    """Have the page answered and drawn for the cohorts one click away, while nobody clicks."""
    if not AHEAD.started or chosen.n_levels_all > MOST_LEVELS:
        return
    visitor = st.session_state.setdefault(VISITOR, uuid4().hex)
    codes = hidden()
    steady = [noted for noted in drawn if noted.is_steady]
    charts = [
        [
            (noted, way)
            for part, way in parts_of(one.answer)
            for noted in steady
            if noted.args[0] is part
        ]
        for one in asked
    ]
    jobs = [
        partial(answer_and_draw, one.question, cohort, one.options, shown, codes=codes)
        for cohort in one_click_away(chosen)
        for one, shown in zip(asked, charts, strict=True)
    ]
    AHEAD.work(visitor, jobs)


def answer_and_draw(
    question: Callable[..., Any],
    cohort: Cohort,
    options: tuple[tuple[str, Any], ...],
    charts: list[tuple[Noted, Callable[[Any], object]]],
    *,
    codes: bool,
) -> None:
    """Answer a question for a cohort and draw the charts that the page shows of its answer."""
    ask_ahead(selection, cohort, (), codes=codes)
    answer = ask_ahead(question, cohort, options, codes=codes)
    for noted, way in charts:
        noted.draw(way(answer))


def say_when_replaced() -> None:
    """Tell the viewer that a new registry was loaded since the last click."""
    now = current_signature()
    if st.session_state.get(SEEN, now) != now:
        st.toast("A new registry was loaded; every number on this page now comes from it.")
        follow_registry()
    st.session_state[SEEN] = now


main()
