"""A map of patients and visits: who was seen, and where the others are."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.attrition import LABELS, filled, of_status
from pages.charts.drawing import Drawing, drawn_once, in_order, rows_of
from pages.charts.theme import finish
from pages.shared.wording import plural, visit_label

if TYPE_CHECKING:
    from pages.charts.theme import Palette
    from queries.attrition import Attrition

CELL, MAP_HEIGHT = 18, 420
MOST_LETTERED = 60
CELLS: dict[str, Any] = {
    "visit": pl.String,
    "status": pl.String,
    "start": pl.Int64,
    "end": pl.Int64,
    "who": pl.String,
}


@drawn_once
def map_chart(answer: Attrition, colours: Palette) -> Drawing | None:
    """Draw a cell for every patient and visit; None where there are too many patients.

    Above `MOST_LETTERED` patients the cells are small, without letters, and neighbours of the
    same status are drawn as one.
    """
    if answer.patients is None:
        return None
    lettered = answer.total[0].treated <= MOST_LETTERED
    cells = pl.DataFrame(_cells(answer.patients, lettered=lettered), schema=CELLS)
    return Drawing(_map(colours, lettered=lettered), {"cells": cells})


def _cells(patients: pl.DataFrame, *, lettered: bool) -> list[dict[str, Any]]:
    run = pl.int_range(pl.len()) if lettered else pl.col("status").rle_id()
    runs = (
        patients.with_columns(run.over("visit").alias("run"))
        .group_by("visit", "run", maintain_order=True)
        .agg(pl.col("status", "patient_id").first(), pl.len())
        .with_columns(pl.col("len").cum_sum().over("visit").alias("end"))
    )
    return [
        {
            "visit": visit_label(visit),
            "status": LABELS[status],
            "start": end - length,
            "end": end,
            "who": first if lettered else plural(length, "patient"),
        }
        for visit, _, status, first, length, end in runs.iter_rows()
    ]


@cache
def _map(colours: Palette, *, lettered: bool) -> dict[str, Any]:
    top = alt.Axis(
        title=None, orient="top", labelFontSize=14, labelColor=colours.ink, labelAngle=0, grid=False
    )
    x = alt.X("visit", type="nominal", scale=in_order("cells", "visit"), axis=top)
    if lettered:
        names = alt.Axis(title=None, labelFontSize=13, grid=False)
        y: Any = alt.Y("who", type="nominal", scale=in_order("cells", "who"), axis=names)
        places = {"y": y}
    else:
        count = alt.Axis(title="patients", tickMinStep=1, labelFontSize=13, grid=False)
        scale = alt.Scale(reverse=True, nice=False)
        y = alt.Y("start", type="quantitative", scale=scale, axis=count)
        places = {"y": y, "y2": alt.Y2("end")}
    cells = (
        rows_of("cells")
        .mark_rect(strokeWidth=1 if lettered else 0.2)
        .encode(
            x=x,
            fill=filled(colours),
            stroke=of_status((colours.muted, colours.background)),
            tooltip=[
                alt.Tooltip("who", type="nominal", title="patient" if lettered else "patients"),
                alt.Tooltip("visit", type="nominal", title="visit"),
                alt.Tooltip("status", type="nominal", title="status"),
            ],
            **places,
        )
    )
    if not lettered:
        return finish(cells.properties(width="container", height=MAP_HEIGHT), colours)
    letters = (
        rows_of("cells")
        .mark_text(fontSize=13, fontWeight="bold")
        .encode(
            x=x,
            y=y,
            text=alt.Text("letter", type="nominal"),
            color=of_status((colours.ink, colours.background)),
        )
        .transform_calculate(letter="slice(datum.status, 0, 1)")
    )
    chart = alt.layer(cells, letters).properties(width="container", height=alt.Step(CELL))
    return finish(chart, colours)
