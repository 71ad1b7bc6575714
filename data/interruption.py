"""Work that may be stopped at its next step: where it reads the registry, where it computes."""

from __future__ import annotations

import contextlib
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_check: ContextVar[Callable[[], None] | None] = ContextVar("check", default=None)


@contextlib.contextmanager
def interruptible(check: Callable[[], None]) -> Iterator[None]:
    """Call a function at each step of the work done meanwhile; it raises to stop the work."""
    token = _check.set(check)
    try:
        yield
    finally:
        _check.reset(token)


def may_stop() -> None:
    """Stop here where the work is interruptible and its check says so."""
    check = _check.get()
    if check is not None:
        check()
