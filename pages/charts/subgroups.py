"""A forest plot: one outcome in every group of every field, one P to a field."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, drawn_once, rows_of
from pages.charts.responders import SEPARATOR, row_axis
from pages.charts.theme import finish, signed
from pages.shared.subgroup_words import (
    axis_title,
    counted,
    field_title,
    group_words,
    p_of_field,
    printed,
)
from queries.subgroups import SUBGROUP_FIELDS

if TYPE_CHECKING:
    from pages.charts.theme import Palette
    from queries.subgroups import Subgroup, Subgroups

ROW = 19
COUNTS = 190
KINDS = ("whole", "group", "few")
SCHEMA: dict[str, Any] = {
    "row": pl.String,
    "label": pl.String,
    "field": pl.String,
    "kind": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "words": pl.String,
    "counts": pl.String,
}


@drawn_once
def subgroups_chart(answer: Subgroups, colours: Palette) -> Drawing:
    """Draw every group with its interval, the whole above them and its line through them."""
    records = [_record(answer, answer.total)]
    for by in SUBGROUP_FIELDS:
        groups = answer.of(by)
        if groups:
            title = field_title(by)
            heading = {"row": SEPARATOR.join((by, title)), "kind": "heading"}
            records.append(heading | {"words": p_of_field(answer, by), "counts": ""})
            records += [_record(answer, row) for row in groups if row.n_patients]
    blank = dict.fromkeys(SCHEMA)
    frame = pl.DataFrame([blank | record for record in records], schema=SCHEMA)
    whole = frame.filter((pl.col("kind") == "whole") & pl.col("value").is_not_null())
    tables = {"groups": frame, "whole": whole.select("value")}
    return Drawing(_structure(axis_title(answer), answer.measure is None, colours), tables)


def _record(answer: Subgroups, row: Subgroup) -> dict[str, Any]:
    label = group_words(answer, row)
    found = row.estimate
    value, low, high = None, None, None
    if row.rate is not None:
        value, low, high = row.rate.rate, row.rate.ci_low, row.rate.ci_high
    elif found is not None:
        value, low, high = found.value, found.ci_low, found.ci_high
    kind = "whole" if row.by is None else "few" if low is None else "group"
    return {
        "row": SEPARATOR.join((row.by or "", label, row.group)),
        "label": label,
        "field": "" if row.by is None else field_title(row.by),
        "kind": kind,
        "value": value,
        "low": low,
        "high": high,
        "words": printed(answer, row),
        "counts": counted(row),
    }


@cache
def _structure(title: str, is_rate: bool, colours: Palette) -> dict[str, Any]:  # noqa: FBT001
    y = row_axis("groups", colours)
    rows = rows_of("groups")
    seen = rows.transform_filter("isValid(datum.value)")
    bars = rows.transform_filter("isValid(datum.low)").mark_rule(
        strokeWidth=2.5, color=colours.answer
    )
    chart = alt.layer(
        *_words(y, colours),
        *_lines(title, is_rate, colours),
        bars.encode(y=y, x=_x("low", title, is_rate), x2=alt.X2("high")),
        _dots(seen, colours).encode(y=y, x=_x("value", title, is_rate)),
    )
    return finish(chart.properties(width="container", height=alt.Step(ROW)), colours)


def _dots(seen: alt.Chart, colours: Palette) -> Any:
    shape = alt.Scale(domain=list(KINDS), range=["diamond", "circle", "circle"])
    size = alt.Scale(domain=list(KINDS), range=[190, 95, 80])
    fill = alt.Scale(domain=list(KINDS), range=[colours.answer, colours.answer, colours.background])
    return seen.mark_point(filled=True, opacity=1, stroke=colours.answer, strokeWidth=1.5).encode(
        shape=alt.Shape("kind", type="nominal", scale=shape, legend=None),
        size=alt.Size("kind", type="nominal", scale=size, legend=None),
        fill=alt.Fill("kind", type="nominal", scale=fill, legend=None),
        tooltip=[
            alt.Tooltip("field", type="nominal", title="field"),
            alt.Tooltip("label", type="nominal", title="group"),
            alt.Tooltip("words", type="nominal", title="estimate (95 % CI)"),
            alt.Tooltip("counts", type="nominal", title="n"),
        ],
    )


def _words(y: alt.Y, colours: Palette) -> list[Any]:
    """Print the estimates and n of the groups at the right, the one P beside a field's name."""
    rows = rows_of("groups")
    of_fields = alt.condition(
        "datum.kind == 'heading'", alt.value(colours.secondary), alt.value(colours.ink)
    )
    estimate = rows.mark_text(align="left", fontSize=13, dx=10)
    counts = rows.mark_text(align="left", fontSize=13, dx=10 + COUNTS, color=colours.secondary)
    x = alt.value("width")
    return [
        estimate.encode(y=y, x=x, text=alt.Text("words", type="nominal"), color=of_fields),
        counts.encode(y=y, x=x, text=alt.Text("counts", type="nominal")),
    ]


def _lines(title: str, is_rate: bool, colours: Palette) -> list[Any]:  # noqa: FBT001
    """Draw the line of everybody, and for a change that of no change."""
    whole = rows_of("whole")
    lines = [
        whole.mark_rule(color=colours.secondary, strokeDash=[2, 3]).encode(
            x=_x("value", title, is_rate)
        )
    ]
    if not is_rate:
        zero = whole.transform_calculate(zero="0")
        rule = zero.mark_rule(color=colours.muted, strokeWidth=1.5)
        lines.append(rule.encode(x=_x("zero", title, is_rate)))
    return lines


def _x(column: str, title: str, is_rate: bool) -> alt.X:  # noqa: FBT001
    if is_rate:
        scale = alt.Scale(domain=[-0.015, 1], nice=False)
        axis = alt.Axis(
            title=title,
            titleAnchor="start",
            format="%",
            values=[0, 0.25, 0.5, 0.75, 1],
            labelFontSize=13,
        )
    else:
        scale = alt.Scale(nice=True)
        axis = alt.Axis(
            title=title, titleAnchor="start", labelExpr=signed(0), tickCount=6, labelFontSize=13
        )
    return alt.X(column, type="quantitative", scale=scale, axis=axis)
