"""Change from baseline compared between groups of patients: one test per visit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import BASELINE
from queries.cohort import UNRECORDED
from queries.grouping import SEVERAL, By, group_label, group_order, of_patients
from queries.pairs import changes_at
from queries.statistics.ancova import ancova
from queries.statistics.groups import GroupComparison, compare_groups
from queries.statistics.multiplicity import holm
from queries.statistics.paired import holm_out_of_reach
from queries.statistics.pseudomedian import hodges_lehmann
from queries.statistics.results import Comparison, Sensitivity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from queries.cohort import Selection
    from queries.statistics.results import Estimate, FloatArray, Pairwise, Unit

ANCOVA = "ANCOVA, change adjusted for baseline"
PAIR = 2
FIRST_SESSION = "groups by the first session alone"
OF_LEVELS = ("region", "level", "leak", "surgeon")


@dataclass(frozen=True)
class GroupChange:
    """Change from baseline of one group at one visit, on the patients with both values.

    Notes
    -----
    `estimate` is the Hodges-Lehmann pseudomedian of the patients' changes, for a level outcome
    of the means over each patient's levels; None without a pair.
    """

    group: str
    visit: str
    n_patients: int
    n_levels: int | None
    estimate: Estimate | None


@dataclass(frozen=True, kw_only=True)
class Split:
    """The patients of one visit in their groups, before any test.

    Parameters
    ----------
    changes : polars.DataFrame
        patient_id, group, first_group (that of the first session alone, null where the cohort
        keeps none of it), baseline and change, one row per patient with both values; for a
        level outcome the means over the patient's levels, and n_levels.
    groups, labels : tuple of str
        Every group of the cohort, in order, and how it reads.
    n_patients : int
        Patients of the cohort, from whom those outside the test are left out.
    levels : polars.DataFrame, optional
        group (of the patient) and change of every level, for a level outcome.
    """

    outcome: str
    unit: Unit
    visit: str
    by: By
    changes: pl.DataFrame
    groups: tuple[str, ...]
    labels: tuple[str, ...]
    n_patients: int
    levels: pl.DataFrame | None = None

    def of(self, group: str) -> pl.DataFrame:
        """Return the patients of one group."""
        return self.changes.filter(pl.col("group") == group)

    @property
    def vectors(self) -> dict[str, FloatArray]:
        """Return the changes of every group, by its label, but that of the unrecorded."""
        return {
            label: self.of(group)["change"].to_numpy()
            for group, label in zip(self.groups, self.labels, strict=True)
            if group != UNRECORDED
        }

    def codes(self, labels: Sequence[str]) -> tuple[str, ...]:
        """Return the groups that read so."""
        code = dict(zip(self.labels, self.groups, strict=True))
        return tuple(code[label] for label in labels)


def splits(
    values: pl.DataFrame,
    visits: Sequence[str],
    selected: Selection,
    by: By | None,
    *,
    outcome: str,
    unit: Unit,
) -> tuple[Split, ...]:
    """Put the patients of every visit into their groups; nobody without a field to group by.

    Parameters
    ----------
    values : polars.DataFrame
        patient_id, visit, value, baseline and change, one row per patient, for a level outcome
        one row per level.
    visits : sequence of str
        The visits to compare.
    """
    if by is None:
        return ()
    groups = of_patients(selected.members, by)
    index = selected.members.filter(pl.col("operated_on") == pl.col("first_operated_on"))
    first = of_patients(index, by).rename({"group": "first_group"})
    groups = groups.join(first, on="patient_id", how="left")
    order = group_order(by, set(groups["group"]))
    labels = tuple(group_label(by, group, selected.convention) for group in order)
    found = []
    for visit in visits:
        rows = changes_at(values, visit).join(groups, on="patient_id", maintain_order="left")
        found.append(
            Split(
                outcome=outcome,
                unit=unit,
                visit=visit,
                by=by,
                changes=_of_patients(rows),
                groups=order,
                labels=labels,
                n_patients=selected.n_patients,
                levels=rows if unit == "level" else None,
            )
        )
    return tuple(found)


def _of_patients(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by("patient_id", "group", "first_group", maintain_order=True).agg(
        pl.col("baseline").mean(), pl.col("change").mean(), pl.len().alias("n_levels")
    )


def _levels_alone(split: Split, compared: tuple[str, ...]) -> tuple[Sensitivity, ...]:
    """Compare the same groups of patients on their levels, as if these were independent."""
    if split.levels is None:
        return ()
    label = dict(zip(split.groups, split.labels, strict=True))
    test = compare_groups(
        {
            label[group]: split.levels.filter(pl.col("group") == group)["change"].to_numpy()
            for group in compared or [group for group in split.groups if group != UNRECORDED]
        }
    )
    return (_named("levels as independent", test),)


def _named(name: str, test: GroupComparison) -> Sensitivity:
    words = f"{name}: {test.refused}" if test.refused else name
    return Sensitivity.of(words, test.p, test.estimate)


def group_changes(split: Split) -> tuple[GroupChange, ...]:
    """Describe the change of every group at one visit."""
    rows = []
    for group in split.groups:
        here = split.of(group)
        rows.append(
            GroupChange(
                group=group,
                visit=split.visit,
                n_patients=here.height,
                n_levels=int(here["n_levels"].sum()) if split.unit == "level" else None,
                estimate=hodges_lehmann(here["change"].to_numpy()) if here.height else None,
            )
        )
    return tuple(rows)


def between(family: Sequence[Split], *, exploratory: bool) -> tuple[Comparison, ...]:
    """Test every visit of one comparison of groups and adjust the P values after Holm."""
    tests = [compare_groups(split.vectors) for split in family]
    p_values = [test.p for test in tests]
    size = sum(p is not None for p in p_values)
    return tuple(
        replace(
            _comparison(split, test, exploratory=exploratory),
            p_adjusted=adjusted,
            adjustment=None if adjusted is None else "Holm",
            family_size=None if adjusted is None else size,
            notes=_notes(split, test, [p for p in p_values if p is not None]),
        )
        for split, test, adjusted in zip(family, tests, holm(p_values), strict=True)
    )


def _comparison(split: Split, test: GroupComparison, *, exploratory: bool) -> Comparison:
    compared = split.codes(test.compared)
    inside = split.changes.filter(pl.col("group").is_in(list(compared)))
    on = "" if split.unit == "patient" else ", on patient means of the levels"
    return Comparison(
        outcome=split.outcome,
        unit=split.unit,
        kind="groups",
        visit=split.visit,
        versus=BASELINE,
        by=split.by,
        groups=compared,
        method=f"{test.method}, change between groups{on}" if test.method else None,
        statistic_name=test.statistic_name,
        statistic=test.statistic,
        df=test.df,
        p=test.p,
        effect_name="rank-biserial" if test.effect is not None else None,
        effect=test.effect,
        n_patients=test.n,
        n_levels=int(inside["n_levels"].sum()) if split.unit == "level" else None,
        n_excluded=split.n_patients - test.n,
        exploratory=exploratory,
        refused=test.refused,
        sensitivity=(
            *_levels_alone(split, compared),
            *_adjusted(inside, compared),
            *_by_first_session(split),
        ),
        pairwise=tuple(_pair(split, pair) for pair in test.pairwise),
    ).with_estimate(test.estimate)


def _pair(split: Split, pair: Pairwise) -> Pairwise:
    one, other = split.codes(pair.groups)
    return replace(pair, groups=(one, other))


def _moved(split: Split) -> int:
    """Count the patients whose group is another than that of their first session."""
    if split.unit == "level":
        return 0
    return split.changes.filter(pl.col("group") != pl.col("first_group")).height


def _by_first_session(split: Split) -> tuple[Sensitivity, ...]:
    if not _moved(split):
        return ()
    label = dict(zip(split.groups, split.labels, strict=True))
    found = group_order(split.by, set(split.changes["first_group"]))
    test = compare_groups(
        {
            label.get(group, group): split.changes.filter(pl.col("first_group") == group)[
                "change"
            ].to_numpy()
            for group in found
            if group != UNRECORDED
        }
    )
    return (_named(FIRST_SESSION, test),)


def _adjusted(inside: pl.DataFrame, compared: tuple[str, ...]) -> tuple[Sensitivity, ...]:
    if len(compared) < PAIR:
        return ()
    place = {group: place for place, group in enumerate(compared)}
    model = ancova(
        inside["change"].to_numpy(),
        inside["baseline"].to_numpy(),
        inside["group"].replace_strict(place, return_dtype=pl.Int64).to_numpy(),
    )
    name = ANCOVA if model.refused is None else f"{ANCOVA}: {model.refused}"
    return (Sensitivity(name, model.p, model.estimate, model.ci_low, model.ci_high),)


def _notes(split: Split, test: GroupComparison, family: Sequence[float]) -> tuple[str, ...]:
    notes = list(test.notes)
    unrecorded = split.of(UNRECORDED).height
    if unrecorded:
        notes.append(f"left out, group not recorded: {unrecorded}")
    if SEVERAL in split.groups:
        notes.append("patients with levels in more than one group are a group of their own")
    if moved := _moved(split):
        notes.append(f"in a group because of a later session: {moved}")
    if split.by == "leak":
        notes.append("a patient with a leak at any level is in the group leak")
    if split.unit == "level" and split.by in OF_LEVELS:
        notes.append("the groups compared are of patients, those described of levels")
    least = test.smallest_p
    behind = sum(p >= least for p in family) if least is not None else 0
    if test.p is not None and least is not None and holm_out_of_reach(least, behind):
        notes.append(
            f"with {len(family)} tests in the family, Holm puts 0.05 out of reach of these groups"
        )
    return tuple(notes)
