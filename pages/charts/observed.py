"""The change at every visit by complete pairs and by models of every observed value."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING

import polars as pl

from pages.charts.groups import MARK_SCHEMA, Grouped, groups_chart
from pages.charts.trajectory import drawn_visits, y_title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pages.charts.drawing import Drawing
    from pages.charts.theme import Palette
    from queries.observed import ByMethod
    from queries.trajectory import Trajectory


def observed_chart(
    answer: Trajectory, methods: Sequence[ByMethod], colours: Palette, names: dict[str, str]
) -> Drawing:
    """Draw the estimated change of each method at every visit, with its interval and n.

    Parameters
    ----------
    methods : sequence of ByMethod
        As `queries.observed.by_method` returns them.
    names : dict of str to str
        The words beside each method's line, in their order.
    """
    drawn = [name for name in names if any(found.method == name for found in methods)]
    built = Grouped(
        visits=drawn_visits(answer, "change"),
        n_groups=len(drawn),
        domain=_domain(answer, methods),
        decimals=answer.measure.decimals,
        y_title=y_title(answer, "change"),
        n_title="patients with both values, or with a value at the visit",
        zero=True,
    )
    marks = [(m.method, m.visit, m.n, m.estimate, m.ci_low, m.ci_high) for m in methods]
    return groups_chart(
        built,
        colours,
        pl.DataFrame(marks, schema=MARK_SCHEMA, orient="row"),
        [(name, names[name]) for name in drawn],
    )


def _domain(answer: Trajectory, methods: Sequence[ByMethod]) -> tuple[float, float]:
    """Return an axis that holds every interval and zero, in steps of a tenth of the scale."""
    ends = [end for m in methods for end in (m.estimate, m.ci_low, m.ci_high) if end is not None]
    step = (answer.measure.maximum - answer.measure.minimum) / 10
    low, high = min([0.0, *ends]), max([0.0, *ends])
    return floor(low / step) * step, max(ceil(high / step), 1) * step
