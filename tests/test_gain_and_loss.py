from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

import queries.alignment
from data.warehouse import open_registry
from pages.charts.gain_and_loss import gain_and_loss_bars, gain_and_loss_chart
from pages.charts.theme import LIGHT
from pages.shared import legends, tables
from queries.alignment import Alignment, alignment
from queries.cohort import Cohort
from queries.thinned import neighbours
from tests.registry_of_six import registry_of_example, registry_of_six
from tests.test_pages import opened, specs
from tests.test_pages import words as page_words

if TYPE_CHECKING:
    from data.warehouse import Warehouse

ALIGNMENT = "imaging/alignment.py"


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


def bars(answer: Alignment, part: str) -> list[dict[str, Any]]:
    rows = gain_and_loss_chart(answer, LIGHT).to_dict()["datasets"]["bars"]
    return [row for row in rows if row["part"] == part]


def test_the_loss_of_a_level_starts_where_its_gain_ends(six: Warehouse) -> None:
    answer = alignment(six.reader(), Cohort())
    gain, loss = bars(answer, "gain"), bars(answer, "loss")
    # gains: K8 -10, K3 -8, K4 -7, K1 -6, K2 -2, K5 -2, K6 0; then K1 +2, K2 +1, K3 +1, K4 +1, K8 +2
    assert [(row["start"], row["end"]) for row in gain] == [
        *((0, -10), (0, -8), (0, -7), (0, -6), (0, -2), (0, -2), (0, 0))
    ]
    assert {(row["level"], row["start"], row["end"]) for row in loss} == {
        ("T5", -10, -8),
        ("L3", -8, -7),
        ("L3", -7, -6),
        ("T8", -6, -4),
        ("L1", -2, -1),
    }
    middles = {(row["patient_id"], row["level"], row["start"]): row["middle"] for row in loss}
    assert middles["A5", "T5", -10] == gain[0]["middle"]


def test_changes_inside_the_measurement_error_are_grey(example: Warehouse) -> None:
    answer = alignment(example.reader(), Cohort(), measure="kyphosis_angle")
    for part in ("gain", "loss"):
        rows = bars(answer, part)
        assert len(rows) == 64
        for row in rows:
            change = row["end"] - row["start"]
            assert (row["kind"] == "within") == (abs(change) <= 7 + 1e-9)
            assert (row["kind"] == "worse") == (change > 7 + 1e-9)
    gains = [row["end"] for row in bars(answer, "gain")]
    assert gains == sorted(gains)


def test_a_lost_height_is_worse_and_the_largest_gain_stands_first(example: Warehouse) -> None:
    answer = alignment(example.reader(), Cohort(), measure="height_anterior")
    for part in ("gain", "loss"):
        for row in bars(answer, part):
            assert (row["kind"] == "worse") == (row["end"] - row["start"] < -4.5)
    gains = [row["end"] for row in bars(answer, "gain")]
    assert gains == sorted(gains, reverse=True)


def test_levels_are_named_under_few_bars_alone(six: Warehouse, example: Warehouse) -> None:
    few = gain_and_loss_chart(alignment(six.reader(), Cohort()), LIGHT).structure
    many = gain_and_loss_chart(alignment(example.reader(), Cohort()), LIGHT).structure
    assert len(few["layer"]) == len(many["layer"]) + 1


def test_above_the_limit_a_bar_stands_for_several_levels_and_says_so(
    example: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries.alignment, "neighbours", partial(neighbours, most=20))
    answer = alignment(example.reader(), Cohort())
    shown = gain_and_loss_bars(answer)
    assert shown["place"].n_unique() == 16
    assert shown["patient_id"][0] == "4 levels"
    assert legends.courses_legend(answer).startswith("Each bar: up to 4 levels in a row, largest")
    assert tables.course_rows(answer)[0]["patient"] == "4 levels"


def test_the_legend_says_what_is_wide_what_is_narrow_and_what_is_noise(example: Warehouse) -> None:
    answer = alignment(example.reader(), Cohort())
    assert legends.courses_legend(answer) == (
        "Each bar: one level, largest gain first. Wide: gained at the operation; narrow, from its "
        "end: what came after, up to the last film; line: what is left then. Orange, triangle: "
        "more kyphotic; teal, diamond: less kyphotic; each by more than the measurement error of "
        "7.0°; grey: inside it."
    )


def test_the_table_holds_gain_and_loss_on_one_row(six: Warehouse) -> None:
    rows = tables.course_rows(alignment(six.reader(), Cohort()))
    assert len(rows) == 7
    assert rows[0] == {
        "patient": "A5",
        "level": "T5",
        "gain": "−10.0",
        "loss": "+2.0",
        "last film": "3 months",
    }
    assert rows[-1]["loss"] == "–"


def test_the_page_draws_one_chart_of_gain_and_loss() -> None:
    app = opened(ALIGNMENT, view="courses")
    (alt,) = specs(app)
    assert alt.startswith("Bar chart of gain and loss, one bar per treated level. Gain, before to")
    text = page_words(app)
    assert "levels more kyphotic, " in text
    assert "Loss, after the operation to the last film: median change of patient means" in text
