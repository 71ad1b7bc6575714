"""Survival as Kaplan-Meier steps, with its interval and the number at risk under the axis."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt

from pages.charts.drawing import Drawing, drawn_once, first_row, rows_of
from pages.charts.hover import POINTED_AT, ground
from pages.charts.survival_rows import BANDED_GROUPS, drawn, tables_of, tick_months
from pages.charts.theme import finish
from pages.shared.wording import THIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages.charts.theme import Palette
    from queries.survival import Survival

HEIGHT, LOWER, RISK_TOP, RISK_ROW = 300, 250, 56, 20
# What the axes show follows the rows, so that the chart of another cohort is the same chart.
TICKS = "slice(pluck(data('risk'), 'months'), 0, data('risk')[0].ticks)"
RULES = "sequence(0, data('risk')[0].top + data('risk')[0].rule / 2, data('risk')[0].rule)"
DASHES = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [12, 4], [4, 2, 1, 2])
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")


@dataclass(frozen=True)
class Share:
    """What the height of a curve is: its column, its axis and its word in a tooltip."""

    column: str
    title: str
    word: str


ALIVE = Share("survival", "patients alive", "alive")


@dataclass(frozen=True)
class Built:
    """How a chart of steps is built, whatever rows it shows."""

    groups: int
    single: bool
    share: Share = ALIVE

    @property
    def height(self) -> int:
        """Return the height of the plot, lower where more rows stand under it."""
        return HEIGHT if self.groups <= BANDED_GROUPS else LOWER


@drawn_once
def survival_chart(answer: Survival, colours: Palette, name: Callable[[str], str]) -> Drawing:
    """Draw the share alive over the months from the operation.

    Parameters
    ----------
    answer : Survival
        The result to draw; somebody must have been followed.
    name : callable
        Gives each group's code its label.
    """
    groups = drawn(answer)
    single = answer.by is None
    labels = ["at risk"] if single else [name(group.group) for group in groups]
    tables = tables_of(groups, labels, tick_months(groups), single=single)
    return Drawing(steps_structure(Built(len(groups), single), colours), tables)


@cache
def steps_structure(built: Built, colours: Palette) -> dict[str, Any]:
    """Return the structure of a chart of steps with the number at risk under its axis."""
    parts = [_spans, _curves, _censored, _half, _year if built.single else _labels]
    layers = [layer for draw in (*parts, _numbers_at_risk) for layer in draw(built, colours)]
    layers = [ground(), *layers]
    grows = alt.AutoSizeParams(type="fit-x", contains="padding")
    chart = alt.layer(*layers).properties(height=built.height, width="container", autosize=grows)
    return finish(chart, colours)


def _x(column: str, built: Built, colours: Palette) -> alt.X:
    return alt.X(
        column,
        type="quantitative",
        scale=alt.Scale(domain=[0, *first_row("risk", "end")], nice=False),
        axis=alt.Axis(
            title="months from the operation",
            titlePadding=8,
            values=alt.ExprRef(TICKS),
            format="d",
            labelFontSize=15,
            labelColor=colours.ink,
            labelFlush=False,
            labelOverlap=False,
            domain=True,
            domainColor=colours.muted,
            grid=False,
        ),
    )


def _y(column: str, built: Built) -> alt.Y:
    return alt.Y(
        column,
        type="quantitative",
        scale=alt.Scale(domain=[0, *first_row("risk", "top")], nice=False),
        axis=alt.Axis(
            title=built.share.title,
            values=alt.ExprRef(RULES),
            labelExpr=f"format(100 * datum.value, '.0f') + '{THIN}%'",
            labelFontSize=14,
        ),
    )


def _colour(built: Built, colours: Palette) -> Any:
    if built.single:
        return alt.value(colours.answer)
    shown = list(colours.categories[: built.groups])
    scale = alt.Scale(domain=list(range(built.groups)), range=shown)
    return alt.Color("place", type="nominal", scale=scale, legend=None)


def _shape(built: Built) -> alt.Shape:
    scale = alt.Scale(domain=list(range(built.groups)), range=list(SHAPES[: built.groups]))
    return alt.Shape("place", type="nominal", scale=scale, legend=None)


def _spans(built: Built, colours: Palette) -> list[Any]:
    """Draw the intervals: around one or two curves everywhere, around more at one year."""
    x, colour = _x("months", built, colours), _colour(built, colours)
    base = rows_of("spans").encode(x=x, y=_y("low", built), y2=alt.Y2("high"))
    if built.groups > BANDED_GROUPS:
        return [base.mark_rule(strokeWidth=2.5, opacity=0.75).encode(color=colour)]
    opacity = 0.75 if built.single else 0.16
    band = base.mark_area(interpolate="step-after", opacity=opacity, order=False)
    return [band.encode(color=alt.value(colours.answer_band) if built.single else colour)]


def _curves(built: Built, colours: Palette) -> list[Any]:
    x, colour = _x("months", built, colours), _colour(built, colours)
    base = rows_of("steps").encode(x=x, y=_y(built.share.column, built))
    line = base.mark_line(interpolate="step-after", strokeWidth=2.5, order=False).encode(
        color=colour
    )
    if not built.single:
        dashes = alt.Scale(domain=list(range(built.groups)), range=list(DASHES[: built.groups]))
        line = line.encode(
            strokeDash=alt.StrokeDash("place", type="nominal", scale=dashes, legend=None)
        )
    points = (
        base.transform_filter(POINTED_AT)
        .mark_circle(size=90, opacity=0)
        .encode(
            tooltip=[
                *([] if built.single else [alt.Tooltip("label", type="nominal", title="group")]),
                alt.Tooltip("when", type="quantitative", title="months"),
                alt.Tooltip(
                    built.share.column, type="quantitative", title=built.share.word, format=".1%"
                ),
                alt.Tooltip("low", type="quantitative", title="95 % CI from", format=".1%"),
                alt.Tooltip("high", type="quantitative", title="to", format=".1%"),
                alt.Tooltip("at_risk", type="quantitative", title="at risk"),
            ]
        )
    )
    return [line, points]


def _censored(built: Built, colours: Palette) -> list[Any]:
    ticks = rows_of("censored").mark_tick(orient="vertical", size=11, thickness=1.5)
    x = _x("months", built, colours)
    return [ticks.encode(x=x, y=_y(built.share.column, built), color=_colour(built, colours))]


def _year(built: Built, colours: Palette) -> list[Any]:
    """Mark what was reached at one year; beside it where there is little room behind it."""
    year = rows_of("year").encode(x=_x("year", built, colours), y=_y(built.share.column, built))
    dot = year.mark_circle(
        size=150, opacity=1, color=colours.answer, stroke=colours.background, strokeWidth=1.5
    )
    look: dict[str, Any] = {"fontSize": 18, "fontWeight": "bold"}
    look |= {name: alt.ExprRef(f"datum.{name}") for name in ("align", "dx", "dy")}
    halo: dict[str, Any] = {
        "stroke": colours.background,
        "strokeWidth": 4,
        "strokeOpacity": 0.75,
    }
    words = alt.Text("words", type="nominal")
    return [
        dot,
        year.mark_text(**look, **halo).encode(text=words),
        year.mark_text(**look, color=colours.answer).encode(text=words),
    ]


def _half(built: Built, colours: Palette) -> list[Any]:
    x, half = _x("months", built, colours), rows_of("half")
    across = half.mark_rule(color=colours.secondary, strokeDash=[2, 3])
    words = half.mark_text(
        align="left", baseline="bottom", dx=6, dy=-4, fontSize=14, color=colours.secondary
    )
    return [
        across.encode(x=x, y=_y("half", built), y2=alt.Y2("zero")),
        across.encode(x=_x("zero", built, colours), x2=alt.X2("months"), y=_y("half", built)),
        words.encode(x=x, y=alt.value(built.height), text=alt.Text("words", type="nominal")),
    ]


def _labels(built: Built, colours: Palette) -> list[Any]:
    """Name each curve beside its end, by colour, dash and shape."""
    ends = rows_of("ends")
    marks: dict[str, Any] = {"size": 80, "filled": True, "opacity": 1}
    look: dict[str, Any] = {"color": _colour(built, colours), "shape": _shape(built)}
    beside = ends.encode(x=alt.value("width"), y=_y("height", built))
    end = ends.encode(x=_x("months", built, colours), y=_y(built.share.column, built))
    return [
        end.mark_point(**marks).encode(**look),
        beside.mark_point(xOffset=14, **marks).encode(**look),
        beside.mark_text(align="left", dx=24, fontSize=14, color=colours.ink, limit=150).encode(
            text=alt.Text("label", type="nominal")
        ),
    ]


def _numbers_at_risk(built: Built, colours: Palette) -> list[Any]:
    x = _x("months", built, colours)
    words: dict[str, Any] = {
        "align": "right",
        "fontSize": 13,
        "color": colours.secondary,
        "limit": 150,
    }
    below: dict[str, Any] = {
        "y": alt.ExprRef(f"{built.height + RISK_TOP} + {RISK_ROW} * datum.place")
    }
    risk = rows_of("risk")
    counts = risk.mark_text(fontSize=14, color=colours.ink, **below).encode(
        x=x, text=alt.Text("n", type="nominal")
    )
    first = risk.transform_filter("datum.months == 0")
    named = first.mark_text(**words, **below).encode(
        x=alt.value(-46), text=alt.Text("label", type="nominal")
    )
    if built.single:
        return [counts, named]
    head = first.transform_filter("datum.place == 0").mark_text(**words)
    above = alt.value(built.height + RISK_TOP - RISK_ROW)
    symbols = first.mark_point(size=60, filled=True, opacity=1, **below)
    return [
        head.encode(x=alt.value(-46), y=above, text=alt.TextValue("at risk")),
        counts,
        named,
        symbols.encode(x=alt.value(-36), color=_colour(built, colours), shape=_shape(built)),
    ]
