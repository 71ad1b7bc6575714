"""Who of the cohort is still alive, from the operation on."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

import polars as pl

from queries.absence import middle, vital_status
from queries.cohort import Cohort, Selection, selection
from queries.grouping import EVERYBODY, By, group_order, grouped
from queries.statistics.limits import ONE_YEAR_DAYS
from queries.statistics.proportions import no_event_upper
from queries.statistics.survival import (
    MedianTime,
    SurvivalCurve,
    kaplan_meier,
    median_follow_up,
    median_time,
    number_at_risk,
    survival_at,
)
from queries.survival_comparison import compared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.warehouse import Reader
    from queries.statistics.results import Comparison, Estimate

NO_DATE = "without a date after the operation"
DIED_BEFORE = "with a death dated before the operation"
REASONS = (NO_DATE, DIED_BEFORE)


@dataclass(frozen=True)
class SurvivalRow:
    """One time at which somebody of a group died or was censored.

    Notes
    -----
    `at_risk` counts those under observation just before `time_days`; `survival` holds from
    then on, its limits are null where it is 1 or 0. The fields from `median` on describe the
    whole group and stand on each of its rows; a median is null where it is not reached.
    `follow_up` is the median follow-up. Those named `earliest` and `latest` set every death
    of unknown day at that end of what is possible, and are null where there is none.
    """

    group: str
    time_days: int
    at_risk: int
    events: int
    survival: float
    ci_low: float | None
    ci_high: float | None
    median: float | None
    median_low: float | None
    median_high: float | None
    n: int
    deaths: int
    uncertain_deaths: int
    left_out: tuple[tuple[str, int], ...]
    one_year: float | None
    one_year_low: float | None
    one_year_high: float | None
    follow_up: float | None
    median_earliest: float | None
    median_latest: float | None
    one_year_earliest: float | None
    one_year_latest: float | None


@dataclass(frozen=True)
class Figures:
    """What is read from a curve: its median, and the survival at one year."""

    median: MedianTime
    one_year: Estimate | None


@dataclass(frozen=True)
class GroupSurvival:
    """The survival of one group.

    Parameters
    ----------
    uncertain_deaths : int
        Deaths of which the day is not known; `curve` has them in the middle of what is possible.
    earliest, latest : Figures or None
        With all of these at one end of what is possible; None without such a death.
    left_out : tuple of (str, int)
        Patients without a time, by reason.
    followed_one_year : int
        Patients still under observation after one year.
    no_death_upper : float or None
        Where nobody died in the first year, the one-year mortality that those observed for so
        long cannot exclude.
    """

    group: str
    curve: SurvivalCurve
    figures: Figures
    follow_up: MedianTime
    uncertain_deaths: int
    earliest: Figures | None
    latest: Figures | None
    left_out: tuple[tuple[str, int], ...]
    followed_one_year: int
    no_death_upper: float | None


@dataclass(frozen=True)
class Survival:
    """Survival of a cohort from its operation on.

    Parameters
    ----------
    groups : tuple of GroupSurvival
        The whole cohort (``all``) first, then the groups.
    comparisons : tuple of Comparison
        One log-rank test where groups were asked for.
    """

    selection: Selection
    by: By | None
    groups: tuple[GroupSurvival, ...]
    comparisons: tuple[Comparison, ...]

    @property
    def total(self) -> GroupSurvival:
        """Return the survival of the whole cohort."""
        return self.groups[0]

    @property
    def rows(self) -> tuple[SurvivalRow, ...]:
        """Return every group's curve, one row per time."""
        return tuple(row for group in self.groups for row in _rows(group))


def survival(reader: Reader, cohort: Cohort, *, by: By | None = None) -> Survival:
    """Follow the cohort's patients from the operation to death, or as long as they were seen.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    by : str, optional
        Field whose groups are described beside the whole cohort and compared.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.

    Notes
    -----
    Time starts at the earliest operation that satisfies the filters. Those alive are censored
    at the earlier of last contact and data date. A death of which only the month or the year
    is known, or no date at all, is set in the middle of what is possible: not before the
    operation and the last contact, not after the data date. A patient without a date after
    the operation is left out and counted.
    """
    selected = selection(reader, cohort)
    patients = followed(reader)
    parts = [(EVERYBODY, patients)]
    tests: tuple[Comparison, ...] = ()
    if by is not None:
        patients = in_groups(patients, selected, by)
        parts += [
            (group, patients.filter(pl.col("group") == group))
            for group in group_order(by, set(patients["group"]))
        ]
        tests = (compared(_with_time(patients), by, n_patients=selected.n_patients),)
    return Survival(
        selection=selected,
        by=by,
        groups=tuple(_described(group, inside) for group, inside in parts),
        comparisons=tests,
    )


def followed(reader: Reader) -> pl.DataFrame:
    """Give each patient the days to death or censoring, or the reason why there are none.

    Returns
    -------
    polars.DataFrame
        One row per patient of the reader's cohort: patient_id, started_on, died, time_days, the
        same with a death of unknown day as early and as late as possible (earliest, latest),
        uncertain and reason.
    """
    start, latest = pl.col("started_on"), pl.col("died_latest")
    earliest = pl.max_horizontal("died_earliest", start)
    seen = pl.min_horizontal("last_contact_on", pl.lit(reader.registry.data_date))
    ends = {"time_days": middle(earliest, latest), "earliest": earliest, "latest": latest}
    return vital_status(reader).select(
        "patient_id",
        "started_on",
        "died",
        *(
            (pl.when("died").then(day).otherwise(seen) - start).dt.total_days().alias(name)
            for name, day in ends.items()
        ),
        (pl.col("died") & (earliest < latest)).alias("uncertain"),
        pl.when(pl.col("died") & (latest < start))
        .then(pl.lit(DIED_BEFORE))
        .when(~pl.col("died") & (seen <= start))
        .then(pl.lit(NO_DATE))
        .alias("reason"),
    )


def in_groups(patients: pl.DataFrame, selected: Selection, by: By) -> pl.DataFrame:
    """Add each patient's group, and the one that the first session alone would give."""
    at_start = selected.members.join(patients.select("patient_id", "started_on"), on="patient_id")
    first = at_start.filter(pl.col("operated_on") == pl.col("started_on"))
    for members, name in ((selected.members, "group"), (first, "first_group")):
        groups = grouped(members, by, "patient").select("patient_id", pl.col("group").alias(name))
        patients = patients.join(
            groups.unique("patient_id"), on="patient_id", maintain_order="left"
        )
    return patients


def _with_time(patients: pl.DataFrame) -> pl.DataFrame:
    return patients.filter(pl.col("reason").is_null())


def _described(group: str, patients: pl.DataFrame) -> GroupSurvival:
    kept = _with_time(patients)
    days, died = kept["time_days"].to_numpy(), kept["died"].to_numpy()
    curve, uncertain = kaplan_meier(days, died), int(kept["uncertain"].sum())
    one_year, year_long = survival_at(curve), int(number_at_risk(curve, [ONE_YEAR_DAYS])[0])
    spared = one_year is not None and one_year.value == 1
    return GroupSurvival(
        group=group,
        curve=curve,
        figures=Figures(median_time(curve), one_year),
        follow_up=median_follow_up(days, died),
        uncertain_deaths=uncertain,
        earliest=_at_one_end(kept, "earliest") if uncertain else None,
        latest=_at_one_end(kept, "latest") if uncertain else None,
        left_out=tuple(
            (reason, count)
            for reason in REASONS
            if (count := patients.filter(pl.col("reason") == reason).height)
        ),
        followed_one_year=year_long,
        no_death_upper=no_event_upper(year_long) if spared else None,
    )


def _at_one_end(kept: pl.DataFrame, end: str) -> Figures:
    curve = kaplan_meier(kept[end].to_numpy(), kept["died"].to_numpy())
    return Figures(median_time(curve), survival_at(curve))


def _rows(group: GroupSurvival) -> Iterator[SurvivalRow]:
    curve, one_year = group.curve, group.figures.one_year
    earliest, latest = group.earliest, group.latest
    whole: dict[str, Any] = {
        "median": group.figures.median.value,
        "median_low": group.figures.median.ci_low,
        "median_high": group.figures.median.ci_high,
        "n": curve.n,
        "deaths": curve.n_events,
        "uncertain_deaths": group.uncertain_deaths,
        "left_out": group.left_out,
        "one_year": one_year.value if one_year else None,
        "one_year_low": one_year.ci_low if one_year else None,
        "one_year_high": one_year.ci_high if one_year else None,
        "follow_up": group.follow_up.value,
        "median_earliest": earliest.median.value if earliest else None,
        "median_latest": latest.median.value if latest else None,
        "one_year_earliest": _value(earliest),
        "one_year_latest": _value(latest),
    }
    for place, day in enumerate(curve.times.tolist()):
        yield SurvivalRow(
            group=group.group,
            time_days=int(day),
            at_risk=int(curve.at_risk[place]),
            events=int(curve.events[place]),
            survival=float(curve.survival[place]),
            ci_low=_limit(curve.ci_low[place]),
            ci_high=_limit(curve.ci_high[place]),
            **whole,
        )


def _limit(limit: float) -> float | None:
    return None if isnan(limit) else float(limit)


def _value(figures: Figures | None) -> float | None:
    return figures.one_year.value if figures and figures.one_year else None
