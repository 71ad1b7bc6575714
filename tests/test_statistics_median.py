from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.statistics.median import median_interval

# The limits are order statistics k and n + 1 - k with k = qbinom(0.025, n, 0.5):
# R: qbinom(0.025, c(5, 6, 8, 9, 20, 31), 0.5) is 0 1 1 2 6 10


@pytest.mark.parametrize(("n", "k"), [(6, 1), (8, 1), (9, 2), (20, 6), (31, 10)])
def test_the_limits_are_order_statistics(n: int, k: int) -> None:
    found = median_interval(range(n, 0, -1))
    assert found is not None
    assert (found.ci_low, found.ci_high) == (k, n + 1 - k)
    assert (found.value, found.name, found.ci_level) == ((n + 1) / 2, "median", 0.95)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_up_to_five_values_have_a_median_and_no_interval(n: int) -> None:
    found = median_interval(range(n))
    assert found is not None
    assert (found.value, found.ci_low, found.ci_high) == ((n - 1) / 2, None, None)


def test_no_value_has_no_median() -> None:
    assert median_interval([]) is None


def test_a_lower_confidence_needs_fewer_values() -> None:
    # in R, qbinom(0.1, 5, 0.5) is 1
    found = median_interval([5, 1, 4, 2, 3], confidence=0.8)
    assert found is not None
    assert (found.ci_low, found.ci_high, found.ci_level) == (1, 5, 0.8)


@pytest.mark.parametrize("values", [[1.0, float("nan")], [[1.0]], [float("inf")]])
def test_values_must_be_one_row_of_finite_numbers(values: list[float]) -> None:
    with pytest.raises(ValueError, match="values"):
        median_interval(values)


@pytest.mark.parametrize("n", [6, 9, 12])
def test_the_interval_covers_the_median_at_least_as_often_as_it_says(n: int) -> None:
    # every pattern of values below (0) and above (1) the true median is equally likely
    found = median_interval(range(1, n + 1))
    assert found is not None
    assert found.ci_low is not None
    k = int(found.ci_low)
    covered = [k <= sum(below) <= n - k for below in itertools.product((0, 1), repeat=n)]
    assert sum(covered) / len(covered) >= 0.95


@settings(derandomize=True, deadline=None)
@given(st.lists(st.integers(-100, 100), min_size=6, max_size=40))
def test_order_does_not_matter_and_the_median_lies_inside(values: list[int]) -> None:
    found = median_interval(values)
    assert found == median_interval(sorted(values))
    assert found is not None
    assert found.ci_low is not None
    assert found.ci_high is not None
    assert found.ci_low <= found.value <= found.ci_high
