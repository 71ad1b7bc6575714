from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.statistics.proportions import (
    clustered_proportion,
    no_event_upper,
    wilson,
)

if TYPE_CHECKING:
    from random import Random

# domain.md 3b: levels per patient
SIZES = [1] * 12 + [2] * 9 + [3] * 7 + [4] * 2 + [5]

repeatable = settings(derandomize=True, deadline=None)
rows = st.lists(st.tuples(st.booleans(), st.integers(0, 14)), min_size=1, max_size=60)


def long_form(events: list[int], sizes: list[int]) -> tuple[list[int], list[int]]:
    outcomes = [int(i < k) for k, m in zip(events, sizes, strict=True) for i in range(m)]
    return outcomes, np.repeat(np.arange(len(sizes)), sizes).tolist()


def levels(k: int) -> tuple[list[int], list[int]]:
    """Return the 64 levels of 31 patients, leaking in the k patients who come first."""
    return long_form([1] * k + [0] * (31 - k), SIZES)


def percent(*fractions: float) -> list[float]:
    return [round(100 * fraction, 1) for fraction in fractions]


# domain.md 3b: the table of ICC, DEFF, effective n and interval for 8 of 64 levels
@pytest.mark.parametrize(
    ("icc", "deff", "effective", "low", "high"),
    [
        (0, 1.00, 64.0, 6.5, 22.8),
        (0.1, 1.16, 55.1, 6.2, 23.7),
        (0.3, 1.49, 43.0, 5.6, 25.5),
        (0.5, 1.81, 35.3, 5.2, 27.2),
        (1, 2.62, 24.4, 4.4, 30.8),
    ],
)
def test_eight_leaks_of_64_levels_give_the_published_table(
    icc: float, deff: float, effective: float, low: float, high: float
) -> None:
    leakage = clustered_proportion(*levels(8), icc=icc)
    assert (leakage.k, leakage.n, leakage.rate) == (8, 64, 0.125)
    assert leakage.deff == pytest.approx(deff, abs=0.0051)
    assert leakage.n_effective == pytest.approx(effective, abs=0.06)
    assert percent(leakage.ci_low, leakage.ci_high) == [low, high]
    assert leakage.method == "Wilson on the effective sample size"


# In R: prop.test(8, 64, correct = FALSE)$conf.int; prop.test(28, 31, correct = FALSE)$conf.int
# In R: prop.test(8, 64, correct = FALSE, conf.level = .9)$conf.int
@pytest.mark.parametrize(
    ("k", "n", "confidence", "low", "high"),
    [
        (8, 64, 0.95, 0.0647224266333, 0.227745618211),
        (28, 31, 0.95, 0.751000615566, 0.966535355837),
        (8, 64, 0.9, 0.0718904618617, 0.208529162738),
    ],
)
def test_wilson_is_that_of_r(k: int, n: int, confidence: float, low: float, high: float) -> None:
    assert wilson(k, n, confidence=confidence) == pytest.approx((low, high), rel=1e-9)


# domain.md 3g, 5: 0/10 gives an upper limit of 27.8 %, 0/5 of 43.4 %; 1/5 gives 3.6 to 62.4 %
def test_wilson_meets_the_published_small_samples() -> None:
    assert percent(*wilson(0, 10), *wilson(0, 5)) == [0.0, 27.8, 0.0, 43.4]
    assert percent(*wilson(1, 5)) == [3.6, 62.4]


def test_28_of_31_patients_give_75_to_97_percent() -> None:
    followed = clustered_proportion([1] * 28 + [0] * 3, range(31))
    assert percent(followed.ci_low, followed.ci_high) == [75.1, 96.7]
    assert (followed.icc, followed.icc_assumed, followed.deff) == (None, False, 1.0)


# In R: binom.test(0, 64)$conf.int[2]; binom.test(0, 31)$conf.int[2]
def test_the_bound_without_an_event_is_that_of_r() -> None:
    assert no_event_upper(64) == pytest.approx(0.0560090893866, rel=1e-9)
    assert no_event_upper(31) == pytest.approx(0.112188746922, rel=1e-9)


@pytest.mark.parametrize(("icc", "upper"), [(0.0, 5.6), (0.3, 8.2), (None, 8.2)])
def test_no_leak_in_64_levels_is_never_zero_percent(icc: float | None, upper: float) -> None:
    leakage = clustered_proportion(*levels(0), icc=icc)
    assert (leakage.rate, leakage.ci_low) == (0, 0)
    assert percent(leakage.ci_high) == [upper]
    assert leakage.icc_assumed is (icc is None)
    assert leakage.method == "exact upper bound, no event"


def test_no_leak_in_31_patients_cannot_exclude_11_percent() -> None:
    assert percent(clustered_proportion([0] * 31, range(31)).ci_high) == [11.2]


def test_only_events_mirror_none() -> None:
    none = clustered_proportion(*levels(0), icc=0.3)
    every = clustered_proportion([1] * 64, levels(0)[1], icc=0.3)
    assert every.ci_low == pytest.approx(1 - none.ci_high)
    assert every.ci_high == 1
    assert every.method == "exact lower bound, only events"


def test_nothing_observed_has_no_rate() -> None:
    nothing = clustered_proportion([], [])
    assert (nothing.rate, nothing.ci_low, nothing.ci_high) == (None, None, None)
    assert (nothing.n_effective, nothing.icc, nothing.icc_assumed) == (0, None, False)
    assert nothing.method == "nothing observed"


def test_an_undefined_correlation_is_assumed_and_said() -> None:
    leakage = clustered_proportion(*levels(8))
    assert (leakage.icc, leakage.icc_assumed) == (0.3, True)
    assert leakage.deff == pytest.approx(1.4875)


def test_a_given_correlation_is_not_needed_where_each_patient_has_one_level() -> None:
    leakage = clustered_proportion([1, 0, 0], [1, 2, 3], icc=0.4)
    assert (leakage.icc, leakage.icc_assumed, leakage.deff) == (None, False, 1.0)


def test_a_negative_correlation_narrows_no_interval() -> None:
    leakage = clustered_proportion(*levels(8), icc=-0.2)
    assert (leakage.icc, leakage.deff, leakage.n_effective) == (-0.2, 1.0, 64.0)


def test_patients_with_a_leak_are_counted_once() -> None:
    leakage = clustered_proportion([1, 1, 0, 1, 0], ["a", "a", "b", "c", "c"])
    assert (leakage.k, leakage.n, leakage.k_clusters, leakage.n_clusters) == (3, 5, 2, 3)


@repeatable
@given(rows, st.randoms())
def test_the_order_of_levels_and_the_names_of_patients_do_not_matter(
    pairs: list[tuple[bool, int]], random: Random
) -> None:
    shuffled = [(outcome, f"p{20 - patient}") for outcome, patient in pairs]
    random.shuffle(shuffled)
    one = clustered_proportion(*zip(*pairs, strict=True))
    assert clustered_proportion(*zip(*shuffled, strict=True)) == one


@repeatable
@given(rows, st.none() | st.floats(-1, 1))
def test_limits_enclose_the_rate(pairs: list[tuple[bool, int]], icc: float | None) -> None:
    found = clustered_proportion(*zip(*pairs, strict=True), icc=icc)
    assert 0 <= found.ci_low <= found.rate <= found.ci_high <= 1


def test_impossible_counts_are_turned_away() -> None:
    with pytest.raises(ValueError, match="got 3/2"):
        wilson(3, 2)
    with pytest.raises(ValueError, match="got 0/0"):
        wilson(0, 0)
    with pytest.raises(ValueError, match="above 0, got 0"):
        no_event_upper(0)
    with pytest.raises(ValueError, match="true or false"):
        clustered_proportion([2], [1])
