"""Visits and their order: labels, windows, and days from operation to death."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.codebook import BASELINE, OTHER_VISIT, visits

if TYPE_CHECKING:
    from data.sheet import Sheet

DAY = pl.col("day")
VISIT = pl.col("visit")
MEASURED_ON = pl.col("measured_on")
LABELLED = pl.col("labelled")


def place_visits(sheet: Sheet) -> None:
    """Give every row its visit, and hold back what cannot lie on its day.

    The rows need `operation` (the day that visits count from), `latest_death` and `died_on`.
    """
    _hold_without_visit(sheet)
    windows = _windows()
    placed = pl.coalesce(
        *(pl.when(inside).then(pl.lit(code)) for code, inside in windows.items()),
        pl.lit(OTHER_VISIT),
    )
    sheet.frame = sheet.frame.with_columns(
        (MEASURED_ON - pl.col("operation")).dt.total_days().alias("day"),
        VISIT.is_not_null().alias("labelled"),
        VISIT.str.to_lowercase(),
    ).with_columns(VISIT.fill_null(placed))
    _hold_out_of_order(sheet)
    _mark_windows(sheet, windows)


def _windows() -> dict[str, pl.Expr]:
    return {visit.code: DAY.is_between(visit.day_from, visit.day_to) for visit in visits().values()}


def _hold_without_visit(sheet: Sheet) -> None:
    codes = (*visits(), OTHER_VISIT)
    sheet.hold_rows(
        ~VISIT.str.to_lowercase().is_in(codes),
        "unknown_visit",
        "visit",
        f"The visit is none of {', '.join(codes)}; write one of them, or leave it blank where "
        "the day is known.",
    )
    sheet.hold_rows(
        VISIT.is_null() & MEASURED_ON.is_null(),
        "missing_visit",
        "visit",
        "The row has neither a visit nor the day of the measurement; fill in one of them.",
    )


def _hold_out_of_order(sheet: Sheet) -> None:
    sheet.hold_rows(
        pl.col("latest_death") < MEASURED_ON,
        "after_death",
        "measured_on",
        pl.format(
            "The day lies after the patient's death ({}); correct one of the days.", "died_on"
        ),
    )
    sheet.hold_rows(
        (DAY < 0) & LABELLED & ~VISIT.is_in([BASELINE, OTHER_VISIT]),
        "before_operation",
        "measured_on",
        pl.format(
            "The visit is {} and the day lies {} days before the operation of {}; correct the "
            "visit or one of the days.",
            VISIT,
            -DAY,
            pl.col("operation"),
        ),
    )


def _mark_windows(sheet: Sheet, windows: dict[str, pl.Expr]) -> None:
    inside = [(code == VISIT) & within for code, within in windows.items()]
    sheet.mark(
        LABELLED & (VISIT != OTHER_VISIT) & DAY.is_not_null() & ~pl.any_horizontal(inside),
        "outside_window",
        "measured_on",
        pl.format(
            "Day {} from the operation lies outside the window of the visit {}; the visit is "
            "kept, correct it if it is wrong.",
            DAY,
            VISIT,
        ),
    )
    sheet.mark(
        ~LABELLED & (pl.sum_horizontal(windows.values()) > 1),
        "two_windows",
        "measured_on",
        pl.format(
            "Day {} from the operation lies in two windows and counts as {}, the earlier; "
            "write the visit.",
            DAY,
            VISIT,
        ),
    )
    sheet.mark(
        ~LABELLED & pl.col("operation").is_null(),
        "visit_without_operation",
        "measured_on",
        "The patient has no kept procedure to count days from, so the visit is `other`; write "
        "the visit.",
    )
