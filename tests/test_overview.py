from __future__ import annotations

import csv
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from data.example import SOURCE
from data.warehouse import open_registry
from queries.cohort import Cohort
from queries.overview import overview
from tests.registry_of_six import registry_of_example, registry_of_six

if TYPE_CHECKING:
    from data.warehouse import Warehouse
    from queries.overview import Overview


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture(scope="module")
def answer(six: Warehouse) -> Overview:
    return overview(six.reader(), Cohort())


def test_the_headline_figures_are_those_counted_by_hand(answer: Overview) -> None:
    figures = {row.key: (row.value, row.n) for row in answer.rows}
    assert figures == {
        "patients": (6, 6),
        "levels": (9, 9),
        "sessions": (7, 6),  # A2 has two
        "sex_F": (3, 6),
        "sex_M": (2, 6),
        "sex_unrecorded": (1, 6),
        "age_median": (62, 5),  # 49 52 62 72 77
        "age_q1": (52, 5),
        "age_q3": (72, 5),
        "died": (2, 6),
        "seen_pre": (6, 6),  # A4 by its films alone
        "seen_post": (6, 6),
        "seen_m3": (6, 6),
        "seen_m6": (3, 6),  # A1 A2 A4
        "seen_m12": (2, 6),  # A1 A2
        "leaks": (3, 8),
        "patients_with_leak": (3, 5),
        "vas_change_post": (-3.75, 5),
        "vas_change_m3": (-4, 5),
        "vas_change_m6": (-5.25, 2),
        "vas_change_m12": (-5, 2),
        "odi_change_post": (-17.5, 3),
        "odi_change_m3": (-30, 4),
        "odi_change_m6": (-40, 1),
        "odi_change_m12": (-30, 2),
        "height_anterior_change_post": (5.5, 1),  # K1 5 and K2 6
        "height_anterior_change_m12": (3, 1),  # K1
        "kyphosis_angle_change_post": (-4.75, 5),
        "kyphosis_angle_change_m3": (-7.5, 2),
        "kyphosis_angle_change_m6": (-6, 1),
        "kyphosis_angle_change_m12": (-2.5, 1),
    }


def test_tumours_and_sexes_count_patients_and_regions_count_levels(answer: Overview) -> None:
    assert answer.tumours == (
        *(("breast", 2), ("lung", 1), ("prostate", 1), ("kidney", 1)),
        ("unrecorded", 1),
    )
    assert answer.sexes == (("F", 3), ("M", 2), ("unrecorded", 1))
    assert answer.regions == (("thoracic", 2), ("thoracolumbar", 3), ("lumbar", 4))
    assert answer.levels == (
        *(("T5", 1), ("T8", 1), ("T12", 1), ("L1", 1), ("L2", 1)),
        *(("L3", 2), ("L4", 1), ("L5", 1)),
    )


def test_whoever_was_not_seen_has_a_reason(answer: Overview) -> None:
    assert [(row.visit, row.seen, row.not_seen) for row in answer.attendance] == [
        ("pre", 6, ()),
        ("post", 6, ()),
        ("m3", 6, ()),
        ("m6", 3, (("dead", 1), ("window still open", 1), ("lost to follow-up", 1))),
        ("m12", 2, (("dead", 2), ("window still open", 1), ("lost to follow-up", 1))),
    ]


def test_scores_of_an_earlier_operation_are_no_visit_of_a_later_one(six: Warehouse) -> None:
    later = overview(six.reader(), Cohort(operated_from=2023, primary_tumour=("lung",)))
    # A2 has scores at five visits after the first operation, and films of K4 at these
    assert [(row.visit, row.seen) for row in later.attendance] == [
        ("pre", 1),
        ("post", 1),
        ("m6", 1),
    ]


def test_seen_and_not_seen_add_up_to_the_cohort(tmp_path_factory: pytest.TempPathFactory) -> None:
    example = open_registry(registry_of_example(tmp_path_factory))
    answer = overview(example.reader(), Cohort())
    with (SOURCE / "follow_ups.csv").open(encoding="utf-8", newline="") as file:
        seen = {(row["patient_id"], row["visit"]) for row in csv.DictReader(file)}
    by_hand = Counter(visit for _, visit in seen)
    assert by_hand["m12"] == 28
    assert {row.visit: row.seen for row in answer.attendance} == by_hand
    for row in answer.attendance:
        assert row.seen + sum(n for _, n in row.not_seen) == 31


def test_nobody_gives_figures_of_nobody(six: Warehouse) -> None:
    answer = overview(six.reader(), Cohort(level=("T1",)))
    assert {row.key: row.value for row in answer.rows} == {
        **dict.fromkeys(("patients", "levels", "sessions", "died", "leaks"), 0),
        **dict.fromkeys(("age_median", "age_q1", "age_q3")),
        "patients_with_leak": 0,
    }
    assert (answer.attendance, answer.comparisons) == ((), ())


def test_a_cohort_without_any_visit_is_expected_before_the_operation(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    six = open_registry(registry_of_six(tmp_path_factory))
    answer = overview(six.reader(), Cohort(surgeon=("unrecorded",)))
    # K7 of A4 has no film; the scores of A4 are there after the operation
    assert answer.attendance[0].not_seen == (("not recorded", 1),)
