"""The treated levels of one patient on a small spine, with cement, leaks and new fractures."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from data.codebook import LEVELS
from pages.charts.drawing import Drawing, drawn_once, rows_of
from pages.charts.theme import finish
from pages.charts.vertebrae import discs, spine_height, vertebrae
from pages.shared.wording import THIN, number

if TYPE_CHECKING:
    from pages.charts.theme import Palette
    from queries.patient import Patient
    from queries.patient_record import Treated

SPINE, SHARE = 104, 0.8
# A path is drawn at its own size where a mark is 4 large.
SIZE = 4 * SHARE**2
HEIGHT = spine_height() * SHARE
NAMES, BESIDE = 30, 130


@drawn_once
def patient_spine_chart(answer: Patient, colours: Palette) -> Drawing:
    """Draw the spine from T1 to L5 with what was done and what happened at each level."""
    rows = [
        {**level_row(answer, one.level), "middle": one.middle * SHARE} for one in vertebrae(SPINE)
    ]
    return Drawing(_structure(colours), {"levels": pl.DataFrame(rows)})


def level_row(answer: Patient, level: str) -> dict[str, Any]:
    """Return what stands beside a level, and how it is filled."""
    here = [one for one in answer.treated if one.level == level]
    fractures = [
        f"▼ {event.kind.replace('_', ' ')}" for event in answer.events if event.level == level
    ]
    alone = len({one.day for one in answer.treated}) == 1
    words = ["; ".join(_done(one, alone=alone) for one in here), *fractures]
    state = "untouched"
    if here:
        state = "leak" if any(one.leak for one in here) else "treated"
        if not any(one.chosen for one in here):
            state = "outside"
    return {"level": level, "state": state, "words": " ".join(words)}


def _done(level: Treated, *, alone: bool) -> str:
    cement = "cement not recorded"
    if level.cement_ml is not None:
        cement = f"{number(level.cement_ml, 1)}{THIN}ml"
    parts = [cement] if alone else [f"day {level.day}: {cement}"]
    if level.leak:
        where = ", ".join(place for place in level.locations if place != "unrecorded")
        parts.append(f"leak {where}".strip() + (", symptoms" if level.leak_symptomatic else ""))
    return " · ".join(parts)


@cache
def _structure(colours: Palette) -> dict[str, Any]:
    fills = {
        "untouched": (colours.background, colours.none, [1, 0]),
        "treated": (colours.answer, colours.answer, [1, 0]),
        "leak": (colours.attention, colours.attention, [1, 0]),
        "outside": (colours.background, colours.answer, [3, 2]),
    }
    arches = " ".join(one.arch for one in vertebrae(SPINE))
    layers = [
        _still(discs(SPINE), colours.panel, colours.hairline),
        _still(arches, colours.panel, colours.hairline),
    ]
    for state, (fill, stroke, dash) in fills.items():
        body = _bodies(fill=fill, stroke=stroke, strokeDash=dash, strokeWidth=1.2)
        layers.append(body.transform_filter(f"datum.state == '{state}'"))
    untouched = "datum.state == 'untouched'"
    names = rows_of("levels").mark_text(align="right", fontSize=13)
    words = rows_of("levels").mark_text(align="left", fontSize=14, color=colours.ink, limit=250)
    layers += [
        names.encode(
            x=alt.value(NAMES),
            y=_y("middle"),
            text=alt.Text("level", type="nominal"),
            color=alt.condition(untouched, alt.value(colours.muted), alt.value(colours.ink)),
        ),
        words.encode(
            x=alt.value(BESIDE),
            y=_y("middle"),
            text=alt.Text("words", type="nominal"),
        ),
    ]
    grows = alt.AutoSizeParams(type="fit-x", contains="padding")
    chart = alt.layer(*layers).properties(height=HEIGHT, width="container", autosize=grows)
    return finish(chart.resolve_scale(shape="independent"), colours)


def _y(column: str) -> alt.Y:
    scale = alt.Scale(domain=[0, HEIGHT], reverse=True, nice=False)
    return alt.Y(column, type="quantitative", scale=scale, axis=None)


def _still(path: str, fill: str, stroke: str) -> Any:
    """Draw an outline that no rows change."""
    one = alt.Chart(alt.sequence(1))
    return one.mark_point(
        shape=path, size=SIZE, fill=fill, stroke=stroke, strokeWidth=1, opacity=1
    ).encode(x=alt.value(0), y=alt.value(0))


def _bodies(**look: Any) -> Any:
    shapes = alt.Scale(domain=list(LEVELS), range=[one.body for one in vertebrae(SPINE)])
    return (
        rows_of("levels")
        .mark_point(size=SIZE, opacity=1, **look)
        .encode(
            x=alt.value(0),
            y=alt.value(0),
            shape=alt.Shape("level", type="nominal", scale=shapes, legend=None),
            tooltip=[
                alt.Tooltip("level", type="nominal", title="level"),
                alt.Tooltip("words", type="nominal", title="treated"),
            ],
        )
    )
