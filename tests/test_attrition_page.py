"""Follow-up as people see it: the page, its charts, its words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from data.warehouse import open_registry
from pages.charts.attrition import LABELS, completeness_chart, fills, flow_chart
from pages.charts.attrition_map import MOST_LETTERED, map_chart
from pages.charts.theme import DARK, LIGHT, Palette
from pages.shared import attrition_words as said
from queries.absence import DEAD, LOST, NOT_DUE
from queries.attrition import SEEN, STATUSES, attrition
from queries.cohort import Cohort
from queries.grouping import group_label
from queries.statistics.proportions import counted_proportion
from tests.registry_of_six import SIX, registry_of, registry_of_example, registry_of_six
from tests.test_charts import contrast
from tests.test_pages import address, opened, specs, words

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse
    from pages.charts.drawing import Drawing
    from queries.attrition import Attrition

PAGE = "follow_up/attrition.py"


def name(code: str) -> str:
    return group_label("sex", code)


def plainly(text: str) -> str:
    return text.replace("\u202f", " ")


@pytest.fixture(scope="module")
def six_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return registry_of_six(tmp_path_factory)


@pytest.fixture(scope="module")
def six(six_file: Path) -> Warehouse:
    return open_registry(six_file)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


def rows(chart: Drawing | None) -> dict[str, list[dict[str, Any]]]:
    assert chart is not None
    found: dict[str, list[dict[str, Any]]] = chart.to_dict()["datasets"]
    return found


def sentence_of(answer: Attrition, k: int, n: int) -> str:
    """Say the answer as if k of n had been seen at 12 months."""
    row = replace(answer.total[-1], seen=k, due=n, completeness=counted_proportion(k, n))
    return plainly(said.answer_sentence(replace(answer, rows=(row,))))


# The page


def test_the_page_says_the_answer_first() -> None:
    text = words(opened(PAGE))
    assert "### Follow-up of patients\n" in text
    assert (
        "At 12 months, 28 of 29 patients due were seen (96.6 %; 95 % CI 82.8 to 99.4 %): above the "
        "80 % line. Of 31 patients treated: 28 seen, 1 lost to follow-up, 2 died. "
        ":gray[[SYNTHETIC]]"
    ) in text
    assert (
        "Median follow-up: 12.6 months (95 % CI 12.2 to 13.3); reverse Kaplan-Meier, 31 patients."
    ) in text
    assert "| 12 months | 31 | 29 | 29 | 28 |" in text
    assert "One row per patient, sorted by the last visit seen. Cells: 151 seen, 1 lost" in text


def test_every_chart_of_the_page_has_a_text_with_its_numbers() -> None:
    dots, bars, cells = (plainly(text) for text in specs(opened(PAGE)))
    assert "12 months: 28 of 29 (96.6 %)" in dots
    assert "12 months: Of 31 patients treated: 28 seen, 1 lost to follow-up, 2 died." in bars
    assert cells.startswith("Map of 31 patients and 5 visits")


def test_the_page_counts_groups_from_the_address_and_tests_none() -> None:
    app = opened(PAGE, by="sex")
    text = words(app)
    assert address(app, "by") == "sex"
    assert "### Follow-up of patients by sex" in text
    assert "| women | 17 of 18 | 74.2 to 99.0 % |" in text
    assert "Groups are described, not tested." in text
    assert "women 17 of 18, men 11 of 11" in specs(app)[0]


def test_the_page_of_nobody_is_a_sentence_without_a_chart() -> None:
    app = opened(PAGE, primary_tumour="melanoma", sex="F")
    assert "Follow-up: nobody matches the filter, so there is nothing to show." in words(app)
    assert specs(app) == []


def test_the_page_of_later_operations_says_so(
    six_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KYPHO_REGISTRY", str(six_file))
    app = opened(PAGE, operated_from="2023", operated_to="2023")
    assert (
        "Follow-up: no answer, the operations in this cohort are later ones and their visits "
        "belong to an earlier operation (1 patient)."
    ) in words(app)
    assert specs(app) == []


# Sentences


def test_below_20_there_is_no_bare_percentage(six: Warehouse) -> None:
    answer = attrition(six.reader(), Cohort())
    assert plainly(said.answer_sentence(answer)) == (
        "At 12 months, 2 of 3 patients due were seen (95 % CI 20.8 to 93.9 %): below the 80 % "
        "line, with an interval that reaches above it."
    )
    row = said.headline_row(answer)
    assert row is not None
    assert said.flow_sentence(row) == (
        "Of 6 patients treated: 2 seen, 1 lost to follow-up, 1 not yet due, 2 died."
    )


@pytest.mark.parametrize(
    ("k", "n", "end"),
    [
        (10, 100, "5.5 to 17.4 %): below the 80 % line."),
        (75, 100, "82.5 %): below the 80 % line, with an interval that reaches above it."),
        (80, 100, "86.7 %): on the 80 % line, with an interval that reaches below it."),
        (84, 100, "89.9 %): above the 80 % line, with an interval that reaches below it."),
        (99, 100, "99.8 %): above the 80 % line."),
        (0, 3, "0 of 3 patients due were seen (up to 70.8 % cannot be excluded): below the 80 % "),
    ],
)
def test_the_sentence_says_on_which_side_of_the_line(
    six: Warehouse, k: int, n: int, end: str
) -> None:
    assert end in sentence_of(attrition(six.reader(), Cohort()), k, n)


def test_without_12_months_the_latest_visit_with_somebody_due_is_the_answer(
    six: Warehouse,
) -> None:
    answer = attrition(six.reader(), Cohort(operated_from=2024))
    assert said.answer_sentence(answer).startswith("At 3 months, 1 of 1 patient due was seen")
    after = replace(answer, rows=answer.rows[:2])
    assert said.answer_sentence(after).startswith("After the operation, 1 of 1 patient due")
    nobody = replace(answer, rows=answer.rows[3:])
    assert said.answer_sentence(nobody) == (
        "Follow-up: no answer, nobody was due at any visit by the date up to which the data go."
    )


def test_an_open_window_is_said(tmp_path: Path) -> None:
    settings = SIX["source.toml"].replace("2024-06-30", "2024-06-14")
    files = SIX | {"source.toml": settings}
    answer = attrition(open_registry(registry_of(files, tmp_path)).reader(), Cohort())
    assert said.early_sentence(answer).startswith("Seen in a window still open: 1 at 3 months. ")
    assert said.early_sentence(answer).endswith("completeness can still fall.")
    at_3_months = replace(answer, rows=answer.rows[:3])
    # A6 was seen early; the windows of the other five have closed
    assert plainly(said.early_sentence(at_3_months)).endswith(
        "At 3 months, of the closed windows alone: 5 of 5 patients (95 % CI 47.8 to 100.0 %)."
    )
    alone = replace(answer, rows=(replace(answer.rows[2], closed=counted_proportion(0, 0)),))
    assert said.early_sentence(alone).endswith("completeness can still fall.")


def test_nothing_is_said_of_what_there_is_not(six: Warehouse) -> None:
    answer = attrition(six.reader(), Cohort())
    assert (said.early_sentence(answer), said.left_out_sentence(answer)) == ("", "")
    berg = attrition(six.reader(), Cohort(surgeon=("Berg",)))
    assert said.left_out_sentence(berg) == (
        "1 patient left out: the visits belong to an earlier operation."
    )


def test_the_follow_up_is_said_or_why_not(six: Warehouse) -> None:
    answer = attrition(six.reader(), Cohort())
    assert said.follow_up_sentence(answer).startswith("Median follow-up: 12.7 months (")
    nobody = attrition(six.reader(), Cohort(level=("T1",)))
    assert said.follow_up_sentence(nobody).endswith("nobody has a date after the operation.")
    dead = attrition(six.reader(), Cohort(primary_tumour=("kidney",)))
    assert "not reached, too many died first" in said.follow_up_sentence(dead)


def test_the_table_holds_every_group_and_visit(six: Warehouse) -> None:
    table = said.flow_rows(attrition(six.reader(), Cohort(), by="sex"), name)
    assert len(table) == 4 * 5
    assert list(table[4].values())[:6] == ["all", "12 months", "6", "4", "3", "2"]
    assert table[-1]["seen of the due (95 % CI)"] == "nobody due"
    assert "group" not in said.flow_rows(attrition(six.reader(), Cohort()), name)[0]


# Charts


def test_the_dots_are_the_rows_and_a_diamond_lies_below_the_line(six: Warehouse) -> None:
    found = rows(completeness_chart(attrition(six.reader(), Cohort()), LIGHT, name))
    assert [row["counts"] for row in found["dots"]] == ["6 of 6"] * 3 + ["3 of 4", "2 of 3"]
    assert [row["below"] for row in found["dots"]] == [False, False, False, True, True]
    assert [row["at"] for row in found["line"]] == [0.8]


def test_groups_stand_under_their_visit(six: Warehouse) -> None:
    answer = attrition(six.reader(), Cohort(), by="sex")
    found = rows(completeness_chart(answer, LIGHT, name))["dots"]
    assert [row["label"] for row in found[-4:]] == ["12 months", "women", "men", "not recorded"]
    assert [row["counts"] for row in found[-4:]] == ["", "1 of 1", "1 of 2", "nobody due"]
    assert "stand in the table" not in said.completeness_legend(answer)


def test_many_groups_are_drawn_at_the_headline_visit_alone(six: Warehouse) -> None:
    answer = attrition(six.reader(), Cohort(), by="primary_tumour")
    assert list(said.drawn_rows(answer)) == ["m12"]
    assert said.completeness_legend(answer).endswith("The other visits stand in the table below.")


def test_the_bars_hold_every_patient_treated(six: Warehouse) -> None:
    found = rows(flow_chart(attrition(six.reader(), Cohort()), LIGHT))
    parts = [row for row in found["parts"] if row["visit"] == "12 months"]
    assert [(row["status"], row["start"], row["end"]) for row in parts] == [
        (LABELS[SEEN], 0, 2),
        (LABELS[LOST], 2, 3),
        (LABELS[NOT_DUE], 3, 4),
        (LABELS[DEAD], 4, 6),
    ]
    assert found["sums"][-1]["counts"] == "2 S · 1 L · 1 N · 2 D"


def test_a_narrow_part_has_no_letter_inside_but_stands_at_the_right(example: Warehouse) -> None:
    found = rows(flow_chart(attrition(example.reader(), Cohort()), LIGHT))
    last = [row for row in found["parts"] if row["visit"] == "12 months"]
    assert [row["letter"] for row in last] == ["S", "", "D"]
    assert found["sums"][-1]["counts"] == "28 S · 1 L · 2 D"


def test_the_map_has_a_lettered_cell_for_every_patient_and_visit(six: Warehouse) -> None:
    answer = attrition(six.reader(), Cohort())
    chart = map_chart(answer, LIGHT)
    cells = rows(chart)["cells"]
    assert len(cells) == 30
    assert [row["who"] for row in cells[:6]] == ["A1", "A2", "A4", "A6", "A5", "A3"]
    assert chart is not None
    assert [layer["mark"]["type"] for layer in chart.to_dict()["layer"]] == ["rect", "text"]


def test_a_large_map_joins_equal_neighbours_and_has_no_letters(
    six: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.charts.attrition_map.MOST_LETTERED", 5)
    chart = map_chart(attrition(six.reader(), Cohort()), DARK)
    cells = rows(chart)["cells"]
    assert [(row["start"], row["end"], row["who"]) for row in cells[:1]] == [(0, 6, "6 patients")]
    for visit in {row["visit"] for row in cells}:
        inside = [row for row in cells if row["visit"] == visit]
        assert sum(row["end"] - row["start"] for row in inside) == 6
    assert chart is not None
    assert "layer" not in chart.to_dict()
    assert MOST_LETTERED == 60


def test_a_map_of_too_many_is_not_drawn_and_said_so(six: Warehouse) -> None:
    answer = replace(attrition(six.reader(), Cohort()), patients=None)
    assert map_chart(answer, LIGHT) is None
    assert said.map_legend(answer) == (
        "The map of patients and visits is drawn up to 5,000 patients; this choice has 6."
    )


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_every_status_stands_out_and_has_a_letter_of_its_own(colours: Palette) -> None:
    shades = fills(colours)
    filled = {shade for status, shade in shades.items() if status != NOT_DUE}
    assert all(contrast(shade, colours.background) >= 4.5 for shade in filled)
    assert shades[NOT_DUE] == colours.background
    assert contrast(colours.muted, colours.background) >= 4.5
    assert (
        len({label[0] for label in LABELS.values()}) == len(STATUSES) == len(set(shades.values()))
    )
