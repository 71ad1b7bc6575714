"""Whether anything changed over all visits at once, on the patients who attended all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from data.codebook import BASELINE, visits
from queries.pairs import clusters_of
from queries.statistics.clusters import cluster_means
from queries.statistics.friedman import friedman
from queries.statistics.limits import FRAGILE_BELOW
from queries.statistics.results import Comparison

if TYPE_CHECKING:
    from queries.statistics.results import ClusterArray, FloatArray, Unit


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
    table = _table(values, planned, "patient_id" if unit == "patient" else "procedure_id")
    attended, counts = _attended(table, planned)
    kept = [visit for visit in attended if 2 * counts[visit] >= counts[BASELINE]]
    dropped = [visit for visit in attended if visit not in kept]
    if len(attended) < 2:
        return ()
    matrix, n_levels = _complete(table, kept)
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


class _Table(NamedTuple):
    """One row per patient or level, one column per visit; NaN where there is no value."""

    values: dict[str, FloatArray]
    patients: ClusterArray


def _table(values: pl.DataFrame, planned: tuple[str, ...], key: str) -> _Table:
    wide = values.pivot(
        on="visit",
        on_columns=list(planned),
        index=list(dict.fromkeys(["patient_id", key])),
        values="value",
    )
    columns = {
        visit: wide[visit].cast(pl.Float64).fill_null(np.nan).to_numpy() for visit in planned
    }
    return _Table(columns, np.unique(clusters_of(wide), return_inverse=True)[1])


def _attended(table: _Table, planned: tuple[str, ...]) -> tuple[list[str], dict[str, int]]:
    """Return the visits that patients with a baseline attended, and by how many."""
    seen = {
        visit: np.bincount(table.patients[np.isfinite(column)], minlength=table.patients.size) > 0
        for visit, column in table.values.items()
    }
    if BASELINE not in seen:
        return [], {}
    counts = {visit: int((here & seen[BASELINE]).sum()) for visit, here in seen.items()}
    return [visit for visit in planned if counts[visit]], counts


def _complete(table: _Table, kept: list[str]) -> tuple[FloatArray, int]:
    """Return the patients with every visit, by the mean of their rows, and how many rows."""
    rows = np.column_stack([table.values[visit] for visit in kept])
    complete = np.isfinite(rows).all(axis=1)
    means = [
        cluster_means(rows[complete, i], table.patients[complete]).means for i in range(len(kept))
    ]
    return np.column_stack(means), int(complete.sum())


def _notes(kept: list[str], dropped: list[str], n: int) -> tuple[str, ...]:
    notes = [f"visits compared: {', '.join(visits()[visit].short_label for visit in kept)}"]
    if dropped:
        names = ", ".join(visits()[visit].short_label for visit in dropped)
        notes.append(f"left out, attended by fewer than half: {names}")
    if 0 < n < FRAGILE_BELOW:
        notes.append(f"fragile: fewer than {FRAGILE_BELOW} patients")
    return tuple(notes)
