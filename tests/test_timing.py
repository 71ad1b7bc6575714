from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import queries.timing
from data.warehouse import open_registry
from queries.cohort import Cohort
from queries.timing import timing
from tests.registry_of_six import SIX, registry_of, registry_of_six

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture(scope="module")
def loose(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Six patients, one value between the visits, one late and one undated."""
    rows = SIX["follow_ups.csv"].replace("A2,m12,2023-03-15", "A2,m12,")
    rows = rows.replace("A1,m6,2022-07-10", "A1,m6,2022-12-10")
    rows += "A1,,2023-07-20,1,,\n"
    folder = tmp_path_factory.mktemp("loose")
    return open_registry(registry_of(SIX | {"follow_ups.csv": rows}, folder))


def test_days_count_from_the_first_operation(six: Warehouse) -> None:
    answer = timing(six.reader(), Cohort())
    # after the operation: A1 4, A2 4, A3 4, A4 3, A5 5, A6 3
    post = next(row for row in answer.rows if row.visit == "post")
    assert (post.n, post.n_values, post.day_median, post.day_first, post.day_last) == (
        6,
        6,
        4,
        3,
        5,
    )
    # before: A1 -5, A2 -4, A3 -3, A5 -5, A6 -2
    assert (answer.rows[0].day_median, answer.rows[0].n) == (-4, 5)
    assert {row.visit for row in answer.rows} == {"pre", "post", "m3", "m6", "m12"}
    assert answer.comparisons == ()


def test_a_value_outside_every_window_stands_at_its_day_alone(loose: Warehouse) -> None:
    answer = timing(loose.reader(), Cohort())
    beside = answer.rows[-1]
    # 2022-01-10 to 2023-07-20
    assert (beside.visit, beside.n, beside.day_median, beside.outside) == ("other", 1, 556, 0)
    assert answer.points is not None
    mine = answer.points.filter(visit="other")
    assert mine.select("day", "value", "change", "percent").row(0) == (556, 1, -7, -87.5)


def test_undated_values_are_counted_and_stand_at_no_day(loose: Warehouse) -> None:
    answer = timing(loose.reader(), Cohort())
    rows = {row.visit: row for row in answer.rows}
    assert (rows["m12"].n, rows["m12"].undated) == (2, 1)
    assert answer.undated == 1
    assert answer.points is not None
    assert answer.points.filter(visit="m12")["patient_id"].to_list() == ["A1"]


def test_a_labelled_value_outside_its_window_is_counted(loose: Warehouse) -> None:
    rows = {row.visit: row for row in timing(loose.reader(), Cohort()).rows}
    # A1's 6 months on day 334; the window ends on day 270
    assert (rows["m6"].outside, rows["m6"].day_last) == (1, 334)


def test_a_baseline_has_no_change_and_lines_run_in_order_of_time(loose: Warehouse) -> None:
    points = timing(loose.reader(), Cohort()).points
    assert points is not None
    assert points.filter(visit="pre")["change"].null_count() == 5
    mine = points.filter(patient_id="A1")
    assert mine["day"].to_list() == sorted(mine["day"].to_list())
    assert points.filter("complete")["patient_id"].unique().sort().to_list() == ["A1", "A2"]


def test_an_undated_visit_has_no_day(tmp_path: Path) -> None:
    undated = SIX["follow_ups.csv"].replace("A1,pre,2022-01-05,8,60,50", "A1,pre,,8,60,50")
    warehouse = open_registry(registry_of(SIX | {"follow_ups.csv": undated}, tmp_path))
    row = timing(warehouse.reader(), Cohort(), measure="karnofsky").rows[0]
    assert (row.n, row.undated, row.day_median, row.day_first, row.day_last) == (1, 1, *(None,) * 3)


def test_patients_of_a_later_session_have_no_days(six: Warehouse) -> None:
    answer = timing(six.reader(), Cohort(operated_from=2023, operated_to=2023))
    assert {row.n for row in answer.rows} == {0}


def test_too_many_lines_are_not_drawn(six: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries.timing, "MOST_LINES", 5)
    answer = timing(six.reader(), Cohort())
    assert answer.points is None
    assert answer.rows[1].n == 6
