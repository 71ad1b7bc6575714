"""Small registries that a reader of results must survive, generated without chance.

Every patient has the same five visits, and what varies follows from his number alone: a fall of
pain and disability, one to three treated levels in turn, every fourth level with a leak. Each
cohort then changes the one thing that its name says.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from data.ingest import accept, check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pytest

FIRST_DAY = date(2021, 1, 11)
DATA_DATE = date(2024, 12, 31)
VISIT_DAYS = {"pre": -5, "post": 4, "m3": 91, "m6": 182, "m12": 365}
PLACES = ("T8", "L1", "L4")
LOCATIONS = ("epidural/B", "paravertebral", "intradiscal/D;venous/S")
SCORES = ("vas", "odi", "karnofsky")
HEIGHTS = ("height_anterior", "height_middle", "height_posterior")
FILMS = (*HEIGHTS, *(f"{height}_reference" for height in HEIGHTS), "wedge_angle", "kyphosis_angle")

Row = dict[str, str]
Values = dict[str, float]
Course = Callable[[int, str], Values]


@dataclass(frozen=True)
class Patient:
    """One patient, with the visits at which he was seen."""

    number: int
    sex: str = "F"
    tumour: str = "breast"
    levels: int = 1
    leaks: int = 0
    dies_on_day: int | None = None
    visits: tuple[str, ...] = tuple(VISIT_DAYS)

    @property
    def code(self) -> str:
        """The patient's identifier."""
        return f"P{self.number:02}"

    @property
    def operated_on(self) -> date:
        """The day of his only session."""
        return FIRST_DAY + timedelta(days=17 * self.number)

    def day(self, after: int) -> str:
        """Return a day counted from the operation as the source writes it."""
        return (self.operated_on + timedelta(days=after)).isoformat()

    @property
    def attended(self) -> tuple[str, ...]:
        """The visits that he lived to see."""
        end = self.dies_on_day
        return tuple(v for v in self.visits if end is None or VISIT_DAYS[v] < end)


def scores_of(number: int, visit: str) -> Values:
    """Return a patient's scores at a visit: they fall, by other steps in each patient."""
    place = list(VISIT_DAYS).index(visit)
    fall = 0 if not place else 2 + 0.5 * ((3 * number + place) % 7)
    pain, disability = 9 - 0.5 * (number % 3), 70 - number % 5
    return {"vas": pain - fall, "odi": disability - 6 * fall, "karnofsky": 60 + 10 * (place > 1)}


def films_of(number: int, visit: str) -> Values:
    """Return a level's measurements: a gain at the operation, then little change."""
    place = list(VISIT_DAYS).index(visit)
    gain = 0 if not place else 4 - 0.3 * ((number + place) % 4)
    heights = dict.fromkeys(HEIGHTS, 15 + 0.5 * (number % 6) + gain)
    references = {f"{height}_reference": 26.0 for height in HEIGHTS}
    angles = {"wedge_angle": 12 - gain + number % 3, "kyphosis_angle": 20 - gain + number % 4}
    return {**heights, **references, **angles}


def people(count: int, **changes: object) -> list[Patient]:
    """Return patients of both sexes and three tumours, with one to three levels each."""
    tumours = ("breast", "lung", "kidney")
    return [
        replace(
            Patient(n, "FM"[n % 2], tumours[n % 3], levels=1 + n % 3, leaks=int(n % 4 == 1)),
            **changes,  # type: ignore[arg-type]
        )
        for n in range(1, count + 1)
    ]


def source(
    patients: Sequence[Patient],
    scores: Course = scores_of,
    films: Course = films_of,
) -> dict[str, str]:
    """Return the files of a source."""
    told = [_person(patient) for patient in patients]
    treated = [row for patient in patients for row in _procedures(patient)]
    seen = [
        {
            "patient_id": patient.code,
            "visit": visit,
            "measured_on": patient.day(VISIT_DAYS[visit]),
            **_text(scores(patient.number, visit)),
        }
        for patient in patients
        for visit in patient.attended
    ]
    filmed = [
        {
            "procedure_id": f"{patient.code}-{place}",
            "visit": visit,
            "measured_on": patient.day(VISIT_DAYS[visit]),
            **_text(films(patient.number + place, visit)),
        }
        for patient in patients
        for place in range(patient.levels)
        for visit in patient.attended
    ]
    settings = f'name = "Awkward"\nsynthetic = true\ndata_date = {DATA_DATE.isoformat()}\n'
    return {
        "source.toml": settings,
        "patients.csv": _table(told),
        "procedures.csv": _table(treated),
        "follow_ups.csv": _table(seen),
        "radiographs.csv": _table(filmed),
    }


def _person(patient: Patient) -> Row:
    died = patient.dies_on_day
    last = max(VISIT_DAYS[visit] for visit in (*patient.attended, "post"))
    return {
        "patient_id": patient.code,
        "sex": patient.sex,
        "birth_year": str(1940 + 3 * (patient.number % 12)),
        "primary_tumour": patient.tumour,
        "died_on": "" if died is None else patient.day(died),
        "last_seen_on": patient.day(last),
    }


def _procedures(patient: Patient) -> list[Row]:
    return [
        {
            "procedure_id": f"{patient.code}-{place}",
            "patient_id": patient.code,
            "operated_on": patient.day(0),
            "level": PLACES[place],
            "cement_ml": str(3 + place),
            "leak": "yes" if place < patient.leaks else "no",
            "leak_locations": LOCATIONS[place] if place < patient.leaks else "",
            "leak_symptomatic": "no" if place < patient.leaks else "",
            "leak_modality": "ct",
            "surgeon": ("Ames", "Berg")[patient.number % 2],
            "centre": ("North", "South")[patient.number // 2 % 2],
        }
        for place in range(patient.levels)
    ]


def _text(values: Values) -> Row:
    return {name: f"{value:g}" for name, value in values.items()}


def _table(rows: Sequence[Row]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [names, *([row.get(name, "") for name in names] for row in rows)]
    return "".join(",".join(line) + "\n" for line in lines)


def _same(values: Course) -> Course:
    return lambda _, __: values(1, "pre")


def _unchanged(values: Course) -> Course:
    return lambda number, _: values(number, "pre")


def _same_change(values: Course) -> Course:
    return lambda number, visit: {
        name: value + (values(1, visit)[name] - values(1, "pre")[name])
        for name, value in values(number, "pre").items()
    }


def _blank_at(values: Course, blank: str) -> Course:
    return lambda number, visit: {} if visit == blank else values(number, visit)


def _without_measurements(files: Mapping[str, str]) -> dict[str, str]:
    lines = files["procedures.csv"].splitlines()
    keys = "".join(",".join(line.split(",")[:4]) + "\n" for line in lines)
    kept = {name: files[name] for name in ("source.toml", "patients.csv")}
    return {**kept, "procedures.csv": keys}


@dataclass(frozen=True)
class Awkward:
    """A source, the filter on it, and how many patients and levels that keeps."""

    files: Mapping[str, str]
    n_patients: int
    n_levels: int
    where: Mapping[str, str] = field(default_factory=dict)

    @property
    def arguments(self) -> tuple[str, ...]:
        """The filter as the command takes it."""
        return tuple(f"--where={name}={value}" for name, value in self.where.items())


TWELVE = source(people(12))
BARE = _without_measurements(TWELVE)
NECK = "procedure_id,patient_id,operated_on,level\nK1,P01,2021-01-11,C2\n"
DEAD = [
    replace(patient, number=12 + patient.number, tumour="lung", dies_on_day=30 + 12 * place)
    for place, patient in enumerate(people(12))
]
LEAKY = [replace(patient, levels=1 + 2 * (patient.number == 1), leaks=0) for patient in people(12)]

COHORTS = {
    "nobody matches": Awkward(TWELVE, 0, 0, {"primary_tumour": "melanoma", "sex": "F"}),
    "no procedure kept": Awkward({**BARE, "procedures.csv": NECK}, 0, 0),
    "one patient": Awkward(source(people(1)), 1, 2),
    "five pairs": Awkward(source(people(5)), 5, 11),
    "every value the same": Awkward(source(people(12), _same(scores_of), _same(films_of)), 12, 24),
    "nobody changed": Awkward(
        source(people(12), _unchanged(scores_of), _unchanged(films_of)), 12, 24
    ),
    "every change the same": Awkward(
        source(people(12), _same_change(scores_of), _same_change(films_of)), 12, 24
    ),
    "one apart": Awkward(
        source([*people(12, sex="F", tumour="breast"), Patient(13, "M", "lung", leaks=1)]), 13, 25
    ),
    "baseline only": Awkward(source(people(12, visits=("pre",))), 12, 24),
    "procedures only": Awkward(BARE, 12, 24),
    "a visit without values": Awkward(
        source(people(12), _blank_at(scores_of, "m6"), _blank_at(films_of, "m6")), 12, 24
    ),
    "everyone dead by 6 months": Awkward(source(DEAD), 12, 24),
    "the dead among others": Awkward(
        source([*people(12, tumour="breast"), *DEAD]), 12, 24, {"primary_tumour": "lung"}
    ),
    "all leaks in one patient": Awkward(source([replace(LEAKY[0], leaks=3), *LEAKY[1:]]), 12, 14),
    "no leaks": Awkward(source(people(12, leaks=0)), 12, 24),
}


def registry_of(name: str, factory: pytest.TempPathFactory) -> Path:
    """Return the registry of a cohort, imported once."""
    return _imported(name, factory.getbasetemp() / f"awkward-{list(COHORTS).index(name)}")


@functools.cache
def _imported(name: str, folder: Path) -> Path:
    source = folder / "source"
    source.mkdir(parents=True)
    for file, text in COHORTS[name].files.items():
        (source / file).write_text(text, encoding="utf-8")
    accept(check(source), folder / "registry.duckdb")
    return folder / "registry.duckdb"
