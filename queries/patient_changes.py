"""What changed in one patient, against published thresholds and the measurement error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

from data.codebook import BASELINE, measures, selectable_measures, thresholds, visits
from queries.courses import courses
from queries.reaching import already_there, needed_measures, out_of_reach, reached
from queries.scores import with_change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.codebook import Measure, Threshold

State = Literal["reached", "not reached", "out of reach", "already there", "not judged"]
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Judgement:
    """One published threshold against one score of the patient.

    Notes
    -----
    Out of reach: even the best value of the scale would not be enough from this baseline.
    Already there: a final value that the patient had before the operation. Not judged: a value
    or a baseline that it needs is missing.
    """

    threshold: Threshold
    state: State


@dataclass(frozen=True)
class ScoreChange:
    """A score at a scheduled visit after the operation, and its change since before.

    Parameters
    ----------
    change : float or None
        In the measure's unit; None without a baseline.
    within_error : bool or None
        Whether the change lies inside the measurement error; None where the codebook names none.
    judged : tuple of Judgement
        Every published threshold of the measure.
    """

    measure: str
    visit: str
    day: int | None
    baseline: float | None
    value: float
    change: float | None
    within_error: bool | None
    judged: tuple[Judgement, ...]


@dataclass(frozen=True)
class LevelCourse:
    """A height or an angle of one treated level: before, after, at the last film.

    Notes
    -----
    `gain` is after less before the operation, `loss` the last film less after; those named
    `within_error` are None where the change is, or where the codebook names no error.
    """

    measure: str
    procedure_id: str
    level: str
    reference: float | None
    pre: float | None
    post: float | None
    last: float | None
    last_visit: str | None
    gain: float | None
    loss: float | None
    gain_within_error: bool | None
    loss_within_error: bool | None


def score_changes(scores: pl.DataFrame) -> tuple[ScoreChange, ...]:
    """Compare every score after the operation with the one before.

    Parameters
    ----------
    scores : polars.DataFrame
        measure, visit, value and day of one patient.
    """
    changed = with_change(scores.filter(pl.col("visit").is_in(list(visits()))), key="measure")
    return tuple(
        change
        for measure in selectable_measures("patient")
        for change in _changes(measure, changed)
    )


def _changes(measure: Measure, changed: pl.DataFrame) -> Iterator[ScoreChange]:
    published = thresholds(measure.code)
    others = {code for one in published for code in needed_measures(one)} - {measure.code}
    mine = changed.filter(measure=measure.code)
    for code in sorted(others):
        beside = changed.filter(measure=code).select(
            "visit", pl.col("value", "baseline").name.suffix(f" {code}")
        )
        before = beside[f"baseline {code}"].first()
        mine = mine.join(beside, on="visit", how="left").with_columns(
            pl.lit(before, pl.Float64).alias(f"baseline {code}")
        )
    judged = mine.with_columns(
        _state(threshold, measure).alias(f"state {place}")
        for place, threshold in enumerate(published)
    )
    rows = {row["visit"]: row for row in judged.to_dicts()}
    for visit in visits():
        if visit == BASELINE or visit not in rows:
            continue
        row = rows[visit]
        yield ScoreChange(
            measure=measure.code,
            visit=visit,
            day=row["day"],
            baseline=row["baseline"],
            value=row["value"],
            change=row["change"],
            within_error=_within(row["change"], measure.error),
            judged=tuple(
                Judgement(threshold, row[f"state {place}"])
                for place, threshold in enumerate(published)
            ),
        )


def _state(threshold: Threshold, measure: Measure) -> pl.Expr:
    return (
        pl.when(already_there(threshold, measure))
        .then(pl.lit("already there"))
        .when(out_of_reach(threshold, measure))
        .then(pl.lit("out of reach"))
        .when(reached(threshold, measure))
        .then(pl.lit("reached"))
        .when(reached(threshold, measure).is_null())
        .then(pl.lit("not judged"))
        .otherwise(pl.lit("not reached"))
    )


def _within(change: float | None, error: float | None) -> bool | None:
    if change is None or error is None:
        return None
    return abs(change) <= error + TOLERANCE


def level_courses(films: pl.DataFrame) -> tuple[LevelCourse, ...]:
    """Describe gain and loss of every height and angle of every treated level.

    Parameters
    ----------
    films : polars.DataFrame
        patient_id, procedure_id, level, position, measure, visit and value of one patient.
    """
    return tuple(
        course for measure in selectable_measures("level") for course in _courses(measure, films)
    )


def _courses(measure: Measure, films: pl.DataFrame) -> Iterator[LevelCourse]:
    planned = tuple(visits())
    of_measure = films.filter(
        (pl.col("measure") == measure.code) & pl.col("visit").is_in(list(planned))
    )
    expected = dict(
        films.filter(pl.col("measure") == (measure.reference_measure or ""))
        .group_by("procedure_id")
        .agg(pl.col("value").mean())
        .iter_rows()
    )
    for row in courses(of_measure, planned).to_dicts():
        yield LevelCourse(
            measure=measure.code,
            procedure_id=row["procedure_id"],
            level=row["level"],
            reference=expected.get(row["procedure_id"]),
            pre=row["pre"],
            post=row["post"],
            last=row["last"],
            last_visit=row["last_visit"],
            gain=row["gain"],
            loss=row["loss"],
            gain_within_error=_within(row["gain"], measures()[measure.code].error),
            loss_within_error=_within(row["loss"], measures()[measure.code].error),
        )
