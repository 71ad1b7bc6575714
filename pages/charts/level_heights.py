"""The heights of every level, or every vertebra: before, after, at the last film, as expected."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil, floor
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, drawn_once, rows_of
from pages.charts.responders import SEPARATOR, row_axis
from pages.charts.theme import finish
from pages.shared.height_words import MOMENT_WORDS, unit_of
from pages.shared.wording import noun, number, of_unit
from queries.grouping import group_order
from queries.heights import LAST, MOMENTS

if TYPE_CHECKING:
    from pages.charts.theme import Palette
    from queries.heights import Heights

ROW, APART = 21, 4
LANE_GAP = 0.14
TOLERANCE = 1e-9
EXPECTED = "reference"
NAMES = [MOMENT_WORDS[moment] for moment in (*MOMENTS, EXPECTED)]
MARKS: dict[str, Any] = {
    "row": pl.String,
    "at": pl.Float64,
    "moment": pl.String,
    "code": pl.String,
    "who": pl.String,
    "words": pl.String,
}
LINES: dict[str, Any] = {
    "row": pl.String,
    "start": pl.Float64,
    "end": pl.Float64,
    "part": pl.String,
}


@dataclass(frozen=True)
class Lanes:
    """One axis for several heights side by side: the span of each, and its ticks."""

    names: tuple[str, ...]
    low: float
    high: float
    step: float
    unit: str

    @property
    def width(self) -> float:
        """Return how far apart two lanes start."""
        return (self.high - self.low) * (1 + LANE_GAP)

    @property
    def ticks(self) -> list[float]:
        """Return the places of the ticks of every lane."""
        first = ceil(self.low / self.step)
        within = [n * self.step for n in range(first, floor(self.high / self.step) + 1)]
        return [
            lane * self.width + tick - self.low
            for lane in range(len(self.names))
            for tick in within
        ]


@drawn_once
def level_heights_chart(answer: Heights, colours: Palette, *, singly: bool) -> Drawing:
    """Draw one row per level, or per vertebra, with a lane for each height.

    Parameters
    ----------
    answer : Heights
        The result to draw; for single levels its `levels` must be there.
    singly : bool
        One row per treated level; else one per vertebra, the median of its levels.
    """
    rows = answer.levels if singly else answer.places
    if rows is None:
        raise ValueError("`answer` holds no single levels.")
    shown = [v for moment in (*MOMENTS, EXPECTED) for v in rows[moment].drop_nulls()]
    tall = max(shown, default=1.0)
    step = 20.0 if tall > 60 else 10.0
    lanes = Lanes(
        names=tuple(measure.short_label for measure in answer.measures),
        low=floor((min(shown, default=0.0) - 1) / 5) * 5,
        high=ceil((tall + 1) / 5) * 5,
        step=step,
        unit=unit_of(answer),
    )
    tables = _tables(answer, rows, lanes, singly=singly)
    return Drawing(_structure(lanes, colours), tables)


def _tables(
    answer: Heights, rows: pl.DataFrame, lanes: Lanes, *, singly: bool
) -> dict[str, pl.DataFrame]:
    order = [measure.code for measure in answer.measures]
    errors = {m.code: m.error for m in answer.measures if singly and answer.scale == "value"}
    marks: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    keys: dict[str, None] = {}
    for region in group_order("region", set(rows["region"])):
        inside = rows.filter(pl.col("region") == region)
        keys[SEPARATOR.join((region, region))] = None
        for row in inside.sort("position", maintain_order=True).to_dicts():
            start = order.index(row["measure"]) * lanes.width - lanes.low
            key, who = _named(row, singly=singly)
            keys[key] = None
            marks += _marks(row, start, key, who, answer)
            lines += _lines(row, start, key, errors.get(row["measure"]))
    heads = [
        {"at": (place + 0.5) * lanes.width - lanes.width * LANE_GAP / 2, "words": name}
        for place, name in enumerate(lanes.names)
    ]
    return {
        "rows": pl.DataFrame({"row": list(keys)}, schema={"row": pl.String}),
        "marks": pl.DataFrame(marks, schema=MARKS),
        "lines": pl.DataFrame(lines, schema=LINES),
        "heads": pl.DataFrame(heads, schema={"at": pl.Float64, "words": pl.String}),
    }


def _named(row: dict[str, Any], *, singly: bool) -> tuple[str, str]:
    """Return the key of a row, whose second part is its label, and who stands in it."""
    if singly:
        who = f"{row['level']}, patient {row['patient_id']}"
        return SEPARATOR.join((row["region"], row["level"], row["procedure_id"])), who
    levels = f"{row['n_levels']} {noun(row['n_levels'], 'level')}"
    label = f"{row['level']}  n = {row['n_levels']}"
    who = f"{row['level']}: median of {levels}, {row['n_patients']} patients"
    return SEPARATOR.join((row["region"], label, row["level"])), who


def _marks(
    row: dict[str, Any], start: float, key: str, who: str, answer: Heights
) -> list[dict[str, Any]]:
    unit = unit_of(answer)
    return [
        {
            "row": key,
            "at": start + row[moment],
            "moment": MOMENT_WORDS[moment],
            "code": moment,
            "who": who,
            "words": f"{number(row[moment], 1)}{of_unit(unit)}",
        }
        for moment in (*MOMENTS, EXPECTED)
        if row[moment] is not None
    ]


def _lines(
    row: dict[str, Any], start: float, key: str, error: float | None
) -> list[dict[str, Any]]:
    before, after, last = (row[moment] for moment in MOMENTS)
    lost = error is not None and None not in (after, last) and after - last > error + TOLERANCE
    parts = (("gain", before, after), ("worse" if lost else "loss", after, last))
    return [
        {"row": key, "start": start + a, "end": start + b, "part": part}
        for part, a, b in parts
        if a is not None and b is not None
    ]


@cache
def _structure(lanes: Lanes, colours: Palette) -> dict[str, Any]:
    y = row_axis("rows", colours)
    guides = rows_of("rows").mark_rule(color=colours.hairline).encode(y=y)
    chart = alt.layer(
        guides,
        _heads(lanes, colours),
        *(_line(part, lanes, y, colours) for part in ("gain", "loss", "worse")),
        *(_points(up, lanes, y, colours) for up in (True, False)),
    ).resolve_scale(color="independent")
    return finish(chart.properties(width="container", height=alt.Step(ROW)), colours)


def _x(column: str, lanes: Lanes) -> alt.X:
    label = f"datum.value - {lanes.width} * floor(datum.value / {lanes.width} + 1e-9) + {lanes.low}"
    return alt.X(
        column,
        type="quantitative",
        scale=alt.Scale(domain=[0, len(lanes.names) * lanes.width], nice=False),
        axis=alt.Axis(
            title=f"height, {lanes.unit}",
            titleAnchor="start",
            values=lanes.ticks,
            labelExpr=f"format({label}, '.0f')",
            labelFontSize=13,
        ),
    )


def _heads(lanes: Lanes, colours: Palette) -> Any:
    return (
        rows_of("heads")
        .mark_text(baseline="bottom", dy=-4, fontSize=15, fontWeight="bold", color=colours.ink)
        .encode(x=_x("at", lanes), y=alt.value(0), text=alt.Text("words", type="nominal"))
    )


def _line(part: str, lanes: Lanes, y: alt.Y, colours: Palette) -> Any:
    gain = part == "gain"
    shades = {"gain": colours.answer, "loss": colours.muted, "worse": colours.attention}
    return (
        rows_of("lines")
        .transform_filter(f"datum.part == '{part}'")
        .mark_rule(
            yOffset=-APART if gain else APART,
            strokeWidth=2 if part == "loss" else 3,
            color=shades[part],
        )
        .encode(x=_x("start", lanes), x2=alt.X2("end"), y=y)
    )


def _points(up: bool, lanes: Lanes, y: alt.Y, colours: Palette) -> Any:  # noqa: FBT001
    which = f"datum.code {'!=' if up else '=='} '{LAST}'"
    legend = alt.Legend(title=None, orient="top", direction="horizontal", symbolSize=110, offset=22)
    fills = [colours.individual, colours.answer, colours.ink, colours.background]
    edges = [colours.background, colours.background, colours.background, colours.secondary]
    shapes = ["circle", "circle", "diamond", "square"]
    return (
        rows_of("marks")
        .transform_filter(f"isValid(datum.at) && {which}")
        .mark_point(yOffset=-APART if up else APART, size=80, opacity=1, strokeWidth=1.6)
        .encode(
            x=_x("at", lanes),
            y=y,
            shape=alt.Shape(
                "moment",
                type="nominal",
                scale=alt.Scale(domain=NAMES, range=shapes),
                legend=legend,
            ),
            fill=alt.Fill(
                "moment", type="nominal", scale=alt.Scale(domain=NAMES, range=fills), legend=legend
            ),
            stroke=alt.Stroke(
                "moment", type="nominal", scale=alt.Scale(domain=NAMES, range=edges), legend=legend
            ),
            tooltip=[
                alt.Tooltip("who", type="nominal", title="level"),
                alt.Tooltip("moment", type="nominal", title="height"),
                alt.Tooltip("words", type="nominal", title=lanes.unit),
            ],
        )
    )
