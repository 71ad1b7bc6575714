"""Numbers in words: the only place where they are rounded."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal

from data.codebook import visits
from queries.statistics.limits import ALPHA

MINUS = "−"
MARKUP = re.compile(r"([!-+:<-@\[-^`{-~])")
THIN = "\u202f"
SYNTHETIC = ":gray[[SYNTHETIC]]"


def number(value: float | None, decimals: int, *, sign: bool = False) -> str:
    """Print a number with a real minus sign, or a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    half_up = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    rounded = f"{half_up:+f}" if sign else f"{half_up:f}"
    if float(rounded) == 0:
        rounded = rounded.lstrip("+-")
    return rounded.replace("-", MINUS)


def percent(fraction: float | None, decimals: int = 1) -> str:
    """Print a fraction as a percentage with a thin space."""
    return f"{number(None if fraction is None else 100 * fraction, decimals)}{THIN}%"


def p_value(p: float | None) -> str:
    """Print a P value: two decimals from 0.01 up, three below, as many as show its side."""
    if p is None:
        return "–"
    if p < 0.001:
        return "< 0.001"
    if p < 0.01:
        return f"{p:.3f}"
    decimals = 2
    while decimals < 12 and p != ALPHA and round(p, decimals) == ALPHA:
        decimals += 1
    return f"{p:.{decimals}f}"


def p_equals(p: float) -> str:
    """Print a P value as it stands in a line: `P = 0.03`, `P < 0.001`."""
    words = p_value(p)
    return f"P {words}" if words.startswith("<") else f"P = {words}"


def visit_label(code: str | None) -> str:
    """Return how a visit reads."""
    return visits()[code].label if code in visits() else str(code)


def at_visit(code: str) -> str:
    """Return a visit as it stands after a verb: at 12 months, after the operation."""
    label = visit_label(code)
    return label if label.startswith(("after", "before")) else f"at {label}"


def of_unit(unit: str) -> str:
    """Return a unit with the space that goes before it."""
    return unit if unit == "°" else f" {unit}" if unit and unit[0].isalpha() else f"{THIN}{unit}"


def with_unit(value: float | None, decimals: int, unit: str, *, sign: bool = False) -> str:
    """Print a number with its unit."""
    return f"{number(value, decimals, sign=sign)}{of_unit(unit)}"


def interval(
    low: float | None, high: float | None, decimals: int, level: float | None = 0.95
) -> str:
    """Print an interval with its level, or say that there is none."""
    if low is None or high is None or level is None:
        return "no interval"
    span = f"{number(low, decimals)} to {number(high, decimals)}"
    return f"{100 * level:.0f}{THIN}% CI {span}"


def marked(sentence: str, *, synthetic: bool) -> str:
    """Mark a sentence that could be quoted as synthetic."""
    return f"{sentence} {SYNTHETIC}" if synthetic else sentence


def plain(text: str) -> str:
    """Return a text of the source so that none of it is read as markup."""
    return MARKUP.sub(r"\\\1", text)


def noun(n: int, singular: str) -> str:
    """Return a noun as its count asks."""
    return singular if n == 1 else f"{singular}s"


def plural(n: int, singular: str) -> str:
    """Print a count with its noun."""
    return f"{n} {noun(n, singular)}"


def uncapitalised(label: str) -> str:
    """Return a label as it stands inside a sentence."""
    return label[:1].lower() + label[1:]
