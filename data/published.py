"""Published series of leaks, each row with where it was read."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from typing import Literal

from data.codebook import FOLDER

KYPHOPLASTY = "kyphoplasty"
Denominator = Literal["patient", "level"]


@dataclass(frozen=True)
class PublishedSeries:
    """One published count of leaks, a row of ``published_series.csv``.

    Notes
    -----
    `k` of `n` patients or levels, as `denominator` says. What the source does not state is None:
    `leak_modality` (how one looked for leaks), `timepoint`, `doi`, `year`, `sponsor`.
    """

    study: str
    year: int | None
    doi: str | None
    population: str
    procedure: str
    statistic: str
    k: int
    n: int
    denominator: Denominator
    leak_modality: str | None
    timepoint: str | None
    source: str
    sponsor: str | None
    verified_by: str
    verified_on: str
    note: str | None


@cache
def published_series() -> tuple[PublishedSeries, ...]:
    """Return the published series in the order of their file."""
    with (FOLDER / "published_series.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_series(row) for row in csv.DictReader(file))


def _series(row: dict[str, str]) -> PublishedSeries:
    return PublishedSeries(
        study=row["study"],
        year=int(row["year"]) if row["year"] else None,
        doi=row["doi"] or None,
        population=row["population"],
        procedure=row["procedure"],
        statistic=row["statistic"],
        k=int(row["k"]),
        n=int(row["n"]),
        denominator="level" if row["denominator"] == "level" else "patient",
        leak_modality=row["leak_modality"] or None,
        timepoint=row["timepoint"] or None,
        source=row["source"],
        sponsor=row["sponsor"] or None,
        verified_by=row["verified_by"],
        verified_on=row["verified_on"],
        note=row["note"] or None,
    )
