"""Between which values of a measure the cohort lies at each visit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.codebook import measures
from queries.cohort import Cohort, Selection, selection
from queries.grouping import EVERYBODY
from queries.scores import planned_visits
from queries.statements import statement

if TYPE_CHECKING:
    from data.codebook import Measure
    from data.warehouse import Reader
    from queries.statistics.results import Comparison, Unit


@dataclass(frozen=True)
class RangeRow:
    """Quantiles of a measure at one visit; linear (R's type 7), null where there is no value.

    Notes
    -----
    `n_values` counts patients for a patient's measure and levels for a level's, as `unit` says.
    The ends are the 10th and the 90th of a hundred parts (`p10`, `p90`) and the quartiles.
    """

    group: str
    measure: str
    unit: Unit
    visit: str
    n_values: int
    p10: float | None
    q1: float | None
    median: float | None
    q3: float | None
    p90: float | None

    @property
    def n(self) -> int:
        """Return how many values the range rests on."""
        return self.n_values


@dataclass(frozen=True)
class Ranges:
    """The range of one measure over the visits that anybody in the registry attended."""

    measure: Measure
    selection: Selection
    rows: tuple[RangeRow, ...]
    comparisons: tuple[Comparison, ...] = ()

    def at(self, visit: str) -> RangeRow | None:
        """Return the row of a visit, where there is one with a value."""
        return next((row for row in self.rows if row.visit == visit and row.n), None)


def ranges(reader: Reader, cohort: Cohort, *, measure: str = "vas") -> Ranges:
    """Describe the range of one measure in the cohort, to stand behind a patient's values.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    measure : str
        Code of any measure of the codebook.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.
    """
    selected = selection(reader, cohort)
    described = measures()[measure]
    if described.unit_of_analysis == "patient":
        found = reader.fetch(statement("score_ranges"), measure=measure)
    else:
        found = reader.fetch(statement("film_ranges"), film=measure)
    at = {row.pop("visit"): row for row in found.to_dicts()}
    nobody = {"n_values": 0, **dict.fromkeys(("p10", "q1", "median", "q3", "p90"))}
    rows = (
        RangeRow(
            group=EVERYBODY,
            measure=measure,
            unit=described.unit_of_analysis,
            visit=visit,
            **at.get(visit, nobody),
        )
        for visit in planned_visits(reader, measure)
    )
    return Ranges(measure=described, selection=selected, rows=tuple(rows))
