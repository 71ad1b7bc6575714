"""Cement volume of levels with and without a leak, region by region."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, drawn_once, rows_of
from pages.charts.theme import finish
from pages.shared.wording import number, plain, plural
from queries.cohort import code_label
from queries.grouping import EVERYBODY

if TYPE_CHECKING:
    from pages.charts.theme import Palette
    from queries.cement import Cement, VolumeRow

LANE = 48
GAP = 16
STEP = 5.5
ROOM = 20.0
FROM = 178
COUNTS = 176
MOST_MARKS = 5_000
KINDS = {"yes": "leak", "no": "no leak"}
LANE_SCHEMA: dict[str, Any] = {
    "y": pl.Float64,
    "top": pl.Float64,
    "bottom": pl.Float64,
    "kind": pl.String,
    "region": pl.String,
    "first": pl.Boolean,
    "words": pl.String,
    "middle": pl.String,
    **dict.fromkeys(("median", "q1", "q3"), pl.Float64),
}


@drawn_once
def cement_chart(answer: Cement, colours: Palette) -> Drawing:
    """Draw every level by its volume, leaking ones as filled triangles above the others.

    Above 5,000 levels boxes of the middle half stand in for the dots.
    """
    drawn = [row for row in answer.rows if row.region != EVERYBODY]
    convention = answer.selection.convention
    lanes = pl.DataFrame(
        [_lane(place, row, convention) for place, row in enumerate(drawn)],
        schema=LANE_SCHEMA,
        orient="row",
    )
    single = answer.levels.height <= MOST_MARKS
    tables = {"lanes": lanes}
    if single:
        tables["dots"] = _dots(answer, drawn)
    height = _y(len(drawn) - 1) + LANE / 2 if drawn else LANE
    return Drawing(_structure(colours, height, single=single), tables)


def _y(place: int) -> float:
    """Return the middle of a lane; two lanes belong to each region."""
    return place * LANE + (place // 2) * GAP + LANE / 2


def _lane(place: int, row: VolumeRow, convention: str) -> tuple[Any, ...]:
    y = _y(place)
    counted = f"{plural(row.n_levels, 'level')} · {plural(row.n_patients, 'patient')}"
    middle = "" if row.median is None else f"median {number(row.median, 1)} ml"
    region = code_label("region", row.region, convention)
    ends = (y - LANE * 0.36, y + LANE * 0.36)
    values = (row.median, row.q1, row.q3)
    return y, *ends, KINDS[row.leak], region, place % 2 == 0, counted, middle, *values


def _dots(answer: Cement, drawn: list[VolumeRow]) -> pl.DataFrame:
    """Place the dots; equal volumes of a lane stand beside each other."""
    lanes = pl.DataFrame(
        [(row.region, row.leak, _y(place)) for place, row in enumerate(drawn)],
        schema={"region": pl.String, "leak": pl.String, "lane": pl.Float64},
        orient="row",
    )
    order = pl.int_range(pl.len()).over("region", "leak", "cement_ml")
    side = pl.when(order % 2 == 0).then(1).otherwise(-1)
    offset = (side * ((order + 1) // 2) * STEP).clip(-ROOM, ROOM)
    return (
        answer.levels.join(lanes, on=["region", "leak"], maintain_order="left")
        .with_columns((pl.col("lane") + offset).alias("y"), pl.col("cement_ml").alias("ml"))
        .with_columns(
            pl.col("leak").replace_strict(KINDS, return_dtype=pl.String).alias("kind"),
            pl.Series("patient", [plain(one) for one in answer.levels["patient_id"]], pl.String),
            pl.Series(
                "volume", [f"{number(ml, 1)} ml" for ml in answer.levels["cement_ml"]], pl.String
            ),
        )
        .select("y", "ml", "kind", "patient", "level", "volume")
    )


@cache
def _structure(colours: Palette, height: float, *, single: bool) -> dict[str, Any]:
    chart = alt.layer(
        *([] if single else [_boxes(colours, height)]),
        *_medians(colours, height),
        *(_individuals(colours, height) if single else []),
        *_words(colours, height),
    )
    shown = chart.properties(
        height=height,
        width="container",
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )
    return finish(shown, colours)


def _vertical(column: str, height: float) -> alt.Y:
    scale = alt.Scale(domain=[0, height], reverse=True, nice=False)
    return alt.Y(column, type="quantitative", scale=scale, axis=None)


def _x(column: str) -> alt.X:
    return alt.X(
        column,
        type="quantitative",
        scale=alt.Scale(
            zero=False, nice=True, rangeMin=FROM, rangeMax=alt.ExprRef(f"width - {COUNTS}")
        ),
        axis=alt.Axis(title="cement (ml)", titleAnchor="middle", labelFontSize=13, tickCount=6),
    )


def _individuals(colours: Palette, height: float) -> list[Any]:
    base = rows_of("dots").encode(
        x=_x("ml"),
        y=_vertical("y", height),
        tooltip=[
            alt.Tooltip("patient", type="nominal"),
            alt.Tooltip("level", type="nominal"),
            alt.Tooltip("volume", type="nominal", title="cement"),
            alt.Tooltip("kind", type="nominal", title="leak"),
        ],
    )
    clean = base.transform_filter("datum.kind != 'leak'").mark_point(
        shape="circle",
        size=46,
        filled=False,
        stroke=colours.individual,
        strokeWidth=1.6,
        opacity=0.9,
    )
    leaking = base.transform_filter("datum.kind == 'leak'").mark_point(
        shape="triangle-up", size=95, filled=True, color=colours.attention, opacity=1
    )
    return [clean, leaking]


def _boxes(colours: Palette, height: float) -> Any:
    return (
        rows_of("lanes")
        .mark_rect(color=colours.answer_band)
        .encode(x=_x("q1"), x2=alt.X2("q3"), y=_vertical("top", height), y2=alt.Y2("bottom"))
    )


def _medians(colours: Palette, height: float) -> list[Any]:
    seen = rows_of("lanes").transform_filter("isValid(datum.median)")
    return [
        seen.mark_rule(color=colours.answer, strokeWidth=3).encode(
            x=_x("median"), y=_vertical("top", height), y2=alt.Y2("bottom")
        )
    ]


def _words(colours: Palette, height: float) -> list[Any]:
    base = rows_of("lanes").encode(y=_vertical("y", height))
    right = alt.value(alt.ExprRef(f"width - {COUNTS - 14}"))
    regions = base.transform_filter("datum.first").mark_text(
        align="left", fontSize=14, fontWeight=600, color=colours.ink, dy=LANE / 2
    )
    kinds = base.mark_text(align="right", fontSize=14, color=colours.ink)
    counts = base.mark_text(align="left", fontSize=14, color=colours.ink, dy=-8)
    medians = base.mark_text(align="left", fontSize=13, color=colours.answer, dy=9)
    return [
        regions.encode(x=alt.value(0), text=alt.Text("region", type="nominal")),
        kinds.encode(x=alt.value(FROM - 14), text=alt.Text("kind", type="nominal")),
        counts.encode(x=right, text=alt.Text("words", type="nominal")),
        medians.encode(x=right, text=alt.Text("middle", type="nominal")),
    ]
