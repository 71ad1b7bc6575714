"""Checks of whole columns: scales, units and signs that do not look like the codebook's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.check_numbers import PLAIN_SENTINELS, number
from data.codebook import LEVELS, measures
from data.readers.layout import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Collection

    from data.codebook import Measure
    from data.sheet import Sheet

FEWEST = 5
FEWEST_OF_HUNDRED = 10
OVER = 0.15
MOST = 0.5
ODD = 0.2
LOW_HEIGHT = 7.0
LAST_THORACIC = LEVELS.index("T12")
LOW_LUMBAR = ("L4", "L5")


def check_scale(sheet: Sheet, measure: Measure) -> None:
    """Note a score that looks like another scale; hold back what may be on it unseen.

    The cells are text still. Where most values of a year lie above the range, the others of the
    year lie inside it by chance, and are held back.
    """
    if measure.minimum != 0 or measure.maximum not in (10, 100):
        return
    value = number(pl.col(measure.code))
    known = pl.when(~value.is_in(PLAIN_SENTINELS) & (value >= 0)).then(value)
    seen = sheet.frame.select("row", "measured_on", "operation", value=known).drop_nulls("value")
    if seen.height < FEWEST:
        return
    if measure.maximum == 10:
        _check_of_ten(sheet, measure, seen)
    elif seen.height >= FEWEST_OF_HUNDRED:
        _check_of_hundred(sheet, measure, seen["value"])


def _check_of_ten(sheet: Sheet, measure: Measure, seen: pl.DataFrame) -> None:
    over = (pl.col("value") > 10) & (pl.col("value") <= 100)
    count = int(seen.select(over.sum()).item())
    if count < OVER * seen.height:
        return
    _suspect(sheet, measure, f"{count} of {seen.height} values lie above 10", 100)
    year = pl.coalesce("measured_on", "operation").dt.year()
    by_year = seen.with_columns(year=year).with_columns(
        share=over.mean().over("year"), n=pl.len().over("year")
    )
    mixed = by_year.filter(
        (pl.col("share") > MOST) & (pl.col("n") >= FEWEST) & (pl.col("value") <= 10)
    )
    sheet.hold_cells(
        pl.col("row").is_in(mixed["row"].implode()),
        "mixed_scale",
        measure.code,
        f"The {measure.code} of most rows of this year lies above 10, so this value may be on "
        f"the same other scale; name the scale{where_to_name_scales(sheet)}.",
    )


def _check_of_hundred(sheet: Sheet, measure: Measure, values: pl.Series) -> None:
    highest = float(values.max())  # type: ignore[arg-type]
    if highest > 50 or (highest > 10 and measure.scoring is None):
        return
    top = 10 if highest <= 10 else 50
    odd = int((values % 2 == 1).sum())
    evidence = f"none of {values.len()} values lies above {highest:g}, and {odd} are odd"
    _suspect(sheet, measure, evidence, top)


def _suspect(sheet: Sheet, measure: Measure, evidence: str, top: float) -> None:
    sheet.add_kept(
        "scale_suspected",
        measure.code,
        None,
        f"The {measure.code} may be on a scale of 0 to {top:g}: {evidence}. If it is, name the "
        f"scale{where_to_name_scales(sheet)}; if not, leave it.",
    )


def where_to_name_scales(sheet: Sheet) -> str:
    """Say where a person names the scale of a column."""
    if sheet.places is not None:
        return " in the mapping"
    return f" under [scales] in {SETTINGS}"


def check_films_scale(sheet: Sheet, columns: Collection[str]) -> None:
    """Note heights that look like centimetres and angles that look like the other sign."""
    for code in columns:
        check = _check_sign if measures()[code].minimum < 0 else _check_height
        check(sheet, code)


def _check_height(sheet: Sheet, code: str) -> None:
    values = sheet.frame[code].drop_nulls()
    middle = values.median()
    if values.len() >= FEWEST and isinstance(middle, float) and middle < LOW_HEIGHT:
        sheet.add_kept(
            "unit_suspected",
            code,
            None,
            f"The {code} may be in centimetres: half of its {values.len()} values lie below "
            f"{middle:g} mm. If it is, convert it to millimetres; if not, leave it.",
        )


def _check_sign(sheet: Sheet, code: str) -> None:
    position = pl.col("level").replace_strict(
        {level: n for n, level in enumerate(LEVELS)}, default=None, return_dtype=pl.Int32
    )
    placed = sheet.frame.select("level", value=code, position=position).drop_nulls()
    thoracic = placed.filter((pl.col("position") <= LAST_THORACIC) & (pl.col("value") != 0))
    negative = int((thoracic["value"] < 0).sum())
    if thoracic.height >= FEWEST and negative > MOST * thoracic.height:
        sheet.add_kept(
            "sign_suspected",
            code,
            None,
            f"The {code} is negative at {negative} of {thoracic.height} films of T1 to T12, where "
            "kyphosis is the rule; here kyphosis is positive. Turn the sign round if it is "
            "the other way.",
        )
        return
    low = placed.filter(pl.col("level").is_in(LOW_LUMBAR))
    if low.height > FEWEST and int((low["value"] < 0).sum()) == 0:
        sheet.add_kept(
            "sign_suspected",
            code,
            None,
            f"The {code} is never negative at the {low.height} films of L4 and L5, where lordosis "
            "is the rule; the sign may have been lost. Check it.",
        )
