"""Subgroups: rows and tests of the question, words, chart, page and command."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from data.codebook import measures
from data.warehouse import open_registry
from pages.charts.subgroups import subgroups_chart
from pages.charts.theme import DARK, LIGHT
from pages.shared import subgroup_words as words
from queries.__main__ import main
from queries.cohort import Cohort
from queries.leakage import leakage
from queries.subgroups import LEAK, SUBGROUP_FIELDS, subgroups
from queries.trajectory import trajectory
from tests.registry_of_six import registry_of_example, registry_of_six
from tests.test_pages import address, opened, specs
from tests.test_pages import words as printed

if TYPE_CHECKING:
    from data.warehouse import Warehouse
    from queries.subgroups import Subgroups

PAGE = "outcomes/subgroups.py"


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


def thin(text: str) -> str:
    return text.replace("\u202f", " ")


def of(answer: Subgroups, field: str) -> list[tuple[str, int, float | None]]:
    return [
        (row.group, row.n_patients, None if row.estimate is None else row.estimate.value)
        for row in answer.rows
        if row.by == field
    ]


# The question


def test_every_patient_stands_in_one_group_of_every_field(six: Warehouse) -> None:
    answer = subgroups(six.reader(), Cohort(), visit="post")
    # falls after the operation: A1 4, A2 3.5, A3 4, A5 4, A6 0; A4 has no baseline
    assert (answer.visit, answer.total.n_patients, answer.total.by) == ("post", 5, None)
    assert of(answer, "sex") == [("F", 3, -3), ("M", 2, -3.75), ("unrecorded", 0, None)]
    # A5; A3; A2 and A6; A1 has levels in two regions, and so has A4
    assert of(answer, "region") == [
        *(("thoracic", 1, -4), ("thoracolumbar", 1, -4), ("lumbar", 2, -1.75), ("several", 1, -4)),
    ]
    for by in SUBGROUP_FIELDS:
        assert sum(row.n_patients for row in answer.of(by)) == 5
    assert {row.n_levels for row in answer.rows} == {None}


def test_the_headline_is_12_months_or_the_latest_visit_attended(six: Warehouse) -> None:
    assert subgroups(six.reader(), Cohort()).visit == "m12"
    assert subgroups(six.reader(), Cohort(operated_from=2024)).visit == "m3"
    nobody = subgroups(six.reader(), Cohort(level=("T1",)))
    assert (nobody.visit, nobody.comparisons, len(nobody.rows)) == (None, (), 1)
    assert nobody.total.estimate is None


def test_a_visit_that_nobody_attended_has_rows_and_reasons(six: Warehouse) -> None:
    answer = subgroups(six.reader(), Cohort(), visit="m24")
    assert {row.n_patients for row in answer.rows} == {0}
    assert all(test.refused for test in answer.comparisons)
    assert len(answer.comparisons) == len(SUBGROUP_FIELDS)
    assert {row.fields()["estimate"] for row in answer.rows} == {None}


def test_levels_are_described_by_the_means_of_their_patients(six: Warehouse) -> None:
    answer = subgroups(six.reader(), Cohort(), measure="kyphosis_angle", visit="m12")
    # K1 20 to 16, K2 10 to 9, both of A1
    assert (answer.total.n_patients, answer.total.n_levels) == (1, 2)
    assert answer.total.estimate is not None
    assert answer.total.estimate.value == -2.5
    assert [(row.n_patients, row.n_levels) for row in answer.of("sex")] == [(1, 2), (0, 0), (0, 0)]


def test_patients_of_later_sessions_are_left_out_by_count(six: Warehouse) -> None:
    answer = subgroups(six.reader(), Cohort(operated_from=2023, operated_to=2023))
    assert (answer.of_later_sessions, answer.total.n_patients) == (1, 0)
    assert "baseline of 1 patient belongs to an earlier operation" in words.subgroups_sentence(
        answer
    )


# In R: d <- the changes of VAS at 12 months with region and sex
# In R: kruskal.test(change ~ region, d)                       # 4.9023, df 3, P 0.1791
# In R: exactRankTests::wilcox.exact(F, M, exact = TRUE)       # W 81.5, P 0.5848
def test_there_is_one_test_for_each_field_and_none_inside_a_group(example: Warehouse) -> None:
    answer = subgroups(example.reader(), Cohort())
    assert tuple(test.by for test in answer.comparisons) == SUBGROUP_FIELDS
    by = {test.by: test for test in answer.comparisons}
    assert (by["region"].statistic, by["region"].df, by["region"].p) == (
        *(pytest.approx(4.902317880794702), 3, pytest.approx(0.17909125)),
    )
    assert (by["sex"].statistic, by["sex"].p) == (81.5, pytest.approx(0.58477487))
    assert {test.visit for test in answer.comparisons} == {"m12"}
    assert {test.exploratory for test in answer.comparisons} == {True}
    assert {test.pairwise for test in answer.comparisons} == {()}
    assert {(test.adjustment, test.family_size) for test in answer.comparisons} == {("Holm", 4)}


def test_the_tests_are_those_of_the_page_of_groups_in_another_family(example: Warehouse) -> None:
    here = subgroups(example.reader(), Cohort(), measure="odi", visit="m6")
    for test in here.comparisons:
        there = trajectory(example.reader(), Cohort(), measure="odi", by=test.by)  # type: ignore[arg-type]
        same = next(other for other in there.groups if other.visit == "m6")
        assert (test.p, test.statistic, test.n_patients) == (
            *(same.p, same.statistic, same.n_patients),
        )


def test_leaks_are_rates_of_levels_with_one_test_for_each_field(example: Warehouse) -> None:
    answer = subgroups(example.reader(), Cohort(), measure=LEAK)
    assert (answer.measure, answer.visit) == (None, None)
    assert answer.total.rate is not None
    assert (answer.total.rate.k, answer.total.n_levels, answer.total.n_patients) == (8, 64, 31)
    for test in answer.comparisons:
        (alone,) = leakage(example.reader(), Cohort(), by=test.by).comparisons  # type: ignore[arg-type]
        assert test.p == alone.p
        assert test.exploratory
        assert test.family_size == 4
    for by in SUBGROUP_FIELDS:
        assert sum(row.n_levels or 0 for row in answer.of(by)) == 64


def test_a_field_without_a_test_is_no_member_of_the_family(six: Warehouse) -> None:
    answer = subgroups(six.reader(), Cohort(), measure=LEAK)
    tested = [test for test in answer.comparisons if test.p is not None]
    assert {test.family_size for test in tested} <= {len(tested)}
    for test in answer.comparisons:
        if test.p is None:
            assert (test.p_adjusted, test.family_size) == (None, None)
            assert test.refused


def test_the_command_prints_every_group_of_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["subgroups", "--measure", "vas", "--visit", "m6", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["rows"][0] == {
        "measure": "vas",
        "visit": "m6",
        "by": None,
        "group": "all",
        "n_patients": 29,
        "n_levels": None,
        "leaks": None,
        "estimate": pytest.approx(answer["rows"][0]["estimate"]),
        "ci_low": pytest.approx(answer["rows"][0]["ci_low"]),
        "ci_high": pytest.approx(answer["rows"][0]["ci_high"]),
    }
    assert {row["by"] for row in answer["rows"][1:]} == set(SUBGROUP_FIELDS)
    assert main(["subgroups", "--measure", LEAK, "--json"]) == 0
    leaks = json.loads(capsys.readouterr().out)
    assert (leaks["rows"][0]["leaks"], leaks["rows"][0]["estimate"]) == (8, 0.125)
    assert main(["subgroups", "--measure", "vas", "--scale", "percent_of_reference"]) == 2
    assert "Unknown measure `vas` for subgroups" in capsys.readouterr().err


# Sentences


def test_the_finding_names_the_smallest_p_raw_and_adjusted(example: Warehouse) -> None:
    answer = subgroups(example.reader(), Cohort())
    assert thin(words.subgroups_sentence(answer)) == (
        "All: −4.5 points (95 % CI −5.8 to −3.3) in 28 patients. No field tells its groups apart "
        "(smallest P = 0.09, by age band; 0.37 after Holm over 4 fields)."
    )
    assert words.subgroups_title(answer) == (
        "Pain (VAS): change at 12 months in subgroups of patients"
    )
    leaks = subgroups(example.reader(), Cohort(), measure=LEAK)
    assert thin(words.subgroups_sentence(leaks)).startswith(
        "All: 8 of 64 levels (12.5 %; 95 % CI 5.6 to 25.5 %) leaked. No field tells"
    )
    assert words.subgroups_title(leaks) == "Cement leakage of treated levels in subgroups"
    angle = subgroups(example.reader(), Cohort(), measure="kyphosis_angle")
    assert "in 28 patients (59 levels)." in words.subgroups_sentence(angle)
    assert words.subgroups_title(angle) == (
        "Kyphosis angle: change at 12 months in subgroups of patients (means of their levels)"
    )


def test_fields_that_tell_their_groups_apart_are_named(example: Warehouse) -> None:
    answer = subgroups(example.reader(), Cohort())
    tests = [replace(test, p=0.004, p_adjusted=0.012) for test in answer.comparisons[:2]]
    found = replace(answer, comparisons=(*tests, *answer.comparisons[2:]))
    assert words.subgroups_sentence(found).endswith(
        "After Holm over 4 fields the groups differ by tumour type (P = 0.01) and spinal region "
        "(P = 0.01)."
    )


def test_without_a_test_the_reasons_are_said_together(six: Warehouse) -> None:
    answer = subgroups(six.reader(), Cohort())
    said = words.subgroups_sentence(answer)
    assert "All: −5.0 points (no interval) in 2 patients." in said
    assert "No test by " in said
    assert "tells its groups apart" not in said
    assert words.p_of_field(answer, "sex") == "no test"


def test_without_a_value_the_reason_is_said(six: Warehouse) -> None:
    nobody = Cohort(level=("T1",))
    assert "nobody matches the filter" in words.subgroups_sentence(subgroups(six.reader(), nobody))
    late = subgroups(six.reader(), Cohort(), visit="m24")
    assert words.subgroups_sentence(late) == (
        "Pain (VAS): nobody has a value before the operation and one at 24 months."
    )
    # nobody looked for a leak at K5
    unlooked = subgroups(six.reader(), Cohort(primary_tumour=("kidney",)), measure=LEAK)
    assert words.subgroups_sentence(unlooked) == (
        "Cement leakage: nobody looked for a leak, so there is no rate in any subgroup."
    )
    bare = subgroups(six.reader(), Cohort(surgeon=("unrecorded",)))
    assert words.subgroups_sentence(bare) == (
        "Pain (VAS): nobody has a value before the operation and one after the operation."
    )


def test_a_row_prints_its_estimate_with_an_interval_where_there_is_one(
    example: Warehouse,
) -> None:
    answer = subgroups(example.reader(), Cohort())
    rows = {words.group_words(answer, row): row for row in answer.rows}
    assert words.printed(answer, rows["breast"]) == "−4.3 (−6.3 to −2.3)"
    assert words.printed(answer, rows["lung"]) == "−6.5"
    assert words.printed(answer, rows["unknown primary"]) == "no change recorded"
    assert (words.counted(rows["all patients"]), words.counted(rows["thyroid"])) == (
        *("28 patients", "1 patient"),
    )
    leaks = subgroups(example.reader(), Cohort(), measure=LEAK)
    shown = {words.group_words(leaks, row): words.printed(leaks, row) for row in leaks.rows}
    assert thin(shown["women"]) == "5 of 38 levels (13.2 %)"
    assert (shown["kidney"], shown["prostate"]) == ("1 of 7 levels", "0 of 9 levels")
    films = subgroups(example.reader(), Cohort(), measure="kyphosis_angle")
    assert words.counted(films.total) == "28 patients, 59 levels"


def test_the_axis_says_which_side_is_better(example: Warehouse) -> None:
    answer = subgroups(example.reader(), Cohort())
    assert words.axis_title(answer) == "change of pain (VAS), points (left is better)"
    other = replace(answer, measure=measures()["karnofsky"])
    assert words.axis_title(other).endswith("points (right is better)")


def test_every_test_is_one_line_with_what_it_rests_on(example: Warehouse) -> None:
    lines = words.test_lines(subgroups(example.reader(), Cohort()))
    assert len(lines) == 4
    assert lines[2].startswith(
        "**By sex:** Mann-Whitney (exact), change between groups (women, men)"
    )
    assert "P = 0.58 (raw), P = 0.58 (Holm, 4 tests)" in lines[2]
    assert all(line.endswith(":gray[[SYNTHETIC]]") for line in lines)


# The chart


def drawn(chart: Any) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = chart.to_dict()["datasets"]
    return found


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_small_groups_are_dots_without_an_interval(example: Warehouse, colours: Any) -> None:
    answer = subgroups(example.reader(), Cohort())
    chart = subgroups_chart(answer, colours)
    rows = drawn(chart)["groups"]
    kinds = {row["label"]: row["kind"] for row in rows if row["label"]}
    assert (kinds["all patients"], kinds["breast"], kinds["lung"]) == ("whole", "group", "few")
    few = [row for row in rows if row["kind"] == "few"]
    assert {(row["low"], row["high"]) for row in few} == {(None, None)}
    assert "unknown primary" not in kinds
    headings = [row for row in rows if row["kind"] == "heading"]
    assert [row["row"].split("\x1f")[1] for row in headings] == [
        *("Tumour type", "Spinal region", "Sex", "Age band")
    ]
    assert headings[2]["words"] == "between the groups P = 0.58, Holm 0.58"
    assert [row["value"] for row in drawn(chart)["whole"]] == [-4.5]
    assert subgroups_chart(answer, colours).structure is chart.structure


def test_rates_are_drawn_from_none_to_all(example: Warehouse) -> None:
    answer = subgroups(example.reader(), Cohort(), measure=LEAK)
    chart = subgroups_chart(answer, LIGHT)
    assert [row["value"] for row in drawn(chart)["whole"]] == [0.125]
    change = subgroups_chart(subgroups(example.reader(), Cohort()), LIGHT)
    assert change.structure is not chart.structure


# The page


def test_the_page_shows_every_field_and_counts_its_tests() -> None:
    app = opened(PAGE)
    text = printed(app)
    assert "### Pain (VAS): change at 12 months in subgroups of patients" in text
    assert "Exploratory: subgroups were looked at after the fact" in text
    assert re.search(r"\d+ distinct tests looked at since the dashboard was opened", text)
    assert "**By age band:** Kruskal-Wallis (9,999 permutations)" in text
    assert "| ANCOVA" in text.replace("|  | ", "| ")
    (alternative,) = specs(app)
    assert "breast −4.3 (−6.3 to −2.3), 12 patients" in alternative


def test_measure_and_visit_stand_in_the_address_and_come_back_from_it() -> None:
    app = opened(PAGE, measure="odi", visit="m6")
    assert "### Disability (ODI): change at 6 months in subgroups" in printed(app)
    assert (address(app, "measure"), address(app, "visit")) == ("odi", "m6")
    leaks = opened(PAGE, measure=LEAK)
    assert "### Cement leakage of treated levels in subgroups" in printed(leaks)
    assert not [box for box in leaks.selectbox if box.key.endswith(".visit")]


def test_the_page_of_nobody_draws_nothing() -> None:
    app = opened(PAGE, primary_tumour="melanoma", sex="F")
    assert "Pain (VAS): nobody matches the filter, so there are no subgroups." in printed(app)
    assert specs(app) == []
