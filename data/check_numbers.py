"""Checks of numbers: what is one, and whether it can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.check_words import read_words

if TYPE_CHECKING:
    from data.sheet import Sheet

SENTINELS = (-999.0, -99.0, -9.0, 9.0, 99.0, 999.0, 9999.0)
PLAIN_SENTINELS = (-999.0, -99.0, 99.0, 999.0, 9999.0)


@dataclass(frozen=True)
class Scale:
    """What the numbers of a column can be.

    Parameters
    ----------
    low, high : float
        The range in the codebook's unit.
    unit : str
        Said after the range.
    top : float or None
        The top of the scale that the source uses, where that is another than `high`.
    whole : bool
        Whether only whole numbers are answers.
    hint : str
        What else to do about a number out of range, after "correct it or leave it blank".
    """

    low: float
    high: float
    unit: str = ""
    top: float | None = None
    whole: bool = False
    hint: str = ""

    def inside(self, value: pl.Expr) -> pl.Expr:
        """Return whether a number as it came lies inside the range."""
        low, high = self._range()
        return value.is_between(low, high)

    def converted(self, value: pl.Expr) -> pl.Expr:
        """Return a number as it came on the codebook's scale."""
        if self.top is None:
            return value
        return (value * self.high / self.top).clip(self.low, self.high)

    def __str__(self) -> str:
        """Return the range as people write it, in the source's scale."""
        low, high = self._range()
        return f"{low:g} to {high:g} {self.unit}".strip()

    def _range(self) -> tuple[float, float]:
        if self.top is None:
            return self.low, self.high
        return self.low * self.top / self.high, self.top


def number(text: pl.Expr) -> pl.Expr:
    """Return the finite number that a text says, else null; there is no negative zero."""
    value = text.cast(pl.Float64, strict=False) + 0.0
    return pl.when(value.is_finite()).then(value)


def parse_numbers(sheet: Sheet, column: str, scale: Scale) -> None:
    """Hold back the cells that are no number or out of range, and parse the others."""
    text, value = pl.col(column), number(pl.col(column))
    fraction = value != value.floor() if scale.whole else pl.lit(value=False)
    odd = text.is_not_null() & (
        value.is_null() | ~scale.inside(value) | value.is_in(PLAIN_SENTINELS) | fraction
    )
    if sheet.frame.select(odd.any()).item():
        read_words(sheet, column, text.is_not_null() & value.is_null())
        _hold_wrong_numbers(sheet, column)
        _hold_outside(sheet, column, scale)
        sheet.hold_cells(
            fraction,
            "not_whole",
            column,
            f"The {column} is no whole number from {scale}; correct it or leave it blank.",
        )
    sheet.frame = sheet.frame.with_columns(scale.converted(value).alias(column))


def _hold_wrong_numbers(sheet: Sheet, column: str) -> None:
    text = pl.col(column)
    sheet.hold_cells(
        text.is_not_null() & number(text).is_null(),
        "not_a_number",
        column,
        pl.when(text.str.contains(r"^[+-]?[0-9]*,[0-9]+$"))
        .then(pl.lit(f"The {column} has a decimal comma; write it with a decimal point."))
        .when(text.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))
        .then(
            pl.lit(
                f"The {column} is a day, which a spreadsheet may have made of a number such as "
                "3.5; type the number again."
            )
        )
        .otherwise(pl.lit(f"The {column} is no number; correct it or leave it blank.")),
    )


def _hold_outside(sheet: Sheet, column: str, scale: Scale) -> None:
    value = number(pl.col(column))
    outside = ~scale.inside(value)
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
        f"The {column} lies outside {scale}; correct it or leave it blank{scale.hint}.",
    )
    sheet.mark(
        value.is_in(PLAIN_SENTINELS),
        "sentinel",
        column,
        f"The {column} may be a code for “not known”; it is kept, since it lies within "
        f"{scale}. Leave it blank if it is one.",
    )
