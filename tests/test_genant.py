from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from data.warehouse import open_registry
from pages.charts.genant import genant_chart
from pages.charts.theme import LIGHT
from pages.shared import genant_words as words
from queries.cohort import Cohort
from queries.genant import genant, grade_of
from tests.registry_of_six import SIX, registry_of, registry_of_example
from tests.test_pages import opened, rows, specs
from tests.test_pages import words as page_words

if TYPE_CHECKING:
    from data.warehouse import Warehouse

ALIGNMENT = "imaging/alignment.py"
HEIGHTS = ("height_anterior", "height_middle", "height_posterior")

# Heights against 20 mm expected throughout: anterior, middle, posterior.
#   K1  12 16 19: 40 % lost in front: grade 2, wedge; after 16.1 17 20: 19.5 %: 0
#   K2  15 15 19: 25 and 25 %: grade 1, wedge (not less in front); after 15 14.9 19: 25.5 %: 2,
#       biconcave; at 12 months 11 14 15: 45 %, behind 25 %: 3, crush
#   K3  18 18 16: lost behind alone, 20 %: grade 1, crush; after 16 17 18: 20 %: 1, wedge
#   K5  12  - 19: a height is missing: not graded
TYPED = """\
procedure_id,visit,measured_on,height_anterior,height_middle,height_posterior,height_anterior_reference,height_middle_reference,height_posterior_reference
K1,pre,2022-01-05,12,16,19,20,20,20
K1,post,2022-01-14,16.1,17,20,20,20,20
K2,pre,2022-01-05,15,15,19,20,20,20
K2,post,2022-01-14,15,14.9,19,20,20,20
K2,m12,2023-01-10,11,14,15,20,20,20
K3,pre,2022-02-25,18,18,16,20,20,20
K3,post,2022-03-05,16,17,18,20,20,20
K5,pre,2022-04-28,12,,19,20,,20
"""


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("graded")
    return open_registry(registry_of({**SIX, "radiographs.csv": TYPED}, folder))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


@pytest.mark.parametrize(
    ("loss", "grade"),
    [
        *((-5, 0), (0, 0), (19.9, 0), (20, 1), (25, 1), (25.1, 2), (40, 2), (40.1, 3), (90, 3)),
    ],
)
def test_the_upper_bound_of_a_band_belongs_to_the_lower_grade(loss: float, grade: int) -> None:
    found = pl.DataFrame({"loss": [float(loss)]}).select(grade_of(pl.col("loss"))).item()
    assert found == grade


def test_grades_and_shapes_follow_from_the_three_heights(typed: Warehouse) -> None:
    before, after, last = genant(typed.reader(), Cohort()).rows
    assert (before.grades, before.not_graded) == ((0, 2, 1, 0), 1)
    assert (before.wedge, before.biconcave, before.crush) == (2, 0, 1)
    assert (after.grades, after.shapes) == ((1, 1, 1, 0), (1, 1, 1, 0))
    assert (last.grades, last.shapes) == ((0, 0, 0, 1), (0, 0, 0, 1))
    assert (before.n_levels, before.n_patients) == (3, 2)


def test_shifts_count_the_levels_graded_at_both_films(typed: Warehouse) -> None:
    before, after, last = genant(typed.reader(), Cohort()).rows
    assert (before.pairs, before.shift) == (0, ())
    moves = {(one.before, one.at_visit): one.n_levels for one in after.shift}
    assert moves == {(2, 0): 1, (1, 2): 1, (1, 1): 1}
    assert (after.pairs, after.fell, after.rose) == (3, 1, 1)
    assert (last.pairs, last.fell, last.rose) == (1, 0, 1)


def test_the_example_is_graded_as_its_file_says(example: Warehouse) -> None:
    read: dict[tuple[str, str], dict[str, list[float]]] = {}
    for row in rows("radiographs.csv"):
        film = read.setdefault((row["procedure_id"], row["visit"]), {})
        for name in (*HEIGHTS, *(f"{height}_reference" for height in HEIGHTS)):
            film.setdefault(name, []).append(float(row[name]))
    grades: Counter[tuple[str, int]] = Counter()
    for (_, visit), film in read.items():
        mean = {name: sum(values) / len(values) for name, values in film.items()}
        loss = max(100 - 100 * mean[height] / mean[f"{height}_reference"] for height in HEIGHTS)
        grades[visit, (loss >= 20) + (loss > 25 + 1e-9) + (loss > 40 + 1e-9)] += 1
    for row in genant(example.reader(), Cohort()).rows:
        assert row.grades == tuple(grades[row.visit, grade] for grade in range(4))


def test_rates_of_levels_allow_for_patients(example: Warehouse) -> None:
    moved = words.moved_at(genant(example.reader(), Cohort()), "post")
    assert moved is not None
    assert (moved.fell.k, moved.fell.n, moved.fell.n_clusters) == (35, 64, 31)
    assert moved.rose.k == 0
    said = words.answer_sentence(genant(example.reader(), Cohort()), "post")
    assert "35 of 64 levels (54.7" in said
    assert "higher at 0 of 64 levels (up to 8.2" in said


def test_what_cannot_be_graded_is_a_sentence(typed: Warehouse) -> None:
    answer = genant(typed.reader(), Cohort())
    assert words.not_graded_sentence(answer) == (
        "Not graded, a height or its expected value is missing: before the operation 1 (levels)."
    )
    assert words.answer_sentence(answer, "m6") == (
        "Fracture grade: no level was graded before the operation and at 6 months."
    )
    alone = genant(typed.reader(), Cohort(level=("T12",)))
    assert words.answer_sentence(alone, "post").endswith("so no level is graded.")
    assert words.shape_sentence(alone, "post").endswith("so no level is graded.")
    nobody = genant(typed.reader(), Cohort(primary_tumour=("melanoma",)))
    assert words.answer_sentence(nobody, "post").startswith("Fracture grade: nobody matches")


def test_the_shift_table_reads_before_in_rows_and_after_in_columns(typed: Warehouse) -> None:
    answer = genant(typed.reader(), Cohort())
    assert words.shift_rows(answer, "post")[1:3] == [
        {"before": "grade 1", "0": "–", "1": "**1**", "2": "1", "3": "–", "all": "2"},
        {"before": "grade 2", "0": "1", "1": "–", "2": "–", "3": "–", "all": "1"},
    ]
    assert words.shift_title(answer, "post").endswith("after the operation (columns), 3 levels")


def test_the_rule_stands_beside_the_answer_with_its_settings() -> None:
    grade, shape = (text.replace("\u202f", " ") for text in words.rule_sentences())
    assert "0 below 20 %, 1 20 to 25 %, 2 above 25 to 40 %, 3 above 40 %" in grade
    assert "crush where the posterior height lost 20 % or more too (a setting)" in shape


@pytest.mark.parametrize("part", ["grade", "shape"])
def test_bars_hold_the_counts_of_every_visit(example: Warehouse, part: str) -> None:
    answer = genant(example.reader(), Cohort())
    parts: list[dict[str, Any]] = genant_chart(answer, LIGHT, part=part).to_dict()["datasets"][
        "parts"
    ]
    by_visit: Counter[str] = Counter()
    for row in parts:
        by_visit[row["visit"]] += row["n"]
    assert list(by_visit.values()) == [64, 64, 63, 59, 59]
    first = [row["words"] for row in parts if row["visit"] == "before the operation"]
    wanted = {"grade": ["0: 13", "1: 10", "2: 21", "3: 20"], "shape": ["–: 13", "W: 13", "B: 38"]}
    assert first == wanted[part]


def test_the_page_shows_grades_and_shapes() -> None:
    text = page_words(opened(ALIGNMENT, view="genant", visit="m12"))
    assert "Grade lower at 12 months than before at 33 of 59 levels" in text
    assert "| grade 3 | 1 | 2 | 15 | **2** | 20 |" in text
    app = opened(ALIGNMENT, view="genant", part="shape")
    assert "before the operation 13 wedge, 38 biconcave, 0 crush of 64 levels" in page_words(app)
    assert specs(app)[0].startswith("Stacked bars of the shape of treated levels by visit.")
