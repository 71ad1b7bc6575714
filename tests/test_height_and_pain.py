from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

import queries.height_and_pain
from data.codebook import measures
from data.warehouse import open_registry
from pages.charts.height_and_pain import height_and_pain_chart
from pages.charts.theme import LIGHT
from pages.shared import height_and_pain_words as words
from queries.cohort import Cohort
from queries.height_and_pain import HeightAndPain, height_and_pain
from queries.thinned import cells
from tests.registry_of_six import SIX, registry_of, registry_of_example
from tests.test_pages import opened, specs
from tests.test_pages import words as page_words

if TYPE_CHECKING:
    from data.warehouse import Warehouse

ALIGNMENT = "imaging/alignment.py"

# Anterior height in mm before and after; pain before, at 3 and 12 months as in the six patients.
#   A1  K1 15 -> 20, K2 18 -> 17: mean gain 2; pain 8 -> 3 -> 2
#   A2  K3 15 -> 14: -1; pain 7 -> 3 -> 3; K4 belongs to the second operation: 10 -> 20 is left out
#   A3  K5 15 -> 15: 0; pain 9 -> 4
#   A5  K8 15 -> 21: 6, more than the error of 4.5; pain 6 -> 2
#   A6  K9 10 -> 12: pain 8 -> 5
TYPED = """\
procedure_id,visit,measured_on,height_anterior
K1,pre,2022-01-05,15
K1,post,2022-01-14,20
K2,pre,2022-01-05,18
K2,post,2022-01-14,17
K3,pre,2022-02-25,15
K3,post,2022-03-05,14
K4,pre,2023-02-20,10
K4,post,2023-03-05,20
K5,pre,2022-04-28,15
K5,post,2022-05-05,15
K8,pre,2022-08-10,15
K8,post,2022-08-20,21
K9,pre,2024-01-30,10
K9,post,2024-02-04,12
"""


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("gained")
    return open_registry(registry_of({**SIX, "radiographs.csv": TYPED}, folder))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


def tables(answer: HeightAndPain) -> dict[str, list[dict[str, Any]]]:
    return height_and_pain_chart(answer, LIGHT).to_dict()["datasets"]


def test_the_unit_is_the_patient_with_the_mean_gain_of_the_first_operation(
    typed: Warehouse,
) -> None:
    answer = height_and_pain(typed.reader(), Cohort(), visit="m3")
    assert answer.patients.rows() == [
        ("A1", 2, 2, -5, 1),
        ("A2", 1, -1, -4, 1),
        ("A3", 1, 0, -5, 1),
        ("A5", 1, 6, -4, 1),
        ("A6", 1, 2, -3, 1),
    ]
    (row,) = answer.rows
    assert (row.n_patients, row.n_levels, row.beyond_error) == (5, 6, 1)
    assert (row.median_gain, row.median_change) == (2, -4)


def test_quadrants_add_up_to_the_patients(typed: Warehouse) -> None:
    for row in height_and_pain(typed.reader(), Cohort()).every:
        parts = (
            row.gained_better,
            row.gained_not_better,
            row.not_gained_better,
            row.not_gained_not_better,
        )
        assert sum(parts) == row.n_patients
    m3 = height_and_pain(typed.reader(), Cohort(), visit="m3").rows[0]
    # neither a lost height nor none is a gain
    assert (m3.gained_better, m3.not_gained_better) == (3, 2)
    # A6's pain after the operation was that of before: 8
    post = height_and_pain(typed.reader(), Cohort(), visit="post").rows[0]
    assert (post.gained_better, post.gained_not_better) == (2, 1)


def test_a_score_that_is_better_higher_is_counted_so(typed: Warehouse) -> None:
    answer = height_and_pain(typed.reader(), Cohort(), score="karnofsky", visit="m12")
    # A1 alone: 50, then 70
    assert answer.rows[0].gained_better == 1
    assert words.change_axis(answer).endswith("(+ is better)")


def test_12_months_are_drawn_or_the_latest_visit_with_patients(typed: Warehouse) -> None:
    assert height_and_pain(typed.reader(), Cohort()).visit == "m12"
    assert height_and_pain(typed.reader(), Cohort(level=("L5",))).visit == "m3"
    assert len(height_and_pain(typed.reader(), Cohort()).rows) == 4
    nobody = height_and_pain(typed.reader(), Cohort(level=("L4",)))
    assert (nobody.visit, nobody.shown) == (None, None)
    with pytest.raises(ValueError, match="no visit to draw"):
        height_and_pain_chart(nobody, LIGHT)
    assert words.answer_sentence(nobody) == (
        "No patient has films before and after the operation and pain (VAS) before and at the "
        "visit."
    )
    assert words.error_sentence(nobody) == ""
    empty = height_and_pain(typed.reader(), Cohort(primary_tumour=("melanoma",)))
    assert words.answer_sentence(empty).startswith("Height and pain: nobody matches")


def test_a_later_operation_is_left_out_and_said(typed: Warehouse) -> None:
    answer = height_and_pain(typed.reader(), Cohort(operated_from=2023, operated_to=2023))
    assert answer.of_later_sessions == 1
    assert words.left_out_sentence(answer) == (
        "1 patient without both values left out, 1 of them because the operation in this cohort is "
        "a later one."
    )


def test_the_correlation_of_the_example_agrees_with_r(example: Warehouse) -> None:
    # in R on these 28 patients: r <- cor(gain, change, method = "spearman"), and for its limits
    # Fisher's z with the standard error sqrt((1 + r^2 / 2) / 25), as in
    # tests/test_statistics_rank_correlation.py
    answer = height_and_pain(example.reader(), Cohort())
    row = answer.shown
    assert row is not None
    assert (row.estimate, row.ci_low, row.ci_high) == pytest.approx(
        (-0.0762787396, -0.4373827143, 0.3060083438), abs=1e-9
    )
    assert words.answer_sentence(answer).replace("\u202f", " ") == (
        "Height gained and pain better: 24 of 28 patients (58 levels). Spearman −0.08 (95 % CI "
        "−0.44 to 0.31): whether more height goes with more or less change cannot be told."
    )
    assert words.left_out_sentence(answer) == "3 patients without both values left out."


def test_every_correlation_has_its_words(example: Warehouse) -> None:
    answer = height_and_pain(example.reader(), Cohort())
    row = answer.shown
    assert row is not None
    for numbers, end in (
        ((-0.6, -0.8, -0.3), "more height gained went with a larger improvement."),
        ((0.6, 0.3, 0.8), "more height gained went with a smaller improvement."),
        ((1.0, None, None), "the ranks agree in full."),
        ((None, None, None), "gain or change is the same in every patient."),
    ):
        changed = replace(row, estimate=numbers[0], ci_low=numbers[1], ci_high=numbers[2])
        assert words.correlation_sentence(answer, changed).endswith(end)
    assert "cause" not in words.answer_sentence(answer)


def test_few_patients_have_counts_and_no_correlation(typed: Warehouse) -> None:
    answer = height_and_pain(typed.reader(), Cohort(), visit="m3")
    assert words.answer_sentence(answer) == (
        "Height gained and pain better: 3 of 5 patients (6 levels). No correlation: with 5 "
        "patients (fewer than 10) none can be told."
    )
    assert words.correlation_rows(answer)[1]["Spearman (95 % CI)"] == "–"


def test_the_chart_prints_every_quadrant_and_marks_each_patient(typed: Warehouse) -> None:
    answer = height_and_pain(typed.reader(), Cohort(), visit="m3")
    shown = tables(answer)
    assert [(row["words"], row["name"]) for row in shown["corners"]] == [
        ("3 of 5", "height and pain better"),
        ("0 of 5", "height alone"),
        ("2 of 5", "pain alone"),
        ("0 of 5", "neither"),
    ]
    # less pain is better: the corner of both lies below
    assert [row["top"] for row in shown["corners"]] == [False, True, False, True]
    assert [row["kind"] for row in shown["points"]] == ["both", "one", "one", "both", "both"]
    assert [(row["low"], row["high"]) for row in shown["band"]] == [(-4.5, 4.5)]


def test_without_an_error_there_is_no_band(typed: Warehouse) -> None:
    bare = replace(measures()["height_anterior"], error=None)
    book = {**measures(), "height_anterior": bare}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("queries.height_and_pain.measures", lambda: book)
        answer = height_and_pain(typed.reader(), Cohort())
    assert answer.rows[0].beyond_error is None
    assert tables(answer)["band"] == []
    assert "Band" not in words.legend(answer)


def test_above_5000_marks_neighbours_are_counted_together(
    example: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries.height_and_pain, "MOST_LINES", 20)
    monkeypatch.setattr(queries.height_and_pain, "cells", partial(cells, grid=4))
    answer = height_and_pain(example.reader(), Cohort())
    points = tables(answer)["points"]
    assert len(points) < 28
    assert sum(row["n"] for row in points) == 28
    assert {row["who"] for row in points} >= {"1 patient", "2 patients"}
    assert "the larger the more" in words.legend(answer)
    assert words.patient_rows(answer)[0]["levels"] == "–"


def test_the_page_sets_height_against_any_score() -> None:
    app = opened(ALIGNMENT, view="pain", score="odi", at="m6")
    text = page_words(app)
    assert "Anterior height gained, change of disability (ODI) at 6 months (patients)" in text
    assert "Going together or not says nothing of a cause" in text
    assert specs(app)[0].startswith("Scatter chart of height gain against the change of disability")
