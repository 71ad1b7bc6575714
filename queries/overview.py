"""Who was treated, who was seen at each visit, and the headline figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.codebook import BASELINE, selectable_measures, visits
from queries.absence import count_reasons, reasons, vital_status
from queries.alignment import Alignment, alignment
from queries.cohort import Cohort, Selection, selection
from queries.grouping import group_order
from queries.leakage import Leakage, leakage
from queries.seen import seen_at_visits
from queries.statistics.descriptive import Description, describe
from queries.trajectory import Trajectory, trajectory

if TYPE_CHECKING:
    from data.warehouse import Reader
    from queries.modelled import Models
    from queries.statistics.results import Comparison


@dataclass(frozen=True)
class Figure:
    """One headline figure: what, how much, and out of or among how many."""

    key: str
    value: float | None
    n: int


@dataclass(frozen=True)
class Attendance:
    """Patients seen at one visit, and the others by reason."""

    visit: str
    seen: int
    not_seen: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Overview:
    """The cohort at a glance, with the answers behind its headline figures.

    Parameters
    ----------
    tumours, levels : tuple of (str, int)
        Patients per primary tumour, treated levels per vertebra.
    headline_visit : str or None
        The latest scheduled visit that at least half of those with a baseline attended.
    """

    selection: Selection
    sexes: tuple[tuple[str, int], ...]
    ages: Description
    tumours: tuple[tuple[str, int], ...]
    levels: tuple[tuple[str, int], ...]
    regions: tuple[tuple[str, int], ...]
    sessions: int
    died: int
    attendance: tuple[Attendance, ...]
    trajectories: tuple[Trajectory, ...]
    leakage: Leakage
    alignments: tuple[Alignment, ...]

    @property
    def rows(self) -> tuple[Figure, ...]:
        """Return the headline figures."""
        people, levels = self.selection.n_patients, self.selection.n_levels
        figures = [
            Figure("patients", people, self.selection.n_patients_all),
            Figure("levels", levels, self.selection.n_levels_all),
            Figure("sessions", self.sessions, people),
            *(Figure(f"sex_{code}", count, people) for code, count in self.sexes),
            Figure("age_median", self.ages.median, self.ages.n),
            Figure("age_q1", self.ages.q1, self.ages.n),
            Figure("age_q3", self.ages.q3, self.ages.n),
            Figure("died", self.died, people),
            *(Figure(f"seen_{row.visit}", row.seen, people) for row in self.attendance),
            Figure("leaks", self.leakage.total.per_level.k, self.leakage.total.per_level.n),
            Figure(
                "patients_with_leak",
                self.leakage.total.per_patient.k,
                self.leakage.total.per_patient.n,
            ),
        ]
        changes = [
            Figure(f"{test.outcome}_change_{test.visit}", test.estimate, test.n_patients)
            for test in self.comparisons
            if test.kind == "paired"
        ]
        return (*figures, *changes)

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Return the tests of the primary outcomes."""
        answers: tuple[Trajectory | Alignment, ...] = (*self.trajectories, *self.alignments)
        return tuple(test for answer in answers for test in answer.comparisons)


def overview(reader: Reader, cohort: Cohort, *, models: Models = "few") -> Overview:
    """Look at a whole cohort: who was treated, who was seen, and the primary outcomes.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    models : {"few", "always", "none"}
        Whether the models of every observed value are fitted above 5,000 patients, or not at all.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.
    """
    selected = selection(reader, cohort)
    people = selected.members.unique("patient_id", maintain_order=True)
    status = vital_status(reader)
    seen = seen_at_visits(reader)
    scores = [m.code for m in selectable_measures("patient") if m.primary]
    films = [m.code for m in selectable_measures("level") if m.primary]
    return Overview(
        selection=selected,
        sexes=_counts(people, "sex"),
        ages=describe(people["age"].drop_nulls().cast(pl.Float64).to_numpy()),
        tumours=_counts(people, "primary_tumour"),
        levels=_counts(selected.members, "level"),
        regions=_counts(selected.members, "region"),
        sessions=selected.members.select("patient_id", "operated_on").n_unique(),
        died=int(status["died"].sum()),
        attendance=_attendance(reader, seen, status),
        trajectories=tuple(
            trajectory(reader, cohort, measure=code, models=models) for code in scores
        ),
        leakage=leakage(reader, cohort, by="region"),
        alignments=tuple(alignment(reader, cohort, measure=code, models=models) for code in films),
    )


def _counts(frame: pl.DataFrame, field: str) -> tuple[tuple[str, int], ...]:
    found = dict(frame.group_by(field).len().iter_rows())
    return tuple((code, found[code]) for code in group_order(field, set(found)))


def _attendance(reader: Reader, seen: pl.DataFrame, status: pl.DataFrame) -> tuple[Attendance, ...]:
    attended = set(seen["visit"].to_list()) | ({BASELINE} if status.height else set())
    rows = []
    for visit in (visit for visit in visits() if visit in attended):
        here = seen.filter(pl.col("visit") == visit)
        absent = reasons(status, visit, reader.registry.data_date).join(
            here, on="patient_id", how="anti"
        )
        rows.append(Attendance(visit, here.height, count_reasons(absent["reason"])))
    return tuple(rows)
