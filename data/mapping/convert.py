"""The cells of one column as the source format writes them, as its mapping says."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from data.check_numbers import PLAIN_SENTINELS
from data.identifiers import pseudonym
from data.mapping import cells
from data.mapping.levels import read_levels, whole_span
from data.mapping.targets import targets
from data.mapping.visit_names import visit_text
from data.readers.raw import number_text
from data.words import said

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from data.codebook import Measure
    from data.mapping.model import ColumnMap

LEVELS_MARK = ";"
LISTS = {"sex": "sex", "yes_no": "yes_no", "approach": "approach", "modality": "leak_modality"}


class Context(NamedTuple):
    """What the reading of cells needs beside them."""

    today: date
    salt: str


def convert(column: pl.Series, mapped: ColumnMap, context: Context) -> pl.Series:
    """Return the cells of a column as the source format writes them.

    Numbers are on the source's scale still; see `rescale`. Cells that cannot be read stay as
    they are, for the rules to find.

    Parameters
    ----------
    column : polars.Series
        The cells as text.
    mapped : ColumnMap
        What the column becomes.
    context : Context
        The day of the import and the salt of pseudonyms.
    """
    chosen = dict(mapped.values)
    missing = {one.lower() for one in mapped.missing}
    read = _reader(mapped, context)

    def one(text: str) -> str | None:
        if text.lower() in missing:
            return None
        if text in chosen:
            return chosen[text] or None
        return read(text) or None

    return each(column, one)


def each(column: pl.Series, change: Callable[[str], str | None]) -> pl.Series:
    """Return a column with a function applied to each of its different texts."""
    texts = column.drop_nulls().unique()
    changed = [change(text) for text in texts.to_list()]
    same = all(new == old for new, old in zip(changed, texts.to_list(), strict=True))
    if same:
        return column
    new = pl.Series(changed, dtype=pl.String)
    return column.replace_strict(texts, new, default=None, return_dtype=pl.String)


def _reader(mapped: ColumnMap, context: Context) -> Callable[[str], str]:
    kind = targets()[mapped.becomes or ""].kind
    today = context.today
    readers: dict[str, Callable[[str], str]] = {
        "number": partial(cells.number_cell, decimal=mapped.decimal),
        "section": partial(cells.number_cell, decimal=mapped.decimal),
        "age": partial(cells.number_cell, decimal=mapped.decimal),
        "day": partial(cells.date_cell, order=mapped.dates, today=today),
        "partial_day": partial(cells.date_cell, order=mapped.dates, today=today),
        "birth": partial(cells.birth_cell, order=mapped.dates, today=today),
        "year": partial(cells.birth_cell, order=mapped.dates, today=today),
        "level": partial(level_cell, mapped=mapped),
        "visit": lambda text: visit_text(text) or text,
        "tumour": _tumour,
        "locations": cells.locations_cell,
        "died": cells.died_cell,
        "alive": _alive,
        "event": partial(cells.code_cell, of="event_kind"),
    }
    if kind in LISTS:
        return partial(_code, of=LISTS[kind])
    if kind == "key" and mapped.pseudonym:
        return partial(pseudonym, salt=context.salt)
    return readers.get(kind, str)


def _code(text: str, of: str) -> str:
    """Read a code; what says that it is not known is blank."""
    code = cells.code_cell(text, of)
    return "" if code == text and said(text) == "missing" else code


def _tumour(text: str) -> str:
    codes = cells.tumour_codes(text)
    return codes[0] if len(codes) == 1 else text


def _alive(text: str) -> str:
    answer = cells.died_cell(text)
    word = said(text)
    if word in ("dead", "alive"):
        return answer
    return {"yes": "no", "no": "yes"}.get(answer, answer)


def level_cell(text: str, mapped: ColumnMap) -> str:
    """Read the levels of a cell, with ``;`` between them where there are several."""
    found = read_levels(text)
    if not found.known:
        return found.levels[0] if found.kind == "one" else text
    if found.kind == "one":
        return found.levels[0]
    if found.kind == "several" and mapped.several == "each":
        return LEVELS_MARK.join(found.levels)
    if found.kind == "span" and mapped.span is not None:
        ends = found.levels
        return LEVELS_MARK.join(whole_span(*ends) if mapped.span == "every" else ends)
    return text


def rescale(
    numbers: pl.Series, mapped: ColumnMap, measure: Measure | None, days: pl.Series | None
) -> tuple[pl.Series, pl.Series]:
    """Return numbers on the codebook's scale and in its unit, and where no scale is known.

    Parameters
    ----------
    numbers : polars.Series
        Numbers as text, as `convert` gives them.
    mapped : ColumnMap
        Its scales and its factor.
    measure : Measure or None
        The measure that they are of.
    days : polars.Series or None
        The day of each number as yyyy-mm-dd, for a scale that changed.
    """
    unknown = pl.Series([False] * numbers.len(), dtype=pl.Boolean)
    if mapped.factor != 1.0:
        numbers = each(numbers, partial(_times, factor=mapped.factor))
    if not mapped.scales or measure is None:
        return numbers, unknown
    if len(mapped.scales) == 1 and mapped.scales[0].until is None:
        return each(numbers, partial(_on_scale, top=mapped.scales[0].top, measure=measure)), unknown
    day = pl.Series([None] * numbers.len(), dtype=pl.String) if days is None else days
    found = pl.Series([None] * numbers.len(), dtype=pl.String)
    left = day.is_not_null()
    for period in mapped.scales:
        within = left & (day <= period.until.isoformat()) if period.until else left
        on_scale = each(numbers, partial(_on_scale, top=period.top, measure=measure))
        found = found.zip_with(~within, on_scale)
        left = left & ~within
    return found, numbers.is_not_null() & found.is_null()


def _times(text: str, factor: float) -> str:
    value = _number(text)
    if value is None or value in PLAIN_SENTINELS:
        return text
    return number_text(value * factor) or text


def _on_scale(text: str, top: float, measure: Measure) -> str:
    """Return a number inside the source's scale on the codebook's, others as they came."""
    value = _number(text)
    if value is None or not 0 <= value <= top:
        return text
    return number_text(value * measure.maximum / top) or text


def _number(text: str) -> float | None:
    return float(text) if cells.NUMBER.fullmatch(text) and "," not in text else None
