"""Tipping points, against R where a search by small steps finds the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.statistics.pseudomedian import hodges_lehmann
from queries.statistics.tipping import STEPS_OF_MANY, delta_tipping, rate_tipping

EIGHT = [-5, -4, -4, -3, -3, -2, -2, -1]
TWELVE = [-6, -5.5, -5, -4, -3.5, -3, -2, -2, -1.5, -1, -0.5, 0.5]
BASELINES = np.array([7, 8, 9, 6.5])

half_steps = st.integers(-20, 4).map(lambda steps: steps / 2)
starts = st.integers(0, 20).map(lambda steps: steps / 2)


# In R: for (j in 0:4) print(prop.test(20 + j, 32, correct = FALSE)$conf.int)
# In R: the first j with prop.test(14 + j, 48, correct = FALSE)$conf.int[1] > .5 is 17 (0.5043906)
def test_the_rate_runs_from_the_worst_case_to_the_best() -> None:
    found = rate_tipping(20, 28, 4)
    assert [one.responders for one in found.scenarios] == [0, 1, 2, 3, 4]
    assert [one.proportion.ci_low for one in found.scenarios] == pytest.approx(
        [0.4525441, 0.4831109, 0.5143332, 0.5462549, 0.5789344], abs=1e-7
    )
    assert [one.proportion.ci_high for one in found.scenarios] == pytest.approx(
        [0.7706611, 0.7958956, 0.8204746, 0.8443542, 0.8674760], abs=1e-7
    )
    assert (found.worst.k, found.best.k, found.worst.n, found.best.n) == (20, 24, 32, 32)
    # the first whose lower limit lies above one half
    assert (found.side, found.responders) == ("above", 2)


def test_a_majority_that_nobody_missing_can_turn_needs_no_responder() -> None:
    found = rate_tipping(23, 28, 1)
    assert (found.side, found.responders) == ("above", 0)
    assert rate_tipping(23, 28, 0).responders == 0
    assert len(rate_tipping(23, 28, 0).scenarios) == 1


def test_a_minority_stands_up_to_so_many_responders() -> None:
    mirrored = rate_tipping(8, 28, 4)
    assert (mirrored.side, mirrored.responders) == ("below", 2)
    assert rate_tipping(0, 28, 1).responders == 1


def test_what_the_assessed_leave_open_may_need_more_than_there_are() -> None:
    assert (rate_tipping(14, 28, 20).side, rate_tipping(14, 28, 20).responders) == ("open", 17)
    assert rate_tipping(14, 28, 2).responders is None
    nobody = rate_tipping(0, 0, 3)
    assert (nobody.side, nobody.responders, nobody.assessed.rate) == ("open", None, None)
    assert rate_tipping(0, 0, 0).worst.rate is None


def test_many_missing_are_shown_by_a_few() -> None:
    found = rate_tipping(3_000, 5_000, 900)
    assert len(found.scenarios) == 26
    assert (found.scenarios[0].responders, found.scenarios[-1].responders) == (0, 900)


@settings(deadline=None)
@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 12))
def test_the_tipping_point_of_a_rate_is_where_trying_all_finds_it(
    k: int, more: int, missing: int
) -> None:
    found = rate_tipping(k, k + more, missing)
    shares = [one.proportion for one in found.scenarios]
    low = [share.ci_low is not None and share.ci_low > 0.5 for share in shares]
    high = [share.ci_high is not None and share.ci_high < 0.5 for share in shares]
    if found.side == "below":
        assert found.responders == max(j for j, holds in enumerate(high) if holds)
    else:
        assert found.responders == next((j for j, holds in enumerate(low) if holds), None)


# In R: hl <- function(d) { w <- outer(d, d, "+") / 2; w <- sort(w[upper.tri(w, TRUE)])
# In R:   n <- length(d); k <- max(1, qsignrank(.025, n)); c(median(w), w[k], rev(w)[k]) }
# In R: tip <- function(seen, best, worst) { c0 <- hl(seen)[1]
# In R:   for (delta in round(seq(0, max(worst - c0), by = .001), 6))
# In R:     if (hl(c(seen, pmin(pmax(c0 + delta, best), worst)))[3] >= -1e-9) return(delta); NA }
# In R: tip(c(-5,-4,-4,-3,-3,-2,-2,-1), rep(-7, 3), rep(3, 3)); b <- c(7, 8, 9, 6.5)
# In R: tip(c(-6,-5.5,-5,-4,-3.5,-3,-2,-2,-1.5,-1,-.5,.5), -b, 10 - b)
def test_the_tipping_delta_is_that_of_a_search_by_small_steps() -> None:
    first = delta_tipping(EIGHT, [-7] * 3, [3] * 3, better="lower")
    assert (first.tipping, first.largest, first.no_change) == (5, 6, 3)
    at_tipping = next(one.estimate for one in first.scenarios if one.delta == first.tipping)
    # In R: hl(c(-5,-4,-4,-3,-3,-2,-2,-1, rep(2, 3)))
    assert (at_tipping.value, at_tipping.ci_low, at_tipping.ci_high) == (-1.75, -3.5, 0)
    second = delta_tipping(TWELVE, -BASELINES, 10 - BASELINES, better="lower")
    assert second.observed is not None
    assert (second.observed.value, second.observed.ci_low, second.observed.ci_high) == (
        *(-2.75, -4.25, -1.25),
    )
    assert (second.tipping, second.largest, second.no_change) == (4.75, 6.25, 2.75)


def test_the_mirrored_scale_tips_at_the_same_delta() -> None:
    mirrored = delta_tipping(-np.array(TWELVE), BASELINES, BASELINES - 10, better="higher")
    assert (mirrored.tipping, mirrored.largest, mirrored.no_change) == (4.75, 6.25, 2.75)
    assert mirrored.scenarios[-1].estimate.value > 0


def test_the_first_scenario_changed_like_the_assessed_and_the_last_has_the_worst_score() -> None:
    found = delta_tipping(TWELVE, -BASELINES, 10 - BASELINES, better="lower")
    first, last = found.scenarios[0], found.scenarios[-1]
    assert (first.delta, last.delta) == (0, 6.25)
    assert first.estimate == hodges_lehmann([*TWELVE, *[-2.75] * 4])
    assert last.estimate == hodges_lehmann([*TWELVE, *(10 - BASELINES)])
    values = [one.estimate.value for one in found.scenarios]
    assert values == sorted(values)


def test_nobody_is_made_to_fall_below_the_scale() -> None:
    # a baseline of 1 cannot fall by 3
    found = delta_tipping(EIGHT, [-1], [9], better="lower")
    assert found.scenarios[0].estimate == hodges_lehmann([*EIGHT, -1])


def test_no_delta_tips_where_the_missing_are_too_few() -> None:
    found = delta_tipping(TWELVE, [-7], [3], better="lower")
    assert (found.tipping, found.refused) == (None, None)
    assert found.scenarios[-1].delta == found.largest == 5.75


def test_a_change_that_touches_zero_at_once_tips_at_delta_zero() -> None:
    # with a baseline of 0 nobody can have fallen
    found = delta_tipping(EIGHT, [0] * 9, [10] * 9, better="lower")
    assert (found.tipping, found.refused) == (0, None)


@pytest.mark.parametrize(
    ("changes", "missing", "why"),
    [
        ([], 2, "nobody has a value before the operation and at the visit"),
        (EIGHT, 0, "nobody living with a baseline is missing"),
        (EIGHT[:5], 2, "fewer than 6 patients were assessed, so the change has no interval"),
        ([-1, 1, -2, 2, -3, 3, 0], 2, "the assessed alone do not show an improvement, so"),
        ([1, 2, 3, 4, 5, 6], 2, "the assessed alone do not show an improvement, so"),
    ],
)
def test_where_there_is_nothing_to_tip_the_reason_is_said(
    changes: list[float], missing: int, why: str
) -> None:
    for way, better in ((1, "lower"), (-1, "higher")):
        ends = np.array([[-7.0] * missing, [3.0] * missing]) * way
        found = delta_tipping(np.array(changes) * way, *ends, better=better)  # type: ignore[arg-type]
        assert found.refused is not None
        assert found.refused.startswith(why)
        assert (found.tipping, found.n, found.missing) == (None, len(changes), missing)


def test_a_reason_can_stand_beside_the_scenarios() -> None:
    found = delta_tipping([1, 2, 3, 4, 5, 6], [-2] * 2, [8] * 2, better="lower")
    assert found.refused
    assert len(found.scenarios) > 2
    # the assessed got worse by as much as the scale allows
    assert delta_tipping([3] * 7, [-7], [3], better="lower").largest == 0


def test_many_patients_are_shown_at_few_deltas() -> None:
    changes = np.tile(EIGHT, 200)
    found = delta_tipping(changes, [-7] * 400, [3] * 400, better="lower")
    assert found.tipping is None
    assert len(found.scenarios) == STEPS_OF_MANY


def test_the_ends_of_the_scale_come_in_pairs() -> None:
    with pytest.raises(ValueError, match="`to_best` and `to_worst` differ: 2 and 1"):
        delta_tipping(EIGHT, [-7, -6], [3], better="lower")


@settings(deadline=None, max_examples=40)
@given(st.lists(half_steps, min_size=6, max_size=14), st.lists(starts, min_size=1, max_size=10))
def test_the_tipping_delta_is_the_first_that_touches_zero(
    changes: list[float], baselines: list[float]
) -> None:
    start = np.array(baselines)
    found = delta_tipping(changes, -start, 10 - start, better="lower")
    if found.refused or found.observed is None or found.largest is None:
        return

    def upper(delta: float) -> float:
        moved = np.clip(found.observed.value + delta, -start, 10 - start)  # type: ignore[union-attr]
        limit = hodges_lehmann([*changes, *moved]).ci_high
        assert limit is not None
        return limit

    if found.tipping is None:
        assert upper(found.largest) < 0
        return
    assert upper(found.tipping) >= -1e-9
    below = [delta for delta in np.linspace(0, found.largest, 41) if delta < found.tipping - 1e-9]
    assert all(upper(delta) < 0 for delta in below)
