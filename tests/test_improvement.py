from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from data.warehouse import open_registry
from queries.cohort import Cohort
from queries.improvement import improvement
from queries.trajectory import trajectory
from tests.registry_of_six import registry_of_six

if TYPE_CHECKING:
    from data.warehouse import Warehouse


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


def test_changes_are_counted_by_direction(six: Warehouse) -> None:
    post = improvement(six.reader(), Cohort()).rows[0]
    # A1 -4, A2 -3.5, A3 -4, A5 -4, A6 0
    assert (post.visit, post.n, post.better, post.unchanged, post.worse) == ("post", 5, 4, 1, 0)
    assert (post.better_beyond, post.worse_beyond) == (None, None)


def test_a_change_of_the_measurement_error_is_inside_it(six: Warehouse) -> None:
    answer = improvement(six.reader(), Cohort(), measure="odi")
    # A1 -20, A3 -20, A5 -10; the error is 10
    assert (answer.rows[0].better, answer.rows[0].better_beyond) == (3, 2)
    post = answer.changes.filter(visit="post").sort("patient_id")
    assert post["direction"].to_list() == ["better", "better", "within error"]


def test_a_higher_performance_is_better(six: Warehouse) -> None:
    (row,) = improvement(six.reader(), Cohort(), measure="karnofsky").rows
    # A1 50 to 70
    assert (row.visit, row.n, row.better, row.worse) == ("m12", 1, 1, 0)


def test_those_without_a_change_have_a_reason_as_in_the_pairs(six: Warehouse) -> None:
    answer = improvement(six.reader(), Cohort())
    pairs = trajectory(six.reader(), Cohort()).pairs
    assert answer.left_out == tuple((pair.visit, pair.left_out) for pair in pairs)
    assert answer.visits == ("post", "m3", "m6", "m12")
    assert answer.comparisons == ()


def test_nobody_has_no_changes(six: Warehouse) -> None:
    answer = improvement(six.reader(), Cohort(level=("T1",)))
    assert (answer.rows, answer.changes.height) == ((), 0)
