"""A source that was read and checked, and how it becomes the registry."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from data.assembly import check_tables
from data.history import record
from data.intake import read_any
from data.mapping.apply import MappedSource
from data.progress import READING, ROWS, silent
from data.readers.refusal import RefusedError, legible
from data.warehouse import RegistryError, write_registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl

    from data.mapping import model
    from data.progress import Progress
    from data.rules import Finding
    from data.sheet import RowCount
    from data.warehouse import Signature


@dataclass(frozen=True)
class Checked:
    """A source that was read and checked; nothing is written yet.

    Parameters
    ----------
    accepted : bool
        Whether a registry can be written of it; rows may have been held back all the same.
    source_name : str
        What the source calls itself.
    sha256 : str
        The SHA-256 of its files, empty when it was refused.
    tables : dict of str to polars.DataFrame
        A frame for every table of ``schema.sql``, empty when it was refused.
    rows : dict of str to RowCount
        For each file how many of its rows were read, kept and held back.
    findings : tuple of Finding
        In order of the files and their lines.
    salt : str
        The secret of its pseudonyms, empty where it has none.
    """

    accepted: bool
    source_name: str
    sha256: str
    tables: dict[str, pl.DataFrame]
    rows: dict[str, RowCount]
    findings: tuple[Finding, ...]
    salt: str = field(default="", repr=False)


def check(
    source: Path, mapping: model.Mapping | None = None, progress: Progress = silent
) -> Checked:
    """Read and check a source; bad input gives findings, and nothing is written.

    Parameters
    ----------
    source : Path
        A folder, a .zip or a file of any format that is read.
    mapping : Mapping or None
        How its columns are read; see `data.intake.read_any` for what is done without one.
    progress : callable
        Told what is done next and the share done; what it raises ends the check.
    """
    today = datetime.now().astimezone().date()
    try:
        progress("Reading the files", READING)
        read = read_any(source, mapping, today, progress)
        progress("Checking the rows", ROWS)
        tables, rows, findings = check_tables(read, today, progress)
        progress("Checked", 1.0)
    except RefusedError as error:
        return refused(source, error.finding)
    return Checked(
        accepted=True,
        source_name=read.settings.name or read.name,
        sha256=read.sha256,
        tables=tables,
        rows=rows,
        findings=findings,
        salt=read.salt if isinstance(read, MappedSource) else "",
    )


def refused(source: Path, finding: Finding) -> Checked:
    """Return a source that was refused for what one finding says."""
    return Checked(
        accepted=False,
        source_name=legible(source.stem),
        sha256="",
        tables={},
        rows={},
        findings=(finding,),
    )


def accept(
    checked: Checked, path: Path, *, replaces: Signature | None = None, is_first: bool = False
) -> None:
    """Write a checked source as the registry; the one before stays beside it for an undo.

    Parameters
    ----------
    checked : Checked
        The source.
    path : Path
        Where the registry lies.
    replaces : Signature or None
        The registry that was compared with it, as `data.warehouse.signature` gives it: where it
        is another one by now, nothing is written.
    is_first : bool
        Whether there was no registry to compare with: where there is one by now, nothing is
        written.

    Raises
    ------
    RegistryError
        If the source was refused or the registry cannot be written; nothing has changed then.
    """
    if not checked.accepted:
        raise RegistryError(f"Nothing was written: {checked.findings[0].advice}")
    record(path, checked.tables, replaces, is_first=is_first, salt=checked.salt)


@contextmanager
def preview(checked: Checked) -> Iterator[Path]:
    """Yield a registry file of a checked source that is gone afterwards, to ask questions of.

    Raises
    ------
    RegistryError
        If the source was refused.
    """
    if not checked.accepted:
        raise RegistryError(f"There is nothing to show: {checked.findings[0].advice}")
    with TemporaryDirectory(prefix="kyphoplasty-") as folder:
        path = Path(folder) / "preview.duckdb"
        write_registry(path, checked.tables)
        yield path


@contextmanager
def staged(files: Mapping[str, bytes]) -> Iterator[Path]:
    """Yield a private folder with uploaded files, or the one file, that is gone afterwards.

    Parameters
    ----------
    files : mapping of str to bytes
        The contents by name; of a name that has folders in it the last part counts.
    """
    with TemporaryDirectory(prefix="kyphoplasty-") as folder:
        for name, content in files.items():
            last = PurePosixPath(name.replace("\\", "/")).name.lstrip(".") or "file"
            (Path(folder) / last).write_bytes(content)
        paths = list(Path(folder).iterdir())
        yield paths[0] if len(paths) == 1 else Path(folder)
