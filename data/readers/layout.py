"""The files of a source and their columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from data.codebook import measures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.codebook import Measure, UnitOfAnalysis

COMPULSORY_FILES = ("patients", "procedures")
SETTINGS = "source.toml"


@dataclass(frozen=True)
class Layout:
    """The columns of one file.

    Parameters
    ----------
    key : str
        The column that names a row to other tables.
    fixed : tuple of str
        Columns that do not follow from the codebook; where absent they are blank.
    compulsory : tuple of tuple of str
        Of each group one column at least must be there.
    measured : tuple of str
        Columns of measures and of their sections.
    """

    key: str
    fixed: tuple[str, ...]
    compulsory: tuple[tuple[str, ...], ...]
    measured: tuple[str, ...] = ()

    @property
    def columns(self) -> frozenset[str]:
        """Return every column that is read."""
        return frozenset((*self.fixed, *self.measured))


@cache
def layouts() -> dict[str, Layout]:
    """Return the layout of every file, by its name without the ending."""
    return {
        "patients": Layout(
            "patient_id",
            (
                "patient_id",
                "sex",
                "birth_year",
                "primary_tumour",
                "died_on",
                "died",
                "last_seen_on",
            ),
            (("patient_id",),),
        ),
        "procedures": Layout(
            "procedure_id",
            (
                *("procedure_id", "patient_id", "operated_on", "level", "approach", "cement_ml"),
                *("leak", "leak_locations", "leak_symptomatic", "leak_modality"),
                *("surgeon", "centre"),
            ),
            (("procedure_id",), ("patient_id",), ("operated_on",), ("level",)),
        ),
        "follow_ups": Layout(
            "patient_id",
            ("patient_id", "visit", "measured_on"),
            (("patient_id",), ("visit", "measured_on")),
            tuple(_measured("patient")),
        ),
        "radiographs": Layout(
            "procedure_id",
            ("procedure_id", "visit", "measured_on", "reader", "posture", "calibrated"),
            (("procedure_id",), ("visit", "measured_on")),
            tuple(_measured("level")),
        ),
        "events": Layout(
            "patient_id",
            ("patient_id", "procedure_id", "kind", "occurred_on"),
            (("patient_id",), ("kind",)),
        ),
    }


def section_columns(measure: Measure) -> list[str]:
    """Return the columns of the sections behind a score, none for a plain measure."""
    sections = measure.scoring.sections if measure.scoring else 0
    return [f"{measure.code}_{n}" for n in range(1, sections + 1)]


def _measured(unit: UnitOfAnalysis) -> Iterator[str]:
    for measure in measures().values():
        if measure.unit_of_analysis == unit:
            yield measure.code
            yield from section_columns(measure)
