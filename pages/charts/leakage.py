"""Leakage rates: the spine from T1 to L5, and any other grouping as dots with intervals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from data.codebook import LEVELS
from pages.charts.theme import finish
from pages.shared.wording import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pages.charts.theme import Palette
    from queries.leakage import Leakage, LeakRow

FEWEST = 4
ROW = 24
MOST_KYPHOTIC = LEVELS.index("T6")


def spine_chart(answer: Leakage, colours: Palette) -> Any:
    """Draw leakage per level, T1 at the top, vertebrae growing downwards.

    Parameters
    ----------
    answer : Leakage
        A result grouped by level; levels without a row were not treated.
    """
    rows = {row.group: row for row in answer.rows}
    frame = _frame([(level, level, rows.get(level)) for level in LEVELS])
    spine = _spine(_shapes(frame), colours)
    rates = _rates(frame, answer, colours, labels=False)
    chart = alt.hconcat(spine, rates, spacing=8)
    return finish(chart, colours)


def rate_chart(
    rows: Sequence[LeakRow],
    answer: Leakage,
    colours: Palette,
    name: Callable[[str], str],
    *,
    compact: bool = False,
) -> Any:
    """Draw leakage of groups as dots with their intervals, denominators at the right."""
    frame = _frame([(row.group, name(row.group), row) for row in rows])
    return finish(_rates(frame, answer, colours, labels=True, compact=compact), colours)


def _frame(groups: Sequence[tuple[str, str, LeakRow | None]]) -> pl.DataFrame:
    return pl.DataFrame(
        [_record(code, label, row) for code, label, row in groups],
        schema={
            "group": pl.String,
            "label": pl.String,
            "rate": pl.Float64,
            "low": pl.Float64,
            "high": pl.Float64,
            "few": pl.Boolean,
            "treated": pl.Boolean,
            "counts": pl.String,
            "levels": pl.String,
        },
    )


def _record(code: str, label: str, row: LeakRow | None) -> dict[str, Any]:
    if row is None:
        return {
            "group": code,
            "label": label,
            "treated": False,
            "counts": "not treated",
            "levels": "",
        }
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
        "levels": f"{levels.k} of {levels.n}",
        "counts": counts if levels.n else f"not looked for at {row.not_looked_for}",
    }


def _shapes(frame: pl.DataFrame) -> pl.DataFrame:
    """Place the vertebral bodies from the side: thoracic kyphosis, then lumbar lordosis."""
    shapes = []
    for place, group in enumerate(frame["group"]):
        share = place / (len(LEVELS) - 1)
        width, height = 40 + 32 * share, 0.5 + 0.3 * share
        centre = 76 - 16 * math.cos(math.pi * (place - MOST_KYPHOTIC) / 8)
        shapes.append(
            {
                "group": group,
                "left": centre - width / 2,
                "right": centre + width / 2,
                "top": place + 0.5 - height / 2,
                "centre": place + 0.5,
                "bottom": place + 0.5 + height / 2,
            }
        )
    return frame.join(pl.DataFrame(shapes), on="group", maintain_order="left")


def _spine(shapes: pl.DataFrame, colours: Palette) -> Any:
    top, middle, dark = colours.rates
    base = alt.Chart(shapes)
    outlines = _bodies(base, fillOpacity=0, stroke=colours.hairline)
    rates = _bodies(
        alt.Chart(shapes.filter(pl.col("rate").is_not_null() & ~pl.col("few"))),
        stroke=colours.muted,
    ).encode(
        color=alt.Color(
            "rate",
            type="quantitative",
            scale=alt.Scale(domain=[0, 0.25, 0.5], range=[top, middle, dark], clamp=True),
            legend=None,
        )
    )
    few = _bodies(
        alt.Chart(shapes.filter(pl.col("treated") & (pl.col("few") | pl.col("rate").is_null()))),
        color=colours.none,
        stroke=colours.muted,
        strokeDash=[3, 2],
    )
    names = base.mark_text(align="right", fontSize=14).encode(
        x=alt.value(26),
        y=alt.Y("centre", type="quantitative"),
        text=alt.Text("label", type="nominal"),
        color=alt.condition("datum.treated", alt.value(colours.ink), alt.value(colours.muted)),
    )
    return alt.layer(outlines, rates, few, names).properties(width=170, height=len(LEVELS) * ROW)


def _bodies(base: alt.Chart, **look: Any) -> Any:
    return base.mark_rect(cornerRadius=5, strokeWidth=1.2, **look).encode(
        x=alt.X(
            "left", type="quantitative", scale=alt.Scale(domain=[0, 130], nice=False), axis=None
        ),
        x2=alt.X2("right"),
        y=alt.Y(
            "top",
            type="quantitative",
            scale=alt.Scale(domain=[0, len(LEVELS)], reverse=True, nice=False),
            axis=None,
        ),
        y2=alt.Y2("bottom"),
        tooltip=[
            alt.Tooltip("label", type="nominal", title="level"),
            alt.Tooltip("counts", type="nominal", title="leaks"),
        ],
    )


def _rates(
    frame: pl.DataFrame,
    answer: Leakage,
    colours: Palette,
    *,
    labels: bool,
    compact: bool = False,
) -> Any:
    y = alt.Y(
        "label",
        type="nominal",
        sort=frame["label"].to_list(),
        axis=alt.Axis(title=None, labelFontSize=14, labelColor=colours.ink, labelLimit=170)
        if labels
        else None,
    )
    seen = alt.Chart(frame.filter(pl.col("rate").is_not_null()))
    colour = alt.condition("datum.few", alt.value(colours.muted), alt.value(colours.attention))
    layers = [
        seen.mark_rule(strokeWidth=2.5, color=colours.individual).encode(
            y=y, x=_x("low", compact=compact), x2=alt.X2("high")
        ),
        seen.mark_point(size=110, filled=True, opacity=1).encode(
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
        ),
    ]
    layers.append(_counts(frame, y, colours, field="levels" if compact else "counts"))
    layers += _reference(answer, colours, compact=compact)
    height = max(len(frame), 1) * ROW
    return alt.layer(*layers).properties(width=260 if not compact else "container", height=height)


def _x(field: str, *, compact: bool) -> alt.X:
    return alt.X(
        field,
        type="quantitative",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(
            title=None if compact else "levels with a leak",
            titleAnchor="start",
            format="%",
            values=[0, 0.25, 0.5, 0.75, 1],
            labelFontSize=13,
        ),
    )


def _counts(frame: pl.DataFrame, y: alt.Y, colours: Palette, *, field: str) -> Any:
    return (
        alt.Chart(frame)
        .mark_text(align="left", fontSize=13, dx=8)
        .encode(
            y=y,
            x=alt.value("width"),
            text=alt.Text(field, type="nominal"),
            color=alt.condition("datum.treated", alt.value(colours.ink), alt.value(colours.muted)),
        )
    )


def _reference(answer: Leakage, colours: Palette, *, compact: bool) -> list[alt.Chart]:
    whole = answer.total.per_level.rate
    if whole is None or compact:
        return []
    frame = pl.DataFrame({"whole": [whole], "words": [f"all levels {100 * whole:.1f} %"]})
    base = alt.Chart(frame).encode(x=_x("whole", compact=compact))
    return [
        base.mark_rule(color=colours.secondary, strokeDash=[2, 3]),
        base.mark_text(
            align="left", baseline="bottom", dx=4, fontSize=13, color=colours.secondary
        ).encode(y=alt.value(-2), text=alt.Text("words", type="nominal")),
    ]
