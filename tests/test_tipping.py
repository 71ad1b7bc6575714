"""What the missing could change: question, words, charts, page and command."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from data.warehouse import open_registry
from pages.charts.theme import DARK, LIGHT
from pages.charts.tipping import delta_chart, missing_rates_chart
from pages.shared import tipping_words as words
from queries.__main__ import main
from queries.cohort import Cohort
from queries.statistics.tipping import delta_tipping, rate_tipping
from queries.tipping import tipping
from tests.registry_of_six import SIX, registry_of, registry_of_example, registry_of_six
from tests.test_pages import RESPONDERS, address, opened, specs
from tests.test_pages import words as printed

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse
    from queries.tipping import Tipping

COMPOSITE = "Pflugmacher composite"
EIGHT = [-5, -4, -4, -3, -3, -2, -2, -1]


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


def thin(text: str) -> str:
    return text.replace("\u202f", " ")


# The question


def test_the_dead_are_in_nothing_and_the_missing_live(six: Warehouse) -> None:
    found = tipping(six.reader(), Cohort())
    assert found.rate is not None
    assert found.change is not None
    # of A1 to A5, A3 and A4 are dead, A5 is lost; A6 is not due
    assert (found.visit, found.dead, found.without_baseline) == ("m12", 2, 0)
    assert (found.rate.assessed.k, found.rate.assessed.n, found.rate.missing) == (2, 2, 1)
    assert (found.change.n, found.change.missing) == (2, 1)
    assert found.change.refused == (
        "fewer than 6 patients were assessed, so the change has no interval"
    )
    assert found.comparisons == ()


def test_a_living_patient_without_a_baseline_has_no_change_to_make_up(tmp_path: Path) -> None:
    scores = SIX["follow_ups.csv"].replace("A5,pre,2022-08-10,6,40,\n", "")
    reader = open_registry(registry_of(SIX | {"follow_ups.csv": scores}, tmp_path)).reader()
    found = tipping(reader, Cohort())
    assert found.rate is not None
    assert found.change is not None
    assert (found.without_baseline, found.rate.missing, found.change.missing) == (1, 1, 0)
    assert "1 living patient without a baseline" in words.left_out_sentence(found)


def test_a_baseline_out_of_reach_is_not_among_the_missing(tmp_path: Path) -> None:
    scores = SIX["follow_ups.csv"].replace("A5,pre,2022-08-10,6,", "A5,pre,2022-08-10,1,")
    reader = open_registry(registry_of(SIX | {"follow_ups.csv": scores}, tmp_path)).reader()
    found = tipping(reader, Cohort())
    assert found.rate is not None
    assert found.change is not None
    assert (found.rate.missing, found.change.missing) == (0, 1)


def test_a_composite_misses_who_lacks_one_of_its_scores(six: Warehouse) -> None:
    scores = tipping(six.reader(), Cohort(operated_from=2022), threshold=COMPOSITE)
    assert scores.rate is not None
    assert (scores.rate.assessed.n, scores.rate.missing) == (2, 1)
    with pytest.raises(ValueError, match="must be one of"):
        tipping(six.reader(), Cohort(), threshold="half")


def test_without_12_months_the_latest_visit_is_taken(six: Warehouse) -> None:
    recent = tipping(six.reader(), Cohort(operated_from=2024))
    # A6 8 before, 5 at 3 months
    assert (recent.visit, recent.dead) == ("m3", 0)
    nobody = tipping(six.reader(), Cohort(level=("T1",)))
    assert (nobody.visit, nobody.due, nobody.rate, nobody.change, nobody.rows) == (
        *(None, None, None, None, ()),
    )


def test_the_rows_are_every_assumption_with_what_follows(example: Warehouse) -> None:
    rows = tipping(example.reader(), Cohort()).rows
    responders = [row for row in rows if row.outcome == "responders"]
    # R: prop.test(23, 29, correct = FALSE)$conf.int; prop.test(24, 29, correct = FALSE)$conf.int
    assert [(r.responders, r.n, r.ci_low, r.ci_high) for r in responders] == [
        (0, 29, pytest.approx(0.616099096), pytest.approx(0.901539298)),
        (1, 29, pytest.approx(0.654515610), pytest.approx(0.924021427)),
    ]
    change = [row for row in rows if row.outcome == "change"]
    assert (change[0].delta, change[0].n, change[0].missing) == (0, 29, 1)
    assert {row.tipping for row in change} == {None}
    assert {row.threshold for row in change} == {None}


def test_the_command_prints_the_rows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tipping", "--measure", "vas", "--threshold", COMPOSITE, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["comparisons"] == []
    assert {row["outcome"] for row in answer["rows"]} == {"responders", "change"}
    first = answer["rows"][0]
    assert (first["threshold"], first["n"], first["missing"]) == (COMPOSITE, 29, 1)


# Sentences


def with_missing(answer: Tipping, k: int, n: int, missing: int) -> Tipping:
    return replace(answer, rate=rate_tipping(k, n, missing))


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ((23, 28, 1), "Even in the worst case the interval lies above 50 %."),
        (
            (20, 28, 4),
            "Only if at least 2 of the 4 missing responded, the interval lies above",
        ),
        (
            (8, 28, 4),
            "As long as no more than 2 of the 4 missing responded, the interval lies",
        ),
        ((2, 28, 2), "Even in the best case the interval lies below 50 %."),
        (
            (14, 28, 20),
            "open whether more than 50 % responded; only if at least 17 of the 20 miss",
        ),
        ((14, 28, 2), "no number of responders among the missing would lift the interval above"),
        ((0, 0, 3), "With nobody assessed it stays open whether more than 50 % responded"),
    ],
)
def test_the_verdict_says_what_the_missing_would_have_to_be(
    example: Warehouse, counts: tuple[int, int, int], verdict: str
) -> None:
    answer = tipping(example.reader(), Cohort())
    assert verdict in thin(words.rate_sentence(with_missing(answer, *counts)))


def test_both_ends_stand_in_the_sentence(example: Warehouse) -> None:
    answer = tipping(example.reader(), Cohort())
    assert thin(words.rate_sentence(answer)) == (
        "Responders (fall ≥ 1.5 points): 23 of 29 living patients (79.3 %; 95 % CI 61.6 to 90.2 %) "
        "if the one missing patient did not respond, 24 of 29 patients (82.8 %; 95 % CI 65.5 to "
        "92.4 %) if that patient did. Even in the worst case the interval lies above 50 %."
    )
    assert thin(words.change_sentence(answer)).endswith(
        "in 28 assessed patients. Even if the one missing patient had the worst score of the "
        "scale, it would be −4.3 points (95 % CI −5.5 to −3.0): no delta makes the interval touch "
        "zero."
    )
    assert words.left_out_sentence(answer) == (
        "2 patients had died before the window closed, without a value in it: no score is made up "
        "after a death, so they are in neither."
    )
    several = thin(words.rate_sentence(with_missing(answer, 20, 28, 4)))
    assert "if none of the 4 missing responded, 24 of 32 patients" in several
    nobody = thin(words.rate_sentence(with_missing(answer, 23, 28, 0)))
    assert nobody.endswith("so nobody missing can change it.")


def test_the_tipping_delta_is_said_beside_no_change_at_all(example: Warehouse) -> None:
    answer = tipping(example.reader(), Cohort())
    tipped = replace(answer, change=delta_tipping(EIGHT, [-7] * 3, [3] * 3, better="lower"))
    assert thin(words.change_sentence(tipped)) == (
        "Change: −3.0 points (95 % CI −4.0 to −2.0) in 8 assessed patients. The interval touches "
        "zero once the 3 missing patients did worse than the assessed by 5.0 points or more; not "
        "having changed at all would be 3.0 points worse."
    )
    full = replace(answer, change=delta_tipping(EIGHT, [-7] * 7, [-1] * 7, better="lower"))
    assert "no delta makes the interval touch zero" in words.change_sentence(full)
    at_once = replace(answer, change=delta_tipping(EIGHT, [0] * 9, [10] * 9, better="lower"))
    assert words.change_sentence(at_once).endswith(
        "The interval touches zero even if the 9 missing patients changed like the assessed."
    )
    short = delta_tipping([-9, *EIGHT[1:]], [-7] * 4, [3] * 4, better="lower")
    beyond = replace(answer, change=replace(short, no_change=9.0))
    assert words.change_sentence(beyond).endswith("points or more.")


def test_without_a_tipping_point_the_reason_is_said(six: Warehouse, example: Warehouse) -> None:
    few = tipping(six.reader(), Cohort())
    assert words.change_sentence(few).endswith(
        "in 2 assessed patients; no tipping point, fewer than 6 patients were assessed, so the "
        "change has no interval."
    )
    answer = tipping(example.reader(), Cohort())
    whole = replace(answer, change=delta_tipping(EIGHT, [], [], better="lower"))
    assert thin(words.change_sentence(whole)) == (
        "Change: no tipping point, nobody living with a baseline is missing; −3.0 points (95 % CI "
        "−4.0 to −2.0) in 8 assessed patients."
    )
    nobody = replace(answer, change=delta_tipping([], [-7], [3], better="lower"))
    assert words.change_sentence(nobody) == (
        "Change: no tipping point, nobody has a value before the operation and at the visit in 0 "
        "assessed patients."
    )


def test_without_a_visit_the_reason_is_said(six: Warehouse, tmp_path: Path) -> None:
    nobody = tipping(six.reader(), Cohort(level=("T1",)))
    assert "nobody matches the filter" in words.rate_sentence(nobody)
    assert (words.change_sentence(nobody), words.left_out_sentence(nobody)) == ("", "")
    assert (words.method_sentence(nobody), words.rate_rows(nobody), words.delta_rows(nobody)) == (
        *("", [], []),
    )
    assert words.tipping_title(nobody) == "Pain (VAS): what missing patients could change"
    later = tipping(six.reader(), Cohort(operated_from=2023, operated_to=2023))
    assert "belongs to an earlier operation (1 patient)" in words.rate_sentence(later)
    unseen = "patient_id,visit,measured_on,vas\nA1,pre,2022-01-05,8\n"
    bare = open_registry(registry_of(SIX | {"follow_ups.csv": unseen}, tmp_path / "bare"))
    assert "recorded at no visit" in words.rate_sentence(tipping(bare.reader(), Cohort()))


def test_who_is_left_out_is_said(six: Warehouse) -> None:
    assert words.left_out_sentence(tipping(six.reader(), Cohort(surgeon=("Berg",)))).endswith(
        "1 patient left out: baseline belongs to an earlier operation."
    )
    a6 = tipping(six.reader(), Cohort(operated_from=2024))
    assert words.left_out_sentence(a6) == (
        "Nobody had died before the window closed without a value in it."
    )


# Charts


def tables(chart: Any) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = chart.to_dict()["datasets"]
    return found


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_the_assessed_stand_left_of_every_number_of_responders(colours: Any) -> None:
    chart = missing_rates_chart(rate_tipping(20, 28, 4), colours)
    rates = tables(chart)["rates"]
    shown = [row["responders"].split("\x1f")[1] for row in rates]
    assert shown == ["assessed", "", "0", "1", "2", "3", "4"]
    assert [row["place"] for row in rates] == [
        *("above", None, "around", "around", "above", "above", "above")
    ]
    assert [row["top"] for row in rates] == ["20 of 28", None, "", "", "", "", "24 of 32"]
    assert [row["bottom"] for row in rates] == ["", None, "20 of 32", "", "", "", ""]
    assert rates[2]["who"] == "0 of the missing responded"
    nobody = missing_rates_chart(rate_tipping(0, 0, 3), colours)
    assert tables(nobody)["rates"][0]["rate"] is None
    assert nobody.structure is chart.structure
    many = tables(missing_rates_chart(rate_tipping(20, 28, 14), colours))["rates"]
    shown = [row["responders"].split("\x1f")[1] for row in many]
    assert [label for label in shown if label] == [
        *("assessed", "0", "2", "4", "6", "8", "10", "12", "14")
    ]
    assert len({row["responders"] for row in many}) == len(many)
    below = tables(missing_rates_chart(rate_tipping(2, 28, 2), colours))["rates"]
    assert {row["place"] for row in below} == {"below", None}


def test_the_tipping_delta_and_no_change_are_drawn_where_there_is_room(
    example: Warehouse,
) -> None:
    measure = tipping(example.reader(), Cohort()).measure
    found = delta_tipping(EIGHT, [-7] * 3, [3] * 3, better="lower")
    drawn = tables(delta_chart(found, measure, LIGHT))
    assert [(row["at"], row["side"]) for row in drawn["tipping"]] == [(5, "left")]
    assert [(row["at"], row["side"]) for row in drawn["unchanged"]] == [(3, "left")]
    assert thin(drawn["deltas"][0]["change"]) == "−3.0 (−4.0 to −2.0)"
    early = replace(found, tipping=1.0, no_change=7.0)
    drawn = tables(delta_chart(early, measure, LIGHT))
    assert [(row["at"], row["side"]) for row in drawn["tipping"]] == [(1, "right")]
    assert drawn["unchanged"] == []


def test_the_tables_of_the_charts_hold_every_assumption(example: Warehouse) -> None:
    answer = tipping(example.reader(), Cohort())
    assert {name: thin(text) for name, text in words.rate_rows(answer)[0].items()} == {
        "responders among the missing": "0 of 1",
        "of the living (95 % CI)": "23 of 29 (61.6 to 90.2 %)",
    }
    assert words.delta_rows(answer)[0] == {
        "worse by (points)": "0.00",
        "change (95 % CI)": "−4.5 (−5.5 to −3.3)",
    }


# The page


def test_the_page_shows_both_and_keeps_the_view_in_the_address() -> None:
    app = opened(RESPONDERS, view="missing")
    text = printed(app)
    assert "### Pain (VAS) at 12 months: what missing patients could change" in text
    assert "Even in the worst case the interval lies above 50 %. :gray[[SYNTHETIC]]" in text
    assert "no score is made up after a death" in text
    assert "50 % is a setting, no published bound." in text
    assert address(app, "view") == "missing"
    rates, deltas = specs(app)
    assert rates.startswith("Dot chart. Pain (VAS) at 12 months")
    assert "no delta makes the interval touch zero" in deltas


def test_where_nobody_is_missing_no_chart_is_drawn() -> None:
    app = opened(RESPONDERS, view="missing", sex="M", primary_tumour="lung")
    text = printed(app)
    assert "No chart: nobody living is missing, so there is nothing to assume." in text
    assert specs(app) == []


def test_the_page_of_nobody_says_so() -> None:
    app = opened(RESPONDERS, view="missing", primary_tumour="melanoma", sex="F")
    assert "Pain (VAS): nobody matches the filter" in printed(app)
    assert specs(app) == []
