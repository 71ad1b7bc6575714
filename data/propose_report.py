"""What a proposed mapping says of itself: as text, as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from data.report import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.mapping.model import Evidence, Proposal

SHOWN = 3
WIDTH = 28


def proposal_text(proposal: Proposal) -> str:
    """Return a proposal for people: its columns, then what is to be answered."""
    return "\n".join(map(printable, _lines(proposal)))


def proposal_json(proposal: Proposal) -> str:
    """Return a proposal as JSON."""
    return json.dumps(
        {
            "certain": proposal.certain,
            "missing": proposal.missing,
            "columns": [asdict(one) for one in proposal.evidence],
            "questions": [
                asdict(one) | {"key": one.key, "blocking": one.blocking}
                for one in proposal.questions
            ],
        },
        allow_nan=False,
    )


def _lines(proposal: Proposal) -> Iterator[str]:
    table = None
    for one in proposal.evidence:
        if one.table != table:
            table = one.table
            yield f"{table}:"
        yield _column(one)
    for becomes in proposal.missing:
        yield f"missing: no column becomes {becomes}"
    for question in proposal.questions:
        answers = ", ".join(choice.key or "(empty)" for choice in question.choices)
        blocks = "to be answered" if question.blocking else "may be answered"
        yield f"{blocks}: {question.text} {question.evidence} ({question.key}: {answers})"


def _column(one: Evidence) -> str:
    if one.becomes is None:
        return f"  {one.column:<{WIDTH}}  not read. {one.why}"
    visit = f" at {one.visit}" if one.visit else ""
    examples = ", ".join(one.examples[:SHOWN])
    return (
        f"  {one.column:<{WIDTH}}  {one.becomes}{visit}  ({one.filled} cells, "
        f"{one.readable:.0%} readable, confidence {one.confidence:.2f}: {examples})"
    )
