"""How much height the operation restored, by each of the four formulas in use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

from data.codebook import AFTER_OPERATION, BASELINE, measures
from queries.cohort import Cohort, Selection, selection
from queries.films import FilmKinds, film_kinds, level_values
from queries.grouping import EVERYBODY
from queries.pairs import patient_means
from queries.statistics.descriptive import describe
from queries.statistics.limits import LEAST_LOST_MM, LEAST_LOST_SHARE
from queries.statistics.pseudomedian import hodges_lehmann
from queries.thinned import dots

if TYPE_CHECKING:
    from data.codebook import Measure
    from data.warehouse import Reader
    from queries.statistics.results import Comparison, Estimate

Formula = Literal["mm", "fractured_height", "lost_height", "expected_height"]
TOLERANCE = 1e-9
FORMULAS: tuple[Formula, ...] = ("mm", "fractured_height", "lost_height", "expected_height")


@dataclass(frozen=True)
class RestorationRow:
    """The restoration of one height by one formula.

    Notes
    -----
    `n_levels` have a value; `no_reference` lack an expected height, `too_little_lost` had lost
    too little for a share of the loss. Quantiles are linear over levels. `estimate` is the
    Hodges-Lehmann pseudomedian of the means over each patient's levels, with its 95 % interval.
    """

    group: str
    measure: str
    formula: str
    visit: str
    n_levels: int
    n_patients: int
    no_reference: int
    too_little_lost: int
    median: float | None
    q1: float | None
    q3: float | None
    mean: float | None
    sd: float | None
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    ci_level: float | None


@dataclass(frozen=True)
class Restoration:
    """The restoration of one height up to one visit.

    Parameters
    ----------
    formula : str
        The one whose single levels are drawn.
    every : tuple of RestorationRow
        All four formulas on the same films.
    rows : tuple of RestorationRow
        Those asked for: one formula where one was named, else all.
    levels : polars.DataFrame
        restored (by `formula`), kind (the gain beside the measurement error: ``within``,
        ``worse``, ``better``, ``no error on record``) and together, the levels that a row stands
        for; up to 300 that is 1, and patient_id, procedure_id, level, pre, at and reference are
        there.
    patients : polars.DataFrame
        restored (mean of the levels) and together, as above with patient_id and n_levels.
    """

    measure: Measure
    formula: Formula
    visit: str
    selection: Selection
    every: tuple[RestorationRow, ...]
    rows: tuple[RestorationRow, ...]
    kinds: FilmKinds
    levels: pl.DataFrame
    patients: pl.DataFrame
    comparisons: tuple[Comparison, ...] = ()

    @property
    def shown(self) -> RestorationRow:
        """Return the row of the formula that is drawn."""
        return next(row for row in self.every if row.formula == self.formula)


def restoration(
    reader: Reader,
    cohort: Cohort,
    *,
    measure: str = "height_anterior",
    formula: Formula | None = None,
    visit: str = AFTER_OPERATION,
    posture: str | None = None,
) -> Restoration:
    """Measure the height restored at the operation, or kept up to a later visit.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    measure : str
        Code of a height of the codebook, one with a reference.
    formula : {"mm", "fractured_height", "lost_height", "expected_height"}, optional
        The formula of the rows; all four where none is named.
    visit : str
        A visit after the operation up to which the gain is taken.
    posture : str, optional
        Keep the films taken in one posture; all stand together where none is named.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.

    Notes
    -----
    With the height before the operation, the height at the visit and the expected height of the
    same level, four formulas are in use, and the same films give results that differ several-fold
    [1]_: *mm*: the gain; *fractured_height*: the gain in per cent of the height before;
    *lost_height*: in per cent of the height lost before (often called the restoration rate);
    *expected_height*: in per cent of the expected height. The share of the lost height explodes
    where little was lost, so it is null where less than the larger of 2 mm and 10 % of the
    expected height was lost (a setting, not a published limit); such levels are counted. It may
    be negative, or above 100. The estimate rests on one mean per patient; it is no test: whether
    the height changed is tested by the question *alignment*.

    References
    ----------
    .. [1] Spine 2003;28:2517-2521: the same restoration varies nearly four-fold with the method
       of its calculation.
    """
    selected = selection(reader, cohort)
    described = measures()[measure]
    values = level_values(reader, described, selected, posture=posture)
    levels = _levels(values, visit)
    every = tuple(_row(levels, described, one, visit) for one in FORMULAS)
    chosen: Formula = formula or FORMULAS[0]
    drawn = levels.filter(pl.col(chosen).is_not_null()).with_columns(restored=pl.col(chosen))
    drawn = drawn.with_columns(kind=_kind(described))
    shown = ("patient_id", "procedure_id", "level", "pre", "at", "reference", "restored", "kind")
    return Restoration(
        measure=described,
        formula=chosen,
        visit=visit,
        selection=selected,
        every=every,
        rows=tuple(row for row in every if formula in (None, row.formula)),
        kinds=film_kinds(values, described, posture),
        levels=dots(drawn.select(shown), "restored", keep=["kind"]),
        patients=dots(_patients(drawn), "restored"),
    )


def _levels(values: pl.DataFrame, visit: str) -> pl.DataFrame:
    before = values.filter(pl.col("visit") == BASELINE).select(
        "procedure_id", "reference", pre="value"
    )
    here = values.filter(pl.col("visit") == visit).select(
        "patient_id", "procedure_id", "level", "position", at="value"
    )
    gain, lost = pl.col("at") - pl.col("pre"), pl.col("reference") - pl.col("pre")
    least = pl.max_horizontal(pl.lit(LEAST_LOST_MM), LEAST_LOST_SHARE * pl.col("reference"))
    enough = lost >= least - TOLERANCE
    return (
        here.join(before, on="procedure_id")
        .with_columns(pl.when(pl.col("reference") > 0).then("reference").alias("reference"))
        .with_columns(
            gain.round(9).alias("mm"),
            (100 * gain / pl.col("pre")).round(9).alias("fractured_height"),
            pl.when(enough).then((100 * gain / lost).round(9)).alias("lost_height"),
            (100 * gain / pl.col("reference")).round(9).alias("expected_height"),
            (~enough).alias("too_little"),
        )
        .sort("patient_id", "position", "procedure_id")
    )


def _row(levels: pl.DataFrame, measure: Measure, formula: Formula, visit: str) -> RestorationRow:
    here = levels.filter(pl.col(formula).is_not_null())
    summary = describe(here[formula].to_numpy())
    found = _estimate(here, formula)
    needs = formula in ("lost_height", "expected_height")
    return RestorationRow(
        group=EVERYBODY,
        measure=measure.code,
        formula=formula,
        visit=visit,
        n_levels=summary.n,
        n_patients=here["patient_id"].n_unique(),
        no_reference=levels["reference"].null_count() if needs else 0,
        too_little_lost=int(levels["too_little"].sum()) if formula == "lost_height" else 0,
        median=summary.median,
        q1=summary.q1,
        q3=summary.q3,
        mean=summary.mean,
        sd=summary.sd,
        estimate=found.value if found else None,
        ci_low=found.ci_low if found else None,
        ci_high=found.ci_high if found else None,
        ci_level=found.ci_level if found else None,
    )


def _estimate(here: pl.DataFrame, formula: Formula) -> Estimate | None:
    return hodges_lehmann(patient_means(here, formula)) if here.height else None


def _kind(measure: Measure) -> pl.Expr:
    if measure.error is None:
        return pl.lit("no error on record")
    return (
        pl.when(pl.col("mm") > measure.error + TOLERANCE)
        .then(pl.lit("better"))
        .when(pl.col("mm") < -measure.error - TOLERANCE)
        .then(pl.lit("worse"))
        .otherwise(pl.lit("within"))
    )


def _patients(levels: pl.DataFrame) -> pl.DataFrame:
    return levels.group_by("patient_id", maintain_order=True).agg(
        pl.col("restored").mean(), pl.len().alias("n_levels")
    )
