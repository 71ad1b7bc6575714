"""Where the cement went: locations, with symptoms, by the way in which one looked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import LEAK_LOCATIONS, LEAK_MODALITIES
from queries.cohort import UNRECORDED, Cohort, Selection
from queries.grouping import EVERYBODY
from queries.leaks import treated_levels
from queries.statistics.correlation import anova_icc
from queries.statistics.proportions import clustered_proportion, counted_proportion

if TYPE_CHECKING:
    from data.warehouse import Reader
    from queries.statistics.results import Comparison, Proportion

SYMPTOMS = ("yes", "no", UNRECORDED)
DEPTHS = (
    (),
    ("location",),
    ("location", "symptoms"),
    ("location", "symptoms", "modality"),
)
ORDERS = {
    "location": (*LEAK_LOCATIONS, UNRECORDED),
    "symptoms": SYMPTOMS,
    "modality": (*LEAK_MODALITIES, UNRECORDED),
}


@dataclass(frozen=True)
class Branch:
    """Leaking levels and their patients at one place of the hierarchy.

    Notes
    -----
    A field that is ``all`` is not divided there: the root is ``all`` in each, a location has
    ``all`` symptoms and modalities. A level with leaks at two locations stands in both, so that
    locations need not add up to the root; below a location everything adds up in levels.
    """

    group: str
    location: str
    symptoms: str
    modality: str
    levels: int
    patients: int


@dataclass(frozen=True)
class At:
    """One location: how many of all levels looked at leaked there, and how many with symptoms.

    Notes
    -----
    `leaked` uses the intraclass correlation of leaks wherever they lie; `symptomatic` counts
    among the levels leaking here for which that was recorded. `routes` counts levels by the way
    that the cement took, after Yeom.
    """

    location: str
    leaked: Proportion
    of_patients: Proportion
    symptomatic: Proportion
    routes: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Locations:
    """Where the cement of a cohort went.

    Parameters
    ----------
    branches : tuple of Branch
        The hierarchy from the root down, each branch followed by its own branches.
    places : tuple of At
        The locations, in the order of the vocabulary.
    symptomatic : Proportion
        Levels with symptoms among the leaking levels for which that was recorded.
    looked, not_looked_for : int
        Levels at which somebody looked for a leak, and at which nobody did.
    leaks : polars.DataFrame
        One row per leaking level and location: patient_id, procedure_id, level, operated_on,
        location, routes (list), symptoms, modality.
    """

    selection: Selection
    branches: tuple[Branch, ...]
    places: tuple[At, ...]
    symptomatic: Proportion
    looked: int
    not_looked_for: int
    leaks: pl.DataFrame
    comparisons: tuple[Comparison, ...] = ()

    @property
    def rows(self) -> tuple[Branch, ...]:
        """Return the descriptive table."""
        return self.branches


def locations(reader: Reader, cohort: Cohort) -> Locations:
    """Count leaks by location, symptoms and the way in which one looked.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.

    Notes
    -----
    The unit is the treated level: one with several leaks counts once at each of its locations.
    Symptoms are recorded for the level and not for each location, so a symptomatic level counts
    as symptomatic at all of its locations. Without a symptomatic leak the upper bound of the
    interval is given.
    """
    treated = treated_levels(reader, cohort)
    looked = treated.looked
    leaks = _leaks(looked)
    return Locations(
        selection=treated.selection,
        branches=_branches(leaks),
        places=_places(leaks, looked),
        symptomatic=_symptomatic(leaks.unique("procedure_id", maintain_order=True)),
        looked=looked.height,
        not_looked_for=treated.rows.height - looked.height,
        leaks=leaks.drop("cluster"),
    )


def _leaks(looked: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each leaking level and each of its locations."""
    answer = pl.col("leak_symptomatic")
    return (
        looked.filter(pl.col("leak"))
        .with_columns(
            pl.when(answer)
            .then(pl.lit("yes"))
            .when(~answer)
            .then(pl.lit("no"))
            .otherwise(pl.lit(UNRECORDED))
            .alias("symptoms"),
            pl.col("leak_modality").fill_null(UNRECORDED).alias("modality"),
        )
        .explode("locations", "routes", empty_as_null=True)
        .with_columns(
            pl.col("locations").fill_null(UNRECORDED).alias("location"),
            pl.col("routes").fill_null(UNRECORDED),
        )
        .group_by("procedure_id", "location", maintain_order=True)
        .agg(
            pl.col("patient_id", "cluster", "level", "operated_on", "symptoms", "modality").first(),
            pl.col("routes").unique(maintain_order=True),
        )
    )


def _branches(leaks: pl.DataFrame) -> tuple[Branch, ...]:
    found = []
    for fields in DEPTHS:
        counts = (pl.col("procedure_id").n_unique(), pl.col("patient_id").n_unique())
        rows = leaks.group_by(fields).agg(counts) if fields else leaks.select(counts)
        for row in rows.to_dicts():
            location, symptoms, modality = (str(row.get(field, EVERYBODY)) for field in ORDERS)
            levels, patients = row["procedure_id"], row["patient_id"]
            found.append(Branch(EVERYBODY, location, symptoms, modality, levels, patients))
    return tuple(sorted(found, key=_place))


def _place(branch: Branch) -> tuple[int, ...]:
    """Return the place of a branch: below its parent, before the next of its parent."""
    return tuple(
        -1 if code == EVERYBODY else order.index(code)
        for order, code in zip(
            ORDERS.values(), (branch.location, branch.symptoms, branch.modality), strict=True
        )
    )


def _places(leaks: pl.DataFrame, looked: pl.DataFrame) -> tuple[At, ...]:
    split = leaks.partition_by("location", as_dict=True)
    order = ORDERS["location"]
    icc = anova_icc(looked["leak"].to_numpy(), looked["cluster"].to_numpy())
    return tuple(_at(code, split[code,], looked, icc) for code in order if (code,) in split)


def _at(location: str, here: pl.DataFrame, looked: pl.DataFrame, icc: float | None) -> At:
    leaked = looked["procedure_id"].is_in(here["procedure_id"].implode()).to_numpy()
    clusters = looked["cluster"].to_numpy()
    routes = here.explode("routes").group_by("routes").len().sort("routes")
    return At(
        location=location,
        leaked=clustered_proportion(leaked, clusters, icc=icc),
        of_patients=counted_proportion(here["cluster"].n_unique(), looked["cluster"].n_unique()),
        symptomatic=_symptomatic(here),
        routes=tuple(routes.iter_rows()),
    )


def _symptomatic(leaking: pl.DataFrame) -> Proportion:
    told = leaking.filter(pl.col("symptoms") != UNRECORDED)
    return clustered_proportion((told["symptoms"] == "yes").to_numpy(), told["cluster"].to_numpy())
