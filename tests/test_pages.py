"""Every page of the menu, opened with and without a filter, counted another way."""

from __future__ import annotations

import ast
import csv
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import pages.shared.cohort_bar
from data.ingest import accept, check
from pages.shared.ask import current_signature, one_registry
from pages.shared.panels import SPOKEN
from tests.folds import unfold

ROOT = Path(__file__).parent.parent
FRAME = ROOT / "pages" / "frame.py"
EXAMPLE = ROOT / "data" / "example"


def menu() -> tuple[str, ...]:
    """The pages, read from the menu, so that a new one is tested by itself."""
    tree = ast.parse(FRAME.read_text(encoding="utf-8"))
    found = next(
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "MENU"
    )
    return tuple(ast.literal_eval(found))


PAGES = menu()
TRAJECTORIES, RESPONDERS = "outcomes/trajectories.py", "outcomes/responders.py"
LEAKAGE, ALIGNMENT = "imaging/leakage.py", "imaging/alignment.py"
SURVIVAL, METHODS = "follow_up/survival.py", "about/methods.py"
IMPORT = "registry/import_data.py"
RESULT_PAGES = tuple(page for page in PAGES if page not in (METHODS, IMPORT))


def rows(name: str) -> list[dict[str, str]]:
    with (EXAMPLE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def opened(page: str, **params: str) -> AppTest:
    app = AppTest.from_file(str(FRAME), default_timeout=30)
    unfold(app)
    for name, value in params.items():
        app.query_params[name] = value
    app.run()
    if page != PAGES[0]:
        unfold(app)
        app.switch_page(page).run()
    assert not app.exception
    return app


def own_registry(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Name a registry of the example's rows that a test may move and replace."""
    path = folder / "registry.duckdb"
    accept(check(EXAMPLE), path)
    monkeypatch.setenv("KYPHO_REGISTRY", str(path))
    return path


def words(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error]
    return "\n".join(str(part.value) for part in parts).replace("\u202f", " ")


def specs(app: AppTest) -> list[str]:
    """What stands beside each chart for those who cannot see it."""
    shown = [alternative for node in app.get("html") if (alternative := spoken(node))]
    assert len(shown) == len(app.get("vega_lite_chart"))
    return shown


def spoken(node: Any) -> str:
    found = re.fullmatch(rf'<p class="{SPOKEN}">(.*)</p>', node.proto.body, re.DOTALL)
    return unescape(found[1]) if found else ""


def options(app: AppTest, field: str) -> Any:
    """The filter of a field."""
    return next(one for one in app.pills if one.key == f"cohort.{field}")


def chosen(app: AppTest) -> dict[str, list[str]]:
    """What is chosen in every filter that is drawn."""
    drawn = [one for one in app.pills if str(one.key).startswith("cohort.")]
    return {str(one.key).removeprefix("cohort."): one.value for one in drawn if one.value}


def address(app: AppTest, name: str) -> str:
    value = app.query_params[name]
    return value if isinstance(value, str) else value[0]


def breast_patients() -> set[str]:
    return {row["patient_id"] for row in rows("patients.csv") if row["primary_tumour"] == "breast"}


@pytest.mark.parametrize("page", PAGES)
def test_every_page_stands_inside_the_frame(page: str) -> None:
    app = opened(page)
    assert "**31** patients **64** levels" in words(app)
    assert "breast" in options(app, "primary_tumour").options


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_synthetic(page: str) -> None:
    app = opened(page)
    assert "SYNTHETIC EXAMPLE" in words(app)
    assert "[SYNTHETIC]" in words(app)


@pytest.mark.parametrize("page", PAGES)
def test_a_filter_changes_patients_and_levels_on_every_page(page: str) -> None:
    app = opened(page)
    options(app, "primary_tumour").select("breast").run()
    people = breast_patients()
    levels = [row for row in rows("procedures.csv") if row["patient_id"] in people]
    assert f"**{len(people)}** patients **{len(levels)}** levels" in words(app)
    assert address(app, "primary_tumour") == "breast"


@pytest.mark.parametrize("page", PAGES)
def test_a_filter_that_matches_nobody_is_a_sentence_on_every_page(page: str) -> None:
    app = opened(page, primary_tumour="melanoma", sex="F")
    assert "**0** patients **0** levels" in words(app)
    assert "Nobody in the registry matches this filter" in words(app)


def test_overview_counts_who_was_treated() -> None:
    text = words(opened(PAGES[0]))
    assert "31 patients (18 women, 13 men), median age 64" in text
    assert "64 treated levels" in text
    assert "Cement leaked at 8 of 64 levels (12.5 %;" in text


def test_trajectories_print_every_visit_as_one_line_with_raw_and_adjusted_p() -> None:
    text = words(opened(TRAJECTORIES))
    for visit in ("after the operation", "3 months", "6 months", "12 months"):
        assert f"**{visit}:** Wilcoxon signed-rank (exact), paired by patient: V = " in text
    assert "P < 0.001 (raw), P < 0.001 (Holm, 4 tests)" in text
    assert "28 pairs of 31 patients, 3 without both values" in text


def test_trajectories_of_breast_patients_count_their_pairs() -> None:
    people = breast_patients()
    seen = {
        visit: {
            row["patient_id"]
            for row in rows("follow_ups.csv")
            if row["visit"] == visit and row["vas"] and row["patient_id"] in people
        }
        for visit in ("pre", "m12")
    }
    pairs = len(seen["pre"] & seen["m12"])
    text = words(opened(TRAJECTORIES, primary_tumour="breast"))
    assert f"{pairs} pairs of {len(people)} patients" in text
    assert "exploratory" in text


def test_trajectories_test_all_visits_at_once() -> None:
    assert "**All visits:** Friedman over 5 visits" in words(opened(TRAJECTORIES))


def test_leakage_counts_levels_and_patients_in_the_title() -> None:
    leaks = [row for row in rows("procedures.csv") if row["leak"] == "yes"]
    patients = {row["patient_id"] for row in leaks}
    text = words(opened(LEAKAGE))
    assert f"{len(leaks)} of 64 levels" in text
    assert f"in {len(patients)} of 31 patients" in text
    assert "No leak had recorded symptoms; up to 8.2 % of levels or 11.2 % of patients" in text


def test_leakage_of_one_region_counts_its_levels() -> None:
    lumbar = [row for row in rows("procedures.csv") if row["level"] in {"L3", "L4", "L5"}]
    leaks = sum(row["leak"] == "yes" for row in lumbar)
    text = words(opened(LEAKAGE, region="lumbar"))
    assert f"Cement leaked at {leaks} of {len(lumbar)} levels" in text


def test_alignment_tests_patients_and_names_their_levels() -> None:
    text = words(opened(ALIGNMENT))
    assert "on patient means of the levels: V = " in text
    assert "28 patients of 31 (59 levels), 3 without both values" in text
    assert "| levels as independent |" in text
    assert "intraclass correlation of the changes" in text


def test_alignment_keeps_gain_and_loss_apart() -> None:
    text = words(opened(ALIGNMENT))
    assert "Gain, before to after the operation: median change of patient means" in text
    assert "Loss, after the operation to the last film: median change of patient means" in text
    assert "By more than the measurement error of 7.0°" in text
    assert (
        "12 months: **stable on average; 3 of 59 levels worsened by more than 7.0° since then**"
        in text
    )
    assert "Stability, 6 months: **stable on average; " in text


def test_methods_name_every_measure_and_reference() -> None:
    text = words(opened(METHODS))
    assert "Oswestry Disability Index: 100 × sum / (5 × sections answered)" in text
    assert "Streitberg B, Röhmel J" in text
    assert "Alanay 2007" in text


def test_every_chart_has_a_text_alternative_with_its_n() -> None:
    for page in RESULT_PAGES:
        alternatives = specs(opened(page))
        assert alternatives
        assert all(alternative for alternative in alternatives)
    assert any("n = 28" in alternative for alternative in specs(opened(TRAJECTORIES)))


def test_the_address_alone_gives_the_cohort_and_the_view() -> None:
    app = opened(PAGES[0], primary_tumour="breast,lung", region="thoracolumbar", sex="F")
    assert chosen(app) == {
        "primary_tumour": ["breast", "lung"],
        "region": ["thoracolumbar"],
        "sex": ["F"],
    }


def test_an_unknown_code_in_the_address_is_named_and_the_rest_applies() -> None:
    app = opened(PAGES[0], primary_tumour="breast,brest", colour="red")
    assert "primary_tumour=brest" in words(app)
    assert "colour=red" in words(app)
    assert f"**{len(breast_patients())}** patients" in words(app)


def take_off(app: AppTest, pill: str) -> None:
    next(one for one in app.pills if one.key == "pill.remove").select(pill).run()


def test_a_pill_removes_its_filter_and_reset_removes_all() -> None:
    app = opened(PAGES[0], primary_tumour="breast,lung", sex="F")
    take_off(app, "primary_tumour=lung")
    assert chosen(app) == {"primary_tumour": ["breast"], "sex": ["F"]}
    take_off(app, "reset")
    assert "**31** patients **64** levels" in words(app)
    assert not app.query_params


def test_a_filter_survives_a_page_change() -> None:
    app = opened(PAGES[0], primary_tumour="breast", age_from="60")
    before = next(line for line in words(app).splitlines() if "** patients" in line)
    app.switch_page(LEAKAGE).run()
    assert before in words(app)
    assert address(app, "primary_tumour") == "breast"
    assert address(app, "age_from") == "60"


def test_every_option_prints_its_patients_in_the_choice_of_all() -> None:
    app = opened(PAGES[0], sex="F")
    style = next(node.proto.body for node in app.get("html") if "<style>" in node.proto.body)
    tumours = {row["patient_id"]: row["primary_tumour"] for row in rows("patients.csv")}
    women = {row["patient_id"] for row in rows("patients.csv") if row["sex"] == "F"}
    treated = {row["patient_id"] for row in rows("procedures.csv")}
    shown = options(app, "primary_tumour").options
    assert len(shown) == 8
    for place, label in enumerate(shown, 1):
        of_all = {name for name in treated if tumours[name] == label.split()[0]}
        counts = f"{len(of_all & women)} of {len(of_all)}"
        rule = f'.st-key-cohort-primary_tumour button:nth-of-type({place})::after {{ content: "'
        assert f'{rule}{counts}"; }}' in style


def test_of_many_options_the_first_and_those_chosen_are_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pages.shared.cohort_bar, "MOST_OPTIONS", 2)
    app = opened(PAGES[0], primary_tumour="thyroid")
    assert options(app, "primary_tumour").options == ["breast", "lung", "thyroid"]
    assert "5 more are not listed; name them in the address." in words(app)
    options(app, "primary_tumour").select("lung").run()
    assert chosen(app) == {"primary_tumour": ["thyroid", "lung"]}


def test_the_folded_filters_are_drawn_where_one_of_them_is_in_use() -> None:
    app = opened(PAGES[0])
    assert all(one.key not in ("cohort.level", "cohort.surgeon") for one in app.pills)
    app = opened(PAGES[0], level="T12,L1")
    assert chosen(app) == {"level": ["T12", "L1"]}
    take_off(app, "level=L1")
    assert chosen(app) == {"level": ["T12"]}
    app.switch_page(LEAKAGE).run()
    assert chosen(app) == {"level": ["T12"]}


def test_age_and_year_sliders_filter_and_stand_in_the_address() -> None:
    app = opened(PAGES[0])
    next(s for s in app.slider if s.key == "cohort.age").set_range(50, 60).run()
    operated: dict[str, int] = {}
    for row in rows("procedures.csv"):
        year = int(row["operated_on"][:4])
        operated[row["patient_id"]] = min(year, operated.get(row["patient_id"], 9999))
    ages = [
        operated[row["patient_id"]] - int(row["birth_year"])
        for row in rows("patients.csv")
        if row["patient_id"] in operated
    ]
    inside = sum(50 <= age <= 60 for age in ages)
    assert f"**{inside}** patients" in words(app)
    assert address(app, "age_from") == "50"
    assert address(app, "age_to") == "60"


@pytest.fixture(scope="module")
def bare_registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry of procedures only."""
    folder = tmp_path_factory.mktemp("bare")
    (folder / "patients.csv").write_text("patient_id\nA\nB\n", encoding="utf-8")
    (folder / "procedures.csv").write_text(
        "procedure_id,patient_id,operated_on,level\nK1,A,2024-01-01,T8\nK2,B,2024-02-01,L1\n",
        encoding="utf-8",
    )
    checked = check(folder)
    assert checked.accepted
    path = folder / "bare.duckdb"
    accept(checked, path)
    return path


@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        (PAGES[0], "Pain (VAS): not recorded for anybody in this cohort"),
        (TRAJECTORIES, "Pain (VAS): not recorded for anybody in this cohort"),
        (RESPONDERS, "Pain (VAS): not recorded for anybody in this cohort"),
        (LEAKAGE, "nobody looked for a leak at any of the 2 levels"),
        (ALIGNMENT, "Kyphosis angle: not recorded for anybody in this cohort"),
        (SURVIVAL, "Survival: nobody was followed, so there is nothing to show. Left out: 2"),
        (METHODS, "(real data), version"),
    ],
)
def test_a_registry_of_procedures_only_says_what_is_missing(
    page: str, sentence: str, bare_registry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KYPHO_REGISTRY", str(bare_registry))
    app = opened(page)
    assert "**2** patients **2** levels" in words(app)
    assert sentence in words(app)
    assert "SYNTHETIC" not in words(app).replace("SYNTHETIC example", "")


def test_a_page_answers_from_one_registry_though_another_is_swapped_in(
    bare_registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r.duckdb"
    path.write_bytes(bare_registry.read_bytes())
    monkeypatch.setenv("KYPHO_REGISTRY", str(path))
    with one_registry():
        before = current_signature()
        swapped = tmp_path / "new.duckdb"
        swapped.write_bytes(bare_registry.read_bytes())
        swapped.replace(path)
        assert current_signature() == before
    assert current_signature() != before


def test_a_registry_that_cannot_be_read_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken.duckdb"
    broken.write_bytes(b"not a registry" * 100)
    monkeypatch.setenv("KYPHO_REGISTRY", str(broken))
    app = AppTest.from_file(str(FRAME), default_timeout=30).run()
    assert not app.exception
    assert "cannot be read as one" in words(app)


def test_filters_outlive_a_registry_that_cannot_be_read_for_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = own_registry(tmp_path, monkeypatch)
    app = opened(PAGES[0], sex="F")
    assert "**18** patients **38** levels" in words(app)
    away = path.rename(tmp_path / "away.duckdb")
    assert "cannot be read" in words(app.run())
    away.rename(path)
    assert "**18** patients **38** levels" in words(app.run())


def test_a_page_outside_the_frame_stops_in_words() -> None:
    app = AppTest.from_file(str(ROOT / "pages" / LEAKAGE), default_timeout=30).run()
    assert not app.exception
    assert "this page needs the cohort bar" in words(app)
    assert not app.get("vega_lite_chart")


def test_a_cohort_of_later_operations_alone_says_whose_baseline_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "patients.csv").write_text("patient_id\nA\n", encoding="utf-8")
    (tmp_path / "procedures.csv").write_text(
        "procedure_id,patient_id,operated_on,level\nK1,A,2023-01-01,T8\nK2,A,2024-02-01,L1\n",
        encoding="utf-8",
    )
    (tmp_path / "follow_ups.csv").write_text(
        "patient_id,visit,vas\nA,pre,8\nA,m3,2\n", encoding="utf-8"
    )
    path = tmp_path / "two.duckdb"
    accept(check(tmp_path), path)
    monkeypatch.setenv("KYPHO_REGISTRY", str(path))
    text = words(opened(TRAJECTORIES, level="L1"))
    assert "their baseline belongs to an earlier operation (1 patient)" in text


@pytest.mark.parametrize("page", PAGES)
def test_the_tables_button_turns_every_chart_into_its_table_and_back(page: str) -> None:
    app = opened(page)
    charts, lines = len(app.get("vega_lite_chart")), words(app).count("\n|")
    button = next(button for button in app.button if button.key == "button.tables")
    button.click().run()
    assert not app.get("vega_lite_chart")
    assert words(app).count("\n|") > lines or not charts
    button = next(button for button in app.button if button.key == "button.tables")
    button.click().run()
    assert len(app.get("vega_lite_chart")) == charts


def test_a_registry_that_is_replaced_is_shown_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = own_registry(tmp_path, monkeypatch)
    app = opened(PAGES[0])
    source = tmp_path / "source"
    source.mkdir()
    (source / "patients.csv").write_text(
        "patient_id,birth_year\nA,1990\nB,1920\nC,\n", encoding="utf-8"
    )
    (source / "procedures.csv").write_text(
        "procedure_id,patient_id,operated_on,level\n"
        "K1,A,2024-01-01,T8\nK2,B,2010-02-01,L1\nK3,C,2022-02-01,L1\n",
        encoding="utf-8",
    )
    accept(check(source), path)
    assert "**3** patients **3** levels" in words(app.run())
