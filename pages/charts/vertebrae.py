"""The spine from the side, T1 to L5, as outlines in pixels: bodies, arches, discs and sacrum.

The patient faces right. Proportions follow anatomy as far as a chart needs: bodies grow downwards,
the thorax is convex to the back, the lumbar spine to the front. Nothing here is a measurement.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import atan2, cos, pi, sin

from data.codebook import LEVELS

ROWS = (18.6, 27.6)
DEPTHS = (30.0, 50.0)
FILLED = 0.75
LEAN = 15.0
KYPHOSIS = LEVELS.index("T7")
CURVES = 17
LUMBAR = LEVELS.index("L1")
LAST = len(LEVELS) - 1

Point = tuple[float, float]


@dataclass(frozen=True)
class Vertebra:
    """One vertebra: where its row lies and the outlines of its body and of its arch.

    Parameters
    ----------
    top, middle, bottom : float
        Ends and middle of the row, in pixels from the top of the spine.
    body, arch : str
        Outlines as SVG paths in pixels.
    """

    level: str
    top: float
    middle: float
    bottom: float
    body: str
    arch: str


@dataclass(frozen=True)
class _Frame:
    """A vertebra's own directions: u to the front, v down along the spine, half sizes a and b."""

    x: float
    y: float
    tilt: float
    a: float
    b: float

    def at(self, u: float, v: float) -> Point:
        """Return the pixel of a point given in the vertebra's own directions."""
        across, along = cos(self.tilt), sin(self.tilt)
        return self.x + u * across + v * along, self.y - u * along + v * across


def _share(place: int) -> float:
    return place / LAST


def _row(place: int) -> float:
    return ROWS[0] + (ROWS[1] - ROWS[0]) * _share(place)


def _lean(place: float) -> float:
    return -LEAN * cos((place - KYPHOSIS) * 2 * pi / CURVES)


def _frame(place: int, left: float) -> _Frame:
    row = _row(place)
    above = sum(_row(other) for other in range(place))
    depth = DEPTHS[0] + (DEPTHS[1] - DEPTHS[0]) * _share(place) ** 0.9
    tilt = atan2(_lean(place + 0.5) - _lean(place - 0.5), row)
    return _Frame(left + _lean(place), above + row / 2, tilt, depth / 2, FILLED * row / 2)


def _path(*steps: str | Point) -> str:
    return " ".join(
        step if isinstance(step, str) else f"{step[0]:.1f},{step[1]:.1f}" for step in steps
    )


def _body(own: _Frame, share: float) -> str:
    """Outline a body: rounded corners, a slender waist, endplates a little hollow."""
    a, b, at = own.a, own.b, own.at
    round_, waist, hollow = 3.2 + share, 1.6 + 1.2 * share, 0.9
    return _path(
        *("M", at(-a + round_, -b), "Q", at(0, -b + hollow), at(a - round_, -b)),
        *("Q", at(a, -b), at(a, -b + round_), "Q", at(a - waist, 0), at(a, b - round_)),
        *("Q", at(a, b), at(a - round_, b), "Q", at(0, b - hollow), at(-a + round_, b)),
        *("Q", at(-a, b), at(-a, b - round_), "Q", at(-a + waist, 0), at(-a, -b + round_)),
        *("Q", at(-a, -b), at(-a + round_, -b), "Z"),
    )


def _process(place: int) -> tuple[float, float, float]:
    """Return how far a spinous process reaches back and down, and how thick it is."""
    if place >= LUMBAR:
        return (20.0, 4.5, 10.0) if place == LAST else (26.0, 4.5, 12 + 0.6 * (place - LUMBAR))
    bend = sin(pi * min(place, LUMBAR - 1) / (LUMBAR - 1))
    return 20 + 4 * bend, 6 + 11 * sin(pi * place / LUMBAR), 4.6 + 3 * _share(place)


def _arch(place: int, own: _Frame) -> str:
    a, b, at = own.a, own.b, own.at
    reach, drop, thick = _process(place)
    back, top, low = -a - 7, -0.62 * b, -0.05 * b
    tip = -a - reach
    return _path(
        *("M", at(1 - a, top), "L", at(back, top - 1)),
        *("C", at(back - 4, top), at(tip + 4, drop - 0.75 * thick), at(tip, drop - thick / 2)),
        *("Q", at(tip - 2.5, drop), at(tip, drop + thick / 2)),
        *(
            "C",
            at(tip + 5, drop + thick / 2),
            at(back - 4, low + 0.75 * thick),
            at(back + 1, low + 2),
        ),
        *("L", at(1 - a, low), "Z"),
    )


@cache
def vertebrae(left: float) -> tuple[Vertebra, ...]:
    """Return the vertebrae from T1 to L5, their middle line about `left` pixels from the left."""
    found = []
    for place, level in enumerate(LEVELS):
        own, half = _frame(place, left), _row(place) / 2
        body = _body(own, _share(place))
        rows = (own.y - half, own.y, own.y + half)
        found.append(Vertebra(level, *rows, body, _arch(place, own)))
    return tuple(found)


@cache
def discs(left: float) -> str:
    """Return the outlines of all discs, and of the upper end of the sacrum, as one path."""
    frames = [_frame(place, left) for place in range(len(LEVELS))]
    parts = [_disc(upper, lower) for upper, lower in pairwise(frames)]
    return " ".join([*parts, _sacrum(frames[-1])])


def _disc(upper: _Frame, lower: _Frame) -> str:
    front, back = upper.a - 1.5, lower.a - 1.5
    return _path(
        *("M", upper.at(-front, upper.b), "L", upper.at(front, upper.b)),
        *("L", lower.at(back, -lower.b), "L", lower.at(-back, -lower.b), "Z"),
    )


def _sacrum(last: _Frame) -> str:
    a, b, at = last.a, last.b, last.at
    return _path(
        *(
            "M",
            at(-a + 2, b + 6),
            "L",
            at(a - 3, b + 8),
            "Q",
            at(a - 2, b + 16),
            at(a - 16, b + 24),
        ),
        *("L", at(-a - 6, b + 18), "Q", at(-a - 4, b + 10), at(-a + 2, b + 6), "Z"),
    )


def spine_height() -> float:
    """Return the pixels from the top of the first row to the bottom of the last."""
    return sum(_row(place) for place in range(len(LEVELS)))
