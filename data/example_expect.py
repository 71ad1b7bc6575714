"""What a margin of the synthetic registry is compared with, and the error when it is missed."""

from __future__ import annotations

from dataclasses import dataclass


class MarginError(Exception):
    """The synthetic registry misses one of its margins; the message names it."""


@dataclass(frozen=True)
class Within:
    """Equal to every number from `low` to `high`."""

    low: float
    high: float

    def __eq__(self, found: object) -> bool:
        return isinstance(found, float | int) and self.low - 1e-9 <= found <= self.high + 1e-9


def require(margin: str, found: object, wanted: object) -> None:
    """Raise `MarginError` unless what was found is what is wanted."""
    if wanted != found:
        raise MarginError(f"{margin}: wanted {wanted}, found {found}. Change the seed.")


def near(value: float, by: float) -> Within:
    """Return the numbers that differ from a value by no more than `by`."""
    return Within(value - by, value + by)
