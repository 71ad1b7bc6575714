"""How many patients reached a published threshold at each visit, beside the change itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import BASELINE, measures, thresholds, visits
from queries.cohort import Cohort, selection
from queries.reaching import out_of_reach, reached
from queries.scores import Scores, scores
from queries.statistics.proportions import counted_proportion

if TYPE_CHECKING:
    from data.codebook import Threshold
    from data.warehouse import Reader
    from queries.statistics.results import Proportion

MOST_PATIENTS = 5_000
OF_ONE_SCORE: tuple[str, ...] = ("absolute", "percent", "final", "by_baseline")


@dataclass(frozen=True)
class Share:
    """Patients who reached a threshold at a visit, among three denominators.

    Notes
    -----
    The same three rates as those of the question responders.
    """

    threshold: Threshold
    visit: str
    assessed: Proportion
    living: Proportion
    everybody: Proportion


def counts_reaching(reader: Reader, cohort: Cohort, *, measure: str) -> pl.DataFrame:
    """Count who reached each threshold of a measure at each visit after baseline.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    measure : str
        Code of a patient measure of the codebook.

    Returns
    -------
    polars.DataFrame
        visit and, for the threshold of every label, ``label reached``, ``label assessed``,
        ``label living`` and ``label everybody``. Patients whose window was still open on the day
        up to which the registry is complete are not counted. Thresholds that need other scores
        as well are left to the question responders. Above 5,000 patients 12 months alone are
        counted, or the latest visit that anybody attended.
    """
    selection(reader, cohort)
    found, book, data_date = scores(reader, measure), measures()[measure], reader.registry.data_date
    planned = _counted(found)
    windows = pl.DataFrame(
        {"visit": planned, "day_to": [visits()[visit].day_to for visit in planned]},
        schema={"visit": pl.String, "day_to": pl.Int64},
    )
    start = found.values.filter(pl.col("visit") == BASELINE).select("patient_id", "baseline")
    closes = pl.col("first_operated_on") + pl.duration(days=pl.col("day_to"))
    due = (
        found.status.filter("has_index_session")
        .join(windows, how="cross")
        .filter(closes <= data_date)
        .join(
            found.values.select("patient_id", "visit", "value"),
            on=["patient_id", "visit"],
            how="left",
        )
        .join(start, on="patient_id", how="left")
    )
    dead = (pl.col("died_on") <= closes).fill_null(value=False) & pl.col("value").is_null()
    of_one = [one for one in thresholds(measure) if one.kind in OF_ONE_SCORE]
    judged = due.select(
        "visit",
        dead.alias("dead"),
        *(reached(one, book).alias(f"hit {one.label}") for one in of_one),
        *((~out_of_reach(one, book)).alias(f"able {one.label}") for one in of_one),
    )
    columns = []
    for one in of_one:
        hit, able = pl.col(f"hit {one.label}"), pl.col(f"able {one.label}")
        inside = {"reached": able & hit, "assessed": able & hit.is_not_null()}
        inside |= {"living": able & ~pl.col("dead"), "everybody": able}
        columns += [who.sum().alias(f"{one.label} {name}") for name, who in inside.items()]
    return judged.group_by("visit").agg(columns)


def _counted(found: Scores) -> list[str]:
    planned = [visit for visit in found.planned if visit != BASELINE]
    if found.status.height <= MOST_PATIENTS:
        return planned
    return ["m12"] if "m12" in found.followed else found.followed[-1:]


def share(counted: pl.DataFrame, threshold: Threshold, visit: str) -> Share | None:
    """Return the three rates of a threshold at a visit.

    Parameters
    ----------
    counted : polars.DataFrame
        As `counts_reaching` returns it.

    Returns
    -------
    Share or None
        None where nobody was due at the visit, or the threshold needs other scores as well.
    """
    here = counted.filter(pl.col("visit") == visit)
    if here.is_empty() or f"{threshold.label} reached" not in here.columns:
        return None
    row = here.row(0, named=True)
    n_reached = row[f"{threshold.label} reached"]
    return Share(
        threshold,
        visit,
        *(
            counted_proportion(n_reached, row[f"{threshold.label} {among}"])
            for among in ("assessed", "living", "everybody")
        ),
    )
