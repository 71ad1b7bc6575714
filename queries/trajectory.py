"""How a score of patients ran over the visits, and its change from baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import measures, visits
from queries.between import GroupChange, between, group_changes, splits
from queries.change import Contrast, comparisons
from queries.cohort import Cohort, Selection, selection
from queries.grouping import By, of_patients
from queries.modelled import Models, modelled
from queries.omnibus import omnibus
from queries.pairs import PairedVisit, by_visit, left_out, left_out_note
from queries.scores import Scores, scores
from queries.statistics.descriptive import describe
from queries.statistics.paired import paired_change
from queries.statistics.results import Sensitivity
from queries.visit_rows import VisitRow, visit_rows

if TYPE_CHECKING:
    from data.codebook import Measure
    from data.warehouse import Reader
    from queries.statistics.results import Comparison

MOST_LINES = 5_000


@dataclass(frozen=True)
class Trajectory:
    """A score over the visits.

    Parameters
    ----------
    rows : tuple of VisitRow
        Every group and visit, the whole cohort (``all``) first.
    pairs : tuple of PairedVisit
        One for each comparison.
    paired : tuple of Comparison
        One signed-rank test per visit against baseline, adjusted after Holm.
    omnibus : tuple of Comparison
        One Friedman test over the visits; none without a visit after baseline.
    groups : tuple of Comparison
        With `by`, one test of the change between the groups per visit, adjusted after Holm.
    changes : tuple of GroupChange
        With `by`, the change of every group at every visit.
    values : polars.DataFrame or None
        patient_id, visit, value, baseline, change, percent, complete (has a value at the
        last visit attended) and, with `by`, group; None above 5,000 values.
    of_later_sessions : int
        Patients whose operation in the cohort is a later one, so that their baseline belongs to
        an earlier operation; they are left out of the scores.
    """

    measure: Measure
    selection: Selection
    by: By | None
    rows: tuple[VisitRow, ...]
    pairs: tuple[PairedVisit, ...]
    paired: tuple[Comparison, ...]
    omnibus: tuple[Comparison, ...]
    groups: tuple[Comparison, ...]
    changes: tuple[GroupChange, ...]
    values: pl.DataFrame | None
    of_later_sessions: int

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Return every test of this answer."""
        return (*self.paired, *self.omnibus, *self.groups)

    @property
    def visits(self) -> tuple[str, ...]:
        """Return the visits at which anybody in the registry has this score."""
        return tuple(dict.fromkeys(row.visit for row in self.rows))


def trajectory(
    reader: Reader,
    cohort: Cohort,
    *,
    measure: str = "vas",
    by: By | None = None,
    models: Models = "few",
) -> Trajectory:
    """Follow one score of the cohort's patients over the visits.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    measure : str
        Code of a patient measure of the codebook.
    by : str, optional
        Field whose groups are described and compared.
    models : {"few", "always", "none"}
        Whether the models of every observed value are fitted above 5,000 patients, or not at all.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.
    """
    selected = selection(reader, cohort)
    found = scores(reader, measure)
    planned, values, status = found.planned, found.values, found.status
    missing = left_out(values, found.followed, status, reader.registry.data_date)
    changed = values.filter(pl.col("change").is_not_null())
    paired = by_visit(changed, found.followed)
    again = by_visit(_reoperated(changed, status), found.followed)
    pairs = [
        _pair(visit, here, again[visit].height, missing[visit]) for visit, here in paired.items()
    ]
    fitted = modelled(values, planned, models=models)
    exploratory = cohort.is_filtered or not measures()[measure].primary
    family = splits(
        values, [pair.visit for pair in pairs], selected, by, outcome=measure, unit="patient"
    )
    return Trajectory(
        measure=measures()[measure],
        selection=selected,
        by=by,
        rows=visit_rows(measures()[measure], planned, values, selected.members, by),
        pairs=tuple(pairs),
        paired=comparisons(
            [
                _contrast(
                    measure,
                    pair,
                    paired[pair.visit],
                    again[pair.visit],
                    selected,
                    fitted[pair.visit],
                )
                for pair in pairs
            ],
            exploratory=exploratory,
        ),
        omnibus=omnibus(
            values,
            planned,
            outcome=measure,
            unit="patient",
            n_patients=selected.n_patients,
            exploratory=exploratory,
        ),
        groups=between(family, exploratory=exploratory),
        changes=tuple(change for split in family for change in group_changes(split)),
        values=_lines(found, selected, by),
        of_later_sessions=found.of_later_sessions,
    )


def _contrast(
    measure: str,
    pair: PairedVisit,
    here: pl.DataFrame,
    again: pl.DataFrame,
    selected: Selection,
    fitted: tuple[Sensitivity, ...],
) -> Contrast:
    reoperated = f"{pair.n_reoperated} reoperated before this visit"
    without = _sensitivity(here, again) if pair.n_reoperated else ()
    return Contrast(
        outcome=measure,
        unit="patient",
        visit=pair.visit,
        baseline=here["baseline"].to_numpy(),
        follow_up=here["value"].to_numpy(),
        n_patients=selected.n_patients,
        sensitivity=(*fitted, *without),
        notes=(*left_out_note(pair), *((reoperated,) if pair.n_reoperated else ())),
    )


def _sensitivity(here: pl.DataFrame, again: pl.DataFrame) -> tuple[Sensitivity, ...]:
    left = here.join(again, on="patient_id", how="anti")
    change = paired_change(left["baseline"].to_numpy(), left["value"].to_numpy())
    name = "without patients operated on again"
    return (Sensitivity.of(name, change.test.p, change.estimate),)


def _reoperated(changed: pl.DataFrame, status: pl.DataFrame) -> pl.DataFrame:
    """Return the visits, with a change, before which a patient was operated on again."""
    again = status.filter(pl.col("second_operated_on").is_not_null())
    if again.is_empty():
        return changed.clear()
    closes = pl.col("first_operated_on") + pl.duration(
        days=pl.col("visit").replace_strict(
            {visit.code: visit.day_to for visit in visits().values()}, return_dtype=pl.Int64
        )
    )
    return again.join(changed, on="patient_id").filter(
        pl.col("second_operated_on") <= pl.coalesce("measured_on", closes)
    )


def _pair(
    visit: str,
    here: pl.DataFrame,
    n_reoperated: int,
    missing: tuple[tuple[str, int], ...],
) -> PairedVisit:
    return PairedVisit(
        visit=visit,
        n=here.height,
        baseline_median=describe(here["baseline"].to_numpy()).median,
        median=describe(here["value"].to_numpy()).median,
        n_reoperated=n_reoperated,
        left_out=missing,
    )


def _lines(found: Scores, selected: Selection, by: By | None) -> pl.DataFrame | None:
    if found.values.height > MOST_LINES:
        return None
    last = found.followed[-1:]
    lines = found.values.with_columns(
        pl.col("visit").is_in(last).any().over("patient_id").alias("complete")
    )
    if by is None:
        return lines
    return lines.join(of_patients(selected.members, by), on="patient_id", how="left")
