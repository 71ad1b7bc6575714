"""A table under proposal: its columns with what each may become and what its cells look like."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from data.mapping.header import Headed, find_header, headed
from data.mapping.profile import Profile, profile
from data.mapping.recognise import IDENTIFIER, Guess, recognise
from data.mapping.targets import Target, targets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from data.mapping.model import TableMap
    from data.readers.raw import RawTable

LEVELS_LOOK = 0.8
TUMOURS_LOOK = 0.6
SEXES_LOOK = 0.9
FEWEST = 3
READ_ENOUGH = 0.5
CONTENT = 0.6


@dataclass
class DraftColumn:
    """One column: its name, its cells, and what it is taken for so far."""

    name: str
    profile: Profile
    guess: Guess
    becomes: str | None = None
    visit: str | None = None
    number: int | None = None
    confidence: float = 0.0
    why: str = ""
    doubt: str | None = None
    rivals: tuple[str, ...] = ()

    @property
    def target(self) -> Target | None:
        """Return what it becomes."""
        return targets().get(self.becomes or "")

    @cached_property
    def is_identifier(self) -> bool:
        """Return whether its name says that it identifies people."""
        return self.guess.becomes == IDENTIFIER


@dataclass
class Draft:
    """One table: its raw cells, its header and its columns."""

    raw: RawTable
    headed: Headed
    header: tuple[int, ...]
    columns: list[DraftColumn] = field(default_factory=list)
    visit: str | None = None

    def becoming(self, *becomes: str) -> Iterator[DraftColumn]:
        """Yield the columns that become one of these."""
        return (one for one in self.columns if one.becomes in becomes)

    def has(self, *becomes: str) -> bool:
        """Return whether a column becomes one of these."""
        return any(self.becoming(*becomes))

    def of_measures(self, table: str) -> list[DraftColumn]:
        """Return the columns of measures and sections of a table of the source format."""
        return [
            one
            for one in self.columns
            if one.target is not None and one.target.measure and one.target.table == table
        ]


def draft(table: RawTable, today: date) -> Draft:
    """Return a table with what the names and the cells of its columns say by themselves."""
    header = find_header(table)
    parted = headed(table, header)
    made = Draft(table, parted, header)
    for name in parted.names:
        choices = table.choices.get(name, {})
        meanings = {**{label: code for code, label in choices.items()}, **choices}
        seen = profile(parted.body[parted.column(name)], today, meanings)
        guess = recognise(name, table.labels.get(name, ""), table.name)
        made.columns.append(DraftColumn(name, seen, guess))
    for column in made.columns:
        _take(column)
    _take_content(made)
    return made


def mapped_draft(table: RawTable, mapped: TableMap, today: date) -> Draft:
    """Return a table with what a mapping makes of its columns."""
    parted = headed(table, mapped.header)
    made = Draft(table, parted, mapped.header, visit=mapped.visit)
    by_name = {one.column: one for one in mapped.columns}
    for name in parted.names:
        known = by_name.get(name)
        seen = profile(
            parted.body[parted.column(name)], today, dict(known.values) if known else None
        )
        guess = recognise(name, table.labels.get(name, ""), table.name)
        column = DraftColumn(name, seen, guess, why="It was chosen.", confidence=1.0)
        if known is not None:
            column.becomes, column.visit, column.number = known.becomes, known.visit, known.number
            if guess.becomes == known.becomes:
                column.confidence, column.why = guess.confidence, guess.why
        made.columns.append(column)
    return made


def _take(column: DraftColumn) -> None:
    guess = column.guess
    column.confidence, column.why = guess.confidence, guess.why
    target = targets().get(guess.becomes or "")
    if target is None:
        if column.is_identifier:
            column.why = "It identifies people and is kept out."
        return
    share = column.profile.readable(target)
    if share < READ_ENOUGH:
        column.confidence = 0.0
        column.why = (
            f"The name says “{target.label}”, but {share:.0%} of the cells can be read as that."
        )
        return
    column.becomes = guess.becomes
    column.visit, column.number, column.doubt = guess.visit, guess.number, guess.doubt
    if guess.confidence < 1:
        column.confidence = round(guess.confidence * (0.5 + 0.5 * share), 2)


def _take_content(made: Draft) -> None:
    """Take columns whose names say nothing for levels or tumours where their cells do."""
    for becomes, look, what in (
        ("procedures.level", LEVELS_LOOK, "levels"),
        ("patients.primary_tumour", TUMOURS_LOOK, "tumours"),
        ("patients.sex", SEXES_LOOK, "men and women"),
    ):
        for column in made.columns:
            if column.becomes is None and not column.is_identifier and not made.has(becomes):
                share = column.profile.readable(targets()[becomes])
                several = len(column.profile.counts) > 1
                if share >= look and several and column.profile.filled >= FEWEST:
                    column.becomes, column.confidence = becomes, CONTENT
                    column.why = f"Its cells are {what}."
