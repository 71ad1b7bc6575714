"""The change at every visit by complete pairs, and by models of every observed value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from queries.grouping import EVERYBODY
from queries.modelled import ALIVE, MIXED

if TYPE_CHECKING:
    from queries.trajectory import Trajectory

PAIRS, MEAN_OF_PAIRS = "pairs", "mean of pairs"
METHODS = (PAIRS, MEAN_OF_PAIRS, MIXED, ALIVE)


@dataclass(frozen=True)
class ByMethod:
    """The estimated change from baseline at one visit by one method.

    Notes
    -----
    `n` are the complete pairs, or for a model the patients with a value at the visit; `method`
    is one of `METHODS`. `refused` is the reason in words where there is no estimate.
    """

    method: str
    visit: str
    n: int
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    refused: str | None


def by_method(answer: Trajectory) -> tuple[ByMethod, ...]:
    """Set complete pairs beside the models of every observed value.

    Notes
    -----
    The pairs stand twice, as Hodges-Lehmann median (the answer) and as mean with its t
    interval: the models estimate means, and only the distance from the mean of the pairs tells
    what the values of those without both visits add.
    """
    rows = {row.visit: row for row in answer.rows if row.group == EVERYBODY}
    found = []
    for test in answer.paired:
        visit = str(test.visit)
        row = rows[visit]
        found += [
            ByMethod(PAIRS, visit, test.n_patients, test.estimate, test.ci_low, test.ci_high, None),
            ByMethod(
                MEAN_OF_PAIRS,
                visit,
                row.n_change,
                row.change_mean,
                row.change_mean_low,
                row.change_mean_high,
                None,
            ),
        ]
        for method in (MIXED, ALIVE):
            entry = next((e for e in test.sensitivity if e.name.startswith(method)), None)
            if entry is None:
                continue
            refused = None if entry.estimate is not None else entry.name
            found.append(
                ByMethod(method, visit, row.n, entry.estimate, entry.ci_low, entry.ci_high, refused)
            )
    return tuple(found)
