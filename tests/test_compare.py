"""Groups to compare, the other methods and the count of tests, on every page of outcomes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.results import FOLD, IN_FULL
from tests.folds import unfold
from tests.registry_of_six import SIX, registry_of
from tests.test_pages import options, specs

FRAME = Path(__file__).parent.parent / "pages" / "frame.py"
PERCENT = {"scale": "percent_of_reference"}
OUTCOMES = ("outcomes/trajectories.py", "imaging/alignment.py", "imaging/leakage.py")


def opened(page: str, **params: str) -> AppTest:
    app = AppTest.from_file(str(FRAME), default_timeout=30)
    for name, value in params.items():
        app.query_params[name] = value
    app.run()
    unfold(app)
    app.switch_page(page).run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error]
    return "\n".join(str(part.value) for part in parts).replace("\u202f", " ")


def alternatives(app: AppTest) -> list[str]:
    return [words.replace("\u202f", " ") for words in specs(app)]


def by_menu(app: AppTest) -> Any:
    (found,) = [menu for menu in app.selectbox if menu.label == "Compare by"]
    return found


@pytest.mark.parametrize("page", OUTCOMES)
@pytest.mark.parametrize("by", ["primary_tumour", "region", "sex", "age_band"])
def test_every_outcome_is_compared_by_every_group(page: str, by: str) -> None:
    app = opened(page, by=by)
    text = words(app)
    assert by_menu(app).value == by
    title = {"primary_tumour": "tumour type", "region": "spinal region", "age_band": "age band"}
    assert f"by {title.get(by, by)}" in text
    assert "not compared" in text or "of 31 patients" in text
    assert "None" not in text


def test_scores_and_films_are_compared_by_leak() -> None:
    for page in OUTCOMES[:2]:
        text = words(opened(page, by="leak"))
        assert "by cement leakage, 12 months: leak less no leak, " in text


def test_surgeons_are_compared_only_where_the_department_allows_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for page in OUTCOMES:
        app = opened(page, by="surgeon")
        assert "by surgeon" not in by_menu(app).options
        assert "by\\=surgeon, which is not known here" in words(app) or (
            "by=surgeon, which is not known here" in words(app)
        )
    monkeypatch.setenv("KYPHO_COMPARE_SURGEONS", "yes")
    for page in OUTCOMES:
        app = opened(page, by="surgeon")
        assert by_menu(app).value == "surgeon"
        assert "by surgeon" in words(app)


def test_a_comparison_of_groups_says_what_it_cannot_exclude() -> None:
    text = words(opened(OUTCOMES[0], by="sex"))
    assert (
        "Change of pain (VAS) by sex, 12 months: women less men, −0.5 points (95 % CI −3.0 to "
        "2.0); this cannot exclude a difference of −3.0 points or of +2.0 points (P = 1.00)."
    ) in text
    assert "Mann-Whitney (exact), change between groups (women, men): W = 81.5" in text


def test_the_chart_of_groups_says_its_groups_and_its_result() -> None:
    (alt,) = alternatives(opened(OUTCOMES[0], by="sex"))
    assert alt.startswith("Line chart of Pain (VAS) over the visits by group: women, men.")
    assert "this cannot exclude a difference" in alt


def test_more_groups_than_colours_are_said_and_stand_in_the_table() -> None:
    app = opened(OUTCOMES[0], by="primary_tumour", view="change")
    assert "Drawn: the 6 largest of 8 groups; the table holds all." in words(app)
    assert "| melanoma |" in words(app)


def test_pairs_of_several_groups_are_one_click_away() -> None:
    app = opened(OUTCOMES[0], by="primary_tumour")
    assert any(fold.label == IN_FULL for fold in app.expander)
    assert "**Every two groups, 12 months**" in words(app)
    assert "| breast less lung |" in words(app)
    app.session_state[FOLD] = False
    assert "| breast less lung |" not in words(app.run())


@pytest.mark.parametrize(
    ("page", "methods"),
    [
        (OUTCOMES[0], ("mixed model", "among those alive", "ANCOVA")),
        (
            OUTCOMES[1],
            ("levels as independent", "clustered signed-rank", "mixed model", "ANCOVA"),
        ),
        (OUTCOMES[2], ("Fisher", "GEE", "mid-P", "Wilson, levels", "Clopper-Pearson")),
    ],
)
def test_other_methods_are_one_click_away_and_never_the_answer(
    page: str, methods: tuple[str, ...]
) -> None:
    app = opened(page, by="sex")
    (fold,) = [fold for fold in app.expander if fold.label.startswith("In full: ")]
    assert "other methods" in fold.label
    text = words(app)
    assert "The answer is the line in bold." in text
    for method in methods:
        assert f"| {method}" in text


def test_levels_say_how_alike_they_changed_and_what_they_weigh() -> None:
    text = words(opened(OUTCOMES[1]))
    assert (
        "12 months: 59 levels of 28 patients, intraclass correlation of the changes 0.26; together "
        "they weigh as much as 41.0 independent levels."
    ) in text
    few = words(opened(OUTCOMES[1], primary_tumour="kidney"))
    assert "cannot be estimated here, so no effective number of levels is given" in few


def test_distinct_tests_are_counted_over_pages_and_filters() -> None:
    app = AppTest.from_file(str(FRAME), default_timeout=30).run()
    # pain, disability, kyphosis and anterior height: four visits, Friedman; for the films stability
    # at three visits as well
    assert "26 distinct tests looked at since the dashboard was opened" in words(app)
    app.run()
    assert "26 distinct tests looked at" in words(app)
    app.switch_page(OUTCOMES[0]).run()
    assert "26 distinct tests looked at" in words(app)
    app.switch_page(OUTCOMES[2]).run()
    # the rates of the levels
    assert "27 distinct tests looked at" in words(app)
    app.switch_page(OUTCOMES[0]).run()
    options(app, "sex").select("F").run()
    assert "32 distinct tests looked at" in words(app)


def test_nobody_means_no_test_was_looked_at() -> None:
    app = opened(OUTCOMES[0], primary_tumour="melanoma", sex="F")
    assert "No test looked at since the dashboard was opened." in words(app)


def test_medians_of_the_same_pairs_stand_beside_the_change() -> None:
    assert "medians of the same 28 patients: 8.0 → 3.0." in words(opened(OUTCOMES[0]))


def test_many_patients_get_the_models_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    import pages.shared.models

    monkeypatch.setattr(pages.shared.models, "MODEL_ON_REQUEST", 30)
    app = opened(OUTCOMES[0])
    (box,) = [box for box in app.checkbox if box.key == "view.models"]
    box.check().run()
    assert not app.exception


def test_the_table_of_every_visit_names_its_groups() -> None:
    for page in OUTCOMES[:2]:
        assert "| breast | 12 months |" in words(opened(page, by="primary_tumour"))


def test_gain_and_loss_are_of_all_groups_together() -> None:
    text = words(opened(OUTCOMES[1], by="region", view="courses"))
    assert "gain and loss (°)\n" in text
    assert "All groups stand together here." in text
    heights = words(
        opened(OUTCOMES[1], by="sex", view="courses", measure="height_anterior", **PERCENT)
    )
    assert "on record here. All groups stand together here." in heights


def test_names_of_centres_are_text_and_no_markup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked = SIX["procedures.csv"].replace("North", "**North** | [x](y)")
    registry = registry_of(SIX | {"procedures.csv": marked}, tmp_path)
    monkeypatch.setenv("KYPHO_REGISTRY", str(registry))
    for page in OUTCOMES:
        text = words(opened(page, by="centre"))
        assert "North" in text
        assert "**North**" not in text
        assert "[x](y)" not in text


def test_a_fall_whose_interval_touches_zero_says_that_values_come_in_steps() -> None:
    text = words(opened(OUTCOMES[0], measure="karnofsky"))
    assert "values come in steps, so the interval touches zero" in text
