"""What a file is by its content, whatever its name says."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Literal

Kind = Literal["text", "xlsx", "xls", "ods", "zip", "parquet", "sqlite", "duckdb", "other", "empty"]

ENDINGS: dict[str, tuple[str, ...]] = {
    "text": (".csv", ".tsv", ".txt", ".tab", ".asc"),
    "xlsx": (".xlsx", ".xlsm"),
    "xls": (".xls",),
    "ods": (".ods",),
    "zip": (".zip",),
    "parquet": (".parquet", ".pq"),
    "sqlite": (".sqlite", ".sqlite3", ".db"),
    "duckdb": (".duckdb", ".ddb", ".db"),
}
NAMES: dict[str, str] = {
    "text": "a text",
    "xlsx": "an Excel workbook (.xlsx)",
    "xls": "an old Excel workbook (.xls)",
    "ods": "an OpenDocument sheet (.ods)",
    "zip": "a .zip",
    "parquet": "a Parquet file",
    "sqlite": "an SQLite file",
    "duckdb": "a DuckDB file",
}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
STARTS: tuple[tuple[bytes, Kind], ...] = (
    (OLE, "xls"),
    (b"PAR1", "parquet"),
    (b"SQLite format 3\x00", "sqlite"),
)
FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a compressed file (.gz)"),
    (b"7z\xbc\xaf", "a compressed file (.7z)"),
    (b"Rar!", "a compressed file (.rar)"),
    (b"{\\rtf", "a text document"),
)
PAGES = (b"<!doctype html", b"<html", b"<table", b"<?xml")


def kind_of(start: bytes, whole: bytes = b"") -> Kind:
    """Return what a file is.

    Parameters
    ----------
    start : bytes
        Its first bytes.
    whole : bytes
        All of them where it begins like a .zip, for workbooks are zips too.
    """
    if not start:
        return "empty"
    if start[8:12] == b"DUCK":
        return "duckdb"
    for signature, kind in STARTS:
        if start.startswith(signature):
            return kind
    if start.startswith(b"PK"):
        return _packed(whole)
    return "other" if foreign(start) else "text"


def foreign(start: bytes) -> str | None:
    """Return what a file is that is no table, None where it may be one."""
    for signature, name in FOREIGN:
        if start.startswith(signature):
            return name
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(PAGES):
        return "a web page or XML"
    return None


def _packed(whole: bytes) -> Kind:
    try:
        with zipfile.ZipFile(BytesIO(whole)) as archive:
            names = set(archive.namelist())
            if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
                return "xlsx"
            if "content.xml" in names and "mimetype" in names:
                return "ods"
    except (zipfile.BadZipFile, RuntimeError, EOFError, ValueError):
        pass
    return "zip"
