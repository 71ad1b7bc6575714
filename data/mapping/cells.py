"""One cell after another, from what a department writes to what the source format says.

Every function returns the text as it came where it cannot read it, so that the rules find it.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

from data.codebook import LEAK_LOCATIONS, tumours
from data.readers.raw import number_text
from data.words import lexicon, plain, said, tokens

EXCEL_START = date(1899, 12, 30)
SERIALS = (10_000, 80_000)
OLDEST = 110
NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d+)?|[.,]\d+)")
THOUSANDS = re.compile(r"[+-]?\d{1,3}\.\d{3}")
MINUS = re.compile(r"^[−–—‒](?=[\d.,])")
UNIT = re.compile(r"\s*(?:mm|cm|ml|cc|°|%|grad|deg|degrees?|punkte|points?|pkt)\.?$", re.IGNORECASE)
ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T]\d{2}:\d{2}.*)?")
THREE = re.compile(r"(\d{1,4})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{2,4})(?:[ T]\d{1,2}:\d{2}.*)?")
TWO = re.compile(r"(\d{1,2})\s*[./-]\s*(\d{4})")
WORDY = re.compile(r"(?:(\d{1,2})\.?\s+)?([^\W\d]+)\.?\s+(\d{4})")
CANCER = re.compile(r"(?:karzinom|carcinom(?:a)?|krebs|cancer|\bca)\b")
COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
MONTHS = {
    name: month
    for month, names in enumerate(
        (
            *("jan januar january", "feb februar february", "mar mrz maerz march"),
            *("apr april", "mai may", "jun juni june", "jul juli july", "aug august"),
            *("sep sept september", "okt oct oktober october", "nov november"),
            "dez dec dezember december",
        ),
        start=1,
    )
    for name in names.split()
}


def number_cell(text: str, decimal: str = ".") -> str:
    """Read a number with the decimal mark of its column, without its unit."""
    bare = MINUS.sub("-", UNIT.sub("", text.strip()))
    if not NUMBER.fullmatch(bare):
        return text
    if decimal == "," and THOUSANDS.fullmatch(bare):
        bare = bare.replace(".", "")
    elif decimal == ",":
        bare = bare.replace(",", ".")
    return text if "," in bare else number_text(float(bare)) or text


def date_cell(text: str, order: str | None, today: date) -> str:
    """Read a day, a month or a year in the order of its column."""
    bare = text.strip()
    if found := ISO.fullmatch(bare):
        return found[1]
    if order is not None and (day := _serial(bare)):
        return day
    if found := THREE.fullmatch(bare):
        return _three(found, order, today) or text
    if found := TWO.fullmatch(bare):
        return _month(int(found[2]), int(found[1])) or text
    if found := WORDY.fullmatch(bare):
        month = MONTHS.get(plain(found[2]), 0)
        day_of = _iso(int(found[3]), month, int(found[1])) if found[1] else None
        return day_of or (_month(int(found[3]), month) if not found[1] else None) or text
    if found := COMPACT.fullmatch(bare):
        return _iso(int(found[1]), int(found[2]), int(found[3])) or text
    return text


def _serial(text: str) -> str | None:
    if re.fullmatch(r"\d{5}(\.\d+)?", text) and SERIALS[0] <= float(text) <= SERIALS[1]:
        return (EXCEL_START + timedelta(days=int(float(text)))).isoformat()
    return None


def _three(found: re.Match[str], order: str | None, today: date) -> str | None:
    first, second, third = found[1], found[2], found[3]
    if len(first) > 2:
        return _iso(int(first), int(second), int(third)) if len(first) == 4 else None
    if order not in ("dmy", "mdy") or len(third) == 3:
        return None
    day, month = (first, second) if order == "dmy" else (second, first)
    return _iso(_year(third, today), int(month), int(day))


def _year(text: str, today: date) -> int:
    """Return a year; of two digits the last one that has come."""
    year = int(text)
    if len(text) == 4:
        return year
    return 2000 + year if year <= today.year % 100 else 1900 + year


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _month(year: int, month: int) -> str | None:
    found = _iso(year, month, 1)
    return found[:7] if found else None


def birth_cell(text: str, order: str | None, today: date) -> str:
    """Read the year out of a date of birth."""
    found = date_cell(text, order, today)
    if not re.fullmatch(r"\d{4}(-\d{2}){0,2}", found):
        return text
    year = int(found[:4])
    short = THREE.fullmatch(text.strip())
    if short and len(short[3]) == 2 and today.year - (year - 100) <= OLDEST:
        year -= 100
    return str(year)


def code_cell(text: str, of: str) -> str:
    """Read a code of one of the lists of ``value_words.csv``."""
    words = lexicon(of)
    lowered = text.strip().lower()
    return words.get(lowered) or words.get(plain(text)) or text


def died_cell(text: str) -> str:
    """Read whether a patient has died: yes, no, or the text as it came."""
    word = said(text)
    if word in ("dead", "alive"):
        return "yes" if word == "dead" else "no"
    return code_cell(text, "yes_no")


@lru_cache(maxsize=50_000)
def locations_cell(text: str) -> str:
    """Read leak locations, with ``;`` between them; a route stands behind its location."""
    parts = [part.strip() for part in re.split(r"[;,+&\n]|\b(?:und|and|u\.)\b", text)]
    found = [_location(part) for part in parts if part]
    return ";".join(found) if found and all(found) else text


def _location(text: str) -> str:
    place, slash, route = text.partition("/")
    code = code_cell(place, "leak_locations")
    if code not in LEAK_LOCATIONS:
        words = [lexicon("leak_locations").get(word) for word in tokens(place)]
        code = next((word for word in words if word), "")
    return f"{code}{slash}{route}" if code else ""


@lru_cache(maxsize=50_000)
def leak_cell(text: str) -> tuple[str, str | None]:
    """Read whether there was a leak, and the locations that the same cell names."""
    answer = code_cell(text, "yes_no")
    if answer in ("yes", "no"):
        return answer, None
    rest = re.sub(r"^\s*(ja|yes)\b[\s,;:(-]*", "", text, flags=re.IGNORECASE).strip(" ()")
    places = locations_cell(rest)
    if all(part.partition("/")[0] in LEAK_LOCATIONS for part in places.split(";")):
        return "yes", places
    return text, None


def _tumour_text(text: str) -> str:
    """Return a text for a tumour with its words for cancer all alike."""
    return " ".join(CANCER.sub(" ca ", plain(text)).split())


@lru_cache(maxsize=1)
def _tumour_words() -> dict[str, str]:
    return {
        _tumour_text(word): tumour.code
        for tumour in tumours().values()
        for word in (*tumour.synonyms, tumour.label, tumour.code)
    }


@lru_cache(maxsize=50_000)
def tumour_codes(text: str) -> tuple[str, ...]:
    """Return the tumours that a free text names, one where it is clear, none where it is not."""
    words = _tumour_words()
    whole = _tumour_text(text)
    if whole in words:
        return (words[whole],)
    padded = f" {whole} "
    hits = {word: code for word, code in words.items() if f" {word} " in padded}
    longest = {
        code
        for word, code in hits.items()
        if not any(word != other and f" {word} " in f" {other} " for other in hits)
    }
    return tuple(sorted(longest - {"other"} or longest))
