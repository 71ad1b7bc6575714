"""The SQL statements of the questions, one file each."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "sql"


@cache
def statement(stem: str) -> str:
    """Return the text of ``queries/sql/<stem>.sql``."""
    return (FOLDER / f"{stem}.sql").read_text(encoding="utf-8")
