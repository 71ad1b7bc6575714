"""The courses of patients and all kinds of events as people see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from data.codebook import EVENT_KINDS
from data.warehouse import open_registry
from pages.charts.event_courses import event_courses_chart
from pages.charts.event_kinds import event_kinds_chart
from pages.charts.event_marks import letter, shape
from pages.charts.theme import DARK, LIGHT
from pages.shared import event_course_words as course_words
from pages.shared.event_words import kind_label
from queries.cohort import Cohort
from queries.event_courses import MOST_COURSES, event_courses
from queries.events import events
from tests.registry_of_events import SIX_WITH_EVENTS, lung_with_events
from tests.registry_of_six import registry_of, registry_of_six
from tests.test_pages import address, opened, specs, words

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse

PAGE = "follow_up/events.py"


def plainly(text: str) -> str:
    return text.replace("\u202f", " ")


@pytest.fixture(scope="module")
def six_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return registry_of(SIX_WITH_EVENTS, tmp_path_factory.mktemp("six"))


@pytest.fixture(scope="module")
def six(six_file: Path) -> Warehouse:
    return open_registry(six_file)


@pytest.fixture(scope="module")
def lung(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of(lung_with_events(3), tmp_path_factory.mktemp("lung")))


def rows(drawing: Any) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = drawing.to_dict()["datasets"]
    return found


# The page


def test_the_page_shows_each_patients_course_with_the_new_fractures_beside_it() -> None:
    app = opened(PAGE, view="patients")
    text = words(app)
    assert "### Events on the course of each patient" in text
    assert (
        "5 of 31 patients followed had an event: 3 adjacent fractures, 1 readmission, 1 remote "
        "fracture. :gray[[SYNTHETIC]]"
    ) in text
    assert "| P16 | 266 | adjacent | L1 | L1 |" in text
    assert "| P15 | 201 | remote | – | T7 T8 T9 |" in text
    assert "which vertebra broke is not recorded" in text
    assert "A adjacent fracture, H readmission, R remote fracture." in text
    (alternative,) = specs(app)
    assert "31 patients, n = 31 followed" in alternative
    assert address(app, "view") == "patients"


def test_the_page_shows_every_kind_with_its_rate_and_its_incidence() -> None:
    app = opened(PAGE, view="kinds")
    text = words(app)
    assert "### All kinds of events in patients" in text
    assert "5 events of 3 kinds in 31 patients followed. None recorded of revisions," in text
    assert (
        "| Adjacent fracture | 3 | 3 of 31 | 2 | 9.9 % (95 % CI 3.4 to 29.0 %) | "
        "10.1 (2.1 to 29.6) | 0 |"
    ) in text
    assert "| Infection | 0 | 0 of 31 | 2 | none (up to 16.1 %) | none (up to 11.6) | 0 |" in text
    (alternative,) = specs(app)
    assert "Rates: adjacent fracture 10.1 (2.1 to 29.6); readmission" in plainly(alternative)


@pytest.mark.parametrize("view", ["patients", "kinds"])
def test_a_registry_without_events_says_so_in_every_view(
    view: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KYPHO_REGISTRY", str(registry_of_six(tmp_path_factory)))
    app = opened(PAGE, view=view)
    text = words(app)
    assert "No event is recorded in this registry, so nothing can be said about" in text
    assert "none (up to" not in text
    assert specs(app) == []


@pytest.mark.parametrize("view", ["patients", "kinds"])
def test_nobody_is_a_sentence_in_every_view(view: str) -> None:
    app = opened(PAGE, view=view, primary_tumour="melanoma", sex="F")
    assert "Events: nobody matches the filter, so there is nothing to show." in words(app)
    assert specs(app) == []


def test_a_choice_without_an_event_still_shows_its_courses() -> None:
    app = opened(PAGE, view="patients", primary_tumour="lung")
    text = words(app)
    assert "None of 6 patients followed had an event that is recorded." in text
    assert "No new fracture is on these courses." in text
    assert len(specs(app)) == 1
    kinds = words(opened(PAGE, view="kinds", primary_tumour="lung"))
    assert "No event of any kind is recorded in this choice of 6 patients followed." in kinds


def test_what_has_no_place_on_a_course_is_counted(
    six_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KYPHO_REGISTRY", str(six_file))
    text = words(opened(PAGE, view="patients"))
    assert "5 of 6 patients followed had an event: 4 adjacent fractures, 1 infection" in text
    assert "Not drawn: 3 events without a place in the time after the operation." in text


# The charts


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_marks_stand_on_their_courses_in_months(six: Warehouse, colours: Any) -> None:
    drawn = rows(event_courses_chart(event_courses(six.reader(), Cohort()), colours, "infection"))
    assert [(row["who"], row["mark"]) for row in drawn["courses"]] == [
        ("A2 · L3", "▸"),
        ("A1 · T8 L1", "▸"),
        ("A4 · L2 L4", "†"),
        ("A3 · T12", "†"),
        ("A6 · L5", "▸"),
        ("A5 · T5", "▸"),
    ]
    assert drawn["courses"][2]["end"] == "died, day not known"
    first = next(row for row in drawn["marks"] if row["kind"] == "adjacent fracture")
    assert (first["who"], first["words"], first["day"]) == ("A1 · T8 L1", "A T8", 100)
    assert first["months"] == pytest.approx(100 / (365.25 / 12))
    assert {row["kind"] for row in drawn["marks"] if row["chosen"]} == {"infection"}


def test_a_large_cohort_says_how_many_it_draws(lung: Warehouse) -> None:
    answer = event_courses(lung.reader(), Cohort())
    said = course_words.courses_sentence(answer)
    assert f"; on the {MOST_COURSES} courses drawn: " in said
    assert f"at most {MOST_COURSES}, longest first" in course_words.courses_legend(
        answer, "revision"
    )
    drawn = rows(event_courses_chart(answer, LIGHT, "adjacent_fracture"))
    assert len(drawn["courses"]) == MOST_COURSES


def test_every_kind_has_a_letter_and_a_shape_of_its_own() -> None:
    assert len({letter(kind) for kind in EVENT_KINDS}) == len(EVENT_KINDS)
    assert len({shape(kind) for kind in EVENT_KINDS}) == len(EVENT_KINDS)
    assert letter("stroke") == "S"


# In R: poisson.test(3, 1204 / 365.25)$conf.int * 100; poisson.test(0, 1613 / 365.25)
def test_kinds_that_never_happened_are_upper_bounds(six: Warehouse) -> None:
    drawn = rows(event_kinds_chart(events(six.reader(), Cohort()), LIGHT, kind_label))["kinds"]
    first, *others = drawn
    assert (first["kind"], first["counts"]) == ("Adjacent fracture", "3 of 6 patients, 4 events")
    assert (first["low"], first["high"]) == pytest.approx((18.76827183452, 265.96731633915))
    never = [row for row in others if row["none"]]
    assert {row["rates"] for row in never} == {"none, up to 83.5"}
    assert [row["none"] for row in drawn] == sorted(row["none"] for row in drawn)


def test_the_table_of_courses_names_every_event(six: Warehouse) -> None:
    found = course_words.course_rows(event_courses(six.reader(), Cohort()))
    assert found[1] == {
        "patient": "A1",
        "treated": "T8, L1",
        "events": "adjacent fracture (T8), day 100; adjacent fracture (L1), day 264",
        "followed": "12.7 months",
        "end": "last seen alive",
    }
    assert found[3]["events"] == "none recorded"
    assert found[2]["end"] == "died, day not known"
