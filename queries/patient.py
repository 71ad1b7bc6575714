"""Everything on record of one patient of the cohort, and what changed since the operation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import measures, region
from queries.cohort import Cohort, Selection, adopt, selection
from queries.grouping import EVERYBODY
from queries.patient_changes import LevelCourse, ScoreChange, level_courses, score_changes
from queries.patient_record import (
    Happening,
    Missing,
    Status,
    Treated,
    happenings,
    missing_values,
    status_of,
    treated_levels,
    with_days,
)
from queries.patients import patients
from queries.statements import statement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from data.warehouse import Reader
    from queries.statistics.results import Comparison


@dataclass(frozen=True)
class Entry:
    """One thing on record of the patient, a row of the scripting interface.

    Notes
    -----
    `what` is operation, score, film, event, death or last contact; `day` counts from the first
    operation and is null where no day was written down.
    """

    group: str
    patient_id: str
    what: str
    day: int | None
    occurred_on: str | None
    visit: str | None = None
    measure: str | None = None
    procedure_id: str | None = None
    level: str | None = None
    value: float | None = None
    unit: str | None = None
    kind: str | None = None


@dataclass(frozen=True)
class Person:
    """Who the patient is: sex, age in years at the first operation, tumour and regions."""

    patient_id: str
    sex: str
    age: int | None
    primary_tumour: str
    regions: tuple[str, ...]
    first_operated_on: date
    status: Status


@dataclass(frozen=True)
class Patient:
    """One patient, whole: whatever the filters keep of the treated levels.

    Parameters
    ----------
    person : Person or None
        None where nobody of that identifier is in the cohort; everything else is empty then.
    scores : polars.DataFrame
        measure, visit (``other`` outside every window), measured_on, value, day and scheduled.
    films : polars.DataFrame
        The same of each treated level: procedure_id, level, position beside them.
    """

    selection: Selection
    person: Person | None
    treated: tuple[Treated, ...]
    scores: pl.DataFrame
    films: pl.DataFrame
    events: tuple[Happening, ...]
    changes: tuple[ScoreChange, ...]
    courses: tuple[LevelCourse, ...]
    missing: tuple[Missing, ...]
    comparisons: tuple[Comparison, ...] = ()

    @property
    def rows(self) -> tuple[Entry, ...]:
        """Return everything on record in order of time, what has no day last."""
        entries = [] if self.person is None else [*_entries(self, self.person)]
        return tuple(sorted(entries, key=lambda entry: (entry.day is None, entry.day or 0)))


def patient(reader: Reader, cohort: Cohort, *, patient_id: str | None = None) -> Patient:
    """Tell everything on record of one patient of the cohort.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter; the patient must be in it, and is shown with every treated level.
    patient_id : str, optional
        Whom to show; the first of the cohort by the day of the first operation at first.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.

    Notes
    -----
    Days count from the patient's first operation. Changes are those of scheduled visits against
    the one before the operation; each is set against every published threshold of the codebook
    and against the measurement error. Nothing is tested: one patient is no sample.
    """
    selected = selection(reader, cohort)
    if patient_id is None:
        listed = patients(reader, cohort).roster["patient_id"]
        patient_id = listed[0] if listed.len() else ""
    members = selected.members.filter(patient_id=patient_id)
    alone = reader.apart()
    rows = alone.fetch(statement("patient"), patient_id=patient_id)
    whole = rows.with_columns(pl.col("operated_on").min().alias("first_operated_on"))
    adopt(alone, replace(selected, members=whole if members.height else whole.clear()))
    scores = alone.fetch(statement("patient_scores"), patient_id=patient_id)
    films = alone.fetch(statement("patient_films"), patient_id=patient_id)
    if members.is_empty():
        return Patient(selected, None, (), scores.clear(), films.clear(), (), (), (), ())
    first = members["first_operated_on"][0]
    treated = treated_levels(alone, rows, set(members["procedure_id"]))
    scores = with_days(scores, first)
    films = with_days(films, first).join(
        rows.select("procedure_id", "patient_id", "level", "position"), on="procedure_id"
    )
    who = members.row(0, named=True)
    return Patient(
        selection=selected,
        person=Person(
            patient_id=patient_id,
            sex=who["sex"],
            age=who["age"],
            primary_tumour=who["primary_tumour"],
            regions=_regions(treated, selected.convention),
            first_operated_on=first,
            status=status_of(alone),
        ),
        treated=treated,
        scores=scores,
        films=films,
        events=happenings(alone, first),
        changes=score_changes(scores),
        courses=level_courses(films),
        missing=missing_values(alone, treated, scores, films),
    )


def _regions(treated: tuple[Treated, ...], convention: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(region(level.level, convention) for level in treated))


def _entries(answer: Patient, person: Person) -> Iterator[Entry]:
    who, status = (EVERYBODY, person.patient_id), person.status
    for level in answer.treated:
        yield Entry(
            *who,
            "operation",
            level.day,
            level.operated_on.isoformat(),
            procedure_id=level.procedure_id,
            level=level.level,
            value=level.cement_ml,
            unit="ml cement",
        )
    for what, frame in (("score", answer.scores), ("film", answer.films)):
        for row in frame.to_dicts():
            on = row["measured_on"]
            yield Entry(
                *who,
                what,
                row["day"],
                on.isoformat() if on else None,
                visit=row["visit"],
                measure=row["measure"],
                procedure_id=row.get("procedure_id"),
                level=row.get("level"),
                value=row["value"],
                unit=measures()[row["measure"]].unit,
            )
    for event in answer.events:
        on = event.occurred_on.isoformat() if event.occurred_on else None
        yield Entry(
            *who,
            "event",
            event.day,
            on,
            procedure_id=event.procedure_id,
            level=event.level,
            kind=event.kind,
        )
    yield Entry(*who, "death" if status.dead else "last contact", _end(status), None)


def _end(status: Status) -> int | None:
    return status.died if status.dead else status.last
