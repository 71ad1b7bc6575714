from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.statistics.ancova import ancova

if TYPE_CHECKING:
    from random import Random

# nlme::Orthodont, distance at age 8 and its change to age 14, by Sex
BOYS_8 = [26, 21.5, 23, 25.5, 20, 24.5, 22, 24, 23, 27.5, 23, 21.5, 17, 22.5, 23, 22]
BOYS = [5, 5, 4.5, 1.5, 6, 4, 4.5, 1.5, 3, 4, 2, 6.5, 12.5, 3.5, 7, 3]
GIRLS_8 = [21, 21, 20.5, 23.5, 21.5, 20, 21.5, 23, 20, 16.5, 24.5]
GIRLS = [2, 4.5, 5.5, 3, 2, 2.5, 3.5, 1, 1.5, 3, 3.5]
SEX = ["boy"] * 16 + ["girl"] * 11
# MASS::anorexia, weight before and after, by Treat: CBT, Cont, FT
BEFORE = [
    *[80.5, 84.9, 81.5, 82.6, 79.9, 88.7, 94.9, 76.3, 81, 80.5, 85, 89.2, 81.3, 76.5, 70],
    *[80.4, 83.3, 83, 87.7, 84.2, 86.4, 76.5, 80.2, 87.8, 83.3, 79.7, 84.5, 80.8, 87.4],
    *[80.7, 89.4, 91.8, 74, 78.1, 88.3, 87.3, 75.1, 80.6, 78.4, 77.6, 88.7, 81.3, 78.1],
    *[70.5, 77.3, 85.2, 86, 84.1, 79.7, 85.5, 84.4, 79.6, 77.5, 72.3, 89],
    *[83.8, 83.3, 86, 82.5, 86.7, 79.6, 76.9, 94.2, 73.4, 80.5, 81.6, 82.1, 77.6, 83.5],
    *[89.9, 86, 87.3],
]
AFTER = [
    *[82.2, 85.6, 81.4, 81.9, 76.4, 103.6, 98.4, 93.4, 73.4, 82.1, 96.7, 95.3, 82.4, 72.5, 90.9],
    *[71.3, 85.4, 81.6, 89.1, 83.9, 82.7, 75.7, 82.6, 100.4, 85.2, 83.6, 84.6, 96.2, 86.7],
    *[80.2, 80.1, 86.4, 86.3, 76.1, 78.1, 75.1, 86.7, 73.5, 84.6, 77.4, 79.5, 89.6, 81.4],
    *[81.8, 77.3, 84.2, 75.4, 79.5, 73, 88.3, 84.7, 81.4, 81.2, 88.2, 78.8],
    *[95.2, 94.3, 91.5, 91.9, 100.3, 76.7, 76.8, 101.6, 94.9, 75.2, 77.8, 95.5, 90.7, 92.5],
    *[93.8, 91.7, 98],
]
TREATMENT = ["CBT"] * 29 + ["Cont"] * 26 + ["FT"] * 17

repeatable = settings(derandomize=True, deadline=None)
few = st.lists(
    st.tuples(st.integers(-9, 9), st.integers(0, 10), st.sampled_from("abc")),
    min_size=1,
    max_size=25,
)


# In R: full <- lm(change ~ baseline + relevel(group, second)); confint(full)
# In R: anova(lm(change ~ baseline), full)
@pytest.mark.parametrize(
    ("change", "baseline", "group", "f_df_p", "difference"),
    [
        (
            BOYS + GIRLS,
            BOYS_8 + GIRLS_8,
            SEX,
            [9.70142677955, 24, 0.00471789302879],
            [2.530468356555, 0.853706236952, 4.207230476159],
        ),
        (
            np.subtract(AFTER, BEFORE)[:55],
            BEFORE[:55],
            TREATMENT[:55],
            [5.33309297985, 52, 0.0249291760101],
            [4.24411226548, 0.556304932208, 7.931919598742],
        ),
    ],
)
def test_the_adjusted_difference_of_two_groups_is_that_of_r(
    change: list[float],
    baseline: list[float],
    group: list[str],
    f_df_p: list[float],
    difference: list[float],
) -> None:
    test = ancova(change, baseline, group)
    assert test.refused is None
    assert [test.statistic, test.df, test.p] == pytest.approx(f_df_p, rel=1e-9)
    assert [test.estimate, test.ci_low, test.ci_high] == pytest.approx(difference, rel=1e-9)


def test_three_groups_have_the_f_test_of_r_and_no_difference() -> None:
    test = ancova(np.subtract(AFTER, BEFORE), BEFORE, TREATMENT)
    assert test.statistic == pytest.approx(7.86807892463, rel=1e-9)
    assert test.p == pytest.approx(0.000843839823858, rel=1e-9)
    assert (test.df_groups, test.df, test.groups) == (2, 68, ("CBT", "Cont", "FT"))
    assert (test.estimate, test.ci_low, test.ci_high) == (None, None, None)


@repeatable
@given(few)
def test_least_squares_on_the_whole_design_finds_the_same(
    rows: list[tuple[int, int, str]],
) -> None:
    change, baseline, group = (np.array(column) for column in zip(*rows, strict=True))
    test = ancova(change, baseline, group)
    if test.refused:
        return
    dummies = (group[:, None] == np.array(test.groups)).astype(float)
    smaller = np.column_stack([np.ones(len(rows)), baseline])
    full = np.column_stack([dummies, baseline])
    residuals = [
        float(np.square(change - design @ np.linalg.lstsq(design, change)[0]).sum())
        for design in (smaller, full)
    ]
    f = (residuals[0] - residuals[1]) / test.df_groups / (residuals[1] / test.df)
    assert test.statistic == pytest.approx(f, rel=1e-6, abs=1e-8)


@repeatable
@given(few, st.randoms())
def test_order_and_powers_of_two_do_not_matter(
    rows: list[tuple[int, int, str]], random: Random
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    test = ancova(*zip(*rows, strict=True))
    change, baseline, group = zip(*shuffled, strict=True)
    again = ancova(np.multiply(change, 8), np.multiply(baseline, 4), group)
    assert again.refused == test.refused
    if not test.refused:
        assert again.p == pytest.approx(test.p, rel=1e-6)


def test_the_interval_excludes_zero_where_p_is_below_0_05() -> None:
    test = ancova(BOYS + GIRLS, BOYS_8 + GIRLS_8, SEX, confidence=1 - 0.00471789302879)
    assert test.ci_low == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("change", "baseline", "group", "sentence"),
    [
        ([], [], [], "nothing was measured in any group"),
        ([1, 2, 3], [1, 2, 2], "aaa", "there is only one group"),
        ([1, 2, 3], [1, 2, 2], "aab", "3 patients are too few to adjust 2 groups for the baseline"),
        ([1, 1, 1, 1], [1, 2, 2, 3], "aabb", "no variation: every change is the same"),
        (
            [1, 2, 3, 5, 4],
            [0.1, 0.1, 0.1, 0.7, 0.7],
            "aaabb",
            "no variation of the baseline within the groups to adjust for",
        ),
        (
            [1.1, 2.1, 3.1, 5.1, 6.1],
            [1, 2, 3, 4, 5],
            "aaabb",
            "baseline and group explain every change exactly",
        ),
    ],
)
def test_a_refusal_says_why(
    change: list[float], baseline: list[float], group: str, sentence: str
) -> None:
    test = ancova(change, baseline, list(group))
    assert (test.refused, test.p, test.estimate) == (sentence, None, None)
    assert test.n == len(change)


def test_the_three_must_match() -> None:
    with pytest.raises(ValueError, match="the same patients"):
        ancova([1, 2], [1], ["a", "b"])
    with pytest.raises(ValueError, match="shape"):
        ancova([1, 2], [1, 2], ["a"])
