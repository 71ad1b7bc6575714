"""The page of responders: what it says, shows and leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from data.codebook import Threshold, measures, thresholds
from data.warehouse import open_registry
from pages.charts.responders import responder_groups_chart, responders_chart
from pages.charts.theme import DARK, LIGHT
from pages.shared import responder_group_words as of_groups
from pages.shared import responder_words as words
from pages.views.responders import IN_FULL
from queries.cohort import Cohort
from queries.grouping import group_label
from queries.responders import responders
from queries.statistics.proportions import counted_proportion
from queries.statistics.results import Comparison
from tests.registry_of_six import SIX, registry_of, registry_of_example, registry_of_six
from tests.test_pages import RESPONDERS, address, opened, specs
from tests.test_pages import words as printed

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


def thin(text: str) -> str:
    return text.replace("\u202f", " ")


def by_sex(code: str) -> str:
    return group_label("sex", code)


# Sentences


def test_the_answer_comes_first_with_both_denominators(example: Warehouse) -> None:
    assert thin(words.answer_sentence(responders(example.reader(), Cohort()))) == (
        "At 12 months, a fall of 1.5 points or more was reached by 23 of 28 patients (82.1 %; 95 % "
        "CI 64.4 to 92.1 %) among the assessed, and by 23 of 31 patients (74.2 %; 95 % CI 56.8 to "
        "86.3 %) among all, the dead and the missing as failures."
    )


def test_below_20_no_bare_percentage_stands_anywhere(six: Warehouse) -> None:
    answer = responders(six.reader(), Cohort(), threshold="Numeric rating scale consensus")
    assert thin(words.answer_sentence(answer)) == (
        "At 12 months, a fall of 2 points or more was reached by 2 of 2 patients (95 % CI 15.8 to "
        "100.0 %) among the assessed, and by 2 of 5 patients (95 % CI 11.8 to 76.9 %) among all, "
        "the dead and the missing as failures."
    )
    assert thin(words.living_sentence(answer)) == (
        "Among the living at 12 months, the missing as failures: 2 of 3 patients (95 % CI 20.8 to "
        "93.9 %)."
    )
    rows = responders_chart(answer, LIGHT).to_dict()["datasets"]["rates"]
    assert [row["counts"] for row in rows[-4:]] == ["", "2 of 2", "2 of 3", "2 of 5"]


def test_nobody_who_reached_it_is_an_upper_bound(six: Warehouse) -> None:
    answer = responders(six.reader(), Cohort(primary_tumour=("prostate",)))
    assert thin(words.answer_sentence(answer)) == (
        "Nobody could be assessed at 12 months; a fall of 1.5 points or more was reached by 0 of 1 "
        "patient (up to 97.5 % cannot be excluded) among all, the dead and the missing as failures."
    )


def test_without_an_answer_the_reason_is_said(six: Warehouse, tmp_path: Path) -> None:
    nobody = responders(six.reader(), Cohort(level=("T1",)))
    assert words.answer_sentence(nobody).endswith(
        "nobody matches the filter, so there is nothing to show."
    )
    later = responders(six.reader(), Cohort(operated_from=2023, operated_to=2023))
    assert "belongs to an earlier operation (1 patient)" in words.answer_sentence(later)
    unseen = "patient_id,visit,measured_on,vas\nA1,pre,2022-01-05,8\n"
    bare = open_registry(registry_of(SIX | {"follow_ups.csv": unseen}, tmp_path / "bare"))
    answer = responders(bare.reader(), Cohort())
    assert "not recorded for anybody in this cohort" in words.answer_sentence(answer)
    assert (words.living_sentence(answer), words.left_out_sentence(answer)) == ("", "")
    settings = SIX["source.toml"].replace("2024-06-30", "2024-02-04")
    scores = "\n".join(line for line in SIX["follow_ups.csv"].splitlines() if "2024-05" not in line)
    patients = SIX["patients.csv"].replace("2024-05-10", "2024-02-04")
    files = SIX | {
        "source.toml": settings,
        "follow_ups.csv": scores + "\n",
        "patients.csv": patients,
    }
    early = open_registry(registry_of(files, tmp_path / "early"))
    answer = responders(early.reader(), Cohort(operated_from=2024))
    assert words.answer_sentence(answer) == (
        "Pain (VAS): no answer, the data end before anybody's first visit window has closed."
    )


def test_who_is_due_and_who_is_missing_is_said(six: Warehouse) -> None:
    assert [words.due_sentence(row) for row in responders(six.reader(), Cohort()).due] == [
        "After the operation: 6 patients due, 6 measured (1 without a baseline).",
        "3 months: 6 patients due, 6 measured (1 without a baseline).",
        (
            "6 months: 5 patients due, 3 measured (1 without a baseline), 1 dead, 1 missing; "
            "window still open: 1."
        ),
        "12 months: 5 patients due, 2 measured, 2 dead, 1 missing; window still open: 1.",
    ]


def test_who_is_left_out_is_said_for_the_threshold(six: Warehouse, tmp_path: Path) -> None:
    assert words.left_out_sentence(responders(six.reader(), Cohort())) == (
        "No baseline is out of reach of this threshold."
    )
    state = responders(six.reader(), Cohort(surgeon=("Berg",)), threshold="Acceptable state")
    assert words.left_out_sentence(state) == (
        "No baseline is out of reach of this threshold. 1 patient had this value or a better one "
        "before the operation already: a final value is a state, so they stay in. 1 patient left "
        "out: baseline belongs to an earlier operation."
    )
    scores = SIX["follow_ups.csv"].replace("A5,pre,2022-08-10,6,", "A5,pre,2022-08-10,1,")
    low = open_registry(registry_of(SIX | {"follow_ups.csv": scores}, tmp_path))
    answer = responders(low.reader(), Cohort())
    assert words.left_out_sentence(answer) == (
        "Left out of every rate: 1 patient whose baseline cannot reach this threshold."
    )
    said = [words.threshold_sentence(answer, reach) for reach in answer.reach]
    assert said[0].endswith("Baseline out of reach: 1.")
    assert said[4].endswith("Baseline out of reach: 0. There before the operation already: 1.")


@pytest.mark.parametrize(
    ("code", "kind", "expected"),
    [
        ("vas", "absolute", "a fall of 2.5 points or more"),
        ("vas", "percent", "a fall of 2.5 % of the baseline or more"),
        ("vas", "final", "2.5 points or less"),
        ("karnofsky", "absolute", "a rise of 2.5 points or more"),
        ("karnofsky", "final", "2.5 points or more"),
    ],
)
def test_the_goal_is_said_in_the_direction_of_the_measure(
    code: str, kind: Any, expected: str
) -> None:
    threshold = Threshold(code, "", kind, 2.5, "")
    assert thin(words.goal(threshold, measures()[code])) == expected


def test_counts_name_nobody_and_print_a_percentage_from_20_up() -> None:
    found = [counted_proportion(k, n) for k, n in ((0, 0), (0, 40), (3, 19), (10, 20))]
    assert [thin(words.counts(one)) for one in found] == [
        "nobody",
        "0 of 40",
        "3 of 19",
        "10 of 20 (50.0 %)",
    ]


def test_the_table_holds_every_threshold_with_intervals(six: Warehouse) -> None:
    answer = responders(six.reader(), Cohort(primary_tumour=("kidney",)))
    last = words.threshold_rows(answer, thresholds("vas")[2])[-1]
    # A3 died before 6 months
    assert {key: thin(value) for key, value in last.items()} == {
        "visit": "12 months",
        "of the assessed (95 % CI)": "nobody",
        "of the living (95 % CI)": "nobody",
        "of all (95 % CI)": "0 of 1 (0.0 to 97.5 %)",
    }


# Sentences of groups


def compared(**fields: Any) -> Comparison:
    given = {"groups": ("F", "M"), "visit": "m12", "n_patients": 28, "n_excluded": 3} | fields
    return Comparison(
        outcome="vas responders", unit="patient", kind="groups", exploratory=False, **given
    )


INTERVAL = {"estimate": 0.155, "ci_low": -0.131, "ci_high": 0.46, "ci_level": 0.95}
HOLM = {"adjustment": "Holm", "family_size": 3, "method": "Pearson χ²", "statistic_name": "χ²"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            compared(p=0.35, p_adjusted=1.0, **INTERVAL, **HOLM),
            (
                "; this cannot exclude a rate higher by up to 46.0 percentage points for women, or "
                "by up to 13.1 for men."
            ),
        ),
        (
            compared(refused="with 28 patients no result could reach 0.05", **INTERVAL),
            (
                ". No test: with 28 patients no result could reach 0.05; this cannot exclude a "
                "rate higher by up to 46.0 percentage points for women, or by up to 13.1 for men."
            ),
        ),
        (compared(refused="there is only one group"), ". No test: there is only one group."),
        (
            compared(p=0.004, p_adjusted=0.012, **(INTERVAL | {"ci_low": 0.02}), **HOLM),
            (
                "; reached more often in the group women, by 15.5 percentage points (difference "
                "women minus men +15.5 percentage points, 95 % CI 2.0 to 46.0)."
            ),
        ),
        (
            compared(
                p=0.004,
                p_adjusted=0.012,
                **(INTERVAL | {"estimate": -0.2, "ci_low": -0.4, "ci_high": -0.1}),
                **HOLM,
            ),
            (
                "; reached more often in the group men, by 20.0 percentage points (difference "
                "women minus men −20.0 percentage points, 95 % CI −40.0 to −10.0)."
            ),
        ),
        (
            compared(p=0.03, p_adjusted=0.09, **(INTERVAL | {"ci_low": 0.02}), **HOLM),
            (
                "; the interval of the difference leaves out zero (women minus men +15.5 "
                "percentage points, 95 % CI 2.0 to 46.0), but after Holm over 3 tests P = 0.09, so "
                "a chance finding cannot be excluded."
            ),
        ),
        (
            compared(refused="too few", **(INTERVAL | {"ci_low": 0.02})),
            (
                ". No test: too few; the interval of the difference leaves out zero (women minus "
                "men +15.5 percentage points, 95 % CI 2.0 to 46.0), but no test stands beside it, "
                "so a chance finding cannot be excluded."
            ),
        ),
        (
            compared(p=0.2, p_adjusted=0.4, **HOLM),
            "; this cannot exclude that the groups differ (P = 0.40 after Holm).",
        ),
        (
            compared(p=0.001, p_adjusted=0.004, **HOLM),
            (
                "; the groups differ in how often it was reached; their intervals show where "
                "(P = 0.004 after Holm)."
            ),
        ),
    ],
)
def test_groups_are_compared_no_further_than_the_interval_allows(
    example: Warehouse, given: Comparison, expected: str
) -> None:
    answer = responders(example.reader(), Cohort(), by="sex")
    base = "12 months, among the assessed: women 15 of 17, men 8 of 11"
    assert thin(of_groups.groups_sentence(answer, given, by_sex)) == base + expected


def test_a_comparison_is_one_line() -> None:
    line = of_groups.groups_line(
        compared(
            statistic=1.095,
            df=1,
            p=0.35,
            p_adjusted=1.0,
            notes=("left out, sex not recorded: 1",),
            **INTERVAL,
            **HOLM,
        ),
        by_sex,
        of_patients=31,
    )
    assert thin(line) == (
        "Pearson χ²: χ² = 1.10, df = 1, P = 0.35 (raw), P = 1.00 (Holm, 3 tests); difference in "
        "rates (Newcombe): women minus men +15.5 percentage points, 95 % CI −13.1 to 46.0; 28 of "
        "31 patients, 3 not in it. Left out, sex not recorded\\: 1."
    )
    refused = compared(refused="there is only one group", n_excluded=0)
    assert of_groups.groups_line(refused, by_sex, of_patients=28) == (
        "No test: there is only one group; 28 of 28 patients."
    )
    broken = compared(statistic=2.5, df=1.75, p=0.2, p_adjusted=0.2, groups=("F", "M", "x"), **HOLM)
    assert "χ² = 2.50, df = 1.75, P" in of_groups.groups_line(broken, by_sex, of_patients=31)
    bare = compared(statistic=2.5, p=0.2, p_adjusted=0.2, **HOLM)
    assert "χ² = 2.50, P = 0.20 (raw)" in of_groups.groups_line(bare, by_sex, of_patients=31)


def test_the_comparisons_stand_in_a_table_with_a_dash_where_there_is_no_difference(
    six: Warehouse, example: Warehouse
) -> None:
    rows = of_groups.comparison_rows(responders(example.reader(), Cohort(), by="sex"))
    assert thin(str(rows[-1])) == str(
        {
            "visit": "12 months",
            "difference (95 % CI)": "15.5 (−13.1 to 46.0)",
            "P (Holm)": "1.00",
            "patients": "28",
        }
    )
    assert rows[1]["P (Holm)"] == "no test"
    (*_, last) = of_groups.comparison_rows(
        responders(example.reader(), Cohort(), by="primary_tumour")
    )
    assert set(last) == {"visit", "P (Holm)", "patients"}
    mixed = responders(six.reader(), Cohort(surgeon=("Ames",)), measure="odi", by="sex")
    # A1 and A3 are women, A2 is a man without a value after the operation and at 6 months
    assert [row["difference (95 % CI)"][:3] for row in of_groups.comparison_rows(mixed)] == [
        "–",
        "0.0",
        "–",
        "0.0",
    ]


def test_the_headline_is_12_months_or_the_latest_visit(six: Warehouse) -> None:
    answer = responders(six.reader(), Cohort(), by="sex")
    found = of_groups.headline_comparison(answer)
    assert found is not None
    assert (words.headline_visit(answer), found.visit) == ("m12", "m12")
    recent = responders(six.reader(), Cohort(operated_from=2024), by="sex")
    found = of_groups.headline_comparison(recent)
    assert found is not None
    assert (words.headline_visit(recent), found.visit) == ("m3", "m3")
    # A5 was last measured at 3 months, and its 12 months are over
    lost = responders(six.reader(), Cohort(primary_tumour=("prostate",)), by="sex")
    found = of_groups.headline_comparison(lost)
    assert found is not None
    assert (words.headline_visit(lost), found.visit) == ("m12", "m3")
    nobody = responders(six.reader(), Cohort(level=("T1",)), by="sex")
    assert of_groups.headline_comparison(nobody) is None
    assert of_groups.comparison_lines(nobody, by_sex) == []
    assert (words.headline_visit(nobody), words.drawn_visits(nobody)) == (None, ())


# Charts


def rows_of(chart: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = chart.to_dict()["datasets"]["rates"]
    return found


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_every_visit_draws_three_rates_each_in_its_colour_and_shape(
    example: Warehouse, colours: Any
) -> None:
    chart = responders_chart(responders(example.reader(), Cohort()), colours)
    rows = rows_of(chart)
    assert [row["label"] for row in rows[-4:]] == [
        "12 months",
        "of the assessed",
        "of the living",
        "of all",
    ]
    assert [row["rate"] for row in rows[-4:]] == pytest.approx([None, 23 / 28, 23 / 29, 23 / 31])
    assert thin(rows[-1]["counts"]) == "23 of 31 (74.2 %)"
    encoding = chart.structure["layer"][2]["encoding"]
    shades = encoding["color"]["scale"]["range"]
    assert len(set(shades)) == len(set(encoding["shape"]["scale"]["range"])) == 3
    assert encoding["color"]["scale"]["domain"] == ["assessed", "alive", "all"]


def test_groups_are_drawn_for_the_chosen_denominator(example: Warehouse) -> None:
    answer = responders(example.reader(), Cohort(), by="sex")
    visits = words.drawn_visits(answer)
    assert visits == ("post", "m3", "m6", "m12")
    chart = responder_groups_chart(answer, LIGHT, among="all", visits=visits, name=by_sex)
    assert [(row["label"], row["counts"]) for row in rows_of(chart)[-3:]] == [
        ("12 months", ""),
        ("women", "15 of 18"),
        ("men", "8 of 13"),
    ]
    assert {row["among"] for row in rows_of(chart)} == {None, "all"}
    assert chart.structure is responders_chart(answer, LIGHT).structure
    assert "12 months: women 15 of 18, men 8 of 13." in of_groups.groups_alt(
        answer, visits, "all", by_sex
    )


def test_many_groups_are_drawn_at_the_headline_visit_alone(example: Warehouse) -> None:
    answer = responders(example.reader(), Cohort(), by="primary_tumour")
    assert words.drawn_visits(answer) == ("m12",)
    assert words.responders_legend(answer, "all").endswith("other visits stand in the table below.")
    assert words.responders_legend(answer).endswith("the dead and the missing count as failures.")


# The page


def test_the_page_answers_first_and_names_its_source() -> None:
    text = printed(opened(RESPONDERS))
    assert "### Pain (VAS): patients with a fall of 1.5 points or more" in text
    assert "was reached by 23 of 28 patients (82.1 %; 95 % CI 64.4 to 92.1 %)" in text
    assert "among all, the dead and the missing as failures. :gray[[SYNTHETIC]]" in text
    assert "Threshold: Low back pain consensus; source: Ostelo 2008, Spine (15 of 100 mm)." in text
    assert "12 months: 31 patients due, 28 measured, 2 dead, 1 missing." in text
    assert text.count("| 12 months |") == len(thresholds("vas"))
    assert "no difference" not in text
    (alternative,) = specs(opened(RESPONDERS))
    assert "12 months: 23 of 28 of the assessed, 23 of 29 of the living, 23 of 31 of all" in (
        alternative
    )


def test_a_choice_stands_in_the_address_and_comes_back_from_it() -> None:
    app = opened(RESPONDERS, measure="odi", threshold="4", by="sex", among="alive")
    text = printed(app)
    assert "### Disability (ODI): patients at 27 points or less, by sex" in text
    assert "**Patients who reached it, of the living**" in text
    assert [address(app, name) for name in ("measure", "threshold", "by", "among")] == [
        *("odi", "4", "sex", "alive")
    ]
    assert "exploratory" in text


def test_groups_are_shown_beside_their_test() -> None:
    text = printed(opened(RESPONDERS, by="sex"))
    assert "12 months, among the assessed: women 15 of 17, men 8 of 11; this cannot exclude" in text
    assert (
        ":small[Pearson χ² of patients among the assessed, 9,999 random arrangements of groups "
        "over patients: χ²" in text
    )
    assert "| women | 16 of 18 | 18 of 18 | 14 of 17 | 15 of 17 |" in text
    few = "with the threshold reached by 29 of 31 patients no result could reach 0.05"
    assert f"**3 months:** No test: {few}; difference" in text
    assert "| mid-P | – | 0.24 |" in text
    assert "| Fisher\\'s exact test | – | 0.35 |" in text
    assert "GEE" not in text


def test_a_group_whose_name_is_markup_is_read_as_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    procedures = SIX["procedures.csv"].replace("North", "**North**")
    path = registry_of(SIX | {"procedures.csv": procedures}, tmp_path)
    monkeypatch.setenv("KYPHO_REGISTRY", str(path))
    text = printed(opened(RESPONDERS, by="centre"))
    assert "\\*\\*North\\*\\*" in text
    assert "**North**" not in text


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        ({"primary_tumour": "melanoma", "sex": "F"}, "Pain (VAS): nobody matches the filter"),
        ({"sex": "F", "by": "sex"}, "No test: there is only one group."),
    ],
)
def test_where_there_is_nothing_to_draw_or_test_the_page_says_so(
    where: dict[str, str], sentence: str
) -> None:
    app = opened(RESPONDERS, **where)
    assert sentence in printed(app)


def test_the_page_of_nobody_draws_nothing() -> None:
    app = opened(RESPONDERS, primary_tumour="melanoma", sex="F", by="sex")
    assert specs(app) == []
    assert IN_FULL not in [fold.label for fold in app.expander]
