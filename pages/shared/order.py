"""In which order a click is answered: the charts first, then what stands around them."""

from __future__ import annotations

import contextlib
from contextvars import ContextVar, copy_context
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_waiting: ContextVar[list[Callable[[], object]] | None] = ContextVar("waiting", default=None)


@contextlib.contextmanager
def charts_first() -> Iterator[None]:
    """Hold back what is drawn by `later` until everything else is drawn."""
    waiting: list[Callable[[], object]] = []
    token = _waiting.set(waiting)
    try:
        yield
    except Exception:
        _draw(waiting)
        raise
    else:
        _draw(waiting)
    finally:
        _waiting.reset(token)


def later(draw: Callable[[], object]) -> None:
    """Draw where we stand now, but after the charts of the page."""
    waiting = _waiting.get()
    if waiting is None:
        draw()
    else:
        waiting.append(partial(copy_context().run, draw))


def _draw(waiting: list[Callable[[], object]]) -> None:
    while waiting:
        waiting.pop(0)()
