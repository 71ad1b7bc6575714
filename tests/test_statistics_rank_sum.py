from __future__ import annotations

import math
import tracemalloc
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.statistics import differences
from queries.statistics.rank_sum import hodges_lehmann_shift, rank_sum
from queries.statistics.subsets import rank_sum_quantile, subset_density

if TYPE_CHECKING:
    from random import Random

    from queries.statistics.results import Estimate, FloatArray

# In R: with(nlme::Orthodont, distance[age == 14] - distance[age == 8]), by Sex
BOYS = [5, 5, 4.5, 1.5, 6, 4, 4.5, 1.5, 3, 4, 2, 6.5, 12.5, 3.5, 7, 3]
GIRLS = [2, 4.5, 5.5, 3, 2, 2.5, 3.5, 1, 1.5, 3, 3.5]
# In R: with(HSAUR3::water, hardness[location == "North"]); the same for "South"
NORTH = [
    *[17, 14, 18, 10, 15, 10, 12, 20, 39, 39, 44, 94, 8, 9, 91, 16, 15, 8],
    *[26, 44, 27, 6, 6, 13, 14, 49, 8, 14, 75, 71, 13, 57, 71, 20, 71],
]
SOUTH = [
    *[105, 5, 78, 84, 73, 21, 78, 96, 122, 21, 138, 37, 14],
    *[59, 133, 107, 5, 90, 101, 68, 50, 13, 60, 53, 122, 81],
]

half_steps = st.integers(-6, 6).map(lambda steps: steps / 2)
small_group = st.lists(half_steps, min_size=1, max_size=6)
repeatable = settings(derandomize=True, deadline=None)


def stepped(n: int, shift: float, period: int = 23) -> FloatArray:
    return ((37 * np.arange(n)) % period - shift) / 2


def distances(first: list[float], second: list[float]) -> FloatArray:
    """How far each arrangement's rank sum lies from its mean; the observed one stands first."""
    ranks, n1 = scipy.stats.rankdata([*first, *second]), len(first)
    sums = np.array([sum(chosen) for chosen in combinations(ranks, n1)])
    return np.abs(sums - n1 * (ranks.size + 1) / 2)


# In R: e <- function(x, y) wilcox.exact(round(x, 9), round(y, 9), exact = TRUE)
# In R: i <- 0:(n - 1); stepped(n, s, p) is ((37 * i) %% p - s) / 2, p = 23 unless given
@pytest.mark.parametrize(
    ("first", "second", "w", "p"),
    [
        (BOYS, GIRLS, 127, 0.0535443796717),
        (NORTH, SOUTH, 202.5, 0.00014788535444),
        (stepped(30, 12), stepped(70, 9), 776, 0.0388494710425),
        (stepped(100, 12), stepped(100, 8), 3417, 9.35084684659e-05),
        (stepped(17, 12, 11), stepped(12, 9, 7), 84.5, 0.448456916712),
        (stepped(4, 2, 5), stepped(27, 12), 57.5, 0.853805815986),
        (stepped(120, 12), stepped(80, 8), 3342, 0.000243432158049),
    ],
)
def test_exact_p_under_ties_is_that_of_exactranktests(
    first: list[float], second: list[float], w: float, p: float
) -> None:
    test = rank_sum(first, second)
    assert test.exact
    assert (test.statistic, test.p) == (w, pytest.approx(p, rel=1e-10))


def test_exactranktests_can_lose_one_tail_to_binary_rounding_and_ours_does_not() -> None:
    # In R: x <- 5 * ((0:12) %% 7) / 2; y <- c(3, 5, 7.5, 9)
    # In R: wilcox.exact(x, y, exact = TRUE) gives 0.844537815126, because it computes the mean
    # rank sum as 13 / 17 * 153 < 117; wilcox.exact(y, x, exact = TRUE) and
    # coin::wilcox_test(c(x, y) ~ factor(rep(1:2, c(13, 4))), distribution = "exact") give:
    first, second = 5 * (np.arange(13) % 7) / 2, [3, 5, 7.5, 9]
    assert rank_sum(first, second).p == pytest.approx(0.850420168067, rel=1e-10)
    assert rank_sum(second, first).p == rank_sum(first, second).p


# In R: wilcox.test(x, y, exact = FALSE, correct = TRUE)
@pytest.mark.parametrize(
    ("first", "second", "w", "p"),
    [
        (stepped(120, 12), stepped(110, 8), 4526.5, 3.85828201326e-05),
        (stepped(1000, 12), stepped(400, 11), 183058.5, 0.0130901106034),
        (stepped(3, 12), stepped(300, 40, 97), 326, 0.413391642077),
        (stepped(150, 12, 2), stepped(150, 12, 2), 11250, 1),
    ],
)
def test_above_200_patients_p_is_the_corrected_normal_one_of_r(
    first: FloatArray, second: FloatArray, w: float, p: float
) -> None:
    test = rank_sum(first, second)
    assert not test.exact
    assert (test.statistic, test.p) == (w, pytest.approx(p, rel=1e-10))


def test_the_200_count_the_patients_of_both_groups() -> None:
    assert rank_sum(stepped(150, 1), stepped(50, 2)).exact
    assert not rank_sum(stepped(150, 1), stepped(51, 2)).exact


@repeatable
@given(small_group, small_group)
def test_exact_p_is_that_of_all_arrangements(first: list[float], second: list[float]) -> None:
    test, all_distances = rank_sum(first, second), distances(first, second)
    smallest = (all_distances == all_distances.max()).mean()
    assert test.smallest_p == pytest.approx(smallest, rel=1e-12)
    if test.p is None:
        assert len({*first, *second}) == 1
    else:
        p = (all_distances >= all_distances[0]).mean()
        assert test.p == pytest.approx(p, rel=1e-12)


@repeatable
@given(small_group, small_group, st.randoms())
def test_order_exchange_and_powers_of_two_do_not_change_p(
    first: list[float], second: list[float], random: Random
) -> None:
    test, shuffled = rank_sum(first, second), list(first)
    random.shuffle(shuffled)
    assert rank_sum(shuffled, second) == test
    assert rank_sum([8 * v for v in first], [8 * v for v in second]) == test
    turned = rank_sum(second, first)
    assert turned.p == pytest.approx(test.p)
    assert (turned.effect, turned.smallest_p) == (-test.effect, test.smallest_p)


def test_tails_are_exact_to_twelve_digits() -> None:
    scores, size = [2, 3, 3, 5, 8, 9, 9, 9, 12, 20, 21, 21, 30], 6
    sums = [sum(chosen) for chosen in combinations(scores, size)]
    truth = np.bincount(sums) / math.comb(len(scores), size)
    np.testing.assert_allclose(subset_density(np.array(scores), size), truth, rtol=1e-14)


# Published: 3 and 3 patients wholly apart 0.1, 4 and 4 0.0286, 3 and 4 0.0571 (Wilcoxon's tables).
@pytest.mark.parametrize(("n1", "n2", "p"), [(3, 3, 0.1), (4, 4, 2 / 70), (3, 4, 2 / 35)])
def test_groups_wholly_apart_reach_the_smallest_p(n1: int, n2: int, p: float) -> None:
    test = rank_sum(range(n1), range(10, 10 + n2))
    assert (test.p, test.smallest_p, test.effect) == (pytest.approx(p), pytest.approx(p), -1)


def test_one_patient_against_39_can_just_reach_the_limit() -> None:
    assert rank_sum([99], range(39)).smallest_p == 0.05


def test_the_smallest_p_allows_for_ties_in_large_samples_too() -> None:
    values = np.zeros(150)
    assert rank_sum(values, np.append(values, 1)).smallest_p == pytest.approx(150 / 301)
    assert rank_sum(np.append(values, 1), values[1:]).smallest_p == pytest.approx(149 / 300)


def test_binary_rounding_breaks_no_tie() -> None:
    assert rank_sum([0.3 - 0.1, 0.5], [0.2, 1]) == rank_sum([2, 5], [2, 10])


def test_equal_values_have_no_p_and_an_empty_group_no_effect() -> None:
    same, empty = rank_sum([2, 2], [2]), rank_sum([], [1])
    assert (same.p, same.effect, same.smallest_p) == (None, 0, 1)
    assert (empty.p, empty.effect, empty.smallest_p, empty.statistic) == (None, None, 1, 0)


@pytest.mark.parametrize("values", [[[1.0, 2.0]], [1.0, None], [float("inf")]])
def test_missing_values_and_tables_are_turned_away(values: list[object]) -> None:
    with pytest.raises(ValueError, match="`second` must be"):
        rank_sum([1.0], values)


def numbers_of(estimate: Estimate) -> list[float | None]:
    return [estimate.value, estimate.ci_low, estimate.ci_high]


# In R: D <- sort(outer(x, y, "-")); M <- length(D); N <- n1 + n2
# In R: k <- if (N <= 200) max(1, qwilcox(.025, n1, n2)) else
# In R:   max(1, floor(M / 2 - qnorm(.975) * sqrt(n1 * n2 * (N + 1) / 12)))
# In R: c(median(D), D[k], D[M + 1 - k])
@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (BOYS, GIRLS, [1.5, 0, 3]),
        (NORTH, SOUTH, [-43.5, -63, -19]),
        (stepped(30, 12), stepped(70, 9), [-1.5, -3, 0]),
        (stepped(1000, 12), stepped(400, 11), [-0.5, -1, 0]),
        (
            np.sqrt(np.arange(100)) - 4,
            np.log(np.arange(1, 101)),
            [-0.661115984981, -1.26197404725, -0.110497575454],
        ),
        (
            np.sqrt(np.arange(100)) - 4,
            np.log(np.arange(1, 102)),
            [-0.671155391259, -1.27273760999, -0.121087492382],
        ),
        (
            np.sqrt(np.arange(3)),
            np.sqrt(np.arange(300)),
            [-11.4057139485, -14.9373774505, -6.28010988928],
        ),
    ],
)
def test_the_shift_is_the_median_of_all_differences_of_r(
    first: list[float], second: list[float], expected: list[float]
) -> None:
    assert numbers_of(hodges_lehmann_shift(first, second)) == pytest.approx(expected, abs=2e-9)


@repeatable
@given(
    st.lists(half_steps | st.floats(-100, 100), min_size=4, max_size=30),
    st.lists(half_steps | st.floats(-100, 100), min_size=4, max_size=30),
)
def test_selection_finds_what_sorting_all_differences_finds(
    first: list[float], second: list[float]
) -> None:
    with pytest.MonkeyPatch.context() as small:
        small.setattr(differences, "SORTED_AT_ONCE", 12)
        small.setattr(differences, "SAMPLE", 9)
        small.setattr(differences, "SAMPLE_MARGIN", 1)
        found = numbers_of(hodges_lehmann_shift(first, second))
    every = np.sort(np.subtract.outer(np.round(first, 9), np.round(second, 9)).ravel())
    k = max(1, rank_sum_quantile(0.025, len(first), len(second)))
    naive = [np.median(every), every[k - 1], every[-k]]
    assert found == pytest.approx(naive, rel=1e-12, abs=1e-12)
    assert numbers_of(hodges_lehmann_shift(first, second)) == found


def test_ten_billion_differences_are_never_held_in_memory() -> None:
    first, second = np.arange(100_000) / 1024, np.arange(100_000) / 512
    tracemalloc.start()
    estimate = hodges_lehmann_shift(first, second)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    middle = (first[-1] - second[-1]) / 2
    assert estimate.value == pytest.approx(middle, abs=1e-3)
    assert estimate.ci_low < estimate.value < estimate.ci_high
    assert peak < 60e6


def test_misplaced_ends_are_mended_in_both_directions() -> None:
    grid = differences.Grid(
        np.array([0.0, 1.0, 2.0]), np.ones(3), np.array([0.0, 1.0, 2.0]), np.ones(3), np.arange(4)
    )
    ends = differences._exact_ends(grid, np.array([2, 0, 2]), 2.0)
    assert ends.tolist() == [3, 2, 1]


@repeatable
@given(small_group, small_group)
def test_exchanging_the_groups_turns_the_shift(first: list[float], second: list[float]) -> None:
    one, other = hodges_lehmann_shift(first, second), hodges_lehmann_shift(second, first)
    assert other.value == -one.value
    if one.ci_low is not None:
        assert (other.ci_low, other.ci_high) == (-one.ci_high, -one.ci_low)


# The whole range covers 1 - 2 / choose(n1 + n2, n1): 0.9 for 3 and 3, 0.952 for 3 and 5.
@pytest.mark.parametrize(("n1", "n2"), [(1, 1), (3, 3), (2, 7), (1, 38)])
def test_no_interval_claims_more_than_all_differences_cover(n1: int, n2: int) -> None:
    assert numbers_of(hodges_lehmann_shift(range(n1), range(n2)))[1:] == [None, None]


def test_the_smallest_groups_with_an_interval() -> None:
    assert hodges_lehmann_shift(range(3), range(5)).ci_low == -4
    assert hodges_lehmann_shift([0], range(39)).ci_low == -38
    assert hodges_lehmann_shift(range(3), range(3), confidence=0.9).ci_high == 2
    assert hodges_lehmann_shift([0], range(250), confidence=0.999).ci_low is None


def test_the_median_of_differences_is_not_the_difference_of_medians() -> None:
    assert hodges_lehmann_shift([0, 0, 5, 6, 7], [4, 4, 4, 9, 9]).value == -3


def test_no_estimate_is_minus_zero() -> None:
    assert math.copysign(1, hodges_lehmann_shift([-1e-12], [0.0]).value) == 1


@pytest.mark.parametrize(("first", "second"), [([], [1]), ([1], [])])
def test_an_empty_group_has_no_shift(first: list[float], second: list[float]) -> None:
    with pytest.raises(ValueError, match="at least one value each"):
        hodges_lehmann_shift(first, second)


# In R: qwilcox(0.025, c(4, 5, 10, 16, 31, 100, 3, 1, 2), c(4, 6, 12, 11, 33, 100, 50, 39, 20))
# In R: qwilcox(0.005, c(5, 16), c(6, 11))
@pytest.mark.parametrize(
    ("probability", "n1", "n2", "quantile"),
    [
        *[(0.025, 4, 4, 1), (0.025, 5, 6, 4), (0.025, 10, 12, 30), (0.025, 16, 11, 48)],
        *[(0.025, 31, 33, 366), (0.025, 100, 100, 4198), (0.025, 3, 50, 25), (0.025, 1, 39, 0)],
        *[(0.025, 2, 20, 3), (0.005, 5, 6, 2), (0.005, 16, 11, 37)],
    ],
)
def test_the_quantile_is_qwilcox(probability: float, n1: int, n2: int, quantile: int) -> None:
    assert rank_sum_quantile(probability, n1, n2) == quantile
