"""The questions by name, with the options that each takes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from data.codebook import (
    BASELINE,
    EVENT_KINDS,
    bands,
    measures,
    selectable_measures,
    thresholds,
    visits,
)
from data.rules import RULES
from queries.agreement import Agreement, agreement
from queries.alignment import Alignment, alignment
from queries.attrition import Attrition, attrition
from queries.cement import Cement, cement
from queries.dropout import Dropout, dropout
from queries.event_courses import EventCourses, event_courses
from queries.events import Events, events
from queries.films import Postures, postures
from queries.funnel import Funnel, funnel
from queries.genant import Genant, genant
from queries.grouping import EVERYBODY, GROUP_FIELDS
from queries.height_and_pain import HeightAndPain, height_and_pain
from queries.heights import Heights, heights
from queries.improvement import Improvement, improvement
from queries.leakage import Leakage, leakage
from queries.locations import Locations, locations
from queries.modelled import MODELS
from queries.monitoring import LIMITS, TARGETS, Monitoring, monitoring
from queries.overview import Overview, overview
from queries.patient import Patient, patient
from queries.patients import ORDERS, Patients, patients
from queries.published import Published, published
from queries.quality import Quality, quality
from queries.ranges import Ranges, ranges
from queries.responders import Responders, responders
from queries.restoration import FORMULAS, Restoration, restoration
from queries.severity import Severity, severity
from queries.stability import Held, stability
from queries.subgroups import FOLLOW_UP_VISITS, LEAK, Subgroups, subgroups
from queries.survival import Survival, survival
from queries.timing import Timing, timing
from queries.tipping import Tipping, tipping
from queries.trajectory import Trajectory, trajectory

if TYPE_CHECKING:
    from collections.abc import Callable

    from queries.attrition import AttritionRow
    from queries.responders import ResponderRow

Answer = (
    Overview
    | Trajectory
    | Timing
    | Dropout
    | Improvement
    | Severity
    | Responders
    | Leakage
    | Locations
    | Cement
    | Funnel
    | Monitoring
    | Published
    | Alignment
    | Held
    | Heights
    | Restoration
    | Genant
    | HeightAndPain
    | Agreement
    | Postures
    | Survival
    | Attrition
    | Events
    | Quality
    | EventCourses
    | Patient
    | Patients
    | Ranges
    | Tipping
    | Subgroups
)


@dataclass(frozen=True)
class Question:
    """A question of the command line.

    Parameters
    ----------
    ask : callable
        Takes a reader, a cohort and the options.
    choices : dict
        For each option, the values it takes; the first is the default where it has one.
    free : tuple of str
        Options that take any value.
    """

    ask: Callable[..., Answer]
    choices: dict[str, tuple[str, ...]]
    free: tuple[str, ...] = ()

    @property
    def options(self) -> tuple[str, ...]:
        """Return the names of all options."""
        return (*self.choices, *self.free)


def _codes(unit: str) -> tuple[str, ...]:
    return tuple(m.code for m in selectable_measures("level" if unit == "level" else "patient"))


def _labels(measure: str) -> tuple[str, ...]:
    return tuple(threshold.label for threshold in thresholds(measure))


SCALES = ("value", "percent_of_reference")
AFTERWARDS = tuple(visit for visit in visits() if visit != BASELINE)
IN_POSTURE = ("posture",)
_HEIGHTS = tuple(code for code in _codes("level") if measures()[code].reference_measure)
_WITH_BANDS = tuple(code for code in _codes("patient") if bands(code))
_WITH_THRESHOLDS = tuple(code for code in _codes("patient") if thresholds(code))

_OF_THRESHOLDS = {
    "measure": _WITH_THRESHOLDS,
    "threshold": tuple(
        dict.fromkeys(label for code in _WITH_THRESHOLDS for label in _labels(code))
    ),
}

QUESTIONS: dict[str, Question] = {
    "overview": Question(overview, {"models": MODELS}),
    "trajectory": Question(
        trajectory, {"measure": _codes("patient"), "by": GROUP_FIELDS, "models": MODELS}
    ),
    "responders": Question(responders, {**_OF_THRESHOLDS, "by": GROUP_FIELDS}),
    "leakage": Question(leakage, {"by": GROUP_FIELDS}),
    "locations": Question(locations, {}),
    "cement": Question(cement, {}),
    "funnel": Question(funnel, {}),
    "monitoring": Question(monitoring, {"target": TARGETS, "limit": LIMITS}),
    "published": Question(published, {}),
    "alignment": Question(
        alignment,
        {
            "measure": _codes("level"),
            "scale": SCALES,
            "by": GROUP_FIELDS,
            "models": MODELS,
        },
        free=IN_POSTURE,
    ),
    "stability": Question(stability, {"measure": _codes("level")}, free=IN_POSTURE),
    "heights": Question(heights, {"scale": SCALES}, free=IN_POSTURE),
    "restoration": Question(
        restoration,
        {"measure": _HEIGHTS, "formula": FORMULAS, "visit": AFTERWARDS},
        free=IN_POSTURE,
    ),
    "genant": Question(genant, {}, free=IN_POSTURE),
    "height_and_pain": Question(
        height_and_pain,
        {"measure": _HEIGHTS, "score": _codes("patient"), "visit": AFTERWARDS},
        free=IN_POSTURE,
    ),
    "agreement": Question(agreement, {"measure": _codes("level")}),
    "postures": Question(postures, {}),
    "survival": Question(survival, {"by": GROUP_FIELDS}),
    "attrition": Question(attrition, {"by": GROUP_FIELDS}),
    "events": Question(events, {"kind": EVENT_KINDS, "by": GROUP_FIELDS}),
    "quality": Question(quality, {"rule": tuple(RULES)}),
    "timing": Question(timing, {"measure": _codes("patient")}),
    "dropout": Question(dropout, {"measure": _codes("patient")}),
    "improvement": Question(improvement, {"measure": _codes("patient")}),
    "severity": Question(severity, {"measure": _WITH_BANDS}),
    "event_courses": Question(event_courses, {}),
    "patients": Question(patients, {"order": ORDERS}),
    "patient": Question(patient, {}, free=("patient_id",)),
    "ranges": Question(ranges, {"measure": (*_codes("patient"), *_codes("level"))}),
    "tipping": Question(tipping, _OF_THRESHOLDS),
    "subgroups": Question(
        subgroups,
        {"measure": (*_codes("patient"), *_codes("level"), LEAK), "visit": FOLLOW_UP_VISITS},
    ),
}


def choices(
    question: str, option: str, scale: str | None = None, threshold: str | None = None
) -> tuple[str, ...]:
    """Return what an option of a question takes.

    Only heights have a reference to divide by, and only some measures a given threshold.
    """
    options = QUESTIONS[question].choices
    known = options.get(option, ())
    if option != "measure":
        return known
    if scale == "percent_of_reference":
        return tuple(
            code for code in known if code in measures() and measures()[code].reference_measure
        )
    if threshold in options.get("threshold", ()):
        return tuple(code for code in known if threshold in _labels(code))
    return known


def descriptive_rows(answer: Answer) -> list[dict[str, Any]]:
    """Return the descriptive table of an answer with the fields of the scripting interface."""
    if isinstance(answer, Leakage):
        return [_leak_fields(row) for row in answer.rows]
    if isinstance(answer, Responders):
        return [_responder_fields(row) for row in answer.rows]
    if isinstance(answer, Monitoring):
        return _monitoring_fields(answer)
    if isinstance(answer, Subgroups):
        about = {"measure": answer.outcome, "visit": answer.visit}
        return [about | row.fields() for row in answer.rows]
    if isinstance(answer, Attrition):
        return [_attrition_fields(row, answer) for row in answer.rows]
    if isinstance(answer, Patients | EventCourses):
        return list(answer.rows)
    if isinstance(answer, Events):
        return [asdict(row) for row in (*answer.rows, *answer.kind_rows)]
    return [asdict(row) for row in answer.rows]


def _responder_fields(row: ResponderRow) -> dict[str, Any]:
    found = row.proportion
    return {
        "group": row.group,
        "measure": row.measure,
        "visit": row.visit,
        "threshold": row.threshold.label,
        "among": row.among,
        "reached": found.k,
        "n": found.n,
        "rate": found.rate,
        "ci_low": found.ci_low,
        "ci_high": found.ci_high,
        "n_excluded": row.n_excluded,
        "kind": row.threshold.kind,
        "value": row.threshold.value,
        "rule": row.threshold.rule,
    }


def _attrition_fields(row: AttritionRow, answer: Attrition) -> dict[str, Any]:
    shares = ("completeness", "closed")
    counts = {name: count for name, count in vars(row).items() if name not in shares}
    whole = row.group == EVERYBODY
    return {
        **counts,
        "rate": row.completeness.rate,
        "ci_low": row.completeness.ci_low,
        "ci_high": row.completeness.ci_high,
        "closed_rate": row.closed.rate,
        "closed_ci_low": row.closed.ci_low,
        "closed_ci_high": row.closed.ci_high,
        "follow_up": answer.follow_up.value if whole else None,
        "follow_up_low": answer.follow_up.ci_low if whole else None,
        "follow_up_high": answer.follow_up.ci_high if whole else None,
    }


def _monitoring_fields(answer: Monitoring) -> list[dict[str, Any]]:
    watch = answer.watch
    check = {
        "target": watch.target if watch else None,
        "limit": watch.limit if watch else None,
        "run_at_target": watch.run_at_target if watch else None,
        "run_at_doubled": watch.run_at_doubled if watch else None,
        "enough": watch.enough if watch else None,
        "refused": answer.refused,
    }
    return [{"group": EVERYBODY, **row, **check} for row in answer.steps.to_dicts()]


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
