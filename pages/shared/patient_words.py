"""What one patient's record says in words, and the chart beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.codebook import measures, selectable_measures, thresholds
from pages.charts.patient_lane import drawn_events, end_words
from pages.shared.definition_words import goal_in_short
from pages.shared.event_words import kind_label
from pages.shared.sentences import nobody_in
from pages.shared.wording import (
    number,
    plain,
    plural,
    uncapitalised,
    visit_label,
    with_unit,
)
from queries.cohort import UNRECORDED, code_label
from queries.patient_record import FILMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.codebook import Threshold
    from queries.cohort import Selection
    from queries.patient import Patient, Person
    from queries.patient_changes import ScoreChange
    from queries.ranges import Ranges

ORDERS = {
    "operated": "by first operation",
    "patient_id": "by identifier",
    "change": "worst change in pain first",
}
OLDEST = 90
NO_TEST = (
    "One patient is no sample: nothing here is tested, and a single change can be chance or the "
    "error of the measurement."
)
MOVED = "The patient shown before is not in this choice; this is the first one of it."
SEXES = {"F": "woman", "M": "man"}


def title(person: Person, *, hidden: bool) -> str:
    """Return whom the page is about."""
    sex = SEXES.get(person.sex, "sex not recorded")
    age = age_words(person.age, hidden=hidden)
    tumour = uncapitalised(tumour_words(person.primary_tumour))
    return f"Patient {plain(person.patient_id)}: {sex}, {age}, {tumour}"


def nobody_sentence(chosen: Selection) -> str:
    """Say why there is no patient to show."""
    return f"Patient: {nobody_in(chosen)}, so there is nobody to show."


def age_words(age: int | None, *, hidden: bool) -> str:
    """Print an age in years; with hidden identifiers the oldest are one group."""
    if age is None:
        return "age not recorded"
    return f"{OLDEST} years or over" if hidden and age >= OLDEST else f"{age} years"


def tumour_words(code: str) -> str:
    """Name the primary tumour."""
    if code == UNRECORDED:
        return "tumour not recorded"
    label = code_label("primary_tumour", code)
    return label if "primary" in label or code == "other" else f"{label} primary"


def row_label(row: dict[str, object], *, hidden: bool) -> str:
    """Return a patient of the menu in a few words."""
    age = row["age"] if isinstance(row["age"], int) else None
    sex = SEXES.get(str(row["sex"]), "sex not recorded")
    tumour = uncapitalised(code_label("primary_tumour", str(row["primary_tumour"])))
    return f"{row['patient_id']} · {sex}, {age_words(age, hidden=hidden)}, {tumour}"


def course_sentence(answer: Patient, person: Person, *, films: bool, hidden: bool) -> str:
    """Say what was treated, how long the follow-up lasted, what changed and what happened."""
    said = (
        treated_sentence(answer, person, hidden=hidden),
        films_sentence(answer) if films else change_sentence(answer),
        events_sentence(answer),
    )
    return " ".join(words for words in said if words)


def treated_sentence(answer: Patient, person: Person, *, hidden: bool) -> str:
    """Say which levels were treated and how long the patient was followed."""
    levels = ", ".join(level.level for level in answer.treated)
    days = {level.day for level in answer.treated}
    outside = sum(not level.chosen for level in answer.treated)
    left = f" ({outside} not in this choice)" if outside else ""
    sessions = f" in {plural(len(days), 'session')}" if len(days) > 1 else ""
    first = ", first" if len(days) > 1 else ""
    on = "" if hidden else f"{first} on {person.first_operated_on.isoformat()}"
    end = end_words(person.status).replace("last seen", "last seen alive")
    return f"Treated: {levels}{left}{sessions}{on}; {end}."


def last_changes(answer: Patient) -> list[ScoreChange]:
    """Return the change of every primary score at its latest visit."""
    last = {change.measure: change for change in answer.changes}
    return [
        last[measure.code]
        for measure in selectable_measures("patient")
        if measure.primary and measure.code in last
    ]


def change_sentence(answer: Patient) -> str:
    """Say the latest change of every primary score against its first published threshold."""
    said = [_change(change) for change in last_changes(answer)]
    if not said:
        names = " and ".join(
            uncapitalised(m.label) for m in selectable_measures("patient") if m.primary
        )
        return f"No score of {names} after the operation is on record."
    return " ".join(said)


def _change(change: ScoreChange) -> str:
    measure = measures()[change.measure]
    value = number(change.value, measure.decimals)
    when = visit_label(change.visit)
    when = when if when.startswith("after") else f"at {when}"
    if change.change is None or change.baseline is None:
        return f"{measure.label} {value} {when}, no value before the operation."
    amount = with_unit(change.change, measure.decimals, measure.unit, sign=True)
    parts = [f"{amount}{_direction(change)}", *_verdict(change)]
    before = number(change.baseline, measure.decimals)
    return f"{measure.label} {before} before, {value} {when}: {', '.join(parts)}."


def _direction(change: ScoreChange) -> str:
    better = measures()[change.measure].better
    if not change.change or better == "neither":
        return ""
    return " (better)" if (change.change > 0) == (better == "higher") else " (worse)"


def _verdict(change: ScoreChange) -> list[str]:
    """Say what a change is worth: inside the error, or against the first threshold."""
    measure = measures()[change.measure]
    if change.within_error:
        return [f"inside the measurement error of {with_unit(measure.error, 0, measure.unit)}"]
    words = {
        "reached": "reached",
        "not reached": "not reached",
        "out of reach": "out of reach from there",
        "already there": "met before already",
    }
    return [f"threshold {words.get(first.state, 'not judged')}" for first in change.judged[:1]]


def films_sentence(answer: Patient) -> str:
    """Say how many levels gained and lost more than the measurement error."""
    said = []
    for measure in selectable_measures("level"):
        mine = [course for course in answer.courses if course.measure == measure.code]
        if not measure.primary or not mine or measure.error is None:
            continue
        up = 1 if measure.better == "higher" else -1
        better = [c.gain * up > 0 and not c.gain_within_error for c in mine if c.gain is not None]
        worse = [c.loss * up < 0 and not c.loss_within_error for c in mine if c.loss is not None]
        error = with_unit(measure.error, measure.decimals, measure.unit)
        said.append(
            f"{measure.label}: {sum(better)} of {plural(len(better), 'level')} better by more than "
            f"the measurement error of {error} after the operation, {sum(worse)} of "
            f"{len(worse)} worse by more than it since."
        )
    return " ".join(said) or "No film of a treated level is on record."


def threshold_words(threshold: Threshold) -> str:
    """Print what a published threshold asks for, and its name."""
    goal = goal_in_short(threshold, measures()[threshold.measure])
    return f"{goal} ({uncapitalised(threshold.label)})"


def events_sentence(answer: Patient) -> str:
    """Say what happened after the operation."""
    said = []
    for event in answer.events:
        day = "no day recorded" if event.day is None else f"day {event.day}"
        level = f", recorded with {event.level}" if event.level else ""
        said.append(f"{uncapitalised(kind_label(event.kind))} ({day}{level})")
    return f"Events: {'; '.join(said)}." if said else ""


def missing_sentence(answer: Patient) -> str:
    """Say what is missing at each visit, and why."""
    if not answer.missing:
        return "Nothing is missing at the visits that this registry knows."
    by_visit: dict[str, dict[str, list[str]]] = {}
    for gap in answer.missing:
        found = by_visit.setdefault(gap.visit, {}).setdefault(gap.reason, [])
        found.append(f"films of {gap.level}" if gap.what == FILMS else _short(gap.what))
    parts = [
        f"{visit_label(visit)}: "
        + ", ".join(f"{_joined(names)} ({reason})" for reason, names in reasons.items())
        for visit, reasons in by_visit.items()
    ]
    return f"Missing. {'; '.join(parts)}."


def _short(code: str) -> str:
    return uncapitalised(measures()[code].short_label)


def _joined(names: list[str]) -> str:
    films = [name.removeprefix("films of ") for name in names if name.startswith("films of ")]
    others = [name for name in names if not name.startswith("films of ")]
    return ", ".join([*others, *([f"films of {', '.join(films)}"] if films else [])])


def marks_sentence() -> str:
    """Explain the marks of the table of changes."""
    first = [
        f"{uncapitalised(measure.short_label)} {threshold_words(thresholds(measure.code)[0])}"
        for measure in selectable_measures("patient")
        if thresholds(measure.code)
    ]
    return (
        f"In brackets the change since before. ● reaches, ○ does not reach the first published "
        f"threshold: {'; '.join(first)}. ± lies inside the measurement error. {NO_TEST}"
    )


def chart_legend(answer: Patient, *, films: bool) -> str:
    """Name every mark of a patient's chart."""
    mine = (
        "Lines: one treated level each, named at its end"
        if films
        else "Line and numbers: this patient's scores by day"
    )
    n = "levels" if films else "patients"
    undated = any(
        row["day"] is None for row in (answer.films if films else answer.scores).to_dicts()
    )
    rings = " Rings: day not written down, drawn in the middle of the window." if undated else ""
    return (
        f"{mine}. Grey boxes: this choice in each visit's window, 10th to 90th of 100 (pale), "
        f"middle half (dark), median (tick); below n of {n}.{rings} Straight lines join values, "
        "they are no measurements."
    )


def chart_alt(answer: Patient, behind: Sequence[Ranges], *, films: bool) -> str:
    """Say a patient's chart in words: what, n and result."""
    what = "heights and angles of each treated level" if films else "scores"
    names = ", ".join(one.measure.label for one in behind)
    n = max((row.n for one in behind for row in one.rows), default=0)
    of = "levels" if films else "patients"
    marks = len(drawn_events(answer))
    return (
        f"Chart of one patient over the days since the first operation. Operations, "
        f"{plural(marks, 'event')}, {what} ({names}), with the range of up to n = {n} {of} of this "
        f"choice behind. {films_sentence(answer) if films else change_sentence(answer)}"
    )


def spine_alt(answer: Patient) -> str:
    """Say the small spine in words."""
    levels = ", ".join(f"{one.level}{' with a leak' if one.leak else ''}" for one in answer.treated)
    n = len(answer.treated)
    return f"Spine with the treated levels of one patient. T1 to L5, n = {n}: {levels}."


def similar_sentence(n: int, person: Person, convention: str) -> str:
    """Say how many patients have the same tumour in the same region."""
    regions = " or ".join(code_label("region", code, convention) for code in person.regions)
    others = "nobody else" if n <= 1 else f"{plural(n - 1, 'other patient')}"
    return (
        f"Same tumour ({uncapitalised(tumour_words(person.primary_tumour))}) and region "
        f"({regions}): {others}. A group to look at, not a forecast."
    )
