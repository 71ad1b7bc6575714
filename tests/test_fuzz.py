"""Damaged sources: none raises, and the registry is whole after each."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.fuzz import through, write_damaged

if TYPE_CHECKING:
    from pathlib import Path

RUNS, EACH = 12, 10


@pytest.mark.parametrize("seed", range(RUNS))
def test_damaged_sources_raise_nothing_and_leave_a_whole_registry(
    seed: int, tmp_path: Path
) -> None:
    draw = random.Random(seed)  # noqa: S311
    registry = tmp_path / "registry.duckdb"
    for n in range(EACH):
        folder = tmp_path / str(n)
        folder.mkdir()
        checked = through(write_damaged(folder, draw), registry, draw)
        assert checked.accepted or checked.findings[-1].advice.endswith(".")
