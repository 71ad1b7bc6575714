"""Fracture grade or shape at every visit: stacked bars with the counts in them."""

from __future__ import annotations

from functools import cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, drawn_once, in_order, rows_of
from pages.charts.theme import finish
from pages.shared.genant_words import GRADE_LABELS, LETTERS, SHAPE_LABELS, levels_word
from pages.shared.wording import visit_label
from queries.genant import GRADES, SHAPES

if TYPE_CHECKING:
    from pages.charts.theme import Palette
    from queries.genant import Genant, GenantRow

BAR = 46
NAMED, COUNTED = 0.06, 0.025
PARTS: dict[str, Any] = {
    "visit": pl.String,
    "name": pl.String,
    "rank": pl.Int64,
    "start": pl.Int64,
    "end": pl.Int64,
    "middle": pl.Float64,
    "n": pl.Int64,
    "words": pl.String,
}


@drawn_once
def genant_chart(answer: Genant, colours: Palette, *, part: str) -> Drawing:
    """Draw the levels of every visit as one bar, divided by grade or by shape.

    Parameters
    ----------
    part : {"grade", "shape"}
        What divides the bars.
    """
    shown = [row for row in answer.rows if row.n_levels]
    widest = max((row.n_levels for row in shown), default=1)
    segments = [segment for row in shown for segment in _segments(row, part, widest)]
    sums = [{"visit": visit_label(row.visit), "words": levels_word(row.n_levels)} for row in shown]
    tables = {
        "parts": pl.DataFrame(segments, schema=PARTS),
        "sums": pl.DataFrame(sums, schema={"visit": pl.String, "words": pl.String}),
    }
    return Drawing(_structure(part, colours), tables)


def _segments(row: GenantRow, part: str, widest: int) -> list[dict[str, Any]]:
    counts = row.shapes if part == "shape" else row.grades
    names = (
        [SHAPE_LABELS[shape] for shape in SHAPES]
        if part == "shape"
        else [GRADE_LABELS[grade] for grade in GRADES]
    )
    marks = [LETTERS[shape] for shape in SHAPES] if part == "shape" else [str(g) for g in GRADES]
    edges = pairwise(accumulate(counts, initial=0))
    return [
        {
            "visit": visit_label(row.visit),
            "name": names[rank],
            "rank": rank,
            "start": start,
            "end": end,
            "middle": (start + end) / 2,
            "n": end - start,
            "words": _words(marks[rank], end - start, (end - start) / widest),
        }
        for rank, (start, end) in enumerate(edges)
        if end > start
    ]


def _words(mark: str, n: int, share: float) -> str:
    if share >= NAMED:
        return f"{mark}: {n}"
    return str(n) if share >= COUNTED else ""


def _fills(part: str, colours: Palette) -> alt.Fill:
    legend = alt.Legend(
        title=None,
        orient="top",
        direction="horizontal",
        symbolType="square",
        symbolSize=160,
        symbolStrokeColor=colours.muted,
        symbolStrokeWidth=1,
        columnPadding=16,
    )
    if part == "shape":
        shades = [colours.background, *(colours.categories[place] for place in (0, 5, 3))]
        names = list(SHAPE_LABELS.values())
    else:
        shades = [colours.background, colours.none, colours.attention, colours.rates[2]]
        names = list(GRADE_LABELS.values())
    scale = alt.Scale(domain=names, range=shades)
    return alt.Fill("name", type="nominal", scale=scale, legend=legend)


@cache
def _structure(part: str, colours: Palette) -> dict[str, Any]:
    axis = alt.Axis(title=None, labelFontSize=14, labelColor=colours.ink, labelLimit=190)
    y = alt.Y("visit", type="nominal", scale=in_order("sums", "visit"), axis=axis)
    number = alt.Axis(title="treated levels", titleAnchor="start", tickMinStep=1, labelFontSize=13)
    bars = (
        rows_of("parts")
        .mark_bar(stroke=colours.muted, strokeWidth=1, height={"band": 0.74})
        .encode(
            y=y,
            x=alt.X("start", type="quantitative", scale=alt.Scale(nice=False), axis=number),
            x2=alt.X2("end"),
            fill=_fills(part, colours),
            tooltip=[
                alt.Tooltip("visit", type="nominal", title="visit"),
                alt.Tooltip("name", type="nominal", title=part),
                alt.Tooltip("n", type="quantitative", title="levels"),
            ],
        )
    )
    dark = "datum.rank >= 2" if part == "grade" else "datum.rank == 1"
    words = (
        rows_of("parts")
        .mark_text(fontSize=15, fontWeight="bold")
        .encode(
            y=y,
            x=alt.X("middle", type="quantitative"),
            text=alt.Text("words", type="nominal"),
            color=alt.condition(dark, alt.value(colours.background), alt.value(colours.ink)),
        )
    )
    sums = (
        rows_of("sums")
        .mark_text(align="left", dx=10, color=colours.ink)
        .encode(y=y, x=alt.value("width"), text=alt.Text("words", type="nominal"))
    )
    chart = alt.layer(bars, words, sums).properties(width="container", height=alt.Step(BAR))
    return finish(chart, colours)
