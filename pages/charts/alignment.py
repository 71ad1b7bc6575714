"""Heights and angles of treated levels: over the visits, and as gain and loss per level."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from pages.charts.over_visits import CENTRE_SCHEMA, OverVisits, View, over_visits_chart
from pages.charts.theme import finish, signed
from pages.charts.trajectory import change_centre
from queries.grouping import EVERYBODY

if TYPE_CHECKING:
    from pages.charts.theme import Palette
    from queries.alignment import Alignment, LevelRow

PARTS = {
    "gain": "gain: before → after the operation",
    "loss": "loss: after the operation → last film",
}


def alignment_chart(
    answer: Alignment, colours: Palette, *, view: View = "value", compact: bool = False
) -> Any:
    """Draw a height or an angle over the visits: each level's line and the median of levels.

    Parameters
    ----------
    answer : Alignment
        The result to draw.
    view : {"value", "change"}
        The measurement itself, or its change from before the operation; the centre of changes
        is the Hodges-Lehmann estimate on patient means.
    compact : bool
        A small chart without individuals and words.
    """
    change = view == "change"
    drawn = OverVisits(
        centre=change_centre(answer.comparisons) if change else _centre(answer.rows),
        lines=answer.values,
        key="procedure_id",
        view=view,
        domain=_domain(answer, view, compact=compact),
        decimals=answer.measure.decimals,
        y_title=f"{'Change of ' if change else ''}{answer.measure.label.lower()}, {answer.unit}",
        n_title="patients with both films" if change else "levels with a film",
        tooltips=(
            ("patient_id", "patient"),
            ("level", "level"),
            ("when", "visit"),
            ("score", f"{answer.measure.label} ({answer.unit})"),
            ("change", "change from before"),
        ),
        grey="within_error" if answer.error is not None else None,
    )
    return over_visits_chart(drawn, colours, compact=compact)


def _centre(rows: tuple[LevelRow, ...]) -> pl.DataFrame:
    records = [
        {**asdict(row), "code": row.visit, "n": row.n_levels, "low": None, "high": None}
        for row in rows
        if row.group == EVERYBODY
    ]
    return pl.DataFrame(
        [{name: record[name] for name in CENTRE_SCHEMA} for record in records],
        schema=CENTRE_SCHEMA,
    )


def _domain(answer: Alignment, view: View, *, compact: bool) -> tuple[float, float]:
    column = "change" if view == "change" else "value"
    shown = pl.Series([]) if answer.values is None else answer.values[column].drop_nulls()
    if shown.is_empty() or compact:
        quartiles = [value for row in answer.rows for value in (row.q1, row.q3) if value]
        shown = pl.Series(quartiles or [0.0, 1.0])
    low, high = float(shown.min()), float(shown.max())  # type: ignore[arg-type]
    step = 5.0
    return (min(low, 0.0) // step * step, -(-max(high, 0.0) // step) * step or step)


def gain_and_loss_charts(answer: Alignment, colours: Palette, *, height: int = 230) -> Any:
    """Draw each level's gain and loss as sorted bars, grey inside the measurement error.

    Parameters
    ----------
    answer : Alignment
        The result to draw; its `levels` must be there.
    height : int
        Height of each of the two parts in pixels.
    """
    if answer.levels is None:
        raise ValueError("`answer` holds no single levels.")
    frames = {part: _bars(answer, part) for part in PARTS}
    reach = max([answer.error or 0.0, *(abs(v) for f in frames.values() for v in f["change"])])
    charts = [
        _part(frame, answer, colours, PARTS[part], reach * 1.08).properties(
            height=height, width="container"
        )
        for part, frame in frames.items()
    ]
    return [finish(chart, colours) for chart in charts]


def _bars(answer: Alignment, part: str) -> pl.DataFrame:
    levels = answer.levels if answer.levels is not None else pl.DataFrame()
    worse = -1.0 if answer.measure.better == "higher" else 1.0
    error = answer.error
    beyond = pl.col("change").abs() > (error if error is not None else float("inf")) + 1e-9
    kind = (
        pl.when(~beyond)
        .then(pl.lit("within error" if error is not None else "no error on record"))
        .when(pl.col("change") * worse > 0)
        .then(pl.lit("worse"))
        .otherwise(pl.lit("better"))
    )
    return (
        levels.filter(pl.col(part).is_not_null())
        .select("patient_id", "procedure_id", "level", pl.col(part).alias("change"))
        .sort("change", "procedure_id")
        .with_row_index("place")
        .with_columns(kind.alias("kind"), pl.col("change").round(1).alias("shown"))
    )


def _part(
    frame: pl.DataFrame, answer: Alignment, colours: Palette, words: str, reach: float
) -> Any:
    y = alt.Y(
        "change",
        type="quantitative",
        scale=alt.Scale(domain=[-reach, reach], nice=False),
        axis=alt.Axis(title=f"change, {answer.unit}", labelExpr=signed(0), tickCount=5),
    )
    x = alt.X("place", type="ordinal", axis=None)
    layers: list[Any] = []
    if answer.error is not None:
        layers += _error_band(answer, colours)
    layers.append(
        alt.Chart(frame)
        .mark_bar()
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "kind",
                type="nominal",
                scale=alt.Scale(
                    domain=["within error", "no error on record", "worse", "better"],
                    range=[
                        colours.individual,
                        colours.individual,
                        colours.attention,
                        colours.answer,
                    ],
                ),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("patient_id", type="nominal", title="patient"),
                alt.Tooltip("level", type="nominal", title="level"),
                alt.Tooltip("shown", type="quantitative", title=f"change ({answer.unit})"),
                alt.Tooltip("kind", type="nominal", title="beside the measurement error"),
            ],
        )
    )
    zero = alt.Chart(pl.DataFrame({"zero": [0.0]}))
    layers.append(zero.mark_rule(color=colours.ink).encode(y=alt.Y("zero", type="quantitative")))
    return alt.layer(*layers).properties(title=f"{words} · {frame.height} levels")


def _error_band(answer: Alignment, colours: Palette) -> list[Any]:
    error = answer.error or 0.0
    unit = answer.measure.unit if answer.measure.unit == "°" else f" {answer.measure.unit}"
    frame = pl.DataFrame(
        {"low": [-error], "high": [error], "words": [f"measurement error ±{error:g}{unit}"]}
    )
    base = alt.Chart(frame)
    return [
        base.mark_rect(color=colours.none, opacity=0.4).encode(
            y=alt.Y("low", type="quantitative"), y2=alt.Y2("high")
        ),
        base.mark_text(
            align="left", baseline="bottom", dx=4, dy=-3, fontSize=13, color=colours.secondary
        ).encode(
            x=alt.value(0),
            y=alt.Y("high", type="quantitative"),
            text=alt.Text("words", type="nominal"),
        ),
    ]
