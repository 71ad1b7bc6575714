from __future__ import annotations

from itertools import permutations
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.statistics import kruskal, permutation
from queries.statistics.groups import compare_groups, compare_two
from queries.statistics.kruskal import kruskal_wallis
from queries.statistics.pairwise import pairwise
from queries.statistics.permutation import permutation_p, permuted

if TYPE_CHECKING:
    from random import Random

    from queries.statistics.results import FloatArray

# In R: with(nlme::Orthodont, distance[age == 14] - distance[age == 8]), by Sex
BOYS = [5, 5, 4.5, 1.5, 6, 4, 4.5, 1.5, 3, 4, 2, 6.5, 12.5, 3.5, 7, 3]
GIRLS = [2, 4.5, 5.5, 3, 2, 2.5, 3.5, 1, 1.5, 3, 3.5]
# In R: split(datasets::PlantGrowth$weight, datasets::PlantGrowth$group)
PLANTS = {
    "ctrl": [4.17, 5.58, 5.18, 6.11, 4.5, 4.61, 5.17, 4.53, 5.33, 5.14],
    "trt1": [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69],
    "trt2": [6.31, 5.12, 5.54, 5.5, 5.37, 5.29, 4.92, 6.15, 5.8, 5.26],
}
# In R: split(datasets::InsectSprays$count, datasets::InsectSprays$spray)
SPRAYS = [
    [10, 7, 20, 14, 14, 12, 10, 23, 17, 20, 14, 13],
    [11, 17, 21, 11, 16, 14, 17, 17, 19, 21, 7, 13],
    [0, 1, 7, 2, 3, 1, 2, 1, 3, 0, 1, 4],
    [3, 5, 12, 6, 4, 3, 5, 5, 5, 5, 2, 4],
    [3, 5, 3, 5, 3, 6, 1, 1, 3, 2, 6, 4],
    [11, 9, 15, 22, 15, 16, 13, 10, 26, 26, 24, 13],
]
# In R: p <- c(wilcox.exact(ctrl, trt1)$p.value, wilcox.exact(ctrl, trt2)$p.value,
# In R:        wilcox.exact(trt1, trt2)$p.value); p; p.adjust(p, "holm")
PAIRS_P = [0.19675680356795, 0.06301283855463, 0.00893069778519]
PAIRS_HOLM = [0.1967568035679, 0.1260256771093, 0.0267920933556]

repeatable = settings(derandomize=True, deadline=None)
groups_of_steps = st.lists(
    st.lists(st.integers(-6, 6).map(lambda steps: steps / 2), min_size=1, max_size=9),
    min_size=3,
    max_size=4,
)


def stepped(n: int, shift: float, period: int = 23) -> FloatArray:
    return ((37 * np.arange(n)) % period - shift) / 2


# In R: kruskal.test(groups); i <- 0:(n - 1); stepped(n, s, p) is ((37 * i) %% p - s) / 2
@pytest.mark.parametrize(
    ("groups", "h", "p"),
    [
        (list(PLANTS.values()), 7.988228749, 0.0184237557),
        (SPRAYS, 54.6913446224, 1.51084443942e-10),
        (
            [stepped(30, 12), stepped(25, 8), stepped(40, 14, 11), stepped(5, 1, 3)],
            46.2778766271,
            4.95006844021e-10,
        ),
        ([BOYS, GIRLS, stepped(9, 4, 7)], 21.7618791938, 1.88134297096e-05),
    ],
)
def test_h_and_p_are_those_of_kruskal_test(groups: list[list[float]], h: float, p: float) -> None:
    test = kruskal_wallis(groups)
    assert (test.permuted, test.reachable, test.df) == (False, True, len(groups) - 1)
    assert test.statistic == pytest.approx(h, rel=1e-9)
    assert test.p == pytest.approx(p, rel=1e-8)


def test_h_with_a_small_group_is_that_of_kruskal_test() -> None:
    # In R: y <- c(2.5, 3, 3, 1.5, 1, 1.5, 2, 0, 0.5, 0.5, 1, 2, -1)
    # In R: kruskal.test(y, factor(rep(1:3, c(4, 3, 6)))), whose own P is 0.0262
    test = kruskal_wallis([[2.5, 3, 3, 1.5], [1, 1.5, 2], [0, 0.5, 0.5, 1, 2, -1]])
    assert test.permuted
    assert test.statistic == pytest.approx(7.28551532033, rel=1e-11)


@pytest.mark.parametrize(
    ("groups"),
    [
        [[3, 3.5], [1, 0.5, 2, 2], [2.5, 1]],
        [[0, 0], [0, 1, 2], [1, 2, 3]],
        [[1, 2, 2], [2, 3], [2, 1, 1]],
    ],
)
def test_the_permutation_p_is_that_of_all_arrangements(groups: list[list[float]]) -> None:
    ends = np.cumsum([len(group) for group in groups])[:-1]
    values = np.concatenate(groups)
    every = [
        scipy.stats.kruskal(*np.split(values[list(order)], ends)).statistic
        for order in {
            tuple(x for part in np.split(np.array(order), ends) for x in sorted(part))
            for order in permutations(range(values.size))
        }
    ]
    exact = (np.array(every) >= scipy.stats.kruskal(*groups).statistic - 1e-9).mean()
    spread = sqrt(exact * (1 - exact) / 9_999)
    assert kruskal_wallis(groups).p == pytest.approx(exact, abs=4 * spread + 1e-4)


@repeatable
@given(groups_of_steps, st.randoms())
def test_order_of_groups_and_patients_and_powers_of_two_do_not_matter(
    groups: list[list[float]], random: Random
) -> None:
    shuffled = [random.sample(group, len(group)) for group in groups]
    random.shuffle(shuffled)
    again = kruskal_wallis([[4 * value for value in group] for group in shuffled])
    test = kruskal_wallis(groups)
    assert (again.statistic, again.p) == (test.statistic, test.p)
    values = np.concatenate(groups)
    if np.ptp(values):
        assert test.statistic == pytest.approx(scipy.stats.kruskal(*groups).statistic)
    else:
        assert (test.statistic, test.p, test.reachable) == (None, None, False)


@repeatable
@given(
    st.lists(st.integers(0, 3), min_size=9, max_size=9),
    st.sampled_from([(2, 3, 4), (3, 3, 3), (1, 2, 6), (1, 2, 2, 4)]),
)
def test_no_arrangement_beats_the_largest_h(values: list[int], sizes: tuple[int, ...]) -> None:
    scores = np.sort(kruskal.doubled_midranks(np.array(values, dtype=float))) - 10
    if not scores.any():
        return
    drawn = permuted(scores, lambda rows: kruskal._statistics(rows, np.array(sizes)), draws=500)
    largest = kruskal._largest(scores, sizes)
    assert drawn.max() <= largest + 1e-9
    stacked = [
        kruskal._statistics(scores[np.newaxis], np.array(order))[0] for order in permutations(sizes)
    ]
    assert largest == pytest.approx(max(stacked))


def test_ties_can_put_an_approximate_p_out_of_reach() -> None:
    assert not kruskal_wallis([[0] * 6, [0] * 5, [0] * 5 + [1]]).reachable
    assert kruskal_wallis([[0] * 6, [0, 1, 1], [0] * 4 + [1]]).permuted
    values = [0, 0, 0, 0, 1, 1]
    assert kruskal_wallis([values, values[1:], values]).reachable


def test_only_the_best_order_of_the_groups_may_be_far_enough() -> None:
    # Stacked by size, the one large value falls into the group of 100; it would have to be the
    # group of five.
    groups = [[0] * 5, [0] * 10, [0] * 99 + [1]]
    test = kruskal_wallis(groups)
    assert test.p > 0.05
    assert test.reachable
    assert kruskal_wallis([[0] * 4 + [1], [0] * 10, [0] * 100]).p < 0.05


def test_too_many_patients_to_draw_keep_the_approximation(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = [[1, 2, 3], [4, 5, 6, 7], range(30)]
    assert kruskal_wallis(groups).permuted
    monkeypatch.setattr(kruskal, "PERMUTED_PATIENTS", 36)
    assert not kruskal_wallis(groups).permuted


@pytest.mark.parametrize("groups", [[], [[1, 2]], [[1, 2], []]])
def test_fewer_than_two_groups_are_turned_away(groups: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="at least two groups"):
        kruskal_wallis(groups)


def test_batches_keep_every_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = np.arange(5)
    monkeypatch.setattr(permutation, "AT_ONCE", 15)
    first = permuted(scores, lambda rows: rows[:, 0].astype(float), draws=1000)
    assert first.size == 1000
    assert np.bincount(first.astype(int)).min() > 150
    np.testing.assert_array_equal(
        first, permuted(scores, lambda rows: rows[:, 0].astype(float), draws=1000)
    )


def test_a_permutation_p_is_never_zero_and_counts_near_ties() -> None:
    assert permutation_p(5, np.array([1.0, 2.0, 3.0])) == 0.25
    assert permutation_p(3, np.array([1.0, 2.0, 3 - 1e-10])) == 0.5


def test_two_groups_are_described_and_compared() -> None:
    both = compare_two(BOYS, GIRLS)
    assert (both.n1, both.n2, both.median1, both.median2) == (16, 11, 4.25, 3)
    assert both.test.p == pytest.approx(0.0535443796717)
    assert (both.estimate.value, both.refused) == (1.5, None)
    assert not both.fragile
    assert not both.steps_note


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        ([], [], "nothing was measured in either group"),
        ([1], [], "with groups of 1 and 0 there is nothing to compare"),
        ([2, 2], [2, 2, 2], "no variation: every value in both groups is the same"),
        ([1, 2, 3], [4, 5, 6], "with groups of 3 and 3 no result could reach 0.05"),
        (
            [0] * 10,
            [0] * 9 + [1],
            "with groups of 10 and 10 and so many equal values no result could reach 0.05",
        ),
    ],
)
def test_a_refusal_of_two_groups_says_why(
    first: list[float], second: list[float], sentence: str
) -> None:
    both = compare_two(first, second)
    assert (both.refused, both.test.p, both.fragile) == (sentence, None, len(second) < 10)
    assert (both.estimate is None) == (not first or not second)


def test_steps_are_noted_where_p_is_small_and_the_interval_touches_zero() -> None:
    both = compare_groups({"a": [0] * 14 + [1] * 6, "b": [0] * 20})
    assert both.p < 0.05
    assert both.estimate.ci_low == 0
    assert both.notes == ("values come in steps: the interval touches zero although P < 0.05",)


def test_two_named_groups_get_the_rank_sum_test() -> None:
    both = compare_groups({"boys": BOYS, "girls": GIRLS})
    assert (both.method, both.statistic_name, both.statistic) == ("Mann-Whitney (exact)", "W", 127)
    assert (both.p, both.effect) == (pytest.approx(0.0535443796717), pytest.approx(78 / 176))
    assert (both.compared, both.n, both.df, both.pairwise) == (("boys", "girls"), 27, None, ())
    large = compare_groups({"a": stepped(120, 12), "b": stepped(110, 8)})
    assert large.method == "Mann-Whitney (normal approximation)"


def test_three_groups_get_kruskal_wallis_and_every_pair_after_holm() -> None:
    plants = compare_groups(PLANTS)
    assert plants.method == "Kruskal-Wallis (chi-squared approximation)"
    assert (plants.statistic_name, plants.df, plants.n) == ("H", 2, 30)
    assert plants.p == pytest.approx(0.0184237557)
    assert [row.groups for row in plants.pairwise] == [
        ("ctrl", "trt1"),
        ("ctrl", "trt2"),
        ("trt1", "trt2"),
    ]
    assert [row.p for row in plants.pairwise] == pytest.approx(PAIRS_P, rel=1e-10)
    assert [row.p_adjusted for row in plants.pairwise] == pytest.approx(PAIRS_HOLM, rel=1e-10)
    assert (plants.notes, plants.refused, plants.fragile) == ((), None, False)


def test_a_small_group_among_three_is_permuted_and_fragile() -> None:
    test = compare_groups({"lung": BOYS, "breast": GIRLS, "kidney": [-2, -1, -3, 0]})
    assert test.method == "Kruskal-Wallis (9,999 permutations)"
    assert test.notes == ("fragile: fewer than 10 patients in kidney (4)",)
    assert test.fragile


def test_a_group_too_small_is_left_out_by_name_and_the_rest_computed() -> None:
    test = compare_groups(
        {"lung": BOYS, "thyroid": [1], "breast": GIRLS, "myeloma": [], "colon": [2]}
    )
    assert (test.compared, test.n, test.p) == (("lung", "breast"), 27, pytest.approx(0.0535443797))
    assert test.left_out == ("thyroid", "myeloma", "colon")
    assert test.notes == (
        "left out as too small: thyroid (1) and colon (1)",
        "left out, nothing measured: myeloma",
    )
    assert [(g.name, g.n, g.median) for g in test.groups][3] == ("myeloma", 0, None)


# Two against all seven others: 2 / choose(9, 2) = 0.0556; against all eight: 2 / 45 = 0.0444.
def test_a_group_of_two_needs_eight_others() -> None:
    assert compare_groups({"a": [1, 2], "b": range(4), "c": range(3)}).left_out == ("a",)
    assert compare_groups({"a": [1, 2], "b": range(4), "c": range(4)}).left_out == ()


@pytest.mark.parametrize(
    ("groups", "sentence"),
    [
        ({}, "nothing was measured in any group"),
        ({"a": [], "b": []}, "nothing was measured in any group"),
        ({"a": [1, 2], "b": []}, "one group only: a"),
        ({"a": range(9), "b": [1], "c": [2]}, "a is the only group large enough for a comparison"),
        (
            {"a": range(3), "b": [1, 2], "c": [2, 3]},
            (
                "with groups of 3, 2 and 2 no group is large enough to reach 0.05 against all "
                "others together"
            ),
        ),
        ({"a": [1, 2, 3], "b": [4, 5, 6]}, "with groups of 3 and 3 no result could reach 0.05"),
        ({"a": [1] * 5, "b": [1] * 9}, "no variation: every value in both groups is the same"),
        (
            {"a": [1] * 5, "b": [1] * 9, "c": [1] * 5},
            "no variation: every value in every group is the same",
        ),
        (
            {"a": [0] * 6, "b": [0] * 5, "c": [0] * 5 + [1]},
            "with groups of 6, 5 and 6 and so many equal values no result could reach 0.05",
        ),
    ],
)
def test_a_refusal_says_why(groups: dict[str, list[float]], sentence: str) -> None:
    test = compare_groups(groups)
    assert (test.refused, test.p, test.pairwise) == (sentence, None, ())
    assert len(test.groups) == len(groups)


def test_pairs_out_of_reach_are_named() -> None:
    pairs = pairwise({"a": range(20), "b": [30, 31, 32, 33], "c": [40, 41, 42], "d": [-1, -2]})
    assert [row.p is None for row in pairs.rows] == [False, False, False, True, True, True]
    assert pairs.notes == ("no result could reach 0.05 between b and c, b and d, c and d",)
    four = pairwise({name: np.arange(4) + 9 * place for place, name in enumerate("wxyz")})
    held = "w and x, w and y, w and z, x and y, x and z, y and z"
    words = f"with 6 pairs in the family, Holm puts 0.05 out of reach between {held}"
    assert four.notes == (words,)
    assert all(row.ci_low is not None for row in four.rows)


@repeatable
@given(groups_of_steps)
def test_order_of_the_names_changes_no_p(groups: list[list[float]]) -> None:
    named = {f"group {place}": group for place, group in enumerate(groups)}
    test = compare_groups(named)
    turned = compare_groups(dict(reversed(named.items())))
    assert (turned.p, turned.refused is None) == (
        pytest.approx(test.p) if test.p is not None else None,
        test.refused is None,
    )
