"""Words of tables as hospitals write them: in English and German, in any spelling."""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache, lru_cache
from typing import Literal

from data.codebook import FOLDER

Said = Literal["dead", "alive", "lost", "missing"]

UMLAUTS = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "Ä": "Ae",
        "Ö": "Oe",
        "Ü": "Ue",
        "Δ": " delta ",
        "∆": " delta ",
    }
)
HUMPS = re.compile(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])")
EDGES = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
BETWEEN = re.compile(r"[^a-z0-9†%°+]+")
LONGEST = 80


def tokens(text: str) -> tuple[str, ...]:
    """Return the words and numbers of a column's name, in small letters and without umlauts."""
    parted = EDGES.sub(" ", HUMPS.sub(" ", text))
    return tuple(plain(parted).split())


@lru_cache(maxsize=50_000)
def plain(text: str) -> str:
    """Return a text in small letters, without umlauts, accents and punctuation."""
    spelled = text.translate(UMLAUTS)
    letters = unicodedata.normalize("NFKD", spelled)
    bare = "".join(one for one in letters if not unicodedata.combining(one))
    return BETWEEN.sub(" ", bare.lower()).strip()


@cache
def lexicon(of: str) -> dict[str, str]:
    """Return the codes of a list of ``value_words.csv`` by the words that stand for them."""
    with (FOLDER / "value_words.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["list"] == of]
    found: dict[str, str] = {}
    for row in rows:
        found |= dict.fromkeys((*row["words"].split(";"), row["code"]), row["code"])
    return {**found, **{plain(word): code for word, code in found.items() if plain(word)}}


@lru_cache(maxsize=50_000)
def said(text: str) -> Said | None:
    """Return what a word in the cell of a number or a day says: dead, lost, not known.

    A day or a month may stand beside it, as in ``verst. 03/2007``.
    """
    if len(text) > LONGEST:
        return None
    words = lexicon("cell")
    lowered = text.strip().lower()
    found = words.get(lowered) or words.get(plain(text))
    if found is None:
        bare = re.sub(r"\b(am|im|on|in|at|vor|ca|vom)\b|[0-9./-]+", " ", plain(text))
        found = words.get(" ".join(bare.split())) if bare.strip() else None
        found = found if found in ("dead", "lost") else None
    return found  # type: ignore[return-value]
