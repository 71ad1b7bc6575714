"""Each patient's course as a small line, all on the same scale, the least improved first."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from data.codebook import visits
from pages.charts.drawing import Drawing, drawn_once, rows_of
from pages.charts.over_visits import CLICK
from pages.charts.theme import finish
from pages.shared.wording import number

if TYPE_CHECKING:
    from pages.charts.theme import Palette
    from queries.trajectory import Trajectory

ACROSS, MOST = 3, 120
LEFT, RIGHT, TALL = 0.22, 0.64, 0.66
ROW_HEIGHT = 44
KINDS = ("better", "about the same", "worse", "no change known")
SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("patient_id", "kind", "when", "score"), pl.String),
    **dict.fromkeys(("x", "y"), pl.Float64),
}


@drawn_once
def sparklines_chart(answer: Trajectory, colours: Palette) -> Drawing | None:
    """Draw a small line for each patient; None above 120 patients."""
    if answer.values is None or answer.values["patient_id"].n_unique() > MOST:
        return None
    order = {visit: place for place, visit in enumerate(answer.visits)}
    people = [
        sorted(part.to_dicts(), key=lambda row: order[row["visit"]])
        for part in answer.values.partition_by("patient_id")
    ]
    people.sort(key=lambda seen: _rank(answer, seen))
    points, names = [], []
    rows = -(-len(people) // ACROSS)
    for place, seen in enumerate(people):
        corner = (float(place % ACROSS), float(rows - 1 - place // ACROSS))
        points += _points(answer, seen, corner, len(order), order)
        names.append(_name(answer, seen, corner))
    tables = {
        "points": pl.DataFrame(points, schema=SCHEMA, orient="row"),
        "names": pl.DataFrame(names, schema=NAMES, orient="row"),
    }
    return Drawing(_structure(max(rows, 1), colours), tables)


NAMES: dict[str, Any] = {
    **dict.fromkeys(("patient_id", "kind", "words"), pl.String),
    **dict.fromkeys(("x", "start", "end", "text", "low", "high", "middle"), pl.Float64),
}


def _last_change(seen: list[dict[str, Any]]) -> float | None:
    changes = [row["change"] for row in seen[1:] if row["change"] is not None]
    return changes[-1] if changes else None


def _rank(answer: Trajectory, seen: list[dict[str, Any]]) -> tuple[bool, float, str]:
    """Put the least improved first, and those without a change last."""
    change = _last_change(seen)
    gain = 0.0 if change is None else change * (1 if answer.measure.better == "higher" else -1)
    return change is None, gain, str(seen[0]["patient_id"])


def _kind(answer: Trajectory, seen: list[dict[str, Any]]) -> str:
    change = _last_change(seen)
    if change is None:
        return KINDS[3]
    if abs(change) <= (answer.measure.error or 0.0) + 1e-9:
        return KINDS[1]
    return KINDS[0] if (change > 0) == (answer.measure.better == "higher") else KINDS[2]


def _points(
    answer: Trajectory,
    seen: list[dict[str, Any]],
    corner: tuple[float, float],
    n_visits: int,
    order: dict[str, int],
) -> list[tuple[Any, ...]]:
    measure = answer.measure
    step = (RIGHT - LEFT) / max(n_visits - 1, 1)
    tall = TALL / (measure.maximum - measure.minimum)
    return [
        (
            row["patient_id"],
            _kind(answer, seen),
            visits()[row["visit"]].label,
            number(row["value"], measure.decimals),
            corner[0] + LEFT + step * order[row["visit"]],
            corner[1] + (1 - TALL) / 2 + tall * (row["value"] - measure.minimum),
        )
        for row in seen
    ]


def _name(
    answer: Trajectory, seen: list[dict[str, Any]], corner: tuple[float, float]
) -> tuple[Any, ...]:
    decimals = answer.measure.decimals
    first, last = (number(row["value"], decimals) for row in (seen[0], seen[-1]))
    x, y = corner
    return (
        seen[0]["patient_id"],
        _kind(answer, seen),
        f"{first} → {last}" if len(seen) > 1 else first,
        x + LEFT - 0.02,
        x + LEFT,
        x + RIGHT,
        x + RIGHT + 0.03,
        y + (1 - TALL) / 2,
        y + (1 + TALL) / 2,
        y + 0.5,
    )


@cache
def _structure(rows: int, colours: Palette) -> dict[str, Any]:
    def x(column: str) -> alt.X:
        scale = alt.Scale(domain=[0, ACROSS], nice=False)
        return alt.X(column, type="quantitative", scale=scale, axis=None)

    def y(column: str) -> alt.Y:
        scale = alt.Scale(domain=[0, rows], nice=False)
        return alt.Y(column, type="quantitative", scale=scale, axis=None)

    shades = [colours.answer, colours.muted, colours.attention, colours.muted]
    colour = alt.Color(
        "kind", type="nominal", scale=alt.Scale(domain=list(KINDS), range=shades), legend=None
    )
    shapes = ["diamond", "circle", "triangle-up", "circle"]
    shape = alt.Shape(
        "kind", type="nominal", scale=alt.Scale(domain=list(KINDS), range=shapes), legend=None
    )
    picked = alt.selection_point(name=CLICK, fields=["patient_id"], on="click", empty=False)
    names = rows_of("names").encode(y=y("middle"))
    points = rows_of("points").encode(x=x("x"), y=y("y"), color=colour)
    chart = alt.layer(
        rows_of("names")
        .mark_rect(color=colours.none, cursor="pointer")
        .encode(
            x=x("start"),
            x2=alt.X2("end"),
            y=y("low"),
            y2=alt.Y2("high"),
            opacity=alt.condition(picked, alt.value(0.8), alt.value(0.3)),
        )
        .add_params(picked),
        names.mark_text(align="right", fontSize=14, color=colours.ink, limit=90).encode(
            x=x("x"), text=alt.Text("patient_id", type="nominal")
        ),
        names.mark_text(align="left", fontSize=14, color=colours.ink).encode(
            x=x("text"), text=alt.Text("words", type="nominal")
        ),
        points.mark_line(strokeWidth=2).encode(detail=alt.Detail("patient_id", type="nominal")),
        points.mark_point(size=32, filled=True, opacity=1).encode(
            shape=shape,
            tooltip=[
                alt.Tooltip("patient_id", type="nominal", title="patient"),
                alt.Tooltip("when", type="nominal", title="visit"),
                alt.Tooltip("score", type="nominal", title="score"),
            ],
        ),
    )
    return finish(chart.properties(height=ROW_HEIGHT * rows, width="container"), colours)
