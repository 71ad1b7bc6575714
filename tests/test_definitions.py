"""Every published definition of a responder side by side: words, chart, page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from data.codebook import Threshold, measures, thresholds
from data.warehouse import open_registry
from pages.charts.definitions import definitions_chart
from pages.charts.theme import DARK, LIGHT
from pages.charts.trajectory import threshold_height, trajectory_chart
from pages.shared import definition_words as words
from pages.shared import responder_words
from queries.cohort import Cohort
from queries.responders import AMONG, responders
from queries.trajectory import trajectory
from tests.registry_of_six import registry_of_example, registry_of_six
from tests.test_pages import RESPONDERS, address, opened, specs
from tests.test_pages import words as printed

if TYPE_CHECKING:
    from data.warehouse import Warehouse


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


def thin(text: str) -> str:
    return text.replace("\u202f", " ")


def threshold(label: str) -> Threshold:
    return next(found for found in thresholds("vas") if found.label == label)


def test_every_published_threshold_stands_in_one_row_and_equal_ones_in_the_same(
    example: Warehouse,
) -> None:
    found = words.definitions(responders(example.reader(), Cohort()))
    assert sorted(label for one in found for label in one.labels) == sorted(
        one.label for one in thresholds("vas")
    )
    assert (
        "Numeric rating scale consensus",
        "Bone metastasis partial response (pain part)",
    ) in [one.labels for one in found]
    kinds = [one.threshold.kind for one in found]
    assert list(dict.fromkeys(kinds)) == [
        *("absolute", "percent", "by_baseline", "composite", "final")
    ]
    assert {tuple(row.among for row in one.rates) for one in found} == {AMONG}
    assert {row.visit for one in found for row in one.rates} == {"m12"}


def test_a_row_says_what_its_definition_asks_for() -> None:
    vas = measures()["vas"]
    said = [thin(words.goal_in_short(one, vas)) for one in thresholds("vas")]
    assert said == [
        "fall ≥ 1.5 points",
        "fall ≥ 30 % of baseline",
        "fall ≥ 2 points",
        "fall ≥ 2 points",
        "final ≤ 6 points",
        "final ≤ 5 points",
        "fall ≥ 50 % of baseline",
        "fall ≥ 1, 2, 3 points by baseline",
        "fall ≥ 2, final ≤ 5, disability no worse",
        "final 0 points",
    ]
    karnofsky = measures()["karnofsky"]
    rises = [Threshold("karnofsky", "", kind, 70, "") for kind in ("absolute", "final")]  # type: ignore[arg-type]
    assert [words.goal_in_short(one, karnofsky) for one in rises] == [
        "rise ≥ 70 points",
        "final ≥ 70 points",
    ]


def test_a_definition_of_several_parts_is_said_in_full() -> None:
    vas = measures()["vas"]
    assert responder_words.goal(threshold("Pflugmacher composite"), vas) == (
        "a fall of 2 points or more, 5 points or less and disability (ODI) no worse"
    )
    assert responder_words.goal(threshold("Baseline-dependent change"), vas) == (
        "the fall that the baseline asks for (up to 4: 1, up to 7: 2, up to 10: 3 points or more)"
    )
    assert (
        responder_words.goal(threshold("Bone metastasis complete response (pain part)"), vas)
        == "0 points"
    )
    part = replace(threshold("Pflugmacher composite").parts[2], value=10)
    both = replace(
        threshold("Pflugmacher composite"),
        parts=(threshold("Pflugmacher composite").parts[0], part),
    )
    assert responder_words.goal(both, vas) == (
        "a fall of 2 points or more and disability (ODI) with a fall of 10 points or more"
    )
    assert words.goal_in_short(both, vas) == "fall ≥ 2, disability fall ≥ 10"


def test_how_much_the_answer_depends_on_the_definition_is_said(example: Warehouse) -> None:
    answer = responders(example.reader(), Cohort())
    assert thin(words.definitions_sentence(answer)) == (
        "How many responded depends on the definition: of the assessed from 2 of 28 patients "
        "(7.1 %; 95 % CI 2.0 to 22.6 %) under “final 0 points” to 23 of 28 patients (82.1 %; 95 % "
        "CI 64.4 to 92.1 %) under “final ≤ 6 points”; of all, the dead and the missing as "
        "failures, from 2 of 31 to 23 of 31."
    )
    assert words.definitions_title(answer) == (
        "Pain (VAS): patients who responded at 12 months, by definition"
    )
    assert "fall ≥ 1.5 points: 23 of 28 · 29 · 31; " in words.definitions_alt(answer)
    assert [row.visit for row in words.due_there(answer)] == ["m12"]


def test_where_nobody_was_assessed_or_due_the_reason_is_said(six: Warehouse) -> None:
    # A5 is lost at 12 months
    lost = responders(six.reader(), Cohort(primary_tumour=("prostate",)))
    assert words.definitions_sentence(lost).startswith("Nobody could be assessed at 12 months")
    nobody = responders(six.reader(), Cohort(level=("T1",)))
    assert words.definitions(nobody) == ()
    assert "nobody matches the filter" in words.definitions_sentence(nobody)
    assert words.definitions_title(nobody) == "Pain (VAS): patients who responded, by definition"


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_the_chart_draws_three_rates_of_every_definition(example: Warehouse, colours: Any) -> None:
    answer = responders(example.reader(), Cohort())
    chart = definitions_chart(answer, colours)
    tables = chart.to_dict()["datasets"]
    found = words.definitions(answer)
    assert len(tables["words"]) == len(found)
    assert len(tables["rates"]) == 3 * len(found)
    first = tables["rates"][0]
    assert (first["rate"], thin(first["counts"]), first["excluded"]) == (
        pytest.approx(23 / 28),
        "23 of 28 (82.1 %) of the assessed",
        0,
    )
    assert tables["words"][0]["counts"] == "23 of 28 · 29 · 31"
    assert tables["words"][1]["names"] == "Numeric rating scale consensus, and 1 more"
    assert definitions_chart(answer, colours).structure is chart.structure


def test_the_table_of_the_chart_holds_names_and_intervals(six: Warehouse) -> None:
    rows = words.definition_rows(responders(six.reader(), Cohort()))
    composite = next(row for row in rows if row["published as"] == "Pflugmacher composite")
    assert {name: thin(text) for name, text in composite.items()} == {
        "definition": "fall ≥ 2, final ≤ 5, disability no worse",
        "published as": "Pflugmacher composite",
        "of the assessed (95 % CI)": "2 of 2 (15.8 to 100.0 %)",
        "of the living (95 % CI)": "2 of 3 (20.8 to 93.9 %)",
        "of all (95 % CI)": "2 of 5 (11.8 to 76.9 %)",
        "baseline out of reach": "0",
    }


def test_the_page_shows_every_definition_and_keeps_the_view_in_the_address() -> None:
    app = opened(RESPONDERS, view="definitions")
    text = printed(app)
    assert "### Pain (VAS): patients who responded at 12 months, by definition" in text
    assert "12 months: 31 patients due, 28 measured, 2 dead, 1 missing." in text
    assert address(app, "view") == "definitions"
    (alternative,) = specs(app)
    assert "fall ≥ 2, final ≤ 5, disability no worse: 20 of 28 · 29 · 31" in alternative
    assert not [box for box in app.selectbox if box.key.endswith(".threshold")]


def test_the_composite_can_be_chosen_by_its_place_in_the_menu() -> None:
    place = [one.label for one in thresholds("vas")].index("Pflugmacher composite")
    text = printed(opened(RESPONDERS, threshold=str(place)))
    assert (
        "At 12 months, a fall of 2 points or more, 5 points or less and disability (ODI) no worse "
        "was reached by 20 of 28 patients" in text
    )
    assert "source: ISASS13 abstract 62" in text


def test_the_rule_by_baseline_draws_what_the_median_baseline_asks_for(
    example: Warehouse,
) -> None:
    answer = trajectory(example.reader(), Cohort())
    before = next(row.median for row in answer.rows if row.visit == "pre")
    assert before is not None
    assert before == 8
    rule = threshold("Baseline-dependent change")
    assert threshold_height(answer, rule, "value") == 5
    assert threshold_height(answer, rule, "change") == -3
    assert threshold_height(answer, threshold("Pflugmacher composite"), "value") is None
    across = trajectory_chart(answer, LIGHT, threshold=rule).to_dict()["datasets"]["across"]
    assert across[0]["words"] == "what the median before asks for: Baseline-dependent change"


def test_a_composite_draws_no_line_on_the_page_of_pain() -> None:
    app = opened("outcomes/trajectories.py")
    (menu,) = [box for box in app.selectbox if box.key.endswith(".threshold")]
    assert "by the baseline: Baseline-dependent change" in menu.options
    assert not [option for option in menu.options if "Pflugmacher composite" in option[:40]]
