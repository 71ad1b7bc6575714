"""Who was due at a visit, who was measured there, and who had died before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import BASELINE, thresholds, visits
from queries.member_rows import member_rows
from queries.reaching import column, measured, needed_measures, with_baseline
from queries.statements import statement

if TYPE_CHECKING:
    from data.codebook import Threshold
    from data.warehouse import Reader


@dataclass(frozen=True)
class Due:
    """The patients of the cohort at one visit, for the threshold that was chosen.

    Notes
    -----
    `due` = `measured` + `dead` + `missing`; `still_open` are not due yet. Measured is who has
    every score that the threshold needs at the visit; `without_baseline` are measured and lack
    a baseline of one of them.
    """

    visit: str
    due: int
    measured: int
    dead: int
    missing: int
    still_open: int
    without_baseline: int


def at_visits(
    reader: Reader, of_index: pl.DataFrame, measure: str, planned: tuple[str, ...]
) -> pl.DataFrame:
    """Return every patient of the index session at every visit, measured or not.

    Returns
    -------
    polars.DataFrame
        patient_id, visit, value and baseline, the same of every other measure that one of the
        thresholds needs, due (the window had closed by the data date) and died (before it did).
    """
    windows = pl.DataFrame(
        [(visit, visits()[visit].day_to) for visit in planned],
        schema={"visit": pl.String, "day_to": pl.Int64},
        orient="row",
    )
    closes = pl.col("first_operated_on") + pl.duration(days=pl.col("day_to"))
    people = of_index.join(windows, how="cross").select(
        "patient_id",
        "visit",
        (closes <= reader.registry.data_date).alias("due"),
        (pl.col("died_on") <= closes).fill_null(value=False).alias("died"),
    )
    needed = (code for threshold in thresholds(measure) for code in needed_measures(threshold))
    for code in dict.fromkeys((measure, *needed)):
        scores = member_rows(reader, statement("trajectory"), by="patient_id", measure=code)
        value, baseline = (column(name, code, measure) for name in ("value", "baseline"))
        values = scores.select("patient_id", "visit", pl.col("value").alias(value))
        start = values.filter(pl.col("visit") == BASELINE).select(
            "patient_id", pl.col(value).alias(baseline)
        )
        people = people.join(
            values, on=["patient_id", "visit"], how="left", maintain_order="left"
        ).join(start, on="patient_id", how="left", maintain_order="left")
    return people


def dead(threshold: Threshold) -> pl.Expr:
    """Tell who died before the window closed without having been measured in it."""
    return pl.col("died") & ~measured(threshold)


def due_at(threshold: Threshold, visit: str, people: pl.DataFrame) -> Due:
    """Count the patients of one visit, from the rows of `at_visits`."""
    due = people.filter("due")
    seen = due.filter(measured(threshold))
    gone = due.filter(dead(threshold)).height
    return Due(
        visit=visit,
        due=due.height,
        measured=seen.height,
        dead=gone,
        missing=due.height - seen.height - gone,
        still_open=people.height - due.height,
        without_baseline=seen.filter(~with_baseline(threshold)).height,
    )
