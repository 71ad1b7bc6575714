"""Whether patients whose vertebrae gained more height lost more pain, patient by patient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import AFTER_OPERATION, BASELINE, measures, visits
from queries.absence import vital_status
from queries.cohort import Cohort, Selection, selection
from queries.films import FilmKinds, film_kinds, level_values
from queries.grouping import EVERYBODY
from queries.member_rows import member_rows
from queries.scores import planned_visits, with_change
from queries.statements import statement
from queries.statistics.descriptive import describe
from queries.statistics.rank_correlation import rank_correlation
from queries.thinned import cells
from queries.trajectory import MOST_LINES

if TYPE_CHECKING:
    from data.codebook import Measure
    from data.warehouse import Reader
    from queries.statistics.results import Comparison

HEADLINE = "m12"


@dataclass(frozen=True)
class HeightAndPainRow:
    """The patients with a height gain and a change of the score at one visit.

    Notes
    -----
    `gained_better` and the like count patients by whether the mean height of their levels rose at
    the operation and whether the score was better at the visit than before; no change is not
    better. `beyond_error` gained more than the measurement error of one reading. `estimate` is
    Spearman's rank correlation of gain and change.
    """

    group: str
    measure: str
    score: str
    visit: str
    n_patients: int
    n_levels: int
    gained_better: int
    gained_not_better: int
    not_gained_better: int
    not_gained_not_better: int
    beyond_error: int | None
    median_gain: float | None
    median_change: float | None
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    ci_level: float | None


@dataclass(frozen=True)
class HeightAndPain:
    """Height gain against the change of a score, with the patient as the unit.

    Parameters
    ----------
    height, score : Measure
        What was measured on levels, and on patients.
    visit : str or None
        The visit whose patients are drawn; None where nobody has both.
    every : tuple of HeightAndPainRow
        Every planned visit after the operation.
    rows : tuple of HeightAndPainRow
        Those asked for: one visit where one was named, else all.
    patients : polars.DataFrame
        gain (mean of the levels), change and together, the patients of a row; up to 5,000 that is
        1, and patient_id and n_levels are there.
    of_later_sessions : int
        Patients left out because their operation in the cohort is a later one.
    """

    height: Measure
    score: Measure
    visit: str | None
    selection: Selection
    every: tuple[HeightAndPainRow, ...]
    rows: tuple[HeightAndPainRow, ...]
    patients: pl.DataFrame
    kinds: FilmKinds
    of_later_sessions: int
    comparisons: tuple[Comparison, ...] = ()

    @property
    def shown(self) -> HeightAndPainRow | None:
        """Return the row of the visit that is drawn."""
        return next((row for row in self.every if row.visit == self.visit), None)


def height_and_pain(
    reader: Reader,
    cohort: Cohort,
    *,
    measure: str = "height_anterior",
    score: str = "vas",
    visit: str | None = None,
    posture: str | None = None,
) -> HeightAndPain:
    """Set each patient's height gain at the operation against the change of a score.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    measure : str
        Code of a height of the codebook.
    score : str
        Code of a patient measure of the codebook.
    visit : str, optional
        The visit of the score; all where none is named, and 12 months (or the latest with
        patients) drawn.
    posture : str, optional
        Keep the films taken in one posture; all stand together where none is named.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.

    Notes
    -----
    The unit is the patient: pain cannot be attributed to one level, so the gains of the levels
    treated at the patient's first operation are averaged, from the film before to the first one
    after it, and set against the change of the score from before that operation to the visit.
    Patients without both are left out. Spearman's correlation with its interval is an estimate
    and no test; neither it nor the quadrants say that the one brought the other about.
    """
    selected, status = selection(reader, cohort), vital_status(reader)
    of_index = status.filter("has_index_session").select("patient_id")
    height, points = measures()[measure], measures()[score]
    films = level_values(reader, height, selected, posture=posture)
    gains = _gains(films, selected, of_index)
    scores = with_change(
        member_rows(reader, statement("trajectory"), by="patient_id", measure=score),
        key="patient_id",
    )
    pairs = scores.filter(pl.col("change").is_not_null()).join(gains, on="patient_id")
    planned = [
        v for v in visits() if v in (visit, *planned_visits(reader, score)) and v != BASELINE
    ]
    found = {v: pairs.filter(pl.col("visit") == v) for v in planned}
    drawn = visit or _headline({v: here.height for v, here in found.items()})
    every = tuple(_row(v, here, height, points) for v, here in found.items())
    here = found.get(drawn or "", pairs.clear())
    return HeightAndPain(
        height=height,
        score=points,
        visit=drawn,
        selection=selected,
        every=every,
        rows=tuple(row for row in every if visit in (None, row.visit)),
        patients=_drawn(here.select("patient_id", "n_levels", "gain", "change")),
        kinds=film_kinds(films, height, posture),
        of_later_sessions=status.height - of_index.height,
    )


def _gains(films: pl.DataFrame, selected: Selection, of_index: pl.DataFrame) -> pl.DataFrame:
    first = selected.members.filter(pl.col("operated_on") == pl.col("first_operated_on"))
    return (
        films.filter((pl.col("visit") == AFTER_OPERATION) & pl.col("change").is_not_null())
        .join(first.select("procedure_id"), on="procedure_id", how="semi")
        .join(of_index, on="patient_id", how="semi")
        .group_by("patient_id")
        .agg(pl.col("change").mean().round(9).alias("gain"), pl.len().alias("n_levels"))
    )


def _drawn(patients: pl.DataFrame) -> pl.DataFrame:
    if patients.height > MOST_LINES:
        return cells(patients, "gain", "change")
    return patients.sort("patient_id").with_columns(pl.lit(1, dtype=pl.Int64).alias("together"))


def _headline(counts: dict[str, int]) -> str | None:
    seen = [visit for visit in visits() if counts.get(visit)]
    if HEADLINE in seen:
        return HEADLINE
    return seen[-1] if seen else None


def _row(visit: str, here: pl.DataFrame, height: Measure, score: Measure) -> HeightAndPainRow:
    gained = pl.col("gain") > 0
    better = pl.col("change") > 0 if score.better == "higher" else pl.col("change") < 0
    counts = here.select(
        (gained & better).sum().alias("both"),
        (gained & ~better).sum().alias("gain"),
        (~gained & better).sum().alias("score"),
        (~gained & ~better).sum().alias("neither"),
    ).row(0, named=True)
    found = rank_correlation(here["gain"].to_numpy(), here["change"].to_numpy())
    beyond = None
    if height.error is not None:
        beyond = int((here["gain"] > height.error + 1e-9).sum())
    return HeightAndPainRow(
        group=EVERYBODY,
        measure=height.code,
        score=score.code,
        visit=visit,
        n_patients=here.height,
        n_levels=int(here["n_levels"].sum()),
        gained_better=counts["both"],
        gained_not_better=counts["gain"],
        not_gained_better=counts["score"],
        not_gained_not_better=counts["neither"],
        beyond_error=beyond,
        median_gain=describe(here["gain"].to_numpy()).median,
        median_change=describe(here["change"].to_numpy()).median,
        estimate=found.value if found else None,
        ci_low=found.ci_low if found else None,
        ci_high=found.ci_high if found else None,
        ci_level=found.ci_level if found else None,
    )
