from __future__ import annotations

import csv
from statistics import mean, median
from typing import TYPE_CHECKING

import pytest

from data.codebook import region
from data.example import SOURCE
from data.warehouse import open_registry
from queries import cement as module
from queries.cement import cement
from queries.cohort import Cohort
from queries.statistics import event_difference
from tests.registry_of_six import SIX, registry_of, registry_of_example, registry_of_six

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


def test_volumes_are_described_by_region_and_leak(example: Warehouse) -> None:
    with (SOURCE / "procedures.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {(row.region, row.leak): row for row in cement(example.reader(), Cohort()).rows}
    for (where, leak), row in found.items():
        ml = [
            float(r["cement_ml"])
            for r in rows
            if r["leak"] == leak and where in ("all", region(r["level"]))
        ]
        assert row.n_levels == len(ml)
        assert (row.median, row.mean) == pytest.approx((median(ml), mean(ml)))
    assert len(found) == 8


def test_the_test_stands_with_its_estimate_interval_and_other_methods(example: Warehouse) -> None:
    (test,) = cement(example.reader(), Cohort()).comparisons
    assert (test.outcome, test.unit, test.kind, test.by) == ("cement_ml", "level", "groups", "leak")
    assert test.groups == ("yes", "no")
    assert (test.n_patients, test.n_levels, test.n_excluded) == (31, 64, 0)
    assert test.estimate == pytest.approx(-0.191146135967, abs=1e-11)
    assert test.statistic == test.estimate
    assert test.estimate_name == "difference of means within regions (ml)"
    assert "patients' leaks" in (test.method or "")
    assert [other.name for other in test.sensitivity] == [
        "levels as independent, least squares within regions",
        "GEE, independence: least squares within regions, errors robust to patients",
        "GEE, exchangeable: odds ratio per ml above the region's mean",
    ]
    assert test.exploratory


def test_above_500_patients_the_robust_answer_is_not_its_own_sensitivity(
    example: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_difference, "RAO_SCOTT_ABOVE", 30)
    monkeypatch.setattr(module, "MODEL_ON_REQUEST", 30)
    (test,) = module.cement(example.reader(), Cohort()).comparisons
    assert test.method == "least squares within regions, errors robust to patients"
    assert [other.name for other in test.sensitivity] == [
        "levels as independent, least squares within regions"
    ]
    assert "no GEE: not fitted above 30 patients" in test.notes


def test_too_few_leaks_are_said_in_words(example: Warehouse) -> None:
    (test,) = cement(example.reader(), Cohort(region=("lumbar",))).comparisons
    assert test.p is None
    assert test.refused == "with a leak at 1 of 13 levels of 8 patients no result could reach 0.05"
    assert "fragile: fewer than 10 patients have a leak (1)" in test.notes
    assert "no GEE: an odds ratio needs 5 levels with a leak and as many without" in test.notes
    assert "no robust errors: a leak in too few patients" in test.notes


def test_only_leaks_have_nothing_to_be_compared_with(example: Warehouse) -> None:
    (test,) = cement(example.reader(), Cohort(leak=("yes",))).comparisons
    assert (test.refused, test.estimate) == ("every level has a leak", None)


def test_no_leak_is_said(example: Warehouse) -> None:
    (test,) = cement(example.reader(), Cohort(leak=("no",))).comparisons
    assert (test.refused, test.notes) == ("no level has a leak", ())


def test_levels_without_a_volume_or_a_look_are_left_out_by_count(tmp_path: Path) -> None:
    lines = SIX["procedures.csv"].splitlines()
    names = f"{lines[0]},cement_ml"
    ml = {"K1": "3.0", "K2": "4.0", "K5": "5.0", "K8": "2.5"}
    rows = [f"{line},{ml.get(line.split(',')[0], '')}" for line in lines[1:]]
    files = {**SIX, "procedures.csv": "\n".join([names, *rows]) + "\n"}
    answer = cement(open_registry(registry_of(files, tmp_path)).reader(), Cohort())
    # K1 leak, K2 and K8 none, K5 not looked for; five levels have no volume
    assert (answer.no_volume, answer.not_looked_for, answer.levels.height) == (5, 1, 3)
    assert answer.levels.columns == [
        *("patient_id", "procedure_id", "level", "operated_on", "region", "leak", "cement_ml")
    ]
    assert [(r.region, r.leak, r.n_levels) for r in answer.rows] == [
        ("all", "yes", 1),
        ("all", "no", 2),
        ("thoracic", "yes", 1),
        ("thoracic", "no", 1),
        ("thoracolumbar", "yes", 0),
        ("thoracolumbar", "no", 1),
    ]


def test_without_a_volume_there_is_no_test(six: Warehouse) -> None:
    answer = cement(six.reader(), Cohort())
    assert (answer.comparisons, answer.no_volume) == ((), 9)
    assert [row.n_levels for row in answer.rows] == [0, 0]
