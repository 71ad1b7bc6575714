"""The questions that only a person can answer about the columns of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.codebook import SEXES, visits
from data.identifiers import names_people
from data.mapping.ask_scale import scale_questions
from data.mapping.levels import read_levels
from data.mapping.model import Choice, Question
from data.mapping.targets import targets
from data.words import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.mapping.draft import Draft, DraftColumn

ASKED_VALUES = 30
NOT_READ = Choice("none", "the column is not read")
NOT_KNOWN = Choice("", "not known")
BELOW = ("procedures.level", "follow_ups.visit", "radiographs.visit")


def ask(made: Draft) -> list[Question]:
    """Return every question about the columns of a table, in their order."""
    order = {column.name: n for n, column in enumerate(made.columns)}
    found = [
        *(question for column in made.columns for question in _about(made, column)),
        *scale_questions(made),
    ]
    return sorted(found, key=lambda one: (not one.blocking, order[one.column]))


def _about(made: Draft, column: DraftColumn) -> Iterator[Question]:
    if column.rivals:
        yield _ask_twice(made, column)
    if column.target is None:
        return
    if column.doubt is not None:
        yield _ask_visit(made, column)
    if column.profile.order == "unclear" and column.target.kind in ("day", "partial_day", "birth"):
        yield _ask_dates(made, column)
    if column.becomes == "procedures.level":
        yield from _ask_levels(made, column)
    if column.becomes == "patients.patient_id":
        yield from _ask_identifier(made, column)
        yield from _ask_below(made, column)
    yield from _ask_values(made, column)


def _ask_twice(made: Draft, column: DraftColumn) -> Question:
    names = (column.name, *column.rivals)
    label = targets()[column.becomes or ""].label
    return Question(
        "twice",
        made.raw.name,
        column.name,
        f"Which column is “{label}”{_at(column.visit)}?",
        f"{len(names)} columns may be: {', '.join(names)}.",
        tuple(Choice(name, name) for name in names),
        column.name,
        also=column.rivals,
    )


def _at(visit: str | None) -> str:
    return f" at the visit {visits()[visit].label}" if visit in visits() else ""


def _ask_visit(made: Draft, column: DraftColumn) -> Question:
    said_so = f"Its name says “{column.doubt}”" if column.doubt else "Its name says no visit"
    choices = [Choice(one.code, one.label) for one in visits().values()]
    return Question(
        "visit",
        made.raw.name,
        column.name,
        f"At which visit were the values of “{column.name}” measured?",
        f"{said_so}; visits are {', '.join(one.label for one in visits().values())}.",
        (*choices, NOT_READ),
        column.visit,
    )


def _ask_dates(made: Draft, column: DraftColumn) -> Question:
    examples = ", ".join(list(column.profile.counts)[:3])
    return Question(
        "dates",
        made.raw.name,
        column.name,
        f"Does the day or the month stand first in “{column.name}”?",
        f"Both can be read either way, for example {examples}.",
        (Choice("dmy", "the day stands first"), Choice("mdy", "the month stands first")),
    )


def _ask_levels(made: Draft, column: DraftColumn) -> Iterator[Question]:
    read = {text: read_levels(text) for text in column.profile.counts}
    several = [text for text, found in read.items() if found.kind == "several" and found.known]
    spans = [text for text, found in read.items() if found.kind == "span" and found.known]
    if several:
        yield Question(
            "levels",
            made.raw.name,
            column.name,
            f"Does a cell with several levels in “{column.name}” stand for one procedure each?",
            _shown(column, several),
            (
                Choice("each", "yes, one procedure for each level"),
                Choice("hold", "no, hold those rows back"),
            ),
            "each",
        )
    if spans:
        yield Question(
            "span",
            made.raw.name,
            column.name,
            f"What does a span such as “{spans[0]}” in “{column.name}” stand for?",
            _shown(column, spans),
            (
                Choice("every", "every level from one end to the other"),
                Choice("ends", "the two levels that it names"),
                Choice("hold", "hold those rows back"),
            ),
        )


def _shown(column: DraftColumn, texts: list[str]) -> str:
    cells = sum(column.profile.counts[text] for text in texts)
    if cells == 1:
        return f"1 cell: {texts[0]}."
    return f"{cells} cells, for example {', '.join(texts[:3])}."


def _ask_identifier(made: Draft, column: DraftColumn) -> Iterator[Question]:
    naming = sum(times for text, times in column.profile.counts.items() if names_people(text))
    if naming:
        yield Question(
            "identifier",
            made.raw.name,
            column.name,
            f"Are the texts of “{column.name}” names or dates of birth of patients?",
            f"{naming} of {column.profile.filled} cells look like it.",
            (
                Choice("pseudonym", "yes, replace them by pseudonyms"),
                Choice("keep", "no, keep them as they are"),
            ),
            "pseudonym",
        )


def _ask_below(made: Draft, column: DraftColumn) -> Iterator[Question]:
    """Ask about rows with a level or a visit and no patient below a row with one."""
    cells = made.headed.body[made.headed.column(column.name)]
    beside = [made.headed.column(one.name) for one in made.becoming(*BELOW)]
    if not beside or not cells.null_count() or cells.null_count() == cells.len():
        return
    filled = made.headed.body.select(pl.any_horizontal(pl.col(beside).is_not_null())).to_series()
    rows = int((cells.is_null() & filled & cells.forward_fill().is_not_null()).sum())
    if rows:
        yield Question(
            "below",
            made.raw.name,
            column.name,
            f"Does a row without “{column.name}” belong to the patient above it?",
            f"{rows} rows have a level or a visit and no patient.",
            (
                Choice("above", "yes, to the patient above"),
                Choice("hold", "no, hold those rows back"),
            ),
        )


def _ask_values(made: Draft, column: DraftColumn) -> Iterator[Question]:
    """Ask about texts of visits and of sex that can be read as none."""
    target, seen = column.target, column.profile
    if target is None or target.kind not in ("visit", "sex"):
        return
    unknown = [text for text in seen.counts if not seen.reads(text, target)]
    if target.kind == "visit":
        choices = [Choice(one.code, one.label) for one in visits().values()]
        choices.append(Choice("other", "outside the visits"))
    else:
        choices = [Choice(code, label) for code, label in SEXES.items()]
    labels = made.raw.choices.get(column.name, {})
    for text in [one for one in unknown if said(one) != "missing"][:ASKED_VALUES]:
        label = f" (“{labels[text]}”)" if text in labels else ""
        yield Question(
            "values",
            made.raw.name,
            column.name,
            f"What does “{text}”{label} in “{column.name}” stand for?",
            f"{seen.counts[text]} of {seen.filled} cells say so.",
            (*choices, NOT_KNOWN),
            value=text,
        )
