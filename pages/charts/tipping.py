"""What the missing could change: rates from the worst case to the best, change against delta."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, in_order, rows_of
from pages.charts.theme import finish, signed
from pages.shared.responder_words import counts
from pages.shared.wording import number, with_unit

if TYPE_CHECKING:
    from data.codebook import Measure
    from pages.charts.theme import Palette
    from queries.statistics.results import Estimate, Proportion
    from queries.statistics.tipping import DeltaTipping, RateTipping

HEIGHT = 235
LABELS = 8
SEPARATOR = "\x1f"
RATE_SCHEMA: dict[str, Any] = {
    "responders": pl.String,
    "rate": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "place": pl.String,
    "who": pl.String,
    "counts": pl.String,
    "top": pl.String,
    "bottom": pl.String,
}
LINE_SCHEMA: dict[str, Any] = {"at": pl.Float64, "words": pl.String, "side": pl.String}
LEFT, RIGHT = "left", "right"
DELTA_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("delta", "estimate", "low", "high"), pl.Float64),
    "worse": pl.String,
    "change": pl.String,
}
PLACES = ("above", "around", "below")


def missing_rates_chart(found: RateTipping, colours: Palette) -> Drawing:
    """Draw the rate of the assessed, then for every number of responders among the missing."""
    last = len(found.scenarios) - 1
    step = last // LABELS + 1
    assessed = SEPARATOR.join(("", "assessed"))
    rows = [_rate(assessed, "the assessed alone", found.assessed, found.claim, above=True)]
    empty = [None] * (len(RATE_SCHEMA) - 1)
    rows += [(" " * gap + SEPARATOR, *empty) for gap in range(1, 2 + last // LABELS)]
    rows += [
        _rate(
            SEPARATOR.join((f"{place}", "" if place % step else f"{one.responders}")),
            f"{one.responders} of the missing responded",
            *(one.proportion, found.claim),
            above=place == last > 0,
            below=place == 0,
        )
        for place, one in enumerate(found.scenarios)
    ]
    tables = {
        "rates": pl.DataFrame(rows, schema=RATE_SCHEMA, orient="row"),
        "claim": pl.DataFrame({"at": [found.claim]}),
    }
    return Drawing(_rates_structure(colours), tables)


def _rate(
    at: str, who: str, share: Proportion, claim: float, *, above: bool, below: bool = False
) -> tuple[Any, ...]:
    low, high = share.ci_low or 0.0, share.ci_high or 0.0
    place = "above" if low > claim else "below" if high < claim else "around"
    label = f"{share.k} of {share.n}" if share.n else ""
    ends = (label if above else "", label if below else "")
    return at, share.rate, share.ci_low, share.ci_high, place, who, counts(share), *ends


@cache
def _rates_structure(colours: Palette) -> dict[str, Any]:
    colour = alt.Color(
        "place",
        type="nominal",
        scale=alt.Scale(
            domain=list(PLACES), range=[colours.answer, colours.muted, colours.attention]
        ),
        legend=None,
    )
    shape = alt.Shape(
        "place",
        type="nominal",
        scale=alt.Scale(domain=list(PLACES), range=["circle", "diamond", "triangle-down"]),
        legend=None,
    )
    x = _of_missing(colours)
    rows = rows_of("rates")
    seen = rows.transform_filter("isValid(datum.rate)")
    bars = seen.mark_rule(strokeWidth=3).encode(
        x=x, y=_share("low"), y2=alt.Y2("high"), color=colour
    )
    dots = seen.mark_point(size=130, filled=True, opacity=1).encode(
        x=x,
        y=_share("rate"),
        color=colour,
        shape=shape,
        tooltip=[
            alt.Tooltip("who", type="nominal", title="if"),
            alt.Tooltip("counts", type="nominal", title="responded"),
        ],
    )
    words = [
        rows.mark_text(fontSize=14, dy=dy, color=colours.ink).encode(
            x=x, y=_share(end), text=alt.Text(label, type="nominal")
        )
        for end, label, dy in (("high", "top", -12), ("low", "bottom", 14))
    ]
    line = rows_of("claim").mark_rule(color=colours.muted).encode(y=_share("at"))
    places = rows.mark_point(opacity=0).encode(x=x, y=alt.value("height"))
    chart = alt.layer(places, *words, line, bars, dots)
    return finish(chart.properties(width="container", height=HEIGHT), colours)


def _of_missing(colours: Palette) -> alt.X:
    return alt.X(
        "responders",
        type="nominal",
        scale=in_order("rates", "responders"),
        axis=alt.Axis(
            title="responders among the missing",
            titleAnchor="end",
            labelAngle=0,
            labelOverlap=False,
            labelExpr=f"split(datum.value, '{SEPARATOR}')[1]",
            labelFontSize=14,
            labelColor=colours.ink,
        ),
    )


def _share(column: str) -> alt.Y:
    return alt.Y(
        column,
        type="quantitative",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(
            title="living patients who responded",
            format="%",
            values=[0, 0.25, 0.5, 0.75, 1],
            labelFontSize=13,
        ),
    )


def delta_chart(found: DeltaTipping, measure: Measure, colours: Palette) -> Drawing:
    """Draw the change of all the living against how much worse the missing did."""
    rows = [
        (
            *(one.delta, one.estimate.value, one.estimate.ci_low, one.estimate.ci_high),
            with_unit(one.delta, measure.decimals + 1, measure.unit),
            _printed(one.estimate, measure.decimals),
        )
        for one in found.scenarios
    ]
    largest = found.largest or 0.0
    unchanged = found.no_change if found.no_change and 0 < found.no_change < largest else None
    tables = {
        "deltas": pl.DataFrame(rows, schema=DELTA_SCHEMA, orient="row"),
        "zero": _line(0.0, "no change", largest),
        "unchanged": _line(unchanged, "the missing unchanged", largest),
        "tipping": _line(found.tipping or None, "touches zero", largest),
    }
    return Drawing(_delta_structure(measure.label, measure.unit, colours), tables)


def _printed(estimate: Estimate, decimals: int) -> str:
    low, high = number(estimate.ci_low, decimals), number(estimate.ci_high, decimals)
    return f"{number(estimate.value, decimals, sign=True)} ({low} to {high})"


def _line(at: float | None, words: str, largest: float) -> pl.DataFrame:
    """Return a line with its words on the side that has more room."""
    rows = [] if at is None else [(at, words, RIGHT if at < largest / 2 else LEFT)]
    return pl.DataFrame(rows, schema=LINE_SCHEMA, orient="row")


@cache
def _delta_structure(label: str, unit: str, colours: Palette) -> dict[str, Any]:
    rows = rows_of("deltas").encode(x=_worse(unit, colours))
    band = rows.mark_area(color=colours.answer_band, opacity=0.75).encode(
        y=_change("low", label, unit), y2=alt.Y2("high")
    )
    line = rows.mark_line(color=colours.answer, strokeWidth=3).encode(
        y=_change("estimate", label, unit)
    )
    points = rows.mark_point(size=180, filled=True, opacity=0).encode(
        y=_change("estimate", label, unit),
        tooltip=[
            alt.Tooltip("worse", type="nominal", title="the missing worse by"),
            alt.Tooltip("change", type="nominal", title="change of the living"),
        ],
    )
    zero = rows_of("zero").encode(y=_change("at", label, unit))
    zeros = [
        zero.mark_rule(color=colours.muted),
        zero.mark_text(
            align="right", baseline="bottom", dy=-3, fontSize=13, color=colours.secondary
        ).encode(x=alt.value("width"), text=alt.Text("words", type="nominal")),
    ]
    marks = [
        *_down("unchanged", colours.secondary, [2, 3], 8, unit, colours),
        *_down("tipping", colours.attention, [1, 0], 26, unit, colours),
    ]
    chart = alt.layer(band, *zeros, *marks, line, points)
    return finish(chart.properties(width="container", height=HEIGHT), colours)


def _down(
    table: str, shade: str, dash: list[int], low: int, unit: str, colours: Palette
) -> list[Any]:
    """Draw a line down the chart with its words beside it, from the bottom up."""
    rows = rows_of(table).encode(
        x=alt.X("at", type="quantitative", axis=_worse_axis(unit, colours))
    )
    left = rows.transform_filter(f"datum.side == '{LEFT}'").mark_text(
        align="right", dx=-5, dy=-low, fontSize=13, color=shade
    )
    right = rows.transform_filter(f"datum.side == '{RIGHT}'").mark_text(
        align="left", dx=5, dy=-low, fontSize=13, color=shade
    )
    words = [
        side.encode(y=alt.value("height"), text=alt.Text("words", type="nominal"))
        for side in (left, right)
    ]
    return [rows.mark_rule(color=shade, strokeDash=dash, strokeWidth=1.5), *words]


def _worse_axis(unit: str, colours: Palette) -> alt.Axis:
    return alt.Axis(
        title=f"the missing did worse by ({unit})",
        titleAnchor="end",
        grid=False,
        tickCount=6,
        labelFontSize=14,
        labelColor=colours.ink,
    )


def _worse(unit: str, colours: Palette) -> alt.X:
    return alt.X(
        "delta",
        type="quantitative",
        scale=alt.Scale(nice=False),
        axis=_worse_axis(unit, colours),
    )


def _change(column: str, label: str, unit: str) -> alt.Y:
    return alt.Y(
        column,
        type="quantitative",
        axis=alt.Axis(
            title=f"change of {label}, {unit}", labelExpr=signed(0), tickCount=6, labelFontSize=13
        ),
    )
