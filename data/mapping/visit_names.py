"""Visits in the names of columns, sheets and events: VAS 3M, prä, postop, 12 Monate, 1 Jahr."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from data.codebook import AFTER_OPERATION, BASELINE, OTHER_VISIT, visits
from data.words import tokens

ARM = re.compile(r"\(arm [^)]*\)$|_arm_\d+$", re.IGNORECASE)

DAYS_A_MONTH = 30.4375
UNITS = {
    **dict.fromkeys(("m", "mo", "mos", "mon", "mth", "mths", "mnd", "mt", "mte"), 1.0),
    **dict.fromkeys(("monat", "monate", "monaten", "monats", "month", "months"), 1.0),
    **dict.fromkeys(("j", "y", "yr", "yrs", "jahr", "jahre", "jahren", "year", "years"), 12.0),
    **dict.fromkeys(("w", "wk", "wks", "wo", "woche", "wochen", "week", "weeks"), 7 / DAYS_A_MONTH),
    **dict.fromkeys(("d", "tag", "tage", "tagen", "day", "days"), 1 / DAYS_A_MONTH),
}
NUMERALS = {
    **dict(zip(("ein", "zwei", "drei", "vier", "fuenf", "sechs"), range(1, 7), strict=True)),
    **dict(zip(("one", "two", "three", "six", "twelve"), (1, 2, 3, 6, 12), strict=True)),
    "zwoelf": 12,
}
BEFORE = frozenset(
    (
        *("pre", "prae", "preop", "praeop", "preoperative", "praeoperativ", "praeoperative"),
        *("baseline", "bl", "vor", "vorher", "before", "aufnahme", "admission", "screening"),
    )
)
AFTER = frozenset(
    (
        *("post", "postop", "postoperative", "postoperativ", "postoperativer", "entlassung"),
        *("discharge", "nachher", "after", "nach", "posttherapeutisch"),
    )
)
FILLERS = frozenset(
    (
        *("fu", "nu", "nachuntersuchung", "follow", "up", "followup", "kontrolle", "nachsorge"),
        *("verlauf", "visit", "visite", "arm", "event", "zeitpunkt", "termin"),
        *("dem", "der", "den", "die", "das", "des"),
    )
)
OPERATION = frozenset(("op", "operation", "surgery", "operativ", "operative", "eingriff"))


@dataclass(frozen=True)
class VisitName:
    """A visit found among the words of a name.

    Parameters
    ----------
    visit : str or None
        Its code; where `doubt` is not None the one that it may be.
    rest : tuple of str
        The words that do not belong to it.
    doubt : str or None
        The words for a time that is no visit of the codebook.
    """

    visit: str | None
    rest: tuple[str, ...]
    doubt: str | None = None


@cache
def visit_of_months() -> dict[float, str]:
    """Return the visits that are named after months."""
    return {float(code[1:]): code for code in visits() if code[:1] == "m" and code[1:].isdecimal()}


def read_visit(words: tuple[str, ...]) -> VisitName:
    """Find the visit among the words of a name, as `data.words.tokens` gives them."""
    left = list(words)
    months, span = _time(left)
    if months is not None:
        before = [one for one in left if one in BEFORE - {"vor"}]
        rest = _without(left, AFTER | BEFORE | FILLERS | OPERATION)
        if months in visit_of_months() and not before:
            return VisitName(visit_of_months()[months], rest)
        if months == 0:
            return VisitName(BASELINE, rest)
        return VisitName(_by_window(months), rest, span)
    for code, markers in ((BASELINE, BEFORE), (AFTER_OPERATION, AFTER)):
        if any(one in markers for one in left):
            return VisitName(code, _without(left, markers | FILLERS | OPERATION))
    if left[:2] == ["t", "0"] or left[-2:] == ["t", "0"]:
        return VisitName(BASELINE, tuple(one for one in left if one not in ("t", "0")))
    return VisitName(None, tuple(left))


@lru_cache(maxsize=5_000)
def visit_text(text: str) -> str | None:
    """Return the visit that a cell says, None where it says none without doubt."""
    if text.strip().lower() in (*visits(), OTHER_VISIT):
        return text.strip().lower()
    found = read_visit(tokens(ARM.sub("", text)))
    meaningful = [one for one in found.rest if one not in FILLERS and not one.isdecimal()]
    numbers = [float(one) for one in found.rest if one.isdecimal()]
    if found.doubt is None and not meaningful:
        if found.visit is not None:
            return found.visit
        if len(numbers) == 1 and len(found.rest) == 1:
            return BASELINE if numbers[0] == 0 else visit_of_months().get(numbers[0])
    return None


def _time(left: list[str]) -> tuple[float | None, str | None]:
    """Take a number and its unit out of the words; return the months that they say."""
    for n in range(len(left) - 1):
        for first, second in ((n, n + 1), (n + 1, n)):
            number, unit = _number(left[first]), UNITS.get(left[second])
            if number is not None and unit is not None and (first < second or unit == 1.0):
                span = f"{left[n]} {left[n + 1]}"
                del left[n : n + 2]
                return round(number * unit, 2), span
    return None, None


def _number(word: str) -> float | None:
    if word.isdecimal() and len(word) < 4:
        return float(word)
    return NUMERALS.get(word)


def _by_window(months: float) -> str | None:
    days = round(months * DAYS_A_MONTH)
    found = [one.code for one in visits().values() if one.day_from <= days <= one.day_to]
    return found[0] if found else None


def _without(words: list[str], used: frozenset[str]) -> tuple[str, ...]:
    return tuple(one for one in words if one not in used)
