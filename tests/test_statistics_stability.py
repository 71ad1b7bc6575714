from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.statistics.clusters import cluster_means
from queries.statistics.stability import percent_of_reference, stability

if TYPE_CHECKING:
    from random import Random

# In R: with(nlme::Orthodont, distance[age == 14] - distance[age == 8]), by Sex
BOYS = [5, 5, 4.5, 1.5, 6, 4, 4.5, 1.5, 3, 4, 2, 6.5, 12.5, 3.5, 7, 3]
GIRLS = [2, 4.5, 5.5, 3, 2, 2.5, 3.5, 1, 1.5, 3, 3.5]
COLLAPSE = [*[0] * 9, -1, -1, -2, -15, 0.5, 0.5, 1]

repeatable = settings(derandomize=True, deadline=None)


# In R: t.test(d, conf.level = .90)
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (BOYS + GIRLS, [3.90740740741, 3.13755170383, 4.67726311098]),
        (BOYS, [4.59375, 3.42262699288, 5.76487300712]),
        (GIRLS, [2.90909090909, 2.18804917298, 3.6301326452]),
        (COLLAPSE, [-1.0625, -2.71956344966, 0.594563449664]),
    ],
)
def test_mean_and_interval_are_those_of_r(changes: list[float], expected: list[float]) -> None:
    test = stability(changes, 5)
    assert [test.mean, test.ci_low, test.ci_high] == pytest.approx(expected, rel=1e-11)


# In R: max(t.test(d, mu = -m, alternative = "greater")$p.value,
# In R:     t.test(d, mu = m, alternative = "less")$p.value)
@pytest.mark.parametrize(
    ("margin", "p", "verdict"),
    [
        (5, 0.011389246726, "stable"),
        (4, 0.419530479142, "undecided"),
        (2, 0.999870569752, "changed"),
    ],
)
def test_verdict_and_p_follow_the_interval(margin: float, p: float, verdict: str) -> None:
    test = stability(BOYS + GIRLS, margin)
    assert (test.verdict, test.p) == (verdict, pytest.approx(p, rel=1e-10))
    fall = stability([-change for change in BOYS + GIRLS], margin)
    assert (fall.verdict, fall.p) == (test.verdict, pytest.approx(test.p))


# In R: g <- mean((d - mean(d))^3) / mean((d - mean(d))^2)^1.5; n <- length(d)
# In R: G <- function(t) t + g * t^2 / (3 * sqrt(n)) + g^2 * t^3 / (27 * n) + g / (6 * sqrt(n))
# In R: inv <- function(z) uniroot(function(t) G(t) - z, c(-1e3, 1e3), tol = 1e-13)$root
# In R: q <- qt(.95, n - 1); mean(d) - sd(d) / sqrt(n) * c(inv(q), inv(-q))
@pytest.mark.parametrize(
    ("changes", "limits"),
    [
        (BOYS + GIRLS, [3.27448513246, 4.97262338507]),
        (COLLAPSE, [-7.213269747201, 0.047649648442]),
    ],
)
def test_halls_limits_invert_his_cubic(changes: list[float], limits: list[float]) -> None:
    test = stability(changes, 5)
    assert [test.hall_low, test.hall_high] == pytest.approx(limits, rel=1e-8)


@repeatable
@given(st.lists(st.floats(-20, 20).map(lambda v: round(v, 1)), min_size=3, max_size=25))
def test_halls_corrected_t_is_the_quantile_at_both_limits(changes: list[float]) -> None:
    test, n = stability(changes, 1), len(changes)
    if test.refused:
        return
    skewness = scipy.stats.skew(changes)
    error = np.std(changes, ddof=1) / sqrt(n)

    def corrected(mean: float) -> float:
        t = (test.mean - mean) / error
        bend = skewness * t**2 / (3 * sqrt(n)) + skewness**2 * t**3 / (27 * n)
        return t + bend + skewness / (6 * sqrt(n))

    quantile = scipy.stats.t.ppf(0.95, n - 1)
    reached = [corrected(test.hall_low), corrected(test.hall_high)]
    assert reached == pytest.approx([quantile, -quantile], rel=1e-5)


def test_without_skewness_halls_limits_are_the_t_interval() -> None:
    test = stability([-2, -1, 0, 1, 2, 0.5, -0.5], 2)
    assert (test.hall_low, test.hall_high) == pytest.approx((test.ci_low, test.ci_high))
    assert (test.verdict, test.hall_verdict) == ("stable", "stable")


def test_a_collapse_hidden_in_the_mean_leaves_it_undecided() -> None:
    test = stability(COLLAPSE, 3)
    assert -3 < test.ci_low < test.ci_high < 3
    assert (test.hall_verdict, test.verdict) == ("undecided", "undecided")
    assert test.p < 0.05


def test_an_interval_that_ends_at_the_margin_is_undecided() -> None:
    test = stability([-2, -1, 0, 1, 2], 1)
    low = stability([-2, -1, 0, 1, 2], -test.ci_low)
    assert (low.verdict, low.p) == ("undecided", pytest.approx(0.05))


@repeatable
@given(st.lists(st.integers(-40, 40), min_size=2, max_size=30), st.randoms())
def test_order_and_powers_of_two_do_not_matter(changes: list[int], random: Random) -> None:
    shuffled = list(changes)
    random.shuffle(shuffled)
    test, scaled = stability(changes, 5), stability([4 * change for change in changes], 20)
    assert stability(shuffled, 5) == test
    assert (scaled.verdict, scaled.p) == (test.verdict, test.p)


@pytest.mark.parametrize(
    ("changes", "margin", "sentence", "mean"),
    [
        ([], 5, "nothing was measured at both visits", None),
        ([3], 5, "with 1 patient the mean change has no interval", 3),
        ([0, 0, 0], 5, "no variation: every change is the same", 0),
        ([1, 2], None, "no margin is set, so stability cannot be judged", 1.5),
    ],
)
def test_a_refusal_says_why(
    changes: list[float], margin: float | None, sentence: str, mean: float | None
) -> None:
    test = stability(changes, margin)
    assert (test.refused, test.mean, test.n) == (sentence, mean, len(changes))
    assert (test.verdict, test.p, test.hall_verdict) == (None, None, None)
    assert (test.ci_low is None) == (margin == 5)


def test_two_patients_are_enough() -> None:
    assert stability([0.1, -0.1], 5).verdict == "stable"


@pytest.mark.parametrize("margin", [0, -1, float("nan")])
def test_a_margin_must_be_above_zero(margin: float) -> None:
    with pytest.raises(ValueError, match="`margin` must be above 0"):
        stability([1, 2], margin)


def test_heights_are_judged_in_per_cent_of_each_levels_reference() -> None:
    per_cent = percent_of_reference([-1, -2, 0.5, 0], [20, 25, 25, 22])
    means, _ = cluster_means(per_cent, [1, 1, 2, 3])
    assert means.tolist() == [-6.5, 2, 0]
    assert stability(means, 30).verdict == "stable"


def test_references_must_match_and_be_above_zero() -> None:
    with pytest.raises(ValueError, match="the same levels"):
        percent_of_reference([1, 2], [20])
    with pytest.raises(ValueError, match="`references` must be above 0"):
        percent_of_reference([1], [0])
