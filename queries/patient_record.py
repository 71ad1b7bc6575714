"""What is on record of one patient, with its days counted from the first operation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from data.codebook import OTHER_VISIT, selectable_measures, visits
from queries.absence import reasons, vital_status
from queries.scores import planned_visits
from queries.statements import statement

if TYPE_CHECKING:
    from datetime import date

    from data.warehouse import Reader

FILMS = "films"
TREATED_AGAIN = "the level was treated again"


@dataclass(frozen=True)
class Treated:
    """One treated vertebral body of the patient.

    Parameters
    ----------
    day : int
        Days from the patient's first operation.
    leak : bool or None
        None where nobody looked for one.
    locations, routes : tuple of str
        One of each per leak; a route is ``unrecorded`` where none was written down.
    chosen : bool
        Whether the filters keep this level.
    treated_again : int or None
        Day of a later operation on the same level, where its films end.
    """

    procedure_id: str
    level: str
    day: int
    operated_on: date
    approach: str | None
    cement_ml: float | None
    leak: bool | None
    leak_symptomatic: bool | None
    leak_modality: str | None
    locations: tuple[str, ...]
    routes: tuple[str, ...]
    chosen: bool
    treated_again: int | None


@dataclass(frozen=True)
class Happening:
    """One event; `level` is the treated level that it was recorded with, where there is one."""

    kind: str
    day: int | None
    occurred_on: date | None
    procedure_id: str | None
    level: str | None


@dataclass(frozen=True)
class Status:
    """How long the patient was followed, and how it ended, in days from the first operation.

    Notes
    -----
    `last` is the last contact and `data` the day up to which the registry is complete. A death
    of unknown day lies between `died_earliest` and `died_latest`, and `died` in their middle.
    """

    last: int
    data: int
    dead: bool
    died: int | None
    died_earliest: int | None
    died_latest: int | None


@dataclass(frozen=True)
class Missing:
    """A value that is missing at a scheduled visit, and why.

    Parameters
    ----------
    what : str
        Code of a patient's measure, or ``films``.
    level : str or None
        The level whose films are missing.
    """

    visit: str
    what: str
    procedure_id: str | None
    level: str | None
    reason: str


def treated_levels(reader: Reader, treated: pl.DataFrame, chosen: set[str]) -> tuple[Treated, ...]:
    """Return the treated levels with their leaks, from the rows of ``patient.sql``."""
    leaks = {row["procedure_id"]: row for row in reader.fetch(statement("leakage")).to_dicts()}
    first = treated["operated_on"].min()
    return tuple(
        _treated(row, leaks[row["procedure_id"]], first, chosen) for row in treated.to_dicts()
    )


def _treated(row: dict[str, Any], leak: dict[str, Any], first: Any, chosen: set[str]) -> Treated:  # noqa: ANN401
    again = row["treated_again_on"]
    return Treated(
        procedure_id=row["procedure_id"],
        level=row["level"],
        day=(row["operated_on"] - first).days,
        operated_on=row["operated_on"],
        approach=row["approach"],
        cement_ml=row["cement_ml"],
        leak=leak["leak"],
        leak_symptomatic=leak["leak_symptomatic"],
        leak_modality=leak["leak_modality"],
        locations=tuple(leak["locations"] or ()),
        routes=tuple(leak["routes"] or ()),
        chosen=row["procedure_id"] in chosen,
        treated_again=None if again is None else (again - first).days,
    )


def happenings(reader: Reader, first: date) -> tuple[Happening, ...]:
    """Return the events in order of time, those without a day last."""
    found = reader.fetch(statement("events")).sort(
        "occurred_on", nulls_last=True, maintain_order=True
    )
    return tuple(
        Happening(
            kind=row["kind"],
            day=None if row["occurred_on"] is None else (row["occurred_on"] - first).days,
            occurred_on=row["occurred_on"],
            procedure_id=row["procedure_id"],
            level=row["level"],
        )
        for row in found.to_dicts()
    )


def status_of(reader: Reader) -> Status:
    """Return the follow-up of the one patient of the reader's cohort."""
    row = vital_status(reader).row(0, named=True)
    first = row["first_operated_on"]
    return Status(
        last=(row["last_contact_on"] - first).days,
        data=(reader.registry.data_date - first).days,
        dead=row["died"],
        died=_days(row["died_on"], first),
        died_earliest=_days(row["died_earliest"], first),
        died_latest=_days(row["died_latest"], first),
    )


def _days(day: date | None, first: date) -> int | None:
    return None if day is None else (day - first).days


def missing_values(
    reader: Reader, treated: tuple[Treated, ...], scores: pl.DataFrame, films: pl.DataFrame
) -> tuple[Missing, ...]:
    """Name what is missing at each visit that the registry knows, and why.

    Notes
    -----
    A measure is missing at the visits at which anybody in the registry has it, films at those at
    which anybody has one. Reasons are those of `queries.absence.reasons`: visits of scores count
    from the first operation, visits of films from the level's own.
    """
    status = vital_status(reader)
    of_scores = [
        Missing(visit, measure.code, None, None, _reason(reader, status, visit))
        for measure in selectable_measures("patient")
        for visit in planned_visits(reader, measure.code)
        if scores.filter(measure=measure.code, visit=visit).is_empty()
    ]
    filmed = _filmed(reader)
    of_films = [
        Missing(
            visit, FILMS, level.procedure_id, level.level, _of_film(reader, status, level, visit)
        )
        for level in treated
        for visit in filmed
        if films.filter(procedure_id=level.procedure_id, visit=visit).is_empty()
    ]
    order = {visit: place for place, visit in enumerate(visits())}
    return tuple(sorted([*of_scores, *of_films], key=lambda gap: order[gap.visit]))


def _filmed(reader: Reader) -> tuple[str, ...]:
    found = {
        visit
        for measure in selectable_measures("level")
        for visit in planned_visits(reader, measure.code)
    }
    return tuple(visit for visit in visits() if visit in found)


def _reason(reader: Reader, status: pl.DataFrame, visit: str) -> str:
    reason: str = reasons(status, visit, reader.registry.data_date)["reason"].item()
    return reason


def _of_film(reader: Reader, status: pl.DataFrame, level: Treated, visit: str) -> str:
    closes = level.day + visits()[visit].day_to
    if level.treated_again is not None and level.treated_again <= closes:
        return TREATED_AGAIN
    own = status.with_columns(pl.lit(level.operated_on).alias("first_operated_on"))
    return _reason(reader, own, visit)


def with_days(frame: pl.DataFrame, first: date) -> pl.DataFrame:
    """Add the day of each value, null where it was not written down."""
    return frame.with_columns(
        (pl.col("measured_on") - pl.lit(first)).dt.total_days().alias("day"),
        (pl.col("visit") != OTHER_VISIT).alias("scheduled"),
    )
