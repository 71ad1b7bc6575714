from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.statistics.log_rank import LogRank, log_rank, survival_difference
from queries.statistics.risk_sets import log_rank_scores, risk_sets
from queries.statistics.survival import kaplan_meier
from tests.lung import DAYS, DIED, ECOG, SEX

if TYPE_CHECKING:
    from random import Random

repeatable = settings(derandomize=True, deadline=None)

# 31 patients with 16 deaths, by a formula that R has too
I31 = np.arange(31)
DAYS_31, DIED_31 = (I31 * 37) % 29 * 10 + 5, (I31 * I31) % 4 < 1


def expected(test: LogRank) -> list[float | None]:
    return [group.expected for group in test.groups]


# In R: survdiff(Surv(time, status) ~ sex, lung)
def test_two_groups_are_compared_as_by_survdiff() -> None:
    test = log_rank(DAYS, DIED, SEX)
    assert test.statistic == pytest.approx(10.3267419549, rel=1e-9)
    assert (test.df, test.p) == (1, pytest.approx(0.00131116452, rel=1e-6))
    assert [(g.group, g.n, g.events) for g in test.groups] == [("f", 90, 53), ("m", 138, 112)]
    assert (test.method, test.permuted, test.notes) == ("log-rank", False, ())


# In R: survdiff(Surv(time, status) ~ ph.ecog, subset(lung, ph.ecog < 3))
def test_a_group_too_small_is_left_out_by_name_and_the_rest_is_tested() -> None:
    known = [i for i, ecog in enumerate(ECOG) if ecog != "x"]
    test = log_rank(*([column[i] for i in known] for column in (DAYS, DIED, ECOG)))
    assert test.statistic == pytest.approx(18.0120966947, rel=1e-9)
    assert (test.df, test.p) == (2, pytest.approx(1.22665631501e-04, rel=1e-9))
    assert expected(test) == [
        *[pytest.approx(e, rel=1e-9) for e in (53.9046962799, 83.0929422349, 26.0023614853)],
        None,
    ]
    assert test.notes == ("left out of the log-rank test for fewer than 10 patients: 3 (1)",)


# In R: i <- 0:30; t <- (i * 37) %% 29 * 10 + 5; d <- as.integer((i * i) %% 4 < 1)
# In R: h <- c(rep(0, 11), rep(1, 10), rep(2, 10)); o <- survdiff(Surv(t, d) ~ h)$chisq; set.seed(1)
# In R: mean(replicate(20000, survdiff(Surv(t, d) ~ sample(h))$chisq) >= o - 1e-9); of h > 0 also
def test_few_expected_deaths_are_tested_by_permutation() -> None:
    test = log_rank(DAYS_31, DIED_31, np.repeat(["a", "b", "c"], [11, 10, 10]))
    assert test.statistic == pytest.approx(0.263515330808, rel=1e-9)
    assert expected(test) == pytest.approx([5.44289551126, 5.92507560119, 4.63202888755])
    assert (test.permuted, test.method) == (True, "log-rank, 9,999 permutations")
    assert test.p == pytest.approx(0.88135, abs=0.015)
    assert test.notes == ("fewer than 5 deaths expected in c: P comes from permutations",)
    two = log_rank(DAYS_31, DIED_31, I31 < 11)
    assert two.statistic == pytest.approx(0.0900072707535, rel=1e-9)
    assert (two.permuted, two.p) == (False, pytest.approx(0.7642, abs=1e-4))


def test_permutations_take_less_than_a_second() -> None:
    start = time.perf_counter()
    log_rank(DAYS_31, DIED_31, np.repeat(["a", "b", "c"], [11, 10, 10]))
    assert time.perf_counter() - start < 1


def test_drawn_permutations_agree_with_all_of_them() -> None:
    i = np.arange(20)
    days, died = (i * 7) % 11 * 10 + i // 10 * 40, i % 3 < 1
    test = log_rank(days, died, i // 10)
    order = np.lexsort((died, days))
    labels = np.zeros((184_756, 20), dtype=np.int64)
    chosen = np.array(list(itertools.combinations(range(20), 10)))
    np.put_along_axis(labels, chosen, 1, axis=1)
    every = log_rank_scores(labels, risk_sets(days[order] * 1.0, died[order]), 2).chi2
    assert test.permuted
    share = (every >= test.statistic - 1e-9).mean()
    assert test.p == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 9999) + 1e-4)


def test_above_5000_patients_the_chi_squared_distribution_stays() -> None:
    i = np.arange(5_010)
    test = log_rank(i % 97, i % 5 == 0, np.where(i < 10, "rare", "common"))
    assert not test.permuted
    assert test.notes == ("fewer than 5 deaths expected in rare: P is approximate",)


@pytest.mark.parametrize(
    ("days", "died", "groups", "sentence"),
    [
        ([], [], [], "nobody was followed"),
        (range(20), [1] * 20, ["a"] * 20, "there is only one group"),
        (
            range(18),
            [1] * 18,
            ["a"] * 9 + ["b"] * 9,
            "the log-rank test needs 10 patients in each group: a has 9, b has 9",
        ),
        (range(20), [0] * 20, ["a"] * 10 + ["b"] * 10, "nobody died in these groups"),
        (
            [5] * 20,
            [1] * 20,
            ["a"] * 10 + ["b"] * 10,
            "no death occurred while patients of two groups were under observation",
        ),
        (
            range(20),
            [1] + [0] * 19,
            ["a"] * 10 + ["b"] * 10,
            "with 1 death no result could reach 0.05",
        ),
        (
            range(20),
            [1] * 3 + [0] * 17,
            ["a"] * 10 + ["b"] * 10,
            "with 3 deaths no result could reach 0.05",
        ),
    ],
)
def test_a_refusal_says_why(
    days: list[int], died: list[int], groups: list[str], sentence: str
) -> None:
    test = log_rank(days, died, groups)
    assert test.refused == sentence
    assert (test.statistic, test.df, test.p, test.permuted) == (None, None, None, False)
    assert sum(group.n for group in test.groups) == len(groups)


@pytest.mark.parametrize("gone", ["a", "c"])
def test_a_group_that_left_before_the_first_death_takes_no_degree_of_freedom(gone: str) -> None:
    # In R: survdiff(Surv(c(rep(1, 10), 11:20, 13:22), rep(0:1, c(10, 20))) ~ rep(1:3, each = 10))
    # In R: without the first ten as well, $chisq is 2.17316562492
    days = np.concatenate((np.ones(10), np.arange(11, 21), np.arange(13, 23)))
    died = np.concatenate((np.zeros(10), np.ones(20)))
    names = np.repeat([gone, "b", "d"], 10)
    test, without = log_rank(days, died, names), log_rank(days[10:], died[10:], names[10:])
    assert without.statistic == pytest.approx(2.17316562492, rel=1e-9)
    assert (test.statistic, test.df) == (pytest.approx(without.statistic), 1)


# In R: s <- summary(survfit(Surv(time, status == 2) ~ sex, lung, conf.type = "log-log"),
# In R: times = 365.25); S <- s$surv; L <- s$lower; U <- s$upper; d <- S[1] - S[2]
# In R: c(d, d - sqrt((S[1] - L[1])^2 + (U[2] - S[2])^2), d + sqrt((U[1] - S[1])^2 + ...))
def test_the_difference_at_one_year_adds_the_limits_of_both_curves() -> None:
    male = np.array(SEX) == "m"
    men, women = (kaplan_meier(np.array(DAYS)[of], np.array(DIED)[of]) for of in (male, ~male))
    found = survival_difference(men, women)
    assert found is not None
    assert (found.value, found.ci_low, found.ci_high) == pytest.approx(
        (-0.190375195547, -0.327479867756, -0.040836688162), rel=1e-9
    )
    assert found.name == "difference in survival at 365.25 days"


def test_a_difference_needs_a_year_in_both_groups_and_deaths_in_both_for_limits() -> None:
    all_alive, some_dead = kaplan_meier([400], [0]), kaplan_meier([100, 400], [1, 0])
    assert survival_difference(all_alive, kaplan_meier([300], [0])) is None
    for one, two in itertools.permutations((all_alive, some_dead)):
        found = survival_difference(one, two)
        assert found is not None
        assert (abs(found.value), found.ci_low, found.ci_high) == (0.5, None, None)


@repeatable
@given(
    st.lists(st.tuples(st.integers(0, 15), st.booleans()), min_size=20, max_size=24),
    st.randoms(),
)
def test_order_of_patients_and_names_of_groups_do_not_matter(
    rows: list[tuple[int, bool]], random: Random
) -> None:
    labelled = [(*row, i < 10) for i, row in enumerate(rows)]
    shuffled = [(day, died, "x" if first else "w") for day, died, first in labelled]
    random.shuffle(shuffled)
    one = log_rank(*zip(*labelled, strict=True))
    two = log_rank(*zip(*shuffled, strict=True))
    assert (one.refused, one.permuted) == (two.refused, two.permuted)
    if one.p is not None:
        assert two.statistic == pytest.approx(one.statistic)
        if len(rows) > 20:
            assert two.p == pytest.approx(one.p)


def test_every_patient_needs_a_group() -> None:
    with pytest.raises(ValueError, match=r"`groups` must have shape \(2,\)"):
        log_rank([1, 2], [1, 1], ["a"])
