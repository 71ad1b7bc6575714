"""A file that is replaced whole: written beside the old one, in private, and swapped in."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEFT_BEHIND = 3600.0


@contextlib.contextmanager
def replacing(path: Path, keep: Path | None = None) -> Iterator[Path]:
    """Yield the name of a file to write, and swap it in for `path` in one rename.

    Parameters
    ----------
    path : Path
        The file that is replaced.
    keep : Path or None
        The name under which the old file stays, where there is one; a file of that name that is
        there already is left as it is.

    Notes
    -----
    The file is written in a folder of its own that nobody else can enter, so that neither it
    nor what a database puts beside it is ever open to others. It gets the permissions of the
    file that it replaces; a new one can be read by its owner alone.

    Raises
    ------
    OSError
        If the folder cannot be written; `path` is as it was then.
    """
    _sweep(path)
    workshop = path.parent / tempfile.mkdtemp(
        prefix=f".{path.name}.", suffix=".new", dir=path.parent
    )
    try:
        fresh = workshop / path.name
        yield fresh
        _keep_access(fresh, path)
        flush(fresh)
        if keep is not None:
            _keep_old(path, keep, workshop)
        fresh.replace(path)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    with contextlib.suppress(OSError):
        path.with_name(f"{path.name}.wal").unlink()
    _flush_folder(path.parent)


def _keep_old(path: Path, keep: Path, workshop: Path) -> None:
    """Give a file a second name; where the disk cannot, copy it and then name the copy."""
    if keep.exists() or not path.exists():
        return
    try:
        os.link(path, keep)
    except OSError:
        copy = workshop / keep.name
        shutil.copy2(path, copy)
        flush(copy)
        copy.replace(keep)


def flush(path: Path) -> None:
    """Wait until a file is on the disk."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _keep_access(fresh: Path, old: Path) -> None:
    try:
        found = old.stat()
    except FileNotFoundError:
        fresh.chmod(0o600)
        return
    mode = stat.S_IMODE(found.st_mode)
    try:
        os.chown(fresh, -1, found.st_gid)
    except (OSError, AttributeError):
        mode &= ~stat.S_IRWXG
    fresh.chmod(mode)


def _sweep(path: Path) -> None:
    """Remove what killed imports left beside `path` and nobody touched for an hour."""
    for left in list(path.parent.iterdir()):
        is_left = left.name.startswith(f".{path.name}.") and left.name.endswith((".new", ".wal"))
        with contextlib.suppress(OSError):
            if is_left and time.time() - _touched(left) > LEFT_BEHIND:
                _remove(left)


def _touched(path: Path) -> float:
    inside = list(path.iterdir()) if path.is_dir() and not path.is_symlink() else []
    return max(one.lstat().st_mtime for one in [path, *inside])


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
