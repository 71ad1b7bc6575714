"""How far an import has come, for whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, float], object]
"""Called with what is done next and the share that is done, from 0 to 1, rising."""

READING, COLUMNS, ROWS, ENDING = 0.0, 0.35, 0.55, 0.95


def silent(_step: str, _share: float) -> None:
    """Tell nobody."""
