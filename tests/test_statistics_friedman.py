from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.statistics.friedman import friedman

if TYPE_CHECKING:
    from random import Random

    from queries.statistics.results import FloatArray

# In R: matrix(nlme::Orthodont$distance, ncol = 4, byrow = TRUE), at ages 8, 10, 12 and 14
ORTHODONT = np.transpose(
    [
        [
            *[26, 21.5, 23, 25.5, 20, 24.5, 22, 24, 23, 27.5, 23, 21.5, 17, 22.5, 23],
            *[22, 21, 21, 20.5, 23.5, 21.5, 20, 21.5, 23, 20, 16.5, 24.5],
        ],
        [
            *[25, 22.5, 22.5, 27.5, 23.5, 25.5, 22, 21.5, 20.5, 28, 23, 23.5, 24.5, 25.5, 24.5],
            *[21.5, 20, 21.5, 24, 24.5, 23, 21, 22.5, 23, 21, 19, 25],
        ],
        [
            *[29, 23, 24, 26.5, 22.5, 27, 24.5, 24.5, 31, 31, 23.5, 24, 26, 25.5, 26],
            *[23.5, 21.5, 24, 24.5, 25, 22.5, 21, 23, 23.5, 22, 19, 28],
        ],
        [
            *[31, 26.5, 27.5, 27, 26, 28.5, 26.5, 25.5, 26, 31.5, 25, 28, 29.5, 26, 30],
            *[25, 23, 25.5, 26, 26.5, 23.5, 22.5, 25, 24, 21.5, 19.5, 28],
        ],
    ]
)
# In R: example(friedman.test), RoundingTimes (Hollander & Wolfe 1973, p. 140)
ROUNDING_TIMES = np.array(
    [
        *[[5.40, 5.50, 5.55], [5.85, 5.70, 5.75], [5.20, 5.60, 5.50], [5.55, 5.50, 5.40]],
        *[[5.90, 5.85, 5.70], [5.45, 5.55, 5.60], [5.40, 5.40, 5.35], [5.45, 5.50, 5.35]],
        *[[5.25, 5.15, 5.00], [5.85, 5.80, 5.70], [5.25, 5.20, 5.10], [5.65, 5.55, 5.45]],
        *[[5.60, 5.35, 5.45], [5.05, 5.00, 4.95], [5.50, 5.50, 5.40], [5.45, 5.55, 5.50]],
        *[[5.55, 5.55, 5.35], [5.45, 5.50, 5.55], [5.50, 5.45, 5.25], [5.65, 5.60, 5.40]],
        *[[5.70, 5.65, 5.55], [6.30, 6.30, 6.25]],
    ]
)

tables = st.integers(3, 4).flatmap(
    lambda k: st.lists(st.lists(st.integers(0, 3), min_size=k, max_size=k), min_size=2, max_size=9)
)
repeatable = settings(derandomize=True, deadline=None)


# In R: friedman.test(matrix)
@pytest.mark.parametrize(
    ("matrix", "chi2", "df", "p"),
    [
        (ROUNDING_TIMES, 11.1428571429, 2, 0.00380504077551),
        (ORTHODONT, 64.5741444867, 3, 6.18654118792e-14),
        (ORTHODONT[:, :2], 6, 1, 0.0143058784354),
    ],
)
def test_chi_squared_and_p_are_those_of_r(
    matrix: FloatArray, chi2: float, df: int, p: float
) -> None:
    test = friedman(matrix)
    assert (test.statistic, test.p) == (pytest.approx(chi2, rel=1e-11), pytest.approx(p, rel=1e-10))
    assert (test.df, test.n, test.k, test.refused) == (df, *matrix.shape, None)


@repeatable
@given(tables.filter(lambda rows: any(len(set(row)) > 1 for row in rows)))
def test_scipy_finds_the_same_under_ties(rows: list[list[int]]) -> None:
    test, scipys = friedman(rows), scipy.stats.friedmanchisquare(*np.transpose(rows))
    assert test.statistic == pytest.approx(scipys.statistic, abs=1e-9)
    assert test.refused or test.p == pytest.approx(scipys.pvalue)


@repeatable
@given(tables, st.randoms())
def test_order_of_patients_and_visits_and_powers_of_two_do_not_matter(
    rows: list[list[int]], random: Random
) -> None:
    shuffled = [row[::-1] for row in rows]
    random.shuffle(shuffled)
    assert friedman(4 * np.array(shuffled)) == friedman(rows)


def test_no_order_of_the_visits_beats_the_largest_chi_squared() -> None:
    rows = [[1, 2, 2], [1, 1, 2], [1, 2, 3], [3, 4, 5]]
    best = max(
        friedman(
            [[row[place] for place in order] for row, order in zip(rows, orders, strict=True)]
        ).statistic
        for orders in np.array(list(permutations(range(3))))[
            np.stack(np.meshgrid(*[range(6)] * 4), -1).reshape(-1, 4)
        ]
    )
    assert friedman([sorted(row) for row in rows]).statistic == pytest.approx(best)


def test_binary_rounding_breaks_no_tie() -> None:
    assert friedman([[0.3 - 0.1, 0.2, 1]] * 6) == friedman([[1, 1, 2]] * 6)


# Published: even with everyone in the same order 2 visits give chi-squared n, 3 visits 2n.
@pytest.mark.parametrize(
    ("matrix", "sentence"),
    [
        (np.empty((0, 3)), "nothing was measured at every visit"),
        (np.empty((5, 0)), "nothing was measured at every visit"),
        ([[1], [2]], "there is only one visit"),
        ([[1, 2, 3]], "only one patient was measured at every visit"),
        ([[1, 1], [4, 4]], "no variation: no patient's value changed between visits"),
        ([[1, 2]] * 3, "with 3 patients and 2 visits no result could reach 0.05"),
        ([[1, 2, 3]] * 2, "with 2 patients and 3 visits no result could reach 0.05"),
        (
            [[1, 2], [1, 2], [1, 2], [3, 3]],
            "with 4 patients, 2 visits and so many equal values no result could reach 0.05",
        ),
    ],
)
def test_a_refusal_says_why(matrix: list[list[float]], sentence: str) -> None:
    test = friedman(matrix)
    assert (test.refused, test.p) == (sentence, None)
    assert (test.n, test.k) == np.shape(matrix)


def test_the_smallest_tables_that_are_tested() -> None:
    assert friedman([[1, 2]] * 4).p == pytest.approx(scipy.stats.chi2.sf(4, 1))
    assert friedman([[1, 2, 3]] * 3).p == pytest.approx(scipy.stats.chi2.sf(6, 2))


@pytest.mark.parametrize("matrix", [[1.0, 2.0], [[1.0, None]], [[float("inf"), 1.0]]])
def test_missing_values_and_vectors_are_turned_away(matrix: list[object]) -> None:
    with pytest.raises(ValueError, match="`matrix` must be"):
        friedman(matrix)
