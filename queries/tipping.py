"""What the missing would have had to be like for the answer of a score to fall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import BASELINE, measures
from queries.absence import vital_status
from queries.cohort import Cohort, Selection, selection
from queries.due import Due, at_visits, dead, due_at
from queries.grouping import EVERYBODY
from queries.reaching import out_of_reach, reached
from queries.responders import chosen_threshold
from queries.scores import planned_visits
from queries.statistics.tipping import delta_tipping, rate_tipping

if TYPE_CHECKING:
    from data.codebook import Measure, Threshold
    from data.warehouse import Reader
    from queries.statistics.results import Comparison
    from queries.statistics.tipping import DeltaTipping, RateTipping

HEADLINE = "m12"


@dataclass(frozen=True)
class TippingRow:
    """One assumption about the missing and what would follow from it.

    Notes
    -----
    `outcome` is ``responders`` (then `responders` of the missing had reached the threshold, and
    `estimate` is a fraction) or ``change`` (then the missing did worse by `delta` than the
    assessed, in the measure's unit). `tipping` stands on every row of its outcome.
    """

    group: str
    measure: str
    visit: str
    outcome: str
    threshold: str | None
    responders: int | None
    delta: float | None
    n: int
    missing: int
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    tipping: float | None


@dataclass(frozen=True)
class Tipping:
    """What the missing could change, at one visit.

    Parameters
    ----------
    visit : str or None
        12 months, or the latest visit whose window had closed for anybody.
    due : Due or None
        Who was due there, for the chosen threshold.
    rate : RateTipping or None
        Responders among the living.
    change : DeltaTipping or None
        Change from baseline among the living who have a baseline.
    without_baseline : int
        Living patients who were due and have no baseline: none of their changes can be made up.
    dead : int
        Patients who had died before the window closed without a value; they are in neither.
    """

    measure: Measure
    threshold: Threshold
    selection: Selection
    visit: str | None
    due: Due | None
    rate: RateTipping | None
    change: DeltaTipping | None
    without_baseline: int
    dead: int
    of_later_sessions: int

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Return no test: assumptions are tried out, not tested."""
        return ()

    @property
    def rows(self) -> tuple[TippingRow, ...]:
        """Return every assumption with what follows from it."""
        if self.visit is None or self.rate is None or self.change is None:
            return ()
        rate, change = self.rate, self.change
        return (
            *(
                TippingRow(
                    *(EVERYBODY, self.measure.code, self.visit, "responders"),
                    *(self.threshold.label, one.responders, None),
                    *(one.proportion.n, rate.missing, one.proportion.rate),
                    *(one.proportion.ci_low, one.proportion.ci_high, rate.responders),
                )
                for one in rate.scenarios
            ),
            *(
                TippingRow(
                    *(EVERYBODY, self.measure.code, self.visit, "change", None, None, one.delta),
                    *(change.n + change.missing, change.missing, one.estimate.value),
                    *(one.estimate.ci_low, one.estimate.ci_high, change.tipping),
                )
                for one in change.scenarios
            ),
        )


def tipping(
    reader: Reader, cohort: Cohort, *, measure: str = "vas", threshold: str | None = None
) -> Tipping:
    """Ask what the living without a value could have been like, and what would follow.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    measure : str
        Code of a patient measure of the codebook that has published thresholds.
    threshold : str, optional
        Label of the threshold; the first one where none is given.

    Raises
    ------
    ValueError
        If the measure has no threshold of that label.
    data.warehouse.RegistryError
        If the registry cannot be read.

    Notes
    -----
    At 12 months, or at the latest visit whose window had closed for anybody; of the patients
    whose window had closed. The dead are in nothing: who died before the window closed and has
    no value in it has no score to make up.

    *Responders.* The missing are the living who could not be judged (without a value, or
    without a baseline where one is needed). The worst case counts none of them as responders,
    the best all of them; the tipping point is the fewest of them that must have responded for
    the interval of the living to lie above one half, a setting.

    *Change.* The missing are the living with a baseline and no value. Each gets the
    Hodges-Lehmann change of the assessed, made worse by delta and kept on the scale; the
    tipping point is the smallest delta at which the interval of all the living touches zero.
    """
    chosen, book = chosen_threshold(measure, threshold), measures()[measure]
    selected, status = selection(reader, cohort), vital_status(reader)
    of_index = status.filter("has_index_session")
    planned = tuple(visit for visit in planned_visits(reader, measure) if visit != BASELINE)
    people = at_visits(reader, of_index, measure, planned)
    closed = set(people.filter("due")["visit"])
    visit = (
        HEADLINE if HEADLINE in closed else next((v for v in planned[::-1] if v in closed), None)
    )
    there = people.filter(pl.col("visit") == visit) if visit else people.clear()
    due = there.filter("due")
    own = due.filter(pl.col("value").is_not_null() | ~pl.col("died"))
    return Tipping(
        measure=book,
        threshold=chosen,
        selection=selected,
        visit=visit,
        due=due_at(chosen, visit, there) if visit else None,
        rate=_rate(due, chosen, book) if visit else None,
        change=_change(own, book) if visit else None,
        without_baseline=own.filter(pl.col("baseline").is_null()).height,
        dead=due.height - own.height,
        of_later_sessions=status.height - of_index.height,
    )


def _rate(due: pl.DataFrame, threshold: Threshold, measure: Measure) -> RateTipping:
    living = due.filter(~dead(threshold) & ~out_of_reach(threshold, measure))
    judged = living.select(reached(threshold, measure).alias("reached"))["reached"].drop_nulls()
    return rate_tipping(int(judged.sum()), judged.len(), living.height - judged.len())


def _change(living: pl.DataFrame, measure: Measure) -> DeltaTipping:
    known = living.filter(pl.col("baseline").is_not_null())
    missing = known.filter(pl.col("value").is_null())["baseline"]
    change = (known["value"] - known["baseline"]).drop_nulls()
    low, high = measure.minimum - missing, measure.maximum - missing
    best, worst = (low, high) if measure.better == "lower" else (high, low)
    return delta_tipping(
        change.to_numpy(), best.to_numpy(), worst.to_numpy(), better=measure.better
    )
