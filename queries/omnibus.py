"""Whether anything changed over all visits at once, on the patients who attended all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from data.codebook import BASELINE, visits
from queries.statistics.friedman import friedman
from queries.statistics.limits import FRAGILE_BELOW
from queries.statistics.results import Comparison

if TYPE_CHECKING:
    from queries.statistics.results import FloatArray, Unit


def omnibus(
    values: pl.DataFrame,
    planned: tuple[str, ...],
    *,
    outcome: str,
    unit: Unit,
    n_patients: int,
    exploratory: bool,
) -> tuple[Comparison, ...]:
    """Test all visits at once by Friedman's test.

    Parameters
    ----------
    values : polars.DataFrame
        patient_id, visit and value; for a level outcome procedure_id as well. A level stands
        for its patient by the mean over the levels that have every visit.
    planned : tuple of str
        The visits in order of time.
    n_patients : int
        Patients of the cohort, from whom those without every visit are left out.

    Returns
    -------
    tuple of Comparison
        One test over baseline and those visits that at least half of the patients with a
        baseline attended; none where nobody has a baseline and a later visit.
    """
    kept, dropped = _visits(values, planned)
    if len(kept) + len(dropped) < 2:
        return ()
    matrix, n_levels = _matrix(values, kept, "patient_id" if unit == "patient" else "procedure_id")
    test = friedman(matrix)
    of = "" if unit == "patient" else ", on patient means of the levels"
    comparison = Comparison(
        outcome=outcome,
        unit=unit,
        kind="omnibus",
        method=f"Friedman over {len(kept)} visits{of}",
        statistic_name="χ²",
        statistic=test.statistic,
        df=test.df,
        p=test.p,
        n_patients=test.n,
        n_levels=n_levels if unit == "level" else None,
        n_excluded=n_patients - test.n,
        exploratory=exploratory,
        refused=test.refused,
        notes=_notes(kept, dropped, test.n),
    )
    return (comparison,)


def _visits(values: pl.DataFrame, planned: tuple[str, ...]) -> tuple[list[str], list[str]]:
    begun = values.filter(pl.col("visit") == BASELINE).select("patient_id").unique()
    counts = dict(
        values.join(begun, on="patient_id", how="semi")
        .group_by("visit")
        .agg(pl.col("patient_id").n_unique())
        .iter_rows()
    )
    attended = [visit for visit in planned if counts.get(visit)]
    kept = [visit for visit in attended if 2 * counts[visit] >= begun.height]
    return kept, [visit for visit in attended if visit not in kept]


def _matrix(values: pl.DataFrame, kept: list[str], key: str) -> tuple[FloatArray, int]:
    index = list(dict.fromkeys(["patient_id", key]))
    complete = (
        values.filter(pl.col("visit").is_in(kept))
        .pivot(on="visit", on_columns=kept, index=index, values="value")
        .drop_nulls(kept)
    )
    means = complete.group_by("patient_id", maintain_order=True).agg(pl.col(kept).mean())
    return np.asarray(means.select(kept).to_numpy(), dtype=np.float64), complete.height


def _notes(kept: list[str], dropped: list[str], n: int) -> tuple[str, ...]:
    notes = [f"visits compared: {', '.join(visits()[visit].short_label for visit in kept)}"]
    if dropped:
        names = ", ".join(visits()[visit].short_label for visit in dropped)
        notes.append(f"left out, attended by fewer than half: {names}")
    if 0 < n < FRAGILE_BELOW:
        notes.append(f"fragile: fewer than {FRAGILE_BELOW} patients")
    return tuple(notes)
