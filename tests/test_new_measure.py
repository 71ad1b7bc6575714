"""A measure is added by one row of the codebook and a column of the source, and nothing else."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from data.codebook import FOLDER

ROOT = Path(__file__).parent.parent
SCORE = {
    "code": "vitality",
    "label": "Vitality",
    "short_label": "Vitality",
    "unit": "points",
    "unit_of_analysis": "patient",
    "better": "higher",
    "minimum": "0",
    "maximum": "100",
    "decimals": "0",
    "primary": "no",
    "error": "9",
    "error_source": "Somebody 2020",
    "reference": "A score made up for a test.",
}
ANGLE = {
    "code": "gibbus",
    "label": "Gibbus angle",
    "short_label": "Gibbus",
    "unit": "°",
    "unit_of_analysis": "level",
    "better": "lower",
    "minimum": "-60",
    "maximum": "90",
    "decimals": "1",
    "primary": "no",
    "margin": "4",
    "margin_kind": "absolute",
    "margin_source": "Setting: 4°",
    "margin_date": "2026-11-25",
    "reference": "An angle made up for a test.",
}
PAGES = ("trajectory", "change", "waterfall", "observed", "subgroups", "patient", "quality")
FILMS = ("films", "held", "patient films", "quality")


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _with(path: Path, code: str, values: dict[int, str], base: str, shift: float) -> None:
    """Give a table of the source a column, made of another one, with single values changed."""
    rows = _table(path)
    for row in rows:
        row[code] = f"{float(row[base]) + shift:g}" if row[base] else ""
    for at, value in values.items():
        rows[at][code] = value
    _write(path, rows)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("anew")
    copy, source = folder / "copy", folder / "source"
    unwanted = shutil.ignore_patterns("__pycache__", "*.duckdb*", "pictures")
    for name in ("data", "pages", "queries"):
        shutil.copytree(ROOT / name, copy / name, ignore=unwanted)
    rows = _table(FOLDER / "codebook.csv")
    blank = dict.fromkeys(rows[0], "")
    _write(copy / "data" / "codebook.csv", [*rows, {**blank, **SCORE}, {**blank, **ANGLE}])
    shutil.copytree(FOLDER / "example", source)
    _with(source / "follow_ups.csv", "vitality", {0: "400"}, "karnofsky", -5)
    _with(source / "radiographs.csv", "gibbus", {0: "95"}, "kyphosis_angle", 2)
    script = [sys.executable, str(ROOT / "tests" / "measured_anew.py")]
    arguments = [str(copy), str(folder / "registry.duckdb"), str(source)]
    done = subprocess.run(
        [*script, *arguments], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_values_outside_its_range_are_held_back(found: dict[str, Any]) -> None:
    assert ["vitality", "out_of_range", "400"] in found["findings"]
    assert ["gibbus", "out_of_range", "95"] in found["findings"]


def test_columns_of_its_name_are_recognised_in_a_sheet(found: dict[str, Any]) -> None:
    assert found["proposed"].count("follow_ups.vitality") == 2


def test_the_command_answers_with_its_tests(found: dict[str, Any]) -> None:
    scores, levels = found["scores"], found["levels"]
    assert {row["measure"] for row in scores["rows"]} == {"vitality"}
    assert next(row["n"] for row in scores["rows"]) == 30
    assert {one["outcome"] for one in scores["comparisons"]} == {"vitality"}
    assert any(one["p"] is not None for one in scores["comparisons"])
    held = [one for one in levels["comparisons"] if one["kind"] == "equivalence"]
    assert {one["verdict"] for one in held} <= {"stable", "changed", "undecided"}
    assert held


@pytest.mark.parametrize("place", PAGES)
def test_a_new_score_stands_in_every_place(found: dict[str, Any], place: str) -> None:
    assert "Vitality" in found["pages"][place]


@pytest.mark.parametrize("place", FILMS)
def test_a_new_angle_stands_in_every_place(found: dict[str, Any], place: str) -> None:
    assert "Gibbus" in found["pages"][place]


def test_both_are_explained_among_the_methods(found: dict[str, Any]) -> None:
    assert "A score made up for a test." in found["pages"]["methods"]
    assert "An angle made up for a test." in found["pages"]["methods"]
