"""How much each patient changed at a visit, and who has no change to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import measures
from queries.cohort import Cohort, Selection, selection
from queries.grouping import EVERYBODY
from queries.pairs import changes_at, left_out
from queries.scores import NO_BASELINE_BELOW, scores

if TYPE_CHECKING:
    from data.codebook import Measure
    from data.warehouse import Reader
    from queries.statistics.results import Comparison

TOLERANCE = 1e-9


@dataclass(frozen=True)
class ImprovementRow:
    """Single changes from baseline at one visit, counted by their direction.

    Notes
    -----
    `n` = `better` + `unchanged` + `worse`, the patients with both values. `better_beyond` and
    `worse_beyond` changed by more than the measurement error of one reading; None where the
    codebook names no error. `zero_baseline` have no percent change.
    """

    group: str
    measure: str
    visit: str
    n: int
    better: int
    unchanged: int
    worse: int
    better_beyond: int | None
    worse_beyond: int | None
    zero_baseline: int


@dataclass(frozen=True)
class Improvement:
    """Each patient's change at every visit.

    Parameters
    ----------
    rows : tuple of ImprovementRow
        One for each visit after baseline that anybody attended.
    values : polars.DataFrame
        patient_id, visit and value, the visit before the operation among them.
    changes : polars.DataFrame
        patient_id, visit, baseline, value, change, percent and direction (``better``,
        ``unchanged``, ``worse``, or ``within error``).
    left_out : tuple of (str, tuple of (str, int))
        For every visit, why the other patients have no change, with their number.
    """

    measure: Measure
    selection: Selection
    rows: tuple[ImprovementRow, ...]
    values: pl.DataFrame
    changes: pl.DataFrame
    left_out: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
    of_later_sessions: int

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Return no test: the change is tested by the question trajectory."""
        return ()

    @property
    def visits(self) -> tuple[str, ...]:
        """Return the visits after baseline that anybody attended."""
        return tuple(row.visit for row in self.rows)


def improvement(reader: Reader, cohort: Cohort, *, measure: str = "vas") -> Improvement:
    """Return how much each patient of the cohort changed from baseline at every visit.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    measure : str
        Code of a patient measure of the codebook.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.

    Notes
    -----
    A single change inside the measurement error of the codebook cannot be told from repeated
    measurement without any change; compared with a tolerance of 1e-9.
    """
    selected, book = selection(reader, cohort), measures()[measure]
    found = scores(reader, measure)
    data_date = reader.registry.data_date
    followed = found.followed
    changes = pl.concat([found.values.clear(), *(changes_at(found.values, v) for v in followed)])
    judged = changes.with_columns(_direction(book).alias("direction")).select(
        *("patient_id", "visit", "baseline", "value", "change", "percent", "direction")
    )
    return Improvement(
        measure=book,
        selection=selected,
        rows=tuple(_row(book, visit, judged) for visit in followed),
        values=found.values.select("patient_id", "visit", "value"),
        changes=judged,
        left_out=tuple(left_out(found.values, followed, found.status, data_date).items()),
        of_later_sessions=found.of_later_sessions,
    )


def _gain(measure: Measure) -> pl.Expr:
    return pl.col("change") * (1 if measure.better == "higher" else -1)


def _direction(measure: Measure) -> pl.Expr:
    error = 0.0 if measure.error is None else measure.error
    inside = (pl.col("change").abs() <= error + TOLERANCE) & (pl.col("change") != 0)
    return (
        pl.when(pl.col("change") == 0)
        .then(pl.lit("unchanged"))
        .when(inside)
        .then(pl.lit("within error"))
        .when(_gain(measure) > 0)
        .then(pl.lit("better"))
        .otherwise(pl.lit("worse"))
    )


def _row(measure: Measure, visit: str, judged: pl.DataFrame) -> ImprovementRow:
    here = judged.filter(pl.col("visit") == visit)
    gains = here.select(_gain(measure).alias("gain"))["gain"]
    beyond = here["direction"]
    known = measure.error is not None
    return ImprovementRow(
        group=EVERYBODY,
        measure=measure.code,
        visit=visit,
        n=here.height,
        better=int((gains > 0).sum()),
        unchanged=int((gains == 0).sum()),
        worse=int((gains < 0).sum()),
        better_beyond=int((beyond == "better").sum()) if known else None,
        worse_beyond=int((beyond == "worse").sum()) if known else None,
        zero_baseline=int((here["baseline"] <= NO_BASELINE_BELOW).sum()),
    )
