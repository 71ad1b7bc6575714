"""Our own rates, and published ones as hollow marks where they were counted in the same way."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, drawn_once, in_order, rows_of
from pages.charts.theme import finish
from pages.shared.leak_words import modality_label
from pages.shared.wording import percent, plural

if TYPE_CHECKING:
    from pages.charts.theme import Palette
    from queries.published import OwnRate, Published
    from queries.statistics.results import Proportion

ROW = 34
LABELS = 280
COUNTS = 190
SCHEMA: dict[str, Any] = {
    "label": pl.String,
    "ours": pl.Boolean,
    **dict.fromkeys(("rate", "low", "high"), pl.Float64),
    "counts": pl.String,
    "interval": pl.String,
    "population": pl.String,
    "source": pl.String,
    "sponsor": pl.String,
}


@drawn_once
def published_chart(answer: Published, colours: Palette) -> Drawing:
    """Draw each of our own rates with the series counted in the same way under it."""
    rows = []
    for own in answer.ours:
        rows.append(_own(own))
        rows += [
            _row(
                one.series.study,
                one.proportion,
                own.denominator,
                population=one.series.population,
                source=one.series.source,
                sponsor=one.series.sponsor or "none on record",
            )
            for one in answer.series
            if not one.reasons
            and one.series.leak_modality == own.modality
            and one.series.denominator == own.denominator
        ]
    return Drawing(_structure(colours), {"rows": pl.DataFrame(rows, schema=SCHEMA, orient="row")})


def _own(own: OwnRate) -> dict[str, Any]:
    label = f"this choice: {own.denominator}s, {modality_label(own.modality)}"
    row = _row(label, own.proportion, own.denominator, population="", source="", sponsor="")
    return {**row, "ours": True}


def _row(label: str, found: Proportion, denominator: str, **told: str) -> dict[str, Any]:
    return {
        "label": label,
        "ours": False,
        "rate": found.rate,
        "low": found.ci_low,
        "high": found.ci_high,
        "counts": f"{found.k} of {plural(found.n, denominator)}",
        "interval": f"{percent(found.ci_low)} to {percent(found.ci_high)}",
        **told,
    }


@cache
def _structure(colours: Palette) -> dict[str, Any]:
    chart = alt.layer(*_marks(colours))
    shown = chart.properties(
        height=alt.Step(ROW),
        width="container",
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )
    return finish(shown, colours)


def _y(colours: Palette) -> alt.Y:
    axis = alt.Axis(title=None, labelFontSize=14, labelColor=colours.ink, labelLimit=LABELS)
    return alt.Y("label", type="nominal", scale=in_order("rows", "label"), axis=axis)


def _x(column: str) -> alt.X:
    end = alt.ExprRef(f"width - {COUNTS}")
    return alt.X(
        column,
        type="quantitative",
        scale=alt.Scale(domain=[0, 1], rangeMin=0, rangeMax=end),
        axis=alt.Axis(
            title="with a leak", titleAnchor="start", format="%", values=[0, 0.25, 0.5, 0.75, 1]
        ),
    )


def _marks(colours: Palette) -> list[Any]:
    rows = rows_of("rows").encode(y=_y(colours))
    tips = [
        alt.Tooltip("label", type="nominal", title="series"),
        alt.Tooltip("counts", type="nominal", title="with a leak"),
        alt.Tooltip("interval", type="nominal", title="95 % CI"),
    ]
    told = [alt.Tooltip(name, type="nominal") for name in ("population", "source", "sponsor")]
    ours, theirs = rows.transform_filter("datum.ours"), rows.transform_filter("!datum.ours")
    bars = rows.mark_rule(strokeWidth=2.5).encode(
        x=_x("low"),
        x2=alt.X2("high"),
        color=alt.condition("datum.ours", alt.value(colours.answer), alt.value(colours.individual)),
    )
    own = ours.mark_point(size=150, filled=True, color=colours.answer, opacity=1, shape="circle")
    hollow = theirs.mark_point(
        size=150,
        filled=True,
        fill=colours.background,
        stroke=colours.individual,
        strokeWidth=2,
        shape="diamond",
        opacity=1,
    )
    words = rows.mark_text(align="left", fontSize=14, color=colours.ink)
    return [
        bars,
        own.encode(x=_x("rate"), tooltip=tips),
        hollow.encode(x=_x("rate"), tooltip=[*tips, *told]),
        words.encode(
            x=alt.value(alt.ExprRef(f"width - {COUNTS - 12}")),
            text=alt.Text("counts", type="nominal"),
        ),
    ]
