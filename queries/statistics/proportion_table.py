"""A table of levels by group, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from queries.statistics.labels import group_index
from queries.statistics.proportion_sensitivity import Rates
from queries.statistics.vectors import cluster_index, events

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from queries.statistics.results import BoolArray, ClusterArray, Sensitivity


@dataclass(frozen=True)
class GroupRate:
    """Events among the levels of one group, and the patients they belong to."""

    group: str
    k: int
    n: int
    n_patients: int


@dataclass(frozen=True)
class ProportionComparison:
    """A comparison of rates, or the reason in words why there is none.

    Notes
    -----
    `statistic` is Pearson's χ² of the levels, or Rao and Scott's F with `df` and `df_error`.
    `exact` says that all distinct arrangements were counted, `arrangements` how many those
    were. `notes` hold the reason where a sensitivity is missing.
    """

    method: str
    statistic_name: str
    statistic: float | None
    df: float | None
    df_error: float | None
    p: float | None
    exact: bool
    arrangements: int | None
    groups: tuple[GroupRate, ...]
    n_patients: int
    n_levels: int
    sensitivity: tuple[Sensitivity, ...]
    notes: tuple[str, ...]
    refused: str | None


class Table(NamedTuple):
    """The levels, coded."""

    outcomes: BoolArray
    groups: ClusterArray
    patients: ClusterArray
    n_patients: int
    rates: Rates


class Answer(NamedTuple):
    """What the test of the levels said."""

    method: str
    statistic_name: str
    statistic: float | None = None
    df: float | None = None
    df_error: float | None = None
    p: float | None = None
    mid_p: float | None = None
    exact: bool = False
    arrangements: int | None = None
    refused: str | None = None


def level_table(outcomes: ArrayLike, groups: ArrayLike, patients: ArrayLike) -> Table:
    """Code groups and patients, and count events and levels of each group."""
    yes = events(outcomes, "outcomes")
    names, group = group_index(groups, yes.size)
    ids, patient = cluster_index(patients, yes.size)
    k = np.bincount(group[yes], minlength=len(names))
    return Table(yes, group, patient, ids.size, Rates(names, k, np.bincount(group)))


def why_not(rates: Rates) -> str | None:
    """Say in words why the rates cannot be compared; None where they can."""
    if not rates.names:
        return "nothing was observed"
    if len(rates.names) == 1:
        return "there is only one group"
    if rates.events.sum() == 0:
        return "no event in any group"
    if rates.events.sum() == rates.levels.sum():
        return "only events in every group"
    return None


def comparison(
    table: Table, answer: Answer, sensitivity: tuple[Sensitivity, ...], notes: tuple[str, ...]
) -> ProportionComparison:
    """Put the answer beside the rates it rests on."""
    names, counts, sizes = table.rates
    rows = zip(names, counts.tolist(), sizes.tolist(), range(len(names)), strict=True)
    return ProportionComparison(
        method=answer.method,
        statistic_name=answer.statistic_name,
        statistic=answer.statistic,
        df=answer.df,
        df_error=answer.df_error,
        p=answer.p,
        exact=answer.exact,
        arrangements=answer.arrangements,
        groups=tuple(
            GroupRate(name, k, n, np.unique(table.patients[table.groups == place]).size)
            for name, k, n, place in rows
        ),
        n_patients=table.n_patients,
        n_levels=table.outcomes.size,
        sensitivity=sensitivity,
        notes=notes,
        refused=answer.refused,
    )
