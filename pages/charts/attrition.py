"""Follow-up: completeness of each visit, and the flow of those treated to it."""

from __future__ import annotations

from functools import cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, drawn_once, in_order, rows_of
from pages.charts.responders import SEPARATOR, row_axis
from pages.charts.theme import finish
from pages.shared.attrition_words import (
    LETTERS,
    LINE,
    STATUS_WORDS,
    by_status,
    drawn_rows,
    is_below,
)
from pages.shared.responder_words import counts
from pages.shared.wording import visit_label
from queries.absence import NOT_DUE
from queries.attrition import COMPLETE, STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages.charts.theme import Palette
    from queries.attrition import Attrition, AttritionRow

ROW, BAR = 24, 30
WIDE_ENOUGH = 0.04
LABELS = {status: f"{LETTERS[status]}  {STATUS_WORDS[status]}" for status in STATUSES}
DOTS: dict[str, Any] = {
    "row": pl.String,
    "label": pl.String,
    "visit": pl.String,
    "rate": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "below": pl.Boolean,
    "counts": pl.String,
}
SEGMENTS: dict[str, Any] = {
    "visit": pl.String,
    "status": pl.String,
    "start": pl.Int64,
    "end": pl.Int64,
    "middle": pl.Float64,
    "n": pl.Int64,
    "letter": pl.String,
}


@drawn_once
def completeness_chart(answer: Attrition, colours: Palette, name: Callable[[str], str]) -> Drawing:
    """Draw the seen among the due at every visit, of the whole cohort or of each group."""
    records: list[dict[str, Any]] = []
    for visit, rows in drawn_rows(answer).items():
        title = visit_label(visit)
        if answer.by:
            records.append({"row": SEPARATOR.join((visit, title)), "label": title, "counts": ""})
        records += [_dot(row, name(row.group) if answer.by else title) for row in rows]
    blank = dict.fromkeys(DOTS)
    frame = pl.DataFrame([blank | record for record in records], schema=DOTS)
    line = pl.DataFrame({"at": [COMPLETE], "words": [LINE]})
    return Drawing(_completeness(colours, grouped=bool(answer.by)), {"dots": frame, "line": line})


def _dot(row: AttritionRow, label: str) -> dict[str, Any]:
    found = row.completeness
    return {
        "row": SEPARATOR.join((row.visit, label, row.group)),
        "label": label,
        "visit": visit_label(row.visit),
        "rate": found.rate,
        "low": found.ci_low,
        "high": found.ci_high,
        "below": is_below(found),
        "counts": counts(found) if found.n else "nobody due",
    }


@cache
def _completeness(colours: Palette, *, grouped: bool) -> dict[str, Any]:
    seen = rows_of("dots").transform_filter("isValid(datum.rate)")
    y = row_axis("dots", colours, headings=grouped)
    shade = alt.Color(
        "below",
        type="nominal",
        scale=alt.Scale(domain=[False, True], range=[colours.answer, colours.attention]),
        legend=None,
    )
    shape = alt.Shape(
        "below",
        type="nominal",
        scale=alt.Scale(domain=[False, True], range=["circle", "diamond"]),
        legend=None,
    )
    line = alt.layer(
        rows_of("line")
        .mark_rule(color=colours.secondary, strokeDash=[5, 3], strokeWidth=1.5)
        .encode(x=_share("at")),
        rows_of("line")
        .mark_text(align="center", baseline="bottom", dy=-3, color=colours.secondary)
        .encode(x=_share("at"), y=alt.value(0), text=alt.Text("words", type="nominal")),
    )
    bars = seen.mark_rule(strokeWidth=3).encode(
        y=y, x=_share("low"), x2=alt.X2("high"), color=shade
    )
    dots = seen.mark_point(
        size=140, filled=True, opacity=1, stroke=colours.background, strokeWidth=1
    ).encode(
        y=y,
        x=_share("rate"),
        color=shade,
        shape=shape,
        tooltip=[
            alt.Tooltip("label", type="nominal", title="patients"),
            alt.Tooltip("visit", type="nominal", title="visit"),
            alt.Tooltip("counts", type="nominal", title="seen of the due"),
        ],
    )
    words = (
        rows_of("dots")
        .mark_text(align="left", dx=10, color=colours.ink)
        .encode(y=y, x=alt.value("width"), text=alt.Text("counts", type="nominal"))
    )
    chart = alt.layer(words, line, bars, dots).properties(width="container", height=alt.Step(ROW))
    return finish(chart, colours)


def _share(column: str) -> alt.X:
    axis = alt.Axis(
        title="seen among the patients due",
        titleAnchor="start",
        format="%",
        values=[0, 0.2, 0.4, 0.6, 0.8, 1],
        labelFontSize=13,
    )
    return alt.X(column, type="quantitative", scale=alt.Scale(domain=[0, 1]), axis=axis)


@drawn_once
def flow_chart(answer: Attrition, colours: Palette) -> Drawing:
    """Draw every patient treated as one part of a bar at each visit, by status."""
    bars = pl.DataFrame([part for row in answer.total for part in _parts(row)], schema=SEGMENTS)
    totals = [{"visit": visit_label(row.visit), "counts": _counted(row)} for row in answer.total]
    sums = pl.DataFrame(totals, schema={"visit": pl.String, "counts": pl.String})
    return Drawing(_flow(colours), {"parts": bars, "sums": sums})


def _counted(row: AttritionRow) -> str:
    found = by_status(row).items()
    return " · ".join(f"{count} {LETTERS[status]}" for status, count in found if count)


def _parts(row: AttritionRow) -> list[dict[str, Any]]:
    found = by_status(row)
    edges = pairwise(accumulate(found.values(), initial=0))
    return [
        {
            "visit": visit_label(row.visit),
            "status": LABELS[status],
            "start": start,
            "end": end,
            "middle": (start + end) / 2,
            "n": end - start,
            "letter": LETTERS[status] if end - start >= WIDE_ENOUGH * row.treated else "",
        }
        for status, (start, end) in zip(found, edges, strict=True)
        if end > start
    ]


def fills(colours: Palette) -> dict[str, str]:
    """Return the colour of each status; who is not yet due is an outline."""
    shades = (
        colours.answer,
        colours.attention,
        colours.muted,
        colours.background,
        colours.ink,
    )
    return dict(zip(STATUSES, shades, strict=True))


def filled(colours: Palette) -> alt.Fill:
    """Return the colours of the status with their legend."""
    shown = alt.Legend(
        title=None,
        orient="top",
        direction="horizontal",
        symbolType="square",
        symbolSize=160,
        symbolStrokeColor=colours.muted,
        symbolStrokeWidth=1,
        columnPadding=18,
    )
    scale = alt.Scale(domain=list(LABELS.values()), range=list(fills(colours).values()))
    return alt.Fill("status", type="nominal", scale=scale, legend=shown)


def of_status(shades: tuple[str, str]) -> Any:
    """Return one colour for who is not yet due, whose mark is an outline, and another."""
    of_outline, of_filled = shades
    is_outline = alt.datum.status == LABELS[NOT_DUE]
    return alt.condition(is_outline, alt.value(of_outline), alt.value(of_filled))


@cache
def _flow(colours: Palette) -> dict[str, Any]:
    axis = alt.Axis(title=None, labelFontSize=14, labelColor=colours.ink, labelLimit=190)
    y = alt.Y("visit", type="nominal", scale=in_order("sums", "visit"), axis=axis)
    number = alt.Axis(
        title="patients treated",
        titleAnchor="start",
        tickMinStep=1,
        labelFontSize=13,
        labelOverlap=True,
    )
    x = alt.X("start", type="quantitative", scale=alt.Scale(nice=False), axis=number)
    bars = (
        rows_of("parts")
        .mark_bar(strokeWidth=1, height={"band": 0.72})
        .encode(
            y=y,
            x=x,
            x2=alt.X2("end"),
            fill=filled(colours),
            stroke=of_status((colours.muted, colours.background)),
            tooltip=[
                alt.Tooltip("visit", type="nominal", title="visit"),
                alt.Tooltip("status", type="nominal", title="status"),
                alt.Tooltip("n", type="quantitative", title="patients"),
            ],
        )
    )
    letters = (
        rows_of("parts")
        .mark_text(fontSize=13, fontWeight="bold")
        .encode(
            y=y,
            x=alt.X("middle", type="quantitative"),
            text=alt.Text("letter", type="nominal"),
            color=of_status((colours.ink, colours.background)),
        )
    )
    words = (
        rows_of("sums")
        .mark_text(align="left", dx=10, color=colours.ink)
        .encode(y=y, x=alt.value("width"), text=alt.Text("counts", type="nominal"))
    )
    chart = alt.layer(bars, letters, words).properties(width="container", height=alt.Step(BAR))
    return finish(chart, colours)
