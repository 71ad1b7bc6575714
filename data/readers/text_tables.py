"""A text with columns, however it is encoded and separated."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import chain, islice
from typing import TYPE_CHECKING, BinaryIO

import polars as pl

from data.readers.encodings import NAMES, Encoding
from data.readers.raw import clean, grid
from data.readers.refusal import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PIECE = 1 << 20
CHUNK = 50_000
LOOK = 60
SEPARATORS = (",", ";", "\t", "|")
SEPARATOR_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}


@dataclass(frozen=True)
class TextTable:
    """The grid of a text, its SHA-256, and how it had to be read."""

    grid: pl.DataFrame
    sha256: bytes
    encoding: str
    separator: str


def read_text(name: str, opener: Callable[[], BinaryIO]) -> TextTable:
    """Read a text with columns.

    Raises
    ------
    RefusedError
        If no encoding makes sense of it, or a quote stays open.
    """
    found, digest = Encoding(), hashlib.sha256()
    with opener() as stream:
        found.feed(_hashed(stream, digest.update))
    encoding = found.name()
    if encoding is None:
        raise refusal(
            "not_utf8",
            f"{name} is neither UTF-8 nor Windows-1252: byte {found.bad} in line "
            f"{found.bad_line} belongs to no character. Save the file as “CSV UTF-8” and import "
            "again.",
            table=name,
            row=found.bad_line,
        )
    with opener() as stream, TextIOWrapper(stream, encoding, newline="") as text:
        lines = iter(_lines(text, name))
        first = list(islice(lines, LOOK))
        separator, skipped = _separator(first)
        records = csv.reader(chain(first[skipped:], lines), delimiter=separator, strict=True)
        whole = _grid(records, skipped, name)
    return TextTable(whole, digest.digest(), encoding, separator)


def dialect(table: TextTable) -> str | None:
    """Return how a text had to be read, None where it is UTF-8 with commas."""
    said = []
    if table.encoding in NAMES or table.encoding.startswith(("utf-16", "utf-32")):
        said.append(f"as {NAMES.get(table.encoding, table.encoding[:6].upper())}")
    if table.separator != ",":
        said.append(f"with {SEPARATOR_NAMES[table.separator]} between its columns")
    return " and ".join(said) or None


def _hashed(stream: BinaryIO, update: Callable[[bytes], None]) -> Iterator[bytes]:
    while piece := stream.read(PIECE):
        update(piece)
        yield piece


def _lines(text: TextIOWrapper, name: str) -> Iterator[str]:
    try:
        for number, line in enumerate(text, start=1):
            if "\0" in line:
                raise refusal(
                    "nul_byte",
                    f"{name} has a NUL character in line {number}, so it is damaged or no text. "
                    "Export it again as “CSV UTF-8”.",
                    table=name,
                    row=number,
                )
            yield line
    except UnicodeError as error:
        raise refusal(
            "not_utf8",
            f"{name} begins as {text.encoding.upper()} and does not go on so. Save the file as "
            "“CSV UTF-8” and import again.",
            table=name,
        ) from error


def _separator(lines: list[str]) -> tuple[str, int]:
    """Return the separator, and how many lines only say it."""
    said = lines[0].strip().strip('"') if lines else ""
    if said.lower().startswith("sep=") and len(said) == 5:
        return said[-1], 1
    fits = {separator: _fit(lines, separator) for separator in SEPARATORS}
    return max(SEPARATORS, key=lambda separator: fits[separator]), 0


def _fit(lines: list[str], separator: str) -> int:
    """Return in how many columns a separator parts the lines, times the lines that agree."""
    widths: Counter[int] = Counter()
    with suppress(csv.Error):
        widths.update(len(line) for line in csv.reader(lines, delimiter=separator) if line)
    several = {width: times for width, times in widths.items() if width > 1}
    return max(((width - 1) * times**2 for width, times in several.items()), default=0)


def _grid(records: Iterator[list[str]], skipped: int, name: str) -> pl.DataFrame:
    frames = []
    numbered = _numbered(records, skipped, name)
    while chunk := list(islice(numbered, CHUNK)):
        frames.append(grid(chunk, name))
    return pl.concat(frames, how="diagonal", rechunk=True) if frames else grid([], name)


def _numbered(
    records: Iterator[list[str]], skipped: int, name: str
) -> Iterator[tuple[int, list[str | None]]]:
    line, reader = 1 + skipped, records
    try:
        for record in records:
            yield line, [clean(cell) for cell in record]
            line = 1 + skipped + reader.line_num  # type: ignore[attr-defined]
    except csv.Error as error:
        raise refusal(
            "malformed_csv",
            f"{name} cannot be read from line {line} on: {error}. Close every quote and import "
            "again.",
            table=name,
            row=line,
        ) from error
