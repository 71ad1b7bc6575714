from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.statistics.competing import cumulative_incidence, gray_test, incidence_at
from queries.statistics.survival import kaplan_meier

if TYPE_CHECKING:
    from random import Random

repeatable = settings(derandomize=True, deadline=None)
patients = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 2), st.integers(0, 1)), min_size=1, max_size=25
)

# 120 and 400 patients by formulas that R has too; U are the same times with many ties
K = np.arange(120)
T, S, G = (37 * K) % 101 + 1, (K * K + K // 7) % 3, (K * 5) % 7 % 3
U = T // 10
J = np.arange(400)
DAYS = (J * 173) % 389 + 1
STATES = np.array([1, 2, 0, 2, 1, 0, 2])[(J * J) % 7]
GROUPS = np.array(["a", "b", "c"])[(J * 11) % 13 % 3]


# In R: i <- 0:119; t <- (37 * i) %% 101 + 1; s <- (i * i + i %/% 7) %% 3
# In R: f <- survfit(Surv(t, factor(s, 0:2)) ~ 1)
# In R: cbind(f$time, f$n.risk[, 1], f$pstate[, 2], f$std.err[, 2], f$lower[, 2], f$upper[, 2])
@pytest.mark.parametrize(
    ("row", "time", "at_risk", "incidence", "error", "low", "high"),
    [
        (19, 20, 97, 0.0616760591561, 0.0225897574300, 0.0300851110931, 0.126439163254),
        (59, 60, 49, 0.2113865538060, 0.0402861576326, 0.1454972995260, 0.307114120163),
        (89, 90, 13, 0.3714000552278, 0.0532520650773, 0.2804109861543, 0.491913683251),
        (-1, 101, 1, 0.4783171550009, 0.0685109847050, 0.3612397057256, 0.633339295603),
    ],
)
def test_the_curve_and_its_interval_are_those_of_survfit(
    row: int, time: int, at_risk: int, incidence: float, error: float, low: float, high: float
) -> None:
    curve = cumulative_incidence(T, S)
    assert (curve.times[row], curve.at_risk[row]) == (time, at_risk)
    found = [x[row] for x in (curve.incidence, curve.std_error, curve.ci_low, curve.ci_high)]
    assert found == pytest.approx([incidence, error, low, high], rel=1e-9)


# In R: the same with u <- t %/% 10
def test_ties_are_those_of_survfit() -> None:
    curve = cumulative_incidence(U, S)
    assert curve.at_risk.tolist() == [120, 109, 97, 85, 73, 61, 49, 37, 25, 13, 2]
    assert curve.incidence[[0, 5, 10]] == pytest.approx(
        [0.0166666666667, 0.2074105910098, 0.4834435842471], rel=1e-9
    )
    assert curve.std_error[[0, 5, 10]] == pytest.approx(
        [0.0116864910933, 0.0396257476582, 0.0758937561922], rel=1e-9
    )
    assert curve.ci_low[[0, 10]] == pytest.approx([0.00421691837267, 0.355401522531], rel=1e-9)
    assert curve.ci_high[[0, 10]] == pytest.approx([0.0658722207141, 0.657615919834], rel=1e-9)


# In R: i <- 0:399; t <- (i * 173) %% 389 + 1; s <- c(1, 2, 0, 2, 1, 0, 2)[(i * i) %% 7 + 1]
# In R: g <- c("a", "b", "c")[(i * 11) %% 13 %% 3 + 1]
# In R: m <- summary(survfit(Surv(t, factor(s, 0:2)) ~ g), times = 200)
# In R: cbind(m$pstate[, 2], m$lower[, 2], m$upper[, 2])
@pytest.mark.parametrize(
    ("group", "incidence", "low", "high"),
    [
        ("a", 0.262704973872, 0.198825045382, 0.347108701342),
        ("b", 0.234143925891, 0.166986604962, 0.328310034474),
        ("c", 0.258018903008, 0.188265310578, 0.353616681186),
    ],
)
def test_the_incidence_at_one_day_is_that_of_r(
    group: str, incidence: float, low: float, high: float
) -> None:
    of_group = group == GROUPS
    found = incidence_at(cumulative_incidence(DAYS[of_group], STATES[of_group]), 200)
    assert found is not None
    assert (found.value, found.ci_low, found.ci_high) == pytest.approx((incidence, low, high))
    assert found.name == "cumulative incidence at 200 days"


# In R: summary(survfit(Surv(t, factor(s, 0:2)) ~ 1, conf.int = .9), times = 100)
def test_the_confidence_is_that_asked_for() -> None:
    found = incidence_at(cumulative_incidence(DAYS, STATES, confidence=0.9), 100)
    assert found is not None
    assert (found.ci_low, found.ci_high) == pytest.approx((0.0955787187135, 0.150726624893))
    assert found.ci_level == 0.9


# In R: cuminc(t, s, g)$Tests["1", ], and of s == 2 the row "2"; t * (1 + g) spreads the groups
@pytest.mark.parametrize(
    ("days", "states", "groups", "chi2", "p"),
    [
        (T, S, G, 3.64518693347, 0.1616060869662),
        (T, np.where(S > 0, 3 - S, 0), G, 7.27058435264, 0.0263762267526),
        (T, S, G == 0, 0.258284883833, 0.611300918454),
        (U, S, G, 3.73907977551, 0.1541945923158),
        (U, S, G == 0, 0.306615388360, 0.579764583046),
        (T * (1 + G), S, G, 18.2385773184, 0.00010953256461),
        (T * (1 + G), S, G == 0, 13.00128517626, 0.000311277260937),
        ((T * (1 + G)) // 10, S, G, 17.78551862575, 0.000137380059939),
        (DAYS, STATES, GROUPS, 0.408207612483, 0.815377725497),
    ],
)
def test_grays_test_is_that_of_cmprsk(
    days: np.ndarray, states: np.ndarray, groups: np.ndarray, chi2: float, p: float
) -> None:
    test = gray_test(days, states, groups)
    assert (test.statistic, test.p) == pytest.approx((chi2, p), rel=1e-8)
    assert (test.df, test.refused) == (len(set(groups.tolist())) - 1, None)


@pytest.mark.parametrize(
    ("days", "states", "groups", "sentence"),
    [
        ([], [], [], "nobody was followed"),
        (range(20), [1] * 20, ["a"] * 20, "there is only one group"),
        (
            range(14),
            [1] * 14,
            ["a"] * 10 + ["b"] * 4,
            "Gray's test needs 10 patients in each group: b has 4",
        ),
        (range(20), [2] * 20, ["a"] * 10 + ["b"] * 10, "nobody had the event in these groups"),
        (
            [5] * 20,
            [1] * 20,
            ["a"] * 10 + ["b"] * 10,
            "no event occurred while patients of two groups were under observation",
        ),
    ],
)
def test_a_refusal_says_why(
    days: list[int], states: list[int], groups: list[str], sentence: str
) -> None:
    test = gray_test(days, states, groups)
    assert (test.refused, test.statistic, test.df, test.p) == (sentence, None, None, None)


def test_a_group_too_small_is_left_out_by_name() -> None:
    groups = np.array(["a", "b"])[np.arange(40) % 2]
    days, states = np.arange(40), np.arange(40) % 3
    with_third = gray_test([*days, 7], [*states, 1], [*groups, "c"])
    assert with_third.statistic == gray_test(days, states, groups).statistic
    assert with_third.notes == ("left out of Gray's test for fewer than 10 patients: c (1)",)
    assert [(g.group, g.n) for g in with_third.groups] == [("a", 20), ("b", 20), ("c", 1)]


def naive(rows: list[tuple[int, int, int]]) -> list[float]:
    """Return the incidence at each time, patient by patient."""
    free, incidence, steps = 1.0, 0.0, []
    for day in sorted({day for day, _, _ in rows}):
        at_risk = sum(other >= day for other, _, _ in rows)
        ended = [state for other, state, _ in rows if other == day]
        incidence += free * ended.count(1) / at_risk
        free *= 1 - (ended.count(1) + ended.count(2)) / at_risk
        steps.append(incidence)
    return steps


@repeatable
@given(patients)
def test_the_incidence_is_that_of_a_naive_loop_and_below_one_minus_kaplan_meier(
    rows: list[tuple[int, int, int]],
) -> None:
    days, states, _ = zip(*rows, strict=True)
    curve = cumulative_incidence(days, states)
    assert curve.incidence == pytest.approx(naive(rows), abs=1e-12)
    censored = kaplan_meier(days, [state == 1 for state in states])
    assert (curve.incidence <= 1 - censored.survival + 1e-12).all()


@repeatable
@given(patients)
def test_the_error_is_that_of_leaving_out_a_little_of_each_patient(
    rows: list[tuple[int, int, int]],
) -> None:
    days, states, _ = (np.array(column) for column in zip(*rows, strict=True))

    def last(weights: np.ndarray) -> float:
        free, incidence = 1.0, 0.0
        for day in np.unique(days):
            at_risk = weights[days >= day].sum()
            one, two = (weights[(days == day) & (states == s)].sum() for s in (1, 2))
            incidence += free * one / at_risk
            free *= max(1 - (one + two) / at_risk, 0.0)
        return incidence

    small = 1e-6 * np.eye(days.size)
    slopes = [(last(1 + step) - last(1 - step)) / 2e-6 for step in small]
    error = cumulative_incidence(days, states).std_error[-1]
    assert error == pytest.approx(math.sqrt(sum(s * s for s in slopes)), abs=1e-6)


@repeatable
@given(patients, st.randoms())
def test_order_of_patients_and_names_of_groups_do_not_matter(
    rows: list[tuple[int, int, int]], random: Random
) -> None:
    full = rows + [(i % 10, i % 3, i // 10) for i in range(20)]
    shuffled = [(day, state, 1 - group) for day, state, group in full]
    random.shuffle(shuffled)
    one, two = (gray_test(*zip(*some, strict=True)) for some in (full, shuffled))
    assert one.statistic == pytest.approx(two.statistic, abs=1e-9)
    assert 0 <= one.p <= 1


def test_before_the_first_event_the_incidence_is_0_without_limits() -> None:
    curve = cumulative_incidence([10, 20, 30], [2, 1, 0])
    for day in (5, 10):
        early = incidence_at(curve, day)
        assert early is not None
        assert (early.value, early.ci_low, early.ci_high) == (0, None, None)
    assert incidence_at(curve) is None
    assert incidence_at(cumulative_incidence([], [])) is None


def test_arrays_must_fit() -> None:
    with pytest.raises(ValueError, match="the same patients"):
        cumulative_incidence([1, 2], [1])
    with pytest.raises(ValueError, match="0 \\(neither\\), 1 \\(the event\\) or 2"):
        cumulative_incidence([1], [3])
