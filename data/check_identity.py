"""Checks for what identifies people: in keys, in free text, in years of birth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.identifiers import identifies, names_people

if TYPE_CHECKING:
    from data.sheet import Sheet

FULL_BIRTH = (
    r"^(?:[0-9]{1,2}[./-][0-9]{1,2}[./-])((?:18|19|20)[0-9]{2})$"
    r"|^((?:18|19|20)[0-9]{2})-[0-9]{2}-[0-9]{2}$"
    r"|^((?:18|19|20)[0-9]{2})[01][0-9][0-3][0-9]$"
)


def hold_naming_keys(sheet: Sheet, column: str) -> None:
    """Hold back rows whose key is made of a name or a date of birth, in whatever table."""
    naming = [text for text in _texts(sheet, column, r"[\s,.@/-]|[0-9]{8}") if names_people(text)]
    if naming:
        sheet.hold_rows(
            pl.col(column).is_in(naming),
            "identifying_key",
            column,
            f"The {column} is made of a name or a date of birth, and nothing of it is kept; use "
            "numbers, or let a mapping make pseudonyms.",
        )


def hold_identifying_texts(sheet: Sheet, *columns: str) -> None:
    """Empty cells of free text that hold names, dates, addresses or numbers of people."""
    for column in columns:
        found = [text for text in _texts(sheet, column, r"[\s@0-9]") if identifies(text)]
        if found:
            sheet.hold_cells(
                pl.col(column).is_in(found),
                "identifying_text",
                column,
                f"The {column} holds what may identify a person, and nothing of it is kept; leave "
                "out names, days and addresses.",
            )


def shorten_births(sheet: Sheet) -> None:
    """Keep the year alone of full dates of birth."""
    groups = pl.col("birth_year").str.extract_groups(FULL_BIRTH)
    year = pl.coalesce(groups.struct.field("1"), groups.struct.field("2"), groups.struct.field("3"))
    sheet.mark(
        year.is_not_null(),
        "birth_date",
        "birth_year",
        "The birth_year is a full date of birth, of which the year alone is kept; give the year.",
    )
    sheet.frame = sheet.frame.with_columns(birth_year=pl.coalesce(year, "birth_year"))


def _texts(sheet: Sheet, column: str, suspicious: str) -> list[str]:
    """Return the different texts of a column that may identify anybody."""
    cells = sheet.frame[column]
    return cells.filter(cells.str.contains(suspicious)).unique().drop_nulls().to_list()
