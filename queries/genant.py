"""Fracture grade and shape of each level at every visit, derived from its heights."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import BASELINE, measures
from queries.cohort import Cohort, Selection, selection
from queries.films import FilmKinds, film_kinds, level_values
from queries.grouping import EVERYBODY
from queries.pairs import clusters_of
from queries.scores import planned_visits
from queries.statistics.limits import CRUSH_FROM, GENANT_BOUNDS
from queries.statistics.proportions import anova_icc, clustered_proportion

if TYPE_CHECKING:
    from data.warehouse import Reader
    from queries.statistics.results import Comparison, Proportion

ANTERIOR, MIDDLE, POSTERIOR = HEIGHTS = ("height_anterior", "height_middle", "height_posterior")
GRADES = (0, 1, 2, 3)
SHAPES = ("none", "wedge", "biconcave", "crush")


@dataclass(frozen=True)
class Shift:
    """Levels by their grade before the operation and at a visit."""

    before: int
    at_visit: int
    n_levels: int


@dataclass(frozen=True)
class GenantRow:
    """Grades and shapes at one visit.

    Notes
    -----
    `not_graded` are levels with a film on which a height, or its reference, is missing. `pairs`
    are the levels graded before the operation too, `fell` and `rose` those of them whose grade is
    lower, or higher, at this visit; `shift` tables them.
    """

    group: str
    visit: str
    n_levels: int
    n_patients: int
    not_graded: int
    grade_0: int
    grade_1: int
    grade_2: int
    grade_3: int
    wedge: int
    biconcave: int
    crush: int
    pairs: int
    fell: int
    rose: int
    shift: tuple[Shift, ...]

    @property
    def grades(self) -> tuple[int, ...]:
        """Return the levels of each grade."""
        return (self.grade_0, self.grade_1, self.grade_2, self.grade_3)

    @property
    def shapes(self) -> tuple[int, ...]:
        """Return the levels of each shape, those of grade 0 first."""
        return (self.grade_0, self.wedge, self.biconcave, self.crush)


@dataclass(frozen=True)
class Moved:
    """The levels whose grade fell, and rose, between the film before and a visit."""

    visit: str
    n_patients: int
    fell: Proportion
    rose: Proportion


@dataclass(frozen=True)
class Genant:
    """Grades and shapes of a cohort's levels.

    Parameters
    ----------
    rows : tuple of GenantRow
        One for each planned visit.
    moved : tuple of Moved
        One for each visit after the operation with a level graded before it too.
    """

    selection: Selection
    rows: tuple[GenantRow, ...]
    moved: tuple[Moved, ...]
    kinds: FilmKinds
    comparisons: tuple[Comparison, ...] = ()

    @property
    def n_graded(self) -> int:
        """Return the films that could be graded."""
        return sum(row.n_levels for row in self.rows)


def genant(reader: Reader, cohort: Cohort, *, posture: str | None = None) -> Genant:
    """Grade every level at every visit by how much of its height is lost, and name its shape.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    posture : str, optional
        Keep the films taken in one posture; all stand together where none is named.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.

    Notes
    -----
    The loss of a height is 100 · (expected − measured) / expected. The grade follows from the
    largest loss of the anterior, middle and posterior height by the bands of Genant [1]_: 0 below
    20 %, 1 from 20 to 25, 2 above 25 to 40, 3 above 40; the upper bounds belong to the lower
    grade (25.0 is grade 1, 40.0 grade 2). Genant graded by eye; here the measured heights are put
    into his bands, and nothing is stored. The shape names where the vertebra gave way [2]_: of a
    graded level, *crush* where the posterior height lost 20 % or more too, so that the whole body
    is affected (a setting); else *wedge* where the anterior height lost at least as much as the
    middle, and *biconcave* where the middle lost more. A level without all three heights and
    their references is not graded.

    References
    ----------
    .. [1] Diacinti D, Guglielmi G. How to define an osteoporotic vertebral fracture?
       Quantitative Imaging in Medicine and Surgery 2019 (qims.2019.02.04).
    .. [2] BMC Geriatrics 2013;13:116, figure 2: wedge fractures affect the anterior part of the
       vertebra, biconcave ones the middle, compression the whole.
    """
    selected = selection(reader, cohort)
    films = [level_values(reader, measures()[code], selected, posture=posture) for code in HEIGHTS]
    losses = _graded(films)
    planned = tuple(dict.fromkeys(v for code in HEIGHTS for v in planned_visits(reader, code)))
    before = losses.filter(pl.col("visit") == BASELINE).select("procedure_id", before="grade")
    paired = losses.join(before, on="procedure_id", how="left").with_columns(
        pl.when(pl.col("visit") != BASELINE).then("before").alias("before")
    )
    found = {visit: paired.filter(pl.col("visit") == visit) for visit in planned}
    return Genant(
        selection=selected,
        rows=tuple(_row(visit, here) for visit, here in found.items()),
        moved=tuple(
            _moved(visit, both)
            for visit, here in found.items()
            for both in [
                here.filter(pl.col("grade").is_not_null() & pl.col("before").is_not_null())
            ]
            if both.height
        ),
        kinds=film_kinds(films[0], measures()[ANTERIOR], posture),
    )


def _graded(films: list[pl.DataFrame]) -> pl.DataFrame:
    """Return every film with any height: patient, level, visit, grade and shape."""
    keys = ("patient_id", "procedure_id", "visit")
    anterior, middle, posterior = (
        values.select(
            *keys,
            pl.when(pl.col("reference") > 0)
            .then((100 * (pl.col("reference") - pl.col("value")) / pl.col("reference")).round(9))
            .alias(code),
        )
        for code, values in zip(HEIGHTS, films, strict=True)
    )
    losses = anterior.join(middle, on=keys, how="full", coalesce=True).join(
        posterior, on=keys, how="full", coalesce=True
    )
    complete = pl.all_horizontal(pl.col(HEIGHTS).is_not_null())
    return losses.with_columns(
        pl.when(complete).then(grade_of(pl.max_horizontal(HEIGHTS))).alias("grade")
    ).with_columns(shape_of().alias("shape"))


def grade_of(loss: pl.Expr) -> pl.Expr:
    """Return the grade of a loss in per cent of the expected height."""
    mild, moderate, severe = GENANT_BOUNDS
    return (
        pl.when(loss < mild)
        .then(0)
        .when(loss <= moderate)
        .then(1)
        .when(loss <= severe)
        .then(2)
        .otherwise(3)
    )


def shape_of() -> pl.Expr:
    """Return the shape of a graded level from the losses of its three heights."""
    return (
        pl.when(pl.col("grade").is_null())
        .then(None)
        .when(pl.col("grade") == 0)
        .then(pl.lit("none"))
        .when(pl.col(POSTERIOR) >= CRUSH_FROM)
        .then(pl.lit("crush"))
        .when(pl.col(ANTERIOR) >= pl.col(MIDDLE))
        .then(pl.lit("wedge"))
        .otherwise(pl.lit("biconcave"))
    )


def _row(visit: str, here: pl.DataFrame) -> GenantRow:
    graded = here.filter(pl.col("grade").is_not_null())
    grades, shapes = Counter(graded["grade"].to_list()), Counter(graded["shape"].to_list())
    both = graded.filter(pl.col("before").is_not_null())
    moves = Counter(both.select("before", "grade").iter_rows())
    return GenantRow(
        group=EVERYBODY,
        visit=visit,
        n_levels=graded.height,
        n_patients=graded["patient_id"].n_unique(),
        not_graded=here.height - graded.height,
        grade_0=grades[0],
        grade_1=grades[1],
        grade_2=grades[2],
        grade_3=grades[3],
        wedge=shapes["wedge"],
        biconcave=shapes["biconcave"],
        crush=shapes["crush"],
        pairs=both.height,
        fell=sum(n for (before, now), n in moves.items() if now < before),
        rose=sum(n for (before, now), n in moves.items() if now > before),
        shift=tuple(Shift(before, now, n) for (before, now), n in sorted(moves.items())),
    )


def _moved(visit: str, both: pl.DataFrame) -> Moved:
    clusters = clusters_of(both)
    fell = (both["grade"] < both["before"]).to_numpy()
    rose = (both["grade"] > both["before"]).to_numpy()
    return Moved(
        visit=visit,
        n_patients=both["patient_id"].n_unique(),
        fell=clustered_proportion(fell, clusters, icc=anova_icc(fell, clusters)),
        rose=clustered_proportion(rose, clusters, icc=anova_icc(rose, clusters)),
    )
