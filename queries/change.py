"""Change from baseline as comparisons: one per visit, with Holm over the visits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from data.codebook import BASELINE
from queries.statistics.limits import FRAGILE_BELOW
from queries.statistics.multiplicity import holm
from queries.statistics.paired import PairedChange, holm_out_of_reach, paired_change
from queries.statistics.results import Comparison, Sensitivity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from queries.statistics.results import FloatArray, Unit


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """Baseline and one visit on the same patients, before any test.

    Parameters
    ----------
    baseline, follow_up : ndarray, shape (pairs,)
        One value per patient; for a level outcome the means over the patient's levels that
        have both values.
    n_patients : int
        Patients of the cohort, from whom those without both values are left out.
    n_levels : int, optional
        Levels behind the values of a level outcome.
    """

    outcome: str
    unit: Unit
    visit: str
    baseline: FloatArray
    follow_up: FloatArray
    n_patients: int
    n_levels: int | None = None
    sensitivity: tuple[Sensitivity, ...] = ()
    notes: tuple[str, ...] = ()


def comparisons(contrasts: Sequence[Contrast], *, exploratory: bool) -> tuple[Comparison, ...]:
    """Test every contrast of one family and adjust the P values after Holm."""
    changes = [paired_change(contrast.baseline, contrast.follow_up) for contrast in contrasts]
    p_values = [None if change.refused else change.test.p for change in changes]
    size = sum(p is not None for p in p_values)
    return tuple(
        replace(
            _comparison(contrast, change, exploratory=exploratory),
            p=p,
            p_adjusted=adjusted,
            adjustment=None if p is None else "Holm",
            family_size=None if p is None else size,
            notes=(*_notes(change, [p for p in p_values if p is not None]), *contrast.notes),
        )
        for contrast, change, p, adjusted in zip(
            contrasts, changes, p_values, holm(p_values), strict=True
        )
    )


def _comparison(contrast: Contrast, change: PairedChange, *, exploratory: bool) -> Comparison:
    test = change.test
    return Comparison(
        outcome=contrast.outcome,
        unit=contrast.unit,
        kind="paired",
        visit=contrast.visit,
        versus=BASELINE,
        method=_method(contrast.unit, change),
        statistic_name="V",
        statistic=test.statistic if change.n else None,
        effect_name="matched-pairs rank-biserial",
        effect=test.effect,
        n_patients=change.n,
        n_levels=contrast.n_levels,
        n_excluded=contrast.n_patients - change.n,
        exploratory=exploratory,
        refused=change.refused,
        sensitivity=contrast.sensitivity,
    ).with_estimate(change.estimate)


def _method(unit: Unit, change: PairedChange) -> str:
    pairing = "paired by patient" if unit == "patient" else "on patient means of the levels"
    distribution = "exact" if change.test.exact else "normal approximation"
    return f"Wilcoxon signed-rank ({distribution}), {pairing}"


def _notes(change: PairedChange, family: Sequence[float]) -> tuple[str, ...]:
    notes = []
    if 0 < change.n < FRAGILE_BELOW:
        notes.append(f"fragile: fewer than {FRAGILE_BELOW} pairs")
    if change.test.n_zero:
        zero = change.test.n_zero
        notes.append(f"{zero} pair{'s' if zero > 1 else ''} without change left out of the ranks")
    if change.steps_note:
        notes.append("values come in steps: the interval touches zero although P < 0.05")
    behind = sum(p >= change.test.smallest_p for p in family)
    if not change.refused and holm_out_of_reach(change.test.smallest_p, behind):
        notes.append(
            f"with {len(family)} tests in the family, Holm puts 0.05 out of reach of "
            f"{change.test.n_nonzero} pairs"
        )
    return tuple(notes)
