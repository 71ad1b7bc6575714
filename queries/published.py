"""Published series beside our own rates, where they were counted in the same way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import LEAK_MODALITIES
from data.published import KYPHOPLASTY, Denominator, PublishedSeries, published_series
from queries.cohort import UNRECORDED
from queries.grouping import EVERYBODY
from queries.leaks import treated_levels
from queries.statistics.correlation import anova_icc
from queries.statistics.proportions import clustered_proportion, counted_proportion

if TYPE_CHECKING:
    from data.warehouse import Reader, Registry
    from queries.cohort import Cohort, Selection
    from queries.statistics.results import Comparison, Proportion

OURS, PUBLISHED = "ours", "published"
MODEL_STUDY = "10.1080/02841850601026427"
EXAMPLE = "SYNTHETIC example registry"
MADE_FROM = "the example was made with its margins"
NOT_KYPHOPLASTY = "other procedure"
NOT_STATED = "way of looking not stated"
OTHERWISE = "other way of looking"


@dataclass(frozen=True)
class OwnRate:
    """Our own rate of levels, or of patients, of those looked at in one way."""

    modality: str
    denominator: Denominator
    proportion: Proportion


@dataclass(frozen=True)
class Beside:
    """A published series with its interval, and why it does not stand beside our rate.

    Notes
    -----
    The interval is Wilson's on k and n as printed: how many levels shared a patient is not
    known. `reasons` is empty where procedure, denominator and way of looking agree with ours.
    """

    series: PublishedSeries
    proportion: Proportion
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class PublishedRow:
    """One row of the descriptive table, our own or a published one: `with_leak` of `of`."""

    group: str
    kind: str
    study: str | None
    procedure: str
    denominator: Denominator
    modality: str
    with_leak: int
    of: int
    rate: float | None
    ci_low: float | None
    ci_high: float | None
    comparable: bool
    reasons: tuple[str, ...]
    source: str | None
    sponsor: str | None


@dataclass(frozen=True)
class Published:
    """Our own rates by the way of looking, and the published series; nothing is tested."""

    selection: Selection
    ours: tuple[OwnRate, ...]
    series: tuple[Beside, ...]
    comparisons: tuple[Comparison, ...] = ()

    @property
    def rows(self) -> tuple[PublishedRow, ...]:
        """Return the descriptive table."""
        return (*(_own_row(rate) for rate in self.ours), *(_row(one) for one in self.series))


def published(reader: Reader, cohort: Cohort) -> Published:
    """Set published series beside our own rates, where they were counted in the same way.

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
    A series stands beside ours only where the procedure (balloon kyphoplasty), the denominator
    (levels or patients) and the way of looking for leaks agree; CT finds several times as many
    as radiographs. It is never tested against, and never pooled.
    """
    treated = treated_levels(reader, cohort)
    ours = _own(treated.looked)
    ways = {rate.modality for rate in ours}
    return Published(
        selection=treated.selection,
        ours=ours,
        series=tuple(
            Beside(
                one,
                counted_proportion(one.k, one.n),
                _reasons(one, ways, reader.registry),
            )
            for one in published_series()
        ),
    )


def _own(looked: pl.DataFrame) -> tuple[OwnRate, ...]:
    icc = anova_icc(looked["leak"].to_numpy(), looked["cluster"].to_numpy())
    found: list[OwnRate] = []
    for modality in (*LEAK_MODALITIES, UNRECORDED):
        here = looked.filter(pl.col("leak_modality").fill_null(UNRECORDED) == modality)
        if not here.height:
            continue
        levels = clustered_proportion(here["leak"].to_numpy(), here["cluster"].to_numpy(), icc=icc)
        patients = counted_proportion(levels.k_clusters, levels.n_clusters)
        found += [OwnRate(modality, "level", levels), OwnRate(modality, "patient", patients)]
    return tuple(found)


def _reasons(one: PublishedSeries, ways: set[str], registry: Registry) -> tuple[str, ...]:
    found = []
    if registry.synthetic and registry.name == EXAMPLE and one.doi == MODEL_STUDY:
        found.append(MADE_FROM)
    if one.procedure != KYPHOPLASTY:
        found.append(NOT_KYPHOPLASTY)
    if one.leak_modality is None:
        found.append(NOT_STATED)
    elif one.leak_modality not in ways:
        found.append(OTHERWISE)
    return tuple(found)


def _own_row(rate: OwnRate) -> PublishedRow:
    own = rate.proportion
    return PublishedRow(
        group=EVERYBODY,
        kind=OURS,
        study=None,
        procedure=KYPHOPLASTY,
        denominator=rate.denominator,
        modality=rate.modality,
        with_leak=own.k,
        of=own.n,
        rate=own.rate,
        ci_low=own.ci_low,
        ci_high=own.ci_high,
        comparable=True,
        reasons=(),
        source=None,
        sponsor=None,
    )


def _row(one: Beside) -> PublishedRow:
    series, found = one.series, one.proportion
    return PublishedRow(
        group=EVERYBODY,
        kind=PUBLISHED,
        study=series.study,
        procedure=series.procedure,
        denominator=series.denominator,
        modality=series.leak_modality or UNRECORDED,
        with_leak=found.k,
        of=found.n,
        rate=found.rate,
        ci_low=found.ci_low,
        ci_high=found.ci_high,
        comparable=not one.reasons,
        reasons=one.reasons,
        source=series.source,
        sponsor=series.sponsor,
    )
