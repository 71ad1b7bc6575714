"""All visits at once, counted by hand on six patients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from data.warehouse import open_registry
from queries.alignment import alignment
from queries.cohort import Cohort
from queries.trajectory import trajectory
from tests.registry_of_six import registry_of_six

if TYPE_CHECKING:
    from data.warehouse import Warehouse


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


def test_friedman_takes_the_visits_that_half_of_those_with_a_baseline_attended(
    six: Warehouse,
) -> None:
    (test,) = trajectory(six.reader(), Cohort()).omnibus
    # with a baseline: A1 A2 A3 A5 A6; after and 3 months: all five; 6 and 12 months: A1 and A2
    # in R: friedman.test(rbind(c(8,4,3), c(7,3.5,3), c(9,5,4), c(6,2,2), c(8,8,5)))
    assert (test.n_patients, test.n_excluded, test.df) == (5, 1, 2)
    assert test.statistic == pytest.approx(9)
    assert test.p == pytest.approx(0.0111089965382, rel=1e-9)
    assert test.notes == (
        "visits compared: before, after, 3 months",
        "left out, attended by fewer than half: 6 months, 12 months",
        "fragile: fewer than 10 patients",
    )
    assert (test.kind, test.visit, test.versus, test.n_levels) == ("omnibus", None, None, None)


def test_levels_stand_for_their_patient_by_their_mean(six: Warehouse) -> None:
    (test,) = alignment(six.reader(), Cohort()).omnibus
    # before and after: A1 (20 + 10) / 2 and (14 + 8) / 2, A2 (18 + 16) / 2 and (10 + 9) / 2,
    # A3 22 20, A4 12 12, A5 25 15; at 3 months A2 and A5 alone
    # in R: friedman.test(rbind(c(15,11), c(17,9.5), c(22,20), c(12,12), c(25,15)))
    assert (test.n_patients, test.n_levels, test.n_excluded) == (5, 7, 1)
    assert test.statistic == pytest.approx(4)
    assert test.p == pytest.approx(0.0455002638964, rel=1e-9)
    assert "on patient means of the levels" in str(test.method)


def test_without_a_visit_after_baseline_there_is_no_test_over_all_visits(six: Warehouse) -> None:
    assert trajectory(six.reader(), Cohort(primary_tumour=("melanoma",))).omnibus == ()
    assert alignment(six.reader(), Cohort(level=("L5",))).omnibus == ()


def test_one_patient_is_refused_in_words(six: Warehouse) -> None:
    (test,) = trajectory(six.reader(), Cohort(primary_tumour=("lung",))).omnibus
    assert test.n_patients == 1
    assert test.p is None
    assert test.refused
