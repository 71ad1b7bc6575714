from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.statistics.survival import (
    kaplan_meier,
    median_follow_up,
    median_time,
    number_at_risk,
    survival_at,
)
from tests.lung import DAYS, DIED

if TYPE_CHECKING:
    from random import Random

# survival::aml, time in weeks and status, maintained and nonmaintained
MAINTAINED = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161], [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0]
OTHERS = [5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45], [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]

repeatable = settings(derandomize=True, deadline=None)
patients = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=30)


def close(*values: float) -> object:
    return pytest.approx(values, rel=1e-9)


# In R: f <- survfit(Surv(time, status == 2) ~ 1, lung, conf.type = "log-log")
# In R: s <- summary(f, times = c(100, 365.25, 500)); cbind(s$surv, s$lower, s$upper, s$std.err)
@pytest.mark.parametrize(
    ("day", "survival", "low", "high"),
    [
        (100, 0.863968967645, 0.812222319754, 0.902310180515),
        (365.25, 0.409241624460, 0.338714269088, 0.478380767647),
        (500, 0.293269193712, 0.226503677118, 0.363028599684),
    ],
)
def test_survival_of_lung_is_that_of_r(
    day: float, survival: float, low: float, high: float
) -> None:
    found = survival_at(kaplan_meier(DAYS, DIED), day)
    assert found is not None
    assert (found.value, found.ci_low, found.ci_high) == close(survival, low, high)
    assert found.name == f"survival at {day:g} days"


# In R: f <- survfit(Surv(time, status) ~ 1, aml[aml$x == "Nonmaintained", ], conf.type = "log-log")
# In R: cbind(f$time, f$n.risk, f$surv, f$std.err * f$surv, f$lower, f$upper)
def test_every_step_of_the_curve_is_that_of_r() -> None:
    curve = kaplan_meier(*OTHERS)
    assert curve.times.tolist() == [5, 8, 12, 16, 23, 27, 30, 33, 43, 45]
    assert curve.at_risk.tolist() == [12, 10, 8, 7, 6, 5, 4, 3, 2, 1]
    assert curve.events.tolist() == [2, 2, 1, 0, 1, 1, 1, 1, 1, 1]
    assert curve.survival[[0, 3, 4, 8, 9]] == pytest.approx(
        [0.8333333333333, 0.5833333333333, 0.4861111111111, 0.0972222222222, 0.0]
    )
    assert curve.std_error[[0, 8]] == pytest.approx([0.107582870728, 0.0918663649675])
    assert curve.ci_low[[0, 8]] == pytest.approx([0.48171494219538, 0.00574630569586])
    assert curve.ci_high[[0, 8]] == pytest.approx([0.955509365728, 0.348903861111])
    assert np.isnan([curve.ci_low[9], curve.ci_high[9]]).all()
    assert (curve.n, curve.n_events, curve.ci_level) == (12, 11, 0.95)


# In R: print(survfit(Surv(time, status) ~ 1, ..., conf.type = "log-log")) of lung, of both halves
# In R: of aml, and of Surv(c(10, 20, 30, 40), ...) with d = c(1, 1, 0, 0) and c(1, 1, 1, 1)
@pytest.mark.parametrize(
    ("days", "died", "median", "low", "high"),
    [
        (DAYS, DIED, 310, 284, 361),
        (*MAINTAINED, 31, 13, None),
        (*OTHERS, 23, 5, 33),
        ([10, 20, 30, 40], [1, 1, 0, 0], 20, 10, None),
        ([10, 20, 30, 40], [1, 1, 1, 1], 25, 10, None),
        ([10, 20], [0, 0], None, None, None),
        ([], [], None, None, None),
    ],
)
def test_the_median_and_its_limits_are_printed_as_by_r(
    days: list[int], died: list[int], median: float, low: float, high: float | None
) -> None:
    found = median_time(kaplan_meier(days, died))
    assert (found.value, found.ci_low, found.ci_high) == (median, low, high)


# In R: i <- 0:59; t <- (i * 41) %% 61 + 1; d <- as.integer((i * 7) %% 10 < 7)
# In R: print(survfit(Surv(t, d) ~ 1, conf.type = "log-log", conf.int = .9))
# In R: print(survfit(Surv(t, 1 - d) ~ 1, conf.type = "log-log")); also of lung
def test_confidence_and_reverse_kaplan_meier_are_those_of_r() -> None:
    i = np.arange(60)
    days, died = (i * 41) % 61 + 1, (i * 7) % 10 < 7
    found = median_time(kaplan_meier(days, died, confidence=0.9))
    assert (found.value, found.ci_low, found.ci_high, found.ci_level) == (40, 32, 47, 0.9)
    followed = median_follow_up(days, died)
    assert (followed.value, followed.ci_low, followed.ci_high) == (53, 43, None)
    of_lung = median_follow_up(DAYS, DIED)
    assert (of_lung.value, of_lung.ci_low, of_lung.ci_high) == (588, 511, 821)


def naive(rows: list[tuple[int, bool]]) -> list[tuple[float, float]]:
    """Return survival and Greenwood's variance at each time, patient by patient."""
    survival, variance, steps = 1.0, 0.0, []
    for day in sorted({day for day, _ in rows}):
        at_risk = sum(other >= day for other, _ in rows)
        deaths = sum(other == day and dead for other, dead in rows)
        survival *= (at_risk - deaths) / at_risk
        if at_risk > deaths:
            variance += deaths / at_risk / (at_risk - deaths)
        steps.append((survival, survival**2 * variance))
    return steps


@repeatable
@given(patients)
def test_the_curve_is_that_of_a_naive_loop(rows: list[tuple[int, bool]]) -> None:
    curve = kaplan_meier(*zip(*rows, strict=True))
    expected = naive(rows)
    assert curve.survival == pytest.approx([s for s, _ in expected], abs=1e-12)
    assert curve.std_error == pytest.approx([math.sqrt(v) for _, v in expected], abs=1e-12)


@repeatable
@given(patients, st.randoms())
def test_order_does_not_matter_and_limits_enclose_the_curve(
    rows: list[tuple[int, bool]], random: Random
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    curve, other = (kaplan_meier(*zip(*some, strict=True)) for some in (rows, shuffled))
    assert curve.survival.tolist() == other.survival.tolist()
    inside = (curve.survival > 0) & (curve.survival < 1)
    assert (np.isnan(curve.ci_low) == ~inside).all()
    assert (curve.ci_low[inside] < curve.survival[inside]).all()
    assert (curve.survival[inside] < curve.ci_high[inside]).all()


@repeatable
@given(patients)
def test_the_median_is_where_half_of_an_uncensored_sample_has_died(
    rows: list[tuple[int, bool]],
) -> None:
    days = [day for day, _ in rows]
    assert median_time(kaplan_meier(days, [1] * len(days))).value == np.median(days)


def test_nobody_is_known_to_live_beyond_the_last_day() -> None:
    curve = kaplan_meier([30, 90, 200], [1, 0, 0])
    assert survival_at(curve) is None
    assert survival_at(kaplan_meier([], [])) is None
    dead = survival_at(kaplan_meier([30, 90], [1, 1]))
    assert dead is not None
    assert (dead.value, dead.ci_low, dead.ci_high) == (0, None, None)


def test_before_the_first_day_everybody_lives() -> None:
    early = survival_at(kaplan_meier([30, 90], [1, 1]), 29)
    assert early is not None
    assert (early.value, early.ci_low, early.ci_high) == (1, None, None)


# In R: summary(survfit(Surv(time, status == 2) ~ 1, lung), times = c(0, 100, 365.25, 500))$n.risk
def test_the_number_at_risk_is_that_before_the_day() -> None:
    curve = kaplan_meier(DAYS, DIED)
    assert number_at_risk(curve, [0, 100, 365.25, 500, 1022, 1023]).tolist() == [
        *[228, 196, 65, 41, 1, 0]
    ]


def test_arrays_must_fit() -> None:
    with pytest.raises(ValueError, match="the same patients"):
        kaplan_meier([1, 2], [1])
    with pytest.raises(ValueError, match="must not be negative"):
        kaplan_meier([-1], [1])
    with pytest.raises(ValueError, match="true or false"):
        kaplan_meier([1], [2])
