"""The scores of a cohort over the visits, with each patient's change from baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import BASELINE, visits
from queries.absence import vital_status
from queries.member_rows import member_rows
from queries.statements import statement

if TYPE_CHECKING:
    from data.warehouse import Reader

NO_BASELINE_BELOW = 1e-9


@dataclass(frozen=True)
class Scores:
    """One score of the patients whose first operation is in the cohort.

    Parameters
    ----------
    planned : tuple of str
        The scheduled visits at which anybody in the registry has the score, in order.
    values : polars.DataFrame
        patient_id, visit, value, measured_on, baseline, change (in the measure's unit) and
        percent (of the baseline), one row per patient and visit with a value.
    status : polars.DataFrame
        Every patient of the cohort, as `queries.absence.vital_status` returns it.
    """

    planned: tuple[str, ...]
    values: pl.DataFrame
    status: pl.DataFrame

    @property
    def followed(self) -> list[str]:
        """Return the visits after baseline at which anybody of the cohort has a value."""
        seen = set(self.values["visit"].to_list()) - {BASELINE}
        return [visit for visit in self.planned if visit in seen]

    @property
    def of_later_sessions(self) -> int:
        """Count the patients whose baseline belongs to an earlier operation."""
        return self.status.filter(~pl.col("has_index_session")).height


def scores(reader: Reader, measure: str) -> Scores:
    """Return one score of the reader's cohort; patients of a later session have no values.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.
    """
    status = vital_status(reader)
    of_index = status.filter("has_index_session").select("patient_id")
    observed = member_rows(reader, statement("trajectory"), by="patient_id", measure=measure).join(
        of_index, on="patient_id", how="semi"
    )
    values = with_percent(with_change(observed, key="patient_id"))
    return Scores(planned=planned_visits(reader, measure), values=values, status=status)


def planned_visits(reader: Reader, measure: str) -> tuple[str, ...]:
    """Return the scheduled visits at which anybody in the registry has a measure, in order."""
    attended = reader.constant(statement("attended"), measure=measure)["visit"].to_list()
    return tuple(visit for visit in visits() if visit in attended)


def with_change(values: pl.DataFrame, *, key: str) -> pl.DataFrame:
    """Add each unit's baseline and its change from it; both are null without a baseline."""
    baseline = values.filter(pl.col("visit") == BASELINE).select(key, baseline="value")
    return values.join(baseline, on=key, how="left").with_columns(
        (pl.col("value") - pl.col("baseline")).round(9).alias("change")
    )


def with_percent(values: pl.DataFrame) -> pl.DataFrame:
    """Add each change in per cent of the baseline; null where that is 0."""
    start = pl.col("baseline")
    share = pl.when(start > NO_BASELINE_BELOW).then(100 * (pl.col("value") - start) / start)
    known = pl.when(pl.col("change").is_not_null()).then(share.round(9))
    return values.with_columns(known.alias("percent"))
