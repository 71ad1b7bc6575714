"""Procedures from the rows of a source table, one for each treated level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.mapping.cells import leak_cell
from data.mapping.convert import LEVELS_MARK, each
from data.mapping.reading import LEVEL, OPERATED, PATIENT, PROCEDURE, VISITS, present
from data.readers.layout import layouts
from data.words import said

if TYPE_CHECKING:
    from data.mapping.model import ColumnMap
    from data.mapping.reading import Reading

SHARED = ("cement_ml", "leak", "leak_locations", "leak_symptomatic")
IN_A_CELL = 32
SAYS = ("procedure_id", "level", "operated_on")


def makes_procedures(reading: Reading) -> bool:
    """Return whether rows of a table are procedures, and do not only name one."""
    own = [one for one in reading.of("procedures") if one.becomes not in (PROCEDURE, LEVEL)]
    if reading.has(PROCEDURE):
        return bool(own) or (reading.has(LEVEL) and not _by_visit(reading))
    if not reading.has(PATIENT, LEVEL) or not reading.has(LEVEL):
        return False
    return bool(own) or not _by_visit(reading)


def _by_visit(reading: Reading) -> bool:
    days = ("follow_ups.measured_on", "radiographs.measured_on")
    return reading.has(*VISITS) or any(
        one.becomes in days and one.visit is None for one in reading.columns
    )


def numbers_of(reading: Reading) -> list[int | None]:
    """Return the numbers of a row's procedures, [None] where it has one alone."""
    numbers = {
        one.number
        for one in reading.of("procedures")
        if one.becomes in (LEVEL, PROCEDURE) and one.number is not None
    }
    return [*sorted(numbers)] or [None]


def make_procedures(reading: Reading) -> list[pl.DataFrame]:
    """Return the procedures of a table.

    Each has its row's ``levels`` (how many its cell named) beside the columns of the format.
    """
    return [
        _numbered(reading, position, number) for position, number in enumerate(numbers_of(reading))
    ]


def _numbered(reading: Reading, position: int, number: int | None) -> pl.DataFrame:
    names = [name for name in layouts()["procedures"].fixed if name != "patient_id"]
    behind = {name: reading.one(f"procedures.{name}", number=number) for name in names}
    behind["patient_id"] = reading.one(PATIENT)
    cells = {name: reading.cells(one) for name, one in behind.items()}
    if (cement := behind["cement_ml"]) is not None:
        cells["cement_ml"] = reading.numbers(cement, None, cells["operated_on"])
    frame = _leaks(reading.frame(cells))
    says = SAYS[:2] if number is not None else SAYS
    frame = present(frame, says)
    parted = frame.with_columns(pl.col("level").str.split(LEVELS_MARK)).with_columns(
        levels=pl.col("level").list.len().fill_null(1)
    )
    _note_shared(reading, parted, behind)
    shared = [name for name in SHARED if name != "leak"]
    parted = parted.with_columns(
        *(pl.when(pl.col("levels") == 1).then(name).alias(name) for name in shared),
        pl.when((pl.col("levels") == 1) | (pl.col("leak") == "no")).then("leak").alias("leak"),
    )
    places = [
        _level(reading, parted, position * IN_A_CELL + n, n, behind)
        for n in range(int(parted["levels"].max() or 1))  # type: ignore[arg-type]
    ]
    return pl.concat(places)


def _level(
    reading: Reading,
    parted: pl.DataFrame,
    slot: int,
    n: int,
    behind: dict[str, ColumnMap | None],
) -> pl.DataFrame:
    """Return the procedures of the n-th level of every cell."""
    own = parted.filter(pl.col("levels") > n).with_columns(
        level=pl.col("level").list.get(n, null_on_oob=True)
    )
    several = (pl.col("levels") > 1) & pl.col("procedure_id").is_not_null()
    named = pl.when(several).then(pl.format("{}-{}", "procedure_id", "level"))
    own = own.with_columns(procedure_id=named.otherwise("procedure_id"))
    return reading.placed(own, "procedures", slot, behind)


def _leaks(frame: pl.DataFrame) -> pl.DataFrame:
    """Read leaks, and the locations that stand in the same cell."""
    told = frame["leak"]
    places = each(told, lambda text: leak_cell(text)[1])
    leaks = each(told, lambda text: None if said(text) == "missing" else leak_cell(text)[0])
    named = places if told.null_count() < told.len() else told
    return frame.with_columns(
        leak=leaks, leak_locations=pl.coalesce("leak_locations", named.alias("places"))
    )


def _note_shared(
    reading: Reading, parted: pl.DataFrame, behind: dict[str, ColumnMap | None]
) -> None:
    for name in SHARED:
        one = behind[name]
        hits = parted.filter(
            (pl.col("levels") > 1) & pl.col(name).is_not_null() & (pl.col(name) != "no")
        )
        if one is None or not hits.height:
            continue
        values = reading.rows.with_columns(value=reading.raw(one))
        for row, value in hits.select("row").join(values, on="row").rows():
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


def operations_of(reading: Reading) -> pl.DataFrame | None:
    """Return the days of operation that a table gives for patients and not for levels."""
    operated = reading.one(OPERATED)
    patient = reading.one(PATIENT)
    if operated is None or patient is None or reading.has(LEVEL, PROCEDURE):
        return None
    days = {"patient_id": reading.cells(patient), "operated_on": reading.cells(operated)}
    return reading.frame(days).drop("row").drop_nulls()
