from __future__ import annotations

import pytest

from queries.statistics.proportions import counted_proportion
from queries.statistics.rate_intervals import rate_intervals


# in R: prop.test(k, n, correct = FALSE)$conf.int; binom.test(k, n)$conf.int
@pytest.mark.parametrize(
    ("k", "n", "wilson", "exact"),
    [
        (8, 64, (0.0647224266333, 0.227745618211), (0.0555427911796, 0.231526305966)),
        (0, 31, (0, 0.11025539546), (0, 0.112188746922)),
        (28, 31, (0.751000615566, 0.966535355837), (0.742460935372, 0.979580137312)),
        (5, 5, (0.565517535217, 1), (0.478176249895, 1)),
    ],
)
def test_both_intervals_agree_with_r(
    k: int, n: int, wilson: tuple[float, float], exact: tuple[float, float]
) -> None:
    score, clopper_pearson = rate_intervals(counted_proportion(k, n))
    assert (score.ci_low, score.ci_high) == pytest.approx(wilson, rel=1e-6, abs=1e-12)
    assert (clopper_pearson.ci_low, clopper_pearson.ci_high) == pytest.approx(
        exact, rel=1e-6, abs=1e-12
    )
    assert score.estimate == clopper_pearson.estimate == k / n


def test_without_observations_there_is_no_interval() -> None:
    assert rate_intervals(counted_proportion(0, 0)) == ()
