"""A chart for each group, all on the same axes: each patient's line, the median, n below."""

from __future__ import annotations

from functools import cache
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from data.codebook import visits
from pages.charts.drawing import Drawing, drawn_once, rows_of
from pages.charts.over_visits import CLICK
from pages.charts.theme import finish
from pages.charts.trajectory import centre_at, domain_of, drawn_visits, group_marks, y_title
from pages.shared.wording import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pages.charts.over_visits import View
    from pages.charts.theme import Palette
    from queries.trajectory import Trajectory

ACROSS = 3
WIDE, TALL = 0.92, 0.62
LIFT = 0.22
ALONE, STACKED = 260, 170
TICKS = 5
Place = tuple[float, float]


class Grid:
    """Where each panel lies: the layout of the small charts on one common plane."""

    def __init__(
        self, groups: Sequence[str], shown: Sequence[str], domain: tuple[float, float]
    ) -> None:
        self.groups = list(groups)
        self.shown = list(shown)
        self.low, self.high = domain
        self.columns = min(ACROSS, max(1, len(self.groups)))
        self.rows = max(1, -(-len(self.groups) // self.columns))

    def corner(self, group: str) -> Place:
        """Return the lower left corner of a group's panel."""
        row, column = divmod(self.groups.index(group), self.columns)
        return column, self.rows - 1 - row + LIFT

    def x(self, group: str, visit: str) -> float:
        """Return where a visit stands in a group's panel."""
        step = WIDE / len(self.shown)
        return self.corner(group)[0] + (self.shown.index(visit) + 0.5) * step

    def y(self, group: str, value: float | None) -> float | None:
        """Return the height of a value in a group's panel, held inside it."""
        if value is None:
            return None
        inside = min(max(value, self.low), self.high)
        return self.corner(group)[1] + TALL * (inside - self.low) / (self.high - self.low)

    @property
    def ticks(self) -> list[float]:
        """Return the values of the horizontal lines, round numbers with zero among them."""
        rough = (self.high - self.low) / TICKS
        size = 10 ** floor(log10(rough))
        step = next(size * part for part in (1, 2, 2.5, 5, 10) if size * part >= rough - 1e-9)
        first, last = ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9)
        return [step * place for place in range(first, last + 1)]


@drawn_once
def panels_chart(
    answer: Trajectory, colours: Palette, names: Sequence[tuple[str, str]], *, view: View = "value"
) -> Drawing:
    """Draw a score over the visits in a small chart for each group.

    Parameters
    ----------
    answer : Trajectory
        The result to draw, asked with `by`.
    names : sequence of (str, str)
        Codes of the groups that are drawn, at most six, with their words.
    """
    codes = [code for code, _ in names]
    grid = Grid(codes, drawn_visits(answer, view), domain_of(answer, view))
    decimals = 0 if view == "percent" else answer.measure.decimals
    tables = {
        "panels": _panels(grid, dict(names)),
        "grid": _grid(grid),
        "marks": _marks(answer, grid, view, decimals),
        "whole": _whole(answer, grid, view),
        "lines": _lines(answer, grid, view),
    }
    return Drawing(_structure(grid.columns, grid.rows, y_title(answer, view), colours), tables)


def _panels(grid: Grid, names: dict[str, str]) -> pl.DataFrame:
    rows = [(names[code], *grid.corner(code), grid.corner(code)[1] + TALL) for code in grid.groups]
    schema: dict[str, Any] = {
        "name": pl.String,
        **dict.fromkeys(("x", "bottom", "top"), pl.Float64),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _grid(grid: Grid) -> pl.DataFrame:
    rows = []
    for code in grid.groups:
        x = grid.corner(code)[0]
        for value in grid.ticks:
            words = number(value, 0) if x == 0 else ""
            rows.append((x, x + WIDE, grid.y(code, value), words, value == 0))
    schema: dict[str, Any] = {
        **dict.fromkeys(("x", "end", "y"), pl.Float64),
        "words": pl.String,
        "zero": pl.Boolean,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


MARKS: dict[str, Any] = {
    "group": pl.String,
    "visit": pl.String,
    "n": pl.Int64,
    "label": pl.String,
    **dict.fromkeys(("x", "bottom", "y", "low", "high"), pl.Float64),
}


def _marks(answer: Trajectory, grid: Grid, view: View, decimals: int) -> pl.DataFrame:
    rows = []
    for row in group_marks(answer, view).to_dicts():
        group, visit = row["group"], row["visit"]
        if group not in grid.groups or visit not in grid.shown:
            continue
        value = row["centre"]
        rows.append(
            (
                group,
                visits()[visit].short_label.replace("months", "mo"),
                row["n"],
                "" if value is None else number(value, decimals, sign=view != "value"),
                grid.x(group, visit),
                grid.corner(group)[1],
                *(grid.y(group, end) for end in (value, row["low"], row["high"])),
            )
        )
    return pl.DataFrame(rows, schema=MARKS, orient="row")


def _whole(answer: Trajectory, grid: Grid, view: View) -> pl.DataFrame:
    """Return the median of the whole cohort in every panel, to compare with."""
    rows = [
        (group, grid.x(group, row["visit"]), grid.y(group, row["median"]))
        for group in grid.groups
        for row in centre_at(answer, view).to_dicts()
        if row["visit"] in grid.shown and row["median"] is not None
    ]
    schema = {"group": pl.String, "x": pl.Float64, "y": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _lines(answer: Trajectory, grid: Grid, view: View) -> pl.DataFrame:
    schema: dict[str, Any] = {
        **dict.fromkeys(("patient_id", "when"), pl.String),
        **dict.fromkeys(("score", "change", "x", "y"), pl.Float64),
    }
    if answer.values is None or not grid.groups:
        return pl.DataFrame(schema=schema)
    kept = answer.values.filter(
        pl.col("group").is_in(grid.groups)
        & pl.col("visit").is_in(grid.shown)
        & pl.col(view).is_not_null()
    )
    corners = {group: grid.corner(group) for group in grid.groups}
    left, bottom = (
        pl.col("group").replace_strict(
            {group: corner[end] for group, corner in corners.items()}, return_dtype=pl.Float64
        )
        for end in (0, 1)
    )
    place = {visit: place + 0.5 for place, visit in enumerate(grid.shown)}
    step = WIDE / max(len(grid.shown), 1)
    names = {visit: visits()[visit].label for visit in grid.shown}
    inside = (pl.col(view).clip(grid.low, grid.high) - grid.low) / (grid.high - grid.low)
    when = pl.col("visit")
    return kept.select(
        "patient_id",
        when.replace_strict(names, return_dtype=pl.String).alias("when"),
        pl.col("value").round(1).alias("score"),
        pl.col("change").round(1),
        (left + step * when.replace_strict(place, return_dtype=pl.Float64)).alias("x"),
        (bottom + TALL * inside).alias("y"),
    )


@cache
def _structure(columns: int, rows: int, title: str, colours: Palette) -> dict[str, Any]:
    def x(column: str) -> alt.X:
        scale = alt.Scale(domain=[-0.01, columns - 1 + WIDE], nice=False)
        return alt.X(column, type="quantitative", scale=scale, axis=None)

    def y(column: str) -> alt.Y:
        scale = alt.Scale(domain=[0, rows], nice=False)
        axis = alt.Axis(
            title=title, labels=False, grid=False, titlePadding=34, values=[], domain=False
        )
        return alt.Y(column, type="quantitative", scale=scale, axis=axis)

    chart = alt.layer(
        *_frame(x, y, colours), *_individuals(x, y, colours), *_medians(x, y, colours)
    )
    return finish(
        chart.properties(height=STACKED * rows if rows > 1 else ALONE, width="container"), colours
    )


def _frame(x: Any, y: Any, colours: Palette) -> list[Any]:
    grid, panels, marks = rows_of("grid"), rows_of("panels"), rows_of("marks")
    words = alt.Text("words", type="nominal")
    small: dict[str, Any] = {"baseline": "top", "color": colours.ink}
    return [
        grid.mark_rule().encode(
            x=x("x"),
            x2=alt.X2("end"),
            y=y("y"),
            color=alt.condition(
                "datum.zero", alt.value(colours.muted), alt.value(colours.hairline)
            ),
        ),
        grid.mark_text(align="right", dx=-6, fontSize=13, color=colours.secondary).encode(
            x=x("x"), y=y("y"), text=words
        ),
        panels.mark_text(
            align="left",
            baseline="bottom",
            dy=-7,
            fontSize=15,
            fontWeight="bold",
            color=colours.ink,
        ).encode(x=x("x"), y=y("top"), text=alt.Text("name", type="nominal")),
        marks.mark_text(dy=6, fontSize=13, **small).encode(
            x=x("x"), y=y("bottom"), text=alt.Text("visit", type="nominal")
        ),
        marks.mark_text(dy=23, fontSize=13, **small).encode(
            x=x("x"), y=y("bottom"), text=alt.Text("n", type="quantitative")
        ),
    ]


def _individuals(x: Any, y: Any, colours: Palette) -> list[Any]:
    picked = alt.selection_point(name=CLICK, fields=["patient_id"], on="click", empty=False)
    base = rows_of("lines").encode(
        x=x("x"), y=y("y"), detail=alt.Detail("patient_id", type="nominal")
    )
    line = base.mark_line(interpolate="linear").encode(
        color=alt.condition(picked, alt.value(colours.attention), alt.value(colours.individual)),
        opacity=alt.condition(picked, alt.value(1.0), alt.value(0.4)),
        strokeWidth=alt.condition(picked, alt.value(3), alt.value(1)),
    )
    points = base.mark_circle(size=80, cursor="pointer", color=colours.attention).encode(
        opacity=alt.condition(picked, alt.value(1.0), alt.value(0.0)),
        tooltip=[
            alt.Tooltip("patient_id", type="nominal", title="patient"),
            alt.Tooltip("when", type="nominal", title="visit"),
            alt.Tooltip("score", type="nominal", title="score"),
            alt.Tooltip("change", type="nominal", title="change from before"),
        ],
    )
    return [line, points.add_params(picked)]


def _medians(x: Any, y: Any, colours: Palette) -> list[Any]:
    base = rows_of("marks").transform_filter("isValid(datum.y)").encode(x=x("x"))
    of_group = alt.Detail("group", type="nominal")
    words, halo = (
        base.mark_text(fontSize=14, fontWeight="bold", dx=5, dy=-10, align="left", **look)
        for look in (
            {"color": colours.answer},
            {"stroke": colours.background, "strokeWidth": 4, "strokeOpacity": 0.75},
        )
    )
    label = alt.Text("label", type="nominal")
    dots = base.mark_circle(
        color=colours.answer, size=70, opacity=1, stroke=colours.background, strokeWidth=1
    )
    return [
        rows_of("whole")
        .mark_line(color=colours.ink, strokeDash=[2, 3], strokeWidth=1.5)
        .encode(x=x("x"), y=y("y"), detail=of_group),
        base.mark_line(color=colours.answer, strokeWidth=2.5).encode(y=y("y"), detail=of_group),
        base.mark_rule(color=colours.answer, strokeWidth=2.5).encode(y=y("low"), y2=alt.Y2("high")),
        dots.encode(y=y("y")),
        halo.encode(y=y("y"), text=label),
        words.encode(y=y("y"), text=label),
    ]
