"""The page of patients as people see it: whom it shows, its words, its charts."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from data.codebook import selectable_measures
from data.warehouse import open_registry
from pages.charts.patient import course_chart
from pages.charts.patient_rows import PANEL, panels_of
from pages.charts.patient_spine import level_row, patient_spine_chart
from pages.charts.theme import DARK, LIGHT
from pages.shared import patient_tables, patient_words
from queries.cohort import Cohort
from queries.patient import patient
from queries.ranges import ranges
from tests.registry_of_events import SIX_WITH_EVENTS
from tests.registry_of_six import SIX, registry_of, registry_of_example
from tests.test_pages import address, opened, options, specs, words

if TYPE_CHECKING:
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from data.warehouse import Warehouse
    from queries.patient import Patient
    from queries.ranges import Ranges

PAGE = "patients/patient.py"


def plainly(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


@pytest.fixture(scope="module")
def six_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return registry_of(SIX_WITH_EVENTS, tmp_path_factory.mktemp("six"))


@pytest.fixture(scope="module")
def six(six_file: Path) -> Warehouse:
    return open_registry(six_file)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


def of(warehouse: Warehouse, patient_id: str) -> Patient:
    return patient(warehouse.reader(), Cohort(), patient_id=patient_id)


def behind(warehouse: Warehouse, unit: str) -> list[Ranges]:
    return [
        ranges(warehouse.reader(), Cohort(), measure=measure.code)
        for measure in selectable_measures("level" if unit == "level" else "patient")
    ]


def shown(app: AppTest) -> str:
    found = re.search(r"### Patient (\S+):", words(app))
    assert found is not None
    return found.group(1)


def press(app: AppTest, key: str) -> None:
    next(button for button in app.button if button.key == key).click().run()
    assert not app.exception


def rows(drawing: Any) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = drawing.to_dict()["datasets"]
    return found


# Whom it shows


def test_next_and_previous_walk_through_the_cohort_in_order() -> None:
    app = opened(PAGE, primary_tumour="lung")
    seen = [shown(app)]
    assert next(b for b in app.button if b.key == "button.patient_p").disabled
    for _ in range(5):
        press(app, "button.patient_n")
        seen.append(shown(app))
    assert next(b for b in app.button if b.key == "button.patient_n").disabled
    assert len(set(seen)) == 6
    assert "**6** of 6" in words(app)
    press(app, "button.patient_p")
    assert shown(app) == seen[4]


def test_a_patient_is_chosen_from_the_menu_and_no_address_names_him() -> None:
    app = opened(PAGE)
    menu = next(box for box in app.selectbox if box.key == "view.patient.menu")
    assert len(menu.options) == 31
    menu.set_value("P17").run()
    assert shown(app) == "P17"
    assert "**17** of 31" in words(app)
    assert "P17" not in str(app.query_params)


def test_the_worst_change_in_pain_comes_first_where_asked_for() -> None:
    app = opened(PAGE, order="change")
    assert shown(app) == "P05"  # half a point worse at 12 months, as P21, operated on later
    press(app, "button.patient_n")
    assert shown(app) == "P21"
    assert address(app, "order") == "change"


def test_another_order_keeps_the_patient() -> None:
    app = opened(PAGE)
    press(app, "button.patient_n")
    name = shown(app)
    next(box for box in app.selectbox if box.key == "view.patient.order").set_value("change").run()
    assert shown(app) == name


def test_a_filter_that_drops_the_patient_moves_to_the_first_and_says_so() -> None:
    app = opened(PAGE)
    press(app, "button.patient_n")
    assert shown(app) == "P02"
    options(app, "primary_tumour").select("breast").run()
    assert shown(app) == "P01"
    assert patient_words.MOVED in words(app)
    press(app, "button.patient_n")
    assert patient_words.MOVED not in words(app)


def test_a_filter_that_keeps_the_patient_keeps_the_page() -> None:
    app = opened(PAGE)
    press(app, "button.patient_n")
    options(app, "sex").select("M").run()
    assert shown(app) == "P02"
    assert patient_words.MOVED not in words(app)


def test_patients_like_this_one_are_a_cohort_of_the_same_tumour_and_region() -> None:
    app = opened(PAGE)
    assert "8 other patients. A group to look at, not a forecast." in plainly(words(app))
    press(app, "button.patients_like")
    assert "**9** patients" in words(app)
    assert (address(app, "primary_tumour"), address(app, "region_rule")) == ("breast", "any")
    assert address(app, "region") == "thoracic,thoracolumbar"
    assert shown(app) == "P01"


def test_nobody_is_a_sentence_without_a_chart() -> None:
    app = opened(PAGE, primary_tumour="melanoma", sex="F")
    assert "Patient: nobody matches the filter, so there is nobody to show." in words(app)
    assert specs(app) == []


# What it says


def test_the_page_says_what_happened_first(six_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KYPHO_REGISTRY", str(six_file))
    text = plainly(words(opened(PAGE)))
    assert "### Patient A1: woman, 72 years, breast primary" in text
    assert (
        "Treated: T8, L1 on 2022-01-10; last seen alive, day 387. Pain (VAS) 8.0 before, 2.0 at "
        "12 months: −6.0 points (better), threshold reached. Disability (ODI) 60.0 before, 20.0 at "
        "12 months: −40.0 points (better), threshold reached. Events: adjacent fracture (day 100, "
        "recorded with T8); adjacent fracture (day 264, recorded with L1). :gray[[SYNTHETIC]]"
    ) in text
    assert "One patient is no sample: nothing here is tested" in text
    assert "| 3 mo | 3.0 (−5.0) ● | 30.0 (−30.0) ● |" in text
    assert "Nothing is missing at the visits that this registry knows" not in text
    assert "Missing. 3 months: films of T8, L1 (not recorded)" in text


def test_a_change_for_the_worse_and_inside_the_error_is_said(example: Warehouse) -> None:
    said = plainly(patient_words.change_sentence(of(example, "P02")))
    assert said == (
        "Pain (VAS) 6.5 before, 6.5 at 12 months: 0.0 points, threshold not reached. Disability "
        "(ODI) 60.0 before, 70.0 at 12 months: +10.0 points (worse), inside the measurement error "
        "of 10 points."
    )


def test_without_a_baseline_no_change_is_said(six: Warehouse) -> None:
    said = patient_words.change_sentence(of(six, "A4"))
    assert said.startswith("Pain (VAS) 5.0 at 6 months, no value before the operation.")


def test_a_death_of_unknown_day_is_a_span(six: Warehouse) -> None:
    answer = of(six, "A4")
    assert answer.person is not None
    said = patient_words.treated_sentence(answer, answer.person, hidden=True)
    assert said == "Treated: L2, L4; died, day 334 to 364."


def test_two_sessions_and_levels_outside_the_choice_are_counted(six: Warehouse) -> None:
    answer = patient(six.reader(), Cohort(surgeon=("Berg",)), patient_id="A2")
    assert answer.person is not None
    said = patient_words.treated_sentence(answer, answer.person, hidden=False)
    assert said.startswith(
        "Treated: L3, L3 (1 not in this choice) in 2 sessions, first on 2022-03-01; "
    )


def test_films_are_judged_against_the_measurement_error(six: Warehouse) -> None:
    said = plainly(patient_words.films_sentence(of(six, "A1")))
    # heights of K1 and K2 gained 5 and 6 mm (error 4.5), K1 lost 2 since; angles 6 and 2 of 7
    assert said == (
        "Anterior height: 2 of 2 levels better by more than the measurement error of 4.5 mm after "
        "the operation, 0 of 1 worse by more than it since. Kyphosis angle: 0 of 2 levels better "
        "by more than the measurement error of 7.0° after the operation, 0 of 2 worse by more "
        "than it since."
    )


def test_the_dead_and_the_lost_are_named_where_values_are_missing(six: Warehouse) -> None:
    dead = patient_words.missing_sentence(of(six, "A3"))
    assert "6 months: pain, disability, films of T12 (dead)" in dead
    assert "(lost to follow-up)" in patient_words.missing_sentence(of(six, "A5"))


def test_the_oldest_are_one_group_while_identifiers_are_hidden() -> None:
    assert patient_words.age_words(93, hidden=True) == "90 years or over"
    assert patient_words.age_words(93, hidden=False) == "93 years"
    assert patient_words.age_words(None, hidden=True) == "age not recorded"


def test_tables_hold_thresholds_films_and_what_is_missing(six: Warehouse) -> None:
    answer = of(six, "A1")
    thresholds = patient_tables.threshold_rows(answer)
    assert thresholds[0]["threshold"] == "fall ≥ 1.5 points (low back pain consensus)"
    states = {row["threshold"].split(" (")[0]: row["12 months"] for row in thresholds}
    assert states["final ≤ 5 points"] == "reached"
    assert states["final ≤ 18.1 points"] == "not reached"  # disability 20
    films = {(row["level"], row["measure"]): row for row in patient_tables.film_rows(answer)}
    angle = films["T8", "Kyphosis angle"]
    assert (angle["before"], angle["after"], angle["last film"]) == (
        "20.0°",
        "14.0°",
        "16.0° (12 months)",
    )
    assert (angle["gain"], angle["loss"]) == ("−6.0 ±", "+2.0 ±")
    assert films["T8", "Anterior height"]["gain"] == "+5.0"
    leaks = [row["leak"] for row in patient_tables.treated_rows(answer, hidden=True)]
    assert leaks == [
        "epidural by the basivertebral vein, paravertebral, no symptoms (ct)",
        "none (ct)",
    ]
    gaps = patient_tables.missing_rows(of(six, "A3"))
    assert {"visit": "6 months", "missing": "Pain (VAS)", "why": "dead"} in gaps


def test_a_table_of_scores_has_the_cohort_beside_it(six: Warehouse) -> None:
    found = patient_tables.score_rows(of(six, "A1"), behind(six, "patient"))
    first = next(row for row in found if row["measure"] == "Pain (VAS)")
    assert first == {
        "measure": "Pain (VAS)",
        "visit": "before the operation",
        "day": "−5",
        "value": "8.0",
        "median of the choice": "8.0 (7.0 to 8.0; n = 5)",
    }


# What it draws


@pytest.mark.parametrize("unit", ["patient", "level"])
@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["P01", "P05", "P07", "P22"])
def test_every_value_of_the_patient_is_a_point(
    example: Warehouse, name: str, colours: Any, unit: str
) -> None:
    answer, films = of(example, name), unit == "level"
    drawn = rows(course_chart(answer, behind(example, unit), colours, films=films))
    codes = {measure.code for measure in selectable_measures("level" if films else "patient")}
    frame = answer.films if films else answer.scores
    assert len(drawn["values"]) == frame.filter(frame["measure"].is_in(list(codes))).height
    bottom = max(row["bottom"] for row in drawn["windows"])
    assert all(0 < row["y"] < bottom for row in drawn["values"])


def test_a_point_lies_on_its_panels_scale(six: Warehouse) -> None:
    answer = of(six, "A1")
    pain, *_ = panels_of(answer, behind(six, "patient"), 100)
    assert (pain.y(10), pain.y(0)) == (pain.top, pain.top + PANEL)
    assert pain.y(99) == pain.top
    drawn = rows(course_chart(answer, behind(six, "patient"), LIGHT))["values"]
    assert [(row["day"], row["label"]) for row in drawn if row["panel"] == 0] == [
        (-5, "8.0"),
        (4, "4.0"),
        (90, "3.0"),
        (181, "2.0"),
        (365, "2.0"),
    ]


def test_the_cohorts_range_lies_in_the_visits_window(six: Warehouse) -> None:
    drawn = rows(course_chart(of(six, "A1"), behind(six, "patient"), LIGHT))["boxes"]
    first = drawn[0]
    assert (first["from"], first["to"], first["n"]) == (-90, 0, "5")
    assert first["p90"] <= first["q3"] <= first["median"] <= first["q1"] <= first["p10"]
    assert first["of"] == "5 patients"


def test_what_is_missing_is_named_in_its_window(example: Warehouse) -> None:
    drawn = rows(course_chart(of(example, "P07"), behind(example, "patient"), LIGHT))
    assert {row["label"] for row in drawn["gaps"]} == {"dead"}
    assert {row["middle"] for row in drawn["gaps"]} == {385.5}
    assert drawn["life"][0]["label"] == "died, day 248"


def test_a_value_without_a_day_is_a_ring_in_the_middle_of_its_window(tmp_path: Path) -> None:
    files = SIX | {"follow_ups.csv": SIX["follow_ups.csv"] + "A5,m6,,3,,\n"}
    warehouse = open_registry(registry_of(files, tmp_path))
    answer = of(warehouse, "A5")
    drawn = rows(course_chart(answer, behind(warehouse, "patient"), LIGHT))["values"]
    ring = next(row for row in drawn if row["undated"])
    assert (ring["day"], ring["days"], ring["when"]) == (203, "not written down", "6 months")
    assert "Rings: day not written down" in patient_words.chart_legend(answer, films=False)


def test_events_that_lie_close_are_named_on_two_rows(six: Warehouse) -> None:
    drawn = rows(course_chart(of(six, "A1"), behind(six, "patient"), LIGHT))["flags"]
    assert [(row["kind"], row["day"], row["label"]) for row in drawn] == [
        ("operation", 0, "T8, L1"),
        ("event", 100, "adjacent fracture (T8)"),
        ("event", 264, "adjacent fracture (L1)"),
    ]
    assert drawn[1]["shape"] == "triangle-down"


def test_names_of_levels_do_not_hide_each_other(example: Warehouse) -> None:
    drawn = rows(course_chart(of(example, "P14"), behind(example, "level"), LIGHT, films=True))
    for panel in {row["panel"] for row in drawn["names"]}:
        heights = sorted(row["beside"] for row in drawn["names"] if row["panel"] == panel)
        assert len(heights) == 5
        assert all(below - above >= 12 for above, below in pairwise(heights))


def test_a_registry_of_procedures_only_draws_the_operations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = {name: SIX[name] for name in ("source.toml", "patients.csv", "procedures.csv")}
    path = registry_of(bare, tmp_path)
    warehouse = open_registry(path)
    drawn = rows(course_chart(of(warehouse, "A1"), behind(warehouse, "patient"), LIGHT))
    assert set(drawn) == {"windows", "life", "flags"}
    monkeypatch.setenv("KYPHO_REGISTRY", str(path))
    text = words(opened(PAGE))
    assert "No score of pain (VAS) and disability (ODI) after the operation is on record." in text


def test_the_spine_tells_cement_leak_and_fracture_beside_the_level(six: Warehouse) -> None:
    answer = of(six, "A1")
    assert plainly(level_row(answer, "T8")["words"]) == (
        "cement not recorded · leak epidural, paravertebral ▼ adjacent fracture"
    )
    assert level_row(answer, "T8")["state"] == "leak"
    assert level_row(answer, "T9") == {"level": "T9", "state": "untouched", "words": ""}
    twice = plainly(level_row(of(six, "A2"), "L3")["words"])
    assert twice.startswith(
        "day 0: cement not recorded; day 365: cement not recorded · leak venous"
    )
    alone = patient(six.reader(), Cohort(level=("L1",)), patient_id="A1")
    assert level_row(alone, "T8")["state"] == "outside"
    assert len(rows(patient_spine_chart(answer, LIGHT))["levels"]) == 17


def test_every_chart_says_itself_in_words(six: Warehouse) -> None:
    answer = of(six, "A1")
    said = patient_words.chart_alt(answer, behind(six, "patient"), films=False)
    assert said.startswith("Chart of one patient over the days since the first operation")
    assert "2 events" in said
    assert "n = 6 patients" in said
    assert patient_words.spine_alt(answer) == (
        "Spine with the treated levels of one patient. T1 to L5, n = 2: T8 with a leak, L1."
    )
