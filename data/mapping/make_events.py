"""Events from the rows of a source table: one a row, or a column for each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.mapping.cells import code_cell, date_cell
from data.mapping.convert import each
from data.mapping.make_patients import DAY
from data.mapping.reading import PATIENT, PROCEDURE, present

if TYPE_CHECKING:
    from data.mapping.model import ColumnMap
    from data.mapping.reading import Reading

DATED = r"^\d{4}-\d{2}-\d{2}$"


def make_events(reading: Reading) -> list[pl.DataFrame]:
    """Return the events of a table."""
    columns = reading.of("events")
    listed = [one for one in columns if one.becomes in ("events.kind", "events.occurred_on")]
    kinds = [one for one in columns if one not in listed]
    frames = [_listed(reading)] if reading.has("events.kind") else []
    return frames + [_kind(reading, one, slot) for slot, one in enumerate(kinds, 1)]


def _listed(reading: Reading) -> pl.DataFrame:
    behind = {
        "patient_id": reading.one(PATIENT),
        "procedure_id": reading.one(PROCEDURE),
        "kind": reading.one("events.kind"),
        "occurred_on": reading.one("events.occurred_on"),
    }
    frame = reading.frame({name: reading.cells(one) for name, one in behind.items()})
    pure = all(
        one.table == "events" or one.becomes in (PATIENT, PROCEDURE) for one in reading.columns
    )
    frame = frame if pure else present(frame, ["kind"])
    return reading.placed(frame, "events", 0, behind)


def _kind(reading: Reading, one: ColumnMap, slot: int) -> pl.DataFrame:
    """Return the events of a column that says yes, or the day."""

    def read(text: str) -> str | None:
        answer = code_cell(text, "yes_no")
        if answer in ("yes", "no"):
            return answer
        day = date_cell(text, one.dates, reading.context.today)
        return day if DAY.fullmatch(day) else text

    told = each(reading.cells(one), read)
    frame = reading.frame({"patient_id": reading.cells(reading.one(PATIENT)), "told": told})
    happened = frame.filter(pl.col("told").is_not_null() & (pl.col("told") != "no"))
    made = happened.with_columns(
        procedure_id=pl.lit(None, dtype=pl.String),
        kind=pl.lit(one.field),
        occurred_on=pl.when(pl.col("told") != "yes").then("told"),
    )
    behind = {"patient_id": reading.one(PATIENT), "kind": one, "occurred_on": one}
    return reading.placed(made.drop("told"), "events", slot, behind)
