"""What the missing could change: rates from the worst case to the best, change against delta."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, rows_of
from pages.charts.theme import finish, signed
from pages.shared.responder_words import counts
from pages.shared.wording import number, with_unit

if TYPE_CHECKING:
    from data.codebook import Measure
    from pages.charts.theme import Palette
    from queries.statistics.results import Estimate, Proportion
    from queries.statistics.tipping import DeltaTipping, RateTipping

HEIGHT = 235
FEW_LABELS = 8
RATE_SCHEMA: dict[str, Any] = {
    "responders": pl.Float64,
    "rate": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "place": pl.String,
    "who": pl.String,
    "counts": pl.String,
    "label": pl.String,
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
    ends = {found.scenarios[0].responders, found.scenarios[-1].responders}
    rows = [_rate(_apart(found.missing), found.assessed, found.claim, labelled=True)]
    rows += [
        _rate(one.responders, one.proportion, found.claim, labelled=one.responders in ends)
        for one in found.scenarios
    ]
    tables = {
        "rates": pl.DataFrame(
            [row for row in rows if row[1] is not None], schema=RATE_SCHEMA, orient="row"
        ),
        "claim": pl.DataFrame({"at": [found.claim]}),
    }
    return Drawing(_rates_structure(found.missing, colours), tables)


def _apart(missing: int) -> float:
    """Return where the assessed stand, left of the missing."""
    return -max(1.0, 0.2 * missing)


def _rate(at: float, share: Proportion, claim: float, *, labelled: bool) -> tuple[Any, ...]:
    low, high = share.ci_low or 0.0, share.ci_high or 0.0
    place = "above" if low > claim else "below" if high < claim else "around"
    who = "the assessed alone" if at < 0 else f"{at:g} of the missing responded"
    label = f"{share.k} of {share.n}" if labelled else ""
    return at, share.rate, share.ci_low, share.ci_high, place, who, counts(share), label


@cache
def _rates_structure(missing: int, colours: Palette) -> dict[str, Any]:
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
    x = _of_missing(missing, colours)
    rows = rows_of("rates")
    bars = rows.mark_rule(aria=False, strokeWidth=3).encode(
        x=x, y=_share("low"), y2=alt.Y2("high"), color=colour
    )
    dots = rows.mark_point(size=130, filled=True, opacity=1).encode(
        x=x,
        y=_share("rate"),
        color=colour,
        shape=shape,
        tooltip=[
            alt.Tooltip("who", type="nominal", title="if"),
            alt.Tooltip("counts", type="nominal", title="responded"),
        ],
    )
    words = rows.mark_text(align="center", fontSize=14, dy=-12, color=colours.ink).encode(
        x=x, y=_share("high"), text=alt.Text("label", type="nominal")
    )
    line = rows_of("claim").mark_rule(aria=False, color=colours.muted).encode(y=_share("at"))
    chart = alt.layer(line, bars, dots, words)
    return finish(chart.properties(width="container", height=HEIGHT), colours)


def _of_missing(missing: int, colours: Palette) -> alt.X:
    step, apart = max(1, -(-missing // FEW_LABELS)), _apart(missing)
    return alt.X(
        "responders",
        type="quantitative",
        scale=alt.Scale(domain=[1.5 * apart, missing - 0.5 * apart], nice=False),
        axis=alt.Axis(
            title="responders among the missing",
            titleAnchor="end",
            values=[apart, *range(0, missing, step), missing],
            labelExpr="datum.value < 0 ? 'assessed' : format(datum.value, 'd')",
            grid=False,
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
        zero.mark_rule(aria=False, color=colours.muted),
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
    return [rows.mark_rule(aria=False, color=shade, strokeDash=dash, strokeWidth=1.5), *words]


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
