"""Which groups of patients are large enough for their curves to be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from queries.statistics.limits import SURVIVAL_GROUP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from queries.statistics.results import BoolArray, ClusterArray


@dataclass(frozen=True)
class GroupEvents:
    """Patients and events of one group; `expected` by the log-rank test, None without it."""

    group: str
    n: int
    events: int
    expected: float | None


class Compared(NamedTuple):
    """The rows and groups that are compared, or the reason why none are.

    `place` is that of each compared row's group among `names`.
    """

    rows: BoolArray
    place: ClusterArray
    names: tuple[str, ...]
    notes: tuple[str, ...]
    refused: str | None


def groups_to_compare(names: Sequence[str], index: ClusterArray, test: str) -> Compared:
    """Leave out groups of fewer than 10 patients, by name.

    Parameters
    ----------
    names
        Names of the groups.
    index
        Place of each patient's group among the names, shape (n,).
    test
        What the sentence calls the test.

    Returns
    -------
    Compared
        Refused where fewer than two groups are left.

    Examples
    --------
    >>> groups_to_compare(["a", "b"], np.repeat([0, 1], [12, 4]), "the log-rank test").refused
    'the log-rank test needs 10 patients in each group: b has 4'
    """
    sizes = np.bincount(index, minlength=len(names))
    large = sizes >= SURVIVAL_GROUP
    small = [(name, n) for name, n, kept in zip(names, sizes, large, strict=True) if not kept]
    refused: str | None = None
    notes: tuple[str, ...] = ()
    if len(names) < 2:
        refused = "there is only one group" if names else "nobody was followed"
    elif large.sum() < 2:
        listed = ", ".join(f"{name} has {n}" for name, n in small)
        refused = f"{test} needs {SURVIVAL_GROUP} patients in each group: {listed}"
    elif small:
        listed = ", ".join(f"{name} ({n})" for name, n in small)
        notes = (f"left out of {test} for fewer than {SURVIVAL_GROUP} patients: {listed}",)
    rows = large[index]
    places = (np.cumsum(large) - 1)[index[rows]]
    kept_names = tuple(name for name, kept in zip(names, large, strict=True) if kept)
    return Compared(rows, places, kept_names, notes, refused)


def group_events(
    names: Sequence[str],
    index: ClusterArray,
    occurred: BoolArray,
    expected: dict[str, float] | None = None,
) -> tuple[GroupEvents, ...]:
    """Count patients and events of each group, with the expected events of those tested.

    Parameters
    ----------
    names
        Names of the groups.
    index
        Place of each patient's group among the names, shape (n,).
    occurred
        Whether the patient had the event, shape (n,).
    expected
        Expected events by name of group.

    Returns
    -------
    tuple of GroupEvents
        In the order of the names.

    Examples
    --------
    >>> group_events(["a"], np.array([0, 0]), np.array([True, False]))
    (GroupEvents(group='a', n=2, events=1, expected=None),)
    """
    sizes = np.bincount(index, minlength=len(names)).tolist()
    counts = np.bincount(index[occurred], minlength=len(names)).tolist()
    known = expected or {}
    rows = zip(names, sizes, counts, strict=True)
    return tuple(GroupEvents(name, n, k, known.get(name)) for name, n, k in rows)
