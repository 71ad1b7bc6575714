"""How the synthetic patients fare: pain, disability by section and performance at each visit."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from data.example_patients import stream

if TYPE_CHECKING:
    from random import Random

    from data.example_patients import Patient

VISITS = ("pre", "post", "m3", "m6", "m12")
CORRELATION = 0.4
KNOTS: dict[str, dict[str, tuple[float, ...]]] = {
    "vas": {
        "pre": (5.5, 7, 8, 9, 10),
        "post": (0.5, 2, 3, 4, 8.5),
        "m3": (0, 1.5, 2.5, 4, 8.5),
        "m6": (0, 1.5, 3, 4.5, 8.5),
        "m12": (0, 1.5, 3, 5, 9),
    },
    "odi": {
        "pre": (42, 56, 68, 78, 92),
        "post": (14, 32, 42, 54, 80),
        "m3": (6, 24, 34, 46, 78),
        "m6": (6, 22, 34, 48, 80),
        "m12": (4, 22, 36, 52, 84),
    },
    "karnofsky": {
        "pre": (40, 50, 60, 70, 80),
        "post": (50, 60, 70, 80, 90),
        "m3": (50, 70, 80, 80, 90),
        "m6": (50, 70, 80, 80, 90),
        "m12": (40, 60, 70, 80, 90),
    },
}
STEPS = {"vas": 0.5, "odi": 2, "karnofsky": 10}
SECTIONS = 10
BLANK_SECTION = 8
BLANK_PATIENTS = 8
SECTION_WEIGHTS = (1.2, 0.7, 1.4, 0.9, 1.0, 1.2, 0.8, 1.0, 1.1, 1.1)
MISSING = (("m3", "odi"), ("m6", "vas"), ("m6", "odi"))

Scores = dict[tuple[str, str], dict[str, str]]


def between_knots(number: int, knots: tuple[float, ...]) -> list[float]:
    """Return ascending values whose minimum, quartiles and maximum are the knots."""
    values = []
    for place in range(number):
        position = place / (number - 1) * (len(knots) - 1)
        below = min(int(position), len(knots) - 2)
        values.append(knots[below] + (position - below) * (knots[below + 1] - knots[below]))
    return values


def to_step(value: float, step: float) -> float:
    """Return the value rounded half up to whole steps."""
    return step * int(value / step + 0.5)


def courses(people: list[Patient], seed: str) -> dict[str, str]:
    """Return the patients with a bad course: ``never`` better, or worse ``late``."""
    followed = [one.patient_id for one in people if one.fate == "followed"]
    chosen = stream(seed, "courses").sample(followed, 8)
    return {one: "never" if n < 4 else "late" for n, one in enumerate(chosen)}


def scores(people: list[Patient], seed: str) -> Scores:
    """Return the score columns of every attended visit, by patient and visit."""
    random = stream(seed, "scores")
    courses_of = courses(people, seed)
    severity = {
        "vas": _severity(people, courses_of, random),
        "odi": _severity(people, courses_of, random),
        "karnofsky": _severity(people, courses_of, random),
    }
    for measure in ("odi", "karnofsky"):
        for key, value in severity["vas"].items():
            severity[measure][key] = 0.6 * value + 0.8 * severity[measure][key]
    values = {measure: _values(measure, severity[measure]) for measure in STEPS}
    blank = set(random.sample([one.patient_id for one in people], BLANK_PATIENTS))
    rows: Scores = {}
    for one in people:
        weights = [weight * random.uniform(0.7, 1.3) for weight in SECTION_WEIGHTS]
        for visit in one.visits:
            key = (one.patient_id, visit)
            rows[key] = {
                "vas": f"{values['vas'][key]:.1f}",
                **_disability(values["odi"][key], weights, random, blank=one.patient_id in blank),
                "karnofsky": f"{values['karnofsky'][key]:.0f}",
            }
    _leave_out(rows, people, random)
    return rows


def _severity(
    people: list[Patient], courses_of: dict[str, str], random: Random
) -> dict[tuple[str, str], float]:
    latent = {}
    for one in people:
        own = random.gauss(0, 1)
        for visit in VISITS:
            value = sqrt(CORRELATION) * own + sqrt(1 - CORRELATION) * random.gauss(0, 1)
            latent[one.patient_id, visit] = value + _course(one, visit, courses_of)
    return {
        (one.patient_id, visit): latent[one.patient_id, visit]
        for one in people
        for visit in one.visits
    }


def _course(one: Patient, visit: str, courses_of: dict[str, str]) -> float:
    course = courses_of.get(one.patient_id)
    if course == "never":
        return -0.6 if visit == "pre" else 2.2
    if course == "late":
        return {"m6": 0.4, "m12": 1.9}.get(visit, -0.4)
    return 1.5 if one.fate == "died" and visit in {"m3", "m6"} else 0.0


def _values(measure: str, severity: dict[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    sign = -1 if measure == "karnofsky" else 1
    values = {}
    for visit in VISITS:
        keys = sorted(
            (key for key in severity if key[1] == visit), key=lambda key: sign * severity[key]
        )
        for key, value in zip(keys, between_knots(len(keys), KNOTS[measure][visit]), strict=True):
            values[key] = to_step(value, STEPS[measure])
    return values


def _disability(
    percent: float,
    weights: list[float],
    random: Random,
    *,
    blank: bool,
) -> dict[str, str]:
    answered = [n for n in range(1, SECTIONS + 1) if not (blank and n == BLANK_SECTION)]
    total = round(percent * 5 * len(answered) / 100)
    answers = dict.fromkeys(answered, 0)
    for _ in range(total):
        open_sections = [n for n in answered if answers[n] < 5]
        chosen = min(
            open_sections, key=lambda n: (answers[n] + random.uniform(0, 1.5)) / weights[n - 1]
        )
        answers[chosen] += 1
    sections = {f"odi_{n}": str(answers.get(n, "")) for n in range(1, SECTIONS + 1)}
    return {"odi": f"{100 * total / (5 * len(answered)):.1f}", **sections}


def _leave_out(rows: Scores, people: list[Patient], random: Random) -> None:
    followed = [one.patient_id for one in people if one.fate == "followed"]
    for (visit, measure), patient_id in zip(
        MISSING, random.sample(followed, len(MISSING)), strict=True
    ):
        row = rows[patient_id, visit]
        for column in row:
            if column == measure or column.startswith(f"{measure}_"):
                row[column] = ""
