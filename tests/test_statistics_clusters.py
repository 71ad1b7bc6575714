from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.statistics.clusters import cluster_means, clustered_signed_rank

if TYPE_CHECKING:
    from random import Random

# nlme::Orthodont, distance at ages 8, 10, 12 and 14 in the order of the data, one line a child
ORTHODONT = """
26 25 29 31;21.5 22.5 23 26.5;23 22.5 24 27.5;25.5 27.5 26.5 27;20 23.5 22.5 26;24.5 25.5 27 28.5;
22 22 24.5 26.5;24 21.5 24.5 25.5;23 20.5 31 26;27.5 28 31 31.5;23 23 23.5 25;21.5 23.5 24 28;
17 24.5 26 29.5;22.5 25.5 25.5 26;23 24.5 26 30;22 21.5 23.5 25;21 20 21.5 23;21 21.5 24 25.5;
20.5 24 24.5 26;23.5 24.5 25 26.5;21.5 23 22.5 23.5;20 21 21 22.5;21.5 22.5 23 25;23 23 23.5 24;
20 21 22 21.5;16.5 19 19 19.5;24.5 25 28 28
"""
STEPS = np.diff([[float(x) for x in child.split()] for child in ORTHODONT.split(";")]).ravel()
CHILDREN = np.repeat(np.arange(27), 3)

rows = st.lists(st.tuples(st.integers(-8, 8), st.integers(0, 5)), min_size=1, max_size=30)
repeatable = settings(derandomize=True, deadline=None)


# In R: d <- with(nlme::Orthodont, c(distance[age == 10] - distance[age == 8], ...))
# In R: cl <- rep(1:27, 3)
# In R: x <- d - shift; keep <- x != 0; r <- rank(abs(x[keep])) * sign(x[keep])
# In R: S <- rowsum(r, cl[keep]); z <- sum(S) / sqrt(sum(S^2)); c(z, 2 * pnorm(-abs(z)))
@pytest.mark.parametrize(
    ("shift", "z", "p"),
    [(0, 4.5327006863, 5.8234304961e-06), (1, 1.52803738755, 0.126503255504)],
)
def test_signed_ranks_are_summed_within_patients(shift: float, z: float, p: float) -> None:
    test = clustered_signed_rank(STEPS - shift, CHILDREN)
    assert test.statistic == pytest.approx(z, rel=1e-9)
    assert test.p == pytest.approx(p, rel=1e-9)
    assert (test.n_values, test.n_clusters) == (81, 27)


def test_a_patient_whose_levels_agree_counts_once() -> None:
    assert clustered_signed_rank([-1.0, -2.0, -3.0], [5, 5, 5]).statistic == -1


@pytest.mark.parametrize("values", [[], [0.0, 0.0], [1.0, -1.0]])
def test_ranks_that_cancel_in_every_patient_give_no_p(values: list[float]) -> None:
    test = clustered_signed_rank(values, ["a"] * len(values))
    assert (test.statistic, test.p) == (None, None)


@repeatable
@given(rows, st.randoms())
def test_order_zeros_and_powers_of_two_do_not_change_the_test(
    pairs: list[tuple[int, int]], random: Random
) -> None:
    values, clusters = zip(*pairs, strict=True)
    shuffled = list(pairs)
    random.shuffle(shuffled)
    test = clustered_signed_rank(values, clusters)
    assert clustered_signed_rank(*zip(*shuffled, strict=True)) == test
    assert clustered_signed_rank([v / 4 for v in values], clusters) == test
    assert clustered_signed_rank([*values, 0], [*clusters, clusters[0]]).p == test.p


def test_each_patient_has_one_mean() -> None:
    means, ids = cluster_means([1.0, 4.0, 2.0, -3.0], ["p2", "p1", "p2", "p3"])
    assert means.tolist() == [4.0, 1.5, -3.0]
    assert ids.tolist() == ["p1", "p2", "p3"]


@repeatable
@given(rows)
def test_means_are_those_of_a_loop(pairs: list[tuple[int, int]]) -> None:
    values, clusters = (np.array(part) for part in zip(*pairs, strict=True))
    means = cluster_means(values, clusters)
    for mean, patient in zip(means.means, means.cluster_ids, strict=True):
        assert mean == pytest.approx(values[clusters == patient].mean())


def test_nothing_has_no_means() -> None:
    assert cluster_means([], []).means.size == 0


def test_every_value_needs_its_patient() -> None:
    with pytest.raises(ValueError, match=r"`clusters` must have shape \(2,\)"):
        cluster_means([1.0, 2.0], [1])
