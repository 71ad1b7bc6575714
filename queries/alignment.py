"""How heights and angles of treated vertebrae ran over the visits: gain, then loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

from data.codebook import AFTER_OPERATION, BASELINE, measures
from queries.change import Contrast, comparisons
from queries.cohort import Cohort, Selection, selection
from queries.equivalence import equivalence
from queries.grouping import EVERYBODY, By, group_order, grouped
from queries.omnibus import omnibus
from queries.statements import statement
from queries.statistics.clusters import cluster_means, clustered_signed_rank
from queries.statistics.descriptive import describe
from queries.statistics.paired import hodges_lehmann, signed_rank
from queries.statistics.proportions import anova_icc, clustered_proportion
from queries.statistics.results import Sensitivity
from queries.trajectory import MOST_LINES, planned_visits, with_change

if TYPE_CHECKING:
    from data.codebook import Measure
    from data.warehouse import Reader
    from queries.equivalence import Judged
    from queries.statistics.results import Comparison, Estimate, FloatArray, Proportion

Scale = Literal["value", "percent_of_reference"]


@dataclass(frozen=True)
class LevelRow:
    """A measurement at one visit in one group, over every level with a value there.

    Notes
    -----
    Quantiles are linear (R's type 7) over levels; they carry no interval, since levels of one
    patient are not independent.
    """

    group: str
    measure: str
    visit: str
    n_levels: int
    n_patients: int
    median: float | None
    q1: float | None
    q3: float | None
    mean: float | None
    sd: float | None


@dataclass(frozen=True)
class Course:
    """One part of the course of the levels: the gain (pre to post) or the loss (post to last).

    Parameters
    ----------
    estimate : Estimate or None
        Hodges-Lehmann pseudomedian of the patients' mean changes.
    worsened, improved : Proportion or None
        Levels that changed by more than the measurement error, clustered by patient; None
        where the codebook names no error in the unit shown.
    """

    name: Literal["gain", "loss"]
    n_levels: int
    n_patients: int
    estimate: Estimate | None
    worsened: Proportion | None
    improved: Proportion | None


@dataclass(frozen=True)
class Alignment:
    """A height or an angle over the visits.

    Parameters
    ----------
    scale : {"value", "percent_of_reference"}
        Unit of the codebook, or per cent of the level's reference height.
    judged : tuple of Judged
        Stability at every visit after the first film after the operation.
    error : float or None
        Smallest detectable change in the unit shown.
    levels : polars.DataFrame or None
        patient_id, procedure_id, level, pre, post, last, last_visit, gain, loss; None where
        more than 5,000 levels would be drawn.
    values : polars.DataFrame or None
        patient_id, procedure_id, level, visit, value, baseline, change and within_error;
        None as above.
    """

    measure: Measure
    scale: Scale
    selection: Selection
    by: By | None
    error: float | None
    rows: tuple[LevelRow, ...]
    paired: tuple[Comparison, ...]
    omnibus: tuple[Comparison, ...]
    judged: tuple[Judged, ...]
    gain: Course
    loss: Course
    levels: pl.DataFrame | None
    values: pl.DataFrame | None

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Return every test of this answer."""
        return (*self.paired, *self.omnibus, *(judged.test for judged in self.judged))

    @property
    def unit(self) -> str:
        """Return the unit of the values shown."""
        return self.measure.unit if self.scale == "value" else "% of the reference height"

    @property
    def visits(self) -> tuple[str, ...]:
        """Return the visits at which anybody in the registry has this measurement."""
        return tuple(dict.fromkeys(row.visit for row in self.rows))


def alignment(
    reader: Reader,
    cohort: Cohort,
    *,
    measure: str = "kyphosis_angle",
    scale: Scale = "value",
    by: By | None = None,
) -> Alignment:
    """Follow one height or angle of the cohort's treated levels over the visits.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    measure : str
        Code of a level measure of the codebook.
    scale : {"value", "percent_of_reference"}
        In the measure's unit, or in per cent of the level's reference height.
    by : str, optional
        Field whose groups are described beside the whole cohort.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.
    """
    selected = selection(reader, cohort)
    described = measures()[measure]
    planned = planned_visits(reader, measure)
    values = _values(reader, described, scale, selected)
    error = described.error if scale == "value" else None
    courses = _courses(values, planned)
    exploratory = cohort.is_filtered or not described.primary
    return Alignment(
        measure=described,
        scale=scale,
        selection=selected,
        by=by,
        error=error,
        rows=_rows(measure, planned, values, selected, by),
        paired=comparisons(_contrasts(values, planned, measure, selected), exploratory=exploratory),
        omnibus=omnibus(
            values,
            planned,
            outcome=measure,
            unit="level",
            n_patients=selected.n_patients,
            exploratory=exploratory,
        ),
        judged=equivalence(
            values,
            planned,
            described,
            in_percent=scale == "percent_of_reference",
            n_patients=selected.n_patients,
            exploratory=exploratory,
        ),
        gain=_course("gain", courses, described, error),
        loss=_course("loss", courses, described, error),
        levels=_few(courses),
        values=_few(_marked(values, error)),
    )


def _values(reader: Reader, measure: Measure, scale: Scale, selected: Selection) -> pl.DataFrame:
    films = reader.fetch(
        statement("alignment"), measure=measure.code, reference=measure.reference_measure
    )
    if scale == "percent_of_reference":
        films = films.with_columns(pl.col("value") * 100 / pl.col("reference"))
    treated = selected.members.select("procedure_id", "level", "position")
    measured = films.filter(pl.col("value").is_not_null())
    return with_change(measured, key="procedure_id").join(treated, on="procedure_id")


def _changes(values: pl.DataFrame, visit: str) -> pl.DataFrame:
    return values.filter((pl.col("visit") == visit) & pl.col("change").is_not_null())


def _means(changes: pl.DataFrame, column: str) -> FloatArray:
    clusters = changes["patient_id"].rank("dense").cast(pl.Int64).to_numpy()
    means, _ = cluster_means(changes[column].to_numpy(), clusters)
    return means


def _contrasts(
    values: pl.DataFrame, planned: tuple[str, ...], measure: str, selected: Selection
) -> list[Contrast]:
    seen = set(values["visit"].to_list()) - {BASELINE}
    return [
        _contrast(_changes(values, visit), measure, visit, selected)
        for visit in planned
        if visit in seen
    ]


def _contrast(changes: pl.DataFrame, measure: str, visit: str, selected: Selection) -> Contrast:
    return Contrast(
        outcome=measure,
        unit="level",
        visit=visit,
        baseline=_means(changes, "baseline"),
        follow_up=_means(changes, "value"),
        n_patients=selected.n_patients,
        n_levels=changes.height,
        sensitivity=_sensitivity(changes),
    )


def _sensitivity(changes: pl.DataFrame) -> tuple[Sensitivity, ...]:
    if changes.is_empty():
        return ()
    differences = changes["change"].to_numpy()
    clusters = changes["patient_id"].rank("dense").cast(pl.Int64).to_numpy()
    levels, shift = signed_rank(differences), hodges_lehmann(differences)
    clustered = clustered_signed_rank(differences, clusters)
    return (
        Sensitivity("levels as independent", levels.p, shift.value, shift.ci_low, shift.ci_high),
        Sensitivity("clustered signed-rank", clustered.p, None, None, None),
    )


def _courses(values: pl.DataFrame, planned: tuple[str, ...]) -> pl.DataFrame:
    order = {visit: place for place, visit in enumerate(planned)}
    later = values.filter(~pl.col("visit").is_in([BASELINE, AFTER_OPERATION]))
    last = (
        later.with_columns(
            pl.col("visit").replace_strict(order, return_dtype=pl.Int64).alias("place")
        )
        .sort("place")
        .group_by("procedure_id", maintain_order=True)
        .agg(pl.col("value").last().alias("last"), pl.col("visit").last().alias("last_visit"))
    )
    pre = values.filter(pl.col("visit") == BASELINE).select("procedure_id", pre="value")
    post = values.filter(pl.col("visit") == AFTER_OPERATION).select("procedure_id", post="value")
    levels = values.select("patient_id", "procedure_id", "level", "position").unique()
    return (
        levels.join(pre, on="procedure_id", how="left")
        .join(post, on="procedure_id", how="left")
        .join(last, on="procedure_id", how="left")
        .with_columns(
            (pl.col("post") - pl.col("pre")).round(9).alias("gain"),
            (pl.col("last") - pl.col("post")).round(9).alias("loss"),
        )
        .sort("patient_id", "position", "procedure_id")
    )


def _course(
    name: Literal["gain", "loss"],
    courses: pl.DataFrame,
    measure: Measure,
    error: float | None,
) -> Course:
    changes = courses.filter(pl.col(name).is_not_null())
    worse = -1.0 if measure.better == "higher" else 1.0
    return Course(
        name=name,
        n_levels=changes.height,
        n_patients=changes["patient_id"].n_unique(),
        estimate=hodges_lehmann(_means(changes, name)) if changes.height else None,
        worsened=_beyond(changes, name, error, worse),
        improved=_beyond(changes, name, error, -worse),
    )


def _beyond(
    changes: pl.DataFrame, name: str, error: float | None, direction: float
) -> Proportion | None:
    if error is None:
        return None
    beyond = (changes[name] * direction > error + 1e-9).to_numpy()
    clusters = changes["patient_id"].rank("dense").cast(pl.Int64).to_numpy()
    return clustered_proportion(beyond, clusters, icc=anova_icc(beyond, clusters))


def _marked(values: pl.DataFrame, error: float | None) -> pl.DataFrame:
    within = pl.col("change").abs() <= error + 1e-9 if error is not None else pl.lit(value=False)
    return values.with_columns(within.alias("within_error"))


def _few(frame: pl.DataFrame) -> pl.DataFrame | None:
    return frame if frame["procedure_id"].n_unique() <= MOST_LINES else None


def _rows(
    measure: str,
    planned: tuple[str, ...],
    values: pl.DataFrame,
    selected: Selection,
    by: By | None,
) -> tuple[LevelRow, ...]:
    rows = [_row(EVERYBODY, measure, visit, values) for visit in planned]
    if by is None:
        return tuple(rows)
    groups = grouped(selected.members, by, "level").select("procedure_id", "group")
    split = values.join(groups, on="procedure_id")
    for group in group_order(by, set(groups["group"])):
        inside = split.filter(pl.col("group") == group)
        rows += [_row(group, measure, visit, inside) for visit in planned]
    return tuple(rows)


def _row(group: str, measure: str, visit: str, values: pl.DataFrame) -> LevelRow:
    here = values.filter(pl.col("visit") == visit)
    summary = describe(here["value"].to_numpy())
    return LevelRow(
        group=group,
        measure=measure,
        visit=visit,
        n_levels=summary.n,
        n_patients=here["patient_id"].n_unique(),
        median=summary.median,
        q1=summary.q1,
        q3=summary.q3,
        mean=summary.mean,
        sd=summary.sd,
    )
