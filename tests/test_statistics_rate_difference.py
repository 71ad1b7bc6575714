from __future__ import annotations

import pytest

from queries.statistics.proportions import clustered_proportion, counted_proportion, wilson
from queries.statistics.rate_difference import rate_difference


# Newcombe 1998, table II, method 10: the paper's eight contrasts with their four decimals; more
# decimals by hand in R 4.2.2, a and b being prop.test(k, n, correct = FALSE)$conf.int of each
# rate: p - q - sqrt((p - a[1])^2 + (b[2] - q)^2), p - q + sqrt((a[2] - p)^2 + (q - b[1])^2)
@pytest.mark.parametrize(
    ("counts", "published", "low", "high"),
    [
        ((56, 70, 48, 80), (0.0524, 0.3339), 0.0524314724024, 0.3338726540369),
        ((9, 10, 3, 10), (0.1705, 0.8090), 0.170522723935, 0.809017973535),
        ((6, 7, 2, 7), (0.0582, 0.8062), 0.0582279274823, 0.8062496375242),
        ((5, 56, 0, 29), (-0.0381, 0.1926), -0.0381371479035, 0.1925600138551),
        ((0, 10, 0, 20), (-0.1611, 0.2775), -0.161125158053, 0.277532799863),
        ((0, 10, 0, 10), (-0.2775, 0.2775), -0.277532799863, 0.277532799863),
        ((10, 10, 0, 20), (0.6791, 1.0000), 0.679086037142, 1),
        ((10, 10, 0, 10), (0.6075, 1.0000), 0.607509350431, 1),
    ],
)
def test_the_published_contrasts_come_out(
    counts: tuple[int, int, int, int], published: tuple[float, float], low: float, high: float
) -> None:
    k, n, other_k, other_n = counts
    found = rate_difference(counted_proportion(k, n), counted_proportion(other_k, other_n))
    assert found is not None
    assert found.value == pytest.approx(k / n - other_k / other_n)
    assert (found.ci_low, found.ci_high) == pytest.approx(published, abs=5.1e-5)
    assert (found.ci_low, found.ci_high) == pytest.approx((low, high), rel=1e-9)
    assert found.ci_level == 0.95


def test_turned_round_it_changes_its_sign() -> None:
    one, other = counted_proportion(9, 10), counted_proportion(3, 10)
    there, back = rate_difference(one, other), rate_difference(other, one)
    assert there is not None
    assert back is not None
    assert (back.value, back.ci_low, back.ci_high) == pytest.approx(
        (-there.value, -(there.ci_high or 0), -(there.ci_low or 0))
    )


def test_levels_that_share_patients_widen_it() -> None:
    leaks, patients = [1, 1, 0, 0] * 5, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5] * 2
    clustered = clustered_proportion(leaks, patients, icc=0.5)
    other = counted_proportion(3, 20)
    wide, narrow = (rate_difference(p, other) for p in (clustered, counted_proportion(10, 20)))
    assert wide is not None
    assert narrow is not None
    assert wide.value == narrow.value
    assert (wide.ci_low or 0) < (narrow.ci_low or 0) < (narrow.ci_high or 0) < (wide.ci_high or 0)


def test_nobody_in_a_group_gives_no_difference() -> None:
    assert rate_difference(counted_proportion(0, 0), counted_proportion(1, 2)) is None
    assert rate_difference(counted_proportion(1, 2), counted_proportion(0, 0)) is None


def test_a_counted_proportion_is_one_value_per_patient() -> None:
    for k, n in ((0, 31), (7, 31), (31, 31), (0, 0)):
        counted = counted_proportion(k, n)
        of_each = clustered_proportion([1] * k + [0] * (n - k), range(n))
        for field in ("k", "n", "rate", "ci_low", "ci_high", "deff", "n_effective", "n_clusters"):
            assert getattr(counted, field) == getattr(of_each, field), (k, n, field)
    assert counted_proportion(7, 31).method == "Wilson"
    assert counted_proportion(0, 31).method == "exact upper bound, no event"
    assert counted_proportion(0, 31).ci_high == pytest.approx(1 - 0.025 ** (1 / 31))
    assert (counted_proportion(28, 31).ci_low, counted_proportion(28, 31).ci_high) == wilson(28, 31)


@pytest.mark.parametrize(("k", "n"), [(-1, 3), (4, 3), (1, 0)])
def test_impossible_counts_are_refused(k: int, n: int) -> None:
    with pytest.raises(ValueError, match="must lie between 0 and `n`"):
        counted_proportion(k, n)
