"""What is said of surgeons against the cohort's rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.shared.sentences import nobody_in, rate
from pages.shared.wording import THIN, number, percent, plain, plural
from queries.statistics.limits import RATE_NEEDS

if TYPE_CHECKING:
    from queries.funnel import Funnel, FunnelRow, Position

Row = dict[str, str]
POSITIONS: dict[Position, str] = {
    "within": "within both limits",
    "above 95": f"above the 95{THIN}% limit",
    "above 99.8": f"above the 99.8{THIN}% limit",
    "below 95": f"below the 95{THIN}% limit",
    "below 99.8": f"below the 99.8{THIN}% limit",
}
NO_LEAGUE = (
    "No league table: surgeons carry codes in no order, tumour, level and case are not adjusted "
    "for, and each surgeon's own levels are part of the rate they are set against. A point inside "
    "the funnel is what chance alone allows; one outside is a reason to look at the cases."
)


def funnel_sentence(answer: Funnel) -> str:
    """Say how many surgeons stand out from the cohort's rate, or why there is no funnel."""
    if not answer.selection.n_levels:
        return f"Surgeons: {nobody_in(answer.selection)}, so there is nothing to compare."
    if answer.refused:
        counted = f" {rate(answer.target, 'level')} leaked." if answer.target.n else ""
        return f"No funnel: {plain(answer.refused)}.{counted}"
    out = [row for row in answer.rows if row.position != "within"]
    head = (
        f"{plural(len(answer.rows), 'surgeon')} around the rate of all, "
        f"{rate(answer.target, 'level')}"
    )
    if not out:
        return f"{head}: none outside the 95{THIN}% limits."
    said = "; ".join(f"{plain(row.surgeon)} {_stands(row)}" for row in out)
    return f"{head}: {said}."


def _stands(row: FunnelRow) -> str:
    words = f"{row.leaks} of {row.levels}, {POSITIONS[row.position or 'within']}"
    if row.position_effective == "within":
        words += " but within it once the patients' several levels are allowed for"
    return words


def clustered_sentence(answer: Funnel) -> str:
    """Say what several levels of one patient do to the limits."""
    if answer.refused:
        return ""
    return (
        "The limits take levels as independent. Where a patient has several they are too narrow; "
        "the table judges the rate by the effective number of levels too."
    )


def unrecorded_sentence(answer: Funnel) -> str:
    """Say what has no surgeon on record."""
    if not answer.unrecorded:
        return ""
    return f"Left out: {plural(answer.unrecorded, 'level')} without a surgeon on record."


def funnel_legend() -> str:
    """Name every mark of the funnel."""
    return (
        "Points: surgeons by code, leaking levels of those looked at; band and full lines: exact "
        "binomial 95 % limits around the rate of all; dashed: 99.8 %; dots across: that rate. A "
        "limit runs in steps because leaks are counted."
    )


def funnel_alt(answer: Funnel) -> str:
    """Say the funnel in words."""
    rows = "; ".join(f"{row.surgeon} {row.leaks} of {row.levels}" for row in answer.rows)
    return f"Funnel of surgeons by code against the rate of all. {funnel_sentence(answer)} {rows}."


def funnel_rows(answer: Funnel) -> list[Row]:
    """Return the surgeons in the order of their codes."""
    return [
        {
            "surgeon": plain(row.surgeon),
            "levels with a leak": f"{row.leaks} of {row.levels}",
            "rate": percent(row.rate) if row.levels >= RATE_NEEDS and row.leaks else "–",
            "patients with a leak": f"{row.patients_with_leak} of {row.patients}",
            f"95{THIN}% limits": _limits(row.low_95, row.high_95),
            f"99.8{THIN}% limits": _limits(row.low_998, row.high_998),
            "stands": POSITIONS[row.position] if row.position else "–",
            "effective levels": number(row.n_effective, 1),
            "by effective levels": POSITIONS[row.position_effective]
            if row.position_effective
            else "–",
        }
        for row in answer.rows
    ]


def _limits(low: int | None, high: int | None) -> str:
    return "–" if low is None or high is None else f"{low} to {high} leaks"
