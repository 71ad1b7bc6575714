"""Patients from the rows of a source table."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from data.mapping.cells import date_cell
from data.mapping.convert import each
from data.mapping.reading import OPERATED, PATIENT
from data.readers.layout import layouts

if TYPE_CHECKING:
    from data.mapping.model import ColumnMap
    from data.mapping.reading import Reading

DAY = re.compile(r"\d{4}(-\d{2}){0,2}")
DATED = r"^\d{4}(-\d{2}){0,2}$"
AGED = r"^\d{1,3}$"
PLAIN = ("sex", "birth_year", "primary_tumour", "died_on", "died", "last_seen_on")


def make_patients(reading: Reading) -> pl.DataFrame | None:
    """Return a row for every row of a table that says anything of patients, None where none does.

    The age at the operation is in ``age``, its year in ``aged_in``.
    """
    columns = {name: reading.one(f"patients.{name}") for name in layouts()["patients"].fixed}
    made = {name: reading.one(f"patients.{name}") for name in ("birth_date", "age", "alive")}
    said = {**columns, **made}
    if reading.one(PATIENT) is None or all(
        one is None for name, one in said.items() if name != "patient_id"
    ):
        return None
    cells = {name: reading.cells(one) for name, one in said.items()}
    _note_births(reading, columns["birth_year"], made["birth_date"])
    if made["age"] is not None:
        advice = (
            "The year of birth is the year of the operation less the age, so it may be a year "
            "off; give the year of birth where it is known."
        )
        reading.note("birth_year_from_age", advice, made["age"])
    tumour = columns["primary_tumour"]
    frame = reading.frame(
        {**cells, "tumour_text": reading.raw(tumour) if tumour else cells["primary_tumour"]}
    ).with_columns(aged_in=reading.cells(reading.one(OPERATED)).str.extract(r"^(\d{4})"))
    frame = _deaths(reading, frame, columns["died"]).with_columns(
        birth_year=pl.coalesce("birth_year", "birth_date"),
        age=pl.when(pl.col("age").str.contains(AGED)).then("age"),
    )
    behind = dict(columns)
    behind["birth_year"] = columns["birth_year"] or made["birth_date"] or made["age"]
    behind["died"] = columns["died"] or made["alive"]
    behind["tumour_text"] = tumour
    return reading.placed(frame.drop("birth_date", "alive"), "patients", 0, behind)


def _deaths(reading: Reading, frame: pl.DataFrame, died: ColumnMap | None) -> pl.DataFrame:
    """Read days that stand where a yes or no is asked for."""
    order = died.dates if died else None
    read = partial(date_cell, order=order or "dmy", today=reading.context.today)
    days = each(frame["died"], lambda text: found if DAY.fullmatch(found := read(text)) else text)
    dated = pl.col("died").str.contains(DATED)
    return frame.with_columns(died=days).with_columns(
        died_on=pl.coalesce("died_on", pl.when(dated).then("died")),
        died=pl.coalesce(pl.when(dated).then(pl.lit("yes")).otherwise("died"), "alive"),
    )


def _note_births(reading: Reading, *columns: ColumnMap | None) -> None:
    for one in columns:
        if one is None:
            continue
        full = int((reading.raw(one).str.len_chars() > 4).fill_null(value=False).sum())
        if full:
            advice = (
                f"The “{one.column}” has {full} full dates of birth; only the year of each is "
                "kept. Give years of birth alone."
            )
            reading.note("birth_date", advice, one)
