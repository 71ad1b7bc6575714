"""Rows of the tables beside the charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.codebook import LEAK_ROUTES, visits
from pages.shared.sentences import interval_percent
from pages.shared.wording import number, p_value, percent, plain, plural, visit_label
from queries.absence import REASONS
from queries.grouping import group_label
from queries.statistics.limits import RATE_NEEDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from queries.alignment import Alignment, LevelRow
    from queries.leakage import Leakage, Place
    from queries.overview import Overview
    from queries.statistics.results import Comparison, Proportion
    from queries.trajectory import Trajectory
    from queries.visit_rows import VisitRow

Row = dict[str, str]


def attendance_rows(answer: Overview) -> list[Row]:
    """Return who was seen at each visit, and the others by reason."""
    given = {reason for row in answer.attendance for reason, _ in row.not_seen}
    return [
        {
            "visit": visit_label(row.visit),
            "seen": str(row.seen),
            **{
                reason: str(dict(row.not_seen).get(reason, 0))
                for reason in REASONS
                if reason in given
            },
        }
        for row in answer.attendance
    ]


def count_rows(title: str, counts: Sequence[tuple[str, int]]) -> list[Row]:
    """Return counted patients, largest first, as a chart of bars draws them."""
    ordered = sorted(counts, key=lambda item: -item[1])
    return [{title: plain(label), "patients": str(n)} for label, n in ordered]


def test_rows(tests: Sequence[Comparison], decimals: int) -> list[Row]:
    """Return the tests against baseline."""
    n = "pairs" if any(test.unit == "patient" for test in tests) else "patients"
    return [
        {
            "against before": visits()[str(test.visit)].short_label,
            "change (95 % CI)": number(test.estimate, decimals, sign=True)
            + (
                ""
                if test.ci_low is None
                else f" ({number(test.ci_low, decimals)} to {number(test.ci_high, decimals)})"
            ),
            "P (Holm)": "no test" if test.refused else p_value(test.p_adjusted),
            n: str(test.n_patients),
        }
        for test in tests
    ]


def _quartiles(row: VisitRow | LevelRow, decimals: int) -> str:
    if row.q1 is None or row.q3 is None:
        return number(None, decimals)
    return f"{number(row.q1, decimals)} to {number(row.q3, decimals)}"


def _group(answer: Trajectory | Alignment, row: VisitRow | LevelRow) -> Row:
    """Return the group of a row, where there are groups."""
    if answer.by is None:
        return {}
    return {"group": plain(group_label(answer.by, row.group, answer.selection.convention))}


def visit_rows(answer: Trajectory) -> list[Row]:
    """Return a score at every visit."""
    decimals = answer.measure.decimals
    return [
        {
            **_group(answer, row),
            "visit": visit_label(row.visit),
            "patients": str(row.n),
            "missing": str(row.missing),
            "median": number(row.median, decimals),
            "quartiles": _quartiles(row, decimals),
            "mean": number(row.mean, decimals),
            "SD": number(row.sd, decimals),
            f"at {answer.measure.minimum:g}": str(row.at_minimum),
            f"at {answer.measure.maximum:g}": str(row.at_maximum),
        }
        for row in answer.rows
    ]


def film_rows(answer: Alignment) -> list[Row]:
    """Return a measurement at every visit."""
    decimals = answer.measure.decimals
    return [
        {
            **_group(answer, row),
            "visit": visit_label(row.visit),
            "levels": str(row.n_levels),
            "patients": str(row.n_patients),
            "median": number(row.median, decimals),
            "quartiles": _quartiles(row, decimals),
            "mean": number(row.mean, decimals),
            "SD": number(row.sd, decimals),
        }
        for row in answer.rows
    ]


def course_rows(answer: Alignment) -> list[Row]:
    """Return gain and loss as the bars draw them."""
    decimals = answer.measure.decimals
    return [
        {
            "patient": plain(row.get("patient_id") or plural(row["together"], "level")),
            "level": row.get("level") or "–",
            "gain": number(row["gain"], decimals, sign=True),
            "loss": number(row["loss"], decimals, sign=True),
            "last film": visit_label(row["last_visit"]) if row.get("last_visit") else "–",
        }
        for row in answer.bars.to_dicts()
    ]


def _share(proportion: Proportion) -> str:
    if proportion.n < RATE_NEEDS or proportion.k == 0:
        return "–"
    return percent(proportion.rate)


def leak_rows(answer: Leakage, name: Callable[[str], str]) -> list[Row]:
    """Return leaks by group with both denominators."""
    return [
        {
            "group": plain(name(row.group)),
            "levels with a leak": f"{row.per_level.k} of {row.per_level.n}",
            "rate": _share(row.per_level),
            "interval": interval_percent(row.per_level),
            "patients with a leak": f"{row.per_patient.k} of {row.per_patient.n}",
            "with symptoms": str(row.symptomatic),
            "not looked for": str(row.not_looked_for),
        }
        for row in answer.rows
    ]


def place_rows(answer: Leakage) -> list[Row]:
    """Return leaks by location, those with symptoms apart."""
    return [
        {
            "location": _named(place),
            "levels": str(place.levels),
            "patients": str(place.patients),
            "with symptoms": str(place.symptomatic),
        }
        for place in answer.places
    ]


def _named(place: Place) -> str:
    location = "not recorded" if place.location == "unrecorded" else place.location
    routes = [f"{LEAK_ROUTES[route]} {n}" for route, n in place.routes if route in LEAK_ROUTES]
    return f"{location} ({', '.join(routes)})" if routes else location


def window_rows() -> list[Row]:
    """Return the visits with their windows."""
    return [
        {
            "visit": visit.label,
            "from day": number(visit.day_from, 0),
            "to day": number(visit.day_to, 0),
        }
        for visit in visits().values()
    ]
