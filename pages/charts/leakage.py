"""Leakage rates: the spine from T1 to L5, and any other grouping as dots with intervals."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from data.codebook import LEVELS
from pages.charts.drawing import Drawing, rows_of
from pages.charts.theme import finish
from pages.shared.wording import percent, plural
from queries.statistics.limits import RATE_NEEDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pages.charts.theme import Palette
    from queries.leakage import Leakage, LeakRow

FEWEST = 4
ROW = 24
MOST_KYPHOTIC = LEVELS.index("T6")
SCHEMA: dict[str, Any] = {
    "group": pl.String,
    "label": pl.String,
    "rate": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "few": pl.Boolean,
    "treated": pl.Boolean,
    "counts": pl.String,
    "levels": pl.String,
}


def spine_chart(answer: Leakage, colours: Palette) -> Drawing:
    """Draw leakage per level, T1 at the top, vertebrae growing downwards.

    Parameters
    ----------
    answer : Leakage
        A result grouped by level; levels without a row were not treated.
    """
    rows = {row.group: row for row in answer.rows}
    absent = "not in this choice" if answer.selection.cohort.is_filtered else "not treated"
    frame = _shaped(_frame([(level, level, rows.get(level)) for level in LEVELS], absent))
    return Drawing(_spine_structure(colours), {"groups": frame, "whole": _whole(answer)})


def rate_chart(
    rows: Sequence[LeakRow],
    answer: Leakage,
    colours: Palette,
    name: Callable[[str], str],
    *,
    compact: bool = False,
) -> Drawing:
    """Draw leakage of groups as dots with their intervals, denominators at the right."""
    frame = _frame([(row.group, name(row.group), row) for row in rows])
    structure = _rate_structure(colours, compact=compact)
    return Drawing(structure, {"groups": frame, "whole": _whole(answer)})


def _whole(answer: Leakage) -> pl.DataFrame:
    whole = answer.total.per_level
    share = percent(whole.rate) if whole.n >= RATE_NEEDS else f"{whole.k} of {whole.n}"
    rows = [] if whole.rate is None else [(whole.rate, f"all levels {share}")]
    return pl.DataFrame(rows, schema={"whole": pl.Float64, "words": pl.String}, orient="row")


def _frame(groups: Sequence[tuple[str, str, LeakRow | None]], absent: str = "") -> pl.DataFrame:
    return pl.DataFrame([_record(*group, absent) for group in groups], schema=SCHEMA)


def _record(code: str, label: str, row: LeakRow | None, absent: str) -> dict[str, Any]:
    blank = dict.fromkeys(SCHEMA)
    if row is None:
        words = {"few": False, "treated": False, "counts": absent, "levels": ""}
        return {**blank, "group": code, "label": label, **words}
    levels, patients = row.per_level, row.per_patient
    counts = (
        f"{levels.k} of {plural(levels.n, 'level')} · {patients.k} of "
        f"{plural(patients.n, 'patient')}"
    )
    return {
        "group": code,
        "label": label,
        "rate": levels.rate,
        "low": levels.ci_low,
        "high": levels.ci_high,
        "few": levels.n < FEWEST,
        "treated": True,
        "counts": counts if levels.n else f"not looked for at {row.not_looked_for}",
        "levels": f"{levels.k} of {levels.n}",
    }


def _shaped(frame: pl.DataFrame) -> pl.DataFrame:
    """Place the vertebral bodies from the side: thoracic kyphosis, then lumbar lordosis."""
    place = pl.int_range(pl.len()).cast(pl.Float64)
    share = place / (len(LEVELS) - 1)
    width, height = 40 + 32 * share, 0.5 + 0.3 * share
    centre = 76 - 16 * ((place - MOST_KYPHOTIC) * (math.pi / 8)).cos()
    return frame.with_columns(
        (centre - width / 2).alias("left"),
        (centre + width / 2).alias("right"),
        (place + 0.5 - height / 2).alias("top"),
        (place + 0.5).alias("centre"),
        (place + 0.5 + height / 2).alias("bottom"),
    )


@cache
def _spine_structure(colours: Palette) -> dict[str, Any]:
    chart = alt.hconcat(_spine(colours), _rates(colours, labels=False), spacing=8)
    return finish(chart, colours)


@cache
def _rate_structure(colours: Palette, *, compact: bool) -> dict[str, Any]:
    return finish(_rates(colours, labels=True, compact=compact), colours)


def _spine(colours: Palette) -> Any:
    shown, middle, dark = colours.rates
    has_rate = "isValid(datum.rate) && !datum.few"
    rates = _bodies(stroke=colours.muted).transform_filter(has_rate)
    few = _bodies(color=colours.none, stroke=colours.muted, strokeDash=[3, 2])
    names = rows_of("groups").mark_text(align="right", fontSize=14)
    return alt.layer(
        _bodies(fillOpacity=0, stroke=colours.hairline),
        rates.encode(
            color=alt.Color(
                "rate",
                type="quantitative",
                scale=alt.Scale(domain=[0, 0.25, 0.5], range=[shown, middle, dark], clamp=True),
                legend=None,
            )
        ),
        few.transform_filter(f"datum.treated && !({has_rate})"),
        names.encode(
            x=alt.value(26),
            y=_vertical("centre"),
            text=alt.Text("label", type="nominal"),
            color=_treated(colours),
        ),
    ).properties(width=170, height=len(LEVELS) * ROW)


def _vertical(column: str) -> alt.Y:
    scale = alt.Scale(domain=[0, len(LEVELS)], reverse=True, nice=False)
    return alt.Y(column, type="quantitative", scale=scale, axis=None)


def _bodies(**look: Any) -> Any:
    across = alt.Scale(domain=[0, 130], nice=False)
    return (
        rows_of("groups")
        .mark_rect(cornerRadius=5, strokeWidth=1.2, **look)
        .encode(
            x=alt.X("left", type="quantitative", scale=across, axis=None),
            x2=alt.X2("right"),
            y=_vertical("top"),
            y2=alt.Y2("bottom"),
            tooltip=[
                alt.Tooltip("label", type="nominal", title="level"),
                alt.Tooltip("counts", type="nominal", title="leaks"),
            ],
        )
    )


def _treated(colours: Palette) -> Any:
    return alt.condition("datum.treated", alt.value(colours.ink), alt.value(colours.muted))


def _rates(colours: Palette, *, labels: bool, compact: bool = False) -> Any:
    axis = alt.Axis(title=None, labelFontSize=14, labelColor=colours.ink, labelLimit=170)
    y = alt.Y("label", type="nominal", sort=None, axis=axis if labels else None)
    seen = rows_of("groups").transform_filter("isValid(datum.rate)")
    colour = alt.condition("datum.few", alt.value(colours.muted), alt.value(colours.attention))
    dots = seen.mark_point(size=110, filled=True, opacity=1).encode(
        y=y,
        x=_x("rate", compact=compact),
        color=colour,
        shape=alt.condition("datum.few", alt.value("diamond"), alt.value("circle")),
        tooltip=[
            alt.Tooltip("label", type="nominal", title="group"),
            alt.Tooltip("counts", type="nominal", title="leaks"),
            alt.Tooltip("low", type="quantitative", title="95 % CI from", format=".1%"),
            alt.Tooltip("high", type="quantitative", title="to", format=".1%"),
        ],
    )
    bars = seen.mark_rule(aria=False, strokeWidth=2.5, color=colours.individual)
    words = rows_of("groups").mark_text(align="left", fontSize=13, dx=8)
    layers = [
        words.encode(
            y=y,
            x=alt.value("width"),
            text=alt.Text("levels" if compact else "counts", type="nominal"),
            color=_treated(colours),
        ),
        bars.encode(y=y, x=_x("low", compact=compact), x2=alt.X2("high")),
        dots,
        *([] if compact else _reference(colours)),
    ]
    height = {"height": alt.Step(ROW)} if labels else {"height": len(LEVELS) * ROW}
    return alt.layer(*layers).properties(width="container" if labels else 260, **height)


def _x(column: str, *, compact: bool = False) -> alt.X:
    return alt.X(
        column,
        type="quantitative",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(
            title=None if compact else "levels with a leak",
            titleAnchor="start",
            format="%",
            values=[0, 0.5, 1] if compact else [0, 0.25, 0.5, 0.75, 1],
            labelFontSize=13,
        ),
    )


def _reference(colours: Palette) -> list[Any]:
    base = rows_of("whole").encode(x=_x("whole"))
    return [
        base.mark_rule(aria=False, color=colours.secondary, strokeDash=[2, 3]),
        base.mark_text(
            align="left", baseline="bottom", dx=4, fontSize=13, color=colours.secondary
        ).encode(y=alt.value(-2), text=alt.Text("words", type="nominal")),
    ]
