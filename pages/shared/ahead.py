"""Answers given ahead: while nobody clicks, the page is answered for the cohorts one click away."""

from __future__ import annotations

import contextlib
from contextvars import ContextVar
from dataclasses import fields, is_dataclass
from operator import attrgetter
from threading import Condition, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from data.interruption import interruptible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class Asked(NamedTuple):
    """A question that a page asked of its cohort, and what was answered."""

    question: Callable[..., Any]
    options: tuple[tuple[str, Any], ...]
    answer: object


MOST_LEVELS = 1_000
MOST_VISITORS = 8
REST_SECONDS = 0.08
_asked: ContextVar[list[Asked] | None] = ContextVar("asked", default=None)


def note(
    question: Callable[..., Any], options: tuple[tuple[str, Any], ...], answer: object
) -> None:
    """Remember that the page of this click asked a question."""
    asked = _asked.get()
    if asked is not None and all(one[:2] != (question, options) for one in asked):
        asked.append(Asked(question, options, answer))


def parts_of(answer: Any) -> Iterator[tuple[object, Callable[[Any], object]]]:
    """Yield an answer and the answers that it is made of, each with the way to it in another."""
    yield answer, lambda other: other
    for field in fields(answer) if is_dataclass(answer) else ():
        value, way = getattr(answer, field.name), attrgetter(field.name)
        if is_dataclass(value):
            yield value, way
        elif isinstance(value, tuple):
            for place, one in enumerate(value):
                yield one, _item(way, place)


def _item(way: Callable[[Any], Any], place: int) -> Callable[[Any], object]:
    return lambda other: way(other)[place]


class _InterruptedByAClick(BaseException):
    """A click came while a job was done, which is begun again after it.

    No error, so that nothing takes it for one and answers that there is no answer.
    """


class Ahead:
    """One worker in the background, at rest while any click is being answered.

    A visitor's newest click replaces the work left from the one before, and only the newest
    visitors are served; a job that fails is left to the visitor's own click. A click that comes
    in the midst of a job stops it at its next step.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._clicks = 0
        self._rests_until = 0.0
        self._jobs: dict[str, list[Callable[[], object]]] = {}
        self._taken_from: list[Callable[[], object]] = []
        self.started = False

    def start(self) -> None:
        """Start the worker; without it nothing is answered ahead."""
        self.started = True
        Thread(target=self._run, name="ahead", daemon=True).start()

    @contextlib.contextmanager
    def click(self) -> Iterator[list[Asked]]:
        """Hold the worker while a click is answered; yields what the page asks meanwhile."""
        asked: list[Asked] = []
        token = _asked.set(asked)
        with self._changed:
            self._clicks += 1
        try:
            yield asked
        finally:
            _asked.reset(token)
            with self._changed:
                self._clicks -= 1
                self._rests_until = monotonic() + REST_SECONDS
                self._changed.notify_all()

    def work(self, visitor: str, jobs: Sequence[Callable[[], object]]) -> None:
        """Give the worker a visitor's jobs in place of those left from before."""
        with self._changed:
            self._jobs.pop(visitor, None)
            self._jobs[visitor] = list(reversed(jobs))
            while len(self._jobs) > MOST_VISITORS:
                del self._jobs[next(iter(self._jobs))]
            self._changed.notify_all()

    def do_next(self) -> bool:
        """Do the next job, if there is one; it is put back where a click interrupts it."""
        job = self.next_job()
        if job is None:
            return False
        jobs = self._taken_from
        with contextlib.suppress(Exception), interruptible(self._stop_at_a_click):
            try:
                job()
            except _InterruptedByAClick:
                with self._changed:
                    jobs.append(job)
        return True

    def _stop_at_a_click(self) -> None:
        if self._clicks:
            raise _InterruptedByAClick

    def next_job(self) -> Callable[[], object] | None:
        """Take the next job of the newest visitor, None where there is none or a click runs."""
        with self._changed:
            if self._clicks or monotonic() < self._rests_until:
                return None
            for visitor in reversed(list(self._jobs)):
                if self._jobs[visitor]:
                    self._taken_from = self._jobs[visitor]
                    return self._taken_from.pop()
                del self._jobs[visitor]
        return None

    def _run(self) -> None:
        while True:
            if not self.do_next():
                with self._changed:
                    self._changed.wait(REST_SECONDS)


AHEAD = Ahead()
