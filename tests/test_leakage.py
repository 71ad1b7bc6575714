from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from data.warehouse import open_registry
from queries.cohort import Cohort
from queries.leakage import Place, leakage
from tests.registry_of_six import SIX, registry_of, registry_of_example, registry_of_six

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse
    from queries.leakage import LeakRow


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


def counts(row: LeakRow) -> tuple[int, ...]:
    levels, patients = row.per_level, row.per_patient
    return (levels.k, levels.n, row.not_looked_for, patients.k, patients.n, row.symptomatic)


def test_a_level_that_nobody_looked_at_is_in_no_denominator(six: Warehouse) -> None:
    # leaks K1, K4, K6 of eight levels, all but K5; in A1, A2, A4 of five patients, all but A3;
    # with symptoms K4
    assert counts(leakage(six.reader(), Cohort()).total) == (3, 8, 1, 3, 5, 1)


def test_the_interval_allows_for_several_levels_of_one_patient(six: Warehouse) -> None:
    row = leakage(six.reader(), Cohort()).total
    # five patients are too few to estimate the correlation: 0.3 is assumed; levels looked at
    # 2, 2, 2, 1, 1: DEFF = 1 + (14 / 8 - 1) * 0.3; limits from R:
    # prop.test(3 / 1.225, 8 / 1.225, correct = FALSE)$conf.int
    assert (row.per_level.icc, row.per_level.icc_assumed) == (0.3, True)
    assert row.per_level.deff == pytest.approx(1.225)
    assert (row.per_level.ci_low, row.per_level.ci_high) == pytest.approx(
        (0.1230546271, 0.7195367849)
    )
    assert (row.per_patient.deff, row.per_patient.icc) == (1, None)


def test_leaks_are_counted_by_the_region_of_the_level(six: Warehouse) -> None:
    rows = {row.group: row for row in leakage(six.reader(), Cohort(), by="region").rows}
    assert list(rows) == ["all", "thoracic", "thoracolumbar", "lumbar"]
    # K1 yes, K8 no
    assert counts(rows["thoracic"]) == (1, 2, 0, 1, 2, 0)
    # K2 no, K5 not looked for, K6 yes
    assert counts(rows["thoracolumbar"]) == (1, 2, 1, 1, 2, 0)
    # K3 no, K4 yes, K7 no, K9 no; in A2, A4 and A6
    assert counts(rows["lumbar"]) == (1, 4, 0, 1, 3, 1)
    assert rows["lumbar"].per_level.deff == pytest.approx(1 + (6 / 4 - 1) * 0.3)
    assert rows["thoracic"].per_level.deff == 1


def test_the_groups_of_leaks_themselves_are_whole_or_empty(six: Warehouse) -> None:
    rows = {row.group: row for row in leakage(six.reader(), Cohort(), by="leak").rows}
    assert counts(rows["yes"]) == (3, 3, 0, 3, 3, 1)
    assert counts(rows["no"]) == (0, 5, 0, 0, 5, 0)
    assert counts(rows["unrecorded"]) == (0, 0, 1, 0, 0, 0)
    assert rows["unrecorded"].per_level.rate is None


def test_a_leak_with_two_locations_stands_in_both_and_counts_once(six: Warehouse) -> None:
    assert leakage(six.reader(), Cohort()).places == (
        Place("epidural", 1, 1, 0, (("B", 1),)),
        Place("intradiscal", 1, 1, 0, (("D", 1),)),
        Place("paravertebral", 1, 1, 0, (("unrecorded", 1),)),
        Place("venous", 1, 1, 1, (("S", 1),)),
    )


def test_a_leak_without_a_location_is_at_an_unrecorded_place(tmp_path: Path) -> None:
    procedures = SIX["procedures.csv"].replace("epidural/B;paravertebral", "")
    warehouse = open_registry(registry_of(SIX | {"procedures.csv": procedures}, tmp_path))
    places = leakage(warehouse.reader(), Cohort()).places
    assert places[-1] == Place("unrecorded", 1, 1, 0, (("unrecorded", 1),))
    assert sum(place.levels for place in places) == 3


def test_symptoms_that_nobody_recorded_are_counted_beside(six: Warehouse) -> None:
    answer = leakage(six.reader(), Cohort())
    # K4 of the eight levels looked at; K6 leaked and nobody wrote whether it gave symptoms
    assert (answer.symptomatic.k, answer.symptomatic.n, answer.symptoms_unrecorded) == (1, 8, 1)
    assert answer.no_symptoms is None


def test_how_one_looked_is_counted_for_the_levels_looked_at(six: Warehouse) -> None:
    # ct K1 K2 K4, radiograph K3 K6 K7 K8, unrecorded K9; K5 was not looked for
    expected = (("ct", 3), ("radiograph", 4), ("unrecorded", 1))
    assert leakage(six.reader(), Cohort()).modalities == expected


def test_no_symptom_is_an_upper_bound_for_levels_and_for_patients(example: Warehouse) -> None:
    bounds = leakage(example.reader(), Cohort()).no_symptoms
    assert bounds is not None
    assert bounds.levels_independent == pytest.approx(1 - 0.025 ** (1 / 64))
    # DEFF 1 + (168 / 64 - 1) * 0.3 with 12 x 1, 9 x 2, 7 x 3, 2 x 4, 1 x 5 levels per patient
    assert bounds.levels_clustered == pytest.approx(1 - 0.025 ** (1.4875 / 64))
    assert bounds.patients == pytest.approx(1 - 0.025 ** (1 / 31))


def test_symptoms_do_not_borrow_the_correlation_of_leaks(example: Warehouse) -> None:
    answer = leakage(example.reader(), Cohort())
    assert not answer.total.per_level.icc_assumed
    assert (answer.symptomatic.icc, answer.symptomatic.icc_assumed) == (0.3, True)


def test_the_correlation_is_estimated_on_the_whole_cohort_before_grouping(
    example: Warehouse,
) -> None:
    rows = leakage(example.reader(), Cohort(), by="primary_tumour").rows
    clustered = [row.per_level for row in rows if row.per_level.n > row.per_level.n_clusters]
    assert len({proportion.icc for proportion in clustered}) == 1
    assert not any(proportion.icc_assumed for proportion in clustered)


def test_groups_by_patient_add_up_to_the_cohort(example: Warehouse) -> None:
    total, *groups = leakage(example.reader(), Cohort(), by="sex").rows
    assert sum(group.per_level.k for group in groups) == total.per_level.k == 8
    assert sum(group.per_level.n for group in groups) == total.per_level.n == 64
    assert sum(group.per_patient.n for group in groups) == total.per_patient.n == 31


def test_nobody_gives_no_rate_and_no_bound(six: Warehouse) -> None:
    answer = leakage(six.reader(), Cohort(level=("T1",)), by="sex")
    assert [counts(row) for row in answer.rows] == [(0, 0, 0, 0, 0, 0)]
    assert (answer.total.per_level.rate, answer.no_symptoms, answer.places) == (None, None, ())
