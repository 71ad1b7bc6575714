"""What the name of a column says that it holds, in English or German."""

from __future__ import annotations

import csv
import difflib
import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from data.codebook import FOLDER, measures
from data.mapping.targets import targets
from data.mapping.visit_names import read_visit
from data.readers.layout import layouts
from data.words import tokens

if TYPE_CHECKING:
    from data.codebook import Measure

OWN, SYNONYM, WEAK, PART, SIMILAR = 1.0, 0.95, 0.8, 0.55, 0.6
CLOSE = 0.87
LONGEST = 120
IDENTIFIER = "identifier"
SHARED = {"patient_id": "patients.patient_id", "procedure_id": "procedures.procedure_id"}
FILLERS = frozenset(
    ("der", "die", "das", "des", "dem", "den", "von", "im", "in", "of", "the", "a", "an", "bei")
)
UNITS = frozenset(
    ("mm", "cm", "ml", "cc", "grad", "deg", "degrees", "°", "punkte", "points", "score", "skala")
)
TIMES = frozenset(("datum", "date", "am", "tag", "on"))
EXPECTED = frozenset(("ref", "referenz", "reference", "expected", "soll", "erwartet", "erwartete"))
REMARKS = frozenset(
    (
        *("anzahl", "bemerkung", "bemerkungen", "kommentar", "notiz", "notizen", "comment"),
        *("comments", "remark", "remarks", "notes", "freitext", "count", "differenz", "delta"),
        *("diff", "change", "mittelwert", "mean", "summe"),
    )
)
VAGUE = frozenset(
    (
        *("id", "nr", "no", "nummer", "lfd nr", "laufende nr", "laufende nummer", "datum", "date"),
        *("status", "op", "event", "hoehe", "diagnose", "diagnosis", "technik", "position"),
        *("segment", "lokalisation", "outcome status"),
    )
)
TOP = re.compile(r"\b0\s*(?:-|–|bis|to|\.\.)\s*(1|10|50|100)\b")


@dataclass(frozen=True)
class Guess:
    """What a name says.

    Parameters
    ----------
    becomes : str or None
        A key of `targets`, ``identifier`` for what identifies people, None where it says nothing.
    confidence : float
        From 0 to 1.
    why : str
        In words.
    visit, doubt : str or None
        As in `read_visit`.
    number : int or None
        A number that stands alone behind the name.
    top : float or None
        The top of the scale that it names.
    unit : str or None
        The unit that it names.
    """

    becomes: str | None
    confidence: float = 0.0
    why: str = "The name says nothing."
    visit: str | None = None
    doubt: str | None = None
    number: int | None = None
    top: float | None = None
    unit: str | None = None


def recognise(name: str, label: str = "", table: str = "", *, loosely: bool = True) -> Guess:
    """Return what a column is by its name, or by its label where the name says less.

    Parameters
    ----------
    name, label : str
        The column's name, and what it is called for people.
    table : str
        The name of the source table; where it is one of the source format, its own column
        names are certain.
    loosely : bool
        Whether names that are like a usual one count too.
    """
    own = _own(name, table)
    if own is not None:
        return own
    guesses = [_by_words(text, loosely) for text in (name, label) if text and len(text) <= LONGEST]
    return max(guesses, key=lambda guess: guess.confidence, default=Guess(None))


def _own(name: str, table: str) -> Guess | None:
    column, stem = name.strip().lower(), table.strip().lower()
    if stem not in layouts() or column not in layouts()[stem].columns:
        return None
    return Guess(SHARED.get(column, f"{stem}.{column}"), OWN, "It is the format's own name.")


@lru_cache(maxsize=5_000)
def _by_words(name: str, loosely: bool) -> Guess:  # noqa: FBT001
    words = tokens(name)
    hints = Guess(None, top=_top(name), unit=next((one for one in words if one in UNITS), None))
    if not words or REMARKS & set(words):
        return hints
    whole = _phrase(words)
    if whole is not None:
        return replace(hints, becomes=whole[0], confidence=whole[1], why=whole[2])
    visit = read_visit(tuple(tokens(TOP.sub(" ", name))))
    rest = tuple(one for one in visit.rest if one not in FILLERS)
    bare = tuple(one for one in rest if one not in UNITS and one != "%") or rest
    number, stem = _numbered(bare)
    found = _best(stem, loosely=loosely) or _best(bare, loosely=loosely)
    if found is None:
        return replace(hints, visit=visit.visit, doubt=visit.doubt)
    becomes, confidence, why = found
    becomes = _section(becomes, number) or becomes
    return replace(
        hints,
        becomes=becomes,
        confidence=confidence,
        why=why,
        visit=visit.visit,
        doubt=visit.doubt,
        number=number,
    )


def _numbered(words: tuple[str, ...]) -> tuple[int | None, tuple[str, ...]]:
    numbers = [one for one in words if one.isdecimal() and len(one) < 3]
    if len(numbers) != 1:
        return None, words
    return int(numbers[0]), tuple(one for one in words if one != numbers[0])


def _section(becomes: str, number: int | None) -> str | None:
    section = f"{becomes}_{number}"
    return section if number is not None and section in targets() else None


def _best(words: tuple[str, ...], *, loosely: bool) -> tuple[str, float, str] | None:
    if not words:
        return None
    words = tuple(part for one in words for part in _parted(one))
    expected = EXPECTED & set(words)
    bare = tuple(one for one in words if one not in expected)
    found = _phrase(bare) or _part(bare) or (_similar(bare) if loosely else None)
    if found is None:
        return None
    becomes, confidence, why = found
    if expected:
        reference = f"{becomes}_reference"
        return (reference, confidence, why) if reference in targets() else None
    dated = TIMES & set(words) and targets().get(becomes)
    if dated and dated.measure is not None:
        return f"{dated.table}.measured_on", PART, "It names a date and a measure."
    return found


def _parted(word: str) -> tuple[str, ...]:
    """Part a German compound of which the first half says that a height is the expected one."""
    rest = word.removeprefix("referenz")
    return ("referenz", rest) if rest and rest != word else (word,)


def _phrase(words: tuple[str, ...]) -> tuple[str, float, str] | None:
    becomes = phrases().get(words) or phrases().get(("".join(words),))
    if becomes is None:
        return None
    if " ".join(words) in VAGUE:
        return becomes, WEAK, "The name is usual, and used for other things too."
    return becomes, SYNONYM, "The name is a usual one."


def _part(words: tuple[str, ...]) -> tuple[str, float, str] | None:
    for length in range(len(words) - 1, 0, -1):
        for start in range(len(words) - length + 1):
            piece = words[start : start + length]
            becomes = phrases().get(piece) if len("".join(piece)) > 1 else None
            if becomes and not (becomes == IDENTIFIER and piece == ("name",)):
                share = length / len(words)
                return becomes, PART + 0.35 * share, f"The name has “{' '.join(piece)}” in it."
    return None


def _similar(words: tuple[str, ...]) -> tuple[str, float, str] | None:
    text = " ".join(words)
    if len(text) < 5:
        return None
    close = difflib.get_close_matches(text, _texts(), n=1, cutoff=CLOSE)
    if not close:
        return None
    return _texts()[close[0]], SIMILAR, f"The name is like “{close[0]}”."


@cache
def _texts() -> dict[str, str]:
    return {" ".join(words): becomes for words, becomes in phrases().items()}


@cache
def phrases() -> dict[tuple[str, ...], str]:
    """Return what each usual name means: those of ``synonyms.csv``, and the codebook's own."""
    found: dict[tuple[str, ...], str] = {}
    for measure in measures().values():
        becomes = _path(measure)
        for name in (measure.code, measure.label, measure.label.split(" (")[0]):
            found.setdefault(tokens(name), becomes)
    with (FOLDER / "synonyms.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            measure_named = measures().get(row["becomes"])
            becomes = _path(measure_named) if measure_named else row["becomes"]
            for name in row["words"].split(";"):
                found.setdefault(tokens(name), becomes)
    for becomes in targets():
        found.setdefault(tokens(becomes.partition(".")[2]), becomes)
    return found


def _path(measure: Measure) -> str:
    table = "follow_ups" if measure.unit_of_analysis == "patient" else "radiographs"
    return f"{table}.{measure.code}"


def _top(name: str) -> float | None:
    found = TOP.search(name)
    return float(found[1]) if found else None
