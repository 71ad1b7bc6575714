from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.statistics.gee import gee_exchangeable
from queries.statistics.patterns import (
    chi2_of_events,
    drawn_arrangements,
    every_arrangement,
    n_arrangements,
    strata,
)
from queries.statistics.proportion_groups import ProportionComparison, compare_proportions
from queries.statistics.rao_scott import rao_scott

if TYPE_CHECKING:
    from random import Random

    from queries.statistics.results import Sensitivity

# HSAUR3::toenail: moderate or severe visits / visits x patients, itraconazole and terbinafine
TOENAIL = """
0/1x2 0/2x2 0/3x3 0/4x2 0/6x8 0/7x61 1/1x2 1/6x5 1/7x8 2/6x2 2/7x10 3/3x1 3/5x1 3/6x2 3/7x11 4/6x5
4/7x7 5/5x1 5/6x1 5/7x5 6/6x2 7/7x5;
0/1x1 0/3x2 0/4x4 0/5x3 0/6x6 0/7x69 1/5x1 1/6x1 1/7x8 2/2x1 2/3x1 2/5x2 2/6x3 2/7x6 3/5x1 3/7x15
4/5x1 4/6x3 4/7x14 5/7x1 6/6x1 6/7x1 7/7x3
"""
# domain.md 3b: levels per patient; the leaks by a formula that R has too
SIZES = [1] * 12 + [2] * 9 + [3] * 7 + [4] * 2 + [5]
PATIENT = np.repeat(np.arange(1, 32), SIZES)
ROW = np.arange(64)
LEAKED = ((7 * PATIENT) % 5 == 0) | ((11 * ROW) % 9 == 0)

repeatable = settings(derandomize=True, deadline=None)
small = st.lists(
    st.lists(st.tuples(st.booleans(), st.integers(0, 2)), min_size=1, max_size=3),
    min_size=2,
    max_size=6,
)


def toenail() -> tuple[list[int], list[str], list[int]]:
    outcomes, groups, patients = [], [], []
    for group, text in zip(("itraconazole", "terbinafine"), TOENAIL.split(";"), strict=True):
        for cell in text.split():
            k, m, n = (int(x) for x in cell.replace("/", " ").replace("x", " ").split())
            for _ in range(n):
                outcomes += [1] * k + [0] * (m - k)
                groups += [group] * m
                patients += [patients[-1] + 1 if patients else 0] * m
    return outcomes, groups, patients


def named(test: ProportionComparison, start: str) -> Sensitivity:
    return next(s for s in test.sensitivity if s.name.startswith(start))


def levels(patients: list[list[tuple[bool, int]]]) -> tuple[list[bool], list[int], list[int]]:
    rows = [(leak, group, p) for p, some in enumerate(patients) for leak, group in some]
    outcomes, groups, clusters = zip(*rows, strict=True)
    return list(outcomes), list(groups), list(clusters)


def pearson(outcomes: list[bool], groups: list[int]) -> float:
    chi2, rate = 0.0, sum(outcomes) / len(outcomes)
    for group in set(groups):
        own = [leak for leak, other in zip(outcomes, groups, strict=True) if other == group]
        chi2 += (sum(own) - len(own) * rate) ** 2 / (len(own) * rate * (1 - rate))
    return chi2


def enumerated(patients: list[list[tuple[bool, int]]]) -> tuple[float, float, int]:
    """Return P, mid-P and the number of arrangements by going through all of them."""
    outcomes = [[leak for leak, _ in some] for some in patients]
    patterns = [tuple(group for _, group in some) for some in patients]
    sizes = [len(some) for some in patients]
    found = set()
    for order in itertools.permutations(range(len(patients))):
        if all(sizes[i] == size for i, size in zip(order, sizes, strict=True)):
            found.add(tuple(patterns[i] for i in order))
    flat = list(itertools.chain(*outcomes))
    every = [pearson(flat, list(itertools.chain(*some))) for some in sorted(found)]
    observed = pearson(flat, list(itertools.chain(*patterns)))
    above = sum(chi2 > observed + 1e-9 for chi2 in every)
    ties = sum(abs(chi2 - observed) <= 1e-9 for chi2 in every)
    return (above + ties) / len(every), (above + ties / 2) / len(every), len(every)


@repeatable
@given(small)
def test_permuted_patterns_are_those_of_enumeration(
    patients: list[list[tuple[bool, int]]],
) -> None:
    outcomes, groups, clusters = levels(patients)
    test = compare_proportions(outcomes, groups, clusters)
    if len(set(groups)) == 1 or len(set(outcomes)) == 1:
        assert test.refused
        return
    p, mid_p, number = enumerated(patients)
    assert (test.exact, test.arrangements) == (True, number)
    if test.refused is None:
        assert (test.p, named(test, "mid-P").p) == pytest.approx((p, mid_p))
        assert test.statistic == pytest.approx(pearson(outcomes, groups))
    else:
        assert test.refused is not None
        assert test.refused.endswith(f"{len(patients)} patients no result could reach 0.05")
        assert (test.p, test.statistic) == (None, None)


def test_with_one_level_each_the_test_is_fishers_sum_over_chi2() -> None:
    test = compare_proportions([1] * 5 + [0] * 5, ["a"] * 5 + ["b"] * 5, range(10))
    assert (test.p, test.arrangements) == (pytest.approx(2 / 252), 252)
    assert named(test, "mid-P").p == pytest.approx(1 / 252)
    assert named(test, "Fisher").p == pytest.approx(2 / 252)
    assert [(g.group, g.k, g.n, g.n_patients) for g in test.groups] == [
        ("a", 5, 5, 5),
        ("b", 0, 5, 5),
    ]
    assert test.notes == ("no GEE: no event in b; only events in a",)


def test_groups_within_patients_keep_the_order_of_their_levels() -> None:
    # (A, B) and (B, A) are two patterns: 6 patients give 6! / (3! 3!) arrangements
    patients = [[(True, i % 2), (False, 1 - i % 2)] for i in range(6)]
    test = compare_proportions(*levels(patients))
    assert test.arrangements == 20
    patients = [[(True, 0), (False, 1)] for i in range(6)]
    test = compare_proportions(*levels(patients))
    assert (test.arrangements, test.refused) == (
        1,
        "with the event in 6 of 12 levels of 6 patients no result could reach 0.05",
    )


# In R: id <- rep(1:31, c(rep(1, 12), rep(2, 9), rep(3, 7), rep(4, 2), 5)); j <- 0:63
# In R: y <- as.integer((7 * id) %% 5 == 0 | (11 * j) %% 9 == 0); g as in the cases
# In R: m <- geepack::geeglm(y ~ g, id = id, family = binomial, corstr = "exchangeable",
# In R:   std.err = "san.se", control = geepack::geese.control(epsilon = 1e-12, maxit = 200))
# In R: V <- m$geese$vbeta; b <- coef(m)[-1]; W <- b %*% solve(V[-1, -1], b)
# In R: pchisq(W, length(b), lower = FALSE); exp(b + c(0, -1, 1) * qnorm(.975) * sqrt(V[2, 2]))
# In R: chisq.test(table(y, g), correct = FALSE)$statistic; fisher.test(table(y, g))
@pytest.mark.parametrize(
    ("groups", "chi2", "p", "odds"),
    [
        (
            (PATIENT * 3) % 2,
            0.00264189886481,
            0.84611611410152,
            (1.15071782196175, 0.27877163272947, 4.74995067760499),
        ),
        (
            (5 * ROW) % 2,
            0.0748538011696,
            0.5006376148512,
            (0.7844612583603, 0.3870403192551, 1.5899621699689),
        ),
        (PATIENT % 3, 1.921247563353, 0.817275043248, None),
        ((5 * ROW) % 3, 4.106589706590, 0.019991714284, None),
    ],
)
def test_31_patients_agree_with_r(
    groups: np.ndarray, chi2: float, p: float, odds: tuple[float, float, float] | None
) -> None:
    test = compare_proportions(LEAKED, groups, PATIENT)
    assert test.statistic == pytest.approx(chi2, rel=1e-9)
    assert test.df == len(set(groups.tolist())) - 1
    gee = named(test, "GEE")
    assert gee.p == pytest.approx(p, rel=1e-6)
    if odds:
        assert (gee.estimate, gee.ci_low, gee.ci_high) == pytest.approx(odds, rel=1e-6)
        assert gee.name == "GEE, exchangeable: odds ratio of 1 against 0"
        assert named(test, "Fisher").p == pytest.approx(1)
    else:
        assert (gee.name, gee.estimate) == ("GEE, exchangeable, joint Wald", None)


# In R: fisher.test(table(y, g)) of the last two cases
@pytest.mark.parametrize(
    ("groups", "p"), [(PATIENT % 3, 0.405533080708), ((5 * ROW) % 3, 0.170599003413)]
)
def test_fisher_for_three_groups_is_near_that_of_r(groups: np.ndarray, p: float) -> None:
    test = compare_proportions(LEAKED, groups, PATIENT)
    assert named(test, "Fisher").p == pytest.approx(p, abs=0.015)


# In R: t <- HSAUR3::toenail; t$y <- as.integer(t$outcome != "none or mild")
# In R: geeglm(y ~ treatment, id = as.integer(patientID), ...) as above
# In R: exp(s[2, 1] + c(0, -1, 1) * qnorm(.975) * s[2, 2]) with s <- coef(summary(m))
# In R: fisher.test(table(t$y, t$treatment)); chisq.test(..., correct = FALSE)
def test_toenail_is_that_of_r() -> None:
    test = compare_proportions(*toenail())
    assert test.statistic == pytest.approx(2.31925859777, rel=1e-9)
    assert named(test, "Fisher").p == pytest.approx(0.13185860849, rel=1e-8)
    gee = named(test, "GEE")
    assert gee.p == pytest.approx(0.369050875561, rel=1e-6)
    assert (gee.estimate, gee.ci_low, gee.ci_high) == pytest.approx(
        (0.834548524269, 0.562420323446, 1.238346500519), rel=1e-6
    )
    assert (test.n_patients, test.n_levels, test.exact, test.arrangements) == (
        294,
        1908,
        False,
        None,
    )
    assert test.method == "Pearson χ² of levels, 9,999 random arrangements of groups over patients"


# In R: D <- survey::svydesign(~patientID, weights = ~1, data = t)
# In R: survey::svychisq(~ y + treatment, D, statistic = "F")
# In R: i <- 0:1199; id <- i %/% 2; y <- as.integer((id * 7) %% 11 < 3 | (i * 13) %% 17 == 0)
# In R: g <- id %% 2; g <- (i * 5) %% 3; z <- ifelse(g == 1, 0, y) in the last two
def test_rao_scott_is_that_of_survey() -> None:
    outcomes, groups, patients = toenail()
    terbinafine = np.array([group == "terbinafine" for group in groups]).astype(np.int64)
    test = rao_scott(np.array(outcomes) == 1, terbinafine, np.array(patients))
    assert test is not None
    assert (test.statistic, test.df, test.df_error, test.p) == pytest.approx(
        (0.70744292049, 1, 293, 0.40097990798), rel=1e-9
    )


I1200 = np.arange(1200)
PAIR = I1200 // 2
Y1200 = ((PAIR * 7) % 11 < 3) | ((I1200 * 13) % 17 == 0)


@pytest.mark.parametrize(
    ("groups", "spared", "statistic", "df", "df_error", "p"),
    [
        (PAIR % 2, None, 2.13501200908e-03, 1, 599, 0.963161308867),
        ((I1200 * 5) % 3, None, 6.43469547665e-03, 1.99977841838, 1197.86727261, 0.993582817931),
        ((I1200 * 5) % 3, 1, 95.3862671526, 1.84242534954, 1103.61278437, 2.61604862485e-36),
        (PAIR % 2, 1, 135.969811246, 1, 599, 1.85331561848e-28),
    ],
)
def test_above_500_patients_the_test_is_rao_and_scotts(
    groups: np.ndarray, spared: int | None, statistic: float, df: float, df_error: float, p: float
) -> None:
    outcomes = Y1200 & (groups != spared)
    test = compare_proportions(outcomes, groups, PAIR)
    assert (test.statistic, test.df, test.df_error, test.p) == pytest.approx(
        (statistic, df, df_error, p), rel=1e-6
    )
    assert (test.statistic_name, test.exact, test.arrangements) == ("F", False, None)
    assert not any(s.name == "mid-P" for s in test.sensitivity)
    assert test.notes == (() if spared is None else ("no GEE: no event in 1",))


def test_every_patient_alike_leaves_rao_and_scott_nothing() -> None:
    test = compare_proportions([1, 0, 0, 1] * 501, [0, 0, 1, 1] * 501, np.arange(2004) // 4)
    assert test.refused == "no variation between patients"


@pytest.mark.parametrize(
    ("outcomes", "groups", "sentence"),
    [
        ([], [], "nothing was observed"),
        ([1, 0], ["a", "a"], "there is only one group"),
        ([0, 0], ["a", "b"], "no event in any group"),
        ([1, 1], ["a", "b"], "only events in every group"),
        (
            [1, 1, 1, 0, 0, 0],
            [*"aaabbb"],
            "with the event in 3 of 6 patients no result could reach 0.05",
        ),
    ],
)
def test_a_refusal_says_why(outcomes: list[int], groups: list[str], sentence: str) -> None:
    test = compare_proportions(outcomes, groups, range(len(outcomes)))
    assert (test.refused, test.p, test.statistic) == (sentence, None, None)


def test_leaks_that_agree_completely_within_patients_allow_no_gee() -> None:
    outcomes = np.repeat([1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 1], 3)
    test = compare_proportions(outcomes, np.repeat([0, 1], 18), np.repeat(np.arange(12), 3))
    assert test.notes == ("no GEE: it did not converge",)
    assert test.p is not None


def test_fewer_patients_than_groups_allow_no_robust_errors() -> None:
    outcomes, groups = [1, 0, 0, 1, 1, 0, 1, 0, 0, 1, 0, 0], [0, 0, 1, 1, 2, 2] * 2
    test = compare_proportions(outcomes, groups, [0] * 6 + [1] * 6)
    assert test.notes == ("no GEE: too few patients for its robust errors",)


def test_equations_that_run_away_or_in_circles_are_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arrays = LEAKED, PATIENT % 2, PATIENT - 1
    assert gee_exchangeable(*arrays) is not None
    monkeypatch.setattr("queries.statistics.gee.ROUNDS", 2)
    assert gee_exchangeable(*arrays) is None
    monkeypatch.setattr("queries.statistics.gee.LARGEST_LOG_ODDS", 0.5)
    assert gee_exchangeable(*arrays) is None


def test_drawn_arrangements_agree_with_all_of_them() -> None:
    sizes = np.array([12, 12])
    parts = strata(ROW[:24] % 7 % 2 == 0, ROW[:24] // 2 % 2, ROW[:24] // 2, 2)
    assert n_arrangements(parts) == 924
    every = chi2_of_events(every_arrangement(parts), sizes)
    drawn = chi2_of_events(drawn_arrangements(parts), sizes)
    for chi2 in np.unique(every.round(9)):
        share = (every >= chi2 - 1e-6).mean()
        assert (drawn >= chi2 - 1e-6).mean() == pytest.approx(share, abs=0.02)


@repeatable
@given(small, st.randoms())
def test_order_of_patients_and_names_do_not_matter(
    patients: list[list[tuple[bool, int]]], random: Random
) -> None:
    one = compare_proportions(*levels(patients))
    shuffled = [[(leak, 5 - group) for leak, group in some] for some in patients]
    random.shuffle(shuffled)
    outcomes, groups, clusters = levels(shuffled)
    two = compare_proportions(outcomes, groups, [f"p{c}" for c in clusters])
    assert (one.refused, one.arrangements) == (two.refused, two.arrangements)
    if one.p is not None:
        assert (one.p, one.statistic) == pytest.approx((two.p, two.statistic))


def test_order_of_patients_does_not_matter_where_arrangements_are_drawn() -> None:
    one = compare_proportions(LEAKED, (5 * ROW) % 3, PATIENT)
    back = np.concatenate([np.flatnonzero(p == PATIENT) for p in range(31, 0, -1)])
    two = compare_proportions(LEAKED[back], ((5 * ROW) % 3)[back], -PATIENT[back])
    assert (one.exact, one.p) == (False, two.p)


def test_31_patients_take_less_than_a_second() -> None:
    start = time.perf_counter()
    compare_proportions(LEAKED, (5 * ROW) % 3, PATIENT)
    assert time.perf_counter() - start < 1


def test_every_level_needs_its_group_and_patient() -> None:
    with pytest.raises(ValueError, match=r"`groups` must have shape \(2,\)"):
        compare_proportions([1, 0], ["a"], [1, 2])
    with pytest.raises(ValueError, match=r"`clusters` must have shape \(2,\)"):
        compare_proportions([1, 0], ["a", "b"], [1])
