"""Leakage rates of groups as dots with intervals, denominators beside them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, drawn_once, in_order, rows_of
from pages.charts.theme import finish
from pages.shared.wording import percent, plural
from queries.statistics.limits import RATE_NEEDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pages.charts.theme import Palette
    from queries.leakage import Leakage, LeakRow

FEWEST = 4
ROW = 24
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
    "patients": pl.String,
    "said": pl.String,
    "interval": pl.String,
}


@drawn_once
def small_rate_chart(answer: Leakage, colours: Palette, name: Callable[[str], str]) -> Drawing:
    """Draw leakage of every group of an answer in small."""
    return rate_chart(answer.rows, answer, colours, name, compact=True)


def rate_chart(
    rows: Sequence[LeakRow],
    answer: Leakage,
    colours: Palette,
    name: Callable[[str], str],
    *,
    compact: bool = False,
) -> Drawing:
    """Draw leakage of groups as dots with their intervals, denominators at the right."""
    frame = rate_frame([(row.group, name(row.group), row) for row in rows])
    structure = _rate_structure(colours, compact=compact)
    return Drawing(structure, {"groups": frame, "whole": whole_frame(answer)})


def whole_frame(answer: Leakage) -> pl.DataFrame:
    """Return the rate of all levels with its words; no row without a rate."""
    whole = answer.total.per_level
    share = percent(whole.rate) if whole.n >= RATE_NEEDS else f"{whole.k} of {whole.n}"
    rows = [] if whole.rate is None else [(whole.rate, f"all levels {share}")]
    return pl.DataFrame(rows, schema={"whole": pl.Float64, "words": pl.String}, orient="row")


def rate_frame(groups: Sequence[tuple[str, str, LeakRow | None]], absent: str = "") -> pl.DataFrame:
    """Return the rows of a chart of rates: code, label and counts of each group.

    Parameters
    ----------
    groups : sequence of (str, str, LeakRow or None)
        A group without counts was not treated and reads `absent`.
    """
    return pl.DataFrame([_record(*group, absent) for group in groups], schema=SCHEMA)


def _record(code: str, label: str, row: LeakRow | None, absent: str) -> dict[str, Any]:
    blank = {**dict.fromkeys(SCHEMA), "group": code, "label": label}
    if row is None:
        words = {"counts": absent, "said": absent, "levels": "", "patients": "", "interval": "–"}
        return {**blank, **words, "few": False, "treated": False}
    levels, patients = row.per_level, row.per_patient
    unlooked = f"not looked for at {row.not_looked_for}"
    counts = (
        f"{levels.k} of {plural(levels.n, 'level')} · {patients.k} of "
        f"{plural(patients.n, 'patient')}"
    )
    return {
        **blank,
        "rate": levels.rate,
        "low": levels.ci_low,
        "high": levels.ci_high,
        "few": levels.n < FEWEST,
        "treated": True,
        "counts": counts if levels.n else unlooked,
        "levels": f"{levels.k} of {levels.n}",
        "said": f"{levels.k} of {levels.n}" if levels.n else unlooked,
        "patients": f"{patients.k} of {patients.n}" if levels.n else "",
        "interval": f"{percent(levels.ci_low)} to {percent(levels.ci_high)}" if levels.n else "–",
    }


@cache
def _rate_structure(colours: Palette, *, compact: bool) -> dict[str, Any]:
    return finish(_rates(colours, compact=compact), colours)


def _treated(colours: Palette) -> Any:
    return alt.condition("datum.treated", alt.value(colours.ink), alt.value(colours.muted))


def _rates(colours: Palette, *, compact: bool) -> Any:
    axis = alt.Axis(title=None, labelFontSize=14, labelColor=colours.ink, labelLimit=170)
    y = alt.Y("label", type="nominal", scale=in_order("groups", "label"), axis=axis)
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
            alt.Tooltip("interval", type="nominal", title="95 % CI of levels"),
        ],
    )
    bars = seen.mark_rule(strokeWidth=2.5, color=colours.individual)
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
    return alt.layer(*layers).properties(width="container", height=alt.Step(ROW))


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
        base.mark_rule(color=colours.secondary, strokeDash=[2, 3]),
        base.mark_text(
            align="left", baseline="bottom", dx=4, fontSize=13, color=colours.secondary
        ).encode(y=alt.value(-2), text=alt.Text("words", type="nominal")),
    ]
