"""The refusal of a whole source, with the file and the place that are to blame."""

from __future__ import annotations

from data.rules import RULES, Finding


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
