"""How many patients reached a published threshold, among whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import BASELINE, measures, thresholds
from queries.absence import vital_status
from queries.cohort import Cohort, Selection, selection
from queries.due import Due, at_visits, dead, due_at
from queries.grouping import EVERYBODY, By, group_order, grouped
from queries.reaching import already_there, out_of_reach, reached
from queries.responder_groups import responder_groups
from queries.scores import planned_visits
from queries.statistics.proportions import counted_proportion

if TYPE_CHECKING:
    from data.codebook import Measure, Threshold
    from data.warehouse import Reader
    from queries.statistics.results import Comparison, Proportion

AMONG = ("assessed", "alive", "all")


@dataclass(frozen=True)
class ResponderRow:
    """Patients of one group who reached one threshold at one visit, among one denominator.

    Notes
    -----
    `n_excluded` counts those of the same denominator whose baseline cannot reach it.
    """

    group: str
    measure: str
    visit: str
    threshold: Threshold
    among: str
    proportion: Proportion
    n_excluded: int


@dataclass(frozen=True)
class Reach:
    """Patients of the cohort whose baseline cannot reach a threshold, or is there already."""

    threshold: Threshold
    out_of_reach: int
    already_there: int


@dataclass(frozen=True)
class Responders:
    """Responders of a cohort.

    Parameters
    ----------
    threshold : Threshold
        The one whose groups are compared.
    rows : tuple of ResponderRow
        Every group (``all`` first), visit, threshold and denominator.
    due : tuple of Due
        One for each visit after baseline.
    reach : tuple of Reach
        One for each threshold.
    comparisons : tuple of Comparison
        With groups, one per visit attended, adjusted after Holm.
    of_later_sessions : int
        Patients whose operation in the cohort is a later one, so that their baseline belongs to
        an earlier operation; they are in no denominator.
    """

    measure: Measure
    threshold: Threshold
    selection: Selection
    by: By | None
    rows: tuple[ResponderRow, ...]
    due: tuple[Due, ...]
    reach: tuple[Reach, ...]
    comparisons: tuple[Comparison, ...]
    of_later_sessions: int

    @property
    def visits(self) -> tuple[str, ...]:
        """Return the visits whose window had closed for anybody of the cohort."""
        return tuple(row.visit for row in self.due if row.due)


def responders(
    reader: Reader,
    cohort: Cohort,
    *,
    measure: str = "vas",
    threshold: str | None = None,
    by: By | None = None,
) -> Responders:
    """Count who reached the published thresholds of a score at every visit.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    measure : str
        Code of a patient measure of the codebook that has published thresholds.
    threshold : str, optional
        Label of the threshold whose groups are compared; the first one where none is given.
        The rows hold every threshold in any case.
    by : str, optional
        Field whose groups are counted and compared, among the assessed.

    Raises
    ------
    ValueError
        If the measure has no threshold of that label.
    data.warehouse.RegistryError
        If the registry cannot be read.

    Notes
    -----
    Only patients whose visit window had closed by the data date are counted, in three rates
    with one numerator. Among the *assessed*: those with a baseline and a value at the visit;
    a final value needs no baseline. Among the *living* (``alive``): also those without a value,
    who count as failures; those who died before the window closed are not in it, unless they
    were measured in it. Among *all*: the dead count as failures as well. A living patient who
    was measured but has no baseline cannot be judged and counts as a failure in the last two.

    Patients whose baseline cannot reach a threshold (1 point of pain cannot fall by 2; a
    relative threshold at baseline 0) are left out of all three by count. A final value can be
    reached from any baseline; who was there before the operation already stays in, and is
    counted, because such a threshold describes a state and not a change.

    A composite needs all of its scores, before the operation and at the same visit: the
    *assessed* have every one of them, a living patient without one of them counts as missing,
    one who died before the window closed without all of them as dead. Whose baseline cannot
    reach one of its parts is left out of all three by count. The baseline-dependent rule asks
    for the change of the band in which the baseline lies, a baseline between two bands in the
    upper one; below the lowest band it asks nothing, and the patient is left out by count.

    Wilson's interval; without an event, or with only events, the exact limit. Groups are
    compared among the assessed, Holm over the visits; any threshold but the first is
    exploratory.
    """
    chosen, book = chosen_threshold(measure, threshold), measures()[measure]
    selected, status = selection(reader, cohort), vital_status(reader)
    of_index = status.filter("has_index_session")
    planned = tuple(visit for visit in planned_visits(reader, measure) if visit != BASELINE)
    people = at_visits(reader, of_index, measure, planned)
    due = people.filter("due")
    tests: tuple[Comparison, ...] = ()
    if by is not None:
        groups = grouped(selected.members, by, "patient").select("patient_id", "group").unique()
        due = due.join(groups, on="patient_id", how="left")
        first = chosen == thresholds(measure)[0]
        tests = responder_groups(
            due.filter(~out_of_reach(chosen, book)).with_columns(
                reached(chosen, book).alias("reached")
            ),
            planned,
            measure=measure,
            by=by,
            selected=selected,
            exploratory=cohort.is_filtered or not book.primary or not first,
        )
    return Responders(
        measure=book,
        threshold=chosen,
        selection=selected,
        by=by,
        rows=_rows(book, planned, due, by),
        due=tuple(
            due_at(chosen, visit, people.filter(pl.col("visit") == visit)) for visit in planned
        ),
        reach=_reach(book, people.unique("patient_id")),
        comparisons=tests,
        of_later_sessions=status.height - of_index.height,
    )


def chosen_threshold(measure: str, label: str | None) -> Threshold:
    """Return the threshold of a label, the first where none is given."""
    published = {threshold.label: threshold for threshold in thresholds(measure)}
    wanted = label or next(iter(published), "")
    if wanted not in published:
        raise ValueError(
            f"`threshold` must be one of {', '.join(published) or 'none'}, got {label!r}."
        )
    return published[wanted]


def _rows(
    measure: Measure, planned: tuple[str, ...], due: pl.DataFrame, by: By | None
) -> tuple[ResponderRow, ...]:
    counts = _counts(measure, due.with_columns(pl.lit(EVERYBODY).alias("group")))
    groups: tuple[str, ...] = (EVERYBODY,)
    if by is not None:
        counts |= _counts(measure, due)
        groups += group_order(by, set(due["group"]))
    return tuple(
        ResponderRow(
            group=group,
            measure=measure.code,
            visit=visit,
            threshold=threshold,
            among=among,
            proportion=counted_proportion(
                found.get(f"reached {place}", 0), found.get(f"{among} {place}", 0)
            ),
            n_excluded=found.get(f"excluded {among} {place}", 0),
        )
        for group in groups
        for visit in planned
        for found in [counts.get((group, visit), {})]
        for place, threshold in enumerate(thresholds(measure.code))
        for among in AMONG
    )


def _counts(measure: Measure, due: pl.DataFrame) -> dict[tuple[str, str], dict[str, int]]:
    """Count every threshold of every group and visit in one pass."""
    judged: list[pl.Expr] = []
    counts: list[pl.Expr] = []
    for place, threshold in enumerate(thresholds(measure.code)):
        hit, out = pl.col(f"hit {place}"), pl.col(f"out {place}")
        judged += [
            reached(threshold, measure).alias(f"hit {place}"),
            out_of_reach(threshold, measure).alias(f"out {place}"),
        ]
        inside = {
            "reached": hit.fill_null(value=False),
            "assessed": hit.is_not_null(),
            "alive": ~dead(threshold),
            "all": pl.lit(value=True),
        }
        counts += [
            (member & ~out).sum().alias(f"{name} {place}") for name, member in inside.items()
        ]
        counts += [
            (member & out).sum().alias(f"excluded {name} {place}")
            for name, member in inside.items()
        ]
    rows = due.with_columns(judged).group_by("group", "visit").agg(counts).to_dicts()
    return {(row.pop("group"), row.pop("visit")): row for row in rows}


def _reach(measure: Measure, people: pl.DataFrame) -> tuple[Reach, ...]:
    return tuple(
        Reach(
            threshold=threshold,
            out_of_reach=people.filter(out_of_reach(threshold, measure)).height,
            already_there=people.filter(already_there(threshold, measure)).height,
        )
        for threshold in thresholds(measure.code)
    )
