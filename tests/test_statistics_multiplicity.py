from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.statistics.multiplicity import holm

if TYPE_CHECKING:
    from random import Random


# In R: p.adjust(c(0.01, 0.02, 0.03, 0.004, 0.4, 0.012), "holm"); p.adjust(c(.3, .04, .6), "holm")
@pytest.mark.parametrize(
    ("raw", "adjusted"),
    [
        ([0.01, 0.02, 0.03, 0.004, 0.4, 0.012], [0.05, 0.06, 0.06, 0.024, 0.4, 0.05]),
        ([0.3, 0.04, 0.6], [0.6, 0.12, 0.6]),
        ([0.7, 0.9], [1.0, 1.0]),
        ([], []),
    ],
)
def test_holm_is_that_of_r(raw: list[float], adjusted: list[float]) -> None:
    assert holm(raw) == pytest.approx(adjusted, rel=1e-12)


def test_a_refused_test_does_not_count() -> None:
    assert holm([None, 0.02, None, 0.03]) == (None, 0.04, None, 0.04)
    assert holm([None]) == (None,)


@settings(derandomize=True, deadline=None)
@given(st.lists(st.none() | st.floats(0, 1), max_size=12), st.randoms())
def test_the_order_of_the_tests_does_not_matter(raw: list[float | None], random: Random) -> None:
    places = list(range(len(raw)))
    random.shuffle(places)
    adjusted = holm(raw)
    assert holm([raw[place] for place in places]) == tuple(adjusted[place] for place in places)


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_a_p_outside_0_to_1_is_turned_away(p: float) -> None:
    with pytest.raises(ValueError, match="`p_values`"):
        holm([0.5, p])
