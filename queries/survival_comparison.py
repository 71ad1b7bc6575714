"""The courses of several groups of patients compared, with what was left out of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from queries.cohort import UNRECORDED
from queries.grouping import By, group_order
from queries.statistics.limits import SURVIVAL_GROUP
from queries.statistics.log_rank import LogRank, log_rank, survival_difference
from queries.statistics.results import Comparison, Sensitivity
from queries.statistics.survival import kaplan_meier

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from queries.statistics.competing import GrayTest
    from queries.statistics.results import Estimate

EARLIEST = "deaths of unknown day as early as possible"
LATEST = "deaths of unknown day as late as possible"
FIRST_SESSION = "groups by the first session of this choice alone"
NOT_RECORDED = "no patient's group is recorded"


@dataclass(frozen=True)
class Method:
    """How the courses of groups are compared.

    Parameters
    ----------
    outcome : str
        What the comparison is about.
    difference_name : str
        What the estimate for two groups is called.
    test : callable
        Takes patients and the names of the columns of days and of groups.
    difference : callable
        Takes the patients of two groups and the name of the column of days.
    """

    outcome: str
    difference_name: str
    test: Callable[[pl.DataFrame, str, str], LogRank | GrayTest]
    difference: Callable[[Sequence[pl.DataFrame], str], Estimate | None]


@dataclass(frozen=True)
class _Contrast:
    """A test, the groups and patients in it, and the difference between two groups.

    Where no two groups are large enough, all of them, and their patients, stand for it.
    """

    test: LogRank | GrayTest
    groups: tuple[str, ...]
    patients: pl.DataFrame
    difference: Estimate | None


def _log_rank(patients: pl.DataFrame, days: str, group: str) -> LogRank:
    died = patients["died"].to_numpy()
    return log_rank(patients[days].to_numpy(), died, patients[group].to_list())


def _alive(parts: Sequence[pl.DataFrame], days: str) -> Estimate | None:
    one, two = (kaplan_meier(part[days].to_numpy(), part["died"].to_numpy()) for part in parts)
    return survival_difference(one, two)


LOG_RANK = Method("survival", "difference in one-year survival", _log_rank, _alive)


def compared(
    followed: pl.DataFrame, by: By, *, n_patients: int, method: Method = LOG_RANK
) -> Comparison:
    """Compare the courses of groups, their survival by the log-rank test where not told otherwise.

    Parameters
    ----------
    followed : polars.DataFrame
        One row per patient with a time: group, first_group (by the first session alone),
        uncertain, time_days, its earliest and latest, and what the method reads.
    by : str
        The field that made the groups.
    n_patients : int
        Patients of the cohort, those without a time included.
    method : Method
        The test, and the difference between two groups.
    """
    main = _contrast(followed, by, method)
    difference = main.difference
    p = main.test.p
    return Comparison(
        outcome=method.outcome,
        unit="patient",
        kind="survival",
        by=by,
        groups=main.groups,
        method=main.test.method,
        statistic_name="χ²",
        statistic=main.test.statistic,
        df=main.test.df,
        p=p,
        p_adjusted=p,
        adjustment=None if p is None else "Holm",
        family_size=None if p is None else 1,
        estimate_name=_estimate_name(main, method),
        estimate=difference.value if difference else None,
        ci_low=difference.ci_low if difference else None,
        ci_high=difference.ci_high if difference else None,
        ci_level=difference.ci_level if difference else None,
        n_patients=main.patients.height,
        n_excluded=n_patients - main.patients.height,
        exploratory=True,
        refused=_refused(main, followed),
        notes=_notes(main, followed, n_patients),
        sensitivity=_sensitivity(main, followed, by, method),
    )


def _contrast(
    followed: pl.DataFrame,
    by: By,
    method: Method,
    *,
    days: str = "time_days",
    group: str = "group",
) -> _Contrast:
    recorded = followed.filter(pl.col(group) != UNRECORDED)
    test = method.test(recorded, days, group)
    large = {entry.group for entry in test.groups if entry.n >= SURVIVAL_GROUP}
    groups = group_order(by, large if len(large) > 1 else {entry.group for entry in test.groups})
    parts = [recorded.filter(pl.col(group) == name) for name in groups]
    difference = method.difference(parts, days) if len(parts) == 2 else None
    inside = recorded.filter(pl.col(group).is_in(list(groups)))
    return _Contrast(test, groups, inside, difference)


def _estimate_name(main: _Contrast, method: Method) -> str | None:
    if main.difference is None:
        return None
    first, second = main.groups
    return f"{method.difference_name}, {first} less {second}"


def _refused(main: _Contrast, followed: pl.DataFrame) -> str | None:
    return NOT_RECORDED if followed.height and not main.groups else main.test.refused


def _notes(main: _Contrast, followed: pl.DataFrame, n_patients: int) -> tuple[str, ...]:
    unrecorded = followed.filter(pl.col("group") == UNRECORDED).height
    counts = (
        (unrecorded, f"left out of the comparison: {UNRECORDED} ({unrecorded})"),
        (n_patients - followed.height, "left out because no time was observed: {}"),
        (
            _later(followed),
            "in a group because of a later session, which only survivors reach: {}",
        ),
    )
    return (*main.test.notes, *(words.format(n) for n, words in counts if n))


def _later(patients: pl.DataFrame) -> int:
    """Count patients whom the levels of a later session moved to another group."""
    return patients.filter(pl.col("group") != pl.col("first_group")).height


def _sensitivity(
    main: _Contrast, followed: pl.DataFrame, by: By, method: Method
) -> tuple[Sensitivity, ...]:
    others = []
    if main.patients["uncertain"].any():
        others += [
            (EARLIEST, _contrast(followed, by, method, days="earliest")),
            (LATEST, _contrast(followed, by, method, days="latest")),
        ]
    if _later(followed):
        others.append((FIRST_SESSION, _contrast(followed, by, method, group="first_group")))
    return tuple(_other(name, other, main) for name, other in others)


def _other(name: str, other: _Contrast, main: _Contrast) -> Sensitivity:
    difference = other.difference if other.groups == main.groups else None
    return Sensitivity(
        name,
        other.test.p,
        difference.value if difference else None,
        difference.ci_low if difference else None,
        difference.ci_high if difference else None,
    )
