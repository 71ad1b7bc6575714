"""Checks of single columns: keys, dates, codes and numbers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.sheet import Sheet

SENTINELS = (-999.0, -99.0, -9.0, 9.0, 99.0, 999.0, 9999.0)
PLAIN_SENTINELS = (-999.0, -99.0, 99.0, 999.0, 9999.0)
EARLIEST = date(1900, 1, 1)
DAY = r"^\d{4}-\d{2}-\d{2}$"
MONTH = r"^\d{4}-\d{2}$"
YEAR = r"^\d{4}$"


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
    advice = pl.format("The row is the same as row {}, which is kept; delete one.", "first")
    hold_listed(sheet, repeated.with_columns(advice=advice), "duplicate_row", None)


def hold_contradictions(sheet: Sheet) -> None:
    """Hold back every row whose key stands in several rows with different values."""
    lines = pl.col("row").cast(pl.String).str.join(", ").over(sheet.key)
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


def hold_listed(sheet: Sheet, listed: pl.DataFrame, rule: str, column: str | None) -> None:
    """Hold back the rows of a list of ``row`` and ``advice``."""
    if listed.height:
        sheet.hold_rows(
            pl.col("row").is_in(listed["row"].implode()),
            rule,
            column,
            pl.col("row").replace_strict(listed["row"], listed["advice"], default=None),
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
                f"The {column} belongs to row {{}} of {parents.name}.csv, which is held back; "
                "correct that row first.",
                line,
            )
        )
        .otherwise(
            pl.lit(f"The {column} is not in {parents.name}.csv; correct it, or add the row there.")
        ),
    )


def parse_dates(sheet: Sheet, column: str, today: date) -> None:
    """Hold back the rows with an unreadable date or one to come, and parse the others."""
    parsed = day(pl.col(column))
    hold_bad_dates(sheet, column, parsed, today, "as yyyy-mm-dd, for example 2006-03-31")
    sheet.frame = sheet.frame.with_columns(parsed.alias(column))


def hold_bad_dates(sheet: Sheet, column: str, parsed: pl.Expr, today: date, form: str) -> None:
    """Hold back the rows with a date that did not parse or cannot be."""
    sheet.hold_rows(
        pl.col(column).is_not_null() & (parsed.is_null() | (parsed > today) | (parsed < EARLIEST)),
        "bad_date",
        column,
        pl.when(parsed > today)
        .then(pl.lit(f"The {column} lies after the day of the import; correct it."))
        .when(parsed < EARLIEST)
        .then(pl.lit(f"The {column} lies before {EARLIEST.year}; correct it."))
        .otherwise(pl.lit(f"The {column} is no date; write it {form}, or leave it blank.")),
    )


def day(text: pl.Expr) -> pl.Expr:
    """Return the day that a text says as yyyy-mm-dd, else null."""
    return pl.when(text.str.contains(DAY)).then(text).str.to_date("%Y-%m-%d", strict=False)


def earliest_day(text: pl.Expr) -> pl.Expr:
    """Return the first day of a date that may be a day, a month or a year, else null."""
    return pl.coalesce(
        day(text),
        pl.when(text.str.contains(MONTH)).then(day(text + "-01")),
        pl.when(text.str.contains(YEAR)).then(day(text + "-01-01")),
    )


def latest_day(text: pl.Expr) -> pl.Expr:
    """Return the last day of a date that may be a day, a month or a year, else null."""
    return pl.coalesce(
        day(text),
        pl.when(text.str.contains(MONTH)).then(day(text + "-01").dt.month_end()),
        pl.when(text.str.contains(YEAR)).then(day(text + "-12-31")),
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


def number(text: pl.Expr) -> pl.Expr:
    """Return the finite number that a text says, else null."""
    value = text.cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value)


def parse_numbers(
    sheet: Sheet,
    column: str,
    *,
    low: float,
    high: float,
    unit: str,
    whole: bool = False,
) -> None:
    """Hold back the cells that are no number or out of range, and parse the others."""
    text, value = pl.col(column), number(pl.col(column))
    outside = ~value.is_between(low, high)
    scale = f"{low:g} to {high:g} {unit}".strip()
    fraction = value != value.floor() if whole else pl.lit(value=False)
    odd = text.is_not_null() & (value.is_null() | outside | value.is_in(PLAIN_SENTINELS) | fraction)
    if sheet.frame.select(odd.any()).item():
        _hold_wrong_numbers(sheet, column)
        _hold_outside(sheet, column, outside, scale)
        sheet.hold_cells(
            fraction,
            "not_whole",
            column,
            f"The {column} is no whole number from {scale}; correct it or leave it blank.",
        )
    sheet.frame = sheet.frame.with_columns(value.alias(column))


def _hold_wrong_numbers(sheet: Sheet, column: str) -> None:
    text = pl.col(column)
    sheet.hold_cells(
        text.is_not_null() & number(text).is_null(),
        "not_a_number",
        column,
        pl.when(text.str.contains(r"^[+-]?\d*,\d+$"))
        .then(pl.lit(f"The {column} has a decimal comma; write it with a decimal point."))
        .otherwise(pl.lit(f"The {column} is no number; correct it or leave it blank.")),
    )


def _hold_outside(sheet: Sheet, column: str, outside: pl.Expr, scale: str) -> None:
    value = number(pl.col(column))
    sheet.hold_cells(
        outside & value.is_in(SENTINELS),
        "sentinel",
        column,
        f"The {column} looks like a code for “not known” and lies outside {scale}; "
        "leave it blank where it is not known.",
    )
    sheet.hold_cells(
        outside,
        "out_of_range",
        column,
        f"The {column} lies outside {scale}; correct it or leave it blank.",
    )
    sheet.mark(
        value.is_in(PLAIN_SENTINELS),
        "sentinel",
        column,
        f"The {column} may be a code for “not known”; it is kept, since it lies within "
        f"{scale}. Leave it blank if it is one.",
    )
