"""Scales, units and signs: what the numbers of a column say about them."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from data.check_numbers import PLAIN_SENTINELS
from data.codebook import LEVELS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from data.codebook import Measure

FEW = 5
OVER = 0.15
NEARLY_NONE = 0.05
MOST = 0.5
ODD = 0.2
CENTIMETRES = 7.0
YEAR_FEWEST = 4


@dataclass(frozen=True)
class ScaleGuess:
    """The top of a scale that numbers speak for, None where they only speak against ours."""

    top: float | None
    evidence: str


def guess_scale(values: Sequence[float], measure: Measure) -> ScaleGuess | None:
    """Return the scale that numbers are on, None where it is the codebook's.

    Numbers that stand for a missing value are left out.
    """
    known = [one for one in values if one not in PLAIN_SENTINELS and one >= 0]
    if len(known) < FEW or measure.minimum != 0:
        return None
    if measure.maximum == 10:
        return _of_ten(known)
    return _of_hundred(known) if measure.maximum == 100 else None


def _of_ten(values: Sequence[float]) -> ScaleGuess | None:
    inside = [one for one in values if one <= 100]
    over = sum(one > 10 for one in inside)
    if not inside or over / len(inside) < OVER:
        return None
    return ScaleGuess(
        100.0,
        f"{over} of {len(inside)} values lie above 10, the highest is {max(inside):g}.",
    )


def _of_hundred(values: Sequence[float]) -> ScaleGuess | None:
    highest = max(values)
    said = f"All {len(values)} values lie between {min(values):g} and {highest:g}."
    if highest <= 1 and any(not one.is_integer() for one in values):
        return ScaleGuess(1.0, said)
    if highest <= 10:
        return ScaleGuess(10.0, said)
    if highest > 50:
        return None
    whole = [one for one in values if one.is_integer()]
    odd = sum(one % 2 == 1 for one in whole)
    share = f"{odd} of {len(whole)} whole numbers are odd, and percentages of ten answered "
    speaks = odd > ODD * len(whole) if whole else False
    return ScaleGuess(50.0 if speaks else None, f"{said} {share}sections are even.")


def guess_change(
    dated: Sequence[tuple[date, float]], measure: Measure
) -> tuple[date, float] | None:
    """Return the last day of an older scale and its top, None where no change is seen.

    Years are compared: in the older ones most values lie above the codebook's maximum, in the
    later ones hardly any does, or the other way round (top then is the later scale's).
    """
    if measure.maximum != 10 or measure.minimum != 0:
        return None
    known = [(day, one) for day, one in dated if 0 <= one <= 100 and one not in PLAIN_SENTINELS]
    years = sorted({day.year for day, _ in known})
    for year in years[:-1]:
        before = [one for day, one in known if day.year <= year]
        after = [one for day, one in known if day.year > year]
        if min(len(before), len(after)) < YEAR_FEWEST:
            continue
        shares = [sum(one > 10 for one in part) / len(part) for part in (before, after)]
        last = max(day for day, _ in known if day.year <= year)
        if shares[0] >= MOST and shares[1] <= NEARLY_NONE:
            return last, 100.0
        if shares[1] >= MOST and shares[0] <= NEARLY_NONE:
            return last, -100.0
    return None


def guess_unit(values: Sequence[float]) -> str | None:
    """Return what speaks for centimetres among heights of vertebrae, None where nothing does."""
    known = [one for one in values if one > 0]
    if len(known) < FEW or median(known) >= CENTIMETRES:
        return None
    return f"Half of the {len(known)} values lie below {median(known):g}, too low for millimetres."


def guess_sign(placed: Sequence[tuple[str, float]]) -> str | None:
    """Return what speaks for kyphosis being negative, None where nothing does.

    Thoracic vertebrae are kyphotic, so most of their angles are positive here.
    """
    thoracic = [
        angle
        for level, angle in placed
        if level in LEVELS and LEVELS.index(level) <= LEVELS.index("T12") and angle != 0
    ]
    negative = sum(angle < 0 for angle in thoracic)
    if len(thoracic) < FEW or negative <= MOST * len(thoracic):
        return None
    return f"{negative} of {len(thoracic)} angles at T1 to T12 are negative."
