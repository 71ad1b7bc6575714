"""The questions about scales, units and signs."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

from data.mapping.cells import NUMBER, date_cell, number_cell
from data.mapping.evidence_of_scale import (
    ScaleGuess,
    guess_change,
    guess_scale,
    guess_sign,
    guess_unit,
)
from data.mapping.levels import read_levels
from data.mapping.model import Choice, Question

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.codebook import Measure
    from data.mapping.draft import Draft, DraftColumn

WHOLE_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
TOPS = {10.0: (100.0,), 100.0: (50.0, 10.0, 1.0)}


def scale_questions(made: Draft) -> Iterator[Question]:
    """Ask about every measure of a table whose numbers may be on another scale."""
    groups: dict[str, list[DraftColumn]] = defaultdict(list)
    for column in made.columns:
        if column.target and column.target.measure and column.target.kind == "number":
            groups[column.target.measure.code].append(column)
    for columns in groups.values():
        measure = _measure(columns[0])
        if measure.unit_of_analysis == "patient":
            yield from _ask_scale(made, columns, measure)
        else:
            ask = _ask_sign if measure.minimum < 0 else _ask_unit
            yield from ask(made, columns)


def _measure(column: DraftColumn) -> Measure:
    return column.target.measure  # type: ignore[union-attr,return-value]


def _ask_scale(made: Draft, columns: list[DraftColumn], measure: Measure) -> Iterator[Question]:
    change = guess_change(_dated(made, columns), measure)
    if change is not None:
        yield _change_question(made, columns, measure, *change)
        return
    named = next(
        (one.guess.top for one in columns if one.guess.top not in (None, measure.maximum)), None
    )
    pooled = [value for one in columns for value in one.profile.numbers()]
    found = guess_scale(pooled, measure)
    if found is None and named is not None:
        found = ScaleGuess(named, f"The name says 0 to {named:g}.")
    if found is None and measure.maximum == 10:
        found = _single(columns, measure)
    if found is not None:
        yield _scale_question(made, columns, measure, found)


def _single(columns: list[DraftColumn], measure: Measure) -> ScaleGuess | None:
    """Return what one column of several says by itself."""
    found = [guess_scale(one.profile.numbers(), measure) for one in columns]
    return next((one for one in found if one is not None), None)


def _scale_question(
    made: Draft, columns: list[DraftColumn], measure: Measure, found: ScaleGuess
) -> Question:
    tops = tuple(
        Choice(f"{top:g}", f"0 to {top:g}; {top:g} becomes {measure.maximum:g}")
        for top in TOPS[measure.maximum]
    )
    return Question(
        "scale",
        made.raw.name,
        columns[0].name,
        f"On which scale is the {measure.label}{_listed(columns)}?",
        found.evidence + _apart(columns, measure),
        (*tops, Choice("same", f"0 to {measure.maximum:g}")),
        None if found.top is None else f"{found.top:g}",
        also=tuple(one.name for one in columns[1:]),
    )


def _apart(columns: list[DraftColumn], measure: Measure) -> str:
    """Say which columns by themselves look as if they were on the codebook's scale."""
    low = [
        one.name
        for one in columns
        if one.profile.numbers() and max(one.profile.numbers()) <= measure.maximum
    ]
    if measure.maximum != 10 or not low or len(low) == len(columns):
        return ""
    return f" No value of {', '.join(low)} does; if that form was another, ask for it by itself."


def _listed(columns: list[DraftColumn]) -> str:
    names = [f"“{one.name}”" for one in columns]
    return f" ({', '.join(names)})"


def _change_question(
    made: Draft, columns: list[DraftColumn], measure: Measure, last: date, top: float
) -> Question:
    older, later = (top, measure.maximum) if top > 0 else (measure.maximum, -top)
    key = f"{last.isoformat()}:{older:g}:{later:g}"
    return Question(
        "scale_change",
        made.raw.name,
        columns[0].name,
        f"Did the scale of the {measure.label}{_listed(columns)} change after {last}?",
        f"Up to {last} the values fit a scale of 0 to {older:g}, later ones 0 to {later:g}.",
        (
            Choice(key, f"yes: 0 to {older:g} up to {last}, then 0 to {later:g}"),
            Choice(f"{max(older, later):g}", f"no, it is 0 to {max(older, later):g} throughout"),
            Choice("same", f"no, it is 0 to {measure.maximum:g} throughout"),
        ),
        key,
        also=tuple(one.name for one in columns[1:]),
    )


def _ask_unit(made: Draft, columns: list[DraftColumn]) -> Iterator[Question]:
    pooled = [value for one in columns for value in one.profile.numbers()]
    evidence = guess_unit(pooled)
    if evidence is None and any(one.guess.unit == "cm" for one in columns):
        evidence = "The name says cm."
    if evidence is not None:
        yield Question(
            "unit",
            made.raw.name,
            columns[0].name,
            f"In which unit are the heights{_listed(columns)}?",
            evidence,
            (Choice("10", "centimetres; 2.5 becomes 25 mm"), Choice("1", "millimetres")),
            "10",
            also=tuple(one.name for one in columns[1:]),
        )


def _ask_sign(made: Draft, columns: list[DraftColumn]) -> Iterator[Question]:
    level = next(made.becoming("procedures.level"), None)
    if level is None:
        return
    placed = [
        (found.levels[0], value)
        for column in columns
        for text, value in _pairs(made, level, column)
        if (found := read_levels(text)).kind == "one"
    ]
    evidence = guess_sign(placed)
    if evidence is not None:
        yield Question(
            "sign",
            made.raw.name,
            columns[0].name,
            f"Is kyphosis negative in the angles{_listed(columns)}?",
            evidence,
            (Choice("-1", "yes, turn the sign round"), Choice("1", "no, kyphosis is positive")),
            "-1",
            also=tuple(one.name for one in columns[1:]),
        )


def _dated(made: Draft, columns: list[DraftColumn]) -> list[tuple[date, float]]:
    """Return the values of columns with the day of their visit, or of the operation."""
    operated = next(made.becoming("procedures.operated_on"), None)
    found = []
    for column in columns:
        days = [one for one in made.becoming("follow_ups.measured_on") if one.visit == column.visit]
        by = days[0] if days else operated
        if by is not None:
            found += [
                (day, value)
                for text, value in _pairs(made, by, column)
                if (day := _day(text, by)) is not None
            ]
    return found


def _pairs(made: Draft, one: DraftColumn, other: DraftColumn) -> Iterator[tuple[str, float]]:
    """Yield the texts of a column with the numbers of another, where a row has both."""
    columns = [made.headed.column(one.name), made.headed.column(other.name)]
    for text, number in made.headed.body.select(columns).drop_nulls().iter_rows():
        read = number_cell(number, other.profile.decimal)
        if NUMBER.fullmatch(read) and "," not in read:
            yield text, float(read)


def _day(text: str, column: DraftColumn) -> date | None:
    read = date_cell(text, column.profile.day_order, column.profile.today)
    return date.fromisoformat(read) if WHOLE_DAY.fullmatch(read) else None
