from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import queries.alignment
from data.warehouse import open_registry
from queries.alignment import alignment
from queries.cohort import Cohort
from tests.registry_of_six import SIX, registry_of, registry_of_six

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse
    from queries.alignment import LevelRow


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


def described(row: LevelRow) -> tuple[object, ...]:
    return row.visit, row.n_levels, row.n_patients, row.median


def test_levels_are_described_with_both_denominators(six: Warehouse) -> None:
    rows = alignment(six.reader(), Cohort()).rows
    assert [described(row) for row in rows] == [
        ("pre", 7, 5, 18),  # 10 12 16 18 20 22 25; A1 and A2 have two each
        ("post", 8, 6, 11),  # 8 9 9 10 12 14 15 20
        ("m3", 2, 2, 14),  # 11 17
        ("m6", 1, 1, 10),
        ("m12", 2, 1, 12.5),  # 16 9, both of A1
    ]
    assert (rows[0].q1, rows[0].q3) == (14, 21)
    assert rows[0].mean == pytest.approx(123 / 7)
    assert rows[3].sd is None


def test_repeats_are_averaged_within_a_reader_and_then_the_readers(six: Warehouse) -> None:
    values = alignment(six.reader(), Cohort()).values
    assert values is not None
    of_k1 = values.filter(procedure_id="K1", visit="post")
    # first reader 12 and 14, mean 13; second reader 15; not 13.67, the mean of three
    assert of_k1["value"].to_list() == [14]


def test_films_of_a_level_end_where_it_is_treated_again(six: Warehouse) -> None:
    values = alignment(six.reader(), Cohort()).values
    assert values is not None
    assert values.filter(procedure_id="K3")["visit"].to_list() == ["m3", "post", "pre"]
    assert values.filter(procedure_id="K4")["visit"].to_list() == ["m6", "post", "pre"]


def test_a_level_entered_twice_on_one_day_was_not_treated_again(tmp_path: Path) -> None:
    twice = SIX["procedures.csv"] + "K10,A5,2022-08-15,T5,no,,,,Berg,South\n"
    warehouse = open_registry(registry_of(SIX | {"procedures.csv": twice}, tmp_path))
    values = alignment(warehouse.reader(), Cohort()).values
    assert values is not None
    assert values.filter(procedure_id="K8")["visit"].to_list() == ["m3", "post", "pre"]


def test_changes_of_levels_are_tested_on_patient_means(six: Warehouse) -> None:
    tests = alignment(six.reader(), Cohort()).paired
    # post: K1 -6 and K2 -2: A1 -4; K3 -8 and K4 -7: A2 -7.5; K5 -2; K6 0; K8 -10; K9 has none
    # m3: K3 -7, K8 -8; m6: K4 -6; m12: K1 -4 and K2 -1: A1 -2.5
    assert [
        (t.visit, t.unit, t.n_patients, t.n_levels, t.n_excluded, t.estimate) for t in tests
    ] == [
        ("post", "level", 5, 7, 1, -4.75),
        ("m3", "level", 2, 2, 4, -7.5),
        ("m6", "level", 1, 1, 5, -6),
        ("m12", "level", 1, 2, 5, -2.5),
    ]
    assert all(t.refused and t.p is None for t in tests)


def test_other_methods_stand_beside_the_test(six: Warehouse) -> None:
    levels, clustered, mixed, alive = alignment(six.reader(), Cohort()).paired[0].sensitivity
    assert (levels.name, clustered.name) == ("levels as independent", "clustered signed-rank")
    assert mixed.name == "mixed model: a mixed model needs 10 patients, there are 6"
    assert alive.name == "among those alive, GEE: a GEE needs 10 patients, there are 6"
    # six levels other than zero, all falling: 2 / 2^6
    assert levels.p == pytest.approx(2 / 2**6)
    # signed ranks: A1 -3 and -1.5, A2 -5 and -4, A3 -1.5, A5 -6
    # in R: 2 * pnorm(-21 / sqrt(4.5^2 + 9^2 + 1.5^2 + 6^2))
    assert clustered.p == pytest.approx(0.07540356, abs=1e-8)


def test_one_patient_has_no_clustered_signed_rank(six: Warehouse) -> None:
    # six months: K4 of A2 alone
    names = [other.name for other in alignment(six.reader(), Cohort()).paired[2].sensitivity]
    assert "clustered signed-rank: one patient only" in names


def test_gain_and_loss_are_counted_on_levels_and_patients(six: Warehouse) -> None:
    answer = alignment(six.reader(), Cohort())
    gain, loss = answer.gain, answer.loss
    assert (gain.n_levels, gain.n_patients) == (7, 5)
    assert gain.estimate is not None
    assert gain.estimate.value == -4.75
    # the measurement error is 7 degrees: K3 -8 and K8 -10, not K4 with -7
    assert gain.improved is not None
    assert gain.worsened is not None
    assert (gain.improved.k, gain.improved.n, gain.worsened.k) == (2, 7, 0)
    # last less post: K1 2, K2 1, K3 1, K4 1, K8 2: patient means 1.5, 1, 2
    assert (loss.n_levels, loss.n_patients) == (5, 3)
    assert loss.estimate is not None
    assert loss.estimate.value == 1.5


def test_a_height_that_falls_has_worsened(six: Warehouse) -> None:
    answer = alignment(six.reader(), Cohort(), measure="height_anterior")
    # K1 15 to 20, K2 18 to 24: both rise by more than 4.5 mm; K1 then falls by 2
    assert answer.gain.improved is not None
    assert (answer.gain.improved.k, answer.gain.improved.n) == (2, 2)
    assert answer.loss.worsened is not None
    assert (answer.loss.worsened.k, answer.loss.worsened.n) == (0, 1)
    assert answer.unit == "mm"


def test_a_height_without_its_reference_takes_the_mean_of_the_others(six: Warehouse) -> None:
    answer = alignment(
        six.reader(), Cohort(), measure="height_anterior", scale="percent_of_reference"
    )
    assert [described(row) for row in answer.rows] == [
        ("pre", 2, 1, 61.25),  # 15 of 24 and 18 of 30
        ("post", 2, 1, 80),  # 20 of 25, the mean of 24 and 26; 24 of 30
        ("m12", 1, 1, pytest.approx(1800 / 26)),
    ]
    assert answer.unit == "% of the reference height"
    assert (answer.error, answer.gain.worsened, answer.gain.improved) == (None, None, None)
    assert answer.values is not None
    assert not answer.values["within_error"].any()
    # 17.5 and 20 per cent of A1
    assert answer.paired[0].estimate == pytest.approx(18.75)


def test_single_changes_inside_the_measurement_error_are_marked(six: Warehouse) -> None:
    values = alignment(six.reader(), Cohort()).values
    assert values is not None
    beyond = values.filter(visit="post").filter(~values.filter(visit="post")["within_error"])
    assert beyond["procedure_id"].to_list() == ["K3", "K8"]


def test_courses_name_the_last_visit_of_each_level(six: Warehouse) -> None:
    levels = alignment(six.reader(), Cohort()).levels
    assert levels is not None
    last = dict(levels.select("procedure_id", "last_visit").drop_nulls().iter_rows())
    assert last == {"K1": "m12", "K2": "m12", "K3": "m3", "K4": "m6", "K8": "m3"}
    assert levels["procedure_id"].to_list() == ["K1", "K2", "K3", "K4", "K5", "K6", "K8", "K9"]


def test_levels_stand_in_their_own_region(six: Warehouse) -> None:
    rows = [
        row for row in alignment(six.reader(), Cohort(), by="region").rows if row.visit == "post"
    ]
    assert [(row.group, row.n_levels, row.median) for row in rows] == [
        ("all", 8, 11),
        ("thoracic", 2, 14.5),  # K1 14, K8 15
        ("thoracolumbar", 3, 12),  # K2 8, K5 20, K6 12
        ("lumbar", 3, 9),  # K3 10, K4 9, K9 9
    ]


def test_a_later_session_counts_its_films_from_its_own_operation(six: Warehouse) -> None:
    answer = alignment(six.reader(), Cohort(operated_from=2023, operated_to=2023))
    assert [(t.visit, t.n_patients, t.estimate) for t in answer.paired] == [
        ("post", 1, -7),
        ("m6", 1, -6),
    ]
    assert all(test.exploratory for test in answer.paired)


def test_films_without_any_film_before_give_no_change_but_a_reason(six: Warehouse) -> None:
    (test,) = alignment(six.reader(), Cohort(level=("L5",))).paired
    assert (test.visit, test.n_patients, test.n_levels) == ("post", 0, 0)
    assert test.refused == "nothing was measured at both visits"
    assert [other.name for other in test.sensitivity] == [
        "mixed model: nothing was measured before",
        "among those alive, GEE: nothing was measured before",
    ]


def test_too_many_levels_are_not_drawn(six: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries.alignment, "MOST_LINES", 7)
    answer = alignment(six.reader(), Cohort())
    assert (answer.levels, answer.values) == (None, None)
    assert answer.visits == ("pre", "post", "m3", "m6", "m12")


def test_a_registry_without_radiographs_has_no_rows(tmp_path: Path) -> None:
    files = {name: text for name, text in SIX.items() if name != "radiographs.csv"}
    answer = alignment(open_registry(registry_of(files, tmp_path)).reader(), Cohort())
    assert (answer.rows, answer.paired, answer.visits) == ((), (), ())
    assert (answer.gain.estimate, answer.gain.n_levels) == (None, 0)
