"""The page of scores: each view, its controls, its sentences, and the address that reopens it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from data.example import example_registry
from data.warehouse import open_registry
from pages.shared import dropout_words, improvement_words, observed_words, score_words
from pages.shared.score_tables import band_rows, day_rows, dropout_rows, patient_rows, percent_rows
from queries.cohort import Cohort
from queries.dropout import dropout
from queries.improvement import improvement
from queries.observed import by_method
from queries.severity import severity
from queries.timing import timing
from queries.trajectory import trajectory
from tests.registry_of_six import SIX, registry_of
from tests.test_pages import TRAJECTORIES, address, opened, specs, words

if TYPE_CHECKING:
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from data.warehouse import Warehouse


@pytest.fixture(scope="module")
def example() -> Warehouse:
    return open_registry(example_registry())


@pytest.fixture(scope="module")
def loose(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Six patients: one value between the visits, one undated, one late, one of 0 before."""
    rows = SIX["follow_ups.csv"].replace("A2,m12,2023-03-15", "A2,m12,")
    rows = rows.replace("A1,m6,2022-07-10", "A1,m6,2022-12-10")
    rows = rows.replace("A5,pre,2022-08-10,6", "A5,pre,2022-08-10,0")
    rows += "A1,,2023-07-20,1,,\n"
    folder = tmp_path_factory.mktemp("loose")
    return open_registry(registry_of(SIX | {"follow_ups.csv": rows}, folder))


def shown(app: AppTest) -> set[str]:
    widgets = [*app.main.get("button_group"), *app.main.get("selectbox")]
    return {str(w.key).split(".")[-1] for w in widgets if str(w.key).startswith("view.")}


@pytest.mark.parametrize(
    ("view", "controls"),
    [
        ("value", {"measure", "view", "by", "axis", "threshold"}),
        ("percent", {"measure", "view", "by", "axis", "threshold"}),
        ("waterfall", {"measure", "view", "unit", "threshold", "visit"}),
        ("dropout", {"measure", "view"}),
        ("patients", {"measure", "view"}),
        ("observed", {"measure", "view"}),
    ],
)
def test_a_view_offers_the_controls_that_apply_to_it(view: str, controls: set[str]) -> None:
    app = opened(TRAJECTORIES, view=view)
    assert shown(app) == controls
    assert len(specs(app)) == 1
    if view != "value":
        assert address(app, "view") == view


def test_groups_offer_a_layout_in_place_of_axis_and_threshold() -> None:
    app = opened(TRAJECTORIES, by="sex", layout="apart")
    assert shown(app) == {"measure", "view", "by", "layout"}
    assert "One chart for each group, all on the same axes" in words(app)
    assert address(app, "layout") == "apart"


def test_bands_are_offered_for_measures_that_have_some() -> None:
    app = opened(TRAJECTORIES, measure="odi", view="bands")
    assert "At 12 months, 21 of 28 patients with both values stood in a milder band" in words(app)
    pain = opened(TRAJECTORIES, view="bands")
    assert "The link holds view=bands, which is not known here" in words(pain)


def test_the_share_reaching_the_threshold_stands_beside_the_median() -> None:
    app = opened(TRAJECTORIES)
    text = words(app)
    assert (
        "A fall of 1.5 points or more (Low back pain consensus) was reached at 12 months by "
        "23 of 28 patients (82.1 %; 95 % CI 64.4 to 92.1 %) among the assessed, 23 of 29 patients"
    ) in text
    assert "23 of 31 patients (74.2 %; 95 % CI 56.8 to 86.3 %) among all. :gray" in text
    assert [link.proto.label for link in app.get("page_link")] == ["Responders at every visit"]
    assert not opened(TRAJECTORIES, threshold="none").get("page_link")


def test_stepping_speaks_of_the_visit_that_is_shown() -> None:
    text = words(opened(TRAJECTORIES, axis="steps", upto="m3"))
    assert "Pain (VAS) fell: at 3 months the median change was −5.0 points" in text
    assert "was reached at 3 months by" in text
    first = words(opened(TRAJECTORIES, axis="steps"))
    assert "Pain (VAS) before the operation: median 8.0 points (95 % CI 7.0 to 9.0; 31 " in first


def test_percent_changes_say_that_the_tests_are_of_the_change() -> None:
    text = words(opened(TRAJECTORIES, view="percent"))
    assert (
        "Pain (VAS), at 12 months: the median change of single patients was −64 % of the value "
        "before (95 % CI −78 to −40; 28 patients)."
    ) in text
    assert score_words.TESTS_OF_CHANGE in text
    assert score_words.TESTS_OF_CHANGE in words(opened(TRAJECTORIES, view="percent", by="sex"))


def test_the_days_say_what_stands_at_no_day(loose: Warehouse) -> None:
    assert "Every value has a date" in words(opened(TRAJECTORIES, axis="days"))
    said = score_words.undated_words(timing(loose.reader(), Cohort()))
    assert said == (
        "1 value without a date stands on no line, but in the medians; 1 value lies outside the "
        "window of the visit; 1 value of 1 patient between the visits (hollow diamonds) in no "
        "median."
    )
    rows = day_rows(timing(loose.reader(), Cohort()))
    assert rows[-1] == {
        "visit": "between the visits",
        "window": "–",
        "patients": "1",
        "median day": "556",
        "days": "556 to 556",
        "outside the window": "0",
        "without a date": "0",
    }


def test_a_baseline_of_zero_is_counted_in_words(loose: Warehouse) -> None:
    answer = trajectory(loose.reader(), Cohort())
    assert "; 4 patients; 1 with 0 before has none" in score_words.percent_sentence(answer, "post")
    rows = percent_rows(answer)
    assert (rows[0]["patients"], rows[0]["0 before"]) == ("4", "1")
    changed = improvement(loose.reader(), Cohort())
    said = improvement_words.left_out_sentence(changed, changed.rows[0], "percent")
    assert said.endswith(
        "1 patient with 0 before the operation, of whom there is no percent change."
    )


def test_percent_changes_beyond_the_axis_are_counted(loose: Warehouse) -> None:
    answer = trajectory(loose.reader(), Cohort())
    # after the operation A3 -44.4 and A6 0, at 3 months A6 -37.5
    assert score_words.beyond_words(answer, (-100, -50)) == (
        "3 values beyond −50 % are drawn at the edge."
    ).replace(" %", "\u202f%")
    assert score_words.beyond_words(answer, (-100, 100)) == ""


def test_those_who_left_are_named_with_the_reason(example: Warehouse) -> None:
    text = words(opened(TRAJECTORIES, view="dropout"))
    assert (
        "3 of 31 patients were last measured before 12 months. At 6 months, those last seen then "
        "(1 died, 1 lost) had a median of 4.3 points (n = 2), those seen to the end 2.5 (n = 27)."
    ) in text
    assert "Last seen at 3 months: 1 patient; then 1 died." in text
    rows = dropout_rows(dropout(example.reader(), Cohort()))
    assert [row["patients"] for row in rows] == ["1", "2", "28"]
    assert rows[0]["12 months"] == "–"


def test_where_nobody_left_early_the_sentence_says_so(loose: Warehouse) -> None:
    answer = dropout(loose.reader(), Cohort(), measure="karnofsky")
    assert dropout_words.dropout_sentence(answer) == (
        "Performance (Karnofsky): all 1 patient with a value were last measured at 12 months, so "
        "nobody left earlier."
    )
    assert "Never measured: 5 patients." in dropout_words.dropout_lines(answer)


def test_the_bars_of_a_visit_say_who_has_none() -> None:
    text = words(opened(TRAJECTORIES, view="waterfall", measure="odi", visit="m6"))
    assert "At 6 months, 26 of 29 patients with both values were better than before" in text
    assert "Without a bar: 2 patients (1 dead, 1 not recorded)." in text
    assert "by more than the measurement error of 10.0 points, 24 better and 3 worse" in text


def test_a_threshold_without_a_line_says_why() -> None:
    text = words(opened(TRAJECTORIES, view="waterfall", threshold="1"))
    assert "has no line among these bars: it is of another unit" in text


def test_models_of_every_observed_value_are_labelled(example: Warehouse) -> None:
    text = words(opened(TRAJECTORIES, view="observed"))
    assert "−4.3 (95 % CI −5.2 to −3.5) as if nobody had died (mixed model; missing at " in text
    assert "−4.4 (95 % CI −5.4 to −3.4) among those alive (GEE)" in text
    assert "| 12 months | mixed model, as if nobody had died; missing at random |" in text
    answer = trajectory(example.reader(), Cohort(age_to=52))
    methods = by_method(answer)
    assert observed_words.refused_lines(methods)
    assert "; no model was fitted." in observed_words.observed_sentence(methods, answer, "m3")


def test_courses_are_a_table_too(example: Warehouse) -> None:
    app = opened(TRAJECTORIES, view="patients")
    assert "31 small line charts of Pain (VAS)" in specs(app)[0]
    rows = patient_rows(trajectory(example.reader(), Cohort()))
    assert len(rows) == 31
    assert rows[0]["before"] == "9.0"


def test_the_bands_of_every_visit_add_up_to_those_with_a_baseline(example: Warehouse) -> None:
    rows = band_rows(severity(example.reader(), Cohort()))
    assert [sum(int(row[visit]) for row in rows) for visit in ("before", "after", "12 mo")] == [
        31,
        31,
        31,
    ]


@pytest.mark.parametrize("view", ["days", "dropout", "waterfall", "patients"])
def test_hidden_identifiers_stand_in_no_view(view: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KYPHO_HIDE_IDENTIFIERS", "yes")
    chosen = {"axis": "days"} if view == "days" else {"view": view}
    app = opened(TRAJECTORIES, **chosen)
    (chart,) = app.get("vega_lite_chart")
    rows = [pa.ipc.open_stream(d.data.data).read_all().to_pylist() for d in chart.proto.datasets]
    assert "no. " in str(rows)
    assert not re.search(r"\bP\d\d\b", f"{rows} {chart.proto.spec} {words(app)}")


@pytest.mark.parametrize("view", ["dropout", "waterfall", "patients", "observed", "bands"])
def test_a_view_without_values_says_why(
    view: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KYPHO_REGISTRY", str(registry_of(SIX, tmp_path)))
    app = opened(TRAJECTORIES, view=view, measure="odi", operated_from="2023", operated_to="2023")
    assert not specs(app)
    assert "their baseline belongs to an earlier operation (1 patient)" in words(app)
