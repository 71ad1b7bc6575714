"""What happened to the cohort's patients after the operation, where death can come before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import EVENT_KINDS
from queries.cohort import Cohort, Selection, selection
from queries.event_rows import EventRow, curve_rows, kind_row
from queries.events_comparison import incidences_compared
from queries.grouping import EVERYBODY, By, group_order
from queries.member_rows import member_rows
from queries.statements import statement
from queries.statistics.competing import incidence_at
from queries.statistics.event_rate import event_rate
from queries.statistics.incidence import IncidenceCurve, cumulative_incidence
from queries.statistics.limits import ONE_YEAR_DAYS
from queries.statistics.proportions import no_event_upper
from queries.statistics.survival import number_at_risk
from queries.survival import REASONS, followed, in_groups

if TYPE_CHECKING:
    from data.warehouse import Reader
    from queries.statistics.results import Comparison, Estimate

NO_DAY = "without a date"
AFTER_DATA = "dated after the data date"
BEFORE_START = "before the start"
AFTER_DEATH = "dated after the death"
NOT_COUNTED = (NO_DAY, AFTER_DATA, BEFORE_START, AFTER_DEATH)


@dataclass(frozen=True)
class GroupIncidence:
    """The first events of one kind in one group.

    Parameters
    ----------
    curve : IncidenceCurve
        Time to the first event, with death as the competing event.
    events : int
        Events of this kind, repeated ones included.
    patient_years : float
        From the start to the first event, to death or to the last contact.
    rate : Estimate or None
        First events per 100 patient-years; None where no time was observed.
    one_year : Estimate or None
        None where nobody was observed for so long.
    followed_one_year : int
        Patients under observation without the event after one year.
    no_event_upper : float or None
        Where nobody had the event in the first year, the incidence at one year that those
        observed for so long cannot exclude.
    uncertain_deaths : int
        Deaths before an event of which the day is not known, set in the middle of what is
        possible.
    left_out : tuple of (str, int)
        Patients without a time, by reason.
    """

    group: str
    curve: IncidenceCurve
    events: int
    patient_years: float
    rate: Estimate | None
    one_year: Estimate | None
    followed_one_year: int
    no_event_upper: float | None
    uncertain_deaths: int
    left_out: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class KindCount:
    """How often one kind of event happened in the whole cohort.

    Notes
    -----
    `whole` is the incidence of the first one; `left_out` counts the events that have no place
    in the time after the operation.
    """

    kind: str
    whole: GroupIncidence
    left_out: int

    @property
    def events(self) -> int:
        """Return the events counted, repeated ones included."""
        return self.whole.events

    @property
    def patients(self) -> int:
        """Return the patients who had one."""
        return self.whole.curve.n_events

    @property
    def rate(self) -> Estimate | None:
        """Return first events per 100 patient-years up to them."""
        return self.whole.rate


@dataclass(frozen=True)
class Events:
    """One kind of event in a cohort, from its operation on.

    Parameters
    ----------
    recorded : bool
        Whether the registry records any event of any patient.
    groups : tuple of GroupIncidence
        The whole cohort (``all``) first, then the groups.
    counts : tuple of KindCount
        Every kind of event in the whole cohort.
    events_left_out : tuple of (str, int)
        Events of this kind that are not counted, by reason.
    comparisons : tuple of Comparison
        One Gray's test where groups were asked for.
    """

    selection: Selection
    kind: str
    by: By | None
    recorded: bool
    groups: tuple[GroupIncidence, ...]
    counts: tuple[KindCount, ...]
    events_left_out: tuple[tuple[str, int], ...]
    comparisons: tuple[Comparison, ...]

    @property
    def total(self) -> GroupIncidence:
        """Return the incidence in the whole cohort."""
        return self.groups[0]

    @property
    def rows(self) -> tuple[EventRow, ...]:
        """Return every group's curve, one row per time."""
        return tuple(row for group in self.groups for row in curve_rows(group, self))

    @property
    def kind_rows(self) -> tuple[EventRow, ...]:
        """Return every kind of event in the whole cohort, one row each, without a time."""
        return tuple(kind_row(count, self) for count in self.counts)


def events(
    reader: Reader, cohort: Cohort, *, kind: str = EVENT_KINDS[0], by: By | None = None
) -> Events:
    """Follow the cohort's patients to their first event of one kind, or to death before it.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    kind : str
        A kind of event of the codebook.
    by : str, optional
        Field whose groups are described beside the whole cohort and compared.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.

    Notes
    -----
    Time starts at the earliest operation that satisfies the filters and ends at the first event
    of the kind on that day or later. Death is the competing event: who has died can no longer
    have one. Those alive without an event are censored at the earlier of last contact and data
    date; an event after the last contact counts on its day. A death of unknown day is set in
    the middle of what is possible. Events without a date, before the start, after the death or
    after the data date are left out and counted; their patients stay. Rates count first events
    per 100 patient-years. Groups are compared by Gray's test, refused where so few events could
    not reach 0.05 however they fell on the groups.
    """
    selected = selection(reader, cohort)
    patients = followed(reader)
    if by is not None:
        patients = in_groups(patients, selected, by)
    happened = happened_to(reader, patients)
    ended, seen = _ended(patients, happened, kind), set(happened["kind"])
    spared = _described(EVERYBODY, _ended(patients, happened.clear(), kind))
    wholes = {
        code: _described(EVERYBODY, _ended(patients, happened, code)) if code in seen else spared
        for code in EVENT_KINDS
    }
    recorded = bool(reader.constant(statement("events_recorded")).item())
    tests: tuple[Comparison, ...] = ()
    groups = [wholes[kind]]
    if by is not None:
        names = group_order(by, set(ended["group"]))
        groups += [_described(name, ended.filter(pl.col("group") == name)) for name in names]
        tests = (
            incidences_compared(
                _with_time(ended), by, kind, n_patients=selected.n_patients, recorded=recorded
            ),
        )
    missed = happened.filter(pl.col("kind") == kind)["left_out"]
    return Events(
        selection=selected,
        kind=kind,
        by=by,
        recorded=recorded,
        groups=tuple(groups),
        counts=tuple(
            KindCount(code, wholes[code], happened.filter(kind=code)["left_out"].count())
            for code in EVENT_KINDS
        ),
        events_left_out=_by_reason(missed, NOT_COUNTED),
        comparisons=tests,
    )


def happened_to(reader: Reader, patients: pl.DataFrame) -> pl.DataFrame:
    """Give each event its day after the start, or the reason why it is not counted.

    Parameters
    ----------
    patients : polars.DataFrame
        As `queries.survival.followed` returns it.

    Returns
    -------
    polars.DataFrame
        patient_id, kind, level (of the procedure it was recorded with), day and left_out (one
        of `NOT_COUNTED`, or null).
    """
    day = (pl.col("occurred_on") - pl.col("started_on")).dt.total_days()
    left_out = (
        pl.when(pl.col("occurred_on").is_null())
        .then(pl.lit(NO_DAY))
        .when(pl.col("occurred_on") > reader.registry.data_date)
        .then(pl.lit(AFTER_DATA))
        .when(day < 0)
        .then(pl.lit(BEFORE_START))
        .when(pl.col("died") & (day > pl.col("latest")))
        .then(pl.lit(AFTER_DEATH))
    )
    course = patients.select("patient_id", "started_on", "died", "latest")
    return (
        member_rows(reader, statement("events"), by="patient_id")
        .join(course, on="patient_id", maintain_order="left")
        .select("patient_id", "kind", "level", day.alias("day"), left_out.alias("left_out"))
    )


def _ended(patients: pl.DataFrame, happened: pl.DataFrame, kind: str) -> pl.DataFrame:
    """End each patient's time at the first event: state 1 that, 2 death before it, 0 neither."""
    of_kind = happened.filter(pl.col("kind") == kind, pl.col("left_out").is_null())
    first = of_kind.group_by("patient_id").agg(
        pl.col("day").min().alias("event_day"), pl.len().alias("events")
    )
    day = pl.col("event_day")
    return patients.join(first, on="patient_id", how="left", maintain_order="left").with_columns(
        *(pl.coalesce(day, end).alias(end) for end in ("time_days", "earliest", "latest")),
        pl.when(day.is_not_null()).then(1).when("died").then(2).otherwise(0).alias("state"),
        pl.when(day.is_null()).then("reason").alias("reason"),
        (pl.col("uncertain") & day.is_null()).alias("uncertain"),
        pl.col("events").fill_null(0),
    )


def _with_time(patients: pl.DataFrame) -> pl.DataFrame:
    return patients.filter(pl.col("reason").is_null())


def _described(group: str, patients: pl.DataFrame) -> GroupIncidence:
    kept = _with_time(patients)
    curve = cumulative_incidence(kept["time_days"].to_numpy(), kept["state"].to_numpy())
    one_year, years = incidence_at(curve), float(kept["time_days"].sum()) / ONE_YEAR_DAYS
    year_long = int(number_at_risk(curve, [ONE_YEAR_DAYS])[0])
    spared = one_year is not None and one_year.value == 0
    return GroupIncidence(
        group=group,
        curve=curve,
        events=int(kept["events"].sum()),
        patient_years=years,
        rate=event_rate(curve.n_events, years),
        one_year=one_year,
        followed_one_year=year_long,
        no_event_upper=no_event_upper(year_long) if spared else None,
        uncertain_deaths=int(kept["uncertain"].sum()),
        left_out=_by_reason(patients["reason"], REASONS),
    )


def _by_reason(given: pl.Series, order: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    return tuple((reason, n) for reason in order if (n := int((given == reason).sum())))
