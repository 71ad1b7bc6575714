"""How heights and angles of treated vertebrae ran over the visits: gain, then loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from data.codebook import BASELINE, measures
from queries.absence import vital_status
from queries.between import GroupChange, between, group_changes, splits
from queries.change import Contrast, comparisons
from queries.cohort import Cohort, Selection, selection
from queries.courses import Course, course, courses
from queries.equivalence import equivalence
from queries.films import FilmKinds, Scale, film_kinds, level_values
from queries.grouping import EVERYBODY, By, group_order, grouped
from queries.modelled import Models, modelled
from queries.omnibus import omnibus
from queries.pairs import LevelPairs, PairedVisit, by_visit, left_out, left_out_note
from queries.scores import planned_visits
from queries.statistics.clusters import clustered_signed_rank
from queries.statistics.correlation import design_effect, value_icc
from queries.statistics.descriptive import describe
from queries.statistics.limits import ALPHA
from queries.statistics.paired import hodges_lehmann, signed_rank
from queries.statistics.results import Sensitivity
from queries.thinned import neighbours
from queries.trajectory import MOST_LINES

if TYPE_CHECKING:
    from data.codebook import Measure
    from data.warehouse import Reader
    from queries.equivalence import Judged
    from queries.statistics.results import Comparison


@dataclass(frozen=True)
class LevelRow:
    """A measurement at one visit in one group, over every level with a value there.

    Notes
    -----
    Quantiles are linear (R's type 7) over levels; they carry no interval, since levels of one
    patient are not independent.
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


@dataclass(frozen=True)
class Alignment:
    """A height or an angle over the visits.

    Parameters
    ----------
    scale : {"value", "percent_of_reference"}
        Unit of the codebook, or per cent of the level's reference height.
    pairs : tuple of PairedVisit
        One for each test against baseline, on patient means, with how alike a patient's levels
        changed.
    groups : tuple of Comparison
        With `by`, one test of the change between the groups of patients per visit, adjusted
        after Holm.
    changes : tuple of GroupChange
        With `by`, the change of every group of patients at every visit.
    judged : tuple of Judged
        Stability at every visit after the first film after the operation.
    error : float or None
        Smallest detectable change in the unit shown.
    kinds : FilmKinds
        Posture and calibration of the films behind the values.
    levels : polars.DataFrame or None
        patient_id, procedure_id, level, pre, post, last, last_visit, gain, loss; None where
        more than 5,000 films would be drawn.
    bars : polars.DataFrame
        gain, loss and together, in order of the gain, the best first; up to 200 levels that is 1,
        and the other columns of `levels` are there, which are null above.
    values : polars.DataFrame or None
        patient_id, procedure_id, level, visit, value, baseline, change and within_error;
        None as above.
    """

    measure: Measure
    scale: Scale
    selection: Selection
    by: By | None
    error: float | None
    rows: tuple[LevelRow, ...]
    pairs: tuple[PairedVisit, ...]
    paired: tuple[Comparison, ...]
    omnibus: tuple[Comparison, ...]
    groups: tuple[Comparison, ...]
    changes: tuple[GroupChange, ...]
    judged: tuple[Judged, ...]
    gain: Course
    loss: Course
    kinds: FilmKinds
    levels: pl.DataFrame | None
    bars: pl.DataFrame
    values: pl.DataFrame | None

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Return every test of this answer."""
        stability = (judged.test for judged in self.judged)
        return (*self.paired, *self.omnibus, *self.groups, *stability)

    @property
    def unit(self) -> str:
        """Return the unit of the values shown."""
        return self.measure.unit if self.scale == "value" else "% of the reference height"

    @property
    def visits(self) -> tuple[str, ...]:
        """Return the visits at which anybody in the registry has this measurement."""
        return tuple(dict.fromkeys(row.visit for row in self.rows))


def alignment(
    reader: Reader,
    cohort: Cohort,
    *,
    measure: str = "kyphosis_angle",
    scale: Scale = "value",
    posture: str | None = None,
    by: By | None = None,
    models: Models = "few",
) -> Alignment:
    """Follow one height or angle of the cohort's treated levels over the visits.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    measure : str
        Code of a level measure of the codebook.
    scale : {"value", "percent_of_reference"}
        In the measure's unit, or in per cent of the level's reference height.
    posture : str, optional
        Keep the films taken in one posture; all stand together where none is named.
    by : str, optional
        Field whose groups are described and compared.
    models : {"few", "always", "none"}
        Whether the models of every observed value are fitted above 5,000 patients, or not at all.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.
    """
    selected = selection(reader, cohort)
    described = measures()[measure]
    planned = planned_visits(reader, measure)
    values = level_values(reader, described, selected, scale=scale, posture=posture)
    error = described.error if scale == "value" else None
    levels = courses(values, planned)
    exploratory = cohort.is_filtered or not described.primary or posture is not None
    paired = _level_pairs(values, planned)
    pairs = _pairs(reader, values, paired)
    followed = [pair.visit for pair in pairs]
    family = splits(values, followed, selected, by, outcome=measure, unit="level")
    fitted = modelled(values, planned, level="procedure_id", models=models)
    return Alignment(
        measure=described,
        scale=scale,
        selection=selected,
        by=by,
        error=error,
        rows=_rows(measure, planned, values, selected, by),
        pairs=pairs,
        paired=comparisons(
            [
                _contrast(pair, paired[pair.visit], measure, selected, fitted[pair.visit])
                for pair in pairs
            ],
            exploratory=exploratory,
        ),
        omnibus=omnibus(
            values,
            planned,
            outcome=measure,
            unit="level",
            n_patients=selected.n_patients,
            exploratory=exploratory,
        ),
        groups=between(family, exploratory=exploratory),
        changes=tuple(change for split in family for change in group_changes(split)),
        judged=equivalence(
            values,
            planned,
            described,
            in_percent=scale == "percent_of_reference",
            n_patients=selected.n_patients,
            exploratory=exploratory,
        ),
        gain=course("gain", levels, described, error),
        loss=course("loss", levels, described, error),
        kinds=film_kinds(values, described, posture),
        levels=_few(levels),
        bars=_bars(levels, described),
        values=_few(_marked(values, error)),
    )


def _level_pairs(values: pl.DataFrame, planned: tuple[str, ...]) -> dict[str, LevelPairs]:
    seen = set(values["visit"].to_list()) - {BASELINE}
    changed = values.filter(pl.col("change").is_not_null())
    at = by_visit(changed, [visit for visit in planned if visit in seen])
    return {visit: LevelPairs.of(visit, here) for visit, here in at.items()}


def _pairs(
    reader: Reader, values: pl.DataFrame, pairs: dict[str, LevelPairs]
) -> tuple[PairedVisit, ...]:
    status = _since_first_film(vital_status(reader))
    missing = left_out(values, list(pairs), status, reader.registry.data_date)
    return tuple(_pair(pair, missing[visit]) for visit, pair in pairs.items())


def _since_first_film(status: pl.DataFrame) -> pl.DataFrame:
    """Count the visits of films from each patient's first operation in the cohort."""
    return status.with_columns(first_operated_on="started_on", has_index_session=pl.lit(value=True))


def _pair(levels: LevelPairs, missing: tuple[tuple[str, int], ...]) -> PairedVisit:
    n = levels.n_levels
    icc = value_icc(levels.differences, levels.patients) if n else None
    sizes = np.unique(levels.patients, return_counts=True)[1]
    return PairedVisit(
        visit=levels.visit,
        n=levels.baseline.size,
        baseline_median=describe(levels.baseline).median,
        median=describe(levels.follow_up).median,
        n_reoperated=0,
        left_out=missing,
        n_levels=n,
        icc=icc,
        n_effective=None if icc is None else n / design_effect(sizes, icc),
    )


def _contrast(
    pair: PairedVisit,
    levels: LevelPairs,
    measure: str,
    selected: Selection,
    fitted: tuple[Sensitivity, ...],
) -> Contrast:
    return Contrast(
        outcome=measure,
        unit="level",
        visit=pair.visit,
        baseline=levels.baseline,
        follow_up=levels.follow_up,
        n_patients=selected.n_patients,
        n_levels=levels.n_levels,
        sensitivity=(*_sensitivity(levels), *fitted),
        notes=left_out_note(pair),
    )


def _sensitivity(pairs: LevelPairs) -> tuple[Sensitivity, ...]:
    if not pairs.n_levels:
        return ()
    levels, shift = signed_rank(pairs.differences), hodges_lehmann(pairs.differences)
    clustered = clustered_signed_rank(pairs.differences, pairs.patients)
    alone, p = "levels as independent", levels.p
    if levels.p is not None and levels.smallest_p > ALPHA:
        alone, p = f"{alone}: {levels.n_nonzero} of them cannot reach {ALPHA:g}", None
    return (
        Sensitivity(alone, p, shift.value, shift.ci_low, shift.ci_high),
        Sensitivity("clustered signed-rank", clustered.p, None, None, None)
        if clustered.n_clusters > 1
        else Sensitivity("clustered signed-rank: one patient only", None, None, None, None),
    )


def _marked(values: pl.DataFrame, error: float | None) -> pl.DataFrame:
    within = pl.col("change").abs() <= error + 1e-9 if error is not None else pl.lit(value=False)
    return values.with_columns(within.alias("within_error"))


def _bars(levels: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    gained = levels.filter(pl.col("gain").is_not_null())
    order = gained.sort("gain", "procedure_id", descending=[measure.better == "higher", False])
    return neighbours(order, ["gain", "loss"])


def _few(frame: pl.DataFrame) -> pl.DataFrame | None:
    return frame if frame.height <= MOST_LINES else None


def _rows(
    measure: str,
    planned: tuple[str, ...],
    values: pl.DataFrame,
    selected: Selection,
    by: By | None,
) -> tuple[LevelRow, ...]:
    rows = _of_group(EVERYBODY, measure, planned, values)
    if by is None:
        return tuple(rows)
    groups = grouped(selected.members, by, "level").select("procedure_id", "group")
    split = values.join(groups, on="procedure_id")
    for group in group_order(by, set(groups["group"])):
        rows += _of_group(group, measure, planned, split.filter(pl.col("group") == group))
    return tuple(rows)


def _of_group(
    group: str, measure: str, planned: tuple[str, ...], values: pl.DataFrame
) -> list[LevelRow]:
    at = by_visit(values.select("visit", "patient_id", "value"), planned)
    return [_row(group, measure, visit, here) for visit, here in at.items()]


def _row(group: str, measure: str, visit: str, here: pl.DataFrame) -> LevelRow:
    summary = describe(here["value"].to_numpy())
    return LevelRow(
        group=group,
        measure=measure,
        visit=visit,
        n_levels=summary.n,
        n_patients=here["patient_id"].n_unique(),
        median=summary.median,
        q1=summary.q1,
        q3=summary.q3,
        mean=summary.mean,
        sd=summary.sd,
    )
