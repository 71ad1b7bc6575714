"""Levels of the spine in the spellings of hospitals: T12, Th12, BWK 12, D12, 12th thoracic."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from data.codebook import LEVELS
from data.words import plain

PREFIXES = {
    **dict.fromkeys(
        (
            "t",
            "th",
            "d",
            "bwk",
            "bw",
            "bws",
            "brustwirbel",
            "brustwirbelkoerper",
            "thoracic",
            "dorsal",
        ),
        "T",
    ),
    **dict.fromkeys(
        ("l", "lwk", "lw", "lws", "lendenwirbel", "lendenwirbelkoerper", "lumbar", "lumbal"), "L"
    ),
    **dict.fromkeys(("c", "hwk", "hw", "hws", "halswirbel", "cervical"), "C"),
    **dict.fromkeys(("s", "swk", "sacral", "sakral"), "S"),
}
NAMES = "|".join(sorted(PREFIXES, key=len, reverse=True))
ONE = re.compile(
    rf"(?:(?P<name>{NAMES})\s*)?(?P<number>\d{{1,2}})(?:\s*(?P<after>{NAMES})(?![a-z]))?"
)
WORDS = re.compile(r"\b(wirbelkoerper|wirbel|vertebral body|vertebra|wk|level|hoehe|koerper)\b")
JOINED = re.compile(rf"(?<![a-z0-9])({NAMES})\s*-\s*(?=\d)")
ASIDE = re.compile(r"\([^()]*\)")
ORDINAL = re.compile(r"(?<=\d)\s*(?:st|nd|rd|th)\b(?=\s+(?:thoracic|lumbar|cervical|sacral))")
MARKS = re.compile(r"[-–—‐−]|\b(?:bis|to)\b")
LISTED = re.compile(r"[,;+&\n]|\b(?:und|and|u)\b")
SLASH = re.compile(r"[/\\]")


@dataclass(frozen=True)
class Levels:
    """What a cell says: one level, several, a span, or nothing that is one.

    `levels` are codes of the codebook where there are such, others as they are read (C7, L6).
    """

    kind: Literal["one", "several", "span", "none"]
    levels: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Return whether every level is one that can be treated."""
        return bool(self.levels) and all(level in LEVELS for level in self.levels)


@lru_cache(maxsize=50_000)
def read_levels(text: str) -> Levels:
    """Read the levels of a cell."""
    cleaned = _cleaned(text)
    if not cleaned:
        return Levels("none")
    parts = [part.strip() for part in LISTED.split(cleaned)]
    pieces = [piece for part in parts if part for piece in _pieces(part)]
    if not pieces or any(piece is None for piece in pieces):
        return Levels("none")
    return _named([piece for piece in pieces if piece is not None])


def whole_span(first: str, last: str) -> tuple[str, ...]:
    """Return every level from one end of a span to the other, the ends included."""
    ends = sorted((LEVELS.index(first), LEVELS.index(last)))
    return LEVELS[ends[0] : ends[1] + 1]


def _cleaned(text: str) -> str:
    aside = ASIDE.sub(" ", text)
    kept = re.sub(r"[-–—‐−,;+&/\\\n]", lambda mark: f" {_mark(mark[0])} ", aside)
    joined = " ".join(
        one if one in (",", "-", "/") else plain(one) for one in kept.replace(".", " ").split()
    )
    bare = ORDINAL.sub("", JOINED.sub(r"\1 ", joined))
    return " ".join(WORDS.sub(" ", bare).split()) if not bare.isdecimal() else bare


def _mark(mark: str) -> str:
    if mark in "-–—‐−":
        return "-"
    return "/" if mark in "/\\" else ","


Piece = tuple[str, tuple[tuple[str | None, str], ...]]


def _pieces(part: str) -> list[Piece | None]:
    for kind, pattern in (("span", MARKS), ("slash", SLASH)):
        ends = [end.strip() for end in pattern.split(part)]
        if len(ends) > 1:
            read = [_one(end) for end in ends]
            found = tuple(one for one in read if one is not None)
            return [(kind, found) if len(found) == len(read) == 2 else None]
    one = _one(part)
    return [("one", (one,)) if one else None]


def _one(text: str) -> tuple[str | None, str] | None:
    found = ONE.fullmatch(text)
    if found is None or (found["name"] and found["after"]):
        return None
    name = found["name"] or found["after"]
    return (PREFIXES[name] if name else None, found["number"].lstrip("0") or "0")


def _named(pieces: list[Piece]) -> Levels:
    """Give numbers that stand alone the name of their neighbour, as in BWK 11, 12 or L1-3."""
    flat = [one for _, ones in pieces for one in ones]
    names = [name for name, _ in flat]
    if all(name is None for name in names):
        return Levels("none")
    for n in range(1, len(names)):
        names[n] = names[n] or names[n - 1]
    for n in range(len(names) - 2, -1, -1):
        names[n] = names[n] or names[n + 1]
    levels = tuple(f"{name}{number}" for name, (_, number) in zip(names, flat, strict=True))
    kinds = {kind for kind, _ in pieces}
    if kinds == {"one"}:
        unique = tuple(dict.fromkeys(levels))
        return Levels("one" if len(unique) == 1 else "several", unique)
    if len(pieces) == 1:
        return Levels("span", levels)
    return Levels("none", levels)
