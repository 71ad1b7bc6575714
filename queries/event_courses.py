"""The course of each patient from the operation on, with every event on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from queries.cohort import Cohort, Selection, selection
from queries.events import happened_to
from queries.grouping import EVERYBODY
from queries.statements import statement
from queries.survival import followed

if TYPE_CHECKING:
    from data.warehouse import Reader
    from queries.statistics.results import Comparison

MOST_COURSES = 32


@dataclass(frozen=True)
class EventCourses:
    """Patients of a cohort as courses of time, those followed longest first.

    Parameters
    ----------
    recorded : bool
        Whether the registry records any event of any patient.
    everybody : bool
        Whether all patients are among the courses; otherwise only those with an event, at most
        `MOST_COURSES` of them.
    n_patients : int
        Patients of the cohort that were followed.
    n_with_event : int
        Those with an event of any kind that is counted.
    courses : polars.DataFrame
        patient_id, time_days (to death or to the last contact), died, uncertain (the day of death
        is not known) and levels (those treated in the cohort, from cranial to caudal).
    marks : polars.DataFrame
        patient_id, kind, day and level (treated level that the event was recorded with, or null)
        of the counted events of these patients.
    left_out : int
        Events of the cohort's patients that have no place in the time after the operation.
    """

    selection: Selection
    recorded: bool
    everybody: bool
    n_patients: int
    n_with_event: int
    courses: pl.DataFrame
    marks: pl.DataFrame
    left_out: int
    comparisons: tuple[Comparison, ...] = ()

    @property
    def rows(self) -> tuple[dict[str, Any], ...]:
        """Return each course with its events as a row of the scripting interface."""
        return tuple(
            {
                "group": EVERYBODY,
                **{name: course[name] for name in ("patient_id", "time_days", "died", "uncertain")},
                "treated_levels": course["levels"],
                "marks": self.marks.filter(patient_id=course["patient_id"])
                .select("kind", "day", "level")
                .to_dicts(),
            }
            for course in self.courses.to_dicts()
        )


def event_courses(reader: Reader, cohort: Cohort) -> EventCourses:
    """Lay every event of any kind on the course of its patient.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.

    Notes
    -----
    Time starts at the earliest operation that satisfies the filters. Repeated events all stand
    here; those without a date, before the start, after the death or after the data date do not
    and are counted. Patients without a date after the operation have no course.
    """
    selected = selection(reader, cohort)
    patients = followed(reader)
    happened = happened_to(reader, patients)
    timed = patients.filter(pl.col("reason").is_null())
    counted = happened.filter(pl.col("left_out").is_null()).join(
        timed.select("patient_id"), on="patient_id", how="semi"
    )
    concerned = timed.join(counted, on="patient_id", how="semi")
    everybody = timed.height <= MOST_COURSES
    drawn = (
        (timed if everybody else concerned)
        .sort("time_days", "patient_id", descending=[True, False])
        .head(MOST_COURSES)
    )
    levels = (
        selected.members.sort("position")
        .group_by("patient_id", maintain_order=True)
        .agg(pl.col("level").unique(maintain_order=True).alias("levels"))
    )
    courses = drawn.join(levels, on="patient_id", how="left", maintain_order="left").select(
        "patient_id", "time_days", "died", "uncertain", "levels"
    )
    return EventCourses(
        selection=selected,
        recorded=bool(reader.constant(statement("events_recorded")).item()),
        everybody=everybody,
        n_patients=timed.height,
        n_with_event=concerned.height,
        courses=courses,
        marks=counted.join(courses, on="patient_id", how="semi")
        .select("patient_id", "kind", "day", "level")
        .sort("day", "kind", "patient_id"),
        left_out=happened.height - counted.height,
    )
