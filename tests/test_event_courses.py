from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from data.codebook import EVENT_KINDS
from data.warehouse import open_registry
from queries.cohort import Cohort
from queries.event_courses import MOST_COURSES, event_courses
from queries.events import events
from queries.questions import descriptive_rows
from tests.awkward import COHORTS
from tests.registry_of_events import SIX_WITH_EVENTS, lung_with_events
from tests.registry_of_six import registry_of, registry_of_six

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of(SIX_WITH_EVENTS, tmp_path_factory.mktemp("six")))


@pytest.fixture(scope="module")
def lung(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of(lung_with_events(3), tmp_path_factory.mktemp("lung")))


def test_the_six_courses_are_as_long_as_they_were_followed(six: Warehouse) -> None:
    answer = event_courses(six.reader(), Cohort())
    assert answer.courses.select("patient_id", "time_days", "died", "uncertain").rows() == [
        ("A2", 558, False, False),
        ("A1", 387, False, False),
        ("A4", 349, True, True),
        ("A3", 123, True, False),
        ("A6", 99, False, False),
        ("A5", 97, False, False),
    ]
    assert answer.courses["levels"].to_list() == [
        ["L3"],  # treated twice, named once
        ["T8", "L1"],
        ["L2", "L4"],
        ["T12"],
        ["L5"],
        ["T5"],
    ]
    assert (answer.recorded, answer.everybody) == (True, True)
    assert (answer.n_patients, answer.n_with_event) == (6, 5)


def test_every_counted_event_stands_on_its_course(six: Warehouse) -> None:
    answer = event_courses(six.reader(), Cohort())
    assert answer.marks.rows() == [
        ("A5", "revision", 0, "T5"),
        ("A1", "adjacent_fracture", 100, "T8"),
        ("A6", "adjacent_fracture", 109, None),
        ("A4", "infection", 223, "L2"),
        ("A1", "adjacent_fracture", 264, "L1"),
        ("A2", "adjacent_fracture", 426, None),
    ]
    # one before the operation, one after the death, one without a date
    assert answer.left_out == 3


def test_the_events_of_all_kinds_add_up_to_those_counted(six: Warehouse) -> None:
    counted = sum(count.events for count in events(six.reader(), Cohort()).counts)
    assert event_courses(six.reader(), Cohort()).marks.height == counted


def test_a_large_cohort_shows_those_with_an_event_followed_longest(lung: Warehouse) -> None:
    answer = event_courses(lung.reader(), Cohort())
    assert answer.n_patients > MOST_COURSES
    assert not answer.everybody
    assert answer.courses.height == MOST_COURSES < answer.n_with_event
    days = answer.courses["time_days"].to_list()
    assert days == sorted(days, reverse=True)
    assert set(answer.marks["patient_id"]) == set(answer.courses["patient_id"])


def test_a_filter_starts_the_course_at_its_own_operation(six: Warehouse) -> None:
    # Berg operated on A2 on day 365 of the first operation
    answer = event_courses(six.reader(), Cohort(surgeon=("Berg",), primary_tumour=("lung",)))
    assert answer.courses.select("patient_id", "time_days").rows() == [("A2", 193)]
    assert answer.marks.select("kind", "day").rows() == [("adjacent_fracture", 61)]
    assert answer.left_out == 1


def test_rows_hold_each_course_with_its_events(six: Warehouse) -> None:
    rows = event_courses(six.reader(), Cohort()).rows
    assert [len(row["marks"]) for row in rows] == [1, 2, 1, 0, 1, 1]
    assert rows[1]["marks"][0] == {"kind": "adjacent_fracture", "day": 100, "level": "T8"}


def test_nobody_and_nothing_recorded_are_told_apart(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    without = open_registry(registry_of_six(tmp_path_factory))
    answer = event_courses(without.reader(), Cohort())
    assert (answer.recorded, answer.courses.height, answer.marks.height) == (False, 6, 0)
    nobody = event_courses(without.reader(), Cohort(level=("T1",)))
    assert (nobody.n_patients, nobody.rows) == (0, ())
    bare = open_registry(registry_of(dict(COHORTS["procedures only"].files), tmp_path))
    assert event_courses(bare.reader(), Cohort()).courses["died"].to_list() == [False] * 12


# All kinds at once


def test_every_kind_is_a_row_of_the_command_beside_the_curve(six: Warehouse) -> None:
    answer = events(six.reader(), Cohort())
    rows = descriptive_rows(answer)
    assert rows[: len(answer.rows)] == [asdict(row) for row in answer.rows]
    kinds = [row for row in rows if row["time_days"] is None]
    assert tuple(row["kind"] for row in kinds) == EVENT_KINDS
    for row in kinds:
        alone = events(six.reader(), Cohort(), kind=row["kind"]).rows[0]
        assert {name: row[name] for name in row if name in WHOLE} == {
            name: getattr(alone, name) for name in WHOLE
        }


WHOLE = (
    *("n", "patients_with_event", "all_events", "deaths_before", "uncertain_deaths", "left_out"),
    *("patient_years", "per_100_years", "per_100_years_low", "per_100_years_high"),
    *("one_year", "one_year_low", "one_year_high", "one_year_upper"),
)


def test_where_nothing_is_recorded_no_kind_has_a_rate(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    without = open_registry(registry_of_six(tmp_path_factory))
    rows = events(without.reader(), Cohort()).kind_rows
    assert {(row.per_100_years, row.one_year, row.one_year_upper) for row in rows} == {
        (None, None, None)
    }
