"""One import at a time: a lock beside the registry that ends with the process that holds it."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING

if sys.platform == "win32":  # pragma: no cover
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAUSE = 0.05


class BusyError(OSError):
    """Somebody else holds the lock."""


@contextlib.contextmanager
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Hold the lock of a file that is about to be replaced.

    The lock is a file beside it that is gone when nobody holds it. A process that is killed
    loses its lock at once.

    Parameters
    ----------
    path : Path
        The file.
    seconds : float
        How long to wait for somebody else.

    Raises
    ------
    BusyError
        If somebody else has held it all that time.
    OSError
        If the folder cannot be written.
    """
    lock = path.with_name(f".{path.name}.lock")
    handle = _held(lock, seconds)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            lock.unlink()
        os.close(handle)


def _held(lock: Path, seconds: float) -> int:
    end = time.monotonic() + seconds
    while True:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _take(handle)
            if _is_same(handle, lock):
                return handle
        except BlockingIOError as error:
            if time.monotonic() >= end:
                os.close(handle)
                raise BusyError(str(error)) from error
            time.sleep(PAUSE)
        os.close(handle)


def _take(handle: int) -> None:
    if sys.platform == "win32":  # pragma: no cover
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError(*error.args) from error
    else:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_same(handle: int, lock: Path) -> bool:
    """Return whether the file that was locked still has its name; another holder removes it."""
    try:
        return os.path.samestat(os.fstat(handle), lock.stat())
    except FileNotFoundError:
        return False
