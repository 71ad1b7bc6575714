"""A plain CSV file, read by columns and not by cells: for files of millions of lines."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

PIECE = 1 << 24
LONGEST = 100_000
BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class PlainCsv:
    """The lines of a file, every one with as many fields as the first.

    Parameters
    ----------
    first : (int, list of str)
        The first line that is not blank, with its number.
    lines : polars.DataFrame
        The others: their number as ``row`` and their text as ``line``.
    sha256 : bytes
        Of the whole file.
    separator : str
        What stands between the fields.
    """

    first: tuple[int, list[str]]
    lines: pl.DataFrame
    sha256: bytes
    separator: str

    @property
    def width(self) -> int:
        """Return how many fields a line has."""
        return len(self.first[1])

    def fields(self, header: Sequence[str], wanted: Collection[str]) -> pl.DataFrame:
        """Return the wanted columns as text without blanks around it, blank cells null."""
        parts = pl.col("line").str.split_exact(self.separator, self.width - 1)
        kept = [
            parts.struct.field(f"field_{n}").str.strip_chars().alias(name)
            for n, name in enumerate(header)
            if name in wanted
        ]
        slices = [
            piece.select("row", *kept).with_columns(
                pl.when(pl.col(name) != "").then(name) for name in header if name in wanted
            )
            for piece in self.lines.iter_slices(1_000_000)
        ]
        return pl.concat(slices, rechunk=True) if slices else self.lines.select("row", *kept)


def read_plain(stream: BinaryIO, separator: str = ",", encoding: str = "utf-8") -> PlainCsv | None:
    """Read a file whose every line is a record, None where one may not be.

    That is so where no NUL and no lone carriage return stands in it, no quoted field holds a
    separator, a quote or a line's end, and every line that is not blank has as many fields as the
    first.

    Parameters
    ----------
    stream : BinaryIO
        The file.
    separator : str
        What stands between its fields.
    encoding : str
        One in which a line's end is one byte.
    """
    mark = re.escape(separator)
    filled, field = rf"[^{mark}\s]", rf'(?:"[^"{mark}]*"|[^"{mark}]*)'
    if separator == "\t":
        filled = r"\S"
    digest = hashlib.sha256()
    frames: list[pl.DataFrame] = []
    first: tuple[int, list[str]] | None = None
    number = 0
    for piece in _pieces(stream):
        digest.update(piece)
        lines = _lines(piece, encoding)
        if lines is None:
            return None
        if number == 0:
            lines[0] = lines[0].removeprefix(BYTE_ORDER_MARK)
        frame = pl.DataFrame({"line": lines}, schema={"line": pl.String})
        frame = frame.with_row_index("row", offset=number + 1).with_columns(
            pl.col("row").cast(pl.Int64)
        )
        number += len(lines)
        if b'"' in piece:
            if not frame["line"].str.contains(rf"^{field}(?:{mark}{field})*$").all():
                return None
            frame = frame.with_columns(pl.col("line").str.replace_all('"', "", literal=True))
        frame = frame.filter(pl.col("line").str.contains(filled))
        if first is None and frame.height:
            first = (frame["row"][0], frame["line"][0].split(separator))
            frame = frame.slice(1)
        commas = frame["line"].str.count_matches(separator, literal=True)
        if first is not None and (commas != len(first[1]) - 1).any():
            return None
        frames.append(frame)
    if first is None:
        return None
    return PlainCsv(first, pl.concat(frames), digest.digest(), separator)


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    """Yield a file in pieces that end with a line."""
    rest = b""
    while piece := stream.read(PIECE):
        whole = rest + piece
        end = whole.rfind(b"\n") + 1
        rest = whole[end:]
        if end:
            yield whole[:end]
        elif len(rest) > PIECE:
            break
    if rest:
        yield rest


def _lines(piece: bytes, encoding: str) -> list[str] | None:
    if b"\0" in piece or piece.count(b"\r") != piece.count(b"\r\n"):
        return None
    try:
        text = piece.decode(encoding)
    except UnicodeDecodeError:
        return None
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    return None if max(map(len, lines), default=0) > LONGEST else lines
