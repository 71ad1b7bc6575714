"""The treated levels of one patient on a small spine, with cement, leaks and new fractures."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, rows_of
from pages.charts.spine import ACROSS, bodies
from pages.charts.theme import finish
from pages.shared.wording import THIN, number

if TYPE_CHECKING:
    from pages.charts.theme import Palette
    from queries.patient import Patient
    from queries.patient_record import Treated

HEIGHT, NAMES = 306, 30


def patient_spine_chart(answer: Patient, colours: Palette) -> Drawing:
    """Draw the spine from T1 to L5 with what was done and what happened at each level."""
    rows = [level_row(answer, level) for level in bodies(HEIGHT)["level"]]
    frame = bodies(HEIGHT).join(pl.DataFrame(rows), on="level", maintain_order="left")
    return Drawing(_structure(colours), {"levels": frame})


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
        "treated": (colours.answer, colours.answer, [1, 0]),
        "leak": (colours.attention, colours.attention, [1, 0]),
        "outside": (colours.background, colours.answer, [3, 2]),
    }
    layers: list[Any] = [_body(fill=colours.background, stroke=colours.none)]
    for state, (fill, stroke, dash) in fills.items():
        body = _body(fill=fill, stroke=stroke, strokeDash=dash)
        layers.append(body.transform_filter(f"datum.state == '{state}'"))
    untouched = "datum.state == 'untouched'"
    names = rows_of("levels").mark_text(align="right", fontSize=13)
    words = rows_of("levels").mark_text(align="left", fontSize=14, color=colours.ink, limit=240)
    layers += [
        names.encode(
            x=alt.value(NAMES - 6),
            y=_y("centre"),
            text=alt.Text("level", type="nominal"),
            color=alt.condition(untouched, alt.value(colours.muted), alt.value(colours.ink)),
        ),
        words.encode(
            x=alt.value(NAMES + ACROSS),
            y=_y("centre"),
            text=alt.Text("words", type="nominal"),
        ),
    ]
    chart = alt.layer(*layers).properties(height=HEIGHT, width=NAMES + ACROSS + 180)
    return finish(chart, colours)


def _y(column: str) -> alt.Y:
    scale = alt.Scale(domain=[0, HEIGHT], reverse=True, nice=False)
    return alt.Y(column, type="quantitative", scale=scale, axis=None)


def _body(**look: Any) -> Any:
    across = alt.Scale(domain=[0, ACROSS], range=[NAMES, NAMES + ACROSS], nice=False)
    return (
        rows_of("levels")
        .mark_rect(cornerRadius=5, strokeWidth=1.3, **look)
        .encode(
            x=alt.X("left", type="quantitative", scale=across, axis=None),
            x2=alt.X2("right"),
            y=_y("top"),
            y2=alt.Y2("bottom"),
            tooltip=[
                alt.Tooltip("level", type="nominal", title="level"),
                alt.Tooltip("words", type="nominal", title="treated"),
            ],
        )
    )
