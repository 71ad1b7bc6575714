from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from data.warehouse import open_registry
from queries.cohort import Cohort
from queries.locations import locations
from tests.registry_of_six import registry_of_example, registry_of_six

if TYPE_CHECKING:
    from data.warehouse import Warehouse


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


def test_the_hierarchy_of_six_patients_by_hand(six: Warehouse) -> None:
    # K1 of A1 epidural and paravertebral, no symptoms, ct; K4 of A2 venous, symptoms, ct;
    # K6 of A4 intradiscal, symptoms not recorded, radiograph
    answer = locations(six.reader(), Cohort())
    found = [(b.location, b.symptoms, b.modality, b.levels, b.patients) for b in answer.branches]
    assert found == [
        ("all", "all", "all", 3, 3),
        ("epidural", "all", "all", 1, 1),
        ("epidural", "no", "all", 1, 1),
        ("epidural", "no", "ct", 1, 1),
        ("intradiscal", "all", "all", 1, 1),
        ("intradiscal", "unrecorded", "all", 1, 1),
        ("intradiscal", "unrecorded", "radiograph", 1, 1),
        ("paravertebral", "all", "all", 1, 1),
        ("paravertebral", "no", "all", 1, 1),
        ("paravertebral", "no", "ct", 1, 1),
        ("venous", "all", "all", 1, 1),
        ("venous", "yes", "all", 1, 1),
        ("venous", "yes", "ct", 1, 1),
    ]
    assert (answer.looked, answer.not_looked_for) == (8, 1)


def test_symptoms_are_counted_among_those_for_which_they_were_recorded(six: Warehouse) -> None:
    answer = locations(six.reader(), Cohort())
    assert (answer.symptomatic.k, answer.symptomatic.n) == (1, 2)
    at = {place.location: place for place in answer.places}
    assert (at["venous"].symptomatic.k, at["venous"].symptomatic.n) == (1, 1)
    assert at["intradiscal"].symptomatic.n == 0
    assert at["epidural"].symptomatic.ci_high == pytest.approx(0.975)


def test_rates_of_locations_have_the_levels_and_patients_looked_at_below_them(
    six: Warehouse,
) -> None:
    at = {place.location: place for place in locations(six.reader(), Cohort()).places}
    assert {(place.leaked.k, place.leaked.n) for place in at.values()} == {(1, 8)}
    assert {(place.of_patients.k, place.of_patients.n) for place in at.values()} == {(1, 5)}
    assert at["epidural"].routes == (("B", 1),)
    assert at["paravertebral"].routes == (("unrecorded", 1),)


def test_below_a_location_levels_add_up(example: Warehouse) -> None:
    branches = locations(example.reader(), Cohort()).branches
    for branch in branches[1:]:
        if branch.symptoms == "all":
            below = [b for b in branches if b.location == branch.location and b.modality == "all"]
            assert sum(b.levels for b in below[1:]) == branch.levels
    assert sum(b.levels for b in branches if b.symptoms == "all") == 8 + 8


def test_every_leaking_level_is_listed_at_its_location(example: Warehouse) -> None:
    leaks = locations(example.reader(), Cohort()).leaks
    assert leaks.height == 8
    assert leaks["procedure_id"].n_unique() == 8
    assert set(leaks["location"]) == {"epidural", "intradiscal", "paravertebral", "venous"}


def test_nobody_has_an_empty_root(six: Warehouse) -> None:
    answer = locations(six.reader(), Cohort(level=("T1",)))
    assert [(b.levels, b.patients) for b in answer.rows] == [(0, 0)]
    assert (answer.places, answer.symptomatic.n) == ((), 0)
