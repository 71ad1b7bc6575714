"""The imports of a registry: each kept as a file beside it, and brought back by an undo."""

from __future__ import annotations

import contextlib
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.limits import limit
from data.lock import BusyError, locked
from data.replacement import replacing
from data.salts import keep_salt
from data.warehouse import RegistryError, signature, stored_tables, write_registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from data.warehouse import Signature

LOG = ("imports", "import_rows", "findings")


@dataclass(frozen=True)
class Import:
    """One import of a registry.

    Parameters
    ----------
    import_id : int
        Its number, from 1.
    source_name, sha256 : str
        The source, and the SHA-256 of its files.
    imported_at : datetime
        In UTC.
    rows_read, rows_kept, rows_held_back : int
        Rows of the source.
    current : bool
        Whether the registry in use is of this import.
    restorable : bool
        Whether `undo` can bring it back.
    """

    import_id: int
    source_name: str
    sha256: str
    imported_at: datetime
    rows_read: int
    rows_kept: int
    rows_held_back: int
    current: bool
    restorable: bool


def record(
    path: Path,
    tables: Mapping[str, pl.DataFrame],
    replaces: Signature | None = None,
    *,
    is_first: bool = False,
    salt: str = "",
) -> None:
    """Write the tables of an import as the registry, after those of earlier imports.

    The registry before stays beside it under the number of its import; a bounded number of
    them does.

    Parameters
    ----------
    path : Path
        The registry.
    tables : mapping of str to polars.DataFrame
        As for `write_registry`; the import and its findings have the number 1.
    replaces : Signature or None
        The registry that is meant to be replaced: nothing is written where it is another by now.
    is_first : bool
        Whether none is meant to be replaced: nothing is written where there is one by now.
    salt : str
        The secret of the import's pseudonyms, kept beside the registry.

    Raises
    ------
    RegistryError
        If another import is running, the registry is another one by now, or it cannot be
        written; nothing has changed then.
    """
    target = _target(path)
    with _alone(target):
        _refuse_other(target, replaces, is_first=is_first)
        log, number = _log(target)
        following = max(number, _last_kept(target)) + 1
        numbered = {**tables, **_appended(tables, log, following)}
        if salt:
            keep_salt(target, following, salt)
        write_registry(target, numbered, _kept_as(target, number) if number else None)
        _prune(target)


def _refuse_other(path: Path, replaces: Signature | None, *, is_first: bool) -> None:
    """Refuse to replace another registry than the one that was looked at."""
    now = _signature(path)
    if (is_first and now is not None) or (replaces is not None and now != replaces):
        raise RegistryError(
            "Nothing was written: the registry was replaced by another import in the "
            "meantime. Look at the differences again."
        )


def history(path: Path) -> tuple[Import, ...]:
    """Return the imports of a registry, the last one first.

    Raises
    ------
    RegistryError
        If the registry cannot be read.
    """
    target = _target(path)
    current = stored_tables(target, "imports")["imports"]
    kept = dict(_generations(target))
    logs = [current]
    for file in kept.values():
        with contextlib.suppress(RegistryError):
            logs.append(stored_tables(file, "imports")["imports"])
    number = current["import_id"].max()
    rows = pl.concat(logs, how="diagonal").unique("import_id", keep="first").sort("import_id")
    return tuple(
        Import(
            row["import_id"],
            row["source_name"],
            row["sha256"],
            row["imported_at"],
            row["rows_read"],
            row["rows_kept"],
            row["rows_held_back"],
            current=row["import_id"] == number,
            restorable=row["import_id"] != number and row["import_id"] in kept,
        )
        for row in reversed(rows.rows(named=True))
    )


def undo(path: Path, import_id: int | None = None) -> int:
    """Bring back the registry of an earlier import, and return its number.

    The registry in use stays beside it, so an undo can be undone.

    Parameters
    ----------
    path : Path
        The registry.
    import_id : int or None
        The import to go back to; None: the one before the registry in use.

    Raises
    ------
    RegistryError
        If there is none, another import is running, or the registry cannot be written; nothing
        has changed then.
    """
    target = _target(path)
    with _alone(target):
        number = _log(target)[1]
        kept = dict(_generations(target))
        earlier = [one for one in kept if one < number]
        wanted = import_id if import_id is not None else max(earlier, default=None)
        if wanted is None or wanted not in kept or wanted == number:
            there = ", ".join(map(str, sorted(kept))) or "none"
            raise RegistryError(
                f"Nothing was changed: the import {wanted or 'before'} is not kept; kept are "
                f"{there}."
            )
        stored_tables(kept[wanted], "imports")
        with replacing(target, _kept_as(target, number)) as fresh:
            shutil.copyfile(kept[wanted], fresh)
        _prune(target)
    return wanted


def _target(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        raise RegistryError(
            f"Nothing was written: the folder {path.parent} cannot be written ({error})."
        ) from error


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    seconds = limit("lock_seconds")
    try:
        if path.is_dir():
            raise RegistryError(
                f"Nothing was written: {path} is a folder. Name a file in it as the registry."
            )
        with locked(path, seconds):
            yield
    except BusyError as error:
        raise RegistryError(
            f"Nothing was written: another import into {path.name} has been running for more than "
            f"{seconds} s. Wait for it to end, and import again."
        ) from error
    except OSError as error:
        raise RegistryError(
            f"Nothing was written: the folder {path.parent} cannot be written ({error.strerror})."
        ) from error


def _signature(path: Path) -> Signature | None:
    try:
        return signature(path)
    except RegistryError:
        return None


def _last_kept(path: Path) -> int:
    return max((number for number, _ in _generations(path)), default=0)


def _log(path: Path) -> tuple[dict[str, pl.DataFrame], int]:
    """Return the log of the registry in use and the number of its import, 0 for no registry.

    A registry that cannot be read has no log, and the number after the last one that is kept.
    """
    if not path.exists() or path.stat().st_size == 0:
        return {}, 0
    log: dict[str, pl.DataFrame] = {}
    for table in LOG:
        with contextlib.suppress(RegistryError):
            log |= stored_tables(path, table)
    if "imports" not in log:
        return {}, _last_kept(path) + 1
    return log, max(log["imports"]["import_id"].to_list(), default=0)


def _appended(
    tables: Mapping[str, pl.DataFrame], log: Mapping[str, pl.DataFrame], number: int
) -> dict[str, pl.DataFrame]:
    """Return the log with an import after it; of findings those of the last imports."""
    first = number - limit("findings_imports")
    numbered = {name: tables[name].with_columns(import_id=pl.lit(number, pl.Int32)) for name in LOG}
    if "findings" in log:
        log = {**log, "findings": log["findings"].filter(pl.col("import_id") > first)}
    return {
        name: pl.concat([*([log[name]] if name in log else []), frame], how="diagonal_relaxed")
        for name, frame in numbered.items()
    }


def _kept_as(path: Path, number: int) -> Path:
    return path.with_name(f"{path.stem}.import-{number}{path.suffix}")


def _generations(path: Path) -> Iterator[tuple[int, Path]]:
    """Yield the registries that are kept beside one, by the number of their import."""
    name = re.compile(rf"{re.escape(path.stem)}\.import-([0-9]+){re.escape(path.suffix)}")
    with contextlib.suppress(FileNotFoundError):
        for file in path.parent.iterdir():
            if found := name.fullmatch(file.name):
                yield int(found[1]), file


def _prune(path: Path) -> None:
    """Remove the oldest registries beyond the limit."""
    kept = sorted(_generations(path))
    for _, file in kept[: max(len(kept) - limit("generations"), 0)]:
        with contextlib.suppress(OSError):
            file.unlink()
