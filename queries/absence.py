"""Why a patient has no value at a visit: dead, not due, lost, or not recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.codebook import BASELINE, visits
from data.interruption import may_stop
from queries.cohort import members_of
from queries.statements import statement

if TYPE_CHECKING:
    from datetime import date

    from data.warehouse import Reader

EARLIER_OPERATION = "baseline belongs to an earlier operation"
NO_BASELINE = "no baseline"
DEAD = "dead"
NOT_DUE = "window still open"
LOST = "lost to follow-up"
NOT_RECORDED = "not recorded"
REASONS = (EARLIER_OPERATION, NO_BASELINE, DEAD, NOT_DUE, LOST, NOT_RECORDED)


def vital_status(reader: Reader) -> pl.DataFrame:
    """Return one row per patient of the reader's cohort: operations, death, last contact.

    Returns
    -------
    polars.DataFrame
        patient_id, first_operated_on, second_operated_on, last_contact_on, died, died_on (the
        middle of what is possible where a death's day is not known: not before the last contact,
        not after the data date), died_earliest and died_latest (the ends of what is possible),
        started_on (the earliest operation that the filters keep) and has_index_session (that is
        the first one).
    """
    kept = reader.kept.get("vital_status")
    if isinstance(kept, pl.DataFrame):
        return kept
    started = members_of(reader).group_by("patient_id").agg(started_on=pl.col("operated_on").min())
    everybody = reader.constant(statement("vital_status"), data_date=reader.registry.data_date)
    status = everybody.join(started, on="patient_id", maintain_order="left").with_columns(
        died_on=middle(pl.col("died_earliest"), pl.col("died_latest")),
        has_index_session=pl.col("started_on") == pl.col("first_operated_on"),
    )
    reader.kept["vital_status"] = status
    return status


def middle(earliest: pl.Expr, latest: pl.Expr) -> pl.Expr:
    """Return the day half way between two days, the earlier of two middle ones."""
    return (earliest + (latest - earliest) / 2).cast(pl.Date)


def reasons(status: pl.DataFrame, visit: str, data_date: date) -> pl.DataFrame:
    """Give each patient the reason that would explain a missing value at a visit.

    Parameters
    ----------
    status : polars.DataFrame
        As `vital_status` returns it.
    visit : str
        A scheduled visit of the codebook.
    data_date : datetime.date
        The day up to which the registry is complete.

    Returns
    -------
    polars.DataFrame
        Columns patient_id and reason, one row per patient.
    """
    may_stop()
    return status.select("patient_id", reason_at(visit, data_date).alias("reason"))


def reason_at(visit: str, data_date: date) -> pl.Expr:
    """Return the reason of `reasons` as an expression over a status."""
    window = visits()[visit]
    opens = pl.col("first_operated_on") + pl.duration(days=window.day_from)
    closes = pl.col("first_operated_on") + pl.duration(days=window.day_to)
    return (
        pl.when(~pl.col("has_index_session"))
        .then(pl.lit(EARLIER_OPERATION))
        .when(pl.col("died_on") <= closes)
        .then(pl.lit(DEAD))
        .when(pl.lit(data_date) < closes)
        .then(pl.lit(NOT_DUE))
        .when((pl.col("last_contact_on") < opens) & pl.lit(visit != BASELINE))
        .then(pl.lit(LOST))
        .otherwise(pl.lit(NOT_RECORDED))
    )


def count_reasons(reasons_given: pl.Series) -> tuple[tuple[str, int], ...]:
    """Count reasons in their fixed order, leaving out those that nobody has."""
    counted = reasons_given.value_counts()
    found = dict(counted.iter_rows())
    return tuple((reason, found[reason]) for reason in REASONS if reason in found)
