"""Exact words of comparisons of groups, from results made by hand."""

from __future__ import annotations

from dataclasses import replace

from pages.shared.group_words import (
    group_line,
    group_sentence,
    group_test_rows,
    pair_rows,
)
from queries.statistics.results import Comparison, Pairwise

TWO = Comparison(
    outcome="vas",
    unit="patient",
    kind="groups",
    visit="m12",
    versus="pre",
    by="sex",
    groups=("F", "M"),
    method="Mann-Whitney (exact), change between groups",
    statistic_name="W",
    statistic=81.5,
    p=0.5848,
    p_adjusted=1.0,
    adjustment="Holm",
    family_size=4,
    estimate_name="Hodges-Lehmann shift",
    estimate=-0.5,
    ci_low=-3.0,
    ci_high=2.0,
    ci_level=0.95,
    effect_name="rank-biserial",
    effect=-0.128,
    n_patients=28,
    n_excluded=3,
    exploratory=False,
)
THREE = replace(
    TWO,
    by="region",
    groups=("thoracic", "lumbar", "several"),
    method="Kruskal-Wallis (chi-squared approximation), change between groups",
    statistic_name="H",
    statistic=6.294,
    df=2,
    estimate=None,
    ci_low=None,
    ci_high=None,
    effect=None,
    pairwise=(
        Pairwise(("thoracic", "lumbar"), 0.01, 0.03, -2.0, -4.0, -0.5),
        Pairwise(("thoracic", "several"), None, None, 1.0, None, None),
        Pairwise(("lumbar", "several"), 0.4, 0.4, 1.0, -1.0, 3.0),
    ),
)


def line(test: Comparison) -> str:
    return group_line(test, 1, of_patients=31, convention="junction").replace("\u202f", " ")


def sentence(test: Comparison) -> str:
    words = group_sentence(test, "Change of pain", 1, "points", convention="junction")
    return words.replace("\u202f", " ")


def test_a_line_names_the_groups_and_which_is_subtracted() -> None:
    assert line(TWO) == (
        "Mann-Whitney (exact), change between groups (women, men): W = 81.5, P = 0.58 (raw), "
        "P = 1.00 (Holm, 4 tests), rank-biserial −0.13; Hodges-Lehmann shift, women less men, "
        "−0.5 (95 % CI −3.0 to 2.0); 28 of 31 patients, 3 not compared."
    )


def test_a_line_of_several_groups_has_degrees_of_freedom_and_no_difference() -> None:
    assert line(replace(THREE, n_excluded=0, n_levels=59)) == (
        "Kruskal-Wallis (chi-squared approximation), change between groups (thoracic T1–T10, "
        "lumbar L3–L5, several): H = 6.29, df = 2, P = 0.58 (raw), P = 1.00 (Holm, 4 tests); "
        "28 of 31 patients (59 levels)."
    )


def test_a_refused_line_gives_the_reason() -> None:
    refused = replace(TWO, p=None, p_adjusted=None, refused="with groups of 3 and 2 no result")
    assert line(refused) == (
        "No test between groups (women, men): with groups of 3 and 2 no result; 28 of 31 "
        "patients, 3 not compared."
    )
    assert sentence(refused) == (
        "Change of pain by sex, 12 months: no test between groups, with groups of 3 and 2 no "
        "result."
    )


def test_two_groups_that_are_not_told_apart_say_what_cannot_be_excluded() -> None:
    assert sentence(TWO) == (
        "Change of pain by sex, 12 months: women less men, −0.5 points (95 % CI −3.0 to 2.0); "
        "this cannot exclude a difference of −3.0 points or of +2.0 points (P = 1.00)."
    )


def test_two_groups_that_differ_say_by_how_much() -> None:
    apart = replace(TWO, p_adjusted=0.02, ci_high=-0.2)
    assert sentence(apart) == (
        "Change of pain by sex, 12 months: the groups differ: women less men, −0.5 points "
        "(95 % CI −3.0 to −0.2) (P = 0.02)."
    )


def test_two_groups_too_small_for_an_interval_say_so() -> None:
    small = replace(TWO, ci_low=None, ci_high=None)
    assert "women less men, −0.5 points, too few for an interval" in sentence(small)
    assert "the test does not tell the groups apart" in sentence(replace(small, estimate=None))
    apart = replace(small, estimate=None, p_adjusted=0.01)
    assert "the groups differ (P = 0.01)" in sentence(apart)


def test_several_groups_that_differ_name_the_pairs_that_do() -> None:
    apart = replace(THREE, p_adjusted=0.04)
    assert sentence(apart) == (
        "Change of pain by spinal region, 12 months: the groups differ (P = 0.04); pairs that do "
        "after Holm: thoracic T1–T10 less lumbar L3–L5 −2.0 points."
    )
    none = replace(apart, pairwise=THREE.pairwise[1:])
    assert "no two of them alone after Holm" in sentence(none)
    assert "which of them is not tested" in sentence(replace(apart, pairwise=()))


def test_several_groups_that_are_not_told_apart_name_the_farthest_limit() -> None:
    assert sentence(THREE) == (
        "Change of pain by spinal region, 12 months: the test does not tell the groups apart "
        "(P = 1.00); it cannot exclude differences as far as −4.0 points (thoracic T1–T10 less "
        "lumbar L3–L5)."
    )
    assert "differences between them cannot be excluded" in sentence(replace(THREE, pairwise=()))


def test_never_says_that_there_is_no_difference() -> None:
    for test in (TWO, THREE):
        assert "no difference" not in sentence(test).lower()


def test_a_family_of_one_has_one_p() -> None:
    alone = replace(TWO, family_size=1, p=0.04, p_adjusted=0.04)
    assert "W = 81.5, P = 0.04, rank-biserial" in line(alone)


def test_leaks_differ_by_percentage_points() -> None:
    leak = replace(
        TWO, outcome="leak", visit=None, estimate=0.02, ci_low=-0.15, ci_high=0.2, effect=None
    )
    words = group_sentence(
        leak, "Cement leakage", 1, "percentage points", convention="junction"
    ).replace("\u202f", " ")
    assert words == (
        "Cement leakage by sex: women less men, +2.0 percentage points (95 % CI −15.0 to 20.0); "
        "this cannot exclude a difference of −15.0 percentage points or of +20.0 percentage "
        "points (P = 1.00)."
    )


def test_tables_of_groups_have_the_same_columns_at_every_visit() -> None:
    refused = replace(
        TWO, visit="m6", estimate=None, ci_low=None, p=None, p_adjusted=None, refused="none"
    )
    rows = group_test_rows([TWO, refused], 1, "junction")
    assert [list(row) for row in rows] == [list(rows[0])] * 2
    assert rows[0]["women less men (95\u202f% CI)"] == "−0.5 (−3.0 to 2.0)"
    assert rows[1]["P (Holm)"] == "no test"
    pairs = pair_rows(THREE, 1, "junction")
    assert [row["P"] for row in pairs] == ["0.01", "no test", "0.40"]
