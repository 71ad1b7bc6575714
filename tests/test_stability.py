from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

import queries.stability
from data.codebook import measures
from data.warehouse import open_registry
from pages.charts.stability import stability_bars, stability_chart
from pages.charts.theme import LIGHT
from pages.shared import stability_words as words
from queries.alignment import alignment
from queries.cohort import Cohort
from queries.stability import Held, stability
from queries.thinned import neighbours
from tests.registry_of_six import SIX, registry_of, registry_of_example, registry_of_six
from tests.test_pages import address, opened, specs
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


def tables(answer: Held, visit: str) -> dict[str, list[dict[str, Any]]]:
    return stability_chart(answer, visit, LIGHT).to_dict()["datasets"]


def test_every_patient_has_one_mean_change_since_the_operation(six: Warehouse) -> None:
    answer = stability(six.reader(), Cohort())
    found = {(r["patient_id"], r["visit"]): r for r in answer.patients.to_dicts()}
    # post to m3: K3 +1, K8 +2; m6: K4 +1; m12: K1 +2 and K2 +1 of A1
    assert {key: row["change"] for key, row in found.items()} == {
        ("A2", "m3"): 1,
        ("A5", "m3"): 2,
        ("A2", "m6"): 1,
        ("A1", "m12"): 1.5,
    }
    assert (found["A1", "m12"]["n_levels"], found["A1", "m12"]["levels"]) == (2, "T8, L1")
    assert [(row.visit, row.n_patients, row.n_levels, row.within) for row in answer.rows] == [
        ("m3", 2, 2, 2),
        ("m6", 1, 1, 1),
        ("m12", 1, 2, 1),
    ]


def test_the_verdicts_are_those_of_alignment(example: Warehouse) -> None:
    for measure in ("kyphosis_angle", "height_anterior"):
        held = stability(example.reader(), Cohort(), measure=measure)
        whole = alignment(example.reader(), Cohort(), measure=measure)
        assert held.judged == whole.judged
        assert held.comparisons == tuple(judged.test for judged in whole.judged)


def test_a_height_is_shown_in_the_unit_of_its_margin(example: Warehouse) -> None:
    held = stability(example.reader(), Cohort(), measure="height_anterior")
    assert (held.in_percent, held.margin) == (True, 10)
    shown = held.patients.filter(visit="m12")["change"].to_numpy()
    # in R: t.test(d, conf.level = .90) on these 28 means, mean -1.750884, -2.974951 to -0.526818
    mean = dict(held.means)["m12"]
    assert mean.value == pytest.approx(shown.mean()) == pytest.approx(-1.7508844, abs=1e-6)
    assert (mean.ci_low, mean.ci_high) == pytest.approx((-2.974951, -0.526818), abs=1e-6)
    assert mean.ci_level == 0.9


def test_a_mean_inside_the_error_does_not_hide_a_level_beyond_it(example: Warehouse) -> None:
    held = stability(example.reader(), Cohort())
    row = next(row for row in held.rows if row.visit == "m12")
    assert (row.n_patients, row.within, row.worse, row.better) == (28, 26, 2, 0)
    beyond = held.beyond.filter(visit="m12")
    worsened = words.judged_at(held, "m12").worsened
    assert worsened is not None
    assert beyond.height == worsened.k == 3
    assert set(beyond["kind"]) == {"worse"}


def test_a_lost_height_is_worse_and_a_gained_one_better(six: Warehouse) -> None:
    low = replace(measures()["height_anterior"], error=1.5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queries.stability, "measures", lambda: {"height_anterior": low})
        held = stability(six.reader(), Cohort(), measure="height_anterior")
        higher = replace(low, better="lower")
        patch.setattr(queries.stability, "measures", lambda: {"height_anterior": higher})
        other = stability(six.reader(), Cohort(), measure="height_anterior")
    # K1: 20 mm, then 18
    assert held.beyond["kind"].to_list() == ["worse"]
    assert other.beyond["kind"].to_list() == ["better"]


def test_without_error_and_margin_changes_are_shown_and_not_judged(six: Warehouse) -> None:
    bare = replace(
        measures()["kyphosis_angle"], error=None, margin=None, margin_kind=None, margin_source=None
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queries.stability, "measures", lambda: {"kyphosis_angle": bare})
        held = stability(six.reader(), Cohort())
    assert {row.within for row in held.rows} == {None}
    assert tables(held, "m3")["bands"] == []
    assert words.counts_sentence(held, "m3") == ""
    said = words.verdict_sentence(held, "m3")
    assert said.startswith("No verdict: no margin is set, so stability cannot be judged; mean")
    assert said.endswith("no measurement error is on record for single levels.")
    assert words.margin_sentence(held).startswith("No margin is set in the codebook")
    assert "No measurement error is on record." in words.legend(held, "m3")
    assert {row["levels worse"] for row in words.visit_rows(held)} == {"–"}


def test_the_verdict_is_the_title_line_with_mean_interval_and_levels(example: Warehouse) -> None:
    held = stability(example.reader(), Cohort())
    assert words.title(held, "m12") == (
        "Did the spine hold? Kyphosis angle, after the operation to 12 months (°)"
    )
    assert words.verdict_sentence(held, "m12").replace("\u202f", " ") == (
        "**Stable on average within ±3°**; mean change +0.3° (90 % CI −0.9 to 1.5); worse by more "
        "than the measurement error of 7.0°: 3 of 59 levels (5.1 %; 95 % CI 1.5 to 16.2 %)."
    )
    assert words.method_sentence(held, "m12") == (
        "Two one-sided t tests on patient means of the levels, P < 0.001 for stability; "
        "28 patients (59 levels), 3 without both films."
    )
    assert words.margin_sentence(held).startswith("Margin, set 2026-11-22: setting: 3°; no pub")
    assert words.counts_sentence(held, "m12") == (
        "Patients by their mean change: 26 of 28 inside the measurement error, 2 more kyphotic, "
        "0 less kyphotic by more than it."
    )
    height = stability(example.reader(), Cohort(), measure="height_anterior")
    assert "In mm: −0.4 mm (90\u202f% CI −0.7 to −0.1)." in words.method_sentence(height, "m12")
    assert words.change_axis(height) == "change, % of reference height (+ is a gain)"


def test_every_verdict_has_its_words(example: Warehouse) -> None:
    held = stability(example.reader(), Cohort())
    last = held.judged[-1]
    for verdict, start in (
        ("changed", "**Changed on average by more than ±3°**"),
        ("undecided", "**Undecided**: the interval does not lie on one side of ±3°"),
    ):
        judged = replace(last, test=replace(last.test, verdict=verdict))
        assert words.verdict_sentence(replace(held, judged=(judged,)), "m12").startswith(start)


def test_without_any_reference_a_height_has_no_mean_in_per_cent(tmp_path: Path) -> None:
    films = SIX["radiographs.csv"].replace(",26\n", ",\n").replace(",24\n", ",\n")
    reader = open_registry(registry_of({**SIX, "radiographs.csv": films}, tmp_path)).reader()
    held = stability(reader, Cohort(level=("T8",)), measure="height_anterior")
    assert (held.means, held.patients.height) == ((), 0)
    assert words.visit_rows(held)[0]["verdict"] == "none"


def test_one_patient_has_a_bar_and_no_interval(six: Warehouse) -> None:
    held = stability(six.reader(), Cohort(level=("L3",)))
    assert words.offered_visits(held) == ["m6", "m3"]
    shown = tables(held, "m6")
    assert len(shown["bars"]) == 1
    assert (shown["mean"][0]["low"], shown["mean"][0]["span"]) == (None, "no interval")
    assert "with 1 patient the mean change has no interval" in words.verdict_sentence(held, "m6")
    assert words.visit_rows(held)[0]["verdict"] == "none"


def test_nothing_to_judge_is_a_sentence(six: Warehouse) -> None:
    nobody = stability(six.reader(), Cohort(primary_tumour=("melanoma",)))
    assert words.nothing_sentence(nobody) == (
        "Kyphosis angle: nobody matches the filter, so there is nothing to judge."
    )
    late = stability(six.reader(), Cohort(level=("L5",)))
    assert words.offered_visits(late) == []
    assert "no level has a film after the operation and a later one" in words.nothing_sentence(late)
    other = stability(six.reader(), Cohort(), measure="wedge_angle")
    assert "not recorded for anybody in this cohort" in words.nothing_sentence(other)


def test_bars_stand_in_order_grey_inside_the_error_with_the_margin_behind(
    example: Warehouse,
) -> None:
    held = stability(example.reader(), Cohort())
    shown = tables(held, "m12")
    changes = [row["change"] for row in shown["bars"]]
    assert len(changes) == 28
    assert changes == sorted(changes)
    for row in shown["bars"]:
        assert (row["kind"] == "within") == (abs(row["change"]) <= 7)
    assert [(b["band"], b["low"], b["high"]) for b in shown["bands"]] == [
        ("error", -7, 7),
        ("margin", -3, 3),
        ("margin", -3, 3),
    ]
    (mean,) = shown["mean"]
    assert (mean["name"], mean["span"]) == ("mean +0.3°", "90\u202f% CI −0.9 to 1.5")
    assert [row["words"] for row in shown["below"]] == [
        "28 patients (59 levels), each one's mean change",
        "mean of the patients",
    ]
    assert len(shown["single"]) == 3


def test_the_axis_of_the_bars_names_margin_error_sign_and_unit(example: Warehouse) -> None:
    spec = json.dumps(
        stability_chart(stability(example.reader(), Cohort()), "m12", LIGHT).structure
    )
    assert "change of kyphosis angle, \\u00b0 (+ is more kyphosis)" in spec
    assert '"values": [-7.0, -3.0, 0.0, 3.0, 7.0, 10.0]' in spec
    height = stability(example.reader(), Cohort(), measure="height_anterior")
    shown = tables(height, "m12")
    assert [row["band"] for row in shown["bands"]] == ["margin", "margin"]


def test_above_the_limit_a_bar_stands_for_several_patients_and_says_so(
    example: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = partial(neighbours, most=10)
    monkeypatch.setattr(queries.stability, "neighbours", few)
    held = stability(example.reader(), Cohort())
    bars = stability_bars(held, "m12")
    assert bars.height <= 11
    assert bars["patient_id"][0] == "3 patients"
    assert held.beyond.is_empty()
    assert [row.n_patients for row in held.rows] == [30, 28, 28]
    assert "Each bar: up to 3 patients in a row, in order." in words.legend(held, "m12")
    assert words.patient_rows(held, "m12")[0]["patient"] == "3 patients"


def test_the_page_shows_the_verdict_of_the_visit_in_the_address() -> None:
    app = opened(ALIGNMENT, view="held", until="m6")
    text = page_words(app)
    assert "Did the spine hold? Kyphosis angle, after the operation to 6 months (°)" in text
    assert "**Stable on average within ±3°**; mean change −0.5° (90 % CI −1.3 to 0.2)" in text
    (alt,) = specs(app)
    assert alt.startswith("Bar chart of each patient's mean change of kyphosis angle from after")
    assert address(app, "until") == "m6"


def test_the_page_says_why_nothing_can_be_judged() -> None:
    app = opened(ALIGNMENT, view="held", primary_tumour="melanoma", sex="F")
    assert "nobody matches the filter, so there is nothing to judge" in page_words(app)
    assert not specs(app)


def test_a_posture_is_offered_where_the_films_have_several() -> None:
    app = opened(ALIGNMENT)
    box = next(box for box in app.selectbox if box.key == "view.alignment.posture")
    assert box.options == ["all postures", "standing", "supine"]
    box.set_value("standing").run()
    text = page_words(app)
    assert "Only films taken standing (287 films); the others are left out." in text
    assert "exploratory" in text
    assert address(app, "posture") == "standing"


def test_opposite_curves_are_said_and_regions_are_one_click_away() -> None:
    app = opened(ALIGNMENT)
    assert "Opposite curves stand together: before the operation 49 levels" in page_words(app)
    next(button for button in app.button if button.key == "button.regions").click().run()
    assert address(app, "by") == "region"
    assert "by spinal region" in page_words(app)
    assert "Opposite curves" not in page_words(opened(ALIGNMENT, region="thoracic"))
