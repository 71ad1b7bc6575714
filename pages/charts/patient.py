"""One patient over the days: operations, scores or films, events, and the cohort's range."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, rows_of
from pages.charts.patient_axes import halo, words_of, x_of, y_of
from pages.charts.patient_lane import (
    flag_marks,
    flag_rows,
    lane_height,
    life_marks,
    life_rows,
    window_marks,
    window_rows,
)
from pages.charts.patient_rows import (
    HEIGHT,
    box_rows,
    gap_rows,
    grid_rows,
    name_rows,
    panels_of,
    title_rows,
    value_rows,
)
from pages.charts.survival import DASHES, SHAPES
from pages.charts.theme import finish

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pages.charts.theme import Palette
    from queries.patient import Patient
    from queries.ranges import Ranges

AXIS_END = 400
SERIES = 6


@dataclass(frozen=True)
class Built:
    """How a patient's chart is built, whatever rows it shows."""

    height: int
    films: bool
    parts: frozenset[str]


def course_chart(
    answer: Patient, behind: Sequence[Ranges], colours: Palette, *, films: bool = False
) -> Drawing:
    """Draw one patient over the days since the first operation.

    Parameters
    ----------
    answer : Patient
        The result to draw; its person must be there.
    behind : sequence of Ranges
        The cohort's range of each measure, in the order of the panels.
    films : bool
        Each treated level's films instead of the patient's scores.
    """
    lane = lane_height(answer)
    panels = panels_of(answer, behind, lane)
    height = lane + HEIGHT * len(panels)
    values, life = value_rows(answer, panels, films=films), life_rows(answer)
    last = max(AXIS_END, *(row["day"] for row in (*values, *life)))
    windows = window_rows(height, last)
    shown = {row["code"] for row in windows}
    rows = {
        "windows": windows,
        "boxes": box_rows(panels, behind, shown),
        "grid": grid_rows(panels),
        "titles": title_rows(panels),
        "gaps": [] if films else gap_rows(answer, panels, shown),
        "values": values,
        "names": name_rows(values, panels) if films else [],
        "life": life,
        "flags": flag_rows(answer),
    }
    tables = {name: pl.DataFrame(found) for name, found in rows.items() if found}
    return Drawing(_structure(Built(height, films, frozenset(tables)), colours), tables)


@cache
def _structure(built: Built, colours: Palette) -> dict[str, Any]:
    parts: dict[str, list[Any]] = {
        "windows": window_marks(built.height, colours),
        "boxes": _boxes(built, colours),
        "grid": _grid(built, colours),
        "titles": _titles(built, colours),
        "gaps": _gaps(built, colours),
        "values": _values(built, colours),
        "names": _names(built, colours),
        "life": life_marks(built.height, colours),
        "flags": flag_marks(built.height, colours),
    }
    layers = [layer for part in parts if part in built.parts for layer in parts[part]]
    grows = alt.AutoSizeParams(type="fit-x", contains="padding")
    chart = alt.layer(*layers).properties(height=built.height, width="container", autosize=grows)
    return finish(chart, colours)


def _boxes(built: Built, colours: Palette) -> list[Any]:
    base = rows_of("boxes").encode(x=x_of("from", colours), x2=alt.X2("to"))
    tooltip = [
        alt.Tooltip(name, type="nominal", title=title)
        for name, title in (
            ("what", "the choice"),
            ("of", "n"),
            ("halves", "median"),
            ("inner", "middle half"),
            ("outer", "10 to 90 of 100"),
        )
    ]
    grey = colours.none
    outer = base.mark_rect(color=grey, opacity=0.45).encode(
        y=y_of("p90", built.height), y2=alt.Y2("p10"), tooltip=tooltip
    )
    inner = base.mark_rect(color=grey, opacity=0.9).encode(
        y=y_of("q3", built.height), y2=alt.Y2("q1"), tooltip=tooltip
    )
    median = base.mark_rule(color=colours.individual, strokeWidth=2)
    counts = rows_of("boxes").mark_text(fontSize=13, color=colours.secondary)
    return [
        outer,
        inner,
        median.encode(y=y_of("median", built.height)),
        counts.encode(
            x=x_of("middle", colours),
            y=y_of("below", built.height),
            text=alt.Text("n", type="nominal"),
        ),
    ]


def _grid(built: Built, colours: Palette) -> list[Any]:
    y = y_of("y", built.height)
    lines = rows_of("grid").mark_rule(color=colours.hairline)
    words = words_of("grid", colours, align="right", baseline="middle")
    return [lines.encode(y=y), words.encode(x=alt.value(-6), y=y)]


def _titles(built: Built, colours: Palette) -> list[Any]:
    words = words_of(
        "titles", colours, align="left", fontSize=14, fontWeight=600, color=colours.ink
    )
    return [words.encode(x=alt.value(0), y=y_of("y", built.height))]


def _gaps(built: Built, colours: Palette) -> list[Any]:
    words = words_of("gaps", colours, fontStyle="italic")
    place: dict[str, Any] = {"x": x_of("middle", colours), "y": y_of("y", built.height)}
    outline = words_of("gaps", colours, fontStyle="italic", **halo(colours))
    return [outline.encode(**place), words.encode(**place)]


def _series(built: Built, colours: Palette) -> dict[str, Any]:
    """Tell the levels apart by colour and shape; a patient's scores have one of each."""
    if not built.films:
        return {"color": alt.value(colours.answer)}
    order = list(range(4 * SERIES))
    return {
        "color": alt.Color(
            "series",
            type="nominal",
            scale=alt.Scale(domain=order, range=list(colours.categories)),
            legend=None,
        ),
    }


def _values(built: Built, colours: Palette) -> list[Any]:
    place: dict[str, Any] = {"x": x_of("day", colours), "y": y_of("y", built.height)}
    look, order = _series(built, colours), list(range(4 * SERIES))
    line = rows_of("values").mark_line(strokeWidth=2.5, interpolate="linear")
    drawn = line.encode(
        **place,
        **look,
        detail=[alt.Detail("panel", type="nominal"), alt.Detail("series", type="nominal")],
    )
    if built.films:
        dashes = alt.Scale(domain=order, range=[list(dash) for dash in DASHES])
        drawn = drawn.encode(
            strokeDash=alt.StrokeDash("series", type="nominal", scale=dashes, legend=None)
        )
    titles = [("what", "measure"), ("value", "value"), ("when", "visit"), ("days", "day")]
    titles += [("level", "level")] if built.films else []
    points = rows_of("values").mark_point(size=80, filled=True, opacity=1)
    shapes = alt.Scale(domain=order, range=list(SHAPES))
    marks = points.encode(
        **place,
        **look,
        shape=alt.Shape("series", type="nominal", scale=shapes, legend=None),
        tooltip=[alt.Tooltip(name, type="nominal", title=title) for name, title in titles],
    )
    rings = rows_of("values").transform_filter("datum.undated")
    ring = rings.mark_point(size=26, filled=True, opacity=1, color=colours.background)
    layers = [drawn, marks, ring.encode(**place)]
    return layers if built.films else [*layers, *_printed(place, colours)]


def _printed(place: dict[str, Any], colours: Palette) -> list[Any]:
    """Print each score beside its point: those before the operation at its left."""
    layers = []
    for when, look in (
        ("datum.day <= 0", {"align": "right", "dx": -9}),
        ("datum.day > 0", {"align": "center", "dy": -12}),
    ):
        style: dict[str, Any] = {"fontSize": 14, "fontWeight": "bold"} | look
        outline = words_of("values", colours, **style, **halo(colours))
        words = words_of("values", colours, **(style | {"color": colours.answer}))
        layers += [text.encode(**place).transform_filter(when) for text in (outline, words)]
    return layers


def _names(built: Built, colours: Palette) -> list[Any]:
    place: dict[str, Any] = {
        "x": x_of("day", colours),
        "y": y_of("beside", built.height),
        "text": alt.Text("level", type="nominal"),
    }
    look: dict[str, Any] = {"align": "left", "dx": 9, "fontSize": 13, "fontWeight": "bold"}
    outline = rows_of("names").mark_text(**look, **halo(colours))
    words = rows_of("names").mark_text(**look, color=colours.ink)
    return [outline.encode(**place), words.encode(**place)]
