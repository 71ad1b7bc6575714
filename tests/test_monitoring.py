from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from data.example import SOURCE
from data.warehouse import open_registry
from queries import monitoring as module
from queries.cohort import Cohort
from queries.monitoring import monitoring
from tests.registry_of_six import registry_of_example, registry_of_six

if TYPE_CHECKING:
    from data.warehouse import Warehouse


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


def test_levels_stand_in_order_of_operation(six: Warehouse) -> None:
    # looked at, by date: K1 K2 2022-01-10, K3 2022-03-01, K6 K7 2022-06-01, K8 2022-08-15,
    # K4 2023-03-01, K9 2024-02-01; K5 was not looked for; leaks K1, K6, K4
    answer = monitoring(six.reader(), Cohort())
    steps = answer.steps
    assert steps["level"].to_list() == ["T8", "L1", "L3", "L2", "L4", "T5", "L3", "L5"]
    assert steps["leak"].to_list() == [True, False, False, True, False, False, True, False]
    assert steps["leaks"].to_list() == [1, 1, 1, 2, 2, 2, 3, 3]
    assert steps["patients"].to_list() == [1, 1, 2, 3, 3, 4, 4, 5]
    assert steps["year"].to_list() == [2022] * 6 + [2023, 2024]
    assert (answer.n_levels, answer.n_patients, answer.n_leaks) == (8, 5, 3)
    assert answer.not_looked_for == 1


def test_the_limits_of_the_rate_are_exact(six: Warehouse) -> None:
    steps = monitoring(six.reader(), Cohort()).steps
    # in R: binom.test(1, 1)$conf.int, binom.test(1, 3)$conf.int, binom.test(3, 8)$conf.int
    for place, low, high in (
        (0, 0.025, 1.0),
        (2, 0.00840375865961, 0.90570067594975),
        (7, 0.0852334141373, 0.7551367836334),
    ):
        row = steps.row(place, named=True)
        assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high), rel=1e-9)


def test_the_check_on_the_example_is_a_display_and_no_monitor(example: Warehouse) -> None:
    answer = monitoring(example.reader(), Cohort())
    watch = answer.watch
    assert watch is not None
    assert (watch.target, watch.doubled, watch.limit) == (0.125, 0.25, 3.0)
    assert watch.weights == pytest.approx((0.693147, 0.154151), abs=1e-6)
    assert (round(watch.run_at_target), round(watch.run_at_doubled)) == (470, 41)
    assert (watch.enough, watch.signals) == (False, ())
    with (SOURCE / "procedures.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    total, sums = 0.0, []
    for row in rows:
        total = max(
            0.0, total + (watch.weights.event if row["leak"] == "yes" else -watch.weights.clean)
        )
        sums.append(total)
    assert answer.steps["cusum"].to_list() == pytest.approx(sums)


def test_leaks_alone_signal_and_the_sum_starts_again(example: Warehouse) -> None:
    answer = monitoring(example.reader(), Cohort(leak=("yes",)), limit="2.5")
    assert answer.watch is not None
    assert answer.watch.signals == (4, 8)
    assert answer.steps["signal"].to_list() == [place in (4, 8) for place in range(1, 9)]


def test_enough_is_one_mean_run_to_a_false_alarm(
    example: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "run_length", lambda *_: 64.0)
    watch = monitoring(example.reader(), Cohort()).watch
    assert watch is not None
    assert watch.enough


def test_the_own_rate_can_be_the_target(example: Warehouse) -> None:
    watch = monitoring(example.reader(), Cohort(region=("thoracic",)), target="cohort").watch
    assert watch is not None
    assert watch.target == pytest.approx(4 / 20)


@pytest.mark.parametrize(
    ("cohort", "reason"),
    [
        (Cohort(level=("T1",)), "nobody looked for a leak at any level"),
        (Cohort(leak=("yes",)), "a target of one half or more cannot double"),
        (Cohort(leak=("no",)), "without a leak the cohort's own rate is no target"),
    ],
)
def test_a_check_that_cannot_be_made_says_why(
    example: Warehouse, cohort: Cohort, reason: str
) -> None:
    answer = monitoring(example.reader(), cohort, target="cohort")
    assert (answer.watch, answer.refused) == (None, reason)
    assert answer.steps["cusum"].null_count() == answer.steps.height == answer.n_levels


def test_above_the_most_levels_some_stand_in_and_every_signal(
    example: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = monitoring(example.reader(), Cohort()).steps
    monkeypatch.setattr(module, "EVERY_LEVEL", 50)
    monkeypatch.setattr(module, "SOME_LEVELS", 10)
    some = monitoring(example.reader(), Cohort()).steps
    assert some["sequence"].to_list() == [1, 8, 15, 22, 29, 36, 43, 50, 57, 64]
    assert some.equals(whole.filter(whole["sequence"].is_in(some["sequence"].implode())))
