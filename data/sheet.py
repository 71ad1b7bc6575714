"""One source table under check: the rows that are still kept, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.rules import HELD_BACK, KEPT, RULES, WITHHELD, Finding

if TYPE_CHECKING:
    from data.mapping.places import Places

FINDING_SCHEMA = pl.Schema(
    {
        "table": pl.String(),
        "row": pl.Int64(),
        "column": pl.String(),
        "rule": pl.String(),
        "severity": pl.String(),
        "value": pl.String(),
        "advice": pl.String(),
    }
)


@dataclass(frozen=True)
class RowCount:
    """How many rows of a source file were read, kept and held back."""

    read: int
    kept: int
    held_back: int


class Sheet:
    """One source table under check.

    Parameters
    ----------
    name : str
        The file without its ending.
    frame : polars.DataFrame
        Its cells, and their line in the file as ``row``.
    key : str
        The column that names a row to other tables.
    places : Places or None
        What knows where the rows stand in the source; None where ``row`` is the line itself.

    Attributes
    ----------
    deaths : list of str
        The keys of rows of which a cell says that the patient has died.
    """

    def __init__(
        self, name: str, frame: pl.DataFrame, key: str, places: Places | None = None
    ) -> None:
        self.name = name
        self.frame = frame
        self.key = key
        self.places = places
        self.deaths: list[str] = []
        self._read = frame.height
        self._findings: list[pl.DataFrame] = []
        self._held: list[pl.DataFrame] = []

    @property
    def title(self) -> str:
        """Return what people call the table."""
        return f"{self.name}.csv" if self.places is None else f"the {self.name} of the source"

    def shown(self, row: pl.Expr) -> pl.Expr:
        """Return rows as people find them in the source."""
        return row.cast(pl.String) if self.places is None else self.places.shown(row)

    def hold_rows(self, bad: pl.Expr, rule: str, column: str | None, advice: str | pl.Expr) -> None:
        """Hold back the rows where `bad` is true, with a finding for each."""
        mask = self._mask(bad)
        if mask.any():
            hits = self.frame.filter(mask)
            self._note(hits, rule, HELD_BACK, column, advice)
            self._held.append(hits.select(pl.col(self.key).alias("key"), "row"))
            self.frame = self.frame.filter(~mask)

    def hold_cells(self, bad: pl.Expr, rule: str, column: str, advice: str | pl.Expr) -> None:
        """Empty the cells of a column where `bad` is true, with a finding for each."""
        mask = self._mask(bad)
        if mask.any():
            self._note(self.frame.filter(mask), rule, HELD_BACK, column, advice)
            kept = pl.when(~pl.lit(mask)).then(pl.col(column)).alias(column)
            self.frame = self.frame.with_columns(kept)

    def mark(self, bad: pl.Expr, rule: str, column: str | None, advice: str | pl.Expr) -> None:
        """Note a finding on the rows where `bad` is true, and keep them."""
        mask = self._mask(bad)
        if mask.any():
            self._note(self.frame.filter(mask), rule, KEPT, column, advice)

    def add_kept(self, rule: str, column: str, value: str | None, advice: str) -> None:
        """Note a finding that is of a whole column, on the line of the header."""
        found = Finding(self.name, 1, column, RULES[rule].name, KEPT, value, advice)
        self._findings.append(pl.DataFrame([found], schema=FINDING_SCHEMA))

    def absorb(self, part: Sheet) -> None:
        """Take over the findings on a part of this table."""
        self._findings.extend(part._findings)

    def release(self) -> None:
        """Let the cells go, once they are stored elsewhere; the counts and findings stay."""
        self.frame = self.frame.select("row", self.key)

    def held(self) -> pl.DataFrame:
        """Return the first line of every key that was held back: ``key`` and ``row``."""
        empty = pl.DataFrame(schema={"key": pl.String, "row": pl.Int64})
        return pl.concat([empty, *self._held]).drop_nulls().group_by("key").agg(pl.min("row"))

    def findings(self) -> pl.DataFrame:
        """Return the findings in order of their lines."""
        return pl.concat([FINDING_SCHEMA.to_frame(), *self._findings]).sort(
            "row", maintain_order=True
        )

    def counts(self) -> RowCount:
        """Return how many rows were read, kept and held back."""
        kept = self.frame.height
        return RowCount(read=self._read, kept=kept, held_back=self._read - kept)

    def _mask(self, bad: pl.Expr) -> pl.Series:
        return self.frame.select(bad.fill_null(value=False).alias("bad")).to_series()

    def _note(
        self,
        hits: pl.DataFrame,
        rule: str,
        severity: str,
        column: str | None,
        advice: str | pl.Expr,
    ) -> None:
        text = pl.lit(None, dtype=pl.String)
        if column in hits.columns:
            text = pl.col(column).cast(pl.String)
            if hits.schema[column].is_float():
                text = text.str.strip_suffix(".0")
            if hits.schema[column] == pl.Boolean:
                text = text.replace({"true": "yes", "false": "no"})
            if rule in WITHHELD:
                text = pl.lit(None, dtype=pl.String)
        self._findings.append(
            hits.select(
                pl.lit(self.name).alias("table"),
                pl.col("row"),
                pl.lit(column, dtype=pl.String).alias("column"),
                pl.lit(RULES[rule].name).alias("rule"),
                pl.lit(severity).alias("severity"),
                text.alias("value"),
                (pl.lit(advice) if isinstance(advice, str) else advice).alias("advice"),
            )
        )
