from __future__ import annotations

import math
import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.statistics import walsh
from queries.statistics.paired import hodges_lehmann
from queries.statistics.signflip import signed_rank_quantile

if TYPE_CHECKING:
    from queries.statistics.results import Estimate, FloatArray

# In R: with(datasets::sleep, extra[group == 2] - extra[group == 1])
SLEEP = [1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4]
# In R: with(nlme::Orthodont, distance[age == 10] - distance[age == 8]); the same for 14 and 12
AGE_8_TO_10 = [
    *[-1, 1, -0.5, 2, 3.5, 1, 0, -2.5, -2.5, 0.5, 0, 2, 7.5, 3, 1.5],
    *[-0.5, -1, 0.5, 3.5, 1, 1.5, 1, 1, 0, 1, 2.5, 0.5],
]
AGE_12_TO_14 = [
    *[2, 3.5, 3.5, 0.5, 3.5, 1.5, 2, 1, -5, 0.5, 1.5, 4, 3.5, 0.5, 4],
    *[1.5, 1.5, 1.5, 1.5, 1.5, 1, 1.5, 2, 0.5, -0.5, 0.5, 0],
]

half_steps = st.integers(-8, 8).map(lambda steps: steps / 2)


def stepped(n: int, shift: float, period: int = 23) -> FloatArray:
    return ((37 * np.arange(n)) % period - shift) / 2


def naive_hodges_lehmann(differences: FloatArray) -> tuple[float, float, float]:
    averages = np.sort(np.add.outer(differences, differences)[np.triu_indices(len(differences))])
    k = max(1, signed_rank_quantile(0.025, len(differences)))
    return tuple(np.array([np.median(averages), averages[k - 1], averages[-k]]) / 2)


def numbers_of(estimate: Estimate) -> list[float | None]:
    return [estimate.value, estimate.ci_low, estimate.ci_high]


# In R: w <- outer(d, d, "+") / 2; w <- sort(w[upper.tri(w, TRUE)]); M <- length(w)
# In R: k <- if (n <= 200) max(1, qsignrank(.025, n)) else
# In R:   floor(M / 2 - qnorm(.975) * sqrt(n * (n + 1) * (2 * n + 1) / 24))
# In R: c(median(w), w[k], w[M + 1 - k])
@pytest.mark.parametrize(
    ("differences", "expected"),
    [
        (SLEEP, [1.3, 0.9, 2.7]),
        (AGE_8_TO_10, [0.75, 0.25, 1.5]),
        (AGE_12_TO_14, [1.5, 1, 2.25]),
        (stepped(12, 12), [-1, -3.5, 1.5]),
        (stepped(120, 12), [-0.5, -1.25, 0]),
        (stepped(200, 8), [1.5, 1, 2]),
        (stepped(230, 48, 101), [1, -1, 3]),
        (stepped(1000, 12), [-0.5, -0.75, -0.25]),
        (np.sqrt(np.arange(200)) - 9, [0.57430852125, 0.0483818575, 1.090482975]),
        (np.sqrt(np.arange(201)) - 9, [0.5988197895, 0.071322244, 1.1143782775]),
        (np.sqrt(np.arange(300)) - 9, [2.73777142825, 2.212218789, 3.2525823535]),
    ],
)
def test_hodges_lehmann_is_the_median_of_the_walsh_averages_of_r(
    differences: list[float], expected: list[float]
) -> None:
    assert numbers_of(hodges_lehmann(differences)) == pytest.approx(expected, rel=1e-11)


@settings(derandomize=True, deadline=None)
@given(st.lists(half_steps | st.floats(-100, 100), min_size=6, max_size=60))
def test_selection_finds_what_sorting_all_averages_finds(values: list[float]) -> None:
    differences = np.round(np.array(values), 9)
    with pytest.MonkeyPatch.context() as small:
        small.setattr(walsh, "SORTED_AT_ONCE", 12)
        small.setattr(walsh, "SAMPLE", 9)
        small.setattr(walsh, "SAMPLE_MARGIN", 1)
        found = numbers_of(hodges_lehmann(differences))
    assert found == pytest.approx(naive_hodges_lehmann(differences), rel=1e-12, abs=1e-12)
    assert numbers_of(hodges_lehmann(differences)) == found


@pytest.mark.parametrize("spread", ["normal", "grid", "half zeros"])
def test_every_limit_of_a_large_sample_has_the_rank_it_claims(spread: str) -> None:
    n = 20_000
    values = {
        "normal": np.random.default_rng(1).normal(size=n).round(9),
        "grid": np.arange(n) / 8,
        "half zeros": np.where(np.arange(n) % 2, np.arange(n) - 3000.5, 0.0),
    }[spread]
    m = n * (n + 1) // 2
    ordered = np.sort(values).tolist()
    for rank in (1, m // 3, m // 2, m):
        twice = 2 * walsh.walsh_average(values, rank)
        assert counted(ordered, twice, strict=True) < rank <= counted(ordered, twice, strict=False)


def counted(ordered: list[float], twice: float, *, strict: bool) -> int:
    total, end = 0, len(ordered)
    for place, value in enumerate(ordered):
        while end and (
            value + ordered[end - 1] >= twice if strict else value + ordered[end - 1] > twice
        ):
            end -= 1
        total += max(end - place, 0)
    return total


def test_twenty_billion_averages_are_never_held_in_memory() -> None:
    values = np.arange(200_000) / 1024
    tracemalloc.start()
    estimate = hodges_lehmann(values)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert estimate.value == (values[0] + values[-1]) / 2
    assert peak < 100e6


@pytest.mark.parametrize("n", [1, 2, 5])
def test_up_to_five_pairs_have_no_interval(n: int) -> None:
    assert numbers_of(hodges_lehmann(np.arange(n)))[1:] == [None, None]


def test_five_pairs_have_no_interval_at_a_lower_level_either() -> None:
    assert hodges_lehmann(range(5), confidence=0.8).ci_low is None


def test_no_interval_claims_more_than_all_averages_cover() -> None:
    assert hodges_lehmann(range(7), confidence=0.99).ci_low is None
    assert hodges_lehmann(range(8), confidence=0.99).ci_low == 0


def test_misplaced_ends_are_mended_in_both_directions() -> None:
    misplaced = np.array([3, 0, 2])
    assert walsh._exact_ends(np.array([0.0, 1.0, 2.0]), misplaced, 2.0).tolist() == [3, 2, 1]


def test_no_estimate_is_minus_zero() -> None:
    assert math.copysign(1, hodges_lehmann([-1e-12]).value) == 1


def test_zero_differences_count_in_the_estimate() -> None:
    assert hodges_lehmann([0, 0, 0, -4]).value == 0
    assert hodges_lehmann([-4]).value == -4


def test_no_difference_has_no_estimate() -> None:
    with pytest.raises(ValueError, match="at least one value"):
        hodges_lehmann([])
