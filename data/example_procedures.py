"""What was done to the synthetic patients: levels, sessions, cement and leaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from data.codebook import LEVELS, region
from data.example_patients import stream, visit_dates, weekday

if TYPE_CHECKING:
    from datetime import date
    from random import Random

    from data.example_patients import Patient

LEVEL_COUNTS = {
    "T5": 1,
    "T6": 2,
    "T7": 4,
    "T8": 4,
    "T9": 4,
    "T10": 5,
    "T11": 6,
    "T12": 9,
    "L1": 9,
    "L2": 7,
    "L3": 6,
    "L4": 5,
    "L5": 2,
}
PATIENTS_WITH_LEVELS = {1: 12, 2: 9, 3: 7, 4: 2, 5: 1}
CEMENT = {"thoracic": (3.5, 0.8), "thoracolumbar": (4.8, 1.0), "lumbar": (5.5, 1.2)}
LEAK_SITES = (
    *("paravertebral/C", "paravertebral/C", "paravertebral/C", "intradiscal/D"),
    *("intradiscal/D", "venous/S", "venous/S", "epidural/B"),
)
LEAK_ICC = (0.25, 0.35)
SECOND_SESSION_DAY = 214


@dataclass(frozen=True)
class Procedure:
    """One treated vertebral body of a synthetic patient."""

    procedure_id: str
    patient_id: str
    operated_on: date
    level: str
    approach: str
    cement_ml: float
    leak: str
    surgeon: str
    films: dict[str, date]


def icc(groups: list[list[float]]) -> float:
    """Return the intraclass correlation of values in groups by one-way analysis of variance."""
    total, number = sum(map(len, groups)), len(groups)
    grand = sum(map(sum, groups)) / total
    means = [sum(group) / len(group) for group in groups]
    between = sum(
        len(group) * (mean - grand) ** 2 for group, mean in zip(groups, means, strict=True)
    )
    within = sum(
        (value - mean) ** 2 for group, mean in zip(groups, means, strict=True) for value in group
    )
    size = (total - sum(len(group) ** 2 for group in groups) / total) / (number - 1)
    msb, msw = between / (number - 1), within / (total - number)
    return (msb - msw) / (msb + (size - 1) * msw)


def levels_of(people: list[Patient], seed: str) -> dict[str, list[str]]:
    """Return each patient's levels: near each other, with the counts of the margins."""
    random = stream(seed, "levels")
    sizes = _sizes(people, random)
    while True:
        left = dict(LEVEL_COUNTS)
        chosen = {
            patient: _near(left, size, random)
            for patient, size in sorted(sizes.items(), key=lambda item: -item[1])
        }
        if all(len(chosen[patient]) == size for patient, size in sizes.items()):
            return chosen


def _sizes(people: list[Patient], random: Random) -> dict[str, int]:
    fixed = {
        one.patient_id: {"died": 2, "lost": 1}[one.fate] for one in people if one.fate != "followed"
    }
    left = [size for size, count in PATIENTS_WITH_LEVELS.items() for _ in range(count)]
    for size in fixed.values():
        left.remove(size)
    random.shuffle(left)
    rest = [one.patient_id for one in people if one.patient_id not in fixed]
    return {**fixed, **dict(zip(rest, left, strict=True))}


def _near(left: dict[str, int], size: int, random: Random) -> list[str]:
    supply = [level for level, count in left.items() for _ in range(count)]
    centre = LEVELS.index(random.choice(supply))
    reach = size - 1 + (random.random() < 0.4 if size > 1 else 0)
    first = centre - random.randint(0, reach)
    window = [one for one in LEVELS[max(first, 0) : first + reach + 1] if left.get(one)]
    if len(window) < size:
        return []
    levels = sorted(random.sample(window, size), key=LEVELS.index)
    for level in levels:
        left[level] -= 1
    return levels


def procedures(people: list[Patient], seed: str) -> list[Procedure]:
    """Return the 64 procedures in order of their date, with their leaks and films' dates."""
    levels = levels_of(people, seed)
    random = stream(seed, "procedures")
    twice = _twice(people, levels)
    rows = []
    for one in people:
        surgeon = random.choices("ABC", (45, 35, 20))[0]
        for level in levels[one.patient_id]:
            later = one.patient_id == twice and level == levels[twice][-1]
            day = one.operated_on + timedelta(days=SECOND_SESSION_DAY if later else 0)
            films = visit_dates(weekday(day), random) if later else one.visits
            rows.append((weekday(day), one.patient_id, level, surgeon, films))
    rows.sort(key=lambda row: (row[0], row[1], LEVELS.index(row[2])))
    leaks = _leaks([row[1] for row in rows], random)
    return [_procedure(f"K{n:03}", row, leaks.get(n, ""), random) for n, row in enumerate(rows, 1)]


def _twice(people: list[Patient], levels: dict[str, list[str]]) -> str:
    return next(
        one.patient_id
        for one in people
        if one.fate == "followed"
        and len(levels[one.patient_id]) == 3
        and LEVELS.index(levels[one.patient_id][2]) - LEVELS.index(levels[one.patient_id][1]) == 1
    )


def _leaks(owners: list[str], random: Random) -> dict[int, str]:
    while True:
        places = random.sample(range(1, len(owners) + 1), len(LEAK_SITES))
        if len({owners[place - 1] for place in places}) != len(LEAK_SITES) - 1:
            continue
        groups: dict[str, list[float]] = {}
        for place, owner in enumerate(owners, 1):
            groups.setdefault(owner, []).append(float(place in places))
        if LEAK_ICC[0] <= icc(list(groups.values())) <= LEAK_ICC[1]:
            return dict(zip(places, LEAK_SITES, strict=True))


def _procedure(
    procedure_id: str, row: tuple[date, str, str, str, dict[str, date]], leak: str, random: Random
) -> Procedure:
    operated_on, patient_id, level, surgeon, films = row
    cement = min(max(random.gauss(*CEMENT[region(level)]), 2.0), 8.0)
    others = ("extrapedicular" if level in {"T5", "T6", "T7"} else "unipedicular",)
    approach = random.choices(("bipedicular", *others), (85, 15))[0]
    return Procedure(
        procedure_id,
        patient_id,
        operated_on,
        level,
        approach,
        round(cement, 1),
        leak,
        surgeon,
        films,
    )
