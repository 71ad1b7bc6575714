"""Read any source into raw tables: folders, zips and single files of every format."""

from __future__ import annotations

import hashlib
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from data.readers.files import (
    START,
    Files,
    SourceFile,
    open_folder,
    open_zip,
    ordinary,
    readable,
    refuse_large,
    source_name,
)
from data.readers.isolated import Job, open_files
from data.readers.kinds import ENDINGS, NAMES, Kind, foreign, kind_of
from data.readers.layout import SETTINGS
from data.readers.raw import Raw, RawTable
from data.readers.redcap import reshape
from data.readers.refusal import legible, refusal
from data.readers.settings import Settings, read_settings
from data.readers.text_tables import dialect, read_text
from data.rules import RULES, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

MAPPING = "mapping.toml"
NO_TABLES = (".toml", ".json", ".md", ".py", ".r", ".sps", ".do", ".log")
PIECE = 1 << 20


def read_raw(path: Path, today: date) -> Raw:
    """Read every table of a source as text cells.

    Parameters
    ----------
    path : Path
        A folder, a .zip, or one file: CSV in any common form, .xlsx, .xls, .ods, Parquet,
        SQLite, DuckDB, a REDCap export with its data dictionary beside it.
    today : date
        The day of the import.

    Raises
    ------
    RefusedError
        If the source is missing or damaged, or holds no table.
    """
    with tempfile.TemporaryDirectory(prefix="kyphoplasty-") as folder:
        return _read_all(path, _Reading(today, Path(folder)))


def _read_all(path: Path, reading: _Reading) -> Raw:
    with _open(path) as files:
        for file in files.read:
            with readable(file.name):
                reading.take(file)
        for name in files.ignored:
            reading.leave(name, "lies in a folder of the source and is not read")
    beside = path.with_name(f"{path.stem}.{MAPPING}")
    if path.is_file() and beside.is_file():
        with readable(beside.name):
            reading.mapping = beside.read_bytes()
    return reading.done(source_name(path))


def named_apart(table: RawTable, others: Sequence[RawTable]) -> RawTable:
    """Return a table under a name that none of the others has."""
    names = {one.name for one in others}
    stem = PurePosixPath(table.file).stem
    name = table.name
    if name in names:
        name = f"{stem}: {name}"
    number = 2
    while name in names:
        name, number = f"{stem}: {table.name} ({number})", number + 1
    return replace(table, name=name)


class _Reading:
    """What has been read of a source so far."""

    def __init__(self, today: date, folder: Path) -> None:
        self.today = today
        self._folder = folder
        self._jobs: list[Job] = []
        self._found: list[RawTable | int] = []
        self.mapping: bytes | None = None
        self._settings: Settings | None = None
        self._digests: dict[str, bytes] = {}
        self._tables: list[RawTable] = []
        self._findings: list[Finding] = []

    def take(self, file: SourceFile) -> None:
        """Read one file."""
        lowered = file.name.lower()
        with file.open() as stream:
            start = stream.read(START)
            content = start + stream.read() if lowered in (SETTINGS, MAPPING) else b""
        if lowered == MAPPING:
            self.mapping = content
        elif lowered == SETTINGS:
            self._settings = read_settings(content, self.today)
            self._digests[file.name] = hashlib.sha256(content).digest()
        elif lowered.endswith(NO_TABLES):
            self.leave(file.name, "is no table and is not read")
        else:
            self._read(file, start)

    def leave(self, name: str, why: str) -> None:
        """Note that a file or a sheet is not read."""
        self._note(legible(name), None, "unknown_file", f"{legible(name)} {why}.")

    def done(self, name: str) -> Raw:
        """Return the source, the tables of a REDCap export taken apart."""
        self._open_jobs()
        reshaped, found = reshape(self._tables)
        tables: list[RawTable] = []
        for table in reshaped:
            tables.append(named_apart(table, tables))
        if not tables:
            why = f" {self._findings[0].advice}" if self._findings else ""
            raise refusal(
                "no_table",
                f"{name} holds no table that can be read.{why} Name a folder, a .zip or a file "
                "with at least a row of column names and a row of cells.",
            )
        return Raw(
            name,
            self._digests,
            tuple(tables),
            self._settings,
            (*self._findings, *found),
            self.mapping,
        )

    def _read(self, file: SourceFile, start: bytes) -> None:
        with file.open() as stream:
            kind = kind_of(start, stream)
        if kind in ("other", "empty", "zip"):
            what = {"zip": "a .zip inside the source", "empty": "empty"}
            self.leave(file.name, f"is {what.get(kind, foreign(start))} and is not read")
            return
        self._mark_kind(file, kind)
        if kind == "text":
            self._read_text(file)
        else:
            self._wait(file, kind)

    def _wait(self, file: SourceFile, kind: Kind) -> None:
        """Copy a file out of the source, for the process that opens it."""
        digest, size = hashlib.sha256(), 0
        path = self._folder / str(len(self._jobs))
        with file.open() as stream, path.open("wb") as copy:
            while piece := stream.read(PIECE):
                digest.update(piece)
                size += len(piece)
                refuse_large(file.name, size)
                copy.write(piece)
        self._digests[file.name] = digest.digest()
        self._jobs.append(Job(file.name, kind, file.stem, path))
        self._found.append(len(self._jobs) - 1)

    def _open_jobs(self) -> None:
        """Put the tables of opened files in the place of their files."""
        opened = open_files(self._jobs)
        for one in self._found:
            if isinstance(one, RawTable):
                self._add(one)
                continue
            for name in opened[one].hidden:
                advice = "The sheet is hidden and is not read; unhide it if it should be."
                self._note(name, None, "hidden_sheet", advice)
            for table in opened[one].tables:
                self._add(table)
            self._settings = self._settings or opened[one].settings

    def _read_text(self, file: SourceFile) -> None:
        table = read_text(file.name, file.open)
        self._digests[file.name] = table.sha256
        if table.grid.width < 3:
            self.leave(file.name, "has one column and is no table")
            return
        if said := dialect(table):
            self._note(file.stem, None, "other_dialect", f"{file.name} was read {said}.")
        self._found.append(RawTable(file.stem, file.name, table.grid))

    def _add(self, table: RawTable) -> None:
        if table.grid.height:
            self._tables.append(named_apart(table, self._tables))

    def _mark_kind(self, file: SourceFile, kind: Kind) -> None:
        suffix = PurePosixPath(file.name).suffix.lower()
        known = {ending for endings in ENDINGS.values() for ending in endings}
        if suffix in known and suffix not in ENDINGS[kind]:
            advice = f"{file.name} is {NAMES[kind]}, whatever its name says, and was read as one."
            self._note(file.stem, None, "other_kind", advice)

    def _note(self, table: str, row: int | None, rule: str, advice: str) -> None:
        self._findings.append(Finding(table, row, None, rule, RULES[rule].severity, None, advice))


@contextmanager
def _open(path: Path) -> Iterator[Files]:
    with readable(path.name):
        if path.is_dir():
            with open_folder(path) as files:
                yield files
        elif path.is_file() or path.exists():
            with ordinary(path) as stream:
                kind = kind_of(stream.read(START), stream)
            if kind == "zip":
                with open_zip(path) as files:
                    yield files
            else:
                yield Files((SourceFile(path.name, lambda: ordinary(path)),))
        else:
            raise refusal(
                "missing_source",
                f"The source {legible(str(path))} does not exist. Name a folder, a .zip or a file.",
                value=legible(str(path)),
            )
