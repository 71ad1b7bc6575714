"""A measurement over the visits: thin lines of individuals, the median, what lies around it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import altair as alt
import polars as pl

from data.codebook import BASELINE, visits
from pages.charts.drawing import NO_NUMBER, Drawing, first_row, rows_of, unpacked
from pages.charts.hover import POINTED_AT, ground
from pages.charts.scale_marks import across_layers, band_layers, end_layers
from pages.charts.theme import finish, signed
from pages.shared.wording import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pages.charts.theme import Palette

View = Literal["value", "change", "percent"]
CLICK = "picked"
WIDE = 11
# Lines of the same bunch are one path: where several coincide, as many bunches lie on each other.
BUNCHES = 4
HAIR = 5e-5
NEAR_OR_PICKED = f"{POINTED_AT} || length(data('{CLICK}_store'))"
PACKED = frozenset({"lines", "courses", "worse", "better"})
CENTRE_SCHEMA: dict[str, Any] = {
    "visit": pl.String,
    "n": pl.Int64,
    **dict.fromkeys(("median", "low", "high", "q1", "q3"), pl.Float64),
}
LINE_SCHEMA: dict[str, Any] = {"height": pl.Float64, "words": pl.String}


@dataclass(frozen=True)
class OverVisits:
    """How a chart over the visits is built, whatever rows it shows.

    Parameters
    ----------
    key : str
        The column that tells individuals apart.
    visits : tuple of str
        The visits on the axis, in order.
    domain : tuple of float
        Ends of the vertical axis; None where they follow the rows, so that the same chart
        serves other rows.
    tooltips : tuple of (str, str)
        Columns of the individuals and their titles.
    dashed, grey : str, optional
        Boolean columns of the individuals: whose line is drawn through, and whose change lies
        inside the measurement error.
    better : {"lower", "higher"}
        Which direction of change is the better one.
    banded, ends : bool
        Whether the bands of the scale are drawn, and who stands at its ends.
    stepped : bool
        Whether single patients are marked at the last visit shown.
    spanned, crossed : bool
        Whether the centre has intervals, and whether lines may lie across the chart.
    """

    key: str
    view: View
    visits: tuple[str, ...]
    domain: tuple[float, float] | None
    decimals: int
    y_title: str
    n_title: str
    tooltips: tuple[tuple[str, str], ...] = ()
    dashed: str | None = None
    grey: str | None = None
    better: str = "lower"
    compact: bool = False
    banded: bool = False
    ends: bool = False
    stepped: bool = False
    spanned: bool = True
    crossed: bool = False


def over_visits_chart(
    built: OverVisits,
    colours: Palette,
    *,
    centre: pl.DataFrame,
    lines: pl.DataFrame | None,
    across: Sequence[tuple[float, str]] = (),
    bands: pl.DataFrame | None = None,
    ends: pl.DataFrame | None = None,
    reach: tuple[float, float] | None = None,
) -> Drawing:
    """Draw individuals in grey and the median in the answer's colour.

    Parameters
    ----------
    centre : polars.DataFrame
        One row per visit: visit, n, median, low and high (its interval), q1 and q3.
    lines : polars.DataFrame or None
        One row per individual and visit: the key, visit, value, change and the columns that
        tooltips, dashes and grey name; None draws no individuals.
    across : sequence of (float, str)
        Lines across the chart with their words, such as a threshold.
    bands, ends : polars.DataFrame, optional
        The bands of the scale, and who stands at its ends, where the chart is built with them.
    reach : tuple of float, optional
        Ends of the vertical axis, where the chart is built without a domain.
    """
    labels = [printed(value, built) for value in centre["median"]]
    bottom, top = reach or (0.0, 1.0)
    middle = centre.with_columns(
        pl.Series("label", labels, dtype=pl.String), bottom=bottom, top=top
    )
    if ends is not None:
        middle = middle.join(ends, on="visit", how="left", maintain_order="left")
    tables = {"centre": middle} if bands is None else {"centre": middle, "bands": bands}
    if built.crossed:
        tables["across"] = pl.DataFrame(list(across), schema=LINE_SCHEMA, orient="row")
    if not built.compact and lines is not None:
        placed = _placed(lines, built)
        tables["lines"] = _one_row_each(placed, built)
        tables["courses"] = _bunched(placed, built)
        if built.grey:
            tables["worse"], better = _beyond(placed, built)
            tables["better"] = _dots(better, top - bottom)
        if built.stepped:
            now = placed.filter(pl.col("visit") == _last(centre))
            tables["now"] = now.select("visit", "value")
    return Drawing(_structure(built, colours, individuals="lines" in tables), tables, PACKED)


def _last(centre: pl.DataFrame) -> str:
    return str(centre["visit"][-1]) if centre.height else ""


def printed(value: float | None, built: OverVisits) -> str:
    """Print a median beside its mark."""
    if value is None:
        return ""
    return number(value, built.decimals, sign=built.view != "value")


def _placed(lines: pl.DataFrame, built: OverVisits) -> pl.DataFrame:
    kept = lines.filter(pl.col("visit").is_in(list(built.visits)))
    if built.view != "value":
        kept = kept.filter(pl.col(built.view).is_not_null() & (pl.col("visit") != BASELINE))
    names = {visit: visits()[visit].short_label for visit in built.visits}
    place = {visit: place for place, visit in enumerate(built.visits)}
    marks = [column for column in (built.dashed, built.grey) if column]
    shown = [column for column, _ in built.tooltips if column in lines.columns]
    placed = kept.with_columns(
        pl.col("visit").replace_strict(place, return_dtype=pl.Int64).alias("place"),
        pl.col(built.view).alias("value"),
    ).sort(built.key, "place", maintain_order=True)
    words = [
        f"{names[visit]} {number(value, built.decimals, sign=built.view != 'value')}"
        for visit, value in placed.select("visit", "value").iter_rows()
    ]
    columns = [built.key, "visit", "value", "change", *shown, "course", *marks]
    return (
        placed.with_columns(pl.Series("word", words, dtype=pl.String))
        .with_columns(pl.col("word").str.join(", ").over(built.key).alias("course"))
        .select(list(dict.fromkeys(columns)))
    )


def _one_row_each(placed: pl.DataFrame, built: OverVisits) -> pl.DataFrame:
    """Return individuals with their values side by side, a column for each visit."""
    told = [column for column, _ in built.tooltips]
    return placed.pivot(
        on="visit",
        on_columns=list(built.visits),
        index=list(dict.fromkeys([built.key, *told])),
        values="value",
        maintain_order=True,
    )


def _beyond(lines: pl.DataFrame, built: OverVisits) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the changes that lie outside the measurement error: for the worse, and the better."""
    change = pl.col("change")
    worse = change < 0 if built.better == "higher" else change > 0
    outside = pl.col(str(built.grey)).not_().fill_null(value=True) & (change != 0)
    seen = lines.filter(outside)
    points = ("visit", "value")
    return seen.filter(worse).select(points), seen.filter(~worse).select(points)


def _dots(points: pl.DataFrame, span: float) -> pl.DataFrame:
    """Return points as one path of dots: each a line too short to see, ended by a gap."""
    short = pl.concat_list("value", pl.col("value") + span * HAIR, pl.lit(None, pl.Float64))
    return points.with_columns(short).explode("value")


def _bunched(lines: pl.DataFrame, built: OverVisits) -> pl.DataFrame:
    """Return the points of all lines, each line ended by a gap, in few bunches."""
    bunch = (pl.col(built.key).rle_id() % BUNCHES).alias("bunch")
    points = lines.select(bunch, built.key, "visit", "value", *filter(None, [built.dashed]))
    gaps = points.group_by(built.key, maintain_order=True).last()
    gaps = gaps.select(points.columns).with_columns(pl.lit(None, pl.Float64).alias("value"))
    return (
        pl.concat([points.with_columns(gap=False), gaps.with_columns(gap=True)])
        .sort(built.key, "gap", maintain_order=True)
        .drop(built.key, "gap")
    )


@cache
def _structure(built: OverVisits, colours: Palette, *, individuals: bool) -> dict[str, Any]:
    layers = band_layers(colours, lambda column: _y(column, built)) if built.banded else []
    layers.append(_around(built, colours))
    layers += _individuals(built, colours) if individuals else []
    layers += _middle(built, colours)
    layers += end_layers("centre", colours, _x(built, colours)) if built.ends else []
    layers += _across(built, colours) if built.crossed else []
    chart = alt.layer(*layers).properties(height=150 if built.compact else 350, width="container")
    return finish(chart, colours)


def _x(built: OverVisits, colours: Palette) -> alt.X:
    short = {code: visits()[code].short_label for code in built.visits}
    if built.compact:
        short = {code: label.replace("months", "mo") for code, label in short.items()}
    cases = [f"datum.label == '{code}' ? '{label}'" for code, label in short.items()]
    words = " : ".join([*cases, "''"])
    return alt.X(
        "visit",
        type="ordinal",
        scale=alt.Scale(domain=list(built.visits), type="point", padding=0.35),
        axis=alt.Axis(
            title=None if built.compact else built.n_title,
            titleAnchor="start",
            titlePadding=26,
            labelExpr=words,
            labelAngle=0,
            labelFontSize=13 if built.compact else 15,
            labelColor=colours.ink,
            labelOverlap=False,
            domain=True,
            domainColor=colours.muted,
            grid=False,
        ),
    )


def _y(column: str, built: OverVisits) -> alt.Y:
    return alt.Y(
        column,
        type="quantitative",
        scale=_scale(built),
        axis=alt.Axis(
            title=None if built.compact else built.y_title,
            tickCount=3 if built.compact else 6,
            labelExpr=signed(0),
            labelFontSize=13,
        ),
    )


def _scale(built: OverVisits) -> alt.Scale:
    if built.domain is None:
        return alt.Scale(domain=first_row("centre", "bottom", "top"), nice=False, zero=False)
    return alt.Scale(domain=list(built.domain), nice=False, clamp=True)


def _individuals(built: OverVisits, colours: Palette) -> list[Any]:
    picked = alt.selection_point(name=CLICK, fields=[built.key], on="click", empty=False)
    x, y = _x(built, colours), _y("value", built)
    dashed = [built.dashed] if built.dashed else []
    line = (
        unpacked("courses", "bunch", "visit", "value", *dashed)
        .mark_line(color=f"{colours.individual}61", strokeWidth=1, order=False)
        .encode(
            x=x,
            y=y,
            detail=alt.Detail("bunch", type="nominal"),
        )
    )
    if built.dashed:
        dashes = alt.Scale(domain=["true", "false"], range=[[1, 0], [4, 3]])
        line = line.encode(
            strokeDash=alt.StrokeDash(built.dashed, type="nominal", scale=dashes, legend=None)
        )
    here = rows_of("now").mark_circle(size=45, color=colours.individual, opacity=0.8)
    marks = [here.encode(x=x, y=y)] if built.stepped else []
    told = [column for column, _ in built.tooltips]
    touched = (
        unpacked("lines", *dict.fromkeys([built.key, *told]), *built.visits, only=NEAR_OR_PICKED)
        .transform_fold(list(built.visits), as_=["visit", "value"])
        .transform_filter(f"datum.value != '{NO_NUMBER}'")
        .mark_line(cursor="pointer", color=colours.attention, strokeCap="round", order=False)
        .encode(
            x=x,
            y=y,
            detail=alt.Detail(built.key, type="nominal"),
            opacity=alt.condition(picked, alt.value(1.0), alt.value(0.0)),
            strokeWidth=alt.condition(picked, alt.value(3), alt.value(WIDE)),
            tooltip=[
                alt.Tooltip(name, type="nominal", title=title) for name, title in built.tooltips
            ],
        )
        .add_params(picked)
    )
    return [ground(), line, *marks, *_beyond_error(built, colours), touched]


def _beyond_error(built: OverVisits, colours: Palette) -> list[Any]:
    """Mark single changes that lie outside the measurement error; all others stay grey."""
    if built.grey is None:
        return []
    x, y = _x(built, colours), _y("value", built)
    worse = unpacked("worse", "visit", "value").mark_point(
        shape="triangle-up", size=40, filled=True, opacity=1, color=colours.attention
    )
    better = unpacked("better", "visit", "value").mark_line(
        color=colours.answer, strokeWidth=5.5, strokeCap="round", order=False
    )
    return [better.encode(x=x, y=y), worse.encode(x=x, y=y)]


def _middle(built: OverVisits, colours: Palette) -> list[Any]:
    small = built.compact
    base = rows_of("centre").encode(x=_x(built, colours))
    line = base.mark_line(color=colours.answer, strokeWidth=2 if small else 3)
    bars = base.mark_rule(color=colours.answer, strokeWidth=2 if small else 3)
    dots = base.mark_circle(
        color=colours.answer,
        size=60 if small else 150,
        opacity=1,
        stroke=colours.background,
        strokeWidth=1.5,
    )
    words, halo = (
        base.mark_text(
            fontSize=14 if small else 18,
            fontWeight="bold",
            dx=6 if small else 9,
            dy=-9 if small else -13,
            align="left",
            **look,
        )
        for look in (
            {"color": colours.answer},
            {"stroke": colours.background, "strokeWidth": 4, "strokeOpacity": 0.75},
        )
    )
    counts = base.mark_text(
        color=colours.ink, fontSize=13 if small else 15, baseline="top", dy=24 if small else 27
    )
    return [
        line.encode(y=_y("median", built)),
        *([bars.encode(y=_y("low", built), y2=alt.Y2("high"))] if built.spanned else []),
        dots.encode(y=_y("median", built)),
        halo.encode(y=_y("median", built), text=alt.Text("label", type="nominal")),
        words.encode(y=_y("median", built), text=alt.Text("label", type="nominal")),
        counts.encode(y=alt.value("height"), text=alt.Text("n", type="quantitative")),
    ]


def _around(built: OverVisits, colours: Palette) -> Any:
    if built.view != "value":
        zero = rows_of("centre").transform_calculate(zero="0")
        return zero.mark_rule(color=colours.muted).encode(y=_y("zero", built))
    band = rows_of("centre").mark_area(color=colours.answer_band, opacity=0.75)
    return band.encode(x=_x(built, colours), y=_y("q1", built), y2=alt.Y2("q3"))


def _across(built: OverVisits, colours: Palette) -> list[Any]:
    return across_layers(rows_of("across").encode(y=_y("height", built)), colours)
