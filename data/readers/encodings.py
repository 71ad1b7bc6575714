"""The encoding of a text: told by its first bytes, or by what decodes to letters."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
OLD = ("cp1252", "cp850", "mac-roman")
LETTERS = frozenset("äöüÄÖÜßéèêàáâçñóôíúåæøØÅ°–†„“”’µ€±²³×")
NAMES = {"cp1252": "Windows-1252", "cp850": "DOS 850", "mac-roman": "Mac Roman"}
UNREADABLE = re.compile("[\udc80-\udcff]")
BEYOND = re.compile("[^\x00-\x7f\udc80-\udcff]")


class Encoding:
    """Find the encoding of a text from its bytes, given piece by piece.

    Attributes
    ----------
    bad : int or None
        The first byte that is not UTF-8, from 0; None where all are.
    bad_line : int
        Its line, from 1.
    """

    def __init__(self) -> None:
        self.bad: int | None = None
        self.bad_line = 1
        self._start = b""
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self._before = 0
        self._wide = 0
        self._wrong = 0
        self._high: set[int] = set()

    def feed(self, pieces: Iterable[bytes]) -> None:
        """Take in all bytes of the text."""
        for piece in pieces:
            self._start = (self._start + piece[:4])[:4]
            self._high |= {byte for byte in set(piece) if byte > 127}
            self._count(self._decode(piece))
        self._count(self._decode(b"", final=True))

    def name(self) -> str | None:
        """Return the encoding, None where none makes sense of the bytes."""
        for mark, name in MARKS:
            if self._start.startswith(mark):
                return name
        if self.bad is None:
            return self._plain()
        letters = {name: self._letters(name) for name in OLD}
        best = max(letters, key=lambda name: letters[name])
        return best if letters[best] > 0 and self._wide <= self._wrong else None

    def _plain(self) -> str:
        if self._start[1:2] == b"\0":
            return "utf-16-le"
        return "utf-16-be" if self._start[:1] == b"\0" else "utf-8"

    def _letters(self, name: str) -> int:
        """Return how many of the high bytes are letters, less those that are not."""
        text = bytes(sorted(self._high)).decode(name, "replace")
        good = sum(letter in LETTERS for letter in text)
        return 0 if "\ufffd" in text else 2 * good - len(text)

    def _count(self, text: str) -> None:
        self._wide += len(BEYOND.findall(text))
        self._wrong += len(UNREADABLE.findall(text))
        if self.bad is None:
            found = UNREADABLE.search(text)
            before = text[: found.start()] if found else text
            self.bad_line += before.count("\n")
            self._before += len(before.encode("utf-8", "surrogateescape"))
            self.bad = self._before if found else None
