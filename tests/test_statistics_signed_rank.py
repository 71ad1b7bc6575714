from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.statistics.paired import signed_rank
from queries.statistics.signflip import lower_density, signed_rank_quantile

if TYPE_CHECKING:
    from random import Random

    from queries.statistics.results import FloatArray

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
repeatable = settings(derandomize=True, deadline=None)


def stepped(n: int, shift: float, period: int = 23) -> FloatArray:
    return ((37 * np.arange(n)) % period - shift) / 2


def enumerated_p(differences: list[float]) -> float:
    nonzero = np.array([d for d in differences if d != 0])
    ranks = scipy.stats.rankdata(np.abs(nonzero))
    patterns = (np.arange(2**nonzero.size)[:, None] >> np.arange(nonzero.size)) & 1
    sums, observed = patterns @ ranks, ranks[nonzero > 0].sum()
    return float(min(1.0, 2 * min((sums <= observed).mean(), (sums >= observed).mean())))


# In R: we <- function(d) wilcox.exact(round(d, 9), rep(0, length(d)), paired = TRUE, exact = TRUE)
# In R: i <- 0:(n - 1); stepped(n, s) is ((37 * i) %% 23 - s) / 2
@pytest.mark.parametrize(
    ("differences", "v", "p"),
    [
        (SLEEP, 45, 0.00390625),
        (AGE_8_TO_10, 237, 0.0106769800186),
        (AGE_12_TO_14, 321.5, 4.60743904114e-05),
        (stepped(12, 12), 28, 0.40869140625),
        (stepped(50, 12), 476.5, 0.255960737717),
        (stepped(120, 12), 2730, 0.0912059206323),
        (stepped(200, 12), 7469.5, 0.0260502307435),
        (stepped(50, 8), 851, 0.00621803449067),
        (stepped(120, 8), 4869, 1.19851898416e-05),
        (stepped(200, 8), 13509.5, 1.7004291307e-08),
    ],
)
def test_exact_p_under_ties_is_that_of_exactranktests(
    differences: list[float], v: float, p: float
) -> None:
    test = signed_rank(differences)
    assert test.exact
    assert (test.statistic, test.p) == (v, pytest.approx(p, rel=1e-9))


# In R: wilcox.test(d, rep(0, n), paired = TRUE, exact = FALSE, correct = TRUE)
@pytest.mark.parametrize(
    ("differences", "v", "p"),
    [
        (stepped(240, 12), 10911, 0.0188114894586),
        (stepped(1000, 12), 188769.5, 2.22624118371e-06),
        (stepped(230, 48, 101), 13990.5, 0.347333942785),
    ],
)
def test_above_200_pairs_p_is_the_corrected_normal_one_of_r(
    differences: FloatArray, v: float, p: float
) -> None:
    test = signed_rank(differences)
    assert not test.exact
    assert (test.statistic, test.p) == (v, pytest.approx(p, rel=1e-9))


def test_the_200_count_non_zero_pairs_only() -> None:
    assert signed_rank([*stepped(200, 11.5), *[0.0] * 50]).exact
    assert not signed_rank(stepped(201, 11.5)).exact


def test_a_perfectly_balanced_large_sample_has_p_one() -> None:
    assert signed_rank([-1.0, 1.0] * 150).p == 1.0


@repeatable
@given(st.lists(half_steps, min_size=1, max_size=12).filter(any))
def test_exact_p_is_that_of_all_sign_patterns(differences: list[float]) -> None:
    assert signed_rank(differences).p == pytest.approx(enumerated_p(differences), rel=1e-12)


def test_tails_are_exact_to_twelve_digits() -> None:
    ranks = np.arange(1, 101)
    counts = [1] + [0] * 2525
    for rank in ranks.tolist():
        counts = [c + (counts[s - rank] if s >= rank else 0) for s, c in enumerate(counts)]
    truth = np.array([count / 2**100 for count in counts])
    np.testing.assert_allclose(lower_density(ranks, 2525), truth, rtol=1e-13)


def test_scipys_exact_p_is_wrong_under_ties_and_ours_is_not() -> None:
    differences = [-0.5, -3.5, -1.0, -1.0, 1.5, -1.5, -1.0, -1.0]
    ours, truth = signed_rank(differences).p, enumerated_p(differences)
    scipys = scipy.stats.wilcoxon(differences, method="exact").pvalue
    assert ours == pytest.approx(truth, rel=1e-12)
    assert abs(scipys / truth - 1) > 0.3


def test_scipys_automatic_p_is_far_too_large_in_the_tail() -> None:
    differences = [-2.0] * 15 + [-3.0] * 14
    assert signed_rank(differences).p == 2.0**-28
    assert scipy.stats.wilcoxon(differences).pvalue > 100 * 2.0**-28


# Published: five pairs all improved 0.0625, six 0.03125, eight 0.0078 (Wilcoxon's tables).
@pytest.mark.parametrize(("n", "p"), [(4, 0.125), (5, 0.0625), (6, 0.03125), (8, 0.0078125)])
def test_the_smallest_p_halves_with_every_pair(n: int, p: float) -> None:
    test = signed_rank([-1.0] * n)
    assert test.p == test.smallest_p == p


def test_binary_rounding_breaks_no_tie() -> None:
    assert signed_rank([0.3 - 0.1, 0.2, -0.2, 2.3 - 2.1, 0.1]) == signed_rank([2, 2, -2, 2, 1])


def test_zero_differences_are_dropped_and_counted() -> None:
    test = signed_rank([0, -1, 0, 2, 3, 0])
    assert (test.n_nonzero, test.n_zero, test.statistic) == (3, 3, 5)


def test_rank_biserial_is_the_balance_of_the_rank_sums() -> None:
    assert signed_rank([-1, 2, 3]).effect == pytest.approx((5 - 1) / 6)
    assert signed_rank([-1, -2]).effect == -1


def test_only_zeros_give_neither_p_nor_effect() -> None:
    test = signed_rank([0.0, 0.0])
    assert (test.p, test.effect, test.smallest_p) == (None, None, 1.0)


@repeatable
@given(st.lists(half_steps, min_size=1, max_size=30), st.randoms())
def test_order_zeros_and_powers_of_two_do_not_change_p(values: list[float], random: Random) -> None:
    test = signed_rank(values)
    shuffled = list(values)
    random.shuffle(shuffled)
    assert signed_rank(shuffled) == test
    assert signed_rank([8 * value for value in values]) == test
    assert signed_rank([*values, 0.0]).p == test.p


@repeatable
@given(st.lists(half_steps, min_size=1, max_size=30))
def test_exchanging_the_visits_turns_the_effect_and_keeps_p(values: list[float]) -> None:
    test, turned = signed_rank(values), signed_rank([-value for value in values])
    assert turned.p == test.p
    assert turned.effect == (None if test.effect is None else -test.effect)


# In R: qsignrank(0.025, c(6, 7, 10, 31, 50, 100, 200)); qsignrank(0.005, c(8, 31))
# In R: qsignrank(0.05, 31); qsignrank(2^-5, 5); qsignrank(2^-4, 5)
@pytest.mark.parametrize(
    ("probability", "n", "quantile"),
    [
        *[(0.025, 6, 1), (0.025, 7, 3), (0.025, 10, 9), (0.025, 31, 148), (0.025, 50, 435)],
        *[(0.025, 100, 1956), (0.025, 200, 8445), (0.005, 8, 1), (0.005, 31, 119), (0.05, 31, 164)],
        *[(2**-5, 5, 0), (2**-4, 5, 1)],
    ],
)
def test_the_quantile_is_qsignrank(probability: float, n: int, quantile: int) -> None:
    assert signed_rank_quantile(probability, n) == quantile


@pytest.mark.parametrize("values", [[[1.0, 2.0]], [1.0, None], [float("inf")]])
def test_missing_values_and_tables_are_turned_away(values: list[object]) -> None:
    with pytest.raises(ValueError, match="`differences` must be"):
        signed_rank(values)
