"""Did the treated levels hold? Each patient's change since the film after the operation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import AFTER_OPERATION, BASELINE, measures, visits
from queries.cohort import Cohort, Selection, selection
from queries.equivalence import PERCENT, Judged, equivalence
from queries.films import FilmKinds, film_kinds, level_values
from queries.grouping import EVERYBODY
from queries.scores import planned_visits
from queries.statistics.results import Estimate
from queries.thinned import neighbours

if TYPE_CHECKING:
    from data.codebook import Measure
    from data.warehouse import Reader
    from queries.statistics.results import Comparison

TOLERANCE = 1e-9


@dataclass(frozen=True)
class HeldRow:
    """The patients' mean changes between the film after the operation and one visit.

    Notes
    -----
    `within`, `worse` and `better` count patients whose mean change lies inside the measurement
    error or beyond it; None where the codebook names no error.
    """

    group: str
    measure: str
    visit: str
    versus: str
    n_patients: int
    n_levels: int
    within: int | None
    worse: int | None
    better: int | None


@dataclass(frozen=True)
class Held:
    """Whether a measure stayed where it was after the operation.

    Parameters
    ----------
    in_percent : bool
        Whether `means`, `margin` and the changes are in per cent of the reference height, which
        is so where the margin is.
    margin : float or None
        Largest change of the mean that still counts as stable.
    rows : tuple of HeldRow
        One for each planned visit after the film after the operation.
    judged : tuple of Judged
        The verdict of each of these visits that was attended.
    means : tuple of (str, Estimate)
        Visit, and the mean change of patient means with its 90 % interval in the unit shown.
    patients : polars.DataFrame
        In order of change: visit, change (mean of the patient's levels, in the unit shown), kind
        (``within``, ``worse``, ``better`` or ``no error on record``) and together, the patients
        of a row; up to 200 patients at a visit that is 1, and patient_id, n_levels and levels
        (their names) are there, which are null above.
    beyond : polars.DataFrame
        patient_id, visit, level, change, raw and kind of the single levels that changed by more
        than the measurement error, which a patient's mean may hide; up to 200 patients at the
        visit.
    """

    measure: Measure
    selection: Selection
    in_percent: bool
    margin: float | None
    rows: tuple[HeldRow, ...]
    judged: tuple[Judged, ...]
    means: tuple[tuple[str, Estimate], ...]
    kinds: FilmKinds
    patients: pl.DataFrame
    beyond: pl.DataFrame

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Return the verdict of every visit."""
        return tuple(judged.test for judged in self.judged)

    @property
    def visits(self) -> tuple[str, ...]:
        """Return the visits that are judged, in order of time."""
        return tuple(str(judged.test.visit) for judged in self.judged)


def stability(
    reader: Reader,
    cohort: Cohort,
    *,
    measure: str = "kyphosis_angle",
    posture: str | None = None,
) -> Held:
    """Judge whether a height or an angle held after the operation, patient by patient.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    measure : str
        Code of a level measure of the codebook.
    posture : str, optional
        Keep the films taken in one posture; all stand together where none is named.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.

    Notes
    -----
    The verdicts are those of the question *alignment*: two one-sided t tests on one mean change
    per patient, from the first film after the operation to each visit, against the margin of the
    codebook. Where the margin is a percentage of the reference height, changes are shown in that
    unit. A patient is *within* the measurement error where the mean change of the levels, in the
    measure's own unit, is not larger than the error of a single reading; since a mean of several
    levels is more certain than one reading, this errs on the side of calling a change noise.
    """
    selected = selection(reader, cohort)
    described = measures()[measure]
    planned = planned_visits(reader, measure)
    values = level_values(reader, described, selected, posture=posture)
    judged = equivalence(
        values,
        planned,
        described,
        in_percent=False,
        n_patients=selected.n_patients,
        exploratory=cohort.is_filtered or not described.primary or posture is not None,
    )
    in_percent = described.margin_kind == "percent_of_reference"
    levels = _levels(values, described, in_percent=in_percent)
    patients = _patients(levels, described)
    drawn = _drawn(patients)
    single = drawn.group_by("visit").agg(pl.col("together").max()).filter(pl.col("together") == 1)
    return Held(
        measure=described,
        selection=selected,
        in_percent=in_percent,
        margin=described.margin,
        rows=tuple(
            _row(visit, levels.filter(pl.col("visit") == visit), patients, described)
            for visit in visits_after(planned)
        ),
        judged=judged,
        means=tuple(
            (str(one.test.visit), mean)
            for one in judged
            for mean in [_mean(one.test, in_percent=in_percent)]
            if mean is not None
        ),
        kinds=film_kinds(values, described, posture),
        patients=drawn,
        beyond=levels.filter(
            pl.col("kind").is_in(["worse", "better"])
            & pl.col("visit").is_in(single["visit"].implode())
        ),
    )


def _levels(values: pl.DataFrame, measure: Measure, *, in_percent: bool) -> pl.DataFrame:
    post = values.filter(pl.col("visit") == AFTER_OPERATION).select("procedure_id", post="value")
    raw = (pl.col("value") - pl.col("post")).round(9)
    percent = pl.when(pl.col("reference") > 0).then(100 * raw / pl.col("reference"))
    return (
        values.filter(~pl.col("visit").is_in([BASELINE, AFTER_OPERATION]))
        .join(post, on="procedure_id")
        .with_columns(raw.alias("raw"), (percent if in_percent else raw).alias("change"))
        .filter(pl.col("change").is_not_null())
        .sort("patient_id", "position", "procedure_id")
        .select("patient_id", "visit", "level", "change", "raw", _kind(measure).alias("kind"))
    )


def _patients(levels: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    return (
        levels.group_by("patient_id", "visit", maintain_order=True)
        .agg(
            pl.col("change").mean(),
            pl.col("raw").mean(),
            pl.len().alias("n_levels"),
            pl.col("level").str.join(", ").alias("levels"),
        )
        .with_columns(_kind(measure).alias("kind"))
    )


def _drawn(patients: pl.DataFrame) -> pl.DataFrame:
    """Return the patients of every visit in order, put together where there are too many."""
    parts = [
        neighbours(here.sort("change", "patient_id"), ["change"], keep=["visit", "kind"])
        for here in patients.partition_by("visit", maintain_order=True)
    ]
    empty = patients.clear().with_columns(pl.lit(1, dtype=pl.Int64).alias("together"))
    return pl.concat([empty, *parts], how="diagonal")


def _kind(measure: Measure) -> pl.Expr:
    if measure.error is None:
        return pl.lit("no error on record")
    worse = -pl.col("raw") if measure.better == "higher" else pl.col("raw")
    limit = measure.error + TOLERANCE
    return (
        pl.when(worse > limit)
        .then(pl.lit("worse"))
        .when(-worse > limit)
        .then(pl.lit("better"))
        .otherwise(pl.lit("within"))
    )


def visits_after(planned: tuple[str, ...]) -> tuple[str, ...]:
    """Return the planned visits after the first film after the operation."""
    order = list(visits())
    return tuple(v for v in planned if order.index(v) > order.index(AFTER_OPERATION))


def _row(visit: str, levels: pl.DataFrame, patients: pl.DataFrame, measure: Measure) -> HeldRow:
    here = patients.filter(pl.col("visit") == visit)
    kinds = here["kind"].to_list()
    counts = {kind: kinds.count(kind) for kind in ("within", "worse", "better")}
    return HeldRow(
        group=EVERYBODY,
        measure=measure.code,
        visit=visit,
        versus=AFTER_OPERATION,
        n_patients=here.height,
        n_levels=levels.height,
        **(counts if measure.error is not None else dict.fromkeys(counts)),
    )


def _mean(test: Comparison, *, in_percent: bool) -> Estimate | None:
    """Return the mean change in the unit shown."""
    shown = next((other for other in test.sensitivity if other.name == PERCENT), None)
    value = shown if in_percent else test
    if value is None or value.estimate is None or test.ci_level is None:
        return None
    name = test.estimate_name or ""
    return Estimate(name, value.estimate, value.ci_low, value.ci_high, test.ci_level)
