"""Files that a viewer takes away from the pages of the registry; none is named after a person."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from data.report import write_findings
from data.rules import Finding
from pages.shared.ask import ask_once
from queries.cohort import Cohort
from queries.held_back import EVERY, findings

if TYPE_CHECKING:
    from collections.abc import Sequence

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def findings_csv(found: Sequence[Finding]) -> bytes:
    """Return findings as CSV that a spreadsheet reads as text, without formulas."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "findings.csv"
        write_findings(found, path)
        return BYTE_ORDER_MARK + path.read_bytes()


def every_finding() -> bytes:
    """Return every finding of the latest import as CSV."""
    found = ask_once(findings, Cohort(), most=EVERY)
    return findings_csv([Finding(**row) for row in found.to_dicts()])
