"""Who was seen at each visit, out of those who were due, and where the others are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import BASELINE, visits
from queries.absence import DEAD, LOST, NOT_DUE, NOT_RECORDED, reasons, vital_status
from queries.cohort import Cohort, Selection, selection
from queries.grouping import EVERYBODY, By, group_order, of_patients
from queries.seen import seen_at_visits
from queries.statements import statement
from queries.statistics.proportions import counted_proportion
from queries.survival import survival

if TYPE_CHECKING:
    from datetime import date

    from data.warehouse import Reader
    from queries.statistics.results import Comparison, Proportion
    from queries.statistics.survival import MedianTime

SEEN = "seen"
EARLY = "seen early"
STATUSES = (SEEN, NOT_RECORDED, LOST, NOT_DUE, DEAD)
COMPLETE = 0.8
MOST_PATIENTS = 5_000


@dataclass(frozen=True)
class AttritionRow:
    """The flow of a group of patients to one visit.

    Parameters
    ----------
    treated : int
        Patients of the cohort whose first operation is in it.
    alive : int
        Those not known to have died before the visit's window closed, and those seen at it.
    due : int
        The living whose window had closed by the data date, and those seen before it closed.
    seen : int
        Patients with a score or a film at the visit.
    died, lost, not_due, not_recorded : int
        Patients not seen: dead before the window closed; last heard of before it opened; window
        still open; none of these. With `seen` they add up to `treated`.
    earlier_operation : int
        Patients left out: their operation in the cohort is a later one, so that the visits
        belong to an earlier operation.
    seen_early : int
        Of those seen, the living whose window was still open on the data date.
    completeness : Proportion
        Those seen among those due.
    closed : Proportion
        The same without those seen early: only patients whose window has closed.
    """

    group: str
    visit: str
    treated: int
    alive: int
    due: int
    seen: int
    died: int
    lost: int
    not_due: int
    not_recorded: int
    earlier_operation: int
    seen_early: int
    completeness: Proportion
    closed: Proportion


@dataclass(frozen=True)
class Attrition:
    """Completeness of the follow-up of a cohort.

    Parameters
    ----------
    rows : tuple of AttritionRow
        Every group (``all`` first) at every visit.
    follow_up : MedianTime
        Median follow-up of the whole cohort by reverse Kaplan-Meier.
    n_followed : int
        Patients whom the median follow-up rests on.
    patients : polars.DataFrame or None
        patient_id, visit and status (one of `STATUSES`) of every patient at every visit, those
        seen latest first and equal courses together; None above `MOST_PATIENTS`.
    comparisons : tuple of Comparison
        None: completeness is described and not tested.
    """

    selection: Selection
    by: By | None
    rows: tuple[AttritionRow, ...]
    follow_up: MedianTime
    n_followed: int
    patients: pl.DataFrame | None
    comparisons: tuple[Comparison, ...] = ()

    @property
    def total(self) -> tuple[AttritionRow, ...]:
        """Return the rows of the whole cohort."""
        return tuple(row for row in self.rows if row.group == EVERYBODY)

    @property
    def visits(self) -> tuple[str, ...]:
        """Return the visits, in their order."""
        return tuple(row.visit for row in self.total)

    @property
    def of_later_sessions(self) -> int:
        """Return how many patients of the cohort are left out."""
        return max((row.earlier_operation for row in self.total), default=0)


def attrition(reader: Reader, cohort: Cohort, *, by: By | None = None) -> Attrition:
    """Follow the cohort from treated to alive to due to seen, visit by visit.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    by : str, optional
        Field whose groups are counted beside the whole cohort.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.

    Notes
    -----
    Visits count from the first operation; patients whose operation in the cohort is a later one
    are left out by count. A patient was *seen* at a visit if any score stands there, or a film of
    a level of the cohort (films stand at the visits of their own operation). Those not seen are,
    in this order: *dead* before the window closed, *not due* while the window was still open on
    the data date, *lost* if last heard of before the window opened, and otherwise *not recorded*.
    Due are those seen, lost and not recorded: the living whose window has closed. Whoever was
    seen before the window closed counts as due and as seen; since those who will miss the visit
    are not due yet, they are counted apart, and the completeness of the closed windows alone
    stands beside it.

    Completeness is the seen among the due, with Wilson's interval; where nobody or everybody was
    seen, the exact limit. It is described, by group too, and not tested. The visits are those
    that anybody in the registry attended, and the one before the operation.
    """
    selected = selection(reader, cohort)
    status = vital_status(reader)
    planned = attended_visits(reader)
    people = _statuses(reader, status, planned)
    rows = _rows(people.with_columns(pl.lit(EVERYBODY).alias("group")), planned, (EVERYBODY,))
    if by is not None:
        grouped = people.join(of_patients(selected.members, by), on="patient_id", how="left")
        rows += _rows(grouped, planned, group_order(by, set(grouped["group"])))
    lives = survival(reader, cohort).total
    return Attrition(
        selection=selected,
        by=by,
        rows=rows,
        follow_up=lives.follow_up,
        n_followed=lives.curve.n,
        patients=_patients(people.filter("has_index_session"), planned),
    )


def attended_visits(reader: Reader) -> tuple[str, ...]:
    """Return the planned visits that anybody in the registry attended, and the one before."""
    attended = {BASELINE, *reader.constant(statement("attrition"))["visit"]}
    return tuple(visit for visit in visits() if visit in attended)


def _statuses(reader: Reader, status: pl.DataFrame, planned: tuple[str, ...]) -> pl.DataFrame:
    """Give every patient a status at every visit, one column each."""
    seen = (
        seen_at_visits(reader)
        .group_by("patient_id")
        .agg((pl.col("visit") == visit).any().alias(visit) for visit in planned)
    )
    known = status.join(seen, on="patient_id", how="left", maintain_order="left")
    data_date = reader.registry.data_date
    return known.select(
        "patient_id",
        "has_index_session",
        *(_status(status, visit, data_date) for visit in planned),
    )


def _status(status: pl.DataFrame, visit: str, data_date: date) -> pl.Expr:
    reason = pl.lit(reasons(status, visit, data_date)["reason"])
    return (
        pl.when(pl.col(visit) & (reason == NOT_DUE))
        .then(pl.lit(EARLY))
        .when(visit)
        .then(pl.lit(SEEN))
        .otherwise(reason)
        .alias(visit)
    )


def _rows(
    people: pl.DataFrame, planned: tuple[str, ...], groups: tuple[str, ...]
) -> tuple[AttritionRow, ...]:
    index = pl.col("has_index_session")
    counts = people.group_by("group").agg(
        (~index).sum().alias("later"),
        *(
            (index & (pl.col(visit) == status)).sum().alias(f"{visit} {status}")
            for visit in planned
            for status in (*STATUSES, EARLY)
        ),
    )
    found = {row["group"]: row for row in counts.to_dicts()}
    return tuple(_row(group, visit, found.get(group, {})) for group in groups for visit in planned)


def _row(group: str, visit: str, counts: dict[str, int]) -> AttritionRow:
    n = {status: counts.get(f"{visit} {status}", 0) for status in (*STATUSES, EARLY)}
    seen = n[SEEN] + n[EARLY]
    due = seen + n[LOST] + n[NOT_RECORDED]
    alive = due + n[NOT_DUE]
    return AttritionRow(
        group=group,
        visit=visit,
        treated=alive + n[DEAD],
        alive=alive,
        due=due,
        seen=seen,
        died=n[DEAD],
        lost=n[LOST],
        not_due=n[NOT_DUE],
        not_recorded=n[NOT_RECORDED],
        earlier_operation=counts.get("later", 0),
        seen_early=n[EARLY],
        completeness=counted_proportion(seen, due),
        closed=counted_proportion(n[SEEN], due - n[EARLY]),
    )


def _patients(people: pl.DataFrame, planned: tuple[str, ...]) -> pl.DataFrame | None:
    if people.height > MOST_PATIENTS:
        return None
    places = (
        pl.when(pl.col(visit).is_in([SEEN, EARLY])).then(place).otherwise(-1)
        for place, visit in enumerate(planned)
    )
    return (
        people.with_columns(pl.max_horizontal(*places).alias("last"))
        .sort(
            "last",
            *reversed(planned),
            "patient_id",
            descending=[True, *[True] * len(planned), False],
        )
        .select("patient_id", pl.col(planned).replace(EARLY, SEEN))
        .unpivot(index="patient_id", variable_name="visit", value_name="status")
    )
