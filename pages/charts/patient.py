"""One patient over the days: operations, scores or films, events, and the cohort's range."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, rows_of
from pages.charts.patient_lane import flag_rows, lane_height, life_rows, window_rows
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
    parts = {
        "windows": _windows,
        "boxes": _boxes,
        "grid": _grid,
        "titles": _titles,
        "gaps": _gaps,
        "values": _values,
        "names": _names,
        "life": _life,
        "flags": _flags,
    }
    layers = [
        layer
        for part, draw in parts.items()
        if part in built.parts
        for layer in draw(built, colours)
    ]
    grows = alt.AutoSizeParams(type="fit-x", contains="padding")
    chart = alt.layer(*layers).properties(height=built.height, width="container", autosize=grows)
    return finish(chart, colours)


def _x(column: str, colours: Palette) -> alt.X:
    return alt.X(
        column,
        type="quantitative",
        scale=alt.Scale(nice=False, zero=False),
        axis=alt.Axis(
            title="days since the first operation",
            titlePadding=6,
            tickCount=8,
            labelFontSize=14,
            labelColor=colours.ink,
            labelExpr="replace(datum.label, '-', '−')",
            domain=True,
            domainColor=colours.muted,
            grid=False,
        ),
    )


def _y(column: str, built: Built) -> alt.Y:
    scale = alt.Scale(domain=[0, built.height], reverse=True, nice=False)
    return alt.Y(column, type="quantitative", scale=scale, axis=None)


def _words(name: str, colours: Palette, **look: Any) -> Any:
    """Return text marks of a table, to be placed."""
    style: dict[str, Any] = {"fontSize": 13, "color": colours.secondary} | look
    return rows_of(name).mark_text(**style).encode(text=alt.Text("label", type="nominal"))


def _halo(colours: Palette) -> dict[str, Any]:
    return {"stroke": colours.background, "strokeWidth": 4, "strokeOpacity": 0.85}


def _windows(built: Built, colours: Palette) -> list[Any]:
    x = _x("from", colours)
    bands = rows_of("windows").mark_rect(aria=False, color=colours.panel, strokeWidth=0)
    return [
        bands.encode(x=x, x2=alt.X2("to"), y=_y("top", built), y2=alt.Y2("bottom")),
        _words("windows", colours, fontSize=14).encode(
            x=_x("middle", colours), y=_y("above", built)
        ),
    ]


def _boxes(built: Built, colours: Palette) -> list[Any]:
    base = rows_of("boxes").encode(x=_x("from", colours), x2=alt.X2("to"))
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
        y=_y("p90", built), y2=alt.Y2("p10"), tooltip=tooltip
    )
    inner = base.mark_rect(color=grey, opacity=0.9).encode(
        y=_y("q3", built), y2=alt.Y2("q1"), tooltip=tooltip
    )
    median = base.mark_rule(aria=False, color=colours.individual, strokeWidth=2)
    counts = rows_of("boxes").mark_text(fontSize=13, color=colours.secondary, aria=False)
    return [
        outer,
        inner,
        median.encode(y=_y("median", built)),
        counts.encode(
            x=_x("middle", colours), y=_y("below", built), text=alt.Text("n", type="nominal")
        ),
    ]


def _grid(built: Built, colours: Palette) -> list[Any]:
    y = _y("y", built)
    lines = rows_of("grid").mark_rule(aria=False, color=colours.hairline)
    words = _words("grid", colours, align="right", baseline="middle")
    return [lines.encode(y=y), words.encode(x=alt.value(-6), y=y)]


def _titles(built: Built, colours: Palette) -> list[Any]:
    words = _words("titles", colours, align="left", fontSize=14, fontWeight=600, color=colours.ink)
    return [words.encode(x=alt.value(0), y=_y("y", built))]


def _gaps(built: Built, colours: Palette) -> list[Any]:
    words = _words("gaps", colours, fontStyle="italic")
    place: dict[str, Any] = {"x": _x("middle", colours), "y": _y("y", built)}
    halo = _words("gaps", colours, fontStyle="italic", aria=False, **_halo(colours))
    return [halo.encode(**place), words.encode(**place)]


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
    place: dict[str, Any] = {"x": _x("day", colours), "y": _y("y", built)}
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
    ring = rings.mark_point(aria=False, size=26, filled=True, opacity=1, color=colours.background)
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
        halo = _words("values", colours, **style, aria=False, **_halo(colours))
        words = _words("values", colours, **(style | {"color": colours.answer}))
        layers += [text.encode(**place).transform_filter(when) for text in (halo, words)]
    return layers


def _names(built: Built, colours: Palette) -> list[Any]:
    place: dict[str, Any] = {
        "x": _x("day", colours),
        "y": _y("beside", built),
        "text": alt.Text("level", type="nominal"),
    }
    look: dict[str, Any] = {"align": "left", "dx": 9, "fontSize": 13, "fontWeight": "bold"}
    halo = rows_of("names").mark_text(**look, aria=False, **_halo(colours))
    words = rows_of("names").mark_text(**look, color=colours.ink)
    return [halo.encode(**place), words.encode(**place)]


def _life(built: Built, colours: Palette) -> list[Any]:
    base, y = rows_of("life"), _y("y", built)
    line = base.mark_rule(aria=False, color=colours.ink, strokeWidth=3)
    possible = base.mark_rule(aria=False, color=colours.individual, strokeWidth=7, opacity=0.6)
    ends: dict[str, Any] = {"x": _x("day", colours), "y": y}
    sign = base.mark_text(fontSize=20, fontWeight="bold", color=colours.ink, aria=False, dx=2)
    return [
        line.encode(x=_x("start", colours), x2=alt.X2("day"), y=y),
        possible.encode(x=_x("earliest", colours), x2=alt.X2("latest"), y=y),
        sign.encode(**ends, text=alt.Text("mark", type="nominal")),
        _words("life", colours, align="left", dx=14, fontSize=14, color=colours.ink).encode(**ends),
    ]


def _flags(built: Built, colours: Palette) -> list[Any]:
    base = rows_of("flags")
    x, operation = _x("day", colours), "datum.kind == 'operation'"
    tooltip = [
        alt.Tooltip("kind", type="nominal", title="what"),
        alt.Tooltip("label", type="nominal", title="which"),
        alt.Tooltip("day", type="quantitative", title="day"),
    ]
    colour = alt.condition(operation, alt.value(colours.answer), alt.value(colours.attention))
    stems = base.mark_rule(aria=False, strokeWidth=1.5).encode(
        x=x, y=_y("y", built), y2=alt.Y2("y_label"), color=colour
    )
    marks = base.mark_point(size=190, filled=True, opacity=1).encode(
        x=x,
        y=_y("y", built),
        color=colour,
        shape=alt.Shape("shape", type="nominal", scale=None, legend=None),
        tooltip=tooltip,
    )
    words = _words("flags", colours, align="left", dx=7, fontSize=14, fontWeight=600)
    return [
        stems,
        marks,
        words.encode(x=x, y=_y("y_label", built), color=colour),
    ]
