from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.statistics.correlation import value_icc
from queries.statistics.proportions import anova_icc, design_effect

# HSAUR3::toenail, one digit a patient: visits with a moderate or severe nail, and visits in all
TOENAIL_EVENTS = (
    "300202300141030702300030334300400000000000120003030124404302040000200313410662006001"
    "043020300004150200610054030005400020040070040057300013103000002003001304000143740404"
    "240000050124501031004100000020024044777000210302024700105100000000220412334510010020"
    "034300034000000130000000002000013000200000"
)
TOENAIL_VISITS = (
    "777777777777777757777777777775777777777777767777777677777376767777767767677666777677"
    "777666777777757377663777777777777677767777777467777265575776777777777777777776767677"
    "576777777765776667237767477377777776777773774767757777677777777777777717776776311476"
    "777774776417775777777767777777777777277761"
)
# HSAUR3::respiratory, one digit a patient: visits with good status out of 5
RESPIRATORY_GOOD = (
    "005450305353205103032551004220044210100011503005533114530354325044054350125534534545"
    "544234150351553042421054455"
)
rows = st.lists(st.tuples(st.booleans(), st.integers(0, 14)), min_size=1, max_size=60)


def long_form(events: list[int], sizes: list[int]) -> tuple[list[int], list[int]]:
    outcomes = [int(i < k) for k, m in zip(events, sizes, strict=True) for i in range(m)]
    return outcomes, np.repeat(np.arange(len(sizes)), sizes).tolist()


# In R: m <- table(g); N <- sum(m); K <- length(m); m0 <- (N - sum(m^2) / N) / (K - 1)
# In R: a <- anova(lm(y ~ factor(g))); B <- a[1, 3]; W <- a[2, 3]; (B - W) / (B + (m0 - 1) * W)
# In R: toenail: y <- outcome != "none or mild", g <- patientID; respiratory: y <- status == "good"
def test_the_correlation_is_that_of_the_analysis_of_variance() -> None:
    toenail = long_form([int(c) for c in TOENAIL_EVENTS], [int(c) for c in TOENAIL_VISITS])
    assert anova_icc(*toenail) == pytest.approx(0.412067471099, rel=1e-9)
    respiratory = long_form([int(c) for c in RESPIRATORY_GOOD], [5] * 111)
    assert anova_icc(*respiratory) == pytest.approx(0.484316399591, rel=1e-9)


@settings(derandomize=True, deadline=None)
@given(rows)
def test_the_correlation_is_that_of_a_textbook_loop(pairs: list[tuple[bool, int]]) -> None:
    y, g = (np.array(part, dtype=float) for part in zip(*pairs, strict=True))
    groups = [y[g == patient] for patient in np.unique(g)]
    n, k = len(y), len(groups)
    icc = anova_icc(y, g)
    if k < 10 or k == n or y.min() == y.max():
        assert icc is None
        return
    between = sum(len(x) * (x.mean() - y.mean()) ** 2 for x in groups) / (k - 1)
    within = sum(((x - x.mean()) ** 2).sum() for x in groups) / (n - k)
    m0 = (n - sum(len(x) ** 2 for x in groups) / n) / (k - 1)
    assert icc == pytest.approx((between - within) / (between + (m0 - 1) * within), abs=1e-9)


@pytest.mark.parametrize(
    ("outcomes", "clusters"),
    [
        ([], []),
        ([0] * 20, [*range(10)] * 2),
        ([1] * 20, [*range(10)] * 2),
        ([1, 0] * 10, range(20)),
        ([1, 0] * 9, [*range(9)] * 2),
    ],
    ids=["nothing", "no event", "only events", "clusters of one", "nine clusters"],
)
def test_the_correlation_is_undefined(outcomes: list[int], clusters: list[int]) -> None:
    assert anova_icc(outcomes, clusters) is None


# domain.md 3b: 12×1, 9×2, 7×3, 2×4 and 1×5 levels give DEFF = 1 + 1.625 · ICC
def test_the_design_effect_weighs_by_cluster_size() -> None:
    assert design_effect([1] * 12 + [2] * 9 + [3] * 7 + [4] * 2 + [5], 0.3) == pytest.approx(
        1 + 1.625 * 0.3
    )
    assert design_effect([1, 1], 0.9) == 1


def test_what_has_no_correlation_is_turned_away() -> None:
    with pytest.raises(ValueError, match="at least one cluster"):
        design_effect([], 0.3)
    with pytest.raises(ValueError, match="true or false"):
        anova_icc([2], [1])


# nlme::Orthodont, distance at ages 8, 10, 12 and 14 in the order of the data
ORTHODONT = (
    "26 25 29 31 21.5 22.5 23 26.5 23 22.5 24 27.5 25.5 27.5 26.5 27 20 23.5 22.5 26 "
    "24.5 25.5 27 28.5 22 22 24.5 26.5 24 21.5 24.5 25.5 23 20.5 31 26 27.5 28 31 31.5 "
    "23 23 23.5 25 21.5 23.5 24 28 17 24.5 26 29.5 22.5 25.5 25.5 26 23 24.5 26 30 "
    "22 21.5 23.5 25 21 20 21.5 23 21 21.5 24 25.5 20.5 24 24.5 26 23.5 24.5 25 26.5 "
    "21.5 23 22.5 23.5 20 21 21 22.5 21.5 22.5 23 25 23 23 23.5 24 20 21 22 21.5 "
    "16.5 19 19 19.5 24.5 25 28 28 "
)


# In R, g being Subject: the same with lm(distance ~ g); then without five of the rows
def test_the_correlation_of_values_is_that_of_the_analysis_of_variance() -> None:
    distance = np.array(ORTHODONT.split(), dtype=float)
    children = np.arange(108) // 4
    assert value_icc(distance, children) == pytest.approx(0.432167511849, rel=1e-9)
    some = np.delete(np.arange(108), [1, 6, 7, 54, 100])
    assert value_icc(distance[some], children[some]) == pytest.approx(0.423691910232, rel=1e-9)


@given(rows)
@settings(deadline=None, max_examples=50)
def test_both_correlations_agree_on_yes_or_no(found: list[tuple[bool, int]]) -> None:
    outcomes, clusters = [float(yes) for yes, _ in found], [cluster for _, cluster in found]
    one, other = anova_icc(outcomes, clusters), value_icc(outcomes, clusters)
    assert (one is None) == (other is None)
    if one is not None:
        assert other == pytest.approx(one, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("values", "clusters"),
    [
        ([1.0] * 20, [i // 2 for i in range(20)]),
        (range(10), range(10)),
        (range(18), [i // 2 for i in range(18)]),
    ],
    ids=["every value the same", "one level each", "nine patients"],
)
def test_the_correlation_of_values_is_not_estimated_without_ground(
    values: list[float], clusters: list[int]
) -> None:
    assert value_icc(values, clusters) is None
