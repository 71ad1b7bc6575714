"""The treated vertebral bodies as they truly are: expected heights, collapse, gain and loss."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan, degrees, sqrt
from typing import TYPE_CHECKING

from data.example_patients import stream
from data.example_scores import VISITS, between_knots

if TYPE_CHECKING:
    from random import Random

    from data.example_patients import Patient
    from data.example_procedures import Procedure

NORMAL = {
    "F": {
        "T5": (17.1, 17.1, 18.3),
        "T6": (17.4, 17.4, 18.7),
        "T7": (17.7, 17.7, 19.1),
        "T8": (18.1, 18.1, 19.5),
        "T9": (18.9, 18.8, 20.2),
        "T10": (20.2, 20.1, 21.5),
        "T11": (20.6, 21.0, 22.9),
        "T12": (22.5, 22.6, 24.3),
        "L1": (24.3, 24.1, 25.6),
        "L2": (25.9, 25.2, 26.3),
        "L3": (27.2, 26.0, 26.6),
        "L4": (28.0, 26.2, 26.3),
        "L5": (29.9, 26.7, 25.5),
    },
    "M": {
        "T5": (17.9, 18.2, 19.8),
        "T6": (18.2, 18.5, 20.2),
        "T7": (18.3, 18.8, 20.6),
        "T8": (18.7, 19.2, 21.1),
        "T9": (19.3, 19.9, 21.9),
        "T10": (21.1, 21.4, 23.2),
        "T11": (21.8, 22.5, 24.8),
        "T12": (23.5, 24.0, 26.3),
        "L1": (25.1, 25.4, 27.5),
        "L2": (26.7, 26.5, 28.2),
        "L3": (27.7, 27.1, 28.5),
        "L4": (28.4, 27.2, 28.0),
        "L5": (29.7, 27.3, 26.8),
    },
}
DEPTH = {"F": 23.5, "M": 27.0}
DEPTH_STEP = 0.75
NEIGHBOURS = {
    "T5": 7,
    "T6": 7,
    "T7": 7,
    "T8": 6,
    "T9": 5,
    "T10": 4,
    "T11": 4,
    "T12": 3,
    "L1": -1,
    "L2": -8,
    "L3": -15,
    "L4": -22,
    "L5": -26,
}
BODY_SIZE_SD = 0.07
SHARED = 0.3
LOSS_SHARE = {"pre": 0.0, "post": 0.0, "m3": 0.4, "m6": 0.7, "m12": 1.0}
GAINERS = 0.45
COLLAPSE = 0.19


@dataclass(frozen=True)
class Body:
    """A treated vertebral body: its expected heights, depth and true heights at each visit."""

    expected: tuple[float, float, float]
    depth: float
    offset: float
    heights: dict[str, tuple[float, float, float]]

    def wedge(self, visit: str) -> float:
        """Return the true wedge angle in degrees, kyphosis positive."""
        anterior, _, posterior = self.heights[visit]
        return degrees(atan((posterior - anterior) / self.depth))


def bodies(
    people: list[Patient], operations: list[Procedure], collapsing: set[str], seed: str
) -> dict[str, Body]:
    """Return the vertebral body of every procedure; those of `collapsing` lose height later."""
    random = stream(seed, "bodies")
    sex = {one.patient_id: one.sex for one in people}
    size = {one.patient_id: 1 + BODY_SIZE_SD * within(random, 2) for one in people}
    lordosis = {one.patient_id: random.gauss(0, 3) for one in people}
    expected = {
        one.procedure_id: _expected(sex[one.patient_id], one.level, size[one.patient_id], random)
        for one in operations
    }
    before = _before(operations, random)
    gains = _gains(operations, expected, before, random)
    losses = _losses(operations, collapsing, random)
    places = list(NEIGHBOURS)
    return {
        one.procedure_id: Body(
            expected[one.procedure_id],
            (DEPTH[sex[one.patient_id]] + DEPTH_STEP * places.index(one.level))
            * size[one.patient_id],
            NEIGHBOURS[one.level] + lordosis[one.patient_id] + random.gauss(0, 2),
            _heights(
                expected[one.procedure_id],
                before[one.procedure_id],
                gains[one.procedure_id],
                losses[one.procedure_id],
                random,
            ),
        )
        for one in operations
    }


def within(random: Random, limit: float) -> float:
    """Return a standard normal number, held within a limit on either side."""
    return min(max(random.gauss(0, 1), -limit), limit)


def _expected(sex: str, level: str, size: float, random: Random) -> tuple[float, float, float]:
    own = size * (1 + 0.015 * within(random, 2))
    anterior, middle, posterior = NORMAL[sex][level]
    return anterior * own, middle * own, posterior * own


def _before(operations: list[Procedure], random: Random) -> dict[str, float]:
    ratios = between_knots(len(operations), (0.46, 0.60, 0.72, 0.83, 0.95))
    random.shuffle(ratios)
    return {one.procedure_id: ratio for one, ratio in zip(operations, ratios, strict=True)}


def _gains(
    operations: list[Procedure],
    expected: dict[str, tuple[float, float, float]],
    before: dict[str, float],
    random: Random,
) -> dict[str, float]:
    """Return the anterior gain in mm; what a patient's bone allows is shared by its levels."""
    own = {one.patient_id: random.gauss(0, 1) for one in operations}
    lost = {
        one.procedure_id: expected[one.procedure_id][0] * (1 - before[one.procedure_id])
        for one in operations
    }
    order = sorted(
        operations,
        key=lambda one: (
            sqrt(0.4) * own[one.patient_id]
            + sqrt(0.6) * random.gauss(0, 1)
            + 0.25 * lost[one.procedure_id]
        ),
    )
    still = round((1 - GAINERS) * len(order))
    amounts = [
        *between_knots(still, (-0.2, 0.5, 0.9, 1.2, 1.5)),
        *between_knots(len(order) - still, (2.4, 3.0, 4.0, 5.0, 6.5)),
    ]
    return {
        one.procedure_id: min(amount, 0.85 * lost[one.procedure_id])
        for one, amount in zip(order, amounts, strict=True)
    }


def _losses(operations: list[Procedure], collapsing: set[str], random: Random) -> dict[str, float]:
    own = {one.patient_id: random.gauss(0, 1) for one in operations}
    losses = {}
    for one in operations:
        part = sqrt(SHARED) * own[one.patient_id] + sqrt(1 - SHARED) * random.gauss(0, 1)
        usual = 0.01 + 0.03 * min(max(part, -1.8), 1.8)
        losses[one.procedure_id] = COLLAPSE if one.procedure_id in collapsing else usual
    return losses


def _heights(
    expected: tuple[float, float, float], before: float, gain: float, loss: float, random: Random
) -> dict[str, tuple[float, float, float]]:
    middle = min(max(before - 0.04 + random.gauss(0, 0.05), 0.42), 0.95)
    posterior = 0.94 + 0.03 * within(random, 1.8)
    ratios = {"pre": (before, middle, posterior)}
    raised = before + gain / expected[0]
    after = (raised, min(middle + 1.1 * (raised - before), 0.99), posterior + 0.005)
    for visit in VISITS[1:]:
        lost = loss * LOSS_SHARE[visit]
        ratios[visit] = (after[0] - lost, after[1] - 0.8 * lost, after[2] - 0.15 * lost)
    return {
        visit: (
            expected[0] * ratio[0],
            expected[1] * ratio[1],
            expected[2] * ratio[2],
        )
        for visit, ratio in ratios.items()
    }
