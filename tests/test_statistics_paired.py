from __future__ import annotations

import pytest

from queries.statistics.paired import holm_out_of_reach, paired_change, signed_rank

# nlme::Orthodont, distance in mm at ages 8 and 10, in the order of the data
AGE_8 = [
    *[26, 21.5, 23, 25.5, 20, 24.5, 22, 24, 23, 27.5, 23, 21.5, 17, 22.5, 23],
    *[22, 21, 21, 20.5, 23.5, 21.5, 20, 21.5, 23, 20, 16.5, 24.5],
]
AGE_10 = [
    *[25, 22.5, 22.5, 27.5, 23.5, 25.5, 22, 21.5, 20.5, 28, 23, 23.5, 24.5, 25.5, 24.5],
    *[21.5, 20, 21.5, 24, 24.5, 23, 21, 22.5, 23, 21, 19, 25],
]


def test_the_median_of_differences_is_not_the_difference_of_medians() -> None:
    change = paired_change([1, 1.5, 2, 9, 10], [2, 2.5, 8, 10, 11])
    assert change.follow_up_median - change.baseline_median == 6
    assert change.estimate.value == 1


def test_a_change_is_described_on_its_pairs() -> None:
    change = paired_change(AGE_8, AGE_10)
    assert (change.n, change.baseline_median, change.follow_up_median) == (27, 22, 23)
    assert change.refused is None
    assert change.test.p == pytest.approx(0.0106769800186)
    assert not change.fragile
    assert not change.steps_note


@pytest.mark.parametrize(
    ("baseline", "follow_up", "sentence"),
    [
        ([], [], "nothing was measured at both visits"),
        ([3.0], [3.0], "the only difference is zero"),
        ([4.0], [3.0], "with 1 pair no result could reach 0.05"),
        ([8, 9, 7, 8, 8], [3, 3, 2, 4, 5], "with 5 pairs no result could reach 0.05"),
        (range(8), range(8), "all 8 differences are zero"),
        ([5] * 8, [5] * 8, "no variation: every value at both visits is the same"),
        (
            [1] * 8,
            [1, 1, 1, 2, 2, 2, 2, 2],
            "with 5 of 8 differences other than zero no result could reach 0.05",
        ),
    ],
)
def test_a_refusal_says_why(baseline: list[float], follow_up: list[float], sentence: str) -> None:
    change = paired_change(baseline, follow_up)
    assert change.refused == sentence
    assert change.test.p is None
    assert (change.estimate is None) == (change.n == 0)


def test_six_pairs_that_all_fell_are_tested_and_called_fragile() -> None:
    change = paired_change([8] * 6, [3] * 6)
    assert (change.refused, change.test.p, change.fragile) == (None, 0.03125, True)


def test_ten_pairs_are_not_fragile() -> None:
    assert not paired_change(range(10), [0] * 10).fragile
    assert paired_change(range(9), [0] * 9).fragile


def test_steps_are_noted_where_p_is_small_and_the_interval_touches_zero() -> None:
    change = paired_change([0] * 30, [-1] * 7 + [0] * 23)
    assert change.test.p < 0.05
    assert change.estimate.ci_high == 0
    assert change.steps_note


def test_four_visits_put_seven_pairs_out_of_reach() -> None:
    assert holm_out_of_reach(signed_rank([-1] * 7).smallest_p, 4)
    assert not holm_out_of_reach(signed_rank([-1] * 7).smallest_p, 3)
    assert not holm_out_of_reach(signed_rank([-1] * 5).smallest_p, 4)


def test_pairs_must_match() -> None:
    with pytest.raises(ValueError, match="the same pairs"):
        paired_change([1, 2], [1])
