from __future__ import annotations

import csv
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.codebook import region
from data.example import SOURCE
from queries.statistics import event_difference as module
from queries.statistics.event_difference import event_difference, within_strata
from queries.statistics.event_sensitivity import (
    independent_levels,
    odds_per_unit,
    robust_levels,
)
from queries.statistics.results import Sensitivity

VALUES = (3.1, 4.0, 5.2, 4.4, 6.1, 3.9, 4.8, 5.0, 3.3, 5.9, 4.6, 2.7)
EVENTS = (1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 1)
STRATA = tuple("tlltlttltllt")
PATIENTS = (1, 2, 3, 4, 5, 6, 7, 7, 8, 8, 9, 9)

Levels = tuple[list[float], list[bool], list[str], list[str]]


@pytest.fixture(scope="module")
def example() -> Levels:
    with (SOURCE / "procedures.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return (
        [float(row["cement_ml"]) for row in rows],
        [row["leak"] == "yes" for row in rows],
        [region(row["level"]) for row in rows],
        [row["patient_id"] for row in rows],
    )


def of(found: Sensitivity | str) -> Sensitivity:
    assert isinstance(found, Sensitivity)
    return found


def difference(values: np.ndarray, events: np.ndarray, strata: np.ndarray) -> float:
    """Least squares with a mean of its own for each stratum, solved as R's lm does."""
    design = np.column_stack([events, *(strata == name for name in np.unique(strata))])
    return float(np.linalg.lstsq(design.astype(float), values, rcond=None)[0][0])


def test_the_exact_test_agrees_with_every_assignment_fitted_by_lm_in_r() -> None:
    # all 90 distinct assignments of the patients' patterns among patients with as many levels;
    # b <- coef(lm(v ~ e + r))[2] for each, mean(abs(all) >= abs(obs) - 1e-9); limits by a grid of
    # d in steps of 0.0005: range(d[mean(abs(all - d * allc) >= abs(obs - d) - 1e-9) > 0.05])
    test = event_difference(VALUES, EVENTS, STRATA, PATIENTS)
    assert test.estimate == pytest.approx(-0.153846153846154, rel=1e-12)
    assert (test.arrangements, test.exact) == (90, True)
    assert test.p == pytest.approx(0.8)
    assert (test.ci_low, test.ci_high) == pytest.approx((-1.2, 1.4835), abs=5e-4)


def test_the_estimate_on_the_example_is_that_of_lm(example: Levels) -> None:
    # coef(lm(cement_ml ~ leak + region))["leak"]
    test = event_difference(*example)
    assert test.estimate == pytest.approx(-0.191146135967, abs=1e-11)
    assert (test.n_levels, test.n_patients, test.n_events) == (64, 31, 8)
    assert test.p is not None
    assert test.ci_low is not None
    assert test.ci_high is not None
    assert not test.exact
    assert test.ci_low < test.estimate < test.ci_high
    assert test.p == pytest.approx(0.62, abs=0.02)


def test_levels_as_independent_agree_with_lm(example: Levels) -> None:
    # summary(lm(cement_ml ~ leak + region))$coefficients["leak", ]; confint
    found = of(independent_levels(within_strata(*example), 0.95))
    assert found.p == pytest.approx(0.590589728421, rel=1e-9)
    assert (found.ci_low, found.ci_high) == pytest.approx((-0.898042378906, 0.515750106971))


def test_robust_errors_agree_with_geepack(example: Levels) -> None:
    # geeglm(cement_ml ~ leak + region, id = patient, corstr = "independence", std.err = "san.se"):
    # estimate -0.191146135967, error 0.370692724412, P 0.60610183569
    found = of(robust_levels(within_strata(*example), 0.95))
    assert found.p == pytest.approx(0.60610183569, rel=1e-6)
    half = 1.959963984540054 * 0.370692724412
    assert found.ci_low == pytest.approx(-0.191146135967 - half, rel=1e-6)


def test_above_500_patients_the_robust_test_stands_in(
    example: Levels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RAO_SCOTT_ABOVE", 30)
    test = event_difference(*example)
    assert test.method == module.ROBUST
    assert test.p == pytest.approx(0.60610183569, rel=1e-6)
    assert test.ci_high == pytest.approx(-0.191146135967 + 1.959963984540054 * 0.370692724412)


def test_the_odds_ratio_agrees_with_geepack(example: Levels) -> None:
    # geeglm(leak ~ I(cement_ml - ave(cement_ml, region)), id = patient, family = binomial,
    #        corstr = "exchangeable", std.err = "san.se")
    found = of(odds_per_unit(within_strata(*example), 0.95))
    assert (found.estimate, found.ci_low, found.ci_high) == pytest.approx(
        (0.779150276521, 0.322731987414, 1.881050460064), rel=1e-4
    )
    assert found.p == pytest.approx(0.578937507403, rel=1e-4)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_the_exact_test_agrees_with_a_naive_one(seed: int) -> None:
    random = np.random.default_rng(seed)
    patients = np.array([0, 1, 2, 3, 4, 4, 5, 5, 6, 6])
    values = np.round(random.normal(size=10), 1)
    events = random.random(10) < 0.4
    strata = random.integers(2, size=10)
    test = event_difference(values, events, strata, patients)
    if test.estimate is None:
        return
    ones = {tuple(order) for order in permutations(events[:4])}
    pairs = {
        tuple(order)
        for order in permutations([tuple(events[4:6]), tuple(events[6:8]), tuple(events[8:])])
    }
    every = []
    for one, two in product(ones, pairs):
        arranged = np.array([*one, *(event for pair in two for event in pair)])
        mixed = any(
            0 < arranged[strata == s].sum() < (strata == s).sum() for s in np.unique(strata)
        )
        every.append(difference(values, arranged, strata) if mixed else 0.0)
    assert test.arrangements == len(every)
    assert test.estimate == pytest.approx(difference(values, events, strata))
    share = np.mean(np.abs(every) >= abs(test.estimate) - 1e-9)
    assert test.p == pytest.approx(share) if test.p is not None else share is not None


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_the_interval_leaves_out_zero_where_p_is_below_the_limit(seed: int) -> None:
    random = np.random.default_rng(seed)
    patients = np.repeat(np.arange(12), 2)
    events = random.random(24) < 0.3
    values = random.normal(size=24) + 1.2 * events
    test = event_difference(values, events, random.integers(3, size=24), patients)
    if test.p is None:
        return
    low = -np.inf if test.ci_low is None else test.ci_low
    high = np.inf if test.ci_high is None else test.ci_high
    assert (low <= 0 <= high) == (test.p > 0.05)


def test_the_order_of_patients_and_the_names_of_strata_change_nothing() -> None:
    order = [8, 9, 3, 0, 6, 7, 10, 11, 5, 2, 4, 1]
    first = event_difference(VALUES, EVENTS, STRATA, PATIENTS)
    names = {"t": "zebra", "l": "ant"}
    again = event_difference(
        [VALUES[place] for place in order],
        [EVENTS[place] for place in order],
        [names[STRATA[place]] for place in order],
        [f"P{20 - PATIENTS[place]}" for place in order],
    )
    assert again.p == first.p
    assert (again.estimate, again.ci_low) == pytest.approx((first.estimate, first.ci_low))


def test_scaling_the_values_does_not_change_p() -> None:
    doubled = event_difference([2 * value for value in VALUES], EVENTS, STRATA, PATIENTS)
    assert doubled.p == event_difference(VALUES, EVENTS, STRATA, PATIENTS).p


def test_one_event_cannot_reach_the_limit_and_its_estimate_stands() -> None:
    test = event_difference([1.0, 2.0, 3.0, 4.0], [1, 0, 0, 0], ["a"] * 4, range(4))
    assert test.p is None
    assert test.refused == (
        "with the event at 1 of 4 levels of 4 patients no result could reach 0.05"
    )
    assert test.estimate == pytest.approx(-2)
    assert (test.ci_low, test.ci_high) == (None, None)


@pytest.mark.parametrize(
    ("values", "events", "strata", "reason"),
    [
        ([], [], [], "nothing was measured"),
        ([1, 2], [0, 0], ["a", "a"], "no level has the event"),
        ([1, 2], [1, 1], ["a", "a"], "every level has the event"),
        ([1, 2], [1, 0], ["a", "b"], "no stratum holds both levels with the event and levels"),
        ([2, 2, 5], [1, 0, 0], ["a", "a", "b"], "no variation of the values within the strata"),
    ],
)
def test_where_there_is_no_test_a_sentence_says_why(
    values: list[float], events: list[int], strata: list[str], reason: str
) -> None:
    test = event_difference(values, events, strata, range(len(values)))
    assert (test.p, test.estimate) == (None, None)
    assert (test.refused or "").startswith(reason)


def test_values_and_outcomes_must_be_of_the_same_levels() -> None:
    with pytest.raises(ValueError, match="same levels"):
        event_difference([1, 2], [1], ["a", "a"], [1, 2])


def test_other_methods_say_why_they_give_nothing() -> None:
    few = within_strata([1, 2, 3], [1, 0, 0], ["a"] * 3, range(3))
    assert robust_levels(few, 0.95) == "no robust errors: the event in too few patients"
    needs = "no GEE: an odds ratio needs 5 levels with the event and as many without"
    assert odds_per_unit(few, 0.95) == needs
    exact = within_strata([1, 2], [1, 0], ["a"] * 2, range(2))
    nothing = "no least squares: nothing is left to judge the spread by"
    assert independent_levels(exact, 0.95) == nothing


@pytest.mark.parametrize("scale", [0.01, 1, 1_000])
def test_separated_events_have_no_odds_ratio(scale: float) -> None:
    values = [scale * value for value in (*range(10), *range(20, 30))]
    apart = within_strata(values, [0] * 10 + [1] * 10, ["a"] * 20, range(20))
    assert odds_per_unit(apart, 0.95) == "no GEE: it did not converge"


def test_a_step_that_makes_an_event_certain_is_no_solution() -> None:
    values = [-2, -2, 4, 5, -1, 0, -2, -3, -2, 0, -3, 8]
    events = [0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1]
    leap = within_strata(values, events, ["a"] * 12, [place // 3 for place in range(12)])
    assert odds_per_unit(leap, 0.95) == "no GEE: it did not converge"
