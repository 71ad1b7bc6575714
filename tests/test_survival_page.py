"""Survival as people see it: the page, its chart, its words."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from data.warehouse import open_registry
from pages.charts.survival import survival_chart
from pages.charts.survival_rows import MOST_MARKS, drawn, is_thinned, tick_months, year_words
from pages.charts.theme import DARK, LIGHT
from pages.shared import curve_words, survival_tables, survival_words
from queries.cohort import Cohort
from queries.statistics.kaplan_meier import kaplan_meier
from queries.statistics.results import Comparison
from queries.statistics.survival import median_time, survival_at
from queries.survival import Figures, GroupSurvival, survival
from tests.lung import source
from tests.registry_of_six import registry_of, registry_of_example, registry_of_six
from tests.test_pages import address, opened, specs, words

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse
    from pages.charts.drawing import Drawing

PAGE = "follow_up/survival.py"
LABELS = {"F": "women", "M": "men", "no": "no leak", "yes": "leak"}


def name(code: str) -> str:
    return LABELS.get(code, code)


def plainly(text: str) -> str:
    return text.replace("\u202f", " ")


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


@pytest.fixture(scope="module")
def lung_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return registry_of(source(), tmp_path_factory.mktemp("lung"))


@pytest.fixture(scope="module")
def lung(lung_file: Path) -> Warehouse:
    return open_registry(lung_file)


def rows(chart: Drawing) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = chart.to_dict()["datasets"]
    return found


# The page


def test_the_page_says_the_answer_first() -> None:
    text = words(opened(PAGE))
    assert "### Survival of patients\n" in text
    assert (
        "At one year an estimated 93.4 % of patients were alive (95 % CI 76.2 to 98.3 %); median "
        "survival was not reached. 2 deaths among 31 patients followed. :gray[[SYNTHETIC]]"
    ) in text
    assert "Median follow-up: 12.6 months (95 % CI 12.2 to 13.3); reverse Kaplan-Meier." in text
    assert "No test" not in text


def test_the_page_compares_groups_from_the_address() -> None:
    app = opened(PAGE, by="sex")
    text = words(app)
    assert address(app, "by") == "sex"
    assert "### Survival of patients by sex" in text
    assert (
        "No test: with 2 deaths no result could reach 0.05; difference in one-year survival, "
        "women less men, +15.4 percentage points (no interval); 31 patients."
    ) in text
    (alternative,) = specs(app)
    assert "women: no death (mortality up to" in alternative


def test_the_page_of_a_cohort_without_a_death_gives_no_hundred_per_cent() -> None:
    text = words(opened(PAGE, region="thoracolumbar"))
    # 12 were observed for a year: 1 - 0.025 ^ (1 / 12)
    assert (
        "No death was seen in the first year; with 12 patients observed for so long, a mortality "
        "of up to 26.5 % cannot be excluded"
    ) in text
    assert "Time runs from the earliest operation of this choice to death" in text
    assert "100.0 %" not in text


def test_the_page_of_nobody_is_a_sentence_without_a_chart() -> None:
    app = opened(PAGE, primary_tumour="melanoma", sex="F")
    assert "Survival: nobody matches the filter, so there is nothing to show." in words(app)
    assert specs(app) == []


def test_a_test_is_one_line_made_from_its_row(
    lung_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KYPHO_REGISTRY", str(lung_file))
    text = words(opened(PAGE, by="sex"))
    assert (
        "Log-rank: χ² = 10.33, df = 1, P = 0.001 (Holm, 1 test); difference in one-year survival, "
        "women less men, +19.0 percentage points (95 % CI 4.1 to 32.7); 228 patients."
    ) in text
    assert "The survival of women and men differed (P = 0.001): difference in one-year" in text
    assert "median survival 10.2 months (95 % CI 9.3 to 11.9)" in text
    assert "SYNTHETIC" not in text


# The chart


def test_the_chart_draws_every_step_and_the_interval(six: Warehouse) -> None:
    answer = survival(six.reader(), Cohort())
    tables = rows(survival_chart(answer, LIGHT, name))
    steps = tables["steps"]
    assert [row["survival"] for row in steps] == [1, 1, 1, 0.75, 0.5, 0.5, 0.5]
    assert [row["low"] is None for row in steps] == [True] * 3 + [False] * 4
    assert len(tables["spans"]) == 4
    assert [row["months"] * 365.25 / 12 for row in tables["censored"]] == pytest.approx(
        [97, 99, 387, 558]
    )
    assert [row["words"] for row in tables["year"]] == ["50.0\u202f% (5.8 to 84.5) at one year"]
    assert tables["half"][0]["words"] == "median 11.5 months"


def test_the_number_at_risk_stands_under_the_ticks(six: Warehouse) -> None:
    answer = survival(six.reader(), Cohort())
    # days 0, 91.3, 182.6, 273.9, 365.25 and 547.9 against 97 99 123 349 387 558
    assert [
        (row["months"], row["n"]) for row in rows(survival_chart(answer, LIGHT, name))["risk"]
    ] == [
        *((0, "6"), (3, "6"), (6, "3"), (9, "3"), (12, "2"), (18, "1")),
    ]


@pytest.mark.parametrize(
    ("days", "ticks"),
    [
        (0, (0,)),
        (70, (0, 1, 2)),
        (370, (0, 3, 6, 9, 12)),
        (600, (0, 3, 6, 9, 12, 18)),
        (1000, (0, 6, 12, 18, 24, 30)),
        (3000, (0, 12, 24, 36, 48, 60, 72, 84, 96)),
        (6000, (0, 24, 48, 72, 96, 120, 144, 168, 192)),
        (12000, (0, 60, 120, 180, 240, 300, 360)),
    ],
)
def test_ticks_end_with_the_data(six: Warehouse, days: int, ticks: tuple[int, ...]) -> None:
    total = survival(six.reader(), Cohort()).total
    assert tick_months([replace(total, curve=kaplan_meier([0, days], [1, 0]))]) == ticks


def test_each_group_has_its_colour_dash_shape_and_label(lung: Warehouse) -> None:
    answer = survival(lung.reader(), Cohort(), by="sex")
    chart = survival_chart(answer, DARK, name)
    assert [(row["place"], row["label"]) for row in rows(chart)["ends"]] == [
        (0, "women"),
        (1, "men"),
    ]
    layers = chart.to_dict()["layer"]
    scales = [
        layer["encoding"][channel]["scale"]
        for layer in layers
        for channel in ("color", "strokeDash", "shape")
        if layer["encoding"].get(channel, {}).get("field") == "place"
    ]
    assert scales
    assert all(scale["domain"] == [0, 1] for scale in scales)
    assert all(len(set(map(str, scale["range"]))) == 2 for scale in scales)


def test_the_six_largest_groups_are_drawn_and_their_labels_do_not_meet(
    example: Warehouse,
) -> None:
    answer = survival(example.reader(), Cohort(), by="primary_tumour")
    groups = drawn(answer)
    assert [group.group for group in groups] == [
        *("breast", "lung", "prostate", "kidney", "colorectal", "unknown")
    ]
    assert "The 6 largest groups are drawn; 2 groups more in the table." in (
        survival_words.survival_legend(answer)
    )
    heights = sorted(row["height"] for row in rows(survival_chart(answer, LIGHT, name))["ends"])
    assert min(np.diff(heights)) > 0.07
    assert len(survival_tables.group_rows(answer, name)) == 9


def test_labels_at_the_bottom_are_pushed_up(lung: Warehouse) -> None:
    answer = survival(lung.reader(), Cohort(), by="centre")
    ends = rows(survival_chart(answer, LIGHT, name))["ends"]
    assert min(row["height"] for row in ends) == pytest.approx(0)
    # three groups have an interval at one year; the bars stand beside each other
    bars = rows(survival_chart(answer, LIGHT, name))["spans"]
    assert [row["months"] for row in bars] == pytest.approx([11.44, 12, 12.56])


def test_too_many_steps_are_thinned_and_it_is_said(six: Warehouse) -> None:
    answer = survival(six.reader(), Cohort())
    n = 2 * MOST_MARKS
    curve = kaplan_meier(np.arange(n), np.arange(n) % 3 == 0)
    many = replace(answer, groups=(replace(answer.total, curve=curve),))
    assert is_thinned(many.groups)
    tables = rows(survival_chart(many, LIGHT, name))
    assert len(tables["steps"]) + len(tables["censored"]) <= MOST_MARKS
    last = tables["steps"][-1]
    assert (last["months"], last["survival"]) == (
        pytest.approx((n - 1) * 12 / 365.25),
        pytest.approx(curve.survival[-1]),
    )
    assert "Thinned for drawing" in survival_words.survival_legend(many)
    assert "Thinned" not in survival_words.survival_legend(answer)


def test_the_structure_is_shared_and_asks_for_nothing_outside(six: Warehouse) -> None:
    everybody = survival_chart(survival(six.reader(), Cohort()), LIGHT, name)
    again = survival_chart(survival(six.reader(), Cohort()), LIGHT, name)
    assert everybody.structure is again.structure
    text = {k: v for k, v in everybody.to_dict().items() if k != "$schema"}
    assert "http" not in json.dumps(text)


# The words


def of(group: GroupSurvival, days: list[int], died: list[int]) -> GroupSurvival:
    curve = kaplan_meier(days, died)
    return replace(
        group, curve=curve, figures=Figures(median_time(curve), survival_at(curve)), left_out=()
    )


@pytest.mark.parametrize(
    ("days", "died", "year", "sentence"),
    [
        (
            [100, 200],
            [0, 1],
            "",
            (
                "Nobody was known to be alive at one year; median survival 6.6 months "
                "(no interval). "
                "1 death among 2 patients followed. Fragile: fewer than 10 patients."
            ),
        ),
        (
            [100, 200],
            [1, 0],
            "",
            (
                "Nobody was observed for a whole year, so there is no one-year survival; median "
                "survival 3.3 months (95 % CI 3.3 to not reached). 1 death among 2 "
                "patients followed. "
                "Fragile: fewer than 10 patients."
            ),
        ),
        (
            [100],
            [0],
            "",
            (
                "Nobody was observed for a whole year, so there is no one-year survival; median "
                "survival was not reached. 0 deaths among 1 patient followed. Fragile: "
                "fewer than 10 "
                "patients."
            ),
        ),
    ],
)
def test_few_patients_get_no_more_than_they_show(
    six: Warehouse, days: list[int], died: list[int], year: str, sentence: str
) -> None:
    answer = survival(six.reader(), Cohort())
    group = of(answer.total, days, died)
    assert plainly(survival_words.survival_sentence(replace(answer, groups=(group,)))) == sentence
    assert year_words(group) == year


def test_below_twenty_patients_a_percentage_has_its_interval(
    six: Warehouse, example: Warehouse
) -> None:
    few, many = (survival(r.reader(), Cohort()).total for r in (six, example))
    assert plainly(year_words(few)) == "50.0 % (5.8 to 84.5) at one year"
    assert plainly(year_words(many)) == "93.4 % at one year"


def test_a_death_of_unknown_day_is_said_with_both_ends(six: Warehouse, example: Warehouse) -> None:
    total = survival(six.reader(), Cohort()).total
    assert plainly(survival_words.uncertain_sentence(total)) == (
        "1 death of unknown day stands in the middle of what is possible. As early as possible: "
        "one year 50.0 %, median 11.0 months; as late as possible: one year 50.0 %, median 12.0 "
        "months."
    )
    assert survival_words.uncertain_sentence(survival(example.reader(), Cohort()).total) == ""


def test_an_end_at_which_everybody_lived_is_no_hundred_per_cent(lung: Warehouse) -> None:
    total = survival(lung.reader(), Cohort()).total
    for days, said in ((400, "one year no death, "), (200, "one year nobody known alive, ")):
        end = Figures(median_time(total.curve), survival_at(kaplan_meier([days], [1])))
        words_of_both = survival_words.uncertain_sentence(replace(total, earliest=end, latest=end))
        assert words_of_both.count(said) == 2


def test_the_rule_of_several_is_printed_where_it_applies(six: Warehouse) -> None:
    answers = [survival(six.reader(), Cohort(), by=by) for by in ("sex", "region")]
    assert [bool(curve_words.several_sentence(answer)) for answer in answers] == [False, True]


def test_a_follow_up_that_was_not_reached_is_said(six: Warehouse) -> None:
    total = survival(six.reader(), Cohort(primary_tumour=("kidney",))).total
    assert "not reached, too many died first" in survival_words.follow_up_sentence(total)


def comparison(**changed: Any) -> Comparison:
    base = Comparison(
        outcome="survival",
        unit="patient",
        kind="survival",
        by="sex",
        groups=("F", "M"),
        method="log-rank",
        statistic_name="χ²",
        statistic=0.5,
        df=1,
        p=0.48,
        p_adjusted=0.48,
        adjustment="Holm",
        family_size=1,
        estimate=0.04,
        ci_low=-0.081,
        ci_high=0.161,
        ci_level=0.95,
        n_patients=60,
        n_excluded=2,
        exploratory=True,
    )
    return replace(base, **changed)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {},
            (
                "Survival of women and men: P = 0.48; at one year this cannot exclude "
                "that up to 16.1 "
                "percentage points more or 8.1 percentage points fewer of women than of men were "
                "alive."
            ),
        ),
        (
            {"ci_low": 0.01},
            (
                "Survival of women and men: P = 0.48; the difference at one year alone leaves out "
                "zero, the test of the whole curves does not, so a chance finding "
                "cannot be excluded."
            ),
        ),
        (
            {"ci_low": None, "ci_high": None},
            (
                "Survival of women and men: P = 0.48; a difference between them is "
                "neither shown nor "
                "excluded."
            ),
        ),
        (
            {"p": 0.01, "p_adjusted": 0.01, "estimate": None},
            "The survival of women and men differed (P = 0.01).",
        ),
        (
            {"p_adjusted": 0.01, "estimate": None, "groups": ("no", "yes", "other")},
            (
                "The survival of no leak, leak and other differed (P = 0.01); which of "
                "them differ was "
                "not tested."
            ),
        ),
        ({"refused": "there is only one group", "p_adjusted": None}, ""),
    ],
)
def test_a_comparison_never_says_that_there_is_no_difference(
    changed: dict[str, Any], sentence: str
) -> None:
    said = plainly(survival_words.comparison_sentence(comparison(**changed), name))
    assert said == sentence


def test_a_line_counts_those_who_were_not_compared() -> None:
    line = plainly(curve_words.comparison_line(comparison(), name))
    assert line.endswith(
        "+4.0 percentage points (95 % CI −8.1 to 16.1); 60 patients, 2 not compared."
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "the log-rank test needs 10 patients in each group: F has 6, no has 4",
            "the log-rank test needs 10 patients in each group: women has 6, no leak has 4",
        ),
        ("with 2 deaths no result could reach 0.05", "with 2 deaths no result could reach 0.05"),
        (
            "left out of the log-rank test for fewer than 10 patients: no (3), M (2)",
            "left out of the log-rank test for fewer than 10 patients: no leak (3), men (2)",
        ),
        (
            "fewer than 5 deaths expected in F, no: P comes from permutations",
            "fewer than 5 deaths expected in women, no leak: P comes from permutations",
        ),
    ],
)
def test_codes_in_reasons_become_labels(text: str, said: str) -> None:
    assert curve_words.in_words(text, name) == said


def test_notes_and_other_methods_stand_beside_the_comparison(
    six: Warehouse, tmp_path: Path
) -> None:
    files = source()
    people = files["patients.csv"].replace("N0,M,2010-11-03,", "N0,M,2010,")
    path = registry_of(files | {"patients.csv": people}, tmp_path)
    (test,) = survival(open_registry(path).reader(), Cohort(), by="sex").comparisons
    assert curve_words.comparison_notes(test, name) == (
        "Exploratory. Sensitivity analyses: deaths of unknown day as early as possible: P = 0.001, "
        "+18.9 percentage points; deaths of unknown day as late as possible: P = 0.001, +19.0 "
        "percentage points."
    )
    (small,) = survival(six.reader(), Cohort(), by="region").comparisons
    assert "no P" in curve_words.comparison_notes(small, name)


def test_the_tables_say_what_the_chart_draws(six: Warehouse) -> None:
    answer = survival(six.reader(), Cohort(), by="sex")
    summary = survival_tables.summary_rows(answer, name)
    assert [(row["group"], row["patients"], row["deaths"]) for row in summary] == [
        ("all", "6", "2"),
        ("women", "3", "1"),
        ("men", "2", "0"),
        ("unrecorded", "1", "1"),
    ]
    assert plainly(summary[2]["alive at one year"]) == "no death (mortality up to 97.5 %)"
    at_risk = survival_tables.at_risk_rows(answer, name)
    assert at_risk[0] == {
        "at risk after": "all",
        "0 mo": "6",
        "3 mo": "6",
        "6 mo": "3",
        "9 mo": "3",
        "12 mo": "2",
        "18 mo": "1",
    }
    short = [
        plainly(row["at one year (95\u202f%\u00a0CI)"])
        for row in survival_tables.group_rows(answer, name)
    ]
    assert short == ["50 % (6 to 84)", "50 % (1 to 91)", "no death", "nobody known alive"]
