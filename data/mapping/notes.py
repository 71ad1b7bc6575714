"""Findings on a source before and while it is mapped, gathered as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.rules import RULES
from data.sheet import FINDING_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from data.rules import Finding

NOTED_SCHEMA = pl.Schema({**FINDING_SCHEMA, "target": pl.String(), "field": pl.String()})


class Notes:
    """Findings in the words of the source, with the column of the source format concerned."""

    def __init__(self, findings: Iterable[Finding] = ()) -> None:
        self._rows: list[tuple[object, ...]] = [
            (*(getattr(one, name) for name in FINDING_SCHEMA), None, None) for one in findings
        ]

    def add(
        self,
        rule: str,
        advice: str,
        *,
        table: str,
        row: int | None = None,
        column: str | None = None,
        value: str | None = None,
        becomes: str | None = None,
    ) -> None:
        """Note a finding."""
        target, _, field = (becomes or "").partition(".")
        severity = RULES[rule].severity
        self._rows.append(
            (table, row, column, rule, severity, value, advice, target or None, field or None)
        )

    def frame(self) -> pl.DataFrame:
        """Return the findings in order of their tables and rows."""
        return pl.DataFrame(self._rows, schema=NOTED_SCHEMA, orient="row")
