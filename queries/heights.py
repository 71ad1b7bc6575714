"""The heights of each treated level before, after and at the last film, beside those expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import AFTER_OPERATION, BASELINE, selectable_measures
from queries.cohort import Cohort, Selection, selection
from queries.courses import courses
from queries.films import FilmKinds, Scale, film_kinds, level_values
from queries.grouping import EVERYBODY
from queries.scores import planned_visits
from queries.statistics.descriptive import describe

if TYPE_CHECKING:
    from data.codebook import Measure
    from data.warehouse import Reader
    from queries.statistics.results import Comparison

LAST = "last"
MOMENTS = (BASELINE, AFTER_OPERATION, LAST)
MOST_LEVELS = 200


@dataclass(frozen=True)
class HeightRow:
    """One height of the levels at one moment: before, after the operation, or the last film.

    Notes
    -----
    `reference` is the median expected height of the same levels, `percent` the median of each
    level's height in per cent of its own expected height, over the `n_with_reference` levels that
    have one. Quantiles are linear over levels and carry no interval, since levels of one patient
    are not independent.
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
    n_with_reference: int
    reference: float | None
    percent: float | None


@dataclass(frozen=True)
class Heights:
    """The heights of a cohort's levels.

    Parameters
    ----------
    measures : tuple of Measure
        The heights: the level measures of the codebook that have a reference.
    rows : tuple of HeightRow
        Every height before, after the operation and at the last film.
    levels : polars.DataFrame or None
        patient_id, procedure_id, level, position, region, measure, pre, post, last, last_visit
        and reference, in the unit asked for; None above 200 levels.
    places : polars.DataFrame
        The same by vertebra (level, position, region, measure): medians over its levels, with
        n_levels and n_patients.
    """

    measures: tuple[Measure, ...]
    scale: Scale
    selection: Selection
    kinds: FilmKinds | None
    rows: tuple[HeightRow, ...]
    levels: pl.DataFrame | None
    places: pl.DataFrame
    comparisons: tuple[Comparison, ...] = ()

    @property
    def n_levels(self) -> int:
        """Return how many levels have any height."""
        return int(self.places.group_by("level").agg(pl.col("n_levels").max())["n_levels"].sum())


def heights(
    reader: Reader,
    cohort: Cohort,
    *,
    scale: Scale = "value",
    posture: str | None = None,
) -> Heights:
    """Set every height of every level beside the height expected there.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    scale : {"value", "percent_of_reference"}
        In mm, or in per cent of the level's reference height.
    posture : str, optional
        Keep the films taken in one posture; all stand together where none is named.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.

    Notes
    -----
    The reference is the height that the source expects at that level (the mean of the same height
    of the nearest unfractured and untreated vertebra above and below); where the readings differ
    between films their mean stands. The last film is the latest after the first one after the
    operation, whenever it was taken. Described, not tested: whether heights changed is a question
    for *alignment*, whether they held for *stability*.
    """
    selected = selection(reader, cohort)
    chosen = tuple(m for m in selectable_measures("level") if m.reference_measure)
    found = [_levels(reader, measure, selected, scale, posture) for measure in chosen]
    levels = pl.concat([one for one, _ in found])
    kinds = next((kinds for _, kinds in found if kinds.n_films), None)
    return Heights(
        measures=chosen,
        scale=scale,
        selection=selected,
        kinds=kinds,
        rows=tuple(_row(levels, measure, moment) for measure in chosen for moment in MOMENTS),
        levels=levels if levels["procedure_id"].n_unique() <= MOST_LEVELS else None,
        places=_places(levels),
    )


def _levels(
    reader: Reader, measure: Measure, selected: Selection, scale: Scale, posture: str | None
) -> tuple[pl.DataFrame, FilmKinds]:
    values = level_values(reader, measure, selected, posture=posture)
    expected = values.group_by("procedure_id").agg(pl.col("reference").mean())
    regions = selected.members.select("procedure_id", "region")
    rows = (
        courses(values, planned_visits(reader, measure.code))
        .join(expected, on="procedure_id", how="left")
        .join(regions, on="procedure_id", how="left")
        .with_columns(measure=pl.lit(measure.code))
    )
    known = pl.when(pl.col("reference") > 0).then(pl.col("reference"))
    shares = [(100 * pl.col(moment) / known).alias(f"{moment} %") for moment in MOMENTS]
    rows = rows.with_columns(shares)
    if scale == "percent_of_reference":
        rows = rows.with_columns(
            *(pl.col(f"{moment} %").alias(moment) for moment in MOMENTS),
            pl.when(known.is_not_null()).then(100.0).alias("reference"),
        )
    shown = rows.select(
        *("patient_id", "procedure_id", "level", "position", "region", "measure"),
        *MOMENTS,
        "last_visit",
        "reference",
        *(f"{moment} %" for moment in MOMENTS),
    ).sort("position", "patient_id", "procedure_id")
    return shown, film_kinds(values, measure, posture)


def _row(levels: pl.DataFrame, measure: Measure, moment: str) -> HeightRow:
    here = levels.filter((pl.col("measure") == measure.code) & pl.col(moment).is_not_null())
    known = here.filter(pl.col("reference").is_not_null())
    summary = describe(here[moment].to_numpy())
    return HeightRow(
        group=EVERYBODY,
        measure=measure.code,
        visit=moment,
        n_levels=summary.n,
        n_patients=here["patient_id"].n_unique(),
        median=summary.median,
        q1=summary.q1,
        q3=summary.q3,
        mean=summary.mean,
        sd=summary.sd,
        n_with_reference=known.height,
        reference=describe(known["reference"].to_numpy()).median,
        percent=describe(known[f"{moment} %"].drop_nulls().to_numpy()).median,
    )


def _places(levels: pl.DataFrame) -> pl.DataFrame:
    return (
        levels.group_by("level", "position", "region", "measure")
        .agg(
            pl.col(*MOMENTS, "reference").median(),
            pl.len().alias("n_levels"),
            pl.col("patient_id").n_unique().alias("n_patients"),
        )
        .sort("position", "measure")
    )
