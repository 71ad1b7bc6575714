"""The synthetic registry as the text of its source files, before they are written."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta

from data.example_bodies import bodies
from data.example_films import films
from data.example_patients import DATA_DATE, Patient, patients, stream, weekday
from data.example_procedures import Procedure, procedures
from data.example_scores import courses, scores

Rows = list[dict[str, str]]
Tables = dict[str, Rows]

CENTRE = "C1"
EVENTS_BESIDES = (("adjacent_fracture", 118), ("adjacent_fracture", 264))
OTHER_EVENTS = (("remote_fracture", 201), ("readmission", 74))


@dataclass(frozen=True)
class Event:
    """Something that happened to a synthetic patient after the operation."""

    patient_id: str
    procedure_id: str
    kind: str
    occurred_on: date


def tables(seeds: dict[str, str]) -> Tables:
    """Return the rows of every source file of the synthetic registry.

    Parameters
    ----------
    seeds : dict of str to str
        The seeds of its parts: ``patients``, ``scores`` and ``films``.
    """
    people = patients(seeds["patients"])
    operations = procedures(people, seeds["patients"])
    happened = _events(people, operations, seeds["patients"])
    answers = scores(people, seeds["scores"])
    collapsing = _collapsing(people, operations, seeds)
    anatomy = bodies(people, operations, collapsing, seeds["films"])
    missed = _missed(people, operations, seeds["films"])
    last = _last_contacts(people, operations, happened)
    return {
        "patients": [_patient_row(one, last[one.patient_id]) for one in people],
        "procedures": [_procedure_row(one) for one in operations],
        "follow_ups": [
            {"patient_id": one.patient_id, "visit": visit, "measured_on": day.isoformat()}
            | answers[one.patient_id, visit]
            for one in people
            for visit, day in one.visits.items()
        ],
        "radiographs": films(people, operations, anatomy, missed, seeds["films"]),
        "events": [
            {
                "patient_id": one.patient_id,
                "procedure_id": one.procedure_id,
                "kind": one.kind,
                "occurred_on": one.occurred_on.isoformat(),
            }
            for one in happened
        ],
    }


def files(content: Tables) -> dict[str, str]:
    """Return the text of every file of the source folder by its name."""
    texts = {"source.toml": _describe()}
    for table, rows in content.items():
        out = io.StringIO()
        writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        texts[f"{table}.csv"] = out.getvalue()
    return texts


def _describe() -> str:
    return (
        'name = "SYNTHETIC example registry"\n'
        "synthetic = true\n"
        f"data_date = {DATA_DATE.isoformat()}\n"
        'region_convention = "junction"\n'
    )


def _patient_row(one: Patient, last_seen_on: date) -> dict[str, str]:
    return {
        "patient_id": one.patient_id,
        "sex": one.sex,
        "birth_year": str(one.operated_on.year - one.age),
        "primary_tumour": one.tumour,
        "died_on": one.died_on.isoformat() if one.died_on else "",
        "last_seen_on": last_seen_on.isoformat(),
    }


def _procedure_row(one: Procedure) -> dict[str, str]:
    return {
        "procedure_id": one.procedure_id,
        "patient_id": one.patient_id,
        "operated_on": one.operated_on.isoformat(),
        "level": one.level,
        "approach": one.approach,
        "cement_ml": f"{one.cement_ml:.1f}",
        "leak": "yes" if one.leak else "no",
        "leak_locations": one.leak,
        "leak_symptomatic": "no" if one.leak else "",
        "leak_modality": "radiograph",
        "surgeon": one.surgeon,
        "centre": CENTRE,
    }


def _events(people: list[Patient], operations: list[Procedure], seed: str) -> list[Event]:
    """Return an adjacent fracture before the second session, and four other later events."""
    random = stream(seed, "events")
    first = {one.patient_id: one for one in reversed(operations)}
    again = next(one for one in operations if one.operated_on > first[one.patient_id].operated_on)
    fracture = weekday(again.operated_on - timedelta(days=19))
    index = _neighbour(again, operations)
    happened = [Event(again.patient_id, index, "adjacent_fracture", fracture)]
    free = [one for one in people if one.fate == "followed" and one.patient_id != again.patient_id]
    drawn = random.sample(free, len(EVENTS_BESIDES) + len(OTHER_EVENTS))
    for one, (kind, day) in zip(drawn, EVENTS_BESIDES + OTHER_EVENTS, strict=True):
        related = first[one.patient_id].procedure_id if kind == "adjacent_fracture" else ""
        occurred_on = weekday(one.operated_on + timedelta(days=day))
        happened.append(Event(one.patient_id, related, kind, occurred_on))
    return sorted(happened, key=lambda event: event.occurred_on)


def _neighbour(again: Procedure, operations: list[Procedure]) -> str:
    earlier = [
        one
        for one in operations
        if one.patient_id == again.patient_id and one.operated_on < again.operated_on
    ]
    return earlier[-1].procedure_id


def _collapsing(
    people: list[Patient], operations: list[Procedure], seeds: dict[str, str]
) -> set[str]:
    """Return two levels of patients whose pain comes back late."""
    late = [
        patient for patient, course in courses(people, seeds["scores"]).items() if course == "late"
    ]
    random = stream(seeds["films"], "collapsing")
    return {
        random.choice([one.procedure_id for one in operations if one.patient_id == patient])
        for patient in random.sample(late, 2)
    }


def _missed(people: list[Patient], operations: list[Procedure], seed: str) -> set[tuple[str, str]]:
    """Return four films not taken, none at 12 months: all 59 levels followed keep theirs."""
    random = stream(seed, "missed")
    owned: dict[str, list[str]] = {}
    for one in operations:
        owned.setdefault(one.patient_id, []).append(one.procedure_id)
    followed = [owned[one.patient_id] for one in people if one.fate == "followed"]
    singles = random.sample([levels for levels in followed if len(levels) == 1], 2)
    pair = random.choice([levels for levels in followed if len(levels) == 2])
    return {
        (singles[0][0], "m3"),
        (singles[1][0], "m6"),
        (pair[0], "m6"),
        (pair[1], "m6"),
    }


def _last_contacts(
    people: list[Patient], operations: list[Procedure], happened: list[Event]
) -> dict[str, date]:
    last = {one.patient_id: one.last_seen_on for one in people}
    for operation in operations:
        if max(operation.films.values()) > last[operation.patient_id]:
            last[operation.patient_id] = max(operation.films.values())
    for event in happened:
        last[event.patient_id] = max(last[event.patient_id], event.occurred_on)
    return last
