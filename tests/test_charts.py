"""Charts are values: what they draw is counted in their rows, how they look in their structure."""

from __future__ import annotations

import csv
import itertools
import json
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from data.codebook import thresholds, visits
from data.ingest import accept, check
from data.warehouse import Reader, open_registry
from pages.charts import drawing
from pages.charts.alignment import alignment_chart, alignment_groups_chart
from pages.charts.drawing import BREAK
from pages.charts.gain_and_loss import gain_and_loss_chart
from pages.charts.leak_spine import spine_chart
from pages.charts.leakage import rate_chart
from pages.charts.over_visits import BUNCHES
from pages.charts.overview import bars_chart
from pages.charts.theme import DARK, KNOWN, LIGHT, TABLES, Palette, palette
from pages.charts.trajectory import (
    threshold_height,
    trajectory_chart,
    trajectory_groups_chart,
)
from queries.alignment import alignment
from queries.cohort import Cohort
from queries.leakage import leakage
from queries.trajectory import trajectory
from tests.drawings import drawn

if TYPE_CHECKING:
    from pages.charts.over_visits import View
    from queries.alignment import Alignment
    from queries.trajectory import Trajectory

EXAMPLE = Path(__file__).parent.parent / "data" / "example"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("charts") / "example.duckdb"
    accept(check(EXAMPLE), path)
    return path


@pytest.fixture
def reader(registry: Path) -> Reader:
    return open_registry(registry).reader()


def points(lines: list[dict[str, Any]]) -> list[tuple[str, float]]:
    """Return the points of lines whose values stand side by side, one column for each visit."""
    return [
        (name, row[name])
        for row in lines
        for name in row
        if name in visits() and row[name] is not None
    ]


def luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_and_marks_stand_out_from_the_background(colours: Palette) -> None:
    for text in (colours.ink, colours.secondary, colours.muted, colours.answer, colours.attention):
        assert contrast(text, colours.background) >= 4.5
    assert contrast(colours.individual, colours.background) >= 3


def test_an_unknown_theme_is_light() -> None:
    assert palette(None) is LIGHT
    assert palette("dark") is DARK


def test_a_trajectory_draws_a_line_for_every_patient_with_a_value(reader: Reader) -> None:
    answer = trajectory(reader, Cohort(), measure="vas")
    rows = drawn(trajectory_chart(answer, LIGHT))
    assert len({row["patient_id"] for row in rows["lines"]}) == 31
    assert [row["n"] for row in rows["centre"]] == [
        row.n for row in answer.rows if row.group == "all"
    ]
    assert [row["visit"] for row in rows["centre"]] == ["pre", "post", "m3", "m6", "m12"]


def test_an_answer_is_drawn_once_and_only_for_the_same_words(reader: Reader) -> None:
    answer, other = (trajectory(reader, Cohort(), measure=one) for one in ("vas", "odi"))
    first = trajectory_chart(answer, LIGHT)
    assert trajectory_chart(answer, LIGHT) is first
    assert trajectory_chart(answer, DARK) is not first
    assert trajectory_chart(answer, LIGHT, view="change") is not first
    assert trajectory_chart(other, LIGHT) is not first
    for _ in range(drawing.KEPT):
        trajectory_chart(replace(answer), LIGHT)
    assert trajectory_chart(answer, LIGHT) is not first


def test_a_chart_that_was_noted_draws_another_answer_before_it_is_asked_for() -> None:
    drawn = list[object]()

    @drawing.drawn_once
    def chart(answer: object, names: object, *, view: str = "value") -> drawing.Drawing:
        drawn.append((answer, view))
        return drawing.Drawing({"usermeta": {TABLES: []}}, {})

    with drawing.drawings() as noted:
        chart("now", LIGHT, view="change")
        chart("now", ["of these rows"])
    chart("later", LIGHT)
    assert [one.is_steady for one in noted] == [True, False]
    noted[0].draw("next")
    assert drawn[-1] == ("next", "change")
    before = len(drawn)
    chart("next", LIGHT, view="change")
    assert len(drawn) == before


def test_marks_are_known_by_their_row_and_lines_are_not(reader: Reader) -> None:
    chart = trajectory_chart(trajectory(reader, Cohort(), measure="vas"), LIGHT)
    layers = chart.structure["layer"]
    keyed = {one["mark"]["type"] for one in layers if "key" in one["encoding"]}
    assert keyed == {"circle", "rule", "text"}
    lines = [one for one in layers if one["mark"]["type"] in ("line", "area")]
    assert lines
    assert all("key" not in one["encoding"] for one in lines)
    rows = drawn(chart)
    assert [row["nth"] for row in rows["centre"]] == list(range(len(rows["centre"])))
    assert all("nth" not in row for row in rows["courses"])


def test_patients_without_the_last_visit_are_dashed(reader: Reader) -> None:
    answer = trajectory(reader, Cohort(), measure="vas")
    rows = drawn(trajectory_chart(answer, LIGHT))["courses"]
    assert sum(row["value"] is None and not row["complete"] for row in rows) == 3
    dashes = [
        layer["encoding"]["strokeDash"]["field"]
        for layer in trajectory_chart(answer, LIGHT).to_dict()["layer"]
        if "strokeDash" in layer["encoding"]
    ]
    assert dashes == ["complete"]


def test_the_change_view_draws_the_estimates_of_the_tests(reader: Reader) -> None:
    answer = trajectory(reader, Cohort(), measure="odi")
    rows = drawn(trajectory_chart(answer, LIGHT, view="change"))
    assert [row["median"] for row in rows["centre"]] == [t.estimate for t in answer.paired]
    assert {visit for visit, _ in points(rows["lines"])} == {"post", "m3", "m6", "m12"}


def test_the_threshold_line_lies_below_the_median_baseline(reader: Reader) -> None:
    answer = trajectory(reader, Cohort(), measure="vas")
    first, relative = thresholds("vas")[0], thresholds("vas")[1]
    median = answer.rows[0].median
    assert median is not None
    assert threshold_height(answer, first, "value") == pytest.approx(median - 1.5)
    assert threshold_height(answer, relative, "change") == pytest.approx(-0.3 * median)
    rows = drawn(trajectory_chart(answer, LIGHT, threshold=first))["across"]
    assert rows[0]["words"] == "1.5 points better than the median before: Low back pain consensus"
    assert drawn(trajectory_chart(answer, LIGHT))["across"] == []


def test_a_final_threshold_has_no_place_among_changes(reader: Reader) -> None:
    answer = trajectory(reader, Cohort(), measure="vas")
    final = next(item for item in thresholds("vas") if item.kind == "final")
    assert threshold_height(answer, final, "value") == final.value
    assert threshold_height(answer, final, "change") is None


def test_a_better_score_that_is_higher_has_its_threshold_above(reader: Reader) -> None:
    answer = trajectory(reader, Cohort(), measure="karnofsky")
    assert threshold_height(answer, thresholds("odi")[0], "change") == 10


def test_individuals_can_be_picked_and_lines_are_straight(reader: Reader) -> None:
    spec = trajectory_chart(trajectory(reader, Cohort()), LIGHT).to_dict()
    names = {param["name"] for param in spec["params"]}
    assert "picked" in names
    lines = [layer["mark"] for layer in spec["layer"] if layer["mark"]["type"] == "line"]
    assert all(mark.get("interpolate", "linear") == "linear" for mark in lines)


def test_a_small_chart_draws_no_individuals(reader: Reader) -> None:
    chart = trajectory_chart(trajectory(reader, Cohort()), LIGHT, compact=True)
    assert "lines" not in drawn(chart)


def test_the_structure_is_shared_and_the_rows_are_not(reader: Reader) -> None:
    everybody = trajectory_chart(trajectory(reader, Cohort()), LIGHT)
    women = trajectory_chart(trajectory(reader, Cohort(sex=("F",))), LIGHT)
    assert everybody.structure is women.structure
    assert len({row["patient_id"] for row in drawn(women)["lines"]}) == 18


def test_every_rate_prints_both_denominators(reader: Reader) -> None:
    answer = leakage(reader, Cohort(), by="region")
    rows = drawn(rate_chart(answer.rows[1:], answer, LIGHT, str))["groups"]
    assert [row["counts"].split(" · ")[0].split(" of ")[1] for row in rows] == [
        "20 levels",
        "31 levels",
        "13 levels",
    ]
    assert all("patients" in row["counts"] for row in rows)


def test_levels_that_nobody_looked_at_have_no_rate(tmp_path: Path) -> None:
    (tmp_path / "patients.csv").write_text("patient_id\nA\n", encoding="utf-8")
    (tmp_path / "procedures.csv").write_text(
        "procedure_id,patient_id,operated_on,level,leak\nK1,A,2024-01-01,T8,\n", encoding="utf-8"
    )
    path = tmp_path / "r.duckdb"
    accept(check(tmp_path), path)
    answer = leakage(open_registry(path).reader(), Cohort(), by="level")
    rows = drawn(spine_chart(answer, DARK))
    row = next(row for row in rows["groups"] if row["label"] == "T8")
    assert row["rate"] is None
    assert row["counts"] == "not looked for at 1"
    assert rows["whole"] == []


def test_without_an_error_on_record_nothing_is_called_noise(reader: Reader) -> None:
    answer = alignment(reader, Cohort(), measure="height_anterior", scale="percent_of_reference")
    chart = gain_and_loss_chart(answer, LIGHT)
    assert {row["kind"] for row in drawn(chart)["bars"]} == {"no error on record"}
    assert drawn(chart)["error"] == []
    spec = json.dumps(alignment_chart(answer, LIGHT).to_dict())
    assert "% of the reference height" in spec
    assert "within_error" not in json.dumps(alignment_chart(answer, LIGHT).structure)


def test_levels_over_the_visits_are_levels(reader: Reader) -> None:
    answer = alignment(reader, Cohort(), measure="wedge_angle")
    rows = drawn(alignment_chart(answer, LIGHT))
    assert len({row["procedure_id"] for row in rows["lines"]}) == 64
    assert rows["centre"][0]["n"] == 64
    assert drawn(alignment_chart(answer, LIGHT, view="change"))["centre"][-1]["n"] == 28


def test_changes_beyond_the_measurement_error_are_marked_as_counted_from_the_films(
    reader: Reader,
) -> None:
    readings: dict[tuple[str, str], list[float]] = {}
    with (EXAMPLE / "radiographs.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["kyphosis_angle"]:
                key = row["procedure_id"], row["visit"]
                readings.setdefault(key, []).append(float(row["kyphosis_angle"]))
    angles = {key: fmean(values) for key, values in readings.items()}
    changes = [
        round(angle - angles[level, "pre"], 6)
        for (level, visit), angle in angles.items()
        if visit != "pre" and (level, "pre") in angles
    ]
    rows = drawn(alignment_chart(alignment(reader, Cohort(), measure="kyphosis_angle"), LIGHT))
    assert len(points(rows["lines"])) == len(angles)
    dots = [row for row in rows["better"] if row["value"] is None]
    assert len(dots) == sum(change < -7 for change in changes) > 0
    assert len(rows["worse"]) == sum(change > 7 for change in changes) > 0


def test_every_line_is_drawn_whole_and_ends_in_a_gap(reader: Reader) -> None:
    rows = drawn(trajectory_chart(trajectory(reader, Cohort(), measure="vas"), LIGHT))
    drawn_points = [(r["visit"], r["value"]) for r in rows["courses"] if r["value"] is not None]
    assert drawn_points == points(rows["lines"])
    assert sum(row["value"] is None for row in rows["courses"]) == 31
    assert {row["bunch"] for row in rows["courses"]} == set(range(BUNCHES))


def test_a_packed_table_is_one_row_whatever_its_rows() -> None:
    table = pl.DataFrame(
        {
            "who": ["Ä, 1", None, f"x{BREAK}y"],
            "value": [0.5, None, -3.0],
            "yes": [True, False, None],
        }
    )
    structure = {"usermeta": {TABLES: ["lines"], KNOWN: []}}
    chart = drawing.Drawing(structure, {"lines": table}, frozenset({"lines"}))
    assert chart.to_dict()["datasets"]["lines"] == [
        {
            "who": BREAK.join(["Ä, 1", "", "x y"]),
            "value": BREAK.join(["0.5", "NaN", "-3.0"]),
            "yes": BREAK.join(["true", "false", "NaN"]),
        }
    ]
    nobody = drawing.Drawing(structure, {"lines": table.clear()}, frozenset({"lines"}))
    assert nobody.to_dict()["datasets"]["lines"] == [{"who": "", "value": "NaN", "yes": "NaN"}]


def test_a_chart_over_the_visits_has_as_many_rows_whoever_it_shows(reader: Reader) -> None:
    heights = set()
    for cohort in (Cohort(), Cohort(sex=("F",)), Cohort(primary_tumour=("colorectal",))):
        for chart in (
            trajectory_chart(trajectory(reader, cohort), LIGHT),
            alignment_chart(alignment(reader, cohort, measure="kyphosis_angle"), LIGHT),
        ):
            sent = chart.to_dict()["datasets"]
            heights.add((*sent, *map(len, sent.values())))
    assert len(heights) == 2


def test_bars_stand_largest_first() -> None:
    rows = drawn(bars_chart([("lung", 6), ("breast", 13)], LIGHT))["counts"]
    assert [row["label"] for row in rows] == ["breast", "lung"]


def test_no_chart_asks_for_anything_from_outside(reader: Reader) -> None:
    answer = leakage(reader, Cohort(), by="level")
    for chart in (
        spine_chart(answer, LIGHT),
        trajectory_chart(trajectory(reader, Cohort()), LIGHT),
    ):
        words = json.dumps(
            {k: v for k, v in chart.to_dict().items() if k != "$schema"}, default=str
        )
        assert "http" not in words


def grouped_names(answer: Trajectory | Alignment) -> list[tuple[str, str]]:
    groups = dict.fromkeys(row.group for row in answer.rows if row.group != "all")
    return [(group, group) for group in groups][:6]


def test_groups_have_a_mark_at_every_visit_with_its_interval_and_n(reader: Reader) -> None:
    answer = trajectory(reader, Cohort(), by="sex")
    rows = drawn(trajectory_groups_chart(answer, LIGHT, grouped_names(answer)))
    shown = {(row["group"], row["visit"]): row for row in rows["marks"]}
    assert len(shown) == 2 * 5
    women = next(row for row in answer.rows if (row.group, row.visit) == ("F", "m12"))
    mark = shown["F", "m12"]
    assert (mark["n"], mark["centre"], mark["low"], mark["high"]) == (
        women.n,
        women.median,
        women.median_low,
        women.median_high,
    )


def test_groups_are_told_apart_by_shape_and_dash_beside_colour(reader: Reader) -> None:
    answer = trajectory(reader, Cohort(), by="sex")
    layers = trajectory_groups_chart(answer, LIGHT, grouped_names(answer)).to_dict()["layer"]
    channels = {channel for layer in layers for channel in layer["encoding"]}
    assert {"color", "shape", "strokeDash"} <= channels


@pytest.mark.parametrize("view", ["value", "change"])
def test_names_of_groups_never_stand_on_each_other(reader: Reader, view: View) -> None:
    for by in ("sex", "primary_tumour", "region"):
        answer = trajectory(reader, Cohort(), by=by)
        films = alignment(reader, Cohort(), by=by)
        for chart in (
            trajectory_groups_chart(answer, LIGHT, grouped_names(answer), view=view),
            alignment_groups_chart(films, LIGHT, grouped_names(films), view=view),
        ):
            spec = chart.to_dict()
            heights = sorted(row["height"] for row in drawn(chart)["names"])
            ends = next(
                layer["encoding"]["y"]["scale"]["domain"]
                for layer in spec["layer"]
                if "scale" in layer["encoding"].get("y", {})
            )
            span = ends[1] - ends[0]
            apart = [(b - a) / span for a, b in itertools.pairwise(heights)]
            assert all(gap > 0.07 for gap in apart)
            assert ends[0] - 1e-9 <= min(heights, default=ends[0])
            assert max(heights, default=ends[1]) <= ends[1] + 1e-9


def test_changes_of_groups_are_the_estimates(reader: Reader) -> None:
    answer = alignment(reader, Cohort(), by="region")
    names = [(group, group) for group in ("thoracic", "several")]
    rows = drawn(alignment_groups_chart(answer, LIGHT, names, view="change"))["marks"]
    estimates = {(c.group, c.visit): c.estimate.value for c in answer.changes if c.estimate}
    assert {(row["group"], row["visit"]): row["centre"] for row in rows} == {
        key: value for key, value in estimates.items() if key[0] in ("thoracic", "several")
    }


def test_a_chart_of_no_groups_is_still_a_chart(reader: Reader) -> None:
    answer = trajectory(reader, Cohort(primary_tumour=("melanoma",), sex=("F",)), by="sex")
    assert drawn(trajectory_groups_chart(answer, LIGHT, []))["names"] == []


def test_a_chart_without_visits_has_labels_that_a_browser_can_read(tmp_path: Path) -> None:
    (tmp_path / "patients.csv").write_text("patient_id\nA\n", encoding="utf-8")
    (tmp_path / "procedures.csv").write_text(
        "procedure_id,patient_id,operated_on,level\nK1,A,2024-01-01,T8\n", encoding="utf-8"
    )
    accept(check(tmp_path), tmp_path / "bare.duckdb")
    answer = trajectory(open_registry(tmp_path / "bare.duckdb").reader(), Cohort(), measure="vas")
    shown = json.dumps(trajectory_chart(answer, LIGHT, compact=True).to_dict())
    assert '"labelExpr": "\'\'"' in shown
    assert '"labelExpr": " :' not in shown
