"""The films of a cohort's levels: values with their reference, posture and calibration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

from data.codebook import AFTER_OPERATION, BASELINE, visits
from queries.cohort import Cohort, Selection, selection
from queries.member_rows import member_rows
from queries.scores import with_change
from queries.statements import statement

if TYPE_CHECKING:
    from data.codebook import Measure
    from data.warehouse import Reader
    from queries.statistics.results import Comparison

Scale = Literal["value", "percent_of_reference"]
NOT_RECORDED = "not recorded"
ANGLE = "°"


@dataclass(frozen=True)
class PosturePairs:
    """The pairs of films of one visit and an earlier one, by the postures they were taken in.

    Parameters
    ----------
    n_pairs : int
        Levels with both films.
    n_unknown : int
        Pairs of which one film's posture is not recorded.
    moves : tuple of (str, str, int)
        Posture of the earlier film, of the later one, and the pairs, where the two differ.
    """

    visit: str
    versus: str
    n_pairs: int
    n_unknown: int
    moves: tuple[tuple[str, str, int], ...]

    @property
    def n_moved(self) -> int:
        """Return how many pairs compare films of different posture."""
        return sum(n for _, _, n in self.moves)


@dataclass(frozen=True)
class FilmKinds:
    """What kinds of films the values of one measure were read from.

    Parameters
    ----------
    posture : str or None
        The posture that was asked for; None where all stand together.
    postures : tuple of (str, int)
        Films by posture, most frequent first; ``not recorded`` where none is written.
    n_films : int
        Films with a value.
    uncalibrated : int
        Films not known to be calibrated.
    pairs : tuple of PosturePairs
        Every visit against before, and every later one against after the operation; empty where
        all films are of one posture.
    lordotic, kyphotic : int
        Levels whose angle before the operation lies below, and above, zero; 0 for heights.
    """

    posture: str | None
    postures: tuple[tuple[str, int], ...]
    n_films: int
    uncalibrated: int
    pairs: tuple[PosturePairs, ...]
    lordotic: int
    kyphotic: int

    def against(self, versus: str, visit: str) -> PosturePairs | None:
        """Return the pairs of two visits, where films of several postures stand together."""
        return next((p for p in self.pairs if (p.versus, p.visit) == (versus, visit)), None)


@dataclass(frozen=True)
class PostureRow:
    """The films taken in one posture, ``not recorded`` where none is written."""

    posture: str
    n_films: int
    n_levels: int
    n_patients: int
    uncalibrated: int


@dataclass(frozen=True)
class Postures:
    """The postures in which the films of a cohort were taken, most frequent first.

    Parameters
    ----------
    visits : tuple of str
        The visits at which there is any film, in order of time.
    """

    selection: Selection
    rows: tuple[PostureRow, ...]
    visits: tuple[str, ...]
    comparisons: tuple[Comparison, ...] = ()

    @property
    def recorded(self) -> tuple[str, ...]:
        """Return the postures that are recorded."""
        return tuple(row.posture for row in self.rows if row.posture != NOT_RECORDED)


def postures(reader: Reader, cohort: Cohort) -> Postures:
    """Count the films of a cohort's levels by the posture in which they were taken.

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
    A fracture measures another angle and another height lying than standing, so a pair of films
    of different posture can fake a correction or hide one. All postures stand together unless one
    is chosen; then the films taken in it are compared with each other alone. `uncalibrated` counts
    the films not known to be calibrated, whose millimetres do not compare with others'.
    """
    selected = selection(reader, cohort)
    films = member_rows(reader, statement("postures"), by="procedure_id")
    taken = set(films["visit"])
    counted = (
        films.group_by("posture")
        .agg(
            pl.len().alias("n_films"),
            pl.col("procedure_id").n_unique().alias("n_levels"),
            pl.col("patient_id").n_unique().alias("n_patients"),
            pl.col("calibrated").not_().sum().alias("uncalibrated"),
        )
        .sort("n_films", "posture", descending=[True, False], nulls_last=True)
    )
    return Postures(
        selection=selected,
        rows=tuple(PostureRow(posture or NOT_RECORDED, *n) for posture, *n in counted.iter_rows()),
        visits=tuple(visit for visit in visits() if visit in taken),
    )


def level_values(
    reader: Reader,
    measure: Measure,
    selected: Selection,
    *,
    scale: Scale = "value",
    posture: str | None = None,
) -> pl.DataFrame:
    """Return the values of a measure on every film of the cohort's levels.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader whose table ``cohort`` holds the members of `selected`.
    scale : {"value", "percent_of_reference"}
        In the measure's unit, or in per cent of the level's reference height.
    posture : str, optional
        Keep the films of one posture.

    Returns
    -------
    polars.DataFrame
        patient_id, procedure_id, visit, value, reference (in the measure's unit; of the level's
        other films where this one has none), posture, calibrated, baseline, change, level and
        position, one row per level and visit with a value.
    """
    films = member_rows(
        reader,
        statement("alignment"),
        by="procedure_id",
        measure=measure.code,
        reference=measure.reference_measure,
        posture=posture,
    )
    if scale == "percent_of_reference":
        films = films.with_columns(pl.col("value") * 100 / pl.col("reference"))
    treated = selected.members.select("procedure_id", "level", "position")
    measured = films.filter(pl.col("value").is_not_null())
    return with_change(measured, key="procedure_id").join(treated, on="procedure_id")


def film_kinds(values: pl.DataFrame, measure: Measure, posture: str | None = None) -> FilmKinds:
    """Count the films of a measure by posture and calibration.

    Parameters
    ----------
    values : polars.DataFrame
        As `level_values` returns it.
    measure : Measure
        What was measured; only an angle has levels of opposite curvature.
    posture : str, optional
        The posture that was asked for.
    """
    counted = values["posture"].value_counts().sort("posture", nulls_last=True)
    found = [(posture or NOT_RECORDED, n) for posture, n in counted.iter_rows()]
    start = values.filter(pl.col("visit") == BASELINE)["value"]
    of_angle = measure.unit == ANGLE
    return FilmKinds(
        posture=posture,
        postures=tuple(sorted(found, key=lambda kind: -kind[1])),
        n_films=values.height,
        uncalibrated=values.height - int(values["calibrated"].sum()),
        pairs=_pairs(values) if len(found) > 1 else (),
        lordotic=int((start < 0).sum()) if of_angle else 0,
        kyphotic=int((start > 0).sum()) if of_angle else 0,
    )


def _pairs(values: pl.DataFrame) -> tuple[PosturePairs, ...]:
    posture, visit = pl.col("posture").fill_null(""), pl.col("visit")
    at = [
        posture.filter(visit == start).first().over("procedure_id").alias(start)
        for start in (BASELINE, AFTER_OPERATION)
    ]
    moves = values.select("visit", *at, "posture")
    counted = moves.group_by("visit", BASELINE, AFTER_OPERATION, "posture").len().rows()
    order = list(visits())
    return tuple(
        pairs
        for place, start in enumerate((BASELINE, AFTER_OPERATION), 1)
        for visit in order[order.index(start) + 1 :]
        for pairs in [
            _counted(visit, start, [(r[place], r[3], r[4]) for r in counted if r[0] == visit])
        ]
        if pairs.n_pairs
    )


def _counted(
    visit: str, versus: str, rows: list[tuple[str | None, str | None, int]]
) -> PosturePairs:
    both = [(before, after or "", n) for before, after, n in rows if before is not None]
    moves: dict[tuple[str, str], int] = {}
    for before, after, n in both:
        if before and after and before != after:
            moves[before, after] = moves.get((before, after), 0) + n
    return PosturePairs(
        visit=visit,
        versus=versus,
        n_pairs=sum(n for *_, n in both),
        n_unknown=sum(n for before, after, n in both if not (before and after)),
        moves=tuple((*move, n) for move, n in sorted(moves.items(), key=lambda m: (-m[1], m[0]))),
    )
