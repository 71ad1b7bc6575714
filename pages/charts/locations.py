"""Where the cement went: leaking levels by location, those with symptoms apart."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.drawing import Drawing, drawn_once, in_order, rows_of
from pages.charts.over_visits import CLICK
from pages.charts.theme import finish
from pages.shared.leak_words import SYMPTOMS, bound_words, location_label
from queries.grouping import EVERYBODY

if TYPE_CHECKING:
    from pages.charts.theme import Palette
    from queries.locations import Locations

ROW = 40
BAR = 20
WORDS = 330
COLUMNS = (
    ("levels", "levels", 314),
    ("patients", "patients", 250),
    ("words", "with symptoms", 170),
)
BAR_SCHEMA: dict[str, Any] = {
    "location": pl.String,
    "label": pl.String,
    "symptoms": pl.String,
    "levels": pl.Int64,
    "patients": pl.Int64,
    "place": pl.Int64,
}
TOTAL_SCHEMA: dict[str, Any] = {
    "location": pl.String,
    "label": pl.String,
    "levels": pl.Int64,
    "patients": pl.Int64,
    "words": pl.String,
}


@drawn_once
def locations_chart(answer: Locations, colours: Palette) -> Drawing:
    """Draw a bar for each location, divided by symptoms; a click chooses its levels."""
    order = list(SYMPTOMS)
    bars = [
        (
            branch.location,
            location_label(branch.location),
            SYMPTOMS[branch.symptoms],
            branch.levels,
            branch.patients,
            order.index(branch.symptoms),
        )
        for branch in answer.branches
        if branch.symptoms != EVERYBODY and branch.modality == EVERYBODY
    ]
    totals = [
        (
            at.location,
            location_label(at.location),
            at.leaked.k,
            at.of_patients.k,
            bound_words(at),
        )
        for at in answer.places
    ]
    tables = {
        "bars": pl.DataFrame(bars, schema=BAR_SCHEMA, orient="row"),
        "totals": pl.DataFrame(totals, schema=TOTAL_SCHEMA, orient="row"),
    }
    return Drawing(_structure(colours), tables)


@cache
def _structure(colours: Palette) -> dict[str, Any]:
    chart = alt.layer(_bars(colours), *_words(colours))
    shown = chart.properties(
        height=alt.Step(ROW),
        width="container",
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )
    return finish(shown, colours)


def _y(colours: Palette) -> alt.Y:
    axis = alt.Axis(title=None, labelFontSize=15, labelColor=colours.ink, labelLimit=150)
    return alt.Y("label", type="nominal", scale=in_order("totals", "label"), axis=axis)


def _x(column: str, **stack: Any) -> alt.X:
    return alt.X(
        column,
        type="quantitative",
        scale=alt.Scale(
            rangeMin=0, rangeMax=alt.ExprRef(f"width - {WORDS}"), nice=False, zero=True
        ),
        axis=alt.Axis(
            title="leaking levels", titleAnchor="start", tickMinStep=1, format="d", grid=False
        ),
        **stack,
    )


def _bars(colours: Palette) -> Any:
    click = alt.selection_point(name=CLICK, fields=["location"], on="click", empty=False)
    names = list(SYMPTOMS.values())
    shades = [colours.attention, colours.individual, colours.none]
    return (
        rows_of("bars")
        .mark_bar(size=BAR, cursor="pointer", stroke=colours.background, strokeWidth=1)
        .encode(
            y=_y(colours),
            x=_x("levels", stack="zero"),
            order=alt.Order("place", type="quantitative"),
            fill=alt.Fill(
                "symptoms",
                type="nominal",
                scale=alt.Scale(domain=names, range=shades),
                legend=alt.Legend(
                    title=None, orient="top", symbolType="square", offset=26, labelLimit=260
                ),
            ),
            tooltip=[
                alt.Tooltip("label", type="nominal", title="location"),
                alt.Tooltip("symptoms", type="nominal", title="symptoms"),
                alt.Tooltip("levels", type="quantitative", title="levels"),
                alt.Tooltip("patients", type="quantitative", title="patients"),
            ],
        )
        .add_params(click)
    )


def _words(colours: Palette) -> list[Any]:
    """Print counts and symptoms of each location in columns at the right."""
    base = rows_of("totals").encode(y=_y(colours))
    words = base.mark_text(align="left", fontSize=14, color=colours.ink)
    one = alt.Chart(alt.sequence(1)).mark_text(
        align="left", baseline="bottom", fontSize=13, color=colours.secondary
    )
    layers = []
    for column, title, at in COLUMNS:
        x = alt.value(alt.ExprRef(f"width - {at}"))
        layers.append(words.encode(x=x, text=alt.Text(column, type="nominal")))
        layers.append(one.encode(x=x, y=alt.value(-5), text=alt.value(title)))
    return layers
