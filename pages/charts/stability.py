"""Did the spine hold? One bar per patient, and the mean with its interval inside the margin."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil, floor
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, counted, drawn_once, rows_of
from pages.charts.theme import MINUS, finish
from pages.shared.stability_words import (
    change_axis,
    decimals_of,
    error_label,
    margin_label,
    mean_labels,
    unit_of,
)
from pages.shared.wording import number, of_unit, plural

if TYPE_CHECKING:
    from pages.charts.theme import Palette
    from queries.stability import Held

FEWEST_PLACES = 12
PANEL = 0.42
MOST_PRINTED = 48
GAP = 0.03
KINDS = ("within", "no error on record", "worse", "better")


@dataclass(frozen=True)
class Frame:
    """What the axes of the chart span."""

    low: float
    high: float
    ticks: tuple[float, ...]
    title: str
    unit: str


@drawn_once
def stability_chart(answer: Held, visit: str, colours: Palette) -> Drawing:
    """Draw each patient's mean change up to a visit, sorted, and the mean of all beside them.

    Parameters
    ----------
    visit : str
        One of its visits.
    """
    bars = stability_bars(answer, visit)
    mean = dict(answer.means).get(visit)
    error = None if answer.in_percent else answer.measure.error
    reach = [v for v in (answer.margin, error) if v is not None]
    ends = [] if mean is None else [mean.ci_low or 0.0, mean.ci_high or 0.0]
    single = answer.beyond.filter(pl.col("visit") == visit)
    shown = [*bars["change"].to_list(), *single["change"].to_list(), *ends]
    frame = _frame(answer, reach, shown)
    tables = {
        "bars": bars,
        "single": _placed(single, bars),
        "bands": _bands(answer, error),
        "mean": _mean(answer, visit),
        "zero": pl.DataFrame({"at": [0.0]}),
        "below": _below(answer, visit),
    }
    return Drawing(_structure(frame, colours), tables)


def stability_bars(answer: Held, visit: str) -> pl.DataFrame:
    """Return the bars of one visit, in order."""
    decimals, unit = decimals_of(answer), unit_of(answer)
    many = counted("patient")
    here = answer.patients.filter(pl.col("visit") == visit).with_columns(
        pl.coalesce("patient_id", many).alias("patient_id"),
        pl.col("levels").fill_null(""),
    )
    words = [f"{number(change, decimals, sign=True)}{of_unit(unit)}" for change in here["change"]]
    printed = words if here.height <= MOST_PRINTED else [""] * here.height
    width = 1 / max(here.height, FEWEST_PLACES)
    return here.with_row_index("place").select(
        ((pl.col("place") + 0.12) * width).alias("start"),
        ((pl.col("place") + 0.88) * width).alias("end"),
        ((pl.col("place") + 0.5) * width).alias("middle"),
        "patient_id",
        "levels",
        "change",
        "kind",
        pl.lit(0.0).alias("zero"),
        pl.Series("words", words, dtype=pl.String),
        pl.Series("printed", printed, dtype=pl.String),
    )


def _placed(single: pl.DataFrame, bars: pl.DataFrame) -> pl.DataFrame:
    """Put the single levels beyond the error on the bar of their patient."""
    owners = bars.select("patient_id", "middle", mean="change")
    return single.join(owners, on="patient_id").select(
        "middle", "mean", "patient_id", "level", "change", "kind"
    )


def _bands(answer: Held, error: float | None) -> pl.DataFrame:
    rows: list[tuple[str, float, float, float, float, str]] = []
    if error is not None:
        rows.append(("error", 0.0, 1.0, -error, error, error_label(answer)))
    if answer.margin is not None:
        ends = (-answer.margin, answer.margin)
        rows.append(("margin", 0.0, 1.0, *ends, margin_label(answer)))
        rows.append(("margin", 1 + GAP, 1 + PANEL, *ends, ""))
    schema = {
        "band": pl.String,
        **dict.fromkeys(("left", "right", "low", "high"), pl.Float64),
        "words": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _mean(answer: Held, visit: str) -> pl.DataFrame:
    schema = {
        **dict.fromkeys(("at", "value", "low", "high"), pl.Float64),
        "name": pl.String,
        "span": pl.String,
    }
    mean = dict(answer.means).get(visit)
    if mean is None:
        return pl.DataFrame(schema=schema)
    name, span = mean_labels(answer, mean)
    at = 1 + GAP + 0.2 * PANEL
    rows = [(at, mean.value, mean.ci_low, mean.ci_high, name, span)]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _below(answer: Held, visit: str) -> pl.DataFrame:
    row = next(row for row in answer.rows if row.visit == visit)
    counts = f"{plural(row.n_patients, 'patient')} ({plural(row.n_levels, 'level')})"
    rows = [(0.0, f"{counts}, each one's mean change")]
    if dict(answer.means).get(visit):
        rows.append((1 + GAP, "mean of the patients"))
    return pl.DataFrame(rows, schema={"at": pl.Float64, "words": pl.String}, orient="row")


def _frame(answer: Held, reach: list[float], shown: list[float]) -> Frame:
    """Return axes that end at whole steps, so that most filters leave them as they are."""
    inner = max(reach, default=0.0)
    low, high = min([-inner, *shown]), max([inner, *shown])
    step = 5.0 if max(high, -low) > 1 else 0.5
    half = step / 2
    bottom, top = (floor(low / half) - 0.3) * half, (ceil(high / half) + 0.3) * half
    far = [step * n for n in range(floor(low / step), ceil(high / step) + 1)]
    beyond = [v for v in far if bottom <= v <= top and abs(v) >= inner + 0.6 * step]
    ticks = sorted({0.0, *reach, *(-v for v in reach), *beyond})
    return Frame(bottom, top, tuple(ticks), change_axis(answer), unit_of(answer))


@cache
def _structure(frame: Frame, colours: Palette) -> dict[str, Any]:
    layers = [
        *_bands_drawn(frame, colours),
        *_bars_drawn(frame, colours),
        *_single_drawn(frame, colours),
        *_mean_drawn(frame, colours),
    ]
    chart = alt.layer(*layers).resolve_scale(fill="independent", color="independent")
    return finish(chart.properties(height=340, width="container"), colours)


def _y(column: str, frame: Frame) -> alt.Y:
    signed = f"(datum.value > 0 ? '+' : '') + replace(format(datum.value, '~g'), '-', '{MINUS}')"
    return alt.Y(
        column,
        type="quantitative",
        scale=alt.Scale(domain=[frame.low, frame.high], nice=False, zero=False),
        axis=alt.Axis(
            title=frame.title,
            values=list(frame.ticks),
            grid=False,
            labelExpr=f"{signed} + '{of_unit(frame.unit)}'",
        ),
    )


def _x(column: str) -> alt.X:
    return alt.X(
        column,
        type="quantitative",
        scale=alt.Scale(domain=[0, 1 + PANEL], nice=False),
        axis=None,
    )


def _bands_drawn(frame: Frame, colours: Palette) -> list[Any]:
    base = rows_of("bands")
    bands = ["error", "margin"]
    shades = alt.Scale(domain=bands, range=[colours.panel, colours.answer_band])
    ink = alt.Color(
        "band",
        type="nominal",
        scale=alt.Scale(domain=bands, range=[colours.secondary, colours.answer]),
        legend=None,
    )
    edge = alt.value(colours.hairline)
    return [
        base.mark_rect(strokeWidth=1).encode(
            x=_x("left"),
            x2=alt.X2("right"),
            y=_y("low", frame),
            y2=alt.Y2("high"),
            fill=alt.Fill("band", type="nominal", scale=shades, legend=None),
            stroke=edge,
        ),
        base.mark_text(align="left", dx=4, fontSize=13, baseline="top", dy=5).encode(
            x=_x("left"),
            y=_y("high", frame),
            text=alt.Text("words", type="nominal"),
            color=ink,
        ),
    ]


def _kinds(colours: Palette) -> alt.Scale:
    greys = [colours.individual, colours.individual]
    return alt.Scale(domain=list(KINDS), range=[*greys, colours.attention, colours.answer])


def _bars_drawn(frame: Frame, colours: Palette) -> list[Any]:
    base, title = rows_of("bars"), f"mean change ({frame.unit})"
    outside = base.transform_filter("datum.kind == 'worse' || datum.kind == 'better'")
    return [
        base.mark_rect().encode(
            x=_x("start"),
            x2=alt.X2("end"),
            y=_y("change", frame),
            y2=alt.Y2("zero"),
            fill=alt.Fill("kind", type="nominal", scale=_kinds(colours), legend=None),
            tooltip=[
                alt.Tooltip("patient_id", type="nominal", title="patient"),
                alt.Tooltip("levels", type="nominal", title="levels"),
                alt.Tooltip("words", type="nominal", title=title),
                alt.Tooltip("kind", type="nominal", title="beside the measurement error"),
            ],
        ),
        outside.mark_text(
            angle=270,
            baseline="middle",
            fontSize=13,
            fontWeight="bold",
            color=colours.background,
            align={"expr": "datum.change < 0 ? 'right' : 'left'"},
            dx={"expr": "datum.change < 0 ? -5 : 5"},
        ).encode(
            x=_x("middle"),
            y=_y("zero", frame),
            text=alt.Text("printed", type="nominal"),
        ),
        rows_of("zero").mark_rule(color=colours.ink, strokeWidth=1).encode(y=_y("at", frame)),
    ]


def _single_drawn(frame: Frame, colours: Palette) -> list[Any]:
    return [
        rows_of("single")
        .mark_rule(strokeWidth=1, strokeDash=[2, 2])
        .encode(
            x=_x("middle"),
            y=_y("mean", frame),
            y2=alt.Y2("change"),
            color=alt.Color("kind", type="nominal", scale=_kinds(colours), legend=None),
        ),
        rows_of("single")
        .mark_point(size=80, filled=True, opacity=1, stroke=colours.background, strokeWidth=1)
        .encode(
            x=_x("middle"),
            y=_y("change", frame),
            color=alt.Color("kind", type="nominal", scale=_kinds(colours), legend=None),
            shape=alt.condition(
                "datum.kind == 'worse'", alt.value("triangle-up"), alt.value("diamond")
            ),
            tooltip=[
                alt.Tooltip("patient_id", type="nominal", title="patient"),
                alt.Tooltip("level", type="nominal", title="single level"),
                alt.Tooltip("change", type="quantitative", title=frame.unit, format=".1f"),
                alt.Tooltip("kind", type="nominal", title="beside the measurement error"),
            ],
        ),
        rows_of("below")
        .mark_text(align="left", baseline="top", dy=8, fontSize=14, color=colours.secondary)
        .encode(x=_x("at"), y=alt.value("height"), text=alt.Text("words", type="nominal")),
    ]


def _mean_drawn(frame: Frame, colours: Palette) -> list[Any]:
    base = rows_of("mean").encode(x=_x("at"), y=_y("value", frame))
    halo = {"stroke": colours.background, "strokeWidth": 4, "strokeOpacity": 0.75}
    words = [
        base.mark_text(align="left", dx=16, **place, **look).encode(
            text=alt.Text(column, type="nominal")
        )
        for column, place, ink in (
            ("name", {"dy": -10, "fontSize": 18, "fontWeight": "bold"}, colours.answer),
            ("span", {"dy": 11, "fontSize": 14}, colours.ink),
        )
        for look in (halo, {"color": ink})
    ]
    return [
        base.mark_rule(color=colours.answer, strokeWidth=6).encode(
            y=_y("low", frame), y2=alt.Y2("high")
        ),
        base.mark_circle(
            color=colours.answer, size=190, opacity=1, stroke=colours.background, strokeWidth=2
        ),
        *words,
    ]
