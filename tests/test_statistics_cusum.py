from __future__ import annotations

from math import log

import numpy as np
import pytest

from queries.statistics.binomial_limits import binomial_limits
from queries.statistics.cusum import cusum, cusum_weights, run_length


def simulated(rate: float, target: float, limit: float, runs: int) -> tuple[float, float]:
    """Mean run of a CUSUM and its standard error, level by level in all runs at once."""
    random = np.random.default_rng(20_261_125)
    up, down = log(2), log((1 - target) / (1 - 2 * target))
    sums, length, going, step = np.zeros(runs), np.zeros(runs), np.ones(runs, bool), 0
    while going.any():
        step += 1
        event = random.random(int(going.sum())) < rate
        sums[going] = np.maximum(0, sums[going] + np.where(event, up, -down))
        done = going & (sums >= limit)
        length[done] = step
        going &= ~done
    return float(length.mean()), float(length.std() / np.sqrt(runs))


def test_the_weights_are_those_of_a_doubling_from_one_in_eight() -> None:
    assert cusum_weights(0.125) == pytest.approx((0.693, 0.154), abs=5e-4)
    assert cusum_weights(0.125).event == pytest.approx(log(0.25 / 0.125))
    assert cusum_weights(0.125).clean == pytest.approx(-log(0.75 / 0.875))


@pytest.mark.parametrize("limit", [2.5, 3.0])
@pytest.mark.parametrize("rate", [0.125, 0.25])
def test_mean_runs_agree_with_simulation(rate: float, limit: float) -> None:
    mean, error = simulated(rate, 0.125, limit, 4_000)
    assert run_length(rate, 0.125, limit) == pytest.approx(mean, abs=4 * error)


@pytest.mark.parametrize(("limit", "false_alarm", "detection"), [(2.5, 272, 33), (3.0, 470, 41)])
def test_mean_runs_of_the_settings_on_offer(limit: float, false_alarm: int, detection: int) -> None:
    assert round(run_length(0.125, 0.125, limit)) == false_alarm
    assert round(run_length(0.25, 0.125, limit)) == detection


def test_a_limit_below_one_event_runs_until_the_first_event() -> None:
    assert run_length(0.2, 0.125, 0.5) == pytest.approx(1 / 0.2)


def test_two_events_in_a_row_by_hand() -> None:
    # weights 0.693 and 0.773: a clean level always leads back to 0, so the sum signals at two
    # events in a row; mean run (1 + p) / p^2
    assert run_length(0.3, 0.35, 1.3) == pytest.approx(1.3 / 0.09)


def test_the_sum_never_falls_below_zero_and_starts_again_after_a_signal() -> None:
    run = cusum([0, 0, 1, 1, 1, 1, 0], 0.125, 2.5)
    up, down = cusum_weights(0.125)
    expected = [0, 0, up, 2 * up, 3 * up, 4 * up, 0]
    assert run.sums.tolist() == pytest.approx(expected)
    assert run.signals == (5,)
    assert down > 0


def test_an_empty_run_has_no_signal() -> None:
    run = cusum([], 0.125, 2.5)
    assert (run.sums.size, run.signals) == (0, ())


@pytest.mark.parametrize("target", [0.0, 0.5, 0.7])
def test_a_target_that_cannot_double_is_refused(target: float) -> None:
    with pytest.raises(ValueError, match=r"between 0 and 0\.5"):
        cusum_weights(target)


def test_funnel_limits_at_one_in_eight() -> None:
    # in R: qbinom(.975, c(5, 10, 20, 30, 64), .125); qbinom(.025, ...); qbinom(.999, ...)
    sizes = [5, 10, 20, 30, 64]
    inner, outer = binomial_limits(sizes, 0.125, 0.95), binomial_limits(sizes, 0.125, 0.998)
    assert inner.high.tolist() == [2, 4, 6, 8, 13]
    assert inner.low.tolist() == [0, 0, 0, 1, 3]
    assert outer.high.tolist() == [4, 5, 8, 10, 17]
