"""A source as a folder or a .zip: its files, its settings and its tables of text."""

from __future__ import annotations

import hashlib
import lzma
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, cast

from data.readers.csv_tables import CsvTable, read_table
from data.readers.layout import COMPULSORY_FILES, SETTINGS, layouts
from data.readers.refusal import RefusedError, legible, refusal
from data.readers.settings import Settings, read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date

LARGEST = 2 * 1024**3
PARENT = ".."
BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError)


@dataclass(frozen=True)
class Source:
    """A source as it was read: text, not yet checked."""

    name: str
    sha256: str
    settings: Settings
    tables: dict[str, CsvTable]
    unknown_files: tuple[str, ...]


@dataclass(frozen=True)
class _Files:
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
    with _open(path) as files:
        _refuse_missing(files)
        digests: dict[str, bytes] = {}
        settings = Settings()
        tables: dict[str, CsvTable] = {}
        for name in sorted(files.known):
            with _readable(name), files.known[name]() as stream:
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
    stem = path.resolve().stem if path.is_file() else path.resolve().name
    return Source(
        legible(stem or str(path)),
        _combined(digests),
        settings,
        tables,
        tuple(sorted(legible(name) for name in files.unknown)),
    )


def _combined(digests: Mapping[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name in sorted(digests):
        whole.update(name.encode() + b"\0" + digests[name])
    return whole.hexdigest()


def _refuse_missing(files: _Files) -> None:
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
def _readable(name: str) -> Iterator[None]:
    table = PurePosixPath(name).stem
    try:
        yield
    except BROKEN as error:
        raise refusal(
            "broken_zip",
            f"{name} cannot be unpacked: {error}. Pack the source again, without a password.",
            table=table,
        ) from error
    except OSError as error:
        raise refusal(
            "unreadable_file",
            f"{name} cannot be read: {error.strerror or error}. Check the file and its "
            "permissions.",
            table=table,
        ) from error


@contextmanager
def _open(path: Path) -> Iterator[_Files]:
    with _readable(path.name):
        if path.is_dir():
            yield _folder(path)
        elif path.is_file() and path.suffix.lower() == ".zip":
            with _archive(path) as archive:
                yield _members(archive)
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


def _ignored(parts: Iterable[str]) -> bool:
    return any(part == "__MACOSX" or (part.startswith(".") and part != PARENT) for part in parts)


def _folder(path: Path) -> _Files:
    files = _Files()
    for entry in sorted(path.iterdir()):
        if _ignored([entry.name]):
            continue
        if entry.is_dir():
            files.unknown.append(f"{entry.name}/")
        else:
            files.add(entry.name, lambda entry=entry: _ordinary(entry))  # type: ignore[misc]
    return files


def _ordinary(path: Path) -> BinaryIO:
    if path.exists() and not path.is_file():
        raise refusal(
            "unreadable_file",
            f"{path.name} is a pipe or a device. Put an ordinary file in its place.",
            table=path.stem.lower(),
        )
    return path.open("rb")


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except BROKEN as error:
        raise refusal(
            "broken_zip", f"{path.name} cannot be read as a .zip: {error}. Pack the source again."
        ) from error
    with archive:
        yield archive


def _members(archive: zipfile.ZipFile) -> _Files:
    entries = [
        (PurePosixPath(entry.filename.replace("\\", "/")), entry)
        for entry in archive.infolist()
        if not entry.is_dir()
    ]
    entries = [(name, entry) for name, entry in entries if not _ignored(name.parts)]
    size = sum(entry.file_size for _, entry in entries)
    if size > LARGEST:
        raise refusal(
            "too_large",
            f"The files of the .zip take {size / 1024**3:.1f} GB when unpacked; at most "
            f"{LARGEST / 1024**3:g} GB are read. Import the source as a folder.",
        )
    root = _root([path for path, _ in entries])
    files = _Files()
    for path, entry in entries:
        if path.parent == root:
            files.add(path.name, lambda entry=entry: cast("BinaryIO", archive.open(entry)))  # type: ignore[misc]
        else:
            files.unknown.append(str(path))
    return files


def _root(paths: Iterable[PurePosixPath]) -> PurePosixPath:
    folders = {path.parts[0] if len(path.parts) > 1 else "." for path in paths}
    root = folders.pop() if len(folders) == 1 else "."
    return PurePosixPath("." if root in (PARENT, "/") else root)
