"""One outcome in every subgroup at one visit, and one test between the groups of each field."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from data.codebook import BASELINE, measures, visits
from queries.between import between, group_changes, splits
from queries.cohort import Cohort, Selection, selection
from queries.films import level_values
from queries.grouping import EVERYBODY, By
from queries.leakage import leakage
from queries.pairs import changes_at, patient_means
from queries.scores import scores
from queries.statistics.multiplicity import holm
from queries.statistics.pseudomedian import hodges_lehmann

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.codebook import Measure
    from data.warehouse import Reader
    from queries.between import GroupChange
    from queries.leakage import LeakRow
    from queries.statistics.results import Comparison, Estimate, Proportion

SUBGROUP_FIELDS: tuple[By, ...] = ("primary_tumour", "region", "sex", "age_band")
LEAK = "leak"
HEADLINE = "m12"
FOLLOW_UP_VISITS = tuple(visit for visit in visits() if visit != BASELINE)


@dataclass(frozen=True)
class Subgroup:
    """One group of one field, or the whole cohort (then `by` is None).

    Notes
    -----
    `estimate` is the Hodges-Lehmann change of patients, for a level measure of the means over
    their levels; None without a pair. `rate` is the rate of leakage per level; None for a
    change. Exactly one of them can be given.
    """

    by: By | None
    group: str
    n_patients: int
    n_levels: int | None
    estimate: Estimate | None = None
    rate: Proportion | None = None

    def fields(self) -> dict[str, Any]:
        """Return the row as the command prints it."""
        change, rate = self.estimate, self.rate
        if rate is not None:
            value: tuple[float | None, ...] = (rate.rate, rate.ci_low, rate.ci_high)
        elif change is not None:
            value = (change.value, change.ci_low, change.ci_high)
        else:
            value = (None, None, None)
        return {
            "by": self.by,
            "group": self.group,
            "n_patients": self.n_patients,
            "n_levels": self.n_levels,
            "leaks": None if rate is None else rate.k,
            **dict(zip(("estimate", "ci_low", "ci_high"), value, strict=True)),
        }


@dataclass(frozen=True)
class Subgroups:
    """One outcome in every subgroup.

    Parameters
    ----------
    outcome : str
        Code of the measure, or ``leak``.
    measure : Measure or None
        None for leakage.
    visit : str or None
        None for leakage, and where nobody has a change.
    rows : tuple of Subgroup
        The whole cohort first, then every group of every field.
    comparisons : tuple of Comparison
        One for each field, adjusted after Holm over the fields; always exploratory.
    of_later_sessions : int
        Patients left out of a score, because their baseline belongs to an earlier operation.
    """

    outcome: str
    measure: Measure | None
    visit: str | None
    selection: Selection
    rows: tuple[Subgroup, ...]
    comparisons: tuple[Comparison, ...]
    of_later_sessions: int

    @property
    def total(self) -> Subgroup:
        """Return the whole cohort."""
        return self.rows[0]

    def of(self, by: By) -> tuple[Subgroup, ...]:
        """Return the groups of one field."""
        return tuple(row for row in self.rows if row.by == by)


def subgroups(
    reader: Reader, cohort: Cohort, *, measure: str = "vas", visit: str | None = None
) -> Subgroups:
    """Describe one outcome in every subgroup and test each field for a difference between groups.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    measure : str
        Code of a measure of the codebook, or ``leak``.
    visit : str, optional
        The visit whose change from baseline is described; 12 months, or the latest attended,
        where none is given. Leakage has no visit.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.

    Notes
    -----
    A question about subgroups is answered by one comparison between the groups of a field, never
    by a P inside a group [1]_. Fields: primary tumour, region, sex and age band. Each patient
    stands in one group of each field; for leakage each level does. The groups are compared as
    everywhere: changes by Mann-Whitney or Kruskal-Wallis on one value per patient, leakage by
    permuting the patients' groups; groups too small for the test are described and left out of
    it by name. Holm over the fields. With few patients such a test finds large differences only,
    and the groups overlap between the fields: whatever it finds is exploratory.

    References
    ----------
    .. [1] Wang R, Lagakos SW, Ware JH, Hunter DJ, Drazen JM. Statistics in medicine: reporting
       of subgroup analyses in clinical trials. New England Journal of Medicine
       2007;357:2189-2194.
    """
    selected = selection(reader, cohort)
    if measure == LEAK:
        return _of_leaks(reader, cohort, selected)
    book = measures()[measure]
    values, later = _values(reader, book, selected)
    attended = set(values.filter(pl.col("change").is_not_null())["visit"])
    seen = [code for code in FOLLOW_UP_VISITS if code in attended]
    latest = HEADLINE if HEADLINE in seen else next(reversed(seen), None)
    chosen = visit or latest
    family = [
        split
        for by in SUBGROUP_FIELDS
        for split in splits(
            values,
            [chosen] if chosen else [],
            selected,
            by,
            outcome=measure,
            unit=book.unit_of_analysis,
        )
    ]
    return Subgroups(
        outcome=measure,
        measure=book,
        visit=chosen,
        selection=selected,
        rows=(
            _whole(values, chosen, book),
            *(_change(split.by, change) for split in family for change in group_changes(split)),
        ),
        comparisons=tuple(replace(test, pairwise=()) for test in between(family, exploratory=True)),
        of_later_sessions=later,
    )


def _values(reader: Reader, measure: Measure, selected: Selection) -> tuple[pl.DataFrame, int]:
    """Return every value with its change, and how many patients of later sessions are left out."""
    if measure.unit_of_analysis == "level":
        return level_values(reader, measure, selected), 0
    found = scores(reader, measure.code)
    return found.values, found.of_later_sessions


def _whole(values: pl.DataFrame, visit: str | None, measure: Measure) -> Subgroup:
    here = changes_at(values, visit or "")
    changes = patient_means(here, "change")
    return Subgroup(
        by=None,
        group=EVERYBODY,
        n_patients=changes.size,
        n_levels=here.height if measure.unit_of_analysis == "level" else None,
        estimate=hodges_lehmann(changes) if changes.size else None,
    )


def _change(by: By, change: GroupChange) -> Subgroup:
    return Subgroup(by, change.group, change.n_patients, change.n_levels, change.estimate)


def _of_leaks(reader: Reader, cohort: Cohort, selected: Selection) -> Subgroups:
    answers = [leakage(reader, cohort, by=by) for by in SUBGROUP_FIELDS]
    total = answers[0].total
    tests = [test for answer in answers for test in answer.comparisons if selected.n_patients]
    return Subgroups(
        outcome=LEAK,
        measure=None,
        visit=None,
        selection=selected,
        rows=(
            _leaks(None, total),
            *(_leaks(answer.by, row) for answer in answers for row in answer.rows[1:]),
        ),
        comparisons=_adjusted(tests),
        of_later_sessions=0,
    )


def _leaks(by: By | None, row: LeakRow) -> Subgroup:
    return Subgroup(by, row.group, row.per_patient.n, row.per_level.n, rate=row.per_level)


def _adjusted(tests: Sequence[Comparison]) -> tuple[Comparison, ...]:
    size = sum(test.p is not None for test in tests)
    return tuple(
        replace(test, p_adjusted=adjusted, family_size=size if adjusted is not None else None)
        for test, adjusted in zip(
            (replace(test, exploratory=True) for test in tests),
            holm([test.p for test in tests]),
            strict=True,
        )
    )
