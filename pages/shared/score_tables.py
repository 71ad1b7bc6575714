"""Rows of the tables beside the charts of scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.codebook import BASELINE, OTHER_VISIT, visits
from pages.shared.wording import number, plain, visit_label
from queries.absence import DEAD
from queries.grouping import group_label
from queries.observed import METHODS
from queries.severity import NOT_SEEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from queries.dropout import Dropout, DropoutRow
    from queries.improvement import Improvement
    from queries.observed import ByMethod
    from queries.severity import Severity
    from queries.timing import Timing
    from queries.trajectory import Trajectory

Row = dict[str, str]
NONE = "–"


def span(low: float | None, high: float | None, decimals: int) -> str:
    """Print an interval in a table."""
    if low is None or high is None:
        return NONE
    return f"{number(low, decimals)} to {number(high, decimals)}"


def percent_rows(answer: Trajectory) -> list[Row]:
    """Return the percent change at every visit."""
    rows = []
    for row in answer.rows:
        group: Row = {}
        if answer.by is not None:
            label = group_label(answer.by, row.group, answer.selection.convention)
            group = {"group": plain(label)}
        if row.visit != BASELINE:
            rows.append(
                group
                | {
                    "visit": visit_label(row.visit),
                    "patients": str(row.n_percent),
                    "0 before": str(row.zero_baseline),
                    "median %": number(row.percent_median, 0, sign=True),
                    "95 % CI": span(row.percent_median_low, row.percent_median_high, 0),
                    "quartiles %": span(row.percent_q1, row.percent_q3, 0),
                }
            )
    return rows


def day_rows(days: Timing) -> list[Row]:
    """Return the days on which a score was taken at each visit."""
    return [
        {
            "visit": "between the visits" if row.visit == OTHER_VISIT else visit_label(row.visit),
            "window": _window(row.visit),
            "patients": str(row.n),
            "median day": number(row.day_median, 0),
            "days": span(row.day_first, row.day_last, 0),
            "outside the window": str(row.outside),
            "without a date": str(row.undated),
        }
        for row in days.rows
    ]


def _window(code: str) -> str:
    visit = visits().get(code)
    return NONE if visit is None else span(visit.day_from, visit.day_to, 0)


def dropout_rows(answer: Dropout) -> list[Row]:
    """Return the medians by last visit attended."""
    decimals = answer.measure.decimals
    medians = {(row.last_visit, row.visit): row.median for row in answer.rows}
    return [
        {
            "last seen": visit_label(last.last_visit),
            "patients": str(last.n_patients),
            **{
                visits()[visit].short_label: number(medians.get((last.last_visit, visit)), decimals)
                for visit in answer.visits
            },
            "then": why_words(last),
        }
        for last in answer.last_visits
    ]


def why_words(row: DropoutRow) -> str:
    """Say why a group was not measured at the visit after its last."""
    parts = {
        "died": row.died,
        "lost": row.lost,
        "not yet due": row.not_due,
        "not recorded": row.not_recorded,
    }
    return ", ".join(f"{n} {name}" for name, n in parts.items() if n) or NONE


def observed_rows(methods: Sequence[ByMethod], decimals: int, names: dict[str, str]) -> list[Row]:
    """Return the change of every method at every visit."""
    ordered = sorted(methods, key=lambda found: METHODS.index(found.method))
    seen = list(dict.fromkeys(found.visit for found in methods))
    by = {(found.visit, found.method): found for found in ordered}
    return [
        {
            "visit": visit_label(visit),
            "method": names[method],
            "change": number(found.estimate, decimals, sign=True),
            "95 % CI": span(found.ci_low, found.ci_high, decimals),
            "patients": str(found.n),
        }
        for visit in seen
        for method in METHODS
        if (found := by.get((visit, method))) is not None
    ]


def change_rows(answer: Improvement, visit: str) -> list[Row]:
    """Return each patient's change at one visit, as the bars stand."""
    decimals = answer.measure.decimals
    sign = -1 if answer.measure.better == "higher" else 1
    here = answer.changes.filter(pl.col("visit") == visit)
    return [
        {
            "patient": plain(row["patient_id"]),
            "before": number(row["baseline"], decimals),
            "at the visit": number(row["value"], decimals),
            "change": number(row["change"], decimals, sign=True),
            "%": number(row["percent"], 0, sign=True),
            "direction": row["direction"],
        }
        for row in here.sort(pl.col("change") * sign, "patient_id").to_dicts()
    ]


def direction_rows(answer: Improvement) -> list[Row]:
    """Return the single changes of every visit, counted by direction."""
    error = answer.measure.error
    by = "" if error is None else f" (by > {error:g})"
    return [
        {
            "visit": visits()[row.visit].short_label,
            f"better{by}": f"{row.better}{_beyond(row.better_beyond)}",
            "same": str(row.unchanged),
            f"worse{by}": f"{row.worse}{_beyond(row.worse_beyond)}",
            "of": str(row.n),
        }
        for row in answer.rows
    ]


def _beyond(n: int | None) -> str:
    return "" if n is None else f" ({n})"


def shift_rows(answer: Severity, visit: str) -> list[Row]:
    """Return the bands before and at one visit."""
    here = [row for row in answer.rows if row.visit == visit]
    rows = []
    for band in answer.bands:
        mine = [row for row in here if row.before == band.label]
        rows.append(
            {"before": band.label}
            | {row.after: str(row.n) for row in mine}
            | {"in all": str(sum(row.n for row in mine))}
        )
    return rows


def band_rows(answer: Severity) -> list[Row]:
    """Return how many patients stand in each band at each visit."""
    started = {visit: visit == BASELINE for visit in (BASELINE, *answer.visits)}
    first = answer.visits[:1]
    return [
        {
            "band": label,
            **{
                visits()[visit].short_label.replace("months", "mo"): str(
                    sum(
                        row.n
                        for row in answer.rows
                        if row.visit == (first[0] if before else visit)
                        and label == (row.before if before else row.after)
                    )
                )
                for visit, before in started.items()
            },
        }
        for label in (*(band.label for band in answer.bands), DEAD, NOT_SEEN)
    ]


def patient_rows(answer: Trajectory) -> list[Row]:
    """Return each patient's values at every visit."""
    if answer.values is None:
        return []
    decimals = answer.measure.decimals
    rows = []
    for part in answer.values.partition_by("patient_id", maintain_order=True):
        seen = dict(part.select("visit", "value").iter_rows())
        rows.append(
            {"patient": plain(part["patient_id"][0])}
            | {
                visits()[visit].short_label: number(seen.get(visit), decimals)
                for visit in answer.visits
            }
        )
    return rows
