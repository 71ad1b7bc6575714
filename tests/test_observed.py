"""Complete pairs beside the models: what each estimate is, and where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import queries.modelled
from data.example import example_registry
from data.warehouse import open_registry
from queries.cohort import Cohort
from queries.modelled import ALIVE, MIXED
from queries.observed import MEAN_OF_PAIRS, METHODS, PAIRS, ByMethod, by_method
from queries.trajectory import trajectory

if TYPE_CHECKING:
    from data.warehouse import Warehouse


@pytest.fixture(scope="module")
def example() -> Warehouse:
    return open_registry(example_registry())


def at(methods: tuple[ByMethod, ...], visit: str) -> dict[str, ByMethod]:
    return {found.method: found for found in methods if found.visit == visit}


def test_every_visit_has_the_pairs_twice_and_both_models(example: Warehouse) -> None:
    answer = trajectory(example.reader(), Cohort())
    methods = by_method(answer)
    assert [found.visit for found in methods[::4]] == ["post", "m3", "m6", "m12"]
    last, test = at(methods, "m12"), answer.paired[-1]
    assert tuple(last) == METHODS
    assert (last[PAIRS].estimate, last[PAIRS].ci_low) == (test.estimate, test.ci_low)
    # as R gives them: test_modelled.py, test_visit_rows.py
    assert last[MEAN_OF_PAIRS].estimate == pytest.approx(-4.375)
    assert last[MIXED].estimate == pytest.approx(-4.33096205547, rel=1e-3)
    assert last[ALIVE].estimate == pytest.approx(-4.40149769585, rel=1e-4)
    assert {found.n for found in last.values()} == {28}
    assert {found.refused for found in methods} == {None}


def test_too_few_patients_have_a_reason_in_the_place_of_each_model(example: Warehouse) -> None:
    methods = by_method(trajectory(example.reader(), Cohort(age_to=52)))
    reasons = {found.refused for found in methods if found.method in (MIXED, ALIVE)}
    assert all("needs 10 patients" in str(reason) for reason in reasons)
    assert all(found.estimate is None for found in methods if found.refused)


def test_many_patients_have_the_models_on_request_alone(
    example: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries.modelled, "MODEL_ON_REQUEST", 30)
    found = at(by_method(trajectory(example.reader(), Cohort())), "m12")
    assert tuple(found) == (PAIRS, MEAN_OF_PAIRS, MIXED)
    assert "on request only" in str(found[MIXED].refused)
