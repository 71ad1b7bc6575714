"""How a score ran in those who left early and in those who stayed: by last visit attended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import measures
from queries.absence import DEAD, LOST, NOT_DUE, NOT_RECORDED, reasons
from queries.cohort import Cohort, Selection, selection
from queries.grouping import EVERYBODY
from queries.scores import Scores, scores
from queries.statistics.descriptive import describe
from queries.statistics.median import median_interval
from queries.trajectory import MOST_LINES

if TYPE_CHECKING:
    from datetime import date

    from data.codebook import Measure
    from data.warehouse import Reader
    from queries.statistics.results import Comparison


@dataclass(frozen=True)
class DropoutRow:
    """A score at one visit, over the patients whose last visit with a value is the same.

    Notes
    -----
    `n_patients` were last measured at `last_visit`, `n` of them at this visit too. Of the
    `n_patients`, `died`, `lost`, `not_due` (the window of the next visit was still open) and
    `not_recorded` say why they have no value at the next visit; all are 0 at the latest visit
    that anybody attended.
    """

    group: str
    measure: str
    last_visit: str
    visit: str
    n: int
    n_patients: int
    median: float | None
    q1: float | None
    q3: float | None
    median_low: float | None
    median_high: float | None
    died: int
    lost: int
    not_due: int
    not_recorded: int


@dataclass(frozen=True)
class Dropout:
    """A score over the visits by last visit attended.

    Parameters
    ----------
    rows : tuple of DropoutRow
        Every last visit that somebody has, with each visit up to it.
    values : polars.DataFrame or None
        patient_id, visit, value, change and last_visit; None above 5,000 values.
    never : int
        Patients of the cohort without a value at any visit.
    """

    measure: Measure
    selection: Selection
    rows: tuple[DropoutRow, ...]
    values: pl.DataFrame | None
    never: int
    of_later_sessions: int

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Return no test: who leaves is not drawn at random, so the groups are described."""
        return ()

    @property
    def visits(self) -> tuple[str, ...]:
        """Return the visits at which anybody of the cohort has a value."""
        return tuple(dict.fromkeys(row.visit for row in self.rows))

    @property
    def last_visits(self) -> tuple[DropoutRow, ...]:
        """Return one row for each last visit, the earliest first."""
        return tuple(row for row in self.rows if row.visit == row.last_visit)


def dropout(reader: Reader, cohort: Cohort, *, measure: str = "vas") -> Dropout:
    """Follow one score of the cohort's patients by the last visit that each attended.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    measure : str
        Code of a patient measure of the codebook.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.

    Notes
    -----
    The last visit is the latest scheduled one with a value of this measure, whatever is missing
    before it. Where those who left early were worse than those who stayed, what is observed
    later is too good; where they do not differ, that is no proof that nothing was lost.
    """
    selected = selection(reader, cohort)
    found = scores(reader, measure)
    values = _with_last(found)
    attended = [visit for visit in found.planned if visit in set(values["visit"].to_list())]
    rows = []
    for last in attended:
        group = values.filter(pl.col("last_visit") == last)
        if group.is_empty():
            continue
        why = _why(group, found.status, attended, last, reader.registry.data_date)
        upto = attended[: attended.index(last) + 1]
        rows += [_row(measure, last, visit, group, why) for visit in upto]
    few = values.height <= MOST_LINES
    return Dropout(
        measure=measures()[measure],
        selection=selected,
        rows=tuple(rows),
        values=values if few else None,
        never=selected.n_patients - values["patient_id"].n_unique() - found.of_later_sessions,
        of_later_sessions=found.of_later_sessions,
    )


def _with_last(found: Scores) -> pl.DataFrame:
    place = {visit: place for place, visit in enumerate(found.planned)}
    placed = found.values.with_columns(
        pl.col("visit").replace_strict(place, return_dtype=pl.Int64).alias("place")
    )
    return (
        placed.with_columns(
            pl.col("visit").sort_by("place").last().over("patient_id").alias("last_visit")
        )
        .sort("patient_id", "place")
        .drop("place")
    )


def _why(
    group: pl.DataFrame, status: pl.DataFrame, attended: list[str], last: str, data_date: date
) -> dict[str, int]:
    later = attended[attended.index(last) + 1 :]
    if not later:
        return {}
    people = group.select("patient_id").unique()
    given = reasons(status, later[0], data_date).join(people, on="patient_id", how="semi")
    return dict(given["reason"].value_counts().iter_rows())


def _row(
    measure: str, last: str, visit: str, group: pl.DataFrame, why: dict[str, int]
) -> DropoutRow:
    here = group.filter(pl.col("visit") == visit)["value"].to_numpy()
    summary, interval = describe(here), median_interval(here)
    return DropoutRow(
        group=EVERYBODY,
        measure=measure,
        last_visit=last,
        visit=visit,
        n=summary.n,
        n_patients=group["patient_id"].n_unique(),
        median=summary.median,
        q1=summary.q1,
        q3=summary.q3,
        median_low=interval.ci_low if interval else None,
        median_high=interval.ci_high if interval else None,
        died=why.get(DEAD, 0),
        lost=why.get(LOST, 0),
        not_due=why.get(NOT_DUE, 0),
        not_recorded=why.get(NOT_RECORDED, 0),
    )
