"""Where a table's column names stand, and what they are: below titles, over merged cells."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from data.mapping.recognise import IDENTIFIER, Guess, recognise
from data.mapping.targets import targets
from data.mapping.visit_names import read_visit
from data.words import tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.readers.raw import RawTable

LOOKED_AT = 20
WITHOUT_NAME = "(column {} without a name)"
REPEATED = "{} ({})"


@dataclass(frozen=True)
class Headed:
    """A table parted into its column names and its cells.

    Parameters
    ----------
    names : tuple of str
        One for each column, all different.
    body : polars.DataFrame
        The rows below the header: ``row`` and ``c1``, ``c2`` ... as in `RawTable.grid`.
    """

    names: tuple[str, ...]
    body: pl.DataFrame

    def column(self, name: str) -> str:
        """Return the column of the body that has a name."""
        return f"c{self.names.index(name) + 1}"


def find_header(table: RawTable) -> tuple[int, ...]:
    """Return the rows of the column names: those in which most names are known."""
    rows = [row[0] for row in table.grid.head(LOOKED_AT).rows()]
    candidates = [(row,) for row in rows] + [
        (upper, lower) for upper, lower in pairwise(rows) if lower == upper + 1
    ]
    scores = {rows: _score(table, rows) for rows in candidates}
    best = max(candidates, key=lambda rows: (scores[rows], -len(rows), -rows[0]))
    return best if scores[best] > 0 else (rows[0],)


def headed(table: RawTable, header: Sequence[int]) -> Headed:
    """Part a table at its header."""
    names = _unique(_names(table, header))
    last = max(header, default=0)
    return Headed(names, table.grid.filter(pl.col("row") > last))


def _names(table: RawTable, header: Sequence[int]) -> list[str]:
    """Return the names as they stand, those over merged or empty cells in front of the others."""
    rows = [_cells(table, row) for row in header]
    if len(rows) == 1:
        return [cell or "" for cell in rows[0]]
    upper = _spread(rows[0], rows[1], dict(table.spread.get(header[0], {})))
    return [" ".join(part for part in pair if part) for pair in zip(upper, rows[1], strict=True)]


def _cells(table: RawTable, row: int) -> list[str | None]:
    """Return the cells of a row."""
    place = table.grid["row"].index_of(row)
    return [None] * table.width if place is None else list(table.grid.row(place)[1:])


def _spread(
    upper: Sequence[str | None], lower: Sequence[str | None], merged: dict[int, int]
) -> list[str | None]:
    """Carry a name over the columns that its merged cell covers, or over the empty ones after it.

    Where cells are merged, only merged ones are carried.
    """
    filled: list[str | None] = []
    for n, cell in enumerate(upper, 1):
        covering = next((left for left, right in merged.items() if left < n <= right), None)
        if cell is not None:
            filled.append(cell)
        elif covering is not None:
            filled.append(upper[covering - 1])
        elif not merged and lower[n - 1] is not None and filled:
            filled.append(filled[-1])
        else:
            filled.append(None)
    return filled


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    shown = [name.strip() or WITHOUT_NAME.format(n) for n, name in enumerate(names, 1)]
    seen: Counter[str] = Counter()
    unique = []
    for name in shown:
        seen[name] += 1
        unique.append(name if seen[name] == 1 else REPEATED.format(name, seen[name]))
    return tuple(unique)


def _score(table: RawTable, header: Sequence[int]) -> float:
    """Return how much of a header is known; a measure counts more with its visit."""
    names = _names(table, header)
    twice = Counter(name for name in names if name)
    guesses = [
        recognise(name, table.labels.get(name, ""), table.name, loosely=False)
        for name in names
        if name
    ]
    known = sum(map(_worth, guesses))
    repeats = sum(times - 1 for times in twice.values())
    bare_visits = sum(_is_bare_visit(name) for name in names)
    return known - 0.5 * repeats - 0.5 * bare_visits


def _worth(guess: Guess) -> float:
    if guess.becomes is None:
        return 0.0
    if guess.becomes == IDENTIFIER:
        return 1.0
    target = targets()[guess.becomes]
    visited = guess.visit is not None and target.measure is not None
    return guess.confidence + 0.5 * visited


def _is_bare_visit(name: str) -> bool:
    found = read_visit(tokens(name))
    return bool(name) and found.visit is not None and not found.rest
