"""What an import says of itself: as text, as JSON, and its findings as CSV."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import asdict, astuple, fields
from itertools import groupby
from typing import TYPE_CHECKING

from data.rules import HELD_BACK, KEPT, REFUSE, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from data.history import Import
    from data.sheet import RowCount

EXAMPLES = 3
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[+-]?[0-9.,]+")
ORDER = (REFUSE, HELD_BACK, KEPT)


def as_json(rows: Mapping[str, RowCount], findings: Sequence[Finding], *, accepted: bool) -> str:
    """Return the result as JSON."""
    return json.dumps(
        {
            "accepted": accepted,
            "rows": {table: asdict(count) for table, count in rows.items()},
            "findings": [asdict(finding) for finding in findings],
        },
        allow_nan=False,
    )


def as_text(rows: Mapping[str, RowCount], findings: Sequence[Finding], outcome: str) -> str:
    """Return the result for people: rows, findings by rule with examples, and the outcome."""
    return "\n".join([*_rows(rows), *_findings(findings), outcome])


def history_text(imports: Sequence[Import]) -> str:
    """Return the imports of a registry for people, the last one first."""
    lines = []
    for one in imports:
        state = "in use" if one.current else "kept" if one.restorable else ""
        counts = f"{one.rows_kept} of {one.rows_read} rows kept"
        lines.append(
            f"{one.import_id:>4}  {one.imported_at:%Y-%m-%d %H:%M}  {counts}  "
            f"{one.source_name}  {state}".rstrip()
        )
    return "\n".join(map(printable, lines))


def history_json(imports: Sequence[Import]) -> str:
    """Return the imports of a registry as JSON, the last one first."""
    return json.dumps(
        [asdict(one) | {"imported_at": one.imported_at.isoformat()} for one in imports]
    )


def write_findings(findings: Sequence[Finding], path: Path) -> None:
    """Write the findings as CSV, one a line.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(field.name for field in fields(Finding))
        writer.writerows(map(_inert, astuple(finding)) for finding in findings)


def _inert(cell: str | int | None) -> str | int | None:
    """Return a cell that a spreadsheet does not take for a formula."""
    if isinstance(cell, str) and cell.startswith(FORMULA) and not NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def _rows(rows: Mapping[str, RowCount]) -> Iterator[str]:
    if rows:
        yield f"{'rows':<14}{'read':>10}{'kept':>10}{'held back':>12}"
    for table, count in rows.items():
        yield f"{table:<14}{count.read:>10}{count.kept:>10}{count.held_back:>12}"


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    def kind(finding: Finding) -> tuple[int, str]:
        return ORDER.index(finding.severity), finding.rule

    for (severity, rule), group in groupby(sorted(findings, key=kind), key=kind):
        alike = list(group)
        yield f"{ORDER[severity].replace('_', ' ')}: {rule} ({len(alike)})"
        yield from (f"  {_example(finding)}" for finding in alike[:EXAMPLES])
        if len(alike) > EXAMPLES:
            yield f"  and {len(alike) - EXAMPLES} more"


def _example(finding: Finding) -> str:
    place = finding.table
    if finding.row is not None:
        place += f", row {finding.row}"
    if finding.column is not None:
        place += f", {finding.column}"
    if finding.value is not None:
        place += f" {finding.value}"
    return printable(f"{place}: {finding.advice}")


def printable(text: str) -> str:
    """Return a text without the characters that would steer a terminal."""
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )
