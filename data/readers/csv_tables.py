"""One CSV file as columns of text, with the line of the file for every row."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

import polars as pl

from data.readers.plain_csv import read_plain
from data.readers.refusal import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from data.readers.layout import Layout

CHUNK = 50_000
BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class CsvTable:
    """The cells that are read of a file, the columns that are not, and its SHA-256."""

    frame: pl.DataFrame
    unknown: tuple[str, ...]
    sha256: bytes


class _Text:
    """The lines of a file, decoded and hashed on the way."""

    def __init__(self, name: str, stream: BinaryIO) -> None:
        self._name = name
        self._stream = stream
        self.hash = hashlib.sha256()

    def __iter__(self) -> Iterator[str]:
        start = 0
        for number, line in enumerate(self._stream, start=1):
            self.hash.update(line)
            text = self._decode(line, number, start)
            yield text.removeprefix(BYTE_ORDER_MARK) if number == 1 else text
            start += len(line)

    def _decode(self, line: bytes, number: int, start: int) -> str:
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise refusal(
                "not_utf8",
                f"{self._name}.csv is not UTF-8: byte {start + error.start} in line {number} "
                "belongs to no character. Save the file as “CSV UTF-8” and import again.",
                table=self._name,
                row=number,
            ) from error
        if "\0" in text:
            raise refusal(
                "nul_byte",
                f"{self._name}.csv has a NUL byte at byte {start + line.index(0)} in line "
                f"{number}, so it is damaged or no text. Export it again as “CSV UTF-8”.",
                table=self._name,
                row=number,
            )
        return text


def read_table(name: str, stream: BinaryIO, layout: Layout) -> CsvTable:
    """Read one CSV file.

    Raises
    ------
    RefusedError
        If the file is not UTF-8, its lines do not fit its header, or columns are missing.
    """
    plain = read_plain(stream)
    if plain is not None and plain.width == len(_header(name, plain.first, layout)):
        header = _header(name, plain.first, layout)
        return _table(plain.fields(header, layout.columns), header, layout, plain.sha256)
    stream.seek(0)
    text = _Text(name, stream)
    records = _records(name, text)
    header = _header(name, next(records, None), layout)
    known = [column for column in header if column in layout.columns]
    frames = [_frame([], [], header, known)]
    while chunk := list(islice(_even(name, records, len(header)), CHUNK)):
        lines, rows = zip(*chunk, strict=True)
        frames.append(_frame(lines, list(zip(*rows, strict=True)), header, known))
    return _table(pl.concat(frames, rechunk=True), header, layout, text.hash.digest())


def _table(frame: pl.DataFrame, header: Sequence[str], layout: Layout, sha256: bytes) -> CsvTable:
    """Return a table with blank columns for those of the layout that are not there."""
    absent = [
        pl.lit(None, dtype=pl.String).alias(column)
        for column in layout.fixed
        if column not in header
    ]
    unknown = tuple(column for column in header if column not in layout.columns)
    return CsvTable(frame.with_columns(absent), unknown, sha256)


def _records(name: str, text: _Text) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(text, strict=True)
    line = 1
    try:
        for record in reader:
            if any(map(str.strip, record)):
                yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        raise refusal(
            "malformed_csv",
            f"{name}.csv cannot be read from line {line} on: {error}. Close every quote, end "
            "every line with a line feed, and import again.",
            table=name,
            row=line,
        ) from error


def _even(
    name: str, records: Iterator[tuple[int, list[str]]], width: int
) -> Iterator[tuple[int, list[str]]]:
    for line, record in records:
        if len(record) != width and (len(record) < width or any(map(str.strip, record[width:]))):
            raise refusal(
                "malformed_csv",
                f"Line {line} of {name}.csv has {len(record)} fields, its header has {width}. "
                "Put a text that contains a comma in double quotes, and import again.",
                table=name,
                row=line,
            )
        yield line, record[:width]


def _frame(
    lines: Sequence[int],
    columns: Sequence[tuple[str, ...]],
    header: Sequence[str],
    known: Sequence[str],
) -> pl.DataFrame:
    by_name = dict(zip(header, columns, strict=False))
    frame = pl.DataFrame(
        {
            "row": pl.Series(lines, dtype=pl.Int64),
            **{name: pl.Series(by_name.get(name, ()), dtype=pl.String) for name in known},
        }
    )
    stripped = [pl.col(name).str.strip_chars() for name in known]
    return frame.with_columns(pl.when(text != "").then(text) for text in stripped)


def _header(name: str, first: tuple[int, list[str]] | None, layout: Layout) -> list[str]:
    if first is None:
        raise refusal(
            "no_header",
            f"{name}.csv is empty. Its first line holds the column names; add it, or leave an "
            "optional file out.",
            table=name,
        )
    line, record = first
    header = [cell.strip().lower() for cell in record]
    _refuse_columns(name, line, header, layout)
    return [cell or f"(column {n} without a name)" for n, cell in enumerate(header, start=1)]


def _refuse_columns(name: str, line: int, header: Sequence[str], layout: Layout) -> None:
    twice = [cell for cell, times in Counter(header).items() if cell and times > 1]
    if twice:
        raise refusal(
            "duplicate_column",
            f"{name}.csv has the column {twice[0]} more than once. Rename or delete one of them.",
            table=name,
            row=line,
            column=twice[0],
        )
    missing = [names for names in layout.compulsory if not set(names) & set(header)]
    if missing and any(mark in cell for cell in header for mark in ";\t"):
        raise refusal(
            "wrong_separator",
            f"{name}.csv is separated by semicolons or tabs. Save it with commas (in Excel: "
            "“CSV UTF-8 (comma delimited)”) and import again.",
            table=name,
            row=line,
        )
    if missing:
        column = " or ".join(missing[0])
        raise refusal(
            "missing_column",
            f"{name}.csv has no column {column}. Its header is line {line}; add the column.",
            table=name,
            row=line,
            column=missing[0][0],
        )
