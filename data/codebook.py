"""Measures, visits, tumours, thresholds and the closed vocabularies of the registry."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from data.thresholds import Threshold as Threshold
from data.thresholds import read_thresholds

UnitOfAnalysis = Literal["patient", "level"]

FOLDER = Path(__file__).parent

LEVELS = (*(f"T{n}" for n in range(1, 13)), *(f"L{n}" for n in range(1, 6)))
REGIONS = ("thoracic", "thoracolumbar", "lumbar")
SEXES = {"F": "women", "M": "men"}
LEAK_STATES = {"yes": "leak", "no": "no leak", "unrecorded": "not looked for"}
APPROACHES = ("unipedicular", "bipedicular", "extrapedicular")
LEAK_LOCATIONS = ("epidural", "foraminal", "intradiscal", "paravertebral", "venous", "pulmonary")
LEAK_ROUTES = {
    "B": "basivertebral vein",
    "S": "segmental vein",
    "C": "cortical defect",
    "D": "disc",
}
LEAK_MODALITIES = ("fluoroscopy", "radiograph", "ct")
EVENT_KINDS = (
    "adjacent_fracture",
    "remote_fracture",
    "revision",
    "neurological_deficit",
    "radiculopathy",
    "pulmonary_embolism",
    "infection",
    "readmission",
    "other",
)
BASELINE = "pre"
AFTER_OPERATION = "post"
OTHER_VISIT = "other"


@dataclass(frozen=True)
class Scoring:
    """How a score follows from its sections.

    Parameters
    ----------
    sections : int
        Number of sections; their columns are ``<measure>_1`` to ``<measure>_<sections>``.
    maximum : int
        Highest answer of a section; the lowest is 0.
    answered : int
        Fewest answered sections that still give a score.
    """

    sections: int
    maximum: int
    answered: int


@dataclass(frozen=True)
class Measure:
    """One outcome measure, a row of ``codebook.csv``.

    Notes
    -----
    `minimum`, `maximum`, `error` (the smallest detectable change) and an absolute `margin`
    are in `unit`; a margin of kind ``percent_of_reference`` is a percentage of
    `reference_measure`.
    """

    code: str
    label: str
    short_label: str
    unit: str
    unit_of_analysis: UnitOfAnalysis
    better: Literal["lower", "higher", "neither"]
    minimum: float
    maximum: float
    decimals: int
    primary: bool
    margin: float | None
    margin_kind: str | None
    margin_source: str | None
    margin_date: str | None
    error: float | None
    error_source: str | None
    reference_measure: str | None
    scoring: Scoring | None
    loinc: str | None
    reference: str | None


@dataclass(frozen=True)
class Visit:
    """A scheduled visit and its window in days from the operation, a row of ``visits.csv``."""

    code: str
    label: str
    short_label: str
    day_from: int
    day_to: int


@dataclass(frozen=True)
class Tumour:
    """A primary tumour of the vocabulary with the texts that map to it."""

    code: str
    label: str
    synonyms: tuple[str, ...]


@dataclass(frozen=True)
class Band:
    """A published band of a measure's scale, a row of ``bands.csv``.

    Notes
    -----
    It reaches from above the band before it (the first from the scale's minimum) up to `up_to`,
    in the measure's unit, that value included.
    """

    measure: str
    up_to: float
    label: str
    source: str


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _number(text: str) -> float | None:
    return float(text) if text else None


def _scoring(text: str) -> Scoring | None:
    if not text:
        return None
    parts = dict(part.split("=") for part in text.split(";"))
    return Scoring(int(parts["sections"]), int(parts["maximum"]), int(parts["answered"]))


def _measure(row: dict[str, str]) -> Measure:
    return Measure(
        code=row["code"],
        label=row["label"],
        short_label=row["short_label"],
        unit=row["unit"],
        unit_of_analysis="level" if row["unit_of_analysis"] == "level" else "patient",
        better=row["better"],  # type: ignore[arg-type]
        minimum=float(row["minimum"]),
        maximum=float(row["maximum"]),
        decimals=int(row["decimals"]),
        primary=row["primary"] == "yes",
        margin=_number(row["margin"]),
        margin_kind=row["margin_kind"] or None,
        margin_source=row["margin_source"] or None,
        margin_date=row["margin_date"] or None,
        error=_number(row["error"]),
        error_source=row["error_source"] or None,
        reference_measure=row["reference_measure"] or None,
        scoring=_scoring(row["scoring"]),
        loinc=row["loinc"] or None,
        reference=row["reference"] or None,
    )


@cache
def measures() -> dict[str, Measure]:
    """Return every measure by its code, in codebook order."""
    return {row["code"]: _measure(row) for row in _rows("codebook.csv")}


@cache
def selectable_measures(unit_of_analysis: UnitOfAnalysis) -> tuple[Measure, ...]:
    """Return the measures that stand in a selector: all but the references of others."""
    references = {measure.reference_measure for measure in measures().values()}
    return tuple(
        measure
        for measure in measures().values()
        if measure.unit_of_analysis == unit_of_analysis and measure.code not in references
    )


@cache
def visits() -> dict[str, Visit]:
    """Return the scheduled visits by their code, in order of time."""
    return {
        row["code"]: Visit(
            row["code"],
            row["label"],
            row["short_label"],
            int(row["day_from"]),
            int(row["day_to"]),
        )
        for row in _rows("visits.csv")
    }


@cache
def tumours() -> dict[str, Tumour]:
    """Return the vocabulary of primary tumours by code."""
    return {
        row["code"]: Tumour(row["code"], row["label"], tuple(row["synonyms"].split(";")))
        for row in _rows("tumours.csv")
    }


@cache
def thresholds(measure: str) -> tuple[Threshold, ...]:
    """Return the published thresholds of a measure; the first is the default."""
    return tuple(found for found in _every_threshold() if found.measure == measure)


@cache
def _every_threshold() -> tuple[Threshold, ...]:
    scales = {
        measure.code: (measure.minimum, measure.maximum)
        for measure in selectable_measures("patient")
    }
    return read_thresholds(_rows("thresholds.csv"), scales)


@cache
def bands(measure: str) -> tuple[Band, ...]:
    """Return the published bands of a measure's scale, ascending; none for most measures."""
    rows = (row for row in _rows("bands.csv") if row["measure"] == measure)
    return tuple(
        Band(row["measure"], float(row["up_to"]), row["label"], row["source"]) for row in rows
    )


def region(level: str, convention: str = "junction") -> str:
    """Return the spinal region of a level under a region convention.

    Parameters
    ----------
    level : str
        One of `LEVELS`.
    convention : {"junction", "split"}
        ``junction``: thoracic T1-T10, thoracolumbar T11-L2, lumbar L3-L5.
        ``split``: thoracic T1-T12, lumbar L1-L5.
    """
    position = LEVELS.index(level)
    if convention == "split":
        return "thoracic" if position <= LEVELS.index("T12") else "lumbar"
    if position <= LEVELS.index("T10"):
        return "thoracic"
    return "thoracolumbar" if position <= LEVELS.index("L2") else "lumbar"


def region_label(code: str, convention: str = "junction") -> str:
    """Return a region with the levels it spans, for example ``thoracic T1–T10``."""
    members = [level for level in LEVELS if region(level, convention) == code]
    return f"{code} {members[0]}–{members[-1]}" if members else code
