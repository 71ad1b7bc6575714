"""The page of cement leakage: what each view says, and who may see which."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import streamlit as st

from data.warehouse import open_registry
from pages.charts.cement import cement_chart
from pages.charts.funnel import funnel_chart
from pages.charts.locations import locations_chart
from pages.charts.monitoring import monitoring_chart
from pages.charts.published import published_chart
from pages.charts.theme import LIGHT
from pages.shared import cohort_bar, funnel_words, monitoring_words, published_words
from pages.shared.compare import SURGEONS_VARIABLE
from pages.shared.identifiers import HIDE_VARIABLE
from pages.views import leakage as view
from queries import monitoring as monitoring_question
from queries.cement import cement
from queries.cohort import Cohort
from queries.funnel import funnel
from queries.locations import locations
from queries.monitoring import monitoring
from queries.published import published
from tests.drawings import drawn
from tests.registry_of_six import registry_of_example, registry_of_six
from tests.test_pages import LEAKAGE, opened, specs, words

if TYPE_CHECKING:
    from data.warehouse import Reader, Warehouse


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


@pytest.fixture
def reader(example: Warehouse) -> Reader:
    return example.reader()


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


# The spine and the click


def test_a_chosen_level_is_listed_and_the_spine_keeps_all_levels() -> None:
    app = opened(LEAKAGE, level="T10")
    text = words(app)
    assert "Cement leaked at 3 of 5 levels" in text
    assert "**Levels in this choice: T10**" in text
    assert "| P04 | 2021-05-20 | epidural |" in text
    assert "Ringed: the level chosen (T10)" in text
    assert "T12 1 of 9" in specs(app)[0]


def test_several_chosen_levels_are_listed_with_their_names() -> None:
    text = words(opened(LEAKAGE, level="T10,T11"))
    assert "**Levels in this choice: T10, T11**" in text
    assert "| patient | level | operated | leak |" in text


@pytest.mark.parametrize("params", [{"level": "T10"}, {"view": "locations"}, {"view": "volume"}])
def test_hidden_identifiers_are_hidden_in_lists_and_charts(
    params: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HIDE_VARIABLE, "yes")
    app = opened(LEAKAGE, **params)
    shown = words(app) + "".join(chart.proto.spec for chart in app.get("vega_lite_chart"))
    assert "2021-05-20" not in shown
    assert not re.search(r"\bP\d\d\b", shown)


class Session(dict[str, Any]):
    """A session's keys, as the callbacks see them."""


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch, reader: Reader) -> Session:
    kept = Session({cohort_bar.CURRENT: Cohort(sex=("F",))})
    monkeypatch.setattr(st, "session_state", kept)
    monkeypatch.setattr(cohort_bar, "ask", lambda question, cohort: question(reader, cohort))
    return kept


def levels(session: Session) -> list[str]:
    found: list[str] = session["cohort.level"]
    return found


def chosen(session: Session, **fields: Any) -> None:
    session[cohort_bar.CURRENT] = Cohort(**fields)


def test_a_click_filters_to_a_level_and_a_second_one_lifts_the_filter(session: Session) -> None:
    cohort_bar.toggle_level("T10")
    assert levels(session) == ["T10"]
    assert session["cohort.sex"] == ["F"]
    chosen(session, sex=("F",), level=("T10",))
    cohort_bar.toggle_level("T10")
    assert levels(session) == []
    assert session["cohort.sex"] == ["F"]


def test_a_click_on_one_of_several_levels_leaves_that_one(session: Session) -> None:
    chosen(session, level=("T10", "T11"))
    session["cohort.level"] = ["T10", "T11"]
    cohort_bar.toggle_level("T10")
    assert levels(session) == ["T10"]


def test_a_level_outside_the_chosen_region_replaces_it(session: Session) -> None:
    chosen(session, region=("lumbar",))
    session["cohort.region"] = ["lumbar"]
    cohort_bar.toggle_level("L4")
    assert session["cohort.region"] == ["lumbar"]
    cohort_bar.toggle_level("T10")
    assert not session["cohort.region"]
    assert levels(session) == ["T10"]


def test_a_level_that_nobody_was_treated_at_changes_nothing(session: Session) -> None:
    before = dict(session)
    cohort_bar.toggle_level("T1")
    assert dict(session) == before


class Event:
    """What a chart tells of its marks."""

    def __init__(self, *marked: str) -> None:
        self.selection = {"picked": [{"group": level} for level in marked]}


@pytest.mark.parametrize(
    ("before", "now", "clicked"),
    [
        ((), ("T10",), ["T10"]),
        (("T10",), ("T10", "L1"), ["L1"]),
        (("T10", "L1"), ("L1",), ["T10"]),
        (("T10",), ("T10",), []),
    ],
)
def test_the_level_that_changed_is_the_one_that_was_clicked(
    monkeypatch: pytest.MonkeyPatch,
    before: tuple[str, ...],
    now: tuple[str, ...],
    clicked: list[str],
) -> None:
    found: list[str] = []
    monkeypatch.setattr(st, "session_state", {view.PICKED: before, view.CHART: Event(*now)})
    monkeypatch.setattr(view, "toggle_level", found.append)
    view._clicked()
    assert found == clicked


# Where the cement went


def test_locations_are_said_with_both_denominators_and_an_upper_bound() -> None:
    app = opened(LEAKAGE, view="locations")
    text = words(app)
    assert "8 levels of 64 looked at leaked, in 7 patients." in text
    assert "With symptoms: 0 of 8 leaking levels (up to 39.1 % cannot be excluded)" in text
    assert "| venous | segmental vein 2 | 2 of 64 | 0.7 % to 13.3 % | 2 of 31 |" in text
    assert next(folded.label for folded in app.expander if "level" in folded.label) == (
        "epidural · 1 level"
    )
    assert "| P20 | T10 | 2022-11-09 | no |" in text


def test_bars_of_locations_are_divided_by_symptoms(six: Warehouse) -> None:
    rows = drawn(locations_chart(locations(six.reader(), Cohort()), LIGHT))
    assert {(row["location"], row["symptoms"], row["levels"]) for row in rows["bars"]} == {
        ("epidural", "without symptoms", 1),
        ("intradiscal", "symptoms not recorded", 1),
        ("paravertebral", "without symptoms", 1),
        ("venous", "with symptoms", 1),
    }
    assert {row["location"]: row["words"] for row in rows["totals"]} == {
        "epidural": "none of 1 (up to 97.5\u202f%)",
        "intradiscal": "not recorded",
        "paravertebral": "none of 1 (up to 97.5\u202f%)",
        "venous": "1 of 1",
    }


def test_no_leak_is_no_place(reader: Reader) -> None:
    assert "No leak among 56 levels looked at" in words(
        opened(LEAKAGE, view="locations", leak="no")
    )


# Volume


def test_volume_is_said_with_its_interval_and_what_it_cannot_exclude() -> None:
    text = words(opened(LEAKAGE, view="volume"))
    assert "leaking levels held 0.2 ml less cement than the others (95 % CI −0.9 to 0.7)" in text
    assert "this cannot exclude 0.9 ml less or 0.7 ml more" in text
    assert "fewer than 10 patients have a leak" in text
    assert "levels as independent, least squares within regions" in text


def test_too_few_leaks_are_refused_in_words() -> None:
    text = words(opened(LEAKAGE, view="volume", region="lumbar"))
    assert "no test, with a leak at 1 of 13 levels of 8 patients no result could reach 0.05" in text


def test_every_level_is_a_dot_in_the_lane_of_its_region_and_leak(reader: Reader) -> None:
    answer = cement(reader, Cohort())
    rows = drawn(cement_chart(answer, LIGHT))
    assert len(rows["dots"]) == 64
    assert sum(row["kind"] == "leak" for row in rows["dots"]) == 8
    assert [row["kind"] for row in rows["lanes"]] == ["leak", "no leak"] * 3
    assert {(row["ml"], row["y"]) for row in rows["dots"]} != set()
    spots = [(row["ml"], row["y"]) for row in rows["dots"]]
    assert len(set(spots)) == len(spots)


def test_above_the_most_marks_boxes_stand_in(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.charts.cement.MOST_MARKS", 50)
    rows = drawn(cement_chart(cement(reader, Cohort()), LIGHT))
    assert set(rows) == {"lanes"}


# Surgeons


def test_surgeons_are_not_on_offer_unless_the_department_allows_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def offered() -> list[str]:
        app = opened(LEAKAGE)
        (control,) = (one for one in app.main.get("button_group") if one.key == "view.leakage.view")
        return list(control.options)

    assert "Surgeons" not in offered()
    monkeypatch.setenv(SURGEONS_VARIABLE, "yes")
    assert "Surgeons" in offered()


def test_the_funnel_says_that_it_is_no_league_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SURGEONS_VARIABLE, "yes")
    text = words(opened(LEAKAGE, view="surgeons"))
    assert "3 surgeons around the rate of all, 8 of 64 levels" in text
    assert "none outside the 95 % limits" in text
    assert "No league table" in text
    assert "| B | 3 of 24 | 12.5 % | 3 of 11 | 0 to 6 leaks | 0 to 9 leaks |" in text


def test_a_surgeon_outside_the_limits_is_said_with_the_counts(reader: Reader) -> None:
    answer = funnel(reader, Cohort())
    out = [
        type(row)(**{**vars(row), "position": "above 95", "position_effective": "within"})
        for row in answer.rows[:1]
    ]
    changed = type(answer)(**{**vars(answer), "rows": (*out, *answer.rows[1:])})
    said = funnel_words.funnel_sentence(changed).replace("\u202f", " ")
    assert "A 2 of 32, above the 95 % limit but within it once" in said
    points = drawn(funnel_chart(changed, LIGHT))["surgeons"]
    assert [row["out"] for row in points] == [True, False, False]


def test_one_surgeon_has_no_funnel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SURGEONS_VARIABLE, "yes")
    text = words(opened(LEAKAGE, view="surgeons", surgeon="A"))
    assert "No funnel: there is only one surgeon, who is the whole rate." in text


def test_levels_without_a_surgeon_are_left_out_by_count(six: Warehouse) -> None:
    answer = funnel(six.reader(), Cohort())
    assert funnel_words.unrecorded_sentence(answer) == (
        "Left out: 1 level without a surgeon on record."
    )


# Over time


def test_64_levels_are_a_display_and_not_a_monitor() -> None:
    text = words(opened(LEAKAGE, view="time"))
    assert "In order of operation, 8 of 64 levels of 31 patients leaked (12.5 %; exact" in text
    assert "Too few to monitor: 64 levels are a display, not a monitor." in text
    assert "| levels to a false alarm, mean, at p0 | 470 |" in text
    assert "| weight of a clean level | −0.154 |" in text


def test_the_settings_of_the_check_stand_in_the_address() -> None:
    text = words(opened(LEAKAGE, view="time", target="0.06", limit="2.5"))
    assert "pooled over series of malignant kyphoplasty" in text
    assert "| signal at a sum of | 2.5 |" in text


def test_a_single_surgeon_is_not_followed_over_time(monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(LEAKAGE, view="time", surgeon="A")
    assert "the department has not allowed its surgeons to be compared" in words(app)
    assert not app.get("vega_lite_chart")
    monkeypatch.setenv(SURGEONS_VARIABLE, "yes")
    assert opened(LEAKAGE, view="time", surgeon="A").get("vega_lite_chart")


def test_signals_are_said_with_their_levels(reader: Reader) -> None:
    answer = monitoring(reader, Cohort(leak=("yes",)), limit="2.5")
    said = monitoring_words.monitoring_sentence(answer)
    assert "signalled 2 times, after level 4, 8." in said
    assert "The filter itself chooses by leak" in said
    rows = drawn(monitoring_chart(answer, LIGHT))
    assert [row["sequence"] for row in rows["steps"] if row["signal"]] == [4, 8]


def test_many_signals_and_enough_levels_are_worded(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitoring_question, "run_length", lambda *_: 3.0)
    answer = monitoring(reader, Cohort(leak=("yes",)), limit="2.5")
    assert "are more than one mean run" in monitoring_words.enough_sentence(answer)
    assert answer.watch is not None
    watch = type(answer.watch)(**{**vars(answer.watch), "signals": tuple(range(1, 9))})
    changed = type(answer)(**{**vars(answer), "watch": watch})
    assert "8 times, after level 1, 2, 3, 4, 5 and later." in monitoring_words.check_sentence(
        changed
    )
    once = type(answer.watch)(**{**vars(answer.watch), "signals": (4,)})
    changed = type(answer)(**{**vars(answer), "watch": once})
    assert "signalled once, after level 4." in monitoring_words.check_sentence(changed)


def test_a_check_without_a_target_is_drawn_as_a_rate_alone(reader: Reader) -> None:
    answer = monitoring(reader, Cohort(leak=("no",)), target="cohort")
    rows = drawn(monitoring_chart(answer, LIGHT))
    assert rows["lines"] == []
    assert [row["words"] for row in rows["labels"]] == ["0 of 56"]
    assert "No running check: without a leak" in monitoring_words.check_sentence(answer)
    assert "(up to 6.4\u202f% cannot be excluded" in monitoring_words.monitoring_sentence(answer)


def test_labels_of_rate_and_target_keep_apart(reader: Reader) -> None:
    for cohort in (Cohort(), Cohort(region=("thoracic",)), Cohort(region=("lumbar",))):
        rows = drawn(monitoring_chart(monitoring(reader, cohort), LIGHT))["labels"]
        assert abs(rows[0]["height"] - rows[1]["height"]) > 0.02


# Published series


def test_the_example_is_not_set_against_the_study_that_it_was_made_from() -> None:
    text = words(opened(LEAKAGE, view="published"))
    assert "None of 6 published series was counted in this way." in text
    assert "It was made with the margins of its model study (Pflugmacher 2007: 8 of 64" in text
    assert "the example was made with its margins; way of looking not stated" in text
    assert "| KAVIAR 2014 (kyphoplasty) | 157 of 214 levels |" in text
    assert "| industry | other way of looking |" in text


def test_a_series_counted_in_the_same_way_is_a_hollow_mark(six: Warehouse) -> None:
    answer = published(six.reader(), Cohort())
    rows = drawn(published_chart(answer, LIGHT))["rows"]
    theirs = [row for row in rows if not row["ours"]]
    assert [(row["label"], row["counts"], row["sponsor"]) for row in theirs] == [
        ("KAVIAR 2014 (kyphoplasty)", "157 of 214 levels", "industry")
    ]
    place = rows.index(theirs[0])
    assert rows[place - 1]["label"] == "this choice: levels, CT"
    assert "Published, counted in the same way: KAVIAR 2014" in (
        published_words.published_sentence(answer)
    )
    assert published_words.own_rows(answer)[-1]["series"] == "KAVIAR 2014 (kyphoplasty)"
