"""The files of a source: a folder's, a .zip's, or one file alone, opened when asked for."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, cast

from data.limits import limit
from data.readers.refusal import legible, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

PARENT = ".."
BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError)
START = 4096
ZIP = b"PK"


@dataclass(frozen=True)
class SourceFile:
    """One file of a source: its name within it, and how to open it."""

    name: str
    open: Callable[[], BinaryIO]

    @property
    def stem(self) -> str:
        """Return the name without its ending."""
        return PurePosixPath(self.name).stem


@dataclass(frozen=True)
class Files:
    """The files of a source, and the names in it that are not opened: folders and their files."""

    read: tuple[SourceFile, ...]
    ignored: tuple[str, ...] = ()


@contextmanager
def open_folder(path: Path) -> Iterator[Files]:
    """Yield the files directly in a folder."""
    read, ignored = [], []
    for entry in sorted(path.iterdir()):
        if _hidden([entry.name]):
            continue
        if entry.is_dir():
            ignored.append(f"{entry.name}/")
        else:
            read.append(SourceFile(entry.name, lambda entry=entry: ordinary(entry)))  # type: ignore[misc]
    _refuse_many(len(read))
    yield Files(tuple(read), tuple(ignored))


@contextmanager
def open_zip(path: Path) -> Iterator[Files]:
    """Yield the files of a .zip that lie at its root, or in the one folder that it holds."""
    try:
        archive = zipfile.ZipFile(path)
    except BROKEN as error:
        raise refusal(
            "broken_zip", f"{path.name} cannot be read as a .zip: {error}. Pack the source again."
        ) from error
    with archive:
        yield _members(archive)


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Turn what goes wrong with a file into the refusal of the source."""
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


def ordinary(path: Path) -> BinaryIO:
    """Open a file that is no pipe and no device."""
    if path.exists() and not path.is_file():
        raise refusal(
            "unreadable_file",
            f"{path.name} is a pipe or a device. Put an ordinary file in its place.",
            table=path.stem.lower(),
        )
    return path.open("rb")


def _hidden(parts: Iterable[str]) -> bool:
    return any(part == "__MACOSX" or (part.startswith(".") and part != PARENT) for part in parts)


def _members(archive: zipfile.ZipFile) -> Files:
    entries = [
        (PurePosixPath(entry.filename.replace("\\", "/")), entry)
        for entry in archive.infolist()
        if not entry.filename.endswith("/")
    ]
    if not all(name.name for name, _ in entries):
        raise refusal("broken_zip", "The .zip holds a file without a name. Pack the source again.")
    entries = [(name, entry) for name, entry in entries if not _hidden(name.parts)]
    _refuse_many(len(entries))
    refuse_large("The files of the .zip", sum(entry.file_size for _, entry in entries))
    root = _root([path for path, _ in entries])
    read, ignored = [], []
    for path, entry in entries:
        if path.parent == root:
            opener = lambda entry=entry: cast("BinaryIO", archive.open(entry))  # noqa: E731
            read.append(SourceFile(path.name, opener))
        else:
            ignored.append(str(path))
    return Files(tuple(read), tuple(ignored))


def refuse_large(what: str, size: int) -> None:
    """Refuse a source whose files take more than the limit when unpacked."""
    largest = limit("source_bytes")
    if size > largest:
        raise refusal(
            "too_large",
            f"{what} take {size / 1024**3:.1f} GB when unpacked; at most {largest / 1024**3:g} GB "
            "are read. Import the source in parts, or raise the limit source_bytes.",
        )


def _refuse_many(number: int) -> None:
    most = limit("members")
    if number > most:
        raise refusal(
            "too_large",
            f"The source has {number} files; at most {most} are read. Leave out what is no table.",
        )


def _root(paths: Iterable[PurePosixPath]) -> PurePosixPath:
    folders = {path.parts[0] if len(path.parts) > 1 else "." for path in paths}
    root = folders.pop() if len(folders) == 1 else "."
    return PurePosixPath("." if root in (PARENT, "/") else root)


def source_name(path: Path) -> str:
    """Return what a source is called: the name of its folder, or of its file without ending."""
    resolved = path.resolve()
    stem = resolved.stem if path.is_file() else resolved.name
    return legible(stem or str(path))
