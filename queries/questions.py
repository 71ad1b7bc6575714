"""The questions by name, with the options that each takes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from data.codebook import measures, selectable_measures
from queries.alignment import Alignment, alignment
from queries.grouping import GROUP_FIELDS
from queries.leakage import Leakage, leakage
from queries.overview import Overview, overview
from queries.survival import Survival, survival
from queries.trajectory import Trajectory, trajectory

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = Overview | Trajectory | Leakage | Alignment | Survival


@dataclass(frozen=True)
class Question:
    """A question of the command line.

    Parameters
    ----------
    ask : callable
        Takes a reader, a cohort and the options.
    choices : dict
        For each option, the values it takes; the first is the default where it has one.
    """

    ask: Callable[..., Answer]
    choices: dict[str, tuple[str, ...]]


def _codes(unit: str) -> tuple[str, ...]:
    return tuple(m.code for m in selectable_measures("level" if unit == "level" else "patient"))


QUESTIONS: dict[str, Question] = {
    "overview": Question(overview, {}),
    "trajectory": Question(trajectory, {"measure": _codes("patient"), "by": GROUP_FIELDS}),
    "leakage": Question(leakage, {"by": GROUP_FIELDS}),
    "alignment": Question(
        alignment,
        {
            "measure": _codes("level"),
            "scale": ("value", "percent_of_reference"),
            "by": GROUP_FIELDS,
        },
    ),
    "survival": Question(survival, {"by": GROUP_FIELDS}),
}


def choices(question: str, option: str, scale: str | None = None) -> tuple[str, ...]:
    """Return what an option of a question takes; only heights have a reference to divide by."""
    known = QUESTIONS[question].choices.get(option, ())
    if option != "measure" or scale != "percent_of_reference":
        return known
    return tuple(code for code in known if measures()[code].reference_measure)


def descriptive_rows(answer: Answer) -> list[dict[str, Any]]:
    """Return the descriptive table of an answer with the fields of the scripting interface."""
    if isinstance(answer, Leakage):
        return [_leak_fields(row) for row in answer.rows]
    return [asdict(row) for row in answer.rows]


def _leak_fields(row: Any) -> dict[str, Any]:  # noqa: ANN401
    levels, patients = row.per_level, row.per_patient
    return {
        "group": row.group,
        "leaks": levels.k,
        "levels": levels.n,
        "not_looked_for": row.not_looked_for,
        "patients_with_leak": patients.k,
        "patients": patients.n,
        "rate": levels.rate,
        "ci_low": levels.ci_low,
        "ci_high": levels.ci_high,
        "icc": levels.icc,
        "deff": levels.deff,
        "symptomatic": row.symptomatic,
        "icc_assumed": levels.icc_assumed,
        "patient_rate": patients.rate,
        "patient_ci_low": patients.ci_low,
        "patient_ci_high": patients.ci_high,
    }
