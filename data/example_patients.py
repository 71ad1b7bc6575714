"""Who the synthetic patients are: tumours, ages, first operations and visits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

TUMOUR_COUNTS: dict[str, dict[str, int]] = {
    "F": {"breast": 13, "lung": 2, "kidney": 1, "colorectal": 1, "thyroid": 1},
    "M": {
        "lung": 4,
        "kidney": 4,
        "prostate": 2,
        "colorectal": 1,
        "melanoma": 1,
        "unknown": 1,
    },
}
AGES = (
    *(41, 46, 48, 51, 53, 54, 56, 57, 57, 58, 59, 60, 61, 62, 63, 64),
    *(65, 66, 67, 68, 70, 71, 73, 73, 74, 75, 76, 77, 79, 81, 84),
)
OLDER_TUMOURS = {"prostate": 1.5, "colorectal": 0.5, "breast": -0.3, "melanoma": -0.5}
DATA_DATE = date(2025, 6, 30)
DEATH_DAYS = {"lung": 151, "unknown": 248}
VISIT_DAYS = {"pre": (-7, 4), "post": (3, 1), "m3": (92, 6), "m6": (183, 8), "m12": (367, 10)}


@dataclass(frozen=True)
class Patient:
    """A synthetic patient; `fate` is ``followed``, ``died`` or ``lost``."""

    patient_id: str
    sex: str
    tumour: str
    age: int
    operated_on: date
    fate: str
    visits: dict[str, date]
    died_on: date | None
    last_seen_on: date


def stream(seed: str, part: str) -> Random:
    """Return the random numbers of one part, the same for every version of Python."""
    return Random(f"{seed}/{part}")  # noqa: S311


def weekday(day: date, step: int = 1) -> date:
    """Return the day itself, or the next working day in the direction of `step`."""
    while day.weekday() > 4:
        day += timedelta(days=step)
    return day


def patients(seed: str) -> list[Patient]:
    """Return the 31 patients in order of their first operation."""
    random = stream(seed, "patients")
    people = [
        (sex, tumour)
        for sex, counts in TUMOUR_COUNTS.items()
        for tumour, count in counts.items()
        for _ in range(count)
    ]
    random.shuffle(people)
    by_age = sorted(people, key=lambda one: random.gauss(OLDER_TUMOURS.get(one[1], 0.0), 1.0))
    aged = [(*one, age) for one, age in zip(by_age, AGES, strict=True)]
    random.shuffle(aged)
    start = date(2021, 1, 11)
    days = sorted(random.sample(range(1055), len(aged)))
    fates = _fates([tumour for _, tumour, _ in aged], random)
    return [
        _patient(
            (f"P{n:02}", *one, weekday(start + timedelta(days=day))),
            fates.get(n, "followed"),
            random,
        )
        for n, (one, day) in enumerate(zip(aged, days, strict=True), start=1)
    ]


def _fates(tumours: list[str], random: Random) -> dict[int, str]:
    places = {name: [n for n, one in enumerate(tumours, 1) if one == name] for name in set(tumours)}
    return {
        random.choice(places["lung"]): "died",
        random.choice(places["unknown"]): "died",
        random.choice(places["breast"]): "lost",
    }


def _patient(who: tuple[str, str, str, int, date], fate: str, random: Random) -> Patient:
    patient_id, sex, tumour, age, operated_on = who
    visits = visit_dates(operated_on, random)
    died_on = operated_on + timedelta(days=DEATH_DAYS[tumour]) if fate == "died" else None
    if fate == "lost":
        del visits["m12"]
    if died_on:
        visits = {visit: day for visit, day in visits.items() if day < died_on}
    later = random.choice((0, 0, 0, 12, 27, 41)) if fate == "followed" else 0
    last_seen_on = died_on or weekday(max(visits.values()) + timedelta(days=later))
    return Patient(patient_id, sex, tumour, age, operated_on, fate, visits, died_on, last_seen_on)


def visit_dates(operated_on: date, random: Random) -> dict[str, date]:
    """Return a date for every visit around an operation, on working days."""
    dates = {}
    for visit, (middle, spread) in VISIT_DAYS.items():
        day = round(random.gauss(middle, spread))
        if visit == "pre":
            dates[visit] = weekday(operated_on + timedelta(days=min(max(day, -21), -1)), -1)
        else:
            near = min(max(day, middle - 2 * spread), middle + 2 * spread)
            dates[visit] = weekday(operated_on + timedelta(days=near))
    return dates
