"""Rows of the tables of one patient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data.codebook import LEAK_ROUTES, measures, selectable_measures, visits
from pages.shared.event_words import kind_label
from pages.shared.patient_words import threshold_words
from pages.shared.wording import number, plain, visit_label, with_unit
from queries.patient_record import FILMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from queries.patient import Patient
    from queries.patient_changes import LevelCourse, ScoreChange
    from queries.patient_record import Treated
    from queries.ranges import Ranges

Row = dict[str, str]
STATES = {"not judged": "a value is missing"}


def change_rows(answer: Patient) -> list[Row]:
    """Return every score by visit with its change, marked against threshold and error."""
    found = {(change.visit, change.measure): change for change in answer.changes}
    codes = [
        measure.code
        for measure in selectable_measures("patient")
        if any(code == measure.code for _, code in found)
    ]
    return [
        {
            "visit": visits()[visit].short_label.replace(" months", "\u00a0mo"),
            **{measures()[code].short_label: _cell(found.get((visit, code))) for code in codes},
        }
        for visit in visits()
        if any(seen == visit for seen, _ in found)
    ]


def _cell(change: ScoreChange | None) -> str:
    if change is None:
        return "–"
    decimals = measures()[change.measure].decimals
    value = number(change.value, decimals)
    if change.change is None:
        return value
    return f"{value} ({number(change.change, decimals, sign=True)}){_mark(change)}"


def _mark(change: ScoreChange) -> str:
    if change.within_error:
        return " ±"
    if not change.judged:
        return ""
    return {"reached": " ●", "not reached": " ○", "out of reach": " ○"}.get(
        change.judged[0].state, ""
    )


def score_rows(answer: Patient, behind: Sequence[Ranges]) -> list[Row]:
    """Return every score on record with the cohort's median and middle half beside it."""
    found = {one.measure.code: one for one in behind}
    return [
        {
            "measure": measures()[row["measure"]].label,
            "visit": _visit(row["visit"]),
            "day": _day(row["day"]),
            "value": number(row["value"], measures()[row["measure"]].decimals),
            "median of the choice": _middle(found.get(row["measure"]), row["visit"]),
        }
        for row in answer.scores.sort("measure", "day", nulls_last=True).to_dicts()
    ]


def _middle(behind: Ranges | None, visit: str) -> str:
    row = behind.at(visit) if behind else None
    if behind is None or row is None:
        return "–"
    decimals = behind.measure.decimals
    span = f"{number(row.q1, decimals)} to {number(row.q3, decimals)}"
    return f"{number(row.median, decimals)} ({span}; n = {row.n})"


def _visit(code: str) -> str:
    return visit_label(code) if code in visits() else "outside every window"


def _day(day: int | None) -> str:
    return "not recorded" if day is None else number(day, 0)


def threshold_rows(answer: Patient) -> list[Row]:
    """Return every published threshold at every visit."""
    rows: dict[tuple[str, int], Row] = {}
    seen = list(dict.fromkeys(change.visit for change in answer.changes))
    for change in answer.changes:
        for place, judged in enumerate(change.judged):
            first = {
                "measure": measures()[change.measure].label,
                "threshold": threshold_words(judged.threshold),
                **dict.fromkeys((visits()[visit].short_label for visit in seen), "–"),
            }
            row = rows.setdefault((change.measure, place), first)
            row[visits()[change.visit].short_label] = STATES.get(judged.state, judged.state)
    return list(rows.values())


def film_rows(answer: Patient) -> list[Row]:
    """Return heights and angles of every level: before, after, last, gain and loss."""
    return [
        {
            "level": course.level,
            "measure": measures()[course.measure].label,
            "expected": _value(course, course.reference),
            "before": _value(course, course.pre),
            "after": _value(course, course.post),
            "last film": _last(course),
            "gain": _changed(course, course.gain, within=course.gain_within_error),
            "loss": _changed(course, course.loss, within=course.loss_within_error),
        }
        for course in sorted(answer.courses, key=lambda one: _place(answer, one))
    ]


def _place(answer: Patient, course: LevelCourse) -> int:
    return [level.procedure_id for level in answer.treated].index(course.procedure_id)


def _value(course: LevelCourse, value: float | None) -> str:
    measure = measures()[course.measure]
    return "–" if value is None else with_unit(value, measure.decimals, measure.unit)


def _last(course: LevelCourse) -> str:
    if course.last_visit is None:
        return "–"
    return f"{_value(course, course.last)} ({visits()[course.last_visit].short_label})"


def _changed(course: LevelCourse, change: float | None, *, within: bool | None) -> str:
    if change is None:
        return "–"
    printed = number(change, measures()[course.measure].decimals, sign=True)
    return f"{printed} ±" if within else printed


def treated_rows(answer: Patient, *, hidden: bool) -> list[Row]:
    """Return every treated level with cement and leaks."""
    return [
        {
            "level": level.level,
            "day": _day(level.day),
            **({} if hidden else {"date": level.operated_on.isoformat()}),
            "cement": "not recorded"
            if level.cement_ml is None
            else with_unit(level.cement_ml, 1, "ml"),
            "approach": level.approach or "not recorded",
            "leak": _leak(level),
            "in this choice": "yes" if level.chosen else "no",
        }
        for level in answer.treated
    ]


def _leak(level: Treated) -> str:
    if level.leak is None:
        return "not looked for"
    by = f" ({level.leak_modality})" if level.leak_modality else ""
    if not level.leak:
        return f"none{by}"
    places = [
        f"{place} by the {LEAK_ROUTES[route]}" if route in LEAK_ROUTES else place
        for place, route in zip(level.locations, level.routes, strict=True)
    ]
    symptoms = {True: "with symptoms", False: "no symptoms"}.get(
        level.leak_symptomatic is True if level.leak_symptomatic is not None else None,  # type: ignore[arg-type]
        "symptoms not recorded",
    )
    return f"{', '.join(places) or 'place not recorded'}, {symptoms}{by}"


def event_rows(answer: Patient, *, hidden: bool) -> list[Row]:
    """Return every event with its day."""
    return [
        {
            "event": kind_label(event.kind),
            "day": _day(event.day),
            **({} if hidden else {"date": _date(event.occurred_on)}),
            "recorded with": event.level or "–",
        }
        for event in answer.events
    ]


def _date(day: Any) -> str:
    return "not recorded" if day is None else str(day.isoformat())


def missing_rows(answer: Patient) -> list[Row]:
    """Return what is missing at each visit, and why."""
    return [
        {
            "visit": visit_label(gap.visit),
            "missing": f"films of {gap.level}" if gap.what == FILMS else measures()[gap.what].label,
            "why": plain(gap.reason),
        }
        for gap in answer.missing
    ]


def spine_rows(answer: Patient) -> list[Row]:
    """Return what the small spine shows as a table."""
    return [
        {key: row[key] for key in ("level", "cement", "leak")}
        for row in treated_rows(answer, hidden=True)
    ]
