"""Rates of responders compared between groups of patients: one test per visit, Holm over them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from queries.cohort import UNRECORDED
from queries.grouping import By, group_label, group_order
from queries.statistics.group_sizes import left_out_notes, listed
from queries.statistics.limits import FRAGILE_BELOW, GROUP_NEEDS
from queries.statistics.multiplicity import holm
from queries.statistics.proportion_groups import ProportionComparison, compare_proportions
from queries.statistics.proportions import counted_proportion
from queries.statistics.rate_difference import rate_difference
from queries.statistics.results import Comparison, Sensitivity

if TYPE_CHECKING:
    from queries.cohort import Selection
    from queries.statistics.results import Estimate, FloatArray

PAIR = 2
REFUSALS = {
    "nothing was observed": "nobody of a known group was assessed",
    "no event in any group": "nobody in any group reached the threshold",
    "only events in every group": "everybody in every group reached the threshold",
}


def responder_groups(
    judged: pl.DataFrame,
    planned: tuple[str, ...],
    *,
    measure: str,
    by: By,
    selected: Selection,
    exploratory: bool,
) -> tuple[Comparison, ...]:
    """Compare the rate of responders between groups, among the assessed.

    Parameters
    ----------
    judged : polars.DataFrame
        patient_id, visit, value, group and reached (null where it cannot be judged) of the
        patients whose baseline can reach the threshold and whose visit window had closed.
    planned : tuple of str
        The visits in order of time; those at which nobody has a value are not in the family.

    Returns
    -------
    tuple of Comparison
        One per visit. Patients whose group was not recorded are left out by count, and so are,
        among three groups or more, groups of one patient; the estimate, for two groups, is the
        difference of their rates.
    """
    attended = set(judged.filter(pl.col("value").is_not_null())["visit"])
    found = [
        replace(
            _comparison(judged.filter(pl.col("visit") == visit), by, selected),
            outcome=f"{measure} responders",
            visit=visit,
            exploratory=exploratory,
        )
        for visit in planned
        if visit in attended
    ]
    p_values = [test.p for test in found]
    size = sum(p is not None for p in p_values)
    return tuple(
        test
        if test.p is None
        else replace(test, p_adjusted=adjusted, adjustment="Holm", family_size=size)
        for test, adjusted in zip(found, holm(p_values), strict=True)
    )


def _comparison(here: pl.DataFrame, by: By, selected: Selection) -> Comparison:
    outcomes = _outcomes(here, by)
    kept = _large_enough(outcomes)
    sizes = [vector.size for vector in kept.values()]
    test = compare_proportions(
        np.concatenate([np.empty(0), *kept.values()]),
        np.repeat(list(kept), sizes),
        np.arange(sum(sizes)),
    )
    difference = _difference(kept)
    return Comparison(
        outcome="",
        unit="patient",
        kind="groups",
        by=by,
        groups=tuple(kept),
        method=test.method.replace("of levels", "of patients among the assessed"),
        statistic_name=test.statistic_name,
        statistic=test.statistic,
        df=test.df,
        p=test.p,
        n_patients=test.n_patients,
        n_excluded=selected.n_patients - test.n_patients,
        exploratory=True,
        refused=_reason(test.refused) if test.refused else None,
        notes=_notes(outcomes, kept, by, selected.convention),
        sensitivity=_sensitivity(test),
    ).with_estimate(difference)


def _reason(refused: str) -> str:
    in_words = REFUSALS.get(refused, refused)
    return in_words.replace("the event in", "the threshold reached by")


def _outcomes(here: pl.DataFrame, by: By) -> dict[str, FloatArray]:
    """Return the outcomes of each group in order, empty where nobody of it was assessed."""
    assessed = here.filter(pl.col("reached").is_not_null())
    return {
        group: assessed.filter(pl.col("group") == group)["reached"].cast(pl.Float64).to_numpy()
        for group in group_order(by, set(here["group"]))
    }


def _large_enough(outcomes: dict[str, FloatArray]) -> dict[str, FloatArray]:
    measured = {g: found for g, found in outcomes.items() if found.size and g != UNRECORDED}
    if len(measured) <= PAIR:
        return measured
    return {group: found for group, found in measured.items() if found.size >= GROUP_NEEDS}


def _notes(
    outcomes: dict[str, FloatArray], kept: dict[str, FloatArray], by: By, convention: str
) -> tuple[str, ...]:
    notes = []
    names = {group: group_label(by, group, convention) for group in outcomes}
    small = [
        f"{names[g]} ({found.size})" for g, found in kept.items() if found.size < FRAGILE_BELOW
    ]
    if small:
        notes.append(f"fragile: fewer than {FRAGILE_BELOW} patients in {listed(small)}")
    unrecorded = outcomes.get(UNRECORDED, np.empty(0)).size
    if unrecorded:
        notes.append(f"left out, {by.replace('_', ' ')} {names[UNRECORDED]}: {unrecorded}")
    left_out = [group for group in outcomes if group not in kept and group != UNRECORDED]
    vectors = {names[group]: outcomes[group] for group in left_out}
    return (*notes, *left_out_notes(vectors, list(vectors)))


def _difference(kept: dict[str, FloatArray]) -> Estimate | None:
    if len(kept) != PAIR:
        return None
    first, second = (counted_proportion(int(found.sum()), found.size) for found in kept.values())
    return rate_difference(first, second)


def _sensitivity(test: ProportionComparison) -> tuple[Sensitivity, ...]:
    """Keep what says something of one value per patient; equations for clusters do not."""
    exact = "Fisher's exact test"
    if len(test.groups) > PAIR:
        exact = "Fisher's exact test, 9,999 random tables"
    return tuple(
        replace(other, name=exact) if other.name.startswith("Fisher") else other
        for other in test.sensitivity
        if not other.name.startswith("GEE")
    )
