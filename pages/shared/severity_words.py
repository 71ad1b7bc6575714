"""What is said of the severity bands of a score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.shared.score_words import later_words
from pages.shared.wording import at_visit, plural
from queries.absence import DEAD
from queries.severity import NOT_SEEN

if TYPE_CHECKING:
    from queries.severity import Moved, Severity


def severity_title(answer: Severity, visit: str) -> str:
    """Return the title of the shift table."""
    return f"{answer.measure.label}: severity band of patients, before and {at_visit(visit)}"


def severity_sentence(row: Moved) -> str:
    """Say how many patients moved to a milder band."""
    when, of = at_visit(row.visit), plural(row.n, "patient")
    return (
        f"{when[0].upper()}{when[1:]}, {row.milder} of {of} with both values stood in a milder "
        f"band than before, {row.same} in the same and {row.worse} in a worse one."
    )


def severity_lines(answer: Severity, visit: str) -> list[str]:
    """Say the limits of the bands, and who is in no band at the visit."""
    limits = ", ".join(f"{band.label} ≤ {band.up_to:g}" for band in answer.bands)
    gone = sum(row.n for row in answer.rows if (row.visit, row.after) == (visit, DEAD))
    absent = sum(row.n for row in answer.rows if (row.visit, row.after) == (visit, NOT_SEEN))
    source = answer.bands[0].source
    why = "(lost, not yet due or not recorded)"
    lines = [
        f"Bands: {limits} {answer.measure.unit}.",
        f"Source: {source}.",
        f"Without a value at the visit: {gone} dead, {absent} not seen {why}.",
    ]
    if answer.without_baseline:
        lines.append(f"In no row: {plural(answer.without_baseline, 'patient')} without a baseline.")
    step = (
        "A step between two bands can be a change of 1 point or of nearly two bands; what is "
        "tested is the change itself."
    )
    return [*lines, later_words(answer.of_later_sessions), step]


SEVERITY_LEGEND = (
    "Rows: band before the operation, n at the right; columns: band at the visit. Numbers: "
    "patients, the stronger the colour the more. Framed: same band; green: milder; orange: worse."
)


def severity_alt(answer: Severity, row: Moved) -> str:
    """Say the shift table in words."""
    cells = [
        f"{found.before} to {found.after} {found.n}"
        for found in answer.rows
        if found.visit == row.visit and found.n
    ]
    return (
        f"Table chart. {severity_title(answer, row.visit)}. {severity_sentence(row)} "
        f"Cells: {', '.join(cells)}."
    )
