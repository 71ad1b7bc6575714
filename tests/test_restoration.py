from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

import queries.restoration
from data.codebook import measures
from data.warehouse import open_registry
from pages.charts.restoration import restoration_chart
from pages.charts.theme import LIGHT
from pages.shared import restoration_words as words
from queries.cohort import Cohort
from queries.restoration import FORMULAS, restoration
from queries.thinned import dots
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


def drawn(answer: Any) -> dict[str, list[dict[str, Any]]]:
    return restoration_chart(answer, LIGHT).to_dict()["datasets"]


# Anterior height before, after and expected, in mm; one patient each but for the last two.
#   K1  15 -> 20 of 25: 5 mm, 33.3 % of the fractured, 50 % of the lost, 20 % of the expected height
#   K3  20 -> 21 of 22: lost 2 mm of at least 2.2: no share of the lost height
#   K5  16 -> 15 of 18: lost exactly 2 mm, enough: -50 %
#   K6  20 -> 24 of nothing
#   K8  12 -> 18 of 16: more than was lost: 150 %
#   K2 (as K1 of A1) 10 -> 11 of 20: 10 %
TYPED = """\
procedure_id,visit,measured_on,reader,posture,calibrated,height_anterior,height_anterior_reference
K1,pre,2022-01-05,R1,standing,yes,15,25
K1,post,2022-01-14,R1,standing,yes,20,25
K1,m12,2023-01-10,R1,standing,yes,18,25
K2,pre,2022-01-05,R1,standing,yes,10,20
K2,post,2022-01-14,R1,standing,yes,11,20
K3,pre,2022-02-25,R1,standing,yes,20,22
K3,post,2022-03-05,R1,standing,yes,21,22
K5,pre,2022-04-28,R1,standing,yes,16,18
K5,post,2022-05-05,R1,standing,yes,15,18
K6,pre,2022-05-28,R1,standing,yes,20,
K6,post,2022-06-04,R1,standing,yes,24,
K8,pre,2022-08-10,R1,standing,yes,12,16
K8,post,2022-08-20,R1,standing,yes,18,16
"""


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("typed")
    return open_registry(registry_of({**SIX, "radiographs.csv": TYPED}, folder))


def restored(typed: Warehouse, formula: Any) -> dict[str, float]:
    levels = restoration(typed.reader(), Cohort(), formula=formula).levels
    return dict(levels.select("procedure_id", "restored").iter_rows())


def test_each_formula_gives_its_own_number_of_the_same_films(typed: Warehouse) -> None:
    assert restored(typed, "mm") == {"K1": 5, "K2": 1, "K3": 1, "K5": -1, "K6": 4, "K8": 6}
    assert restored(typed, "fractured_height") == pytest.approx(
        {"K1": 100 / 3, "K2": 10, "K3": 5, "K5": -6.25, "K6": 20, "K8": 50}
    )
    assert restored(typed, "expected_height") == pytest.approx(
        {"K1": 20, "K2": 5, "K3": 100 / 22, "K5": -100 / 18, "K8": 37.5}
    )


def test_a_share_of_the_lost_height_needs_a_loss_and_may_be_negative_or_above_100(
    typed: Warehouse,
) -> None:
    assert restored(typed, "lost_height") == {"K1": 50, "K2": 10, "K5": -50, "K8": 150}
    row = restoration(typed.reader(), Cohort(), formula="lost_height").shown
    assert (row.n_levels, row.no_reference, row.too_little_lost) == (4, 1, 1)
    # patient means: A1 (50 + 10) / 2, A3 -50, A5 150
    assert (row.n_patients, row.estimate, row.ci_low) == (3, 40, None)


def test_no_loss_at_all_is_null_and_not_infinite(tmp_path: Path) -> None:
    films = TYPED.replace("K3,pre,2022-02-25,R1,standing,yes,20,22", "K3,pre,,R1,,,22,22")
    reader = open_registry(registry_of({**SIX, "radiographs.csv": films}, tmp_path)).reader()
    answer = restoration(reader, Cohort(level=("L3",)), formula="lost_height")
    assert (answer.shown.n_levels, answer.shown.too_little_lost) == (0, 1)
    assert words.answer_sentence(answer) == (
        "Anterior height: no restoration, no level with both films had lost enough height, or has "
        "an expected one."
    )


def test_the_four_formulas_agree_with_r(example: Warehouse) -> None:
    # in R, d the patients' means: w <- outer(d, d, "+") / 2; w <- sort(w[upper.tri(w, TRUE)]);
    # median(w); k <- qsignrank(.025, length(d)); w[k]; w[length(w) + 1 - k]; the share of the lost
    # height only where lost >= pmax(2, .1 * expected)
    found = {
        row.formula: (row.n_levels, row.n_patients, row.estimate, row.ci_low, row.ci_high)
        for row in restoration(example.reader(), Cohort()).every
    }
    pinned = {
        "mm": (64, 31, 2.383333333, 1.7225, 3.233333333),
        "fractured_height": (64, 31, 16.4990675, 11.73400378, 23.14757459),
        "lost_height": (59, 30, 36.47521837, 29.00278516, 45.43710348),
        "expected_height": (64, 31, 10.03401798, 7.549331879, 13.93675366),
    }
    for formula, numbers in pinned.items():
        assert found[formula] == pytest.approx(numbers, rel=1e-6)


def test_a_named_formula_is_the_only_row_and_none_gives_all_four(typed: Warehouse) -> None:
    every = restoration(typed.reader(), Cohort())
    assert [row.formula for row in every.rows] == list(FORMULAS)
    assert every.formula == "mm"
    one = restoration(typed.reader(), Cohort(), formula="expected_height")
    assert [row.formula for row in one.rows] == ["expected_height"]
    assert len(one.every) == 4


def test_a_later_visit_measures_what_was_kept(typed: Warehouse) -> None:
    answer = restoration(typed.reader(), Cohort(), visit="m12")
    assert answer.levels["restored"].to_list() == [3]
    assert words.title(answer) == "Anterior height restored at 12 months: mm gained"
    later = restoration(typed.reader(), Cohort(), visit="m6")
    assert words.answer_sentence(later) == (
        "Anterior height: no restoration, no level has a film before and one at 6 months."
    )
    nobody = restoration(typed.reader(), Cohort(primary_tumour=("melanoma",)))
    assert words.answer_sentence(nobody).startswith("Restoration: nobody matches the filter")


def test_the_answer_names_its_formula_and_says_how_much_it_depends_on_it(
    example: Warehouse,
) -> None:
    answer = restoration(example.reader(), Cohort(), formula="lost_height")
    said = words.answer_sentence(answer).replace("\u202f", " ")
    assert said == (
        "Restored: **+36 %** of the lost height (95 % CI 29 to 45); Hodges-Lehmann on the means of "
        "30 patients (59 levels)."
    )
    assert words.formula_sentence(answer).replace("\u202f", " ") == (
        "The same films by formula: +16 % of the fractured height, +36 % of the lost height, +10 % "
        "of the expected height: 3.6 times as much by the formula alone, so no percentage without "
        "its name."
    )
    assert words.left_out_sentence(answer).replace("\u202f", " ") == (
        "Left out: 5 levels that had lost less than max(2 mm, 10 % of the expected height), a "
        "setting."
    )
    assert words.axis(answer) == (
        "% of the lost height = 100 × gain / (expected height − height before)"
    )


def test_a_negative_estimate_has_no_ratio_of_formulas(typed: Warehouse) -> None:
    answer = restoration(typed.reader(), Cohort(primary_tumour=("kidney",)))
    assert words.formula_sentence(answer).endswith(
        "−50\u202f% of the lost height, −6\u202f% of the expected height."
    )
    alone = restoration(typed.reader(), Cohort(level=("L2",)))
    assert words.formula_sentence(alone) == ""
    assert words.left_out_sentence(replace(alone, formula="lost_height")) == (
        "Left out: 1 level without an expected height."
    )
    assert "Fragile: fewer than 10 patients." in words.answer_sentence(answer)


def test_the_chart_holds_every_level_every_patient_and_the_estimate(example: Warehouse) -> None:
    answer = restoration(example.reader(), Cohort(), formula="lost_height")
    shown = drawn(answer)
    assert (len(shown["levels"]), len(shown["patients"])) == (59, 30)
    (estimate,) = shown["estimate"]
    assert estimate["value"] == answer.shown.estimate
    assert [line["words"] for line in shown["lines"]] == ["no gain", "expected height reached"]
    assert {row["kind"] for row in shown["levels"]} == {"within", "better"}
    # no two dots stand on each other
    assert len({(row["x"], row["y"]) for row in shown["levels"]}) == 59
    spec = str(restoration_chart(answer, LIGHT).structure)
    assert "% of the lost height = 100 × gain / (expected height − height before)" in spec


def test_without_an_error_on_record_no_gain_is_called_noise(typed: Warehouse) -> None:
    bare = replace(measures()["height_anterior"], error=None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queries.restoration, "measures", lambda: {"height_anterior": bare})
        answer = restoration(typed.reader(), Cohort())
    assert {row["kind"] for row in drawn(answer)["levels"]} == {"no error on record"}
    assert "Grey" not in words.legend(answer)


def test_above_the_limit_a_dot_stands_for_several_and_says_so(
    example: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries.restoration, "dots", partial(dots, most=20))
    answer = restoration(example.reader(), Cohort())
    assert answer.shown.n_levels == 64
    shown = drawn(answer)
    assert (shown["levels"][0]["who"], shown["patients"][0]["who"]) == (
        "up to 4 levels",
        "up to 2 patients",
    )
    assert words.legend(answer).startswith(
        "Dots: up to 4 treated levels each; small diamonds: up to 2 patients each, the mean of "
        "their levels."
    )
    assert words.level_rows(answer)[0]["patient"] == "up to 4 levels"


def test_the_page_keeps_formula_and_visit_in_the_address() -> None:
    app = opened(ALIGNMENT, view="restoration", formula="expected_height", visit="m12")
    text = page_words(app)
    assert "Anterior height restored at 12 months: % of the expected height" in text
    assert "| **% of the expected height** |" in text
    assert specs(app)[0].startswith("Dot chart of the restoration of anterior height per level")
    assert (address(app, "formula"), address(app, "visit")) == ("expected_height", "m12")
