from __future__ import annotations

import pytest

from queries.statistics.mean import mean_interval

CHANGES = [-4.0, -3.5, -4.0, -4.0, 0.0]


def test_the_mean_and_its_interval_agree_with_r() -> None:
    # In R: x <- c(-4, -3.5, -4, -4, 0); mean(x); t.test(x)$conf.int; t.test(x, conf.level = .9)
    found = mean_interval(CHANGES)
    assert found is not None
    assert (found.value, found.ci_low, found.ci_high) == pytest.approx(
        (-3.1, -5.268472948304, -0.931527051696)
    )
    ninety = mean_interval(CHANGES, confidence=0.9)
    assert ninety is not None
    assert (ninety.ci_low, ninety.ci_high) == pytest.approx((-4.7650255672, -1.4349744328))


def test_one_value_has_no_interval_and_none_has_no_mean() -> None:
    found = mean_interval([2.0])
    assert found is not None
    assert (found.value, found.ci_low, found.ci_high) == (2.0, None, None)
    assert mean_interval([]) is None
