"""Each patient's course as a bar of time, with every event on it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, drawn_once, in_order, rows_of
from pages.charts.event_marks import letter, shape
from pages.charts.survival_rows import MONTH_DAYS
from pages.charts.theme import finish

if TYPE_CHECKING:
    from pages.charts.theme import Palette
    from queries.event_courses import EventCourses

LOWEST, HIGHEST, ROOM = 15, 24, 465
COURSES: dict[str, Any] = {
    "who": pl.String,
    "start": pl.Float64,
    "months": pl.Float64,
    "mark": pl.String,
    "end": pl.String,
    "levels": pl.String,
    "days": pl.String,
}
MARKS: dict[str, Any] = {
    "who": pl.String,
    "months": pl.Float64,
    "shape": pl.String,
    "words": pl.String,
    "kind": pl.String,
    "day": pl.Int64,
    "level": pl.String,
    "chosen": pl.Boolean,
}


@drawn_once
def event_courses_chart(answer: EventCourses, colours: Palette, kind: str) -> Drawing:
    """Draw the courses, those followed longest at the top.

    Parameters
    ----------
    answer : EventCourses
        The result to draw; somebody must have a course.
    kind : str
        The kind of event that stands out.
    """
    names = {row["patient_id"]: _name(row) for row in answer.courses.to_dicts()}
    courses = [_course(row, names) for row in answer.courses.to_dicts()]
    marks = [_mark(row, names, kind) for row in answer.marks.to_dicts()]
    step = min(max(ROOM // max(len(courses), 1), LOWEST), HIGHEST)
    return Drawing(
        _structure(colours, step),
        {
            "courses": pl.DataFrame(courses, schema=COURSES),
            "marks": pl.DataFrame(marks, schema=MARKS),
        },
    )


def _name(row: dict[str, Any]) -> str:
    return f"{row['patient_id']} · {' '.join(row['levels'])}"


def _course(row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    end = "died" if row["died"] else "last seen alive"
    return {
        "who": names[row["patient_id"]],
        "start": 0.0,
        "months": row["time_days"] / MONTH_DAYS,
        "mark": "†" if row["died"] else "▸",
        "end": f"{end}{', day not known' if row['uncertain'] else ''}",
        "levels": ", ".join(row["levels"]),
        "days": str(row["time_days"]),
    }


def _mark(row: dict[str, Any], names: dict[str, str], kind: str) -> dict[str, Any]:
    level = f" {row['level']}" if row["level"] else ""
    return {
        "who": names[row["patient_id"]],
        "months": row["day"] / MONTH_DAYS,
        "shape": shape(row["kind"]),
        "words": f"{letter(row['kind'])}{level}",
        "kind": row["kind"].replace("_", " "),
        "day": row["day"],
        "level": row["level"] or "not recorded",
        "chosen": row["kind"] == kind,
    }


@cache
def _structure(colours: Palette, step: int) -> dict[str, Any]:
    layers = [*_courses(colours), *_marks(colours)]
    grows = alt.AutoSizeParams(type="fit-x", contains="padding")
    chart = alt.layer(*layers).properties(width="container", height=alt.Step(step), autosize=grows)
    return finish(chart, colours)


def _x(column: str, colours: Palette) -> alt.X:
    return alt.X(
        column,
        type="quantitative",
        scale=alt.Scale(nice=False, zero=True),
        axis=alt.Axis(
            title="months from the operation",
            tickMinStep=1,
            tickCount=8,
            format="d",
            labelFontSize=14,
            labelColor=colours.ink,
            grid=True,
        ),
    )


def _y(colours: Palette) -> alt.Y:
    axis = alt.Axis(
        title=None,
        labelFontSize=13,
        labelColor=colours.ink,
        labelLimit=190,
        labelOverlap=False,
        grid=False,
    )
    return alt.Y("who", type="nominal", scale=in_order("courses", "who"), axis=axis)


def _courses(colours: Palette) -> list[Any]:
    base = rows_of("courses").encode(y=_y(colours))
    tooltip = [
        alt.Tooltip(name, type="nominal", title=title)
        for name, title in (
            ("who", "patient"),
            ("levels", "treated"),
            ("days", "days followed"),
            ("end", "end"),
        )
    ]
    bars = base.mark_rule(strokeWidth=5, color=colours.none).encode(
        x=_x("start", colours), x2=alt.X2("months"), tooltip=tooltip
    )
    ends = base.mark_text(
        align="left", baseline="middle", dx=1, fontSize=16, fontWeight="bold", color=colours.ink
    )
    return [
        bars,
        ends.encode(x=_x("months", colours), text=alt.Text("mark", type="nominal")),
    ]


def _marks(colours: Palette) -> list[Any]:
    base = rows_of("marks").encode(x=_x("months", colours), y=_y(colours))
    colour = alt.condition("datum.chosen", alt.value(colours.attention), alt.value(colours.ink))
    points = base.mark_point(size=130, filled=True, opacity=1).encode(
        color=colour,
        shape=alt.Shape("shape", type="nominal", scale=None, legend=None),
        tooltip=[
            alt.Tooltip("who", type="nominal", title="patient"),
            alt.Tooltip("kind", type="nominal", title="event"),
            alt.Tooltip("day", type="quantitative", title="day"),
            alt.Tooltip("level", type="nominal", title="recorded with"),
        ],
    )
    look: dict[str, Any] = {
        "align": "left",
        "baseline": "middle",
        "dx": 9,
        "fontSize": 13,
        "fontWeight": "bold",
    }
    outline = base.mark_text(**look, stroke=colours.background, strokeWidth=4, strokeOpacity=0.85)
    text = alt.Text("words", type="nominal")
    return [
        points,
        outline.encode(text=text),
        base.mark_text(**look).encode(text=text, color=colour),
    ]
