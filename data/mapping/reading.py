"""One source table while it becomes rows of the source format."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.mapping.convert import convert, rescale
from data.mapping.places import row_id
from data.mapping.targets import targets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data.codebook import Measure
    from data.mapping.convert import Context
    from data.mapping.header import Headed
    from data.mapping.model import ColumnMap, TableMap
    from data.mapping.notes import Notes
    from data.mapping.places import Places

PATIENT = "patients.patient_id"
PROCEDURE = "procedures.procedure_id"
LEVEL = "procedures.level"
OPERATED = "procedures.operated_on"
VISITS = ("follow_ups.visit", "radiographs.visit")
NO_SCALE = (
    "The day of the value is not known, so nobody can say which of the scales it is on; fill in "
    "the day."
)


class Reading:
    """One source table: its rows, what its columns become, and where findings go.

    Parameters
    ----------
    number : int
        Which of the source's tables it is.
    name : str
        Its name.
    headed : Headed
        The rows that are read.
    mapped : TableMap
        What its columns become.
    context : Context
        The day of the import and the salt of pseudonyms.
    places : Places
        Learns which column of the source stands behind which.
    notes : Notes
        Takes the findings.
    """

    def __init__(
        self,
        number: int,
        name: str,
        headed: Headed,
        mapped: TableMap,
        context: Context,
        places: Places,
        notes: Notes,
    ) -> None:
        self.number, self.name, self.mapped = number, name, mapped
        self.headed, self.context = headed, context
        self.places, self.notes = places, notes
        self.rows = headed.body.select("row")
        self.columns = [
            one for one in mapped.columns if one.becomes in targets() and one.column in headed.names
        ]
        self._read: dict[str, pl.Series] = {}

    def has(self, *becomes: str) -> bool:
        """Return whether a column becomes one of these."""
        return any(one.becomes in becomes for one in self.columns)

    def of(self, table: str) -> list[ColumnMap]:
        """Return the columns of a table of the source format."""
        return [one for one in self.columns if one.table == table]

    def one(
        self, *becomes: str, visit: str | None = None, number: int | None = None
    ) -> ColumnMap | None:
        """Return the column that becomes something, that of a procedure before that of all."""
        found = [
            one
            for wanted in becomes
            for one in self.columns
            if one.becomes == wanted and one.visit == visit and one.number in (None, number)
        ]
        return max(found, key=lambda one: one.number is not None, default=None)

    def raw(self, mapped: ColumnMap) -> pl.Series:
        """Return the cells of a column as they came."""
        return self.headed.body[self.headed.column(mapped.column)]

    def cells(self, mapped: ColumnMap | None) -> pl.Series:
        """Return the cells of a column as the source format writes them, blank for none."""
        if mapped is None:
            return pl.Series([None] * self.rows.height, dtype=pl.String)
        if mapped.column not in self._read:
            self._read[mapped.column] = convert(self.raw(mapped), mapped, self.context)
        return self._read[mapped.column]

    def numbers(self, mapped: ColumnMap, measure: Measure | None, days: pl.Series) -> pl.Series:
        """Return the cells of a column of numbers on the codebook's scale."""
        scaled, unknown = rescale(self.cells(mapped), mapped, measure, days)
        for row, value in self.rows.with_columns(value=self.raw(mapped)).filter(unknown).rows():
            self.notes.add(
                "scale_without_day",
                NO_SCALE,
                table=self.name,
                row=row,
                column=mapped.column,
                value=value,
                becomes=mapped.becomes,
            )
        return scaled

    def frame(self, columns: Mapping[str, pl.Series]) -> pl.DataFrame:
        """Return columns beside the rows of the source that they are of."""
        return self.rows.hstack([column.alias(name) for name, column in columns.items()])

    def placed(
        self, frame: pl.DataFrame, table: str, slot: int, behind: Mapping[str, ColumnMap | None]
    ) -> pl.DataFrame:
        """Give the rows of a slot their numbers, and remember the columns behind theirs."""
        self.places.columns[table, self.number, slot] = {
            name: one.column for name, one in behind.items() if one is not None
        }
        return frame.with_columns(row_id(self.number, slot).alias("row"))

    def note(self, rule: str, advice: str, mapped: ColumnMap, value: str | None = None) -> None:
        """Note a finding on a whole column."""
        self.notes.add(
            rule,
            advice,
            table=self.name,
            row=max(self.mapped.header),
            column=mapped.column,
            value=value,
            becomes=mapped.becomes,
        )


def present(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Return the rows that have a cell in one of the columns."""
    there = [pl.col(column).is_not_null() for column in columns if column in frame.columns]
    return frame.filter(pl.any_horizontal(there)) if there else frame.clear()
