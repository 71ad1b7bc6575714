"""In which order a click is answered: the charts first, then what stands around them."""

from __future__ import annotations

import contextlib
import time
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# The browser collects what it is sent for 10 ms and draws it as one: what follows the last chart
# within the time that drawing it takes holds it up.
AHEAD_SECONDS = 0.03


@dataclass
class Order:
    """The charts that a page has drawn, and what waits for them.

    Parameters
    ----------
    expected : int or None
        How many charts the page drew the last time, None where it was not drawn before.
    """

    expected: int | None
    charts: int = 0
    waiting: list[Callable[[], object]] = field(default_factory=list)

    def draw_waiting(self) -> None:
        """Draw what waits."""
        while self.waiting:
            self.waiting.pop(0)()


_order: ContextVar[Order | None] = ContextVar("order", default=None)


@contextlib.contextmanager
def charts_first(expected: int | None = None) -> Iterator[Order]:
    """Hold back what is drawn by `later` until everything else is drawn."""
    order = Order(expected)
    token = _order.set(order)
    try:
        yield order
    except Exception:
        order.draw_waiting()
        raise
    else:
        order.draw_waiting()
    finally:
        _order.reset(token)


def later(draw: Callable[[], object]) -> None:
    """Draw where we stand now, but after the charts of the page."""
    order = _order.get()
    if order is None:
        draw()
    else:
        order.waiting.append(partial(copy_context().run, draw))


def chart_drawn() -> None:
    """Let the last chart of a page reach the screen before anything follows it."""
    order = _order.get()
    if order is None:
        return
    order.charts += 1
    if order.charts == order.expected:
        time.sleep(AHEAD_SECONDS)
