"""A view of curves by group, whether of survival or of events: answer, chart, what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from pages.shared.counter import looked_at, tests_sentence
from pages.shared.curve_words import comparison_line, comparison_notes, several_sentence
from pages.shared.group_words import FIELDS, GroupNames
from pages.shared.panels import draw, folded, heading, quiet, say, table_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pages.charts.drawing import Drawing
    from queries.events import Events
    from queries.survival import Survival

    Name = Callable[[str], str]
    Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class CurveView:
    """What a page says and draws of its curves.

    Parameters
    ----------
    title, what : str
        Whose curves, and what their height is, as in ``difference in one-year ...``.
    sentences : sequence of str
        The answer, then the comparison of the groups; empty ones are left out.
    chart : Drawing or None
        None where nothing can be drawn; `instead` stands there then.
    alt, legend : str
        The chart in words, and its marks.
    twin : rows
        The chart's table.
    groups : rows
        The groups in short.
    beside, rests : sequence of str
        Paragraphs beside the chart, and what the answer rests on.
    tables : sequence of rows
        Folded away below.
    nothing : str
        Said where nobody was followed.
    """

    page: str
    title: str
    what: str
    sentences: Sequence[str]
    chart: Drawing | None
    alt: str
    legend: str
    twin: Rows
    groups: Rows
    beside: Sequence[str]
    instead: Sequence[str]
    rests: Sequence[str]
    tables: Sequence[Rows]
    nothing: str


def namer(answer: Survival | Events) -> Name:
    """Return how the groups of an answer read."""
    return GroupNames(answer.by or "", answer.selection.convention)


def show_curves(
    view: CurveView, answer: Survival | Events, *, followed: bool, tested: bool = True
) -> None:
    """Show curves by group: the answer first, its chart, what it rests on, tables folded away."""
    by, name = answer.by, namer(answer)
    tests = answer.comparisons if tested else ()
    with st.container(key="answer"):
        left, right = st.columns([2, 1], gap="medium")
    with left:
        heading(
            f"{view.title}{f' by {FIELDS[by]}' if by else ''}",
            [sentence for sentence in view.sentences if sentence],
            synthetic=answer.selection.synthetic,
            beside=[comparison_line(test, name, view.what) for test in tests],
        )
        if view.chart:
            draw(view.chart, view.alt, key=f"{view.page}.chart", twin=view.twin)
            st.caption(view.legend)
        elif view.instead:
            say(*view.instead)
    with right:
        if not followed:
            say(quiet(view.nothing))
            return
        say(
            "**The groups**" if by else "",
            table_text(view.groups) if by else "",
            *view.beside,
            "**What it rests on**",
            *view.rests,
            several_sentence(answer),
            *(quiet(comparison_notes(test, name)) for test in tests),
            quiet(tests_sentence(looked_at(tests))) if by else "",
        )
    folded(
        "Table of the curves and the number at risk",
        "curves",
        lambda: [table_text(rows) for rows in view.tables],
    )
