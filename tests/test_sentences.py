"""Exact words, from results made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data.codebook import measures
from pages.shared.sentences import (
    change_sentence,
    clustering_sentence,
    headline_test,
    pair_sentence,
    rate,
    result_line,
    shared_notes,
)
from pages.shared.wording import interval, marked, number, p_value, percent, with_unit
from queries.pairs import PairedVisit
from queries.statistics.proportions import clustered_proportion
from queries.statistics.results import Comparison, Proportion

FALL = Comparison(
    outcome="vas",
    unit="patient",
    kind="paired",
    visit="m12",
    versus="pre",
    method="Wilcoxon signed-rank (exact), paired by patient",
    statistic_name="V",
    statistic=12.0,
    p=0.00001,
    p_adjusted=0.00004,
    adjustment="Holm",
    family_size=4,
    estimate=-5.0,
    ci_low=-5.5,
    ci_high=-4.0,
    ci_level=0.95,
    effect=-0.94,
    n_patients=28,
    n_excluded=3,
    exploratory=False,
)


def proportion(k: int, n: int) -> Proportion:
    outcomes = [True] * k + [False] * (n - k)
    return clustered_proportion(outcomes, list(range(n)))


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (0.5, "0.50"),
        (0.051, "0.051"),
        (0.0496, "0.0496"),
        (0.046, "0.046"),
        (0.05, "0.05"),
        (0.01, "0.01"),
        (0.0099, "0.010"),
        (0.0012, "0.001"),
        (0.00099, "< 0.001"),
        (1.0, "1.00"),
        (None, "–"),
    ],
)
def test_p_values_show_their_side_of_the_limit_and_never_zero(p: float | None, words: str) -> None:
    assert p_value(p) == words


def test_a_p_that_would_round_onto_the_limit_gets_more_decimals() -> None:
    assert p_value(0.049999) == "0.049999"
    assert p_value(0.0501) == "0.0501"
    assert p_value(0.0505066) == "0.051"


def test_numbers_have_a_real_minus_and_no_negative_zero() -> None:
    assert number(-4.96, 1) == "−5.0"
    assert number(-0.04, 1) == "0.0"
    assert number(0.3, 1, sign=True) == "+0.3"
    assert number(None, 1) == "–"
    assert number(float("nan"), 1) == "–"


def test_units_stand_as_the_field_writes_them() -> None:
    assert with_unit(3.0, 1, "°") == "3.0°"
    assert with_unit(3.0, 1, "mm") == "3.0 mm"
    assert with_unit(3.0, 1, "%") == "3.0\u202f%"
    assert percent(0.125) == "12.5\u202f%"


def test_an_interval_that_does_not_exist_is_said() -> None:
    assert interval(None, None, 1) == "no interval"
    assert interval(-5.5, -4.0, 1) == "95\u202f% CI −5.5 to −4.0"


def test_the_result_line_names_method_statistic_both_p_effect_estimate_and_n() -> None:
    assert result_line(FALL, 1, of_patients=31) == (
        "Wilcoxon signed-rank (exact), paired by patient: V = 12.0, P < 0.001 (raw), P < 0.001 "
        "(Holm, 4 tests), rank-biserial −0.94; median change (Hodges-Lehmann) −5.0 "
        "(95\u202f% CI −5.5 to −4.0); 28 pairs of 31 patients, 3 without both values."
    )


def test_a_level_outcome_names_patients_and_levels() -> None:
    line = result_line(replace(FALL, unit="level", n_levels=59), 1, of_patients=31)
    assert line.endswith("28 patients of 31 (59 levels), 3 without both values.")


def test_a_refused_test_gives_its_reason_and_keeps_the_estimate() -> None:
    refused = replace(
        FALL, p=None, p_adjusted=None, refused="with 5 pairs no result could reach 0.05"
    )
    assert result_line(refused, 1, of_patients=31).startswith(
        "No test: with 5 pairs no result could reach 0.05; median change (Hodges-Lehmann) −5.0"
    )


def test_a_fall_is_called_a_fall_only_below_the_limit_after_holm() -> None:
    vas = measures()["vas"]
    assert change_sentence(FALL, vas, 1, "points") == (
        "Pain (VAS) fell: at 12 months the median change was −5.0 points "
        "(95\u202f% CI −5.5 to −4.0)."
    )
    weak = replace(FALL, p=0.03, p_adjusted=0.12, estimate=-0.8, ci_low=-2.1, ci_high=0.5)
    assert change_sentence(weak, vas, 1, "points") == (
        "Pain (VAS) at 12 months: the median change was −0.8 points (95\u202f% CI −2.1 to 0.5); "
        "this cannot exclude a fall of up to 2.1 points or a rise of up to 0.5 points."
    )


def test_no_sentence_ever_says_no_difference() -> None:
    vas = measures()["vas"]
    for p in (0.06, 0.5, 1.0):
        words = change_sentence(replace(FALL, p=p, p_adjusted=p), vas, 1, "points").lower()
        assert "no difference" not in words
        assert "not significant" not in words


def test_a_rise_is_called_a_rise() -> None:
    rise = replace(FALL, visit="post", estimate=10.0, ci_low=5.0, ci_high=15.0)
    words = change_sentence(rise, measures()["karnofsky"], 0, "points")
    assert words.startswith("Performance (Karnofsky) rose: after the operation the median change")


def test_nothing_measured_is_said() -> None:
    empty = replace(
        FALL,
        p=None,
        p_adjusted=None,
        estimate=None,
        ci_low=None,
        ci_high=None,
        refused="nothing was measured at both visits",
        n_patients=0,
        n_excluded=31,
    )
    assert change_sentence(empty, measures()["vas"], 1, "points") == (
        "Pain (VAS) at 12 months: no answer, nothing was measured at both visits."
    )
    assert result_line(empty, 1, of_patients=31) == (
        "No test: nothing was measured at both visits; 0 pairs of 31 patients, 31 without both "
        "values."
    )


def test_the_headline_is_twelve_months_or_the_latest_visit_attended() -> None:
    early = [replace(FALL, visit=visit) for visit in ("post", "m3", "m6")]
    assert headline_test(early) == early[-1]
    assert headline_test([*early, FALL, replace(FALL, visit="m24")]) == FALL
    assert headline_test([]) is None


def test_small_denominators_get_no_bare_percentage() -> None:
    assert rate(proportion(2, 9), "level") == "2 of 9 levels (95\u202f% CI 6.3 to 54.7\u202f%)"
    assert rate(proportion(8, 64), "level").startswith("8 of 64 levels (12.5\u202f%; 95\u202f% CI")


def test_no_event_is_an_upper_bound_and_never_zero_per_cent() -> None:
    assert rate(proportion(0, 31), "patient") == (
        "0 of 31 patients (up to 11.2\u202f% cannot be excluded)"
    )
    assert rate(proportion(0, 0), "level") == "0 of 0 levels"


def test_clustering_says_whether_the_correlation_was_assumed() -> None:
    assumed = clustered_proportion([True, False, False], ["a", "a", "b"])
    assert "intraclass correlation 0.30 (assumed, it cannot be estimated here)" in (
        clustering_sentence(assumed)
    )
    assert "one value per patient" in clustering_sentence(proportion(2, 9))


def test_who_is_missing_is_counted_by_reason() -> None:
    pair = PairedVisit("m12", 28, 8.0, 3.0, 0, (("dead", 2), ("lost to follow-up", 1)))
    assert pair_sentence(pair, 1) == (
        "12 months: 3 missing (2 dead, 1 lost to follow-up); medians of the same 28 patients: "
        "8.0 → 3.0."
    )
    assert pair_sentence(replace(pair, n=0, left_out=()), 1) == "12 months: nobody is missing."


def test_filtered_and_fragile_results_say_so() -> None:
    tests = [replace(FALL, exploratory=True, notes=("fragile: fewer than 10 pairs",))]
    assert shared_notes(tests)[:2] == ("exploratory", "fragile: fewer than 10 pairs")


def test_a_sentence_of_synthetic_data_is_marked() -> None:
    assert "SYNTHETIC" in marked("Pain fell.", synthetic=True)
    assert marked("Pain fell.", synthetic=False) == "Pain fell."


def test_halves_are_rounded_away_from_zero() -> None:
    assert [number(value, 1) for value in (-4.75, -5.25, 18.65, 20.85)] == [
        "−4.8",
        "−5.3",
        "18.7",
        "20.9",
    ]


def test_an_interval_on_one_side_that_holm_does_not_back_says_so() -> None:
    weak = replace(FALL, p=0.03, p_adjusted=0.06, ci_low=-5.0, ci_high=-0.9)
    assert change_sentence(weak, measures()["vas"], 1, "points").endswith(
        "its own interval leaves out zero, but after Holm over 4 tests P = 0.06, so a chance "
        "finding cannot be excluded."
    )
