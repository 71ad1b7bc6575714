import pytest

from queries.statistics.rank_correlation import rank_correlation

# in R: f <- function(x, y) { r <- cor(x, y, method = "spearman"); n <- length(x)
#   c(r, tanh(atanh(r) + c(-1, 1) * qnorm(.975) * sqrt((1 + r^2 / 2) / (n - 3)))) }
TEN = (list(range(1, 11)), [-1, -3, -2, -5, -4, -6, -8, -7, -10, -9])
MPG = [
    *(21.0, 21.0, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4),
    *(10.4, 14.7, 32.4, 30.4, 33.9, 21.5, 15.5, 15.2, 13.3, 19.2, 27.3, 26.0, 30.4, 15.8, 19.7),
    *(15.0, 21.4),
]
CYLINDERS = [
    *(6, 6, 4, 6, 8, 6, 8, 4, 4, 6, 6, 8, 8, 8, 8, 8, 8, 4, 4, 4, 4, 8, 8, 8, 8, 4, 4, 4, 8, 6, 8),
    4,
]


@pytest.mark.parametrize(
    ("pairs", "pinned"),
    [
        (TEN, (-0.951515151515, -0.991702900543, -0.741899117473)),
        # f(mtcars$mpg, mtcars$cyl): tied throughout
        ((MPG, CYLINDERS), (-0.910801310862, -0.961477974241, -0.800247419492)),
    ],
)
def test_it_agrees_with_r_with_and_without_ties(
    pairs: tuple[list[float], list[float]], pinned: tuple[float, ...]
) -> None:
    found = rank_correlation(*pairs)
    assert found is not None
    assert (found.value, found.ci_low, found.ci_high) == pytest.approx(pinned, abs=1e-9)
    assert found.ci_level == 0.95


def test_order_and_scale_do_not_matter() -> None:
    found = rank_correlation(*TEN)
    turned = rank_correlation([8 * x for x in reversed(TEN[0])], list(reversed(TEN[1])))
    assert found == turned


def test_ranks_that_agree_in_full_have_no_interval() -> None:
    found = rank_correlation(range(10), range(10))
    assert found is not None
    assert (found.value, found.ci_low, found.ci_high) == (1, None, None)


def test_few_patients_or_none_that_vary_have_no_correlation() -> None:
    assert rank_correlation(range(9), range(9)) is None
    assert rank_correlation([1.0] * 12, range(12)) is None
    assert rank_correlation(range(12), [2.0] * 12) is None


def test_patients_must_be_the_same() -> None:
    with pytest.raises(ValueError, match="the same patients"):
        rank_correlation(range(10), range(11))
