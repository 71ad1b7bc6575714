"""Checks of dates: days, and deaths of which only the month or the year is known."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from data.check_words import read_words

if TYPE_CHECKING:
    from data.sheet import Sheet

EARLIEST = date(1900, 1, 1)
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
MONTH = r"^[0-9]{4}-[0-9]{2}$"
YEAR = r"^[0-9]{4}$"
OR_BLANK = ", or leave it blank"
A_DAY = "as a day, for example 31.03.2006"


class Calendar(NamedTuple):
    """The day of the import, and the day up to which the source says that it is complete."""

    today: date
    data_date: date | None


def parse_dates(sheet: Sheet, column: str, calendar: Calendar, *, optional: bool = True) -> None:
    """Hold back the rows with an unreadable date or one to come, and parse the others."""
    parsed = day(pl.col(column))
    form = "as yyyy-mm-dd, for example 2006-03-31" if sheet.places is None else A_DAY
    form += OR_BLANK if optional else ""
    hold_bad_dates(sheet, column, parsed, calendar, form)
    sheet.frame = sheet.frame.with_columns(parsed.alias(column))


def hold_bad_dates(
    sheet: Sheet, column: str, parsed: pl.Expr, calendar: Calendar, form: str
) -> None:
    """Hold back the rows with a date that did not parse or cannot be; words are read."""
    read_words(sheet, column, pl.col(column).is_not_null() & parsed.is_null())
    sheet.hold_rows(
        pl.col(column).is_not_null()
        & (parsed.is_null() | (parsed > calendar.today) | (parsed < EARLIEST)),
        "bad_date",
        column,
        pl.when(parsed > calendar.today)
        .then(pl.lit(f"The {column} lies after the day of the import; correct it."))
        .when(parsed < EARLIEST)
        .then(pl.lit(f"The {column} lies before {EARLIEST.year}; correct it."))
        .otherwise(pl.lit(f"The {column} is no date; write it {form}.")),
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


def mark_late(sheet: Sheet, column: str, calendar: Calendar, parsed: pl.Expr | None = None) -> None:
    """Note the dates that lie after the day up to which the source is complete."""
    day_found = pl.col(column) if parsed is None else parsed
    sheet.mark(
        day_found > pl.lit(calendar.data_date, dtype=pl.Date),
        "after_data_date",
        column,
        f"The {column} lies after {calendar.data_date}, the data_date of the source; correct one "
        "of them.",
    )
