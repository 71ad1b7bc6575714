"""The rows of a source table that are read: without totals, repeats and rows of nobody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from data.mapping.header import Headed
from data.words import plain

if TYPE_CHECKING:
    from data.mapping.model import TableMap
    from data.mapping.notes import Notes

TOTALS = frozenset(
    (
        *("summe", "gesamt", "total", "sum", "mittelwert", "mean", "average", "durchschnitt"),
        *("median", "anzahl", "n", "count", "sd", "standardabweichung", "minimum", "maximum"),
        *("min", "max", "mw", "gesamtsumme", "grand total", "insgesamt", "ergebnis"),
    )
)
FEW = 3
COUNTED = re.compile(r"\s*(n|anzahl|summe|total|gesamt)\s*[=:].*", re.IGNORECASE)


class Kept(NamedTuple):
    """A table with the rows that are read, and how many are not."""

    headed: Headed
    lost: int


def keep_rows(name: str, headed: Headed, mapped: TableMap, main: str, notes: Notes) -> Kept:
    """Leave out the rows of totals, exact repeats and rows that say no patient.

    Parameters
    ----------
    name : str
        The table's name in the source.
    headed : Headed
        Its cells.
    mapped : TableMap
        What its columns become.
    main : str
        The table of the source format that its rows would be of.
    notes : Notes
        Takes the findings.
    """
    body = headed.body
    before = body.height
    body = _without_totals(name, body, main, notes)
    body = _without_repeats(name, body, main, notes)
    patient = next((one for one in mapped.columns if one.becomes == "patients.patient_id"), None)
    by_procedure = any(one.becomes == "procedures.procedure_id" for one in mapped.columns)
    if patient is not None and patient.column in headed.names:
        cell = headed.column(patient.column)
        if patient.below:
            body = body.with_columns(pl.col(cell).forward_fill())
        if not by_procedure:
            body = _without_nobody(name, body, cell, patient.column, notes)
    return Kept(Headed(headed.names, body), before - body.height)


def _without_totals(name: str, body: pl.DataFrame, main: str, notes: Notes) -> pl.DataFrame:
    """Leave out rows that begin with a word for a total, among the last ones of a table."""
    last = body.tail(FEW)
    totals = []
    for row in last.iter_rows():
        first = next((cell for cell in row[1:] if cell is not None), "")
        if plain(first) in TOTALS or COUNTED.fullmatch(first):
            totals.append(row[0])
            notes.add(
                "totals_row",
                "The row is a total of the rows above it and is not read; leave it out of the "
                "table.",
                table=name,
                row=row[0],
                value=first,
                becomes=f"{main}.",
            )
    return body.filter(~pl.col("row").is_in(totals))


def _without_repeats(name: str, body: pl.DataFrame, main: str, notes: Notes) -> pl.DataFrame:
    cells = [column for column in body.columns if column != "row"]
    if not cells or not body.select(cells).hash_rows().is_duplicated().any():
        return body
    marked = body.with_columns(first=pl.col("row").min().over(cells))
    for row, first in marked.filter(pl.col("row") > pl.col("first")).select("row", "first").rows():
        notes.add(
            "duplicate_row",
            f"The row is the same as row {first}, which is kept; delete one.",
            table=name,
            row=row,
            becomes=f"{main}.",
        )
    return marked.filter(pl.col("row") == pl.col("first")).drop("first")


def _without_nobody(
    name: str, body: pl.DataFrame, cell: str, column: str, notes: Notes
) -> pl.DataFrame:
    for row in body.filter(pl.col(cell).is_null())["row"]:
        notes.add(
            "missing_key",
            f"The row has no “{column}”, so nobody knows whom it is about; fill it in.",
            table=name,
            row=row,
            column=column,
            becomes="patients.patient_id",
        )
    return body.filter(pl.col(cell).is_not_null())
