"""What the synthetic films show: the true heights and angles of each level, as read."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from data.example_bodies import SHARED, Body, within
from data.example_patients import stream
from data.example_scores import VISITS

if TYPE_CHECKING:
    from random import Random

    from data.example_patients import Patient
    from data.example_procedures import Procedure

SITES = ("anterior", "middle", "posterior")
ANGLE_NOISE = 2.5
HEIGHT_NOISE = 0.018
TWICE_READ = 12


def films(
    people: list[Patient],
    operations: list[Procedure],
    anatomy: dict[str, Body],
    missed: set[tuple[str, str]],
    seed: str,
) -> list[dict[str, str]]:
    """Return the rows of the radiographs table; `missed` films have none."""
    random = stream(seed, "films")
    twice = set(random.sample([one.procedure_id for one in operations], TWICE_READ))
    habits = {
        (one.patient_id, visit, reader): (random.gauss(0, 1), random.gauss(0, 1))
        for one in people
        for visit in VISITS
        for reader in ("R1", "R2")
    }
    postures = {
        (one.patient_id, visit): _posture(visit, random) for one in people for visit in VISITS
    }
    rows = []
    for one in operations:
        body = anatomy[one.procedure_id]
        for reader in ("R1", "R2") if one.procedure_id in twice else ("R1",):
            expected = _expected_as_read(body, reader, random)
            for visit, day in one.films.items():
                if (one.procedure_id, visit) in missed:
                    continue
                row = {
                    "procedure_id": one.procedure_id,
                    "visit": visit,
                    "measured_on": day.isoformat(),
                    "reader": reader,
                    "posture": postures[one.patient_id, visit],
                    "calibrated": "yes",
                }
                habit = habits[one.patient_id, visit, reader]
                rows.append({**row, **expected, **_reading(body, visit, habit, random)})
    return rows


def _posture(visit: str, random: Random) -> str:
    lying = {"pre": 0.15, "post": 0.1}.get(visit, 0.03)
    return "supine" if random.random() < lying else "standing"


def _expected_as_read(body: Body, reader: str, random: Random) -> dict[str, str]:
    noise = 0.0 if reader == "R1" else 0.01
    return {
        f"height_{site}_reference": f"{height * (1 + random.gauss(0, noise)):.1f}"
        for site, height in zip(SITES, body.expected, strict=True)
    }


def _reading(body: Body, visit: str, habit: tuple[float, float], random: Random) -> dict[str, str]:
    row = {
        f"height_{site}": f"{height + expected * HEIGHT_NOISE * within(random, 2.5):.1f}"
        for site, height, expected in zip(SITES, body.heights[visit], body.expected, strict=True)
    }
    wedge = body.wedge(visit)
    for name, angle, shared in (
        ("wedge_angle", wedge, habit[0]),
        ("kyphosis_angle", wedge + body.offset, habit[1]),
    ):
        noise = sqrt(SHARED) * shared + sqrt(1 - SHARED) * random.gauss(0, 1)
        row[name] = f"{angle + ANGLE_NOISE * noise:.1f}"
    return row
