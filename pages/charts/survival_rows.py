"""The rows of a survival chart: steps, intervals, labels and the number at risk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
import polars as pl

from pages.shared.wording import THIN, number, percent
from queries.cohort import UNRECORDED
from queries.grouping import EVERYBODY
from queries.statistics.limits import ONE_YEAR_DAYS, RATE_NEEDS
from queries.statistics.survival import number_at_risk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from queries.grouping import By
    from queries.statistics.incidence import IncidenceCurve
    from queries.statistics.kaplan_meier import SurvivalCurve
    from queries.statistics.results import Estimate
    from queries.survival import GroupSurvival

MONTH_DAYS = ONE_YEAR_DAYS / 12
MOST_GROUPS = 6
BANDED_GROUPS = 2
MOST_MARKS = 5_000
LATE_BELOW = 1.6 * ONE_YEAR_DAYS
LABEL_GAP = 0.075
DODGE_MONTHS = 0.28
# Up to the second number of months, every so many of the first, the first year apart.
TICKS = ((1, 3), (3, 12), (6, 24), (6, 48), (12, 144), (24, 288))
FIRST_YEAR = (3, 6, 9)


class Followed(Protocol):
    """A group of patients with its curve."""

    @property
    def group(self) -> str:
        """The code of the group."""

    @property
    def curve(self) -> SurvivalCurve | IncidenceCurve:
        """What was estimated for it."""


Group = TypeVar("Group", bound=Followed)
Group_co = TypeVar("Group_co", bound=Followed, covariant=True)


class OfGroups(Protocol[Group_co]):
    """An answer with one curve for each group, the whole first."""

    @property
    def by(self) -> By | None:
        """The field that made the groups."""

    @property
    def groups(self) -> tuple[Group_co, ...]:
        """The whole and the groups."""


def drawn(answer: OfGroups[Group]) -> tuple[Group, ...]:
    """Return the curves that are drawn: the whole, or the six largest groups in their order."""
    followed = [group for group in answer.groups if group.curve.n]
    if answer.by is None:
        return tuple(followed)
    parts = [group for group in followed if group.group != EVERYBODY]
    largest = sorted(
        parts,
        key=lambda group: (group.group == UNRECORDED, -group.curve.n, -group.curve.n_events),
    )
    kept = {group.group for group in largest[:MOST_GROUPS]}
    return tuple(group for group in parts if group.group in kept)


def is_thinned(groups: Sequence[Followed]) -> bool:
    """Tell whether there are too many times to draw each of them."""
    return sum(group.curve.times.size for group in groups) > MOST_MARKS


def tick_months(groups: Sequence[Followed]) -> tuple[int, ...]:
    """Return the months under the axis, as far as anybody was observed."""
    last = max(float(group.curve.times[-1]) for group in groups) / MONTH_DAYS
    step = next((step for step, end in TICKS if last <= end), 60)
    early = [month for month in FIRST_YEAR if 12 < last <= 24 and month < 12]
    return tuple(sorted({*early, *range(0, int(last) + 1, step)}))


def at_risk(group: Followed, months: Sequence[int]) -> list[int]:
    """Return the number under observation at each month."""
    counts: list[int] = number_at_risk(group.curve, [m * MONTH_DAYS for m in months]).tolist()
    return counts


def tables_of(
    groups: Sequence[GroupSurvival],
    labels: Sequence[str],
    ticks: Sequence[int],
    *,
    single: bool,
) -> dict[str, pl.DataFrame]:
    """Return the named tables of a survival chart."""
    cells = cells_of(groups)
    steps = pl.concat(
        _steps(place, label, group, cells)
        for place, (label, group) in enumerate(zip(labels, groups, strict=True))
    )
    year = _year(groups)
    spans = year if len(groups) > BANDED_GROUPS else steps
    end = last_month(steps, spans)
    return {
        "steps": steps.drop("censored"),
        "censored": steps.filter("censored").select("place", "months", "survival"),
        "spans": spans.filter(pl.col("low").is_not_null()).select("place", "months", "low", "high"),
        "year": beside_year(year, groups, below=True) if single else year.clear(),
        "half": _half(groups if single else ()),
        "ends": ends_rows(steps, "survival", LABEL_GAP),
        "risk": risk_rows(labels, groups, ticks, end=end, top=1.0, rule=0.25),
    }


def cells_of(groups: Sequence[Followed]) -> int | None:
    """Return into how many cells each curve is thinned, where there are too many times."""
    return MOST_MARKS // (2 * len(groups)) - 2 if is_thinned(groups) else None


def _steps(place: int, label: str, group: GroupSurvival, cells: int | None) -> pl.DataFrame:
    curve = group.curve
    staying = np.append(curve.at_risk[1:], 0)
    frame = pl.DataFrame(
        {
            "months": curve.times / MONTH_DAYS,
            "survival": curve.survival,
            "low": curve.ci_low,
            "high": curve.ci_high,
            "at_risk": curve.at_risk,
            "censored": curve.at_risk - curve.events > staying,
        }
    ).with_columns(pl.col("low", "high").fill_nan(None).forward_fill())
    return from_start(place, label, frame, "survival", 1.0, cells)


def from_start(
    place: int, label: str, frame: pl.DataFrame, column: str, start_at: float, cells: int | None
) -> pl.DataFrame:
    """Return a curve's steps from the start on, thinned to one step a cell."""
    if cells:
        cell = (pl.col("months") * (cells / max(float(frame["months"][-1]), 1.0))).floor()
        frame = frame.with_columns(pl.col("censored").any().over(cell), cell.alias("cell"))
        frame = frame.unique("cell", keep="last", maintain_order=True).drop("cell")
    start = frame.head(1).with_columns(
        pl.lit(0.0).alias("months"),
        pl.lit(start_at).alias(column),
        pl.lit(None, pl.Float64).alias("low"),
        pl.lit(None, pl.Float64).alias("high"),
        pl.lit(value=False).alias("censored"),
    )
    return pl.concat([start, frame]).select(
        pl.lit(place).alias("place"),
        pl.lit(label).alias("label"),
        pl.int_range(pl.len()).alias("step"),
        pl.all(),
        pl.col("months").round(1).alias("when"),
    )


def _year(groups: Sequence[GroupSurvival]) -> pl.DataFrame:
    """Return survival at one year, the intervals of more than two groups side by side."""
    read = [(place, year) for place, group in enumerate(groups) if (year := _marked(group))]
    spans = [place for place, year in read if year.ci_low is not None]
    dodge = DODGE_MONTHS if len(groups) > BANDED_GROUPS else 0.0
    beside = {place: dodge * (2 * n - len(spans) + 1) for n, place in enumerate(spans)}
    rows = [
        (
            place,
            12.0,
            12 + beside.get(place, 0.0),
            year.value,
            year.ci_low,
            year.ci_high,
            year_words(groups[place]),
        )
        for place, year in read
    ]
    columns = ("year", "months", "survival", "low", "high")
    schema = {"place": pl.Int64, **dict.fromkeys(columns, pl.Float64), "words": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _marked(group: GroupSurvival) -> Estimate | None:
    """Return the survival at one year where the curve reaches so far."""
    return group.figures.one_year if group.curve.times[-1] >= ONE_YEAR_DAYS else None


def year_words(group: GroupSurvival) -> str:
    """Print the survival at one year beside its mark; below 20 patients with its interval."""
    year = _marked(group)
    if year is None:
        return ""
    if year.ci_low is None or year.ci_high is None:
        return "no death in one year"
    if group.curve.n >= RATE_NEEDS:
        return f"{percent(year.value)} at one year"
    span = f"{number(100 * year.ci_low, 1)} to {number(100 * year.ci_high, 1)}"
    return f"{percent(year.value)} ({span}) at one year"


def _half(groups: Sequence[GroupSurvival]) -> pl.DataFrame:
    rows = [
        (median / MONTH_DAYS, 0.5, 0.0, f"median {number(median / MONTH_DAYS, 1)} months")
        for group in groups
        if (median := group.figures.median.value) is not None
    ]
    columns = dict.fromkeys(("months", "half", "zero"), pl.Float64)
    schema = {**columns, "words": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def ends_rows(steps: pl.DataFrame, column: str, gap: float) -> pl.DataFrame:
    """Return where each curve ends, and heights for the labels at which none hides another."""
    last = steps.group_by("place", maintain_order=True).last()
    ordered = last.sort(column, descending=True, maintain_order=True)
    heights: list[float] = []
    for value in ordered[column]:
        heights.append(min(value, heights[-1] - gap) if heights else value)
    below = max(0.0, -heights[-1])
    return ordered.select(
        "place",
        "label",
        "months",
        column,
        pl.Series("height", heights, dtype=pl.Float64) + below,
    )


def last_month(*tables: pl.DataFrame) -> float:
    """Return where the horizontal axis ends: at the last month of any row that is drawn."""
    last = [table["months"].max() for table in tables]
    return max(float(month) for month in last if isinstance(month, float))


def beside_year(year: pl.DataFrame, groups: Sequence[Followed], *, below: bool) -> pl.DataFrame:
    """Place the words at one year; before the mark where there is little room behind it."""
    late = max(float(group.curve.times[-1]) for group in groups) < LATE_BELOW
    align, dx, dy = ("right", -9, 20 if below else -16) if late else ("left", 9, -16)
    return year.with_columns(align=pl.lit(align), dx=pl.lit(dx), dy=pl.lit(dy))


def risk_rows(
    labels: Sequence[str],
    groups: Sequence[Followed],
    ticks: Sequence[int],
    *,
    end: float,
    top: float,
    rule: float,
) -> pl.DataFrame:
    """Return the number under observation of each group at each month, and the ends of the axes.

    Parameters
    ----------
    end, top : float
        Where the axes end, in months and as a share.
    rule : float
        The step between the lines across.
    """
    rows = [
        (place, label, float(month), f"{n:,}".replace(",", THIN))
        for place, (label, group) in enumerate(zip(labels, groups, strict=True))
        for month, n in zip(ticks, at_risk(group, ticks), strict=True)
    ]
    schema = {"place": pl.Int64, "label": pl.String, "months": pl.Float64, "n": pl.String}
    risk = pl.DataFrame(rows, schema=schema, orient="row")
    return risk.with_columns(end=end, top=top, rule=rule, ticks=len(ticks))
