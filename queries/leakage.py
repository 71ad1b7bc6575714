"""How many treated levels leaked cement, where, and with symptoms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from data.codebook import LEAK_LOCATIONS
from queries.cohort import UNRECORDED, Cohort, Selection, selection
from queries.grouping import EVERYBODY, By, group_label, group_order, grouped
from queries.member_rows import member_rows
from queries.statements import statement
from queries.statistics.limits import FRAGILE_BELOW
from queries.statistics.proportion_groups import compare_proportions
from queries.statistics.proportions import anova_icc, clustered_proportion, no_event_upper
from queries.statistics.rate_difference import rate_difference
from queries.statistics.rate_intervals import rate_intervals
from queries.statistics.results import Comparison

if TYPE_CHECKING:
    from data.warehouse import Reader
    from queries.statistics.proportion_groups import ProportionComparison
    from queries.statistics.results import BoolArray, ClusterArray, Proportion, Sensitivity

UNRECORDED_PLACE = "unrecorded"
PAIR = 2
CIRCULAR = "the groups are made by the outcome itself"


@dataclass(frozen=True)
class LeakRow:
    """Leaks of one group: levels with at least one leak among the levels looked at.

    Notes
    -----
    `per_level` is clustered by patient with the intraclass correlation of the whole cohort;
    `per_patient` counts patients with a leak at any level looked at.
    """

    group: str
    per_level: Proportion
    per_patient: Proportion
    not_looked_for: int
    symptomatic: int


@dataclass(frozen=True)
class Place:
    """One location of leaks: levels and patients that have it, and levels with symptoms."""

    location: str
    levels: int
    patients: int
    symptomatic: int
    routes: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class UpperBounds:
    """What the absence of an event cannot exclude, as fractions, at 95 % confidence."""

    levels_independent: float
    levels_clustered: float
    patients: float


@dataclass(frozen=True)
class Leakage:
    """Cement leakage of a cohort.

    Parameters
    ----------
    rows : tuple of LeakRow
        The whole cohort (``all``) first, then the groups.
    symptomatic : Proportion
        Levels with a symptomatic leak among the levels looked at.
    symptoms_unrecorded : int
        Leaking levels for which nobody recorded whether they had symptoms.
    no_symptoms : UpperBounds or None
        Given where no leak was symptomatic.
    places : tuple of Place
        A level with several leaks stands in several places.
    comparisons : tuple of Comparison
        With `by`, the one test of the rates between the groups.
    other_intervals : tuple of Sensitivity
        The interval of the whole cohort's rate as if levels were independent.
    """

    selection: Selection
    by: By | None
    rows: tuple[LeakRow, ...]
    symptomatic: Proportion
    symptoms_unrecorded: int
    no_symptoms: UpperBounds | None
    places: tuple[Place, ...]
    modalities: tuple[tuple[str, int], ...]
    comparisons: tuple[Comparison, ...]
    other_intervals: tuple[Sensitivity, ...]

    @property
    def total(self) -> LeakRow:
        """Return the row of the whole cohort."""
        return self.rows[0]


def leakage(reader: Reader, cohort: Cohort, *, by: By | None = None) -> Leakage:
    """Count cement leakage per treated level and per patient.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    by : str, optional
        Field whose groups are counted and compared.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.
    """
    selected = selection(reader, cohort)
    levels = member_rows(reader, statement("leakage"), by="procedure_id").with_columns(
        pl.col("patient_id").rank("dense").cast(pl.Int64).alias("cluster")
    )
    looked = levels.filter(pl.col("leak").is_not_null())
    icc = anova_icc(looked["leak"].to_numpy(), looked["cluster"].to_numpy())
    symptomatic = _symptomatic(looked)
    rows = _rows(levels, selected, by, icc)
    return Leakage(
        selection=selected,
        by=by,
        rows=rows,
        symptomatic=symptomatic,
        symptoms_unrecorded=looked.filter(
            pl.col("leak") & pl.col("leak_symptomatic").is_null()
        ).height,
        no_symptoms=_bounds(symptomatic),
        places=_places(levels),
        modalities=_modalities(looked),
        comparisons=() if by is None else (_between(looked, rows, selected, by),),
        other_intervals=rate_intervals(rows[0].per_level),
    )


def _symptomatic(levels: pl.DataFrame) -> Proportion:
    """Count levels with a symptomatic leak; its correlation is its own, not that of leaks."""
    counted = _counted(levels)
    icc = anova_icc(counted.suffered, counted.cluster)
    return clustered_proportion(counted.suffered, counted.cluster, icc=icc)


@dataclass(frozen=True)
class _Counted:
    """Levels of one group: leaks, patients and symptoms of those looked at, and the others."""

    leak: BoolArray
    cluster: ClusterArray
    suffered: BoolArray
    not_looked_for: int


def _counted(levels: pl.DataFrame) -> _Counted:
    looked = levels.filter(pl.col("leak").is_not_null())
    suffered = (looked["leak"] & looked["leak_symptomatic"]).fill_null(value=False)
    return _Counted(
        looked["leak"].to_numpy(),
        looked["cluster"].to_numpy(),
        suffered.to_numpy(),
        levels.height - looked.height,
    )


def _row(group: str, levels: pl.DataFrame, icc: float | None) -> LeakRow:
    counted = _counted(levels)
    patients, place = np.unique(counted.cluster, return_inverse=True)
    leaked = np.bincount(place[counted.leak], minlength=patients.size) > 0
    return LeakRow(
        group=group,
        per_level=clustered_proportion(counted.leak, counted.cluster, icc=icc),
        per_patient=clustered_proportion(leaked, patients),
        not_looked_for=counted.not_looked_for,
        symptomatic=int(counted.suffered.sum()),
    )


def _rows(
    levels: pl.DataFrame, selected: Selection, by: By | None, icc: float | None
) -> tuple[LeakRow, ...]:
    rows = [_row(EVERYBODY, levels, icc)]
    if by is None:
        return tuple(rows)
    groups = grouped(selected.members, by, "level").select("procedure_id", "group")
    split = levels.join(groups, on="procedure_id").partition_by("group", as_dict=True)
    parts = {str(group): part for (group,), part in split.items()}
    rows += [_row(group, parts[group], icc) for group in group_order(by, set(parts))]
    return tuple(rows)


def _between(
    looked: pl.DataFrame, rows: tuple[LeakRow, ...], selected: Selection, by: By
) -> Comparison:
    """Compare the rates of the groups, patients keeping their levels together."""
    groups = grouped(selected.members, by, "level").select("procedure_id", "group")
    ordered = groups.join(looked, on="procedure_id", maintain_order="left")
    known = ordered.filter(pl.col("group") != UNRECORDED)
    order = group_order(by, set(known["group"]))
    label = {group: group_label(by, group, selected.convention) for group in order}
    test = None
    if by != "leak":
        names = known["group"].replace_strict(label, return_dtype=pl.String).to_numpy()
        test = compare_proportions(known["leak"].to_numpy(), names, known["cluster"].to_numpy())
    patients = known["patient_id"].n_unique()
    rates = [row.per_level for row in rows if row.group in order]
    gap = rate_difference(*rates) if test and len(rates) == PAIR else None
    return Comparison(
        outcome="leak",
        unit="level",
        kind="groups",
        by=by,
        groups=order,
        method=test.method if test else None,
        statistic_name=test.statistic_name if test else None,
        statistic=test.statistic if test else None,
        df=test.df if test else None,
        p=test.p if test else None,
        p_adjusted=test.p if test else None,
        adjustment="Holm" if test and test.p is not None else None,
        family_size=1 if test and test.p is not None else None,
        n_patients=patients,
        n_levels=known.height,
        n_excluded=selected.n_patients - patients,
        exploratory=selected.cohort.is_filtered,
        refused=_reason(test),
        notes=_notes(ordered, label, test),
        sensitivity=test.sensitivity if test else (),
    ).with_estimate(gap)


def _reason(test: ProportionComparison | None) -> str | None:
    if test is None:
        return CIRCULAR
    return test.refused.replace("the event", "a leak") if test.refused else None


def _notes(
    ordered: pl.DataFrame, label: dict[str, str], test: ProportionComparison | None
) -> tuple[str, ...]:
    notes = []
    known = ordered.filter(pl.col("group") != UNRECORDED)
    if known.height < ordered.height:
        notes.append(f"left out, group not recorded: {ordered.height - known.height} levels")
    people = dict(known.group_by("group").agg(pl.col("patient_id").n_unique()).iter_rows())
    small = [
        f"{label[group]} ({people[group]})" for group in label if people[group] < FRAGILE_BELOW
    ]
    if small:
        notes.append(f"fragile: fewer than {FRAGILE_BELOW} patients in {', '.join(small)}")
    if sum(people.values()) > known["patient_id"].n_unique():
        notes.append(
            "some patients have levels in several groups, which makes the comparison conservative"
        )
    return (*notes, *(test.notes if test else ()))


def _bounds(symptomatic: Proportion) -> UpperBounds | None:
    if symptomatic.k or not symptomatic.n:
        return None
    return UpperBounds(
        levels_independent=no_event_upper(symptomatic.n),
        levels_clustered=no_event_upper(symptomatic.n_effective),
        patients=no_event_upper(symptomatic.n_clusters),
    )


def _places(levels: pl.DataFrame) -> tuple[Place, ...]:
    leaks = (
        levels.filter(pl.col("leak"))
        .select("procedure_id", "patient_id", "leak_symptomatic", "locations", "routes")
        .explode("locations", "routes", empty_as_null=True)
        .with_columns(
            pl.col("locations").fill_null(UNRECORDED_PLACE),
            pl.col("routes").fill_null(UNRECORDED_PLACE),
        )
    )
    here = {
        str(name): rows for (name,), rows in leaks.partition_by("locations", as_dict=True).items()
    }
    order = (*LEAK_LOCATIONS, UNRECORDED_PLACE)
    return tuple(_place(location, here[location]) for location in order if location in here)


def _place(location: str, here: pl.DataFrame) -> Place:
    routes = here.group_by("routes").agg(pl.col("procedure_id").n_unique()).sort("routes")
    return Place(
        location=location,
        levels=here["procedure_id"].n_unique(),
        patients=here["patient_id"].n_unique(),
        symptomatic=here.filter(pl.col("leak_symptomatic"))["procedure_id"].n_unique(),
        routes=tuple(routes.iter_rows()),
    )


def _modalities(looked: pl.DataFrame) -> tuple[tuple[str, int], ...]:
    named = looked.with_columns(pl.col("leak_modality").fill_null(UNRECORDED_PLACE))
    counted = named.group_by("leak_modality").len().sort("leak_modality")
    return tuple(counted.iter_rows())
