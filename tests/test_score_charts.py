"""Charts of scores: every view draws the rows of its answer, on one scale, and counts them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import pages.charts.sparklines
import pages.charts.waterfall
from data.codebook import bands, thresholds, visits
from data.example import example_registry
from data.warehouse import open_registry
from pages.charts.days import days_chart
from pages.charts.last_visit import last_visit_chart, last_visit_names
from pages.charts.observed import observed_chart
from pages.charts.severity import shift_chart
from pages.charts.small_multiples import TALL, panels_chart
from pages.charts.sparklines import sparklines_chart
from pages.charts.theme import DARK, LIGHT
from pages.charts.trajectory import trajectory_chart
from pages.charts.waterfall import threshold_across, waterfall_chart
from pages.shared.observed_words import METHOD_NAMES
from queries.cohort import Cohort
from queries.dropout import dropout
from queries.improvement import improvement
from queries.observed import by_method
from queries.severity import severity
from queries.timing import timing
from queries.trajectory import trajectory
from tests.drawings import drawn
from tests.registry_of_six import SIX, registry_of, registry_of_six

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Reader, Warehouse
    from pages.charts.drawing import Drawing

WOMEN = Cohort(sex=("F",))


@pytest.fixture
def reader() -> Reader:
    return open_registry(example_registry()).reader()


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


def test_percent_changes_are_drawn_with_their_median(reader: Reader) -> None:
    answer = trajectory(reader, Cohort())
    rows = drawn(trajectory_chart(answer, LIGHT, view="percent"))
    after = [row for row in answer.rows if row.visit != "pre"]
    assert [row["median"] for row in rows["centre"]] == [row.percent_median for row in after]
    assert [row["label"] for row in rows["centre"]][-1] == "−64"
    assert {name for row in rows["lines"] for name in row if name in visits()} == {
        "post",
        "m3",
        "m6",
        "m12",
    }


def test_a_percent_threshold_has_its_place_among_percent_changes_alone(reader: Reader) -> None:
    answer = trajectory(reader, Cohort())
    absolute, percent = thresholds("vas")[:2]
    rows = drawn(trajectory_chart(answer, LIGHT, view="percent", threshold=percent))["across"]
    assert rows[0]["height"] == -30
    assert not drawn(trajectory_chart(answer, LIGHT, view="percent", threshold=absolute))["across"]


def test_stepping_draws_the_visits_up_to_the_chosen_one(reader: Reader) -> None:
    answer = trajectory(reader, Cohort())
    rows = drawn(trajectory_chart(answer, LIGHT, upto="m3"))
    assert [row["visit"] for row in rows["centre"]] == ["pre", "post", "m3"]
    seen = {name for row in rows["lines"] for name in visits() if row.get(name) is not None}
    assert seen == {"pre", "post", "m3"}
    assert {row["visit"] for row in rows["now"]} == {"m3"}
    assert len(rows["now"]) == 31
    assert "now" not in drawn(trajectory_chart(answer, LIGHT))


def test_the_bands_of_the_scale_come_from_the_data(reader: Reader) -> None:
    rows = drawn(trajectory_chart(trajectory(reader, Cohort(), measure="odi"), LIGHT))["bands"]
    assert [(row["low"], row["high"], row["words"]) for row in rows] == [
        (low, band.up_to, band.label)
        for low, band in zip((0, 20, 40, 60, 80), bands("odi"), strict=True)
    ]
    assert "bands" not in drawn(trajectory_chart(trajectory(reader, Cohort()), LIGHT))


def test_those_at_an_end_of_the_scale_are_counted_at_their_visit(reader: Reader) -> None:
    answer = trajectory(reader, Cohort())
    rows = {row["visit"]: row for row in drawn(trajectory_chart(answer, LIGHT))["centre"]}
    assert rows["pre"]["at_top"] == "2 of 31 at 10"
    assert rows["m12"]["at_bottom"] == "2 of 28 at 0"
    assert rows["pre"]["at_bottom"] == ""
    nobody = drawn(trajectory_chart(trajectory(reader, Cohort(), measure="odi"), LIGHT))["centre"]
    assert {row["at_top"] + row["at_bottom"] for row in nobody} == {""}


def test_lines_over_days_stand_at_the_day_measured(six: Warehouse) -> None:
    answer, days = trajectory(six.reader(), Cohort()), timing(six.reader(), Cohort())
    rows = drawn(days_chart(answer, days, LIGHT))
    mine = [row for row in rows["lines"] if row["patient_id"] == "A2"]
    assert [row["day"] for row in mine] == [-4, 4, 92, 184, 379]
    assert {row["visit"]: row["day"] for row in rows["centre"]}["post"] == 4
    assert [row["n"] for row in rows["windows"]] == [5, 6, 6, 3, 2]


def test_values_between_the_visits_are_marked_and_undated_medians_stand_mid_window(
    tmp_path: Path,
) -> None:
    rows = SIX["follow_ups.csv"].replace("A1,m12,2023-01-10", "A1,m12,")
    rows = rows.replace("A2,m12,2023-03-15", "A2,m12,") + "A1,,2023-07-20,1,,\n"
    warehouse = open_registry(registry_of(SIX | {"follow_ups.csv": rows}, tmp_path))
    answer, days = trajectory(warehouse.reader(), Cohort()), timing(warehouse.reader(), Cohort())
    shown = drawn(days_chart(answer, days, LIGHT, view="change"))
    beside = [row for row in shown["lines"] if row["beside"]]
    assert [(row["patient_id"], row["day"], row["value"]) for row in beside] == [("A1", 556, -7)]
    assert {row["visit"]: row["day"] for row in shown["centre"]}["m12"] == (271 + 500) / 2
    assert "pre" not in {row["visit"] for row in shown["centre"]}


def test_every_group_has_a_panel_on_the_same_axes(reader: Reader) -> None:
    answer = trajectory(reader, Cohort(), by="sex")
    rows = drawn(panels_chart(answer, LIGHT, [("F", "women"), ("M", "men")]))
    assert [row["name"] for row in rows["panels"]] == ["women", "men"]
    bottoms = {row["name"]: row["bottom"] for row in rows["panels"]}
    for name, group in (("women", "F"), ("men", "M")):
        for mark in (row for row in rows["marks"] if row["group"] == group):
            found = next(
                r for r in answer.rows if r.group == group and r.n == mark["n"] and r.median
            )
            assert bottoms[name] <= mark["y"] <= bottoms[name] + TALL
            assert found
    women = next(r for r in answer.rows if (r.group, r.visit) == ("F", "pre"))
    first = next(row for row in rows["marks"] if row["group"] == "F")
    assert first["y"] == pytest.approx(bottoms["women"] + TALL * (women.median or 0) / 10)
    assert len({row["patient_id"] for row in rows["lines"]}) == 31


def test_each_panel_shows_the_whole_cohort_to_compare_with(reader: Reader) -> None:
    answer = trajectory(reader, Cohort(), by="sex")
    rows = drawn(panels_chart(answer, LIGHT, [("F", "women"), ("M", "men")], view="change"))
    heights = [[row["y"] for row in rows["whole"] if row["group"] == group] for group in ("F", "M")]
    assert heights[0] == heights[1]
    assert len(heights[0]) == 4


def test_panels_of_many_groups_stand_in_two_rows(reader: Reader) -> None:
    answer = trajectory(reader, Cohort(), by="primary_tumour")
    groups = [(g, g) for g in dict.fromkeys(r.group for r in answer.rows) if g != "all"][:6]
    rows = drawn(panels_chart(answer, LIGHT, groups, view="percent"))
    assert len({row["bottom"] for row in rows["panels"]}) == 2
    assert {row["words"] for row in rows["grid"]} == {"", "−100", "−50", "0", "50", "100"}


def test_panels_of_no_group_are_still_a_chart(reader: Reader) -> None:
    answer = trajectory(reader, Cohort(primary_tumour=("melanoma",), sex=("F",)), by="sex")
    assert drawn(panels_chart(answer, LIGHT, []))["lines"] == []


def test_those_who_left_early_are_drawn_over_those_who_stayed(reader: Reader) -> None:
    answer = dropout(reader, Cohort())
    rows = drawn(last_visit_chart(answer, LIGHT))
    assert last_visit_names(answer) == [
        ("m3", "last seen at 3 months (1)"),
        ("m6", "last seen at 6 months (2)"),
        ("m12", "last seen at 12 months (28)"),
    ]
    assert len({row["patient_id"] for row in rows["lines"]}) == 31
    places = [row["place"] for row in rows["lines"]]
    assert places == sorted(places, reverse=True)
    assert {row["group"] for row in rows["marks"]} == {"m3", "m6", "m12"}


def test_groups_by_last_visit_have_shape_and_dash_beside_colour(reader: Reader) -> None:
    layers = last_visit_chart(dropout(reader, Cohort()), LIGHT).to_dict()["layer"]
    channels = {channel for layer in layers for channel in layer["encoding"]}
    assert {"color", "shape", "strokeDash"} <= channels


def test_every_method_has_its_mark_at_every_visit(reader: Reader) -> None:
    answer = trajectory(reader, Cohort())
    methods = by_method(answer)
    rows = drawn(observed_chart(answer, methods, LIGHT, METHOD_NAMES))["marks"]
    assert {(row["group"], row["visit"]): row["centre"] for row in rows} == {
        (m.method, m.visit): m.estimate for m in methods
    }
    assert len(rows) == 16


def test_bars_run_from_the_greatest_improvement_and_are_grey_inside_the_error(
    reader: Reader,
) -> None:
    answer = improvement(reader, Cohort(), measure="odi")
    rows = drawn(waterfall_chart(answer, LIGHT, visit="m12"))
    shown = [row["shown"] for row in rows["bars"]]
    assert len(shown) == 28
    assert shown == sorted(shown)
    for row in rows["bars"]:
        assert (row["kind"] in ("within error", "unchanged")) == (abs(row["shown"]) <= 10 + 1e-9)
    assert [row["words"] for row in rows["key"]] == [
        *("21 better", "3 within the error", "1 no change", "3 worse"),
    ]
    assert rows["error"][0]["words"] == "measurement error ±10 points"


def test_a_higher_score_that_is_better_stands_first(reader: Reader) -> None:
    answer = improvement(reader, Cohort(), measure="karnofsky")
    rows = drawn(waterfall_chart(answer, DARK, visit="m12", unit="percent"))
    shown = [row["shown"] for row in rows["bars"]]
    assert shown == sorted(shown, reverse=True)
    assert [row["words"] for row in rows["key"]] == ["15 better", "5 no change", "8 worse"]
    assert rows["error"] == []


def test_a_threshold_is_a_line_among_bars_of_its_own_unit_alone(reader: Reader) -> None:
    answer = improvement(reader, Cohort(), measure="odi")
    absolute, percent = thresholds("odi")[:2]
    assert threshold_across(answer, absolute, "change") == [(-10, "threshold: 10 points better")]
    assert threshold_across(answer, absolute, "percent") == []
    assert threshold_across(answer, percent, "percent")[0][0] == -30
    assert threshold_across(answer, None, "change") == []
    higher = improvement(reader, Cohort(), measure="karnofsky")
    assert threshold_across(higher, absolute, "change")[0][0] == 10


def test_many_bars_become_medians_of_slices(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages.charts.waterfall, "MOST_BARS", 20)
    monkeypatch.setattr(pages.charts.waterfall, "SLICES", 7)
    answer = improvement(reader, Cohort())
    rows = drawn(waterfall_chart(answer, LIGHT, visit="m12"))
    shown = [row["shown"] for row in rows["bars"]]
    assert len(shown) == 7
    assert shown == sorted(shown)
    assert {row["patient_id"] for row in rows["bars"]} == {"many"}
    assert rows["key"][0]["words"] == "24 better"


def test_every_patient_has_a_small_line_the_least_improved_first(reader: Reader) -> None:
    answer = trajectory(reader, Cohort())
    chart = sparklines_chart(answer, LIGHT)
    assert chart is not None
    rows = drawn(chart)
    assert len(rows["names"]) == 31
    assert rows["names"][0]["patient_id"] == "P05"
    assert rows["names"][0]["words"] == "6.5 → 7.0"
    assert rows["names"][0]["kind"] == "worse"
    assert answer.values is not None
    assert len(rows["points"]) == answer.values.height


def test_a_patient_without_a_change_stands_last(six: Warehouse) -> None:
    chart = sparklines_chart(trajectory(six.reader(), Cohort()), LIGHT)
    assert chart is not None
    names = drawn(chart)["names"]
    assert [row["patient_id"] for row in names][-1] == "A4"
    assert names[-1]["kind"] == "no change known"


def test_too_many_patients_have_no_small_lines(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages.charts.sparklines, "MOST", 30)
    assert sparklines_chart(trajectory(reader, Cohort()), LIGHT) is None


def test_the_cells_of_the_bands_add_up_to_the_patients(reader: Reader) -> None:
    answer = severity(reader, Cohort())
    rows = drawn(shift_chart(answer, LIGHT, visit="m12"))
    counted = [int(row["words"]) for row in rows["cells"] if row["words"] != "·"]
    assert sum(counted) == sum(row["n"] for row in rows["totals"]) == 31
    kinds = {(row["before"], row["after"]): row["kind"] for row in rows["cells"]}
    assert kinds["severe", "moderate"] == "milder"
    assert kinds["severe", "severe"] == "same"
    assert kinds["severe", "crippled"] == "worse"
    assert kinds["severe", "dead"] == "no value"


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_the_structure_of_every_view_is_built_once_and_asks_for_nothing(
    reader: Reader, colours: Any
) -> None:
    def views(cohort: Cohort) -> list[Drawing]:
        answer = trajectory(reader, cohort, by="sex")
        changed = improvement(reader, cohort)
        small = sparklines_chart(answer, colours)
        assert small is not None
        return [
            trajectory_chart(answer, colours, view="percent"),
            days_chart(answer, timing(reader, cohort), colours),
            panels_chart(answer, colours, [("F", "women")]),
            last_visit_chart(dropout(reader, cohort), colours),
            shift_chart(severity(reader, cohort), colours, visit="m3"),
            waterfall_chart(changed, colours, visit="m12"),
            small,
        ]

    everybody, women = views(Cohort()), views(WOMEN)
    assert all(a.structure is b.structure for a, b in zip(everybody[:3], women[:3], strict=True))
    assert everybody[4].structure is women[4].structure
    for chart in everybody:
        words = json.dumps({k: v for k, v in chart.to_dict().items() if k != "$schema"})
        assert "http" not in words
