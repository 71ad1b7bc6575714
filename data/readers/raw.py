"""A source before it is mapped: tables of text cells with their place in it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING

import polars as pl

from data.limits import limit
from data.readers.refusal import legible, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from data.readers.settings import Settings
    from data.rules import Finding

DIGITS = 15


@dataclass(frozen=True)
class Flag:
    """A cell of which something was found while it was read, by row and number of column."""

    row: int
    column: int
    rule: str
    value: str | None
    advice: str


@dataclass(frozen=True)
class RawTable:
    """One table of a source, its header included.

    Parameters
    ----------
    name : str
        What it is called: its sheet, or its file without the ending; unique in the source.
    file : str
        The file that it stands in.
    grid : polars.DataFrame
        Its cells as text, blank ones null, in columns ``c1``, ``c2`` ...; and the line of the
        file or the row of the sheet as ``row``. Rows without any cell are not there.
    spread : dict of int to dict of int to int
        For each row the columns that a merged cell covers: from column, to column.
    labels : dict of str to str
        What a column is called for people, where its name is a code.
    flags : tuple of Flag
        Cells that cannot be read as they stand.
    choices : dict of str to dict of str to str
        For a column of codes what each code says.
    missing : frozenset of str
        Codes for “not known” that the source is made with.
    """

    name: str
    file: str
    grid: pl.DataFrame
    spread: Mapping[int, Mapping[int, int]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[Flag, ...] = ()
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()

    @property
    def width(self) -> int:
        """Return the number of columns."""
        return self.grid.width - 1


@dataclass(frozen=True)
class Raw:
    """A whole source before it is mapped.

    Parameters
    ----------
    name : str
        What the source is called.
    digests : dict of str to bytes
        The SHA-256 of every file that was read.
    tables : tuple of RawTable
        In the order of the source.
    settings : Settings or None
        What its ``source.toml`` says, None where it has none.
    findings : tuple of Finding
        What was found while it was read: files left out, encodings guessed.
    mapping : bytes or None
        The mapping that lies beside it.
    """

    name: str
    digests: Mapping[str, bytes]
    tables: tuple[RawTable, ...]
    settings: Settings | None = None
    findings: tuple[Finding, ...] = ()
    mapping: bytes | None = None


def cell_text(value: object) -> str | None:
    """Return a cell as text: days in ISO form, numbers with a point, None where it is blank."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return clean(str(value))


def number_text(value: float) -> str | None:
    """Return a number without the last digits that only a computer sees."""
    if math.isnan(value):
        return None
    if value.is_integer() and abs(value) < 10**DIGITS:
        return str(int(value))
    return f"{value:.{DIGITS}g}"


def clean(text: str) -> str | None:
    """Return a text without blanks around it and without what no text can hold."""
    return legible(text.replace("\0", "")).strip().strip("\ufeff\u200b") or None


def grid(rows: Iterable[tuple[int, Sequence[str | None]]], name: str) -> pl.DataFrame:
    """Return rows of text cells, short ones filled up, as the grid of a raw table.

    Raises
    ------
    RefusedError
        If it is wider than the limit.
    """
    there = [(row, cells) for row, cells in rows if any(cell is not None for cell in cells)]
    width = max((_width(cells) for _, cells in there), default=0)
    refuse_wide(width, name)
    lists = [list(cells[:width]) + [None] * (width - len(cells)) for _, cells in there]
    columns = zip(*lists, strict=True) if lists else ()
    data = {f"c{n}": pl.Series(cells, dtype=pl.String) for n, cells in enumerate(columns, 1)}
    return pl.DataFrame({"row": pl.Series([row for row, _ in there], dtype=pl.Int64), **data})


def refuse_wide(width: int, name: str) -> None:
    """Refuse a table with more columns than the limit."""
    most = limit("columns")
    if width > most:
        raise refusal(
            "too_large",
            f"{name} has {width} columns; at most {most} are read. Leave out what is no table.",
            table=name,
        )


def _width(cells: Sequence[str | None]) -> int:
    return max((n for n, cell in enumerate(cells, 1) if cell is not None), default=0)


def from_frame(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return a typed frame as a grid, its column names as row 1; nested columns are left out."""
    refuse_wide(frame.width, name)
    flat = [column for column, kind in frame.schema.items() if not _nested(kind)]
    texts = [_text(frame[column]).alias(f"c{n}") for n, column in enumerate(flat, 1)]
    header = {f"c{n}": [clean(column)] for n, column in enumerate(flat, 1)}
    body = pl.DataFrame(texts) if texts else pl.DataFrame()
    whole = pl.concat([pl.DataFrame(header, schema=dict.fromkeys(header, pl.String)), body])
    row = pl.int_range(1, whole.height + 1, dtype=pl.Int64).alias("row")
    whole = whole.select(row, *header)
    return whole.filter(pl.any_horizontal(pl.col(*header).is_not_null())) if header else whole


def _nested(kind: pl.DataType) -> bool:
    return kind.is_nested() or kind in (pl.Binary, pl.Object)


def _text(column: pl.Series) -> pl.Series:
    kind = column.dtype
    if kind.is_float():
        return column.map_elements(number_text, return_dtype=pl.String)
    if kind == pl.Datetime:
        texts = column.dt.to_string("%Y-%m-%d %H:%M:%S").str.strip_suffix(" 00:00:00")
    else:
        texts = column.cast(pl.String)
    stripped = texts.str.strip_chars()
    return stripped.set(stripped == "", None)
