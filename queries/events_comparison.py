"""The cumulative incidence of several groups of patients compared by Gray's test."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from queries.statistics.competing import GrayTest, gray_test
from queries.statistics.few_events import least_p
from queries.statistics.incidence import cumulative_incidence
from queries.statistics.incidence_difference import incidence_difference
from queries.statistics.limits import ALPHA, EXPECTED_EVENTS, SURVIVAL_GROUP
from queries.survival_comparison import Method, compared

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from queries.grouping import By
    from queries.statistics.results import Comparison, Estimate

NOTHING_RECORDED = "no event is recorded in this registry"


def incidences_compared(
    ended: pl.DataFrame, by: By, kind: str, *, n_patients: int, recorded: bool
) -> Comparison:
    """Compare the cumulative incidence of groups by Gray's test.

    Parameters
    ----------
    ended : polars.DataFrame
        One row per patient with a time, as `compared` takes it, and state: 1 the event, 2 death
        before it, 0 neither.
    by : str
        The field that made the groups.
    kind : str
        The kind of event.
    n_patients : int
        Patients of the cohort, those without a time included.
    recorded : bool
        Whether the registry records any event; the test is refused where it does not.
    """
    test = _gray if recorded else _nothing_recorded
    method = Method(kind, "difference in one-year incidence", test, _difference)
    return compared(ended, by, n_patients=n_patients, method=method)


def _gray(patients: pl.DataFrame, days: str, group: str) -> GrayTest:
    """Run Gray's test where its events are enough to reach 0.05, and say where they are few."""
    test = gray_test(
        patients[days].to_numpy(), patients["state"].to_numpy(), patients[group].to_list()
    )
    if test.refused:
        return test
    large = [entry for entry in test.groups if entry.n >= SURVIVAL_GROUP]
    sizes, k = [entry.n for entry in large], sum(entry.events for entry in large)
    if least_p(k, sizes) > ALPHA:
        had = "1 event" if k == 1 else f"{k} events"
        reason = f"with {had} no result could reach {ALPHA:g}"
        return replace(test, statistic=None, df=None, p=None, refused=reason)
    few = [entry.group for entry in large if k * entry.n / sum(sizes) < EXPECTED_EVENTS]
    if not few:
        return test
    note = f"fewer than {EXPECTED_EVENTS} events expected in {', '.join(few)}: P is approximate"
    return replace(test, notes=(*test.notes, note))


def _nothing_recorded(patients: pl.DataFrame, days: str, group: str) -> GrayTest:
    reason = NOTHING_RECORDED if patients.height else None
    test = _gray(patients, days, group)
    return replace(test, refused=reason or test.refused)


def _difference(parts: Sequence[pl.DataFrame], days: str) -> Estimate | None:
    one, two = (
        cumulative_incidence(part[days].to_numpy(), part["state"].to_numpy()) for part in parts
    )
    return incidence_difference(one, two)
