"""What the courses of patients and all kinds of events say in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.charts.event_kinds import by_rate
from pages.charts.event_marks import letter
from pages.charts.survival_rows import MONTH_DAYS
from pages.shared.event_words import (
    NOTHING_RECORDED,
    kind_label,
    many,
    one_year_words,
    rate_words,
)
from pages.shared.sentences import nobody_in
from pages.shared.wording import THIN, number, plain, plural, uncapitalised

if TYPE_CHECKING:
    from queries.event_courses import EventCourses
    from queries.events import Events

FRACTURES = ("adjacent_fracture", "remote_fracture")


def courses_sentence(answer: EventCourses) -> str:
    """Say how many patients had an event and which fractures are new, where they are known."""
    chosen = answer.selection
    if not chosen.n_patients:
        return f"Events: {nobody_in(chosen)}, so there is nothing to show."
    if not answer.recorded:
        return NOTHING_RECORDED.format("any of them")
    if not answer.n_patients:
        return "Events: nobody was followed, so there is nothing to show."
    if not answer.n_with_event:
        who = plural(answer.n_patients, "patient")
        return f"None of {who} followed had an event that is recorded."
    had = f"{answer.n_with_event} of {plural(answer.n_patients, 'patient')} followed had an event"
    drawn = "" if answer.everybody else f"; on the {plural(answer.courses.height, 'course')} drawn"
    return f"{had}{drawn}: {_kinds(answer)}."


def _kinds(answer: EventCourses) -> str:
    counted = answer.marks["kind"].value_counts().sort("count", "kind", descending=[True, False])
    return ", ".join(
        f"{n} {many(kind) if n > 1 else uncapitalised(kind_label(kind))}"
        for kind, n in counted.iter_rows()
    )


def courses_alt(answer: EventCourses) -> str:
    """Say the chart of courses in words: what, n and result."""
    return (
        f"Courses of patients over the months from the operation with their events. Drawn: "
        f"{plural(answer.courses.height, 'patient')}, n = {answer.n_patients} followed. "
        f"{courses_sentence(answer)}"
    )


def courses_legend(answer: EventCourses, kind: str) -> str:
    """Name every mark of the chart of courses."""
    kinds = ", ".join(
        f"{letter(one)} {uncapitalised(kind_label(one))}"
        for one in dict.fromkeys(answer.marks["kind"].sort().to_list())
    )
    drawn = (
        "Bars: time followed of every patient of this choice, longest first"
        if answer.everybody
        else f"Bars: time followed of patients with an event, at most {answer.courses.height}, "
        f"longest first; {plural(answer.n_with_event, 'patient')} had one"
    )
    left = (
        f" Not drawn: {plural(answer.left_out, 'event')} without a place in the time after the "
        "operation."
        if answer.left_out
        else ""
    )
    return (
        f"{drawn}; † died, ▸ last seen alive. Beside the patient the levels treated; beside a mark "
        f"the treated level that the event was recorded with. {kinds or 'No event'}. In colour: "
        f"{uncapitalised(kind_label(kind))}.{left}"
    )


def course_rows(answer: EventCourses) -> list[dict[str, str]]:
    """Return the courses as a table."""
    marks: dict[str, list[str]] = {}
    for row in answer.marks.to_dicts():
        level = f" ({row['level']})" if row["level"] else ""
        words = f"{uncapitalised(kind_label(row['kind']))}{level}, day {row['day']}"
        marks.setdefault(row["patient_id"], []).append(words)
    return [
        {
            "patient": plain(row["patient_id"]),
            "treated": ", ".join(row["levels"]),
            "events": "; ".join(marks.get(row["patient_id"], ["none recorded"])),
            "followed": f"{number(row['time_days'] / MONTH_DAYS, 1)} months",
            "end": ("died" if row["died"] else "last seen alive")
            + (", day not known" if row["uncertain"] else ""),
        }
        for row in answer.courses.to_dicts()
    ]


def fracture_rows(answer: EventCourses) -> list[dict[str, str]]:
    """Return the new fractures of each patient in order of time."""
    treated = {row["patient_id"]: row["levels"] for row in answer.courses.to_dicts()}
    return [
        {
            "patient": plain(row["patient_id"]),
            "day": str(row["day"]),
            "fracture": uncapitalised(kind_label(row["kind"])).removesuffix(" fracture"),
            "with": row["level"] or "–",
            "treated": " ".join(treated[row["patient_id"]]),
        }
        for row in answer.marks.to_dicts()
        if row["kind"] in FRACTURES
    ]


def all_kinds_sentence(answer: Events) -> str:
    """Say how many events of how many kinds were counted."""
    chosen, n = answer.selection, answer.total.curve.n
    if not chosen.n_patients:
        return f"Events: {nobody_in(chosen)}, so there is nothing to show."
    if not answer.recorded:
        return NOTHING_RECORDED.format("any of them")
    if not n:
        return "Events: nobody was followed, so there is nothing to show."
    happened = [count for count in answer.counts if count.events]
    never = [many(count.kind) for count in answer.counts if not count.events]
    events = sum(count.events for count in happened)
    if not events:
        return (
            f"No event of any kind is recorded in this choice of {plural(n, 'patient')} followed."
        )
    absent = f" None recorded of {', '.join(never)}." if never else ""
    return (
        f"{plural(events, 'event')} of {plural(len(happened), 'kind')} in "
        f"{plural(n, 'patient')} followed.{absent}"
    )


def all_kinds_alt(answer: Events) -> str:
    """Say the chart of all kinds in words: what, n and result."""
    rates = "; ".join(
        f"{uncapitalised(kind_label(count.kind))} {rate_words(count.rate)}"
        for count in by_rate(answer)
    )
    return (
        "Rates of every kind of event per 100 patient-years with their intervals. "
        f"n = {answer.total.curve.n}. {all_kinds_sentence(answer)} Rates: {rates}."
    )


def all_kinds_legend() -> str:
    """Name every mark of the chart of all kinds."""
    return (
        f"Marks: first events of a patient per 100 patient-years up to them; bars: 95{THIN}% CI "
        "(exact Poisson), not adjusted for several kinds. Dashed: none recorded, as many cannot be "
        "excluded. A patient can be in several rows."
    )


def all_kinds_rows(answer: Events) -> list[dict[str, str]]:
    """Return every kind of event with its counts, its incidence and its rate."""
    return [
        {
            "kind": kind_label(count.kind),
            "events": str(count.events),
            "patients": f"{count.patients} of {count.whole.curve.n}",
            "died without one": str(count.whole.curve.n_competing),
            f"at one year (95{THIN}% CI)": one_year_words(count.whole),
            f"per 100 patient-years (95{THIN}% CI)": rate_words(count.rate),
            "not counted": str(count.left_out),
        }
        for count in by_rate(answer)
    ]
