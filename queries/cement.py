"""Whether more cement goes with more leaks, within the region of the spine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import REGIONS
from queries.grouping import EVERYBODY
from queries.leaks import treated_levels
from queries.statistics.descriptive import describe
from queries.statistics.event_difference import NAME, ROBUST, event_difference, within_strata
from queries.statistics.event_sensitivity import independent_levels, odds_per_unit, robust_levels
from queries.statistics.limits import CONFIDENCE, FRAGILE_BELOW, MODEL_ON_REQUEST
from queries.statistics.results import Comparison, Estimate, Sensitivity

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.warehouse import Reader
    from queries.cohort import Cohort, Selection
    from queries.statistics.event_difference import EventDifference

KINDS = ("yes", "no")
UNIT = "ml"
WORDS = {
    "the patients' events": "the patients' leaks",
    "with the event": "with a leak",
    "the event": "a leak",
    "the stratum's": "the region's",
    "within strata": "within regions",
    "strata": "regions",
    "stratum": "region",
    "per unit": f"per {UNIT}",
}


@dataclass(frozen=True)
class VolumeRow:
    """Cement of the levels of one region with a leak, or without one, in millilitres."""

    group: str
    region: str
    leak: str
    n_levels: int
    n_patients: int
    median: float | None
    q1: float | None
    q3: float | None
    mean: float | None
    sd: float | None


@dataclass(frozen=True)
class Cement:
    """Cement volume against leakage in a cohort.

    Parameters
    ----------
    rows : tuple of VolumeRow
        All regions together (``all``) first, leaking levels before the others.
    levels : polars.DataFrame
        One row per level with a volume and a known leak: patient_id, procedure_id, level,
        operated_on, region, leak (yes or no), cement_ml.
    no_volume, not_looked_for : int
        Levels left out: no volume recorded; a volume, but nobody looked for a leak.
    comparisons : tuple of Comparison
        The one test; its estimate is in millilitres, leaking levels less the others.
    """

    selection: Selection
    rows: tuple[VolumeRow, ...]
    levels: pl.DataFrame
    no_volume: int
    not_looked_for: int
    comparisons: tuple[Comparison, ...]


def cement(reader: Reader, cohort: Cohort) -> Cement:
    """Compare the cement volume of leaking levels and of the others, within regions.

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
    The unit is the treated level. A vertebra of the lumbar spine takes more cement than one of
    the thorax, so volumes are compared within regions; patients keep their levels together. An
    association: who leaks may have been given less because of it.
    """
    treated = treated_levels(reader, cohort)
    measured = treated.rows.filter(pl.col("cement_ml").is_not_null())
    known = measured.filter(pl.col("leak").is_not_null()).with_columns(
        pl.when("leak").then(pl.lit("yes")).otherwise(pl.lit("no")).alias("leak")
    )
    return Cement(
        selection=treated.selection,
        rows=_rows(known),
        levels=known.select(
            *("patient_id", "procedure_id", "level", "operated_on"),
            *("region", "leak", "cement_ml"),
        ),
        no_volume=treated.rows.height - measured.height,
        not_looked_for=measured.height - known.height,
        comparisons=(_compared(known, treated.selection),) if known.height else (),
    )


def _rows(known: pl.DataFrame) -> tuple[VolumeRow, ...]:
    present = set(known["region"])
    regions = [EVERYBODY, *(region for region in REGIONS if region in present)]
    return tuple(_row(known, region, leak) for region in regions for leak in KINDS)


def _row(known: pl.DataFrame, region: str, leak: str) -> VolumeRow:
    here = known.filter(
        (pl.col("leak") == leak) & ((pl.col("region") == region) | (region == EVERYBODY))
    )
    found = describe(here["cement_ml"].to_numpy())
    return VolumeRow(
        group=EVERYBODY,
        region=region,
        leak=leak,
        n_levels=found.n,
        n_patients=here["patient_id"].n_unique(),
        median=found.median,
        q1=found.q1,
        q3=found.q3,
        mean=found.mean,
        sd=found.sd,
    )


def _compared(known: pl.DataFrame, selected: Selection) -> Comparison:
    values, leak = known["cement_ml"].to_numpy(), (known["leak"] == "yes").to_numpy()
    strata, patients = known["region"].to_numpy(), known["cluster"].to_numpy()
    test = event_difference(values, leak, strata, patients)
    others: list[Sensitivity] = []
    notes = _notes(known)
    if test.estimate is not None:
        within = within_strata(values, leak, strata, patients)
        for method in _others(test):
            found = method(within, CONFIDENCE)
            if isinstance(found, str):
                notes.append(str(_in_words(found)))
            else:
                others.append(replace(found, name=str(_in_words(found.name))))
        if test.n_patients > MODEL_ON_REQUEST:
            notes.append(f"no GEE: not fitted above {MODEL_ON_REQUEST:,} patients")
    return _comparison(test, selected, tuple(others), tuple(notes))


def _others(test: EventDifference) -> tuple[Callable[..., Sensitivity | str], ...]:
    """Return the other methods: none that the answer itself is, and no slow one for many."""
    robust = () if test.method == ROBUST else (robust_levels,)
    odds = () if test.n_patients > MODEL_ON_REQUEST else (odds_per_unit,)
    return (independent_levels, *robust, *odds)


def _comparison(
    test: EventDifference,
    selected: Selection,
    others: tuple[Sensitivity, ...],
    notes: tuple[str, ...],
) -> Comparison:
    tested = test.p is not None
    gap = None
    if test.estimate is not None:
        name = f"{_in_words(NAME)} ({UNIT})"
        gap = Estimate(name, test.estimate, test.ci_low, test.ci_high, CONFIDENCE)
    return Comparison(
        outcome="cement_ml",
        unit="level",
        kind="groups",
        by="leak",
        groups=KINDS,
        method=_in_words(test.method),
        statistic_name=f"difference ({UNIT})" if tested else None,
        statistic=test.estimate if tested else None,
        p=test.p,
        p_adjusted=test.p,
        adjustment="Holm" if tested else None,
        family_size=1 if tested else None,
        n_patients=test.n_patients,
        n_levels=test.n_levels,
        n_excluded=selected.n_patients - test.n_patients,
        exploratory=True,
        refused=_in_words(test.refused),
        notes=notes,
        sensitivity=others,
    ).with_estimate(gap)


def _in_words(text: str | None) -> str | None:
    """Say of leaks and regions what the statistics say of events and strata."""
    for words, ours in WORDS.items():
        text = text.replace(words, ours) if text else None
    return text


def _notes(known: pl.DataFrame) -> list[str]:
    leaking = known.filter(pl.col("leak") == "yes")["patient_id"].n_unique()
    if 0 < leaking < FRAGILE_BELOW:
        return [f"fragile: fewer than {FRAGILE_BELOW} patients have a leak ({leaking})"]
    return []
