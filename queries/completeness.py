"""How complete a cohort is: what is recorded of what is due, by measure and visit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import measures
from queries.absence import LOST, NOT_RECORDED, reasons, vital_status
from queries.attrition import attended_visits
from queries.cohort import Cohort, Selection, members_of, selection
from queries.seen import seen_at_visits
from queries.statements import statement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from data.warehouse import Reader

TABLES = {"patient": "follow_ups", "level": "radiographs"}


@dataclass(frozen=True)
class Recorded:
    """How many have a value in one column of the source format, of how many.

    Parameters
    ----------
    table, field : str
        The column.
    visit : str or None
        The visit, for measures; None for what is asked for once.
    n : int
        Patients (scores, columns of patients) or treated levels (films, columns of procedures)
        with a value.
    out_of : int
        Those due at the visit, or all of whom it is asked.
    """

    table: str
    field: str
    visit: str | None
    n: int
    out_of: int


@dataclass(frozen=True)
class Completeness:
    """What is recorded of a cohort.

    Parameters
    ----------
    measured : tuple of Recorded
        Every measure that the cohort has at all, in codebook order, at every visit that anybody
        of the registry attended.
    once : tuple of Recorded
        What is asked for once, of patients and of procedures.
    """

    selection: Selection
    measured: tuple[Recorded, ...]
    once: tuple[Recorded, ...]


def completeness(reader: Reader, cohort: Cohort) -> Completeness:
    """Count what is recorded of what is due.

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
    For scores the patients due at a visit are those of the follow-up: the living whose window
    has closed, and those seen. For films the treated levels due are counted in the same way from
    their own operation: with any film at the visit, or alive when its window had closed.
    """
    selected = selection(reader, cohort)
    once = reader.fetch(statement("completeness_fields")).to_dicts()
    return Completeness(
        selection=selected,
        measured=_measured(reader),
        once=tuple(
            Recorded(row["place"], row["field"], None, row["n"], row["out_of"]) for row in once
        ),
    )


def _measured(reader: Reader) -> tuple[Recorded, ...]:
    counted = {
        (row["measure"], row["visit"]): row["n"]
        for row in reader.fetch(statement("completeness")).to_dicts()
    }
    there = {measure for measure, _ in counted}
    planned = attended_visits(reader)
    due = {"patient": _patients_due(reader, planned), "level": _levels_due(reader, planned)}
    return tuple(
        Recorded(
            TABLES[measure.unit_of_analysis],
            code,
            visit,
            counted.get((code, visit), 0),
            due[measure.unit_of_analysis][visit],
        )
        for code, measure in measures().items()
        if code in there
        for visit in planned
    )


def _patients_due(reader: Reader, planned: Sequence[str]) -> dict[str, int]:
    """Count the patients due at each visit, as the follow-up counts them."""
    status = vital_status(reader)
    of_index = status.filter("has_index_session").select("patient_id")
    seen = seen_at_visits(reader).join(of_index, on="patient_id", how="semi")
    return _due(status, seen, planned, reader.registry.data_date)


def _levels_due(reader: Reader, planned: Sequence[str]) -> dict[str, int]:
    """Count the levels due at each visit in the same way, from their own operation."""
    lives = vital_status(reader).select("patient_id", "died_on", "last_contact_on")
    levels = (
        members_of(reader)
        .select("patient_id", "procedure_id", "operated_on")
        .join(lives, on="patient_id", how="left", maintain_order="left")
        .select(
            "died_on",
            "last_contact_on",
            patient_id="procedure_id",
            first_operated_on="operated_on",
            has_index_session=pl.lit(value=True),
        )
    )
    filmed = reader.fetch(statement("completeness_films")).rename({"procedure_id": "patient_id"})
    return _due(levels, filmed, planned, reader.registry.data_date)


def _due(
    status: pl.DataFrame, seen: pl.DataFrame, planned: Sequence[str], data_date: date
) -> dict[str, int]:
    """Count at each visit those seen, and those alive when its window had closed."""
    due = {}
    for visit in planned:
        here = seen.filter(pl.col("visit") == visit).select("patient_id")
        reason = reasons(status, visit, data_date)
        missing = reason.filter(pl.col("reason").is_in([LOST, NOT_RECORDED]))
        due[visit] = here.height + missing.join(here, on="patient_id", how="anti").height
    return due
