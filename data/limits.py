"""The limits of the import, all in one table of settings: ``limits.csv``."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass

from data.codebook import FOLDER

PREFIX = "KYPHO_LIMIT_"


@dataclass(frozen=True)
class Limit:
    """One limit, a row of ``limits.csv``."""

    code: str
    value: int
    unit: str
    what: str


def limits() -> dict[str, Limit]:
    """Return every limit by its code.

    A whole number in the environment wins over the table: ``KYPHO_LIMIT_GENERATIONS=20``.
    """
    with (FOLDER / "limits.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: Limit(row["code"], _value(row["code"], row["value"]), *_words(row))
            for row in csv.DictReader(file)
        }


def limit(code: str) -> int:
    """Return the value of one limit."""
    return limits()[code].value


def _value(code: str, given: str) -> int:
    named = os.environ.get(f"{PREFIX}{code.upper()}", "").strip()
    return int(named) if named.isascii() and named.isdecimal() else int(given)


def _words(row: dict[str, str]) -> tuple[str, str]:
    return row["unit"], row["what"]
