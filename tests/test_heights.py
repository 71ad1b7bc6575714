from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import queries.heights
from data.warehouse import open_registry
from pages.charts.level_heights import level_heights_chart
from pages.charts.theme import LIGHT
from pages.shared import height_words as words
from queries.cohort import Cohort
from queries.heights import Heights, heights
from tests.registry_of_six import SIX, registry_of, registry_of_example, registry_of_six
from tests.test_pages import opened, specs
from tests.test_pages import words as page_words

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse

ALIGNMENT = "imaging/alignment.py"


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


def tables(answer: Heights, *, singly: bool) -> dict[str, list[dict[str, Any]]]:
    return level_heights_chart(answer, LIGHT, singly=singly).to_dict()["datasets"]


def test_every_level_stands_beside_its_expected_height(six: Warehouse) -> None:
    answer = heights(six.reader(), Cohort())
    assert answer.levels is not None
    shown = answer.levels.filter(measure="height_anterior")
    # K1 expected 24 and 26, after the operation blank: the mean of the films, 25
    assert shown.select("level", "pre", "post", "last", "last_visit", "reference").rows() == [
        ("T8", 15, 20, 18, "m12", 25),
        ("L1", 18, 24, None, None, 30),
    ]
    first = answer.rows[0]
    assert (first.measure, first.visit, first.n_levels, first.n_patients) == (
        *("height_anterior", "pre", 2, 1),
    )
    assert (first.median, first.reference, first.percent) == (16.5, 27.5, 60)
    assert [row.n_levels for row in answer.rows if row.measure == "height_middle"] == [0, 0, 0]


def test_in_per_cent_every_expected_height_is_a_hundred(six: Warehouse) -> None:
    answer = heights(six.reader(), Cohort(), scale="percent_of_reference")
    assert answer.levels is not None
    assert answer.levels.select("pre", "post", "last", "reference").rows() == [
        (60, 80, 72, 100),
        (60, 80, None, 100),
    ]
    assert words.unit_of(answer) == "% of the reference height"


def test_a_level_without_a_reference_is_counted(tmp_path: Path) -> None:
    films = SIX["radiographs.csv"].replace(",18,30\n", ",18,\n").replace(",24,30\n", ",24,\n")
    reader = open_registry(registry_of({**SIX, "radiographs.csv": films}, tmp_path)).reader()
    answer = heights(reader, Cohort())
    assert (answer.rows[0].n_levels, answer.rows[0].n_with_reference) == (2, 1)
    assert words.reference_sentence(answer) == (
        "Levels without an expected height: anterior height 1."
    )
    assert words.drawn_rows(answer, "levels")[1]["expected"] == "–"


def test_vertebrae_are_medians_of_their_levels(example: Warehouse) -> None:
    answer = heights(example.reader(), Cohort())
    assert answer.levels is not None
    twelfth = answer.levels.filter(level="T12", measure="height_anterior")
    place = answer.places.filter(level="T12", measure="height_anterior").row(0, named=True)
    assert (place["n_levels"], twelfth.height) == (9, 9)
    assert place["pre"] == twelfth["pre"].median()
    assert place["reference"] == twelfth["reference"].median()
    assert answer.n_levels == 64


def test_rows_stand_by_region_from_cranial_to_caudal(example: Warehouse) -> None:
    answer = heights(example.reader(), Cohort())
    rows = [row["row"].split("\x1f") for row in tables(answer, singly=False)["rows"]]
    assert [row[0] for row in rows if len(row) == 2] == ["thoracic", "thoracolumbar", "lumbar"]
    labels = [row[1] for row in rows if len(row) == 3]
    assert labels[0] == "T5  n = 1"
    assert [label.split()[0] for label in labels][-3:] == ["L3", "L4", "L5"]
    single = tables(answer, singly=True)
    assert len(single["rows"]) == 64 + 3
    # 64 levels with three heights at three moments, and three expected
    assert len(single["marks"]) == 64 * 3 * 4
    assert {line["part"] for line in single["lines"]} == {"gain", "loss", "worse"}
    shares = heights(example.reader(), Cohort(), scale="percent_of_reference")
    assert {line["part"] for line in tables(shares, singly=True)["lines"]} == {"gain", "loss"}


def test_lanes_show_each_height_at_its_value(six: Warehouse) -> None:
    shown = tables(heights(six.reader(), Cohort()), singly=True)
    assert [head["words"] for head in shown["heads"]] == ["Anterior", "Middle", "Posterior"]
    first = [mark for mark in shown["marks"] if mark["who"] == "T8, patient A1"]
    assert [(mark["moment"], mark["words"]) for mark in first] == [
        ("before", "15.0 mm"),
        ("after", "20.0 mm"),
        ("last film", "18.0 mm"),
        ("expected", "25.0 mm"),
    ]
    # the axis of the first height starts at 10
    assert first[0]["at"] == 5


def test_few_levels_stand_singly_and_many_by_vertebra(
    six: Warehouse, example: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert words.offered_rows(heights(six.reader(), Cohort())) == ["levels", "places"]
    many = heights(example.reader(), Cohort())
    assert words.offered_rows(many) == ["places", "levels"]
    assert "The rows of each level are one click away." in words.legend(many, "places")
    monkeypatch.setattr(queries.heights, "MOST_LEVELS", 63)
    most = heights(example.reader(), Cohort())
    assert words.offered_rows(most) == ["places"]
    assert "More than 200 levels are not drawn singly." in words.legend(most, "places")
    assert words.drawn_rows(most, "levels") == []
    with pytest.raises(ValueError, match="no single levels"):
        level_heights_chart(most, LIGHT, singly=True)


def test_the_sentence_gives_every_height_in_per_cent_of_the_expected(example: Warehouse) -> None:
    answer = heights(example.reader(), Cohort())
    assert words.answer_sentence(answer).replace("\u202f", " ") == (
        "Median of the levels in per cent of the height expected there, before → after → last "
        "film: anterior height 73 → 81 → 79 %; middle height 68 → 81 → 78 %; posterior height "
        "95 → 95 → 94 %."
    )
    assert words.beside_sentence(answer).startswith("64 levels in 31 patients before the operat")
    assert words.reference_sentence(answer) == ""
    legend = words.legend(answer, "levels")
    assert "Orange: lost more than the measurement error." in legend


def test_nothing_measured_and_nobody_are_sentences(six: Warehouse) -> None:
    nobody = heights(six.reader(), Cohort(primary_tumour=("melanoma",)))
    assert words.answer_sentence(nobody).startswith("Heights: nobody matches the filter")
    without = heights(six.reader(), Cohort(level=("L5",)))
    assert words.answer_sentence(without).startswith("Heights: not recorded for anybody")
    assert (without.kinds, without.n_levels) == (None, 0)


def test_the_page_draws_the_heights_and_their_table() -> None:
    app = opened(ALIGNMENT, view="levels")
    text = page_words(app)
    assert "Heights of treated levels by vertebra beside those expected (mm)" in text
    assert "| Anterior | before | 16.1 | 73 | 64 |" in text
    assert specs(app)[0].startswith("Chart of heights, by vertebra, before, after")
    single = page_words(opened(ALIGNMENT, view="levels", rows="levels"))
    assert "Heights of each treated level beside those expected (mm)" in single
