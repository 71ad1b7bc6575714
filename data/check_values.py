"""Checks of single columns: keys and codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.sheet import Sheet

LISTED = 5
OWNERS = {"patient_id": "patient", "procedure_id": "operation"}


def hold_blank_keys(sheet: Sheet, *columns: str) -> None:
    """Hold back the rows that do not say whom or what they are about."""
    for column in columns:
        sheet.hold_rows(
            pl.col(column).is_null(),
            "missing_key",
            column,
            f"The row has no {column}, so nobody knows what it belongs to; fill it in.",
        )


def hold_repeats(sheet: Sheet) -> None:
    """Keep one of identical rows and hold back the others."""
    columns = sheet.frame.columns[1:]
    hashes = sheet.frame.select(columns).hash_rows()
    repeated = (
        sheet.frame.filter(hashes.is_duplicated())
        .select("row", first=pl.col("row").min().over(columns))
        .filter(pl.col("row") > pl.col("first"))
    )
    first = sheet.shown(pl.col("first"))
    advice = pl.format("The row is the same as row {}, which is kept; delete one.", first)
    hold_listed(sheet, repeated.with_columns(advice=advice), "duplicate_row", None)


def hold_contradictions(sheet: Sheet) -> None:
    """Hold back every row whose key stands in several rows with different values."""
    lines = listing(sheet.shown(pl.col("row")), sheet.key)
    sheet.hold_rows(
        pl.col(sheet.key).is_duplicated(),
        "contradictory_rows",
        sheet.key,
        pl.format(
            f"The {sheet.key} stands in rows {{}} with different values, and none of them is "
            "kept; keep the right one and delete the others.",
            lines,
        ),
    )


def listing(values: pl.Expr, of: str | Sequence[str]) -> pl.Expr:
    """Return the texts of the rows that are alike in `of`: the first ones, and how many more."""
    more = pl.len().cast(pl.Int64) - LISTED
    shown = values.head(LISTED).str.join(", ")
    return (
        pl.when(more > 0).then(pl.format("{} and {} more", shown, more)).otherwise(shown).over(of)
    )


def hold_listed(sheet: Sheet, listed: pl.DataFrame, rule: str, column: str | None) -> None:
    """Hold back the rows of a list of ``row`` and ``advice``."""
    if listed.height:
        sheet.hold_rows(
            pl.col("row").is_in(listed["row"].implode()),
            rule,
            column,
            pl.col("row").replace_strict(listed["row"], listed["advice"], default=None),
        )


def _held_with(column: str, parents: Sheet) -> str:
    if parents.places is not None:
        return f"Row {{}} is held back, and so is what belongs to its {OWNERS[column]}; correct it."
    return (
        f"The {column} belongs to row {{}} of {parents.title}, which is held back; correct that "
        "row first."
    )


def hold_orphans(sheet: Sheet, parents: Sheet, rule: str) -> None:
    """Hold back the rows whose key is not among the kept rows of another table."""
    column = parents.key
    held = parents.held()
    line = pl.col(column).replace_strict(
        held["key"], held["row"], default=None, return_dtype=pl.Int64
    )
    known = parents.frame.get_column(column)
    sheet.hold_rows(
        pl.col(column).is_not_null() & ~pl.col(column).is_in(known.implode()),
        rule,
        column,
        pl.when(line.is_not_null())
        .then(
            pl.format(
                _held_with(column, parents),
                parents.shown(line),
            )
        )
        .otherwise(
            pl.lit(f"The {column} is not in {parents.title}; correct it, or add the row there.")
        ),
    )


def parse_codes(sheet: Sheet, column: str, codes: Sequence[str]) -> None:
    """Hold back the cells that are not of a vocabulary, in whatever case."""
    code = _as_code(pl.col(column), codes)
    sheet.hold_cells(
        pl.col(column).is_not_null() & code.is_null(),
        "unknown_code",
        column,
        f"The {column} is none of {', '.join(codes)}; correct it or leave it blank.",
    )
    sheet.frame = sheet.frame.with_columns(code.alias(column))


def parse_yes_no(sheet: Sheet, *columns: str) -> None:
    """Hold back the cells that are neither yes nor no; the others stay text."""
    for column in columns:
        parse_codes(sheet, column, ("yes", "no"))


def true_where_yes(sheet: Sheet, *columns: str) -> None:
    """Make true and false of yes and no."""
    sheet.frame = sheet.frame.with_columns(pl.col(columns) == "yes")


def _as_code(text: pl.Expr, codes: Sequence[str]) -> pl.Expr:
    lowered = {code.lower(): code for code in codes}
    return text.str.to_lowercase().replace_strict(lowered, default=None, return_dtype=pl.String)
