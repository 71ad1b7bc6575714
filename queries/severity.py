"""In which published band of the scale each patient stood before, and at every visit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import BASELINE, bands, measures
from queries.absence import DEAD, reasons
from queries.cohort import Cohort, Selection, selection
from queries.grouping import EVERYBODY
from queries.scores import scores

if TYPE_CHECKING:
    from data.codebook import Band, Measure
    from data.warehouse import Reader
    from queries.scores import Scores
    from queries.statistics.results import Comparison

TOLERANCE = 1e-9
NOT_SEEN = "not seen"


@dataclass(frozen=True)
class Shift:
    """Patients in one band before the operation and in one at a visit.

    Notes
    -----
    `after` is a band, ``dead`` or ``not seen`` (not due, lost or not recorded).
    """

    group: str
    measure: str
    visit: str
    before: str
    after: str
    n: int


@dataclass(frozen=True)
class Moved:
    """Where the patients of one visit went, among the `n` with both values."""

    visit: str
    n: int
    milder: int
    same: int
    worse: int


@dataclass(frozen=True)
class Severity:
    """The bands of a score before the operation and at every visit.

    Parameters
    ----------
    bands : tuple of Band
        Ascending.
    rows : tuple of Shift
        Every visit after baseline that anybody attended, band before and place after; those
        with 0 patients too.
    moved : tuple of Moved
        One for each of these visits.
    without_baseline : int
        Patients of the cohort without a baseline, who are in no row.
    """

    measure: Measure
    selection: Selection
    bands: tuple[Band, ...]
    rows: tuple[Shift, ...]
    moved: tuple[Moved, ...]
    without_baseline: int
    of_later_sessions: int

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Return no test: the change itself is tested by the question trajectory."""
        return ()

    @property
    def visits(self) -> tuple[str, ...]:
        """Return the visits after baseline that anybody attended."""
        return tuple(row.visit for row in self.moved)


def severity(reader: Reader, cohort: Cohort, *, measure: str = "odi") -> Severity:
    """Count the cohort's patients by band before the operation and at every visit.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    measure : str
        Code of a patient measure with bands in ``bands.csv``.

    Raises
    ------
    ValueError
        If the measure has no bands.
    data.warehouse.RegistryError
        If the registry cannot be read.

    Notes
    -----
    A band reaches up to its upper limit, that value included: 20 is minimal, 20.5 moderate. The
    published bands are of whole numbers and leave the values between them to nobody.
    """
    known = bands(measure)
    if not known:
        raise ValueError(f"`measure` must have bands, got {measure!r}.")
    selected = selection(reader, cohort)
    found = scores(reader, measure)
    banded = found.values.with_columns(_band(known, "value"), _band(known, "baseline"))
    shifts = [_at(visit, banded, found, reader, known) for visit in found.followed]
    starting = banded.filter(pl.col("visit") == BASELINE).height
    return Severity(
        measure=measures()[measure],
        selection=selected,
        bands=known,
        rows=tuple(row for rows in shifts for row in rows),
        moved=tuple(
            _moved(visit, rows, known) for visit, rows in zip(found.followed, shifts, strict=True)
        ),
        without_baseline=selected.n_patients - starting - found.of_later_sessions,
        of_later_sessions=found.of_later_sessions,
    )


def _band(known: tuple[Band, ...], column: str) -> pl.Expr:
    band = pl.lit(known[-1].label)
    for step in reversed(known[:-1]):
        inside = pl.col(column) <= step.up_to + TOLERANCE
        band = pl.when(inside).then(pl.lit(step.label)).otherwise(band)
    return pl.when(pl.col(column).is_not_null()).then(band).alias(f"{column}_band")


def _at(
    visit: str, banded: pl.DataFrame, found: Scores, reader: Reader, known: tuple[Band, ...]
) -> list[Shift]:
    before = banded.filter(pl.col("visit") == BASELINE).select(
        "patient_id", pl.col("baseline_band").alias("before")
    )
    here = banded.filter(pl.col("visit") == visit).select("patient_id", "value_band")
    why = reasons(found.status, visit, reader.registry.data_date)
    gone = pl.when(pl.col("reason") == DEAD).then(pl.lit(DEAD)).otherwise(pl.lit(NOT_SEEN))
    counted = (
        before.join(here, on="patient_id", how="left")
        .join(why, on="patient_id", how="left")
        .with_columns(pl.coalesce("value_band", gone).alias("after"))
        .group_by("before", "after")
        .len()
    )
    n = {(start, end): count for start, end, count in counted.iter_rows()}
    labels = [band.label for band in known]
    return [
        Shift(EVERYBODY, known[0].measure, visit, start, end, n.get((start, end), 0))
        for start in labels
        for end in (*labels, DEAD, NOT_SEEN)
    ]


def _moved(visit: str, rows: list[Shift], known: tuple[Band, ...]) -> Moved:
    place = {band.label: place for place, band in enumerate(known)}
    milder = same = worse = 0
    better = -1 if measures()[known[0].measure].better == "lower" else 1
    for row in rows:
        if row.after not in place:
            continue
        step = better * (place[row.after] - place[row.before])
        milder += row.n if step > 0 else 0
        same += row.n if step == 0 else 0
        worse += row.n if step < 0 else 0
    return Moved(visit=visit, n=milder + same + worse, milder=milder, same=same, worse=worse)
