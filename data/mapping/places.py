"""Where a row of the source format came from: the table, the row and the columns of the source.

Every row of a mapped source has one number that says its source table, its row there, and
which of the row's slots (visits, procedures) it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from data.rules import WITHHELD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data.mapping.header import Headed

ROWS = 1 << 26
SLOTS = 1 << 10
OF_COLUMN = -1


def row_id(table: int, slot: int) -> pl.Expr:
    """Return the number of every row of a frame with the source's rows as ``row``."""
    return (pl.lit(table * ROWS) + pl.col("row")) * SLOTS + slot


def source_row(number: pl.Expr) -> pl.Expr:
    """Return the row in the source."""
    return (number // SLOTS) % ROWS


@dataclass(frozen=True)
class Places:
    """The tables of a source, and the column behind every column of a slot.

    Parameters
    ----------
    names : tuple of str
        The source's tables by their number.
    headed : tuple of Headed
        Their cells.
    headers : tuple of int
        The last row of their column names.
    withheld : frozenset of (int, str)
        The columns whose cells no finding says, with the number of their table.
    columns : dict of (str, int, int) to dict of str to str
        For a table of the source format, a source table and a slot: the source's column behind
        each of its columns.
    """

    names: tuple[str, ...]
    headed: tuple[Headed, ...]
    headers: tuple[int, ...]
    withheld: frozenset[tuple[int, str]] = frozenset()
    columns: dict[tuple[str, int, int], Mapping[str, str]] = field(default_factory=dict)

    def shown(self, number: pl.Expr) -> pl.Expr:
        """Return rows as people find them: with their table where there are several."""
        row = source_row(number).cast(pl.String)
        if len(self.names) == 1:
            return row
        table = (number // (SLOTS * ROWS)).replace_strict(
            dict(enumerate(self.names)), return_dtype=pl.String
        )
        return pl.format("{} of {}", row, table)

    def translate(self, findings: pl.DataFrame) -> pl.DataFrame:
        """Return findings on the source format as findings on the source."""
        number = pl.col("row")
        parted = findings.with_columns(
            place=number // (SLOTS * ROWS),
            slot=pl.when(number < SLOTS).then(OF_COLUMN).otherwise(number % SLOTS),
            source=source_row(number),
        )
        groups = parted.partition_by("target", "field", "place", "slot", maintain_order=True)
        return pl.concat([findings.clear(), *map(self._translated, groups)])

    def _translated(self, group: pl.DataFrame) -> pl.DataFrame:
        first = group.row(0, named=True)
        place, slot, column = first["place"], first["slot"], first["field"]
        if slot == OF_COLUMN:
            return self._of_column(group.drop("place", "slot", "source"), first["target"], column)
        behind = self.columns.get((first["target"], place, slot), {}).get(column)
        return group.with_columns(
            pl.lit(self.names[place]).alias("table"),
            pl.col("source").alias("row"),
            pl.lit(behind, dtype=pl.String).alias("column"),
            pl.when(~pl.col("rule").is_in(WITHHELD))
            .then(self._cells(group["source"], place, behind))
            .alias("value"),
            _told(column, behind).alias("advice"),
        ).drop("place", "slot", "source")

    def _of_column(self, group: pl.DataFrame, target: str, column: str) -> pl.DataFrame:
        """Return what was found about whole columns, on the row of their names."""
        behind = [
            (place, columns[column])
            for (table, place, _), columns in sorted(self.columns.items(), key=lambda one: one[0])
            if table == target and column in columns
        ]
        place, name = behind[0] if behind else (0, None)
        return group.with_columns(
            pl.lit(self.names[place]).alias("table"),
            pl.lit(self.headers[place], dtype=pl.Int64).alias("row"),
            pl.lit(name, dtype=pl.String).alias("column"),
            _told(column, name).alias("advice"),
        )

    def _cells(self, rows: pl.Series, place: int, column: str | None) -> pl.Series:
        """Return the cells as they came."""
        if column is None or (place, column) in self.withheld:
            return pl.Series([None] * rows.len(), dtype=pl.String)
        headed = self.headed[place]
        body = headed.body.select("row", pl.col(headed.column(column)).alias("cell"))
        return rows.to_frame("row").join(body, on="row", how="left", maintain_order="left")["cell"]


def _told(column: str | None, behind: str | None) -> pl.Expr:
    """Return the advice with the source's name of the column."""
    advice = pl.col("advice")
    if column is None or behind is None:
        return advice
    return advice.str.replace(f"The {column} ", f"The “{behind}” ", literal=True)
