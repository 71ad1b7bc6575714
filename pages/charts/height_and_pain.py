"""Height gain against the change of a score: one mark per patient, quadrants counted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil, floor
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, counted, drawn_once, rows_of
from pages.charts.theme import MINUS, finish
from pages.shared.height_and_pain_words import change_axis, gain_axis
from pages.shared.wording import number, of_unit

if TYPE_CHECKING:
    from pages.charts.theme import Palette
    from queries.height_and_pain import HeightAndPain, HeightAndPainRow

KINDS = ("both", "one", "neither")


@dataclass(frozen=True)
class Plane:
    """The ends of both axes, their titles and the end at which a change is better."""

    x: tuple[float, float]
    y: tuple[float, float]
    x_title: str
    y_title: str


@drawn_once
def height_and_pain_chart(answer: HeightAndPain, colours: Palette) -> Drawing:
    """Draw every patient of the visit; above 5,000 neighbours are counted together."""
    row = answer.shown
    if row is None:
        raise ValueError("`answer` has no visit to draw.")
    points = _points(answer)
    step = 10.0 if answer.score.maximum - answer.score.minimum > 20 else 2.0
    plane = Plane(
        x=_ends(points["gain"].to_list(), 2.0, 1.0),
        y=_ends(points["change"].to_list(), step, step),
        x_title=gain_axis(answer),
        y_title=change_axis(answer),
    )
    error = answer.height.error
    band = [] if error is None else [(-error, error)]
    tables = {
        "points": points,
        "band": pl.DataFrame(band, schema={"low": pl.Float64, "high": pl.Float64}, orient="row"),
        "corners": _corners(answer, row),
        "zero": pl.DataFrame({"at": [0.0]}),
    }
    return Drawing(_structure(plane, colours), tables)


def _ends(values: list[float], step: float, reach: float) -> tuple[float, float]:
    low, high = min([-reach, *values]), max([reach, *values])
    return (floor(low / step) - 0.2) * step, (ceil(high / step) + 0.2) * step


def _points(answer: HeightAndPain) -> pl.DataFrame:
    sign = 1.0 if answer.score.better == "higher" else -1.0
    gained, better = pl.col("gain") > 0, pl.col("change") * sign > 0
    kind = (
        pl.when(gained & better)
        .then(pl.lit("both"))
        .when(gained | better)
        .then(pl.lit("one"))
        .otherwise(pl.lit("neither"))
    )
    points = answer.patients.with_columns(kind.alias("kind"))
    many = counted("patient")
    who = pl.col("patient_id") if "patient_id" in points.columns else many
    words = [
        f"{number(gain, answer.height.decimals, sign=True)}{of_unit(answer.height.unit)}, "
        f"{number(change, answer.score.decimals, sign=True)}{of_unit(answer.score.unit)}"
        for gain, change in points.select("gain", "change").iter_rows()
    ]
    return points.select(
        who.alias("who"),
        "gain",
        "change",
        "kind",
        pl.col("together").alias("n"),
        pl.Series("words", words, dtype=pl.String),
    )


def _corners(answer: HeightAndPain, row: HeightAndPainRow) -> pl.DataFrame:
    up = answer.score.better == "higher"
    counts = [
        (True, up, row.gained_better, "height and score better"),
        (True, not up, row.gained_not_better, "height alone"),
        (False, up, row.not_gained_better, "score alone"),
        (False, not up, row.not_gained_not_better, "neither"),
    ]
    rows = [
        (
            right,
            top,
            f"{n} of {row.n_patients}",
            name.replace("score", answer.score.short_label.lower()),
        )
        for right, top, n, name in counts
    ]
    schema = {"right": pl.Boolean, "top": pl.Boolean, "words": pl.String, "name": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


@cache
def _structure(plane: Plane, colours: Palette) -> dict[str, Any]:
    band = (
        rows_of("band")
        .mark_rect(clip=True, color=colours.panel, stroke=colours.hairline)
        .encode(x=_x("low", plane), x2=alt.X2("high"))
    )
    cross = rows_of("zero").mark_rule(color=colours.muted, strokeWidth=1)
    chart = alt.layer(
        band,
        cross.encode(x=_x("at", plane)),
        cross.encode(y=_y("at", plane)),
        *(
            mark
            for right in (True, False)
            for top in (True, False)
            for mark in _corner(right, top, colours)
        ),
        _dots(plane, colours),
    )
    return finish(chart.properties(width="container", height=360), colours)


def _label() -> str:
    return f"replace(format(datum.value, '~g'), '-', '{MINUS}')"


def _x(column: str, plane: Plane) -> alt.X:
    return alt.X(
        column,
        type="quantitative",
        scale=alt.Scale(domain=list(plane.x), nice=False, zero=False),
        axis=alt.Axis(
            title=plane.x_title,
            titleAnchor="start",
            grid=False,
            labelExpr=_label(),
            tickCount=8,
        ),
    )


def _y(column: str, plane: Plane) -> alt.Y:
    return alt.Y(
        column,
        type="quantitative",
        scale=alt.Scale(domain=list(plane.y), nice=False, zero=False),
        axis=alt.Axis(title=plane.y_title, labelExpr=_label(), tickCount=6),
    )


def _corner(right: bool, top: bool, colours: Palette) -> list[Any]:  # noqa: FBT001
    """Print a quadrant's count in its corner, and under it what it counts."""
    here = f"datum.right == {str(right).lower()} && datum.top == {str(top).lower()}"
    base = (
        rows_of("corners")
        .transform_filter(here)
        .encode(x=alt.value("width" if right else 0), y=alt.value(0 if top else "height"))
    )
    side: dict[str, Any] = {"align": "right" if right else "left", "dx": -8 if right else 8}
    first, second = (14, 32) if top else (-28, -10)
    return [
        base.mark_text(fontSize=18, fontWeight="bold", dy=first, color=colours.ink, **side).encode(
            text=alt.Text("words", type="nominal")
        ),
        base.mark_text(fontSize=13, dy=second, color=colours.secondary, **side).encode(
            text=alt.Text("name", type="nominal")
        ),
    ]


def _dots(plane: Plane, colours: Palette) -> Any:
    shades = [colours.answer, colours.individual, colours.attention]
    return (
        rows_of("points")
        .mark_point(filled=True, opacity=0.9, stroke=colours.background, strokeWidth=1)
        .encode(
            x=_x("gain", plane),
            y=_y("change", plane),
            color=alt.Color(
                "kind",
                type="nominal",
                scale=alt.Scale(domain=list(KINDS), range=shades),
                legend=None,
            ),
            shape=alt.Shape(
                "kind",
                type="nominal",
                scale=alt.Scale(domain=list(KINDS), range=["circle", "diamond", "triangle-up"]),
                legend=None,
            ),
            size=alt.Size(
                "n",
                type="quantitative",
                scale=alt.Scale(domain=[1, 50], range=[110, 900], clamp=True),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("who", type="nominal", title="patient"),
                alt.Tooltip("words", type="nominal", title="gain, change"),
            ],
        )
    )
