"""Scores and films from the rows of a source table, one row for each visit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.codebook import visits
from data.mapping.convert import LEVELS_MARK
from data.mapping.make_procedures import numbers_of
from data.mapping.reading import LEVEL, OPERATED, PATIENT, PROCEDURE, present
from data.mapping.targets import targets
from data.readers.layout import layouts

if TYPE_CHECKING:
    from data.mapping.model import ColumnMap
    from data.mapping.reading import Reading

LINKS = ("patient_id", "procedure_id", "level", "operated_on")
VISITS_OF = {
    "follow_ups": ("follow_ups.visit", "radiographs.visit"),
    "radiographs": ("radiographs.visit", "follow_ups.visit"),
}
DAYS_OF = {
    "follow_ups": ("follow_ups.measured_on",),
    "radiographs": ("radiographs.measured_on", "follow_ups.measured_on"),
}


def make_follow_ups(reading: Reading) -> list[pl.DataFrame]:
    """Return the scores of a table, a frame for each visit that its columns name."""
    return [
        _visit(reading, "follow_ups", slot, visit, None)
        for slot, visit in enumerate(_visits(reading, "follow_ups"))
    ]


def make_films(reading: Reading) -> list[pl.DataFrame]:
    """Return the films of a table, a frame for each visit and numbered procedure."""
    slots = [
        (visit, number)
        for number in numbers_of(reading)
        for visit in _visits(reading, "radiographs")
    ]
    return [
        _visit(reading, "radiographs", slot, visit, number)
        for slot, (visit, number) in enumerate(slots)
    ]


def _visits(reading: Reading, table: str) -> list[str | None]:
    """Return the visits that columns of measures name; None for a visit that the row says."""
    named = {one.visit for one in reading.of(table) if _measured(one)}
    if not named and reading.of(table) and _is_pure(reading, table):
        return [None]
    return [visit for visit in (None, *visits()) if visit in named]


def _measured(one: ColumnMap) -> bool:
    return targets()[one.becomes or ""].measure is not None


def _visit(
    reading: Reading, table: str, slot: int, visit: str | None, number: int | None
) -> pl.DataFrame:
    measured = {
        str(one.field): one
        for one in reading.of(table)
        if _measured(one) and one.visit == visit and one.number in (None, number)
    }
    day = reading.one(*DAYS_OF[table], visit=visit)
    label = reading.one(*VISITS_OF[table]) if visit is None else None
    days = reading.cells(day)
    operated = reading.cells(reading.one(OPERATED))
    dated = days.zip_with(days.is_not_null(), operated)
    numbers = {
        name: reading.numbers(one, targets()[one.becomes or ""].measure, dated)
        for name, one in measured.items()
    }
    fixed = {
        name: reading.one(f"{table}.{name}")
        for name in ("reader", "posture", "calibrated")
        if table == "radiographs"
    }
    links: dict[str, ColumnMap | None] = {
        "patient_id": reading.one(PATIENT),
        "procedure_id": reading.one(PROCEDURE, number=number),
        "level": reading.one(LEVEL, number=number) if table == "radiographs" else None,
        "operated_on": reading.one(OPERATED),
    }
    cells = {
        **{name: reading.cells(one) for name, one in (links | fixed).items()},
        "measured_on": days,
        **numbers,
    }
    said = pl.lit(visit or reading.mapped.visit, dtype=pl.String)
    frame = reading.frame(cells).with_columns(
        (reading.cells(label) if label else said).alias("visit")
    )
    if not _is_pure(reading, table):
        frame = present(frame, list(measured))
    behind = {**links, **fixed, "measured_on": day, "visit": label, **measured}
    frame = _without_shared(reading, frame, measured) if table == "radiographs" else frame
    wanted = [name for name in layouts()[table].fixed if name not in frame.columns]
    frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in wanted)
    return reading.placed(frame, table, slot, behind)


def _is_pure(reading: Reading, table: str) -> bool:
    """Return whether a table holds nothing but the visits of one table of the source format."""
    keys = (PATIENT, PROCEDURE)
    return all(one.table == table or one.becomes in keys for one in reading.columns)


def _without_shared(
    reading: Reading, frame: pl.DataFrame, measured: dict[str, ColumnMap]
) -> pl.DataFrame:
    """Leave out films of rows that name several levels."""
    several = pl.col("level").str.contains(LEVELS_MARK, literal=True).fill_null(value=False)
    several = several & pl.col("procedure_id").is_null()
    for name, one in measured.items():
        hits = frame.filter(several & pl.col(name).is_not_null()).select("row")
        values = reading.rows.with_columns(value=reading.raw(one))
        for row, value in hits.join(values, on="row").rows():
            reading.notes.add(
                "shared_by_levels",
                f"The row has several levels and one “{one.column}”, so nobody knows which level "
                "it is of; give each level a row of its own.",
                table=reading.name,
                row=row,
                column=one.column,
                value=value,
                becomes=one.becomes,
            )
    return frame.filter(~several)
