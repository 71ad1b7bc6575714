"""How far two readers agree on the same films, and which change can be told from reading noise."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import measures
from queries.cohort import Cohort, Selection, selection
from queries.grouping import EVERYBODY
from queries.pairs import clusters_of
from queries.statements import statement
from queries.statistics.agreement import ReaderAgreement, reader_agreement
from queries.thinned import cells
from queries.trajectory import MOST_LINES

if TYPE_CHECKING:
    from data.codebook import Measure
    from data.warehouse import Reader
    from queries.statistics.results import Comparison, Estimate


@dataclass(frozen=True)
class AgreementRow:
    """The agreement of two readers on one measure, in its unit.

    Notes
    -----
    `error` is the measurement error that the codebook names, `sdc` the smallest detectable
    change between these readers. Limits are null below 10 patients.
    """

    group: str
    measure: str
    first_reader: str | None
    second_reader: str | None
    n_films: int
    n_levels: int
    n_patients: int
    icc: float | None
    icc_low: float | None
    icc_high: float | None
    bias: float | None
    bias_low: float | None
    bias_high: float | None
    lower: float | None
    lower_low: float | None
    lower_high: float | None
    upper: float | None
    upper_low: float | None
    upper_high: float | None
    sdc: float | None
    sdc_low: float | None
    sdc_high: float | None
    error: float | None
    refused: str | None


@dataclass(frozen=True)
class Agreement:
    """Two readers of the same films.

    Parameters
    ----------
    readers : tuple of (str, str) or None
        The two who read most films together; None where no film was read by two.
    n_levels : int
        Levels with a film read by both.
    other_pairs : int
        Further pairs of readers with films in common, which are not looked at.
    found : ReaderAgreement
        Bias, limits of agreement, correlation and smallest detectable change.
    films : polars.DataFrame
        middle, difference (second less first) and together, the films of a row; up to 5,000 that
        is 1, and patient_id, procedure_id, level, visit, first and second are there.
    """

    measure: Measure
    selection: Selection
    readers: tuple[str, str] | None
    n_levels: int
    other_pairs: int
    found: ReaderAgreement
    films: pl.DataFrame
    comparisons: tuple[Comparison, ...] = ()

    @property
    def rows(self) -> tuple[AgreementRow, ...]:
        """Return the agreement as one row."""
        first, second = self.readers or (None, None)
        found = self.found
        ends = {
            name: _ends(estimate)
            for name, estimate in (
                ("icc", found.icc),
                ("bias", found.bias),
                ("lower", found.lower),
                ("upper", found.upper),
                ("sdc", found.sdc),
            )
        }
        numbers = {
            f"{name}{suffix}": value
            for name, values in ends.items()
            for suffix, value in zip(("", "_low", "_high"), values, strict=True)
        }
        return (
            AgreementRow(
                group=EVERYBODY,
                measure=self.measure.code,
                first_reader=first,
                second_reader=second,
                n_films=found.n,
                n_levels=self.n_levels,
                n_patients=found.n_clusters,
                error=self.measure.error,
                refused=found.refused,
                **numbers,
            ),
        )


def _ends(estimate: Estimate | None) -> tuple[float | None, float | None, float | None]:
    if estimate is None:
        return None, None, None
    return estimate.value, estimate.ci_low, estimate.ci_high


def agreement(reader: Reader, cohort: Cohort, *, measure: str = "kyphosis_angle") -> Agreement:
    """Compare the readings of two readers on the films that both of them read.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    measure : str
        Code of a level measure of the codebook.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.

    Notes
    -----
    Where more than two readers took part, the two who read most films together are compared and
    the other pairs counted. A reader's repeats of a film are averaged first. The films are the
    unit, with their patients as clusters: levels and visits of one patient count together in every
    interval. The registry does not say whether the readers knew of each other's readings. On the
    other pages the readings of a film are averaged, so a film read twice is more certain than the
    smallest detectable change of single readings says.
    """
    selected = selection(reader, cohort)
    readings = reader.fetch(statement("agreement"), film=measure)
    pairs = _pairs(readings)
    chosen = min(pairs, key=lambda pair: (-pairs[pair], pair)) if pairs else None
    films = _together(readings, chosen)
    found = reader_agreement(
        films["first"].to_numpy(), films["second"].to_numpy(), clusters_of(films)
    )
    return Agreement(
        measure=measures()[measure],
        selection=selected,
        readers=chosen,
        n_levels=films["procedure_id"].n_unique(),
        other_pairs=max(len(pairs) - 1, 0),
        found=found,
        films=_drawn(films),
    )


def _drawn(films: pl.DataFrame) -> pl.DataFrame:
    if films.height > MOST_LINES:
        return cells(films, "middle", "difference")
    return films.with_columns(pl.lit(1, dtype=pl.Int64).alias("together"))


def _pairs(readings: pl.DataFrame) -> dict[tuple[str, str], int]:
    """Count the films that every two readers have in common."""
    together = readings.group_by("procedure_id", "visit").agg(pl.col("reader").sort())
    found: dict[tuple[str, str], int] = {}
    counted = together.group_by("reader").len()
    for readers, n in counted.iter_rows():
        for one, other in combinations(readers, 2):
            found[one, other] = found.get((one, other), 0) + n
    return found


def _together(readings: pl.DataFrame, chosen: tuple[str, str] | None) -> pl.DataFrame:
    first, second = chosen or ("", "")
    of_second = readings.filter(pl.col("reader") == second).select(
        "procedure_id", "visit", second="value"
    )
    return (
        readings.filter(pl.col("reader") == first)
        .join(of_second, on=["procedure_id", "visit"], maintain_order="left")
        .select(
            "patient_id",
            "procedure_id",
            "level",
            "visit",
            pl.col("value").alias("first"),
            "second",
        )
        .with_columns(
            ((pl.col("first") + pl.col("second")) / 2).alias("middle"),
            (pl.col("second") - pl.col("first")).round(9).alias("difference"),
        )
    )
