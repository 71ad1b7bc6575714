"""The refusal of a whole source, with the file and the place that are to blame."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from data.rules import RULES, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

PANIC = "PanicException"


def legible(text: str) -> str:
    """Return a text without the bytes of a file's name that no text can hold."""
    return text.encode("utf-8", "replace").decode()


class RefusedError(Exception):
    """The source cannot be read; `finding` says where and what to do."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.advice)
        self.finding = finding


def refusal(
    rule: str,
    advice: str,
    *,
    table: str = "source",
    row: int | None = None,
    column: str | None = None,
    value: str | None = None,
) -> RefusedError:
    """Return the refusal of a source under a rule."""
    severity = RULES[rule].severity
    return RefusedError(Finding(table, row, column, rule, severity, value, legible(advice)))


@contextmanager
def guarded(name: str, what: str, advice: str) -> Iterator[None]:
    """Turn whatever a library finds wrong with a file into the refusal of the source.

    The libraries that parse workbooks and columns raise many kinds of errors on damaged files,
    and some panic, which is no `Exception`.
    """
    try:
        yield
    except (RefusedError, MemoryError):
        raise
    except Exception as error:
        raise _broken(name, what, advice, error) from error
    except BaseException as error:
        if type(error).__name__ != PANIC:
            raise
        raise _broken(name, what, advice, error) from error


def _broken(name: str, what: str, advice: str, error: BaseException) -> RefusedError:
    return refusal(
        "broken_file",
        f"{name} cannot be read as {what} ({type(error).__name__}). {advice}",
        table=name,
    )
