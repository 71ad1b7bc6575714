"""Events as people see them: the page, its chart, its words."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from data.codebook import EVENT_KINDS
from data.warehouse import open_registry
from pages.charts.incidence import incidence_chart, top_of
from pages.charts.theme import DARK, LIGHT
from pages.shared import curve_words, event_words
from queries.cohort import Cohort
from queries.events import events
from queries.statistics.results import Comparison
from tests.registry_of_events import SIX_WITH_EVENTS, lung_with_events
from tests.registry_of_six import registry_of, registry_of_example, registry_of_six
from tests.test_pages import address, opened, specs, words

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse
    from pages.charts.drawing import Drawing

PAGE = "follow_up/events.py"
LABELS = {"F": "women", "M": "men", "0": "North"}


def name(code: str) -> str:
    return LABELS.get(code, code)


def plainly(text: str) -> str:
    return text.replace("\u202f", " ")


@pytest.fixture(scope="module")
def six_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return registry_of(SIX_WITH_EVENTS, tmp_path_factory.mktemp("six"))


@pytest.fixture(scope="module")
def six(six_file: Path) -> Warehouse:
    return open_registry(six_file)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


@pytest.fixture(scope="module")
def lung_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return registry_of(lung_with_events(3), tmp_path_factory.mktemp("lung"))


@pytest.fixture(scope="module")
def lung(lung_file: Path) -> Warehouse:
    return open_registry(lung_file)


def rows(chart: Drawing) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = chart.to_dict()["datasets"]
    return found


# The page


def test_the_page_says_the_answer_first() -> None:
    app = opened(PAGE)
    text = words(app)
    assert "### Adjacent fracture in patients\n" in text
    assert (
        "At one year an estimated 9.9 % of patients had had an adjacent fracture (95 % CI 3.4 to "
        "29.0 %). 3 of 31 patients followed had one. 2 died without one. :gray[[SYNTHETIC]]"
    ) in text
    assert "| Adjacent fracture | 3 | 3 | 10.1 (2.1 to 29.6) |" in text
    assert "| Readmission | 1 | 1 | 3.2 (0.1 to 18.0) |" in text
    assert "None recorded in this choice: revisions, neurological deficits, radiculopathies" in text
    assert "No test" not in text
    (alternative,) = specs(app)
    assert alternative.startswith("Cumulative incidence of adjacent fractures over the months")


def test_the_page_takes_kind_and_groups_from_the_address() -> None:
    app = opened(PAGE, kind="readmission", by="sex")
    text = words(app)
    assert (address(app, "kind"), address(app, "by")) == ("readmission", "sex")
    assert "### Readmission in patients by sex" in text
    assert "No test: with 1 event no result could reach 0.05; 31 patients." in text
    assert "looked at since the dashboard was opened" in text
    (alternative,) = specs(app)
    assert "men: none (up to" in plainly(alternative)


def test_none_of_a_kind_is_an_upper_bound_without_a_chart() -> None:
    app = opened(PAGE, kind="revision")
    text = words(app)
    # 21 were observed for a year: 1 - 0.025 ^ (1 / 21)
    assert (
        "None of 31 patients followed had a revision that is recorded; with 21 patients observed "
        "for a whole year, an incidence of up to 16.1 % at one year cannot be excluded."
    ) in text
    assert "| Revision | 0 | 0 | none (up to " in text
    assert "Rate: none in" in text
    assert specs(app) == []


def test_a_registry_without_events_says_so(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KYPHO_REGISTRY", str(registry_of_six(tmp_path_factory)))
    for by in ("none", "sex"):
        app = opened(PAGE, by=by)
        text = words(app)
        assert "No event is recorded in this registry, so nothing can be said about" in text
        assert "cannot be excluded" not in text
        assert "%" not in text
        assert specs(app) == []


def test_the_page_of_nobody_is_a_sentence_without_a_chart() -> None:
    app = opened(PAGE, primary_tumour="melanoma", sex="F")
    said = "Adjacent fracture: nobody matches the filter, so there is nothing to show."
    assert said in words(app)
    assert specs(app) == []


def test_what_is_not_counted_is_said(six_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KYPHO_REGISTRY", str(six_file))
    text = words(opened(PAGE))
    assert "3 of 6 patients followed had one (4 in all). 2 died without one. Fragile:" in text
    assert (
        "Adjacent fracture, not counted: 1 without a date, 1 before the start, 1 dated after the "
        "death."
    ) in text
    assert "1 death of unknown day stands in the middle of what is possible." in text


def test_a_test_is_one_line_and_is_counted(
    lung_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KYPHO_REGISTRY", str(lung_file))
    text = words(opened(PAGE, by="sex"))
    assert (
        "Gray's test: χ² = 1.28, df = 1, P = 0.26 (Holm, 1 test); difference in one-year "
        "incidence, women less men, +9.7 percentage points (95 % CI −3.2 to 23.7); 228 patients."
    ) in text
    assert (
        "Adjacent fracture in women and men: P = 0.26; at one year this cannot exclude that up to "
        "23.7 percentage points more or 3.2 percentage points fewer of women than of men had had "
        "an adjacent fracture."
    ) in text
    assert "1 distinct test looked at" in text
    assert "SYNTHETIC" not in text.replace("SYNTHETIC example", "")


# The chart


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_a_chart_draws_the_steps_of_the_curve(six: Warehouse, colours: Any) -> None:
    drawn = rows(incidence_chart(events(six.reader(), Cohort()), colours, name))
    steps = [(row["months"], row["incidence"]) for row in drawn["steps"]]
    assert steps[0] == (0.0, 0.0)
    assert [share for _, share in steps] == pytest.approx([0, 0, 0.2, 0.4, 0.4, 0.4, 0.6])
    # A5 alone was last seen without one
    assert [row["months"] for row in drawn["censored"]] == [pytest.approx(97 / 30.4375)]
    assert [row["n"] for row in drawn["risk"]][:2] == ["6", "6"]
    (year,) = drawn["year"]
    assert plainly(year["words"]) == "40.0 % (13.7 to 100.0) at one year"


def test_groups_are_labelled_and_their_intervals_stand_side_by_side(lung: Warehouse) -> None:
    answer = events(lung.reader(), Cohort(), by="centre")
    drawn = rows(incidence_chart(answer, LIGHT, name))
    assert "year" not in drawn
    assert [row["label"] for row in drawn["ends"]].count("North") == 1
    at = [row["months"] for row in drawn["spans"]]
    assert len(at) == len(set(at)) >= 3
    heights = sorted(row["height"] for row in drawn["ends"])
    assert all(high - low > 0.01 for low, high in pairwise(heights))


def test_a_chart_of_two_groups_has_bands(lung: Warehouse) -> None:
    answer = events(lung.reader(), Cohort(), by="sex")
    assert len(rows(incidence_chart(answer, LIGHT, name))["spans"]) > 50
    assert "band: its 95" in event_words.event_legend(answer)


def test_the_axis_reaches_as_far_as_the_intervals(example: Warehouse, six: Warehouse) -> None:
    assert top_of(events(example.reader(), Cohort()).groups) == 0.3
    assert top_of(events(six.reader(), Cohort()).groups) == 1.0


def test_every_line_across_lies_on_the_axis(example: Warehouse) -> None:
    axis = rows(incidence_chart(events(example.reader(), Cohort()), LIGHT, name))["risk"][0]
    across = [axis["rule"] * line for line in range(4)]
    assert across == pytest.approx([0, 0.1, 0.2, 0.3])
    assert across[-1] <= axis["top"] < 0.3001


# The words


def test_every_kind_has_its_words() -> None:
    for kind in EVENT_KINDS:
        assert kind in event_words.SINGULAR
        said = (event_words.kind_label(kind), event_words.one(kind), event_words.many(kind))
        assert not [text for text in said if "_" in text]
    assert event_words.many("radiculopathy") == "radiculopathies"
    assert event_words.kind_label("other") == "Other event"


def test_a_first_year_without_an_event_and_a_short_follow_up_are_said(six: Warehouse) -> None:
    # A2 alone: the first fracture on day 426
    late = events(six.reader(), Cohort(primary_tumour=("lung",)))
    assert plainly(event_words.event_sentence(late)).startswith(
        "Nobody had an adjacent fracture in the first year; with 1 patient observed for a whole "
        "year, an incidence of up to 97.5 % at one year cannot be excluded. 1 of 1 patient "
        "followed had an adjacent fracture."
    )
    # A5 alone: seen until day 97
    short = events(six.reader(), Cohort(primary_tumour=("prostate",)))
    assert plainly(event_words.event_sentence(short)).startswith(
        "None of 1 patient followed had an adjacent fracture that is recorded; nobody was observed "
        "for a whole year; up to 1389.0 per 100 patient-years cannot be excluded."
    )
    # A3 and A6 alone: 109 and 123 days
    brief = events(six.reader(), Cohort(level=("T12", "L5")))
    assert event_words.event_sentence(brief).startswith(
        "Nobody was observed for a whole year, so there is no incidence at one year. 1 of 2 "
        "patients followed had an adjacent fracture. 1 died without one."
    )
    on_the_day = events(six.reader(), Cohort(primary_tumour=("prostate",)), kind="revision")
    assert event_words.rate_words(on_the_day.total.rate) == "not observed"
    assert event_words.rate_sentence(on_the_day.total) == ""


def comparison(**changed: Any) -> Comparison:
    base = Comparison(
        outcome="infection",
        unit="patient",
        kind="survival",
        by="sex",
        groups=("F", "M"),
        method="Gray's test",
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
                "Infection in women and men: P = 0.48; at one year this cannot exclude that up to "
                "16.1 percentage points more or 8.1 percentage points fewer of women than of men "
                "had had an infection."
            ),
        ),
        (
            {"estimate": None, "ci_low": None, "ci_high": None},
            (
                "Infection in women and men: P = 0.48; a difference between them is neither shown "
                "nor excluded."
            ),
        ),
        (
            {"p_adjusted": 0.01},
            (
                "Infection: the incidence in women and men differed (P = 0.01): difference in "
                "one-year incidence, women less men, +4.0 percentage points (95 % CI −8.1 to 16.1)."
            ),
        ),
        (
            {"p_adjusted": 0.01, "estimate": None},
            "Infection: the incidence in women and men differed (P = 0.01).",
        ),
        (
            {"p_adjusted": 0.01, "estimate": None, "groups": ("F", "M", "0")},
            (
                "Infection: the incidence in women, men and North differed (P = 0.01); which of "
                "them differ was not tested."
            ),
        ),
        ({"refused": "there is only one group", "p_adjusted": None}, ""),
    ],
)
def test_a_comparison_never_says_that_there_is_no_difference(
    changed: dict[str, Any], sentence: str
) -> None:
    said = event_words.comparison_sentence(comparison(**changed), name, "infection")
    assert plainly(said) == sentence


def test_codes_in_reasons_become_labels() -> None:
    for text, said in (
        (
            "left out of Gray's test for fewer than 10 patients: M (3)",
            "left out of Gray's test for fewer than 10 patients: men (3)",
        ),
        (
            "fewer than 5 events expected in F, M: P is approximate",
            "fewer than 5 events expected in women, men: P is approximate",
        ),
    ):
        assert curve_words.in_words(text, name) == said


def test_the_tables_say_what_the_chart_draws(six: Warehouse) -> None:
    answer = events(six.reader(), Cohort(), by="sex")
    summary = event_words.summary_rows(answer, name)
    assert [(row["group"], row["patients"], row["had one"], row["events"]) for row in summary] == [
        ("all", "6", "3", "4"),
        ("women", "3", "2", "3"),
        ("men", "2", "1", "1"),
        ("unrecorded", "1", "0", "0"),
    ]
    short = [list(row.values()) for row in event_words.group_rows(answer, name)]
    assert plainly(short[0][2]) == "40.0 % (13.7 to 100.0)"
    assert plainly(short[2][2]) == "none (up to 97.5 %)"
    assert short[3][1:] == ["0 of 1", "not observed"]
    kinds = [row["kind"] for row in event_words.kind_rows(answer)]
    assert kinds == ["Adjacent fracture", "Revision", "Infection"]
