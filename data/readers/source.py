"""A source in the product's own format: a folder or a .zip of CSV files, read strictly."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from data.readers.csv_tables import CsvTable, read_table
from data.readers.files import Files, open_folder, open_zip, readable, source_name
from data.readers.layout import COMPULSORY_FILES, SETTINGS, layouts
from data.readers.refusal import RefusedError, legible, refusal
from data.readers.settings import Settings, read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date
    from pathlib import Path


@dataclass(frozen=True)
class Source:
    """A source as it was read: text, not yet checked."""

    name: str
    sha256: str
    settings: Settings
    tables: dict[str, CsvTable]
    unknown_files: tuple[str, ...]


@dataclass(frozen=True)
class _Known:
    """The files of a source by their names in small letters."""

    known: dict[str, Callable[[], BinaryIO]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def add(self, name: str, opener: Callable[[], BinaryIO]) -> None:
        lowered = name.lower()
        if lowered != SETTINGS and lowered not in (f"{table}.csv" for table in layouts()):
            self.unknown.append(name)
            return
        if lowered in self.known:
            raise refusal(
                "ambiguous_file",
                f"The source has {lowered} more than once, in capitals and in small letters. "
                "Delete one of them.",
                table=PurePosixPath(lowered).stem,
            )
        self.known[lowered] = opener


def read_source(path: Path, today: date) -> Source:
    """Read a folder or a .zip of CSV files.

    Raises
    ------
    RefusedError
        If the source is missing, damaged, or not of the format.
    """
    with _open(path) as found:
        files = _Known(unknown=list(found.ignored))
        for file in found.read:
            files.add(file.name, file.open)
        _refuse_missing(files)
        digests: dict[str, bytes] = {}
        settings = Settings()
        tables: dict[str, CsvTable] = {}
        for name in sorted(files.known):
            with readable(name), files.known[name]() as stream:
                if name == SETTINGS:
                    content = stream.read()
                    settings, digests[name] = (
                        read_settings(content, today),
                        hashlib.sha256(content).digest(),
                    )
                else:
                    table = name.removesuffix(".csv")
                    tables[table] = read_table(table, stream, layouts()[table])
                    digests[name] = tables[table].sha256
    return Source(
        source_name(path),
        combined(digests),
        settings,
        tables,
        tuple(sorted(legible(name) for name in files.unknown)),
    )


def known_files(path: Path) -> list[str]:
    """Return the tables of the format that a source has as CSV, whatever is in them."""
    names = {f"{table}.csv" for table in layouts()}
    with _open(path) as found:
        return [file.name for file in found.read if file.name.lower() in names]


def combined(digests: Mapping[str, bytes]) -> str:
    """Return one SHA-256 of the names and contents of files."""
    whole = hashlib.sha256()
    for name in sorted(digests):
        whole.update(name.encode() + b"\0" + digests[name])
    return whole.hexdigest()


def _refuse_missing(files: _Known) -> None:
    for table in COMPULSORY_FILES:
        name = f"{table}.csv"
        if name not in files.known:
            near = [one for one in files.unknown if PurePosixPath(one).name.lower() == name]
            hint = f" ({near[0]} is a folder or lies in one, and is not read)" if near else ""
            raise refusal(
                "missing_file",
                f"The source has no {name}{hint}. A source needs patients.csv and "
                "procedures.csv; add the file and import again.",
                table=table,
            )


@contextmanager
def _open(path: Path) -> Iterator[Files]:
    with readable(path.name):
        if path.is_dir():
            with open_folder(path) as files:
                yield files
        elif path.is_file() and path.suffix.lower() == ".zip":
            with open_zip(path) as files:
                yield files
        else:
            raise _missing(path)


def _missing(path: Path) -> RefusedError:
    what = "is neither a folder nor a .zip" if path.exists() else "does not exist"
    return refusal(
        "missing_source",
        f"The source {legible(str(path))} {what}. Name a folder or a .zip that holds "
        "patients.csv and procedures.csv.",
        value=legible(str(path)),
    )
