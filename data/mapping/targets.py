"""What a column of a source can become: every column of the source format, and what makes one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from data.codebook import EVENT_KINDS, measures
from data.readers.layout import section_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.codebook import Measure

TargetKind = Literal[
    "key",
    "text",
    "day",
    "partial_day",
    "number",
    "section",
    "level",
    "visit",
    "sex",
    "yes_no",
    "leak",
    "locations",
    "approach",
    "modality",
    "event",
    "happened",
    "year",
    "birth",
    "age",
    "tumour",
    "died",
    "alive",
]


@dataclass(frozen=True)
class Target:
    """One thing that a column can become.

    Parameters
    ----------
    becomes : str
        The table and the column of the source format, such as ``follow_ups.vas``.
    label : str
        Its name for people.
    kind : str
        How its cells are read.
    measure : Measure or None
        The measure of the codebook, where it is one or a section of one.
    """

    becomes: str
    label: str
    kind: TargetKind
    measure: Measure | None = None

    @property
    def table(self) -> str:
        """Return the table of the source format."""
        return self.becomes.partition(".")[0]

    @property
    def field(self) -> str:
        """Return the column of the source format, or the name of what makes one."""
        return self.becomes.partition(".")[2]


FIXED: tuple[tuple[str, str, TargetKind], ...] = (
    ("patients.patient_id", "Patient: number or pseudonym", "key"),
    ("patients.sex", "Patient: sex", "sex"),
    ("patients.birth_year", "Patient: year of birth", "year"),
    ("patients.birth_date", "Patient: date of birth (only the year is kept)", "birth"),
    ("patients.age", "Patient: age at the operation", "age"),
    ("patients.primary_tumour", "Patient: primary tumour", "tumour"),
    ("patients.died_on", "Patient: date of death", "partial_day"),
    ("patients.died", "Patient: has died (yes, no)", "died"),
    ("patients.alive", "Patient: is alive (yes, no)", "alive"),
    ("patients.last_seen_on", "Patient: last seen on", "day"),
    ("procedures.procedure_id", "Procedure: number", "key"),
    ("procedures.operated_on", "Procedure: date of operation", "day"),
    ("procedures.level", "Procedure: treated level", "level"),
    ("procedures.approach", "Procedure: approach", "approach"),
    ("procedures.cement_ml", "Procedure: cement (ml)", "number"),
    ("procedures.leak", "Procedure: cement leak (yes, no)", "leak"),
    ("procedures.leak_locations", "Procedure: where cement leaked", "locations"),
    ("procedures.leak_symptomatic", "Procedure: leak symptomatic (yes, no)", "yes_no"),
    ("procedures.leak_modality", "Procedure: how a leak was looked for", "modality"),
    ("procedures.surgeon", "Procedure: surgeon", "text"),
    ("procedures.centre", "Procedure: centre", "text"),
    ("follow_ups.visit", "Visit", "visit"),
    ("follow_ups.measured_on", "Visit: date", "day"),
    ("radiographs.visit", "Film: visit", "visit"),
    ("radiographs.measured_on", "Film: date", "day"),
    ("radiographs.reader", "Film: reader", "text"),
    ("radiographs.posture", "Film: posture", "text"),
    ("radiographs.calibrated", "Film: calibrated (yes, no)", "yes_no"),
    ("events.kind", "Event: kind", "event"),
    ("events.occurred_on", "Event: date", "day"),
)


@cache
def targets() -> dict[str, Target]:
    """Return everything that a column can become, by `Target.becomes`."""
    fixed = [Target(becomes, label, kind) for becomes, label, kind in FIXED]
    happened = [
        Target(f"events.{kind}", f"Event: {kind.replace('_', ' ')} (yes, or its date)", "happened")
        for kind in EVENT_KINDS
        if kind != "other"
    ]
    return {one.becomes: one for one in (*fixed, *_measured(), *happened)}


def _measured() -> Iterator[Target]:
    for code, measure in measures().items():
        patient = measure.unit_of_analysis == "patient"
        table = "follow_ups" if patient else "radiographs"
        who = "Score" if patient else "Film"
        yield Target(f"{table}.{code}", f"{who}: {measure.label}", "number", measure)
        for n, name in enumerate(section_columns(measure), 1):
            label = f"{who}: {measure.label}, section {n}"
            yield Target(f"{table}.{name}", label, "section", measure)
