"""The data's quality as people see it: the page, its map, its words, the line on other pages."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from data.codebook import measures
from data.ingest import accept, check
from data.rules import Finding
from data.warehouse import open_registry
from pages.charts.quality import STRONGEST, recorded_chart
from pages.charts.theme import DARK, LIGHT, Palette
from pages.shared import held_back_words as held_words
from pages.shared import quality_words as words_of
from pages.shared.downloads import findings_csv
from pages.shared.wording import plain
from queries.cohort import Cohort
from queries.completeness import Recorded, completeness
from queries.held_back import Held, Import
from tests.registry_of_six import registry_of_six
from tests.test_charts import contrast
from tests.test_pages import LEAKAGE, PAGES, TRAJECTORIES, address, opened, specs, words
from tests.test_quality import FOLLOW_UPS, PATIENTS, PROCEDURES

if TYPE_CHECKING:
    from pathlib import Path

    from queries.completeness import Completeness

PAGE = "registry/quality.py"
FOLLOW_UP = "follow_up/attrition.py"


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Completeness:
    return completeness(open_registry(registry_of_six(tmp_path_factory)).reader(), Cohort())


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"patients": PATIENTS, "procedures": PROCEDURES, "follow_ups": FOLLOW_UPS}
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    accept(check(tmp_path), tmp_path / "faulty.duckdb")
    monkeypatch.setenv("KYPHO_REGISTRY", str(tmp_path / "faulty.duckdb"))


# The page


def test_the_page_says_first_where_most_is_missing() -> None:
    text = words(opened(PAGE))
    assert "### Data quality: recorded of what is due" in text
    assert (
        "The score with the largest gap is pain (VAS) at 12 months: 28 of 29 patients due. The "
        "film measurement with the largest gap is anterior height at 6 months: 59 of 62 levels due."
    ) in text
    assert "nothing was held back." in text
    assert "| sex | 31 of 31 patients |" in text


def test_the_map_has_a_text_with_its_numbers() -> None:
    (said,) = specs(opened(PAGE))
    assert "Pain (VAS) · patients: before the operation 31 of 31" in said
    assert "Kyphosis angle · levels: before the operation 64 of 64" in said
    assert "Expected" not in said


def test_the_page_follows_the_filter() -> None:
    assert "| sex | 13 of 13 patients |" in words(opened(PAGE, primary_tumour="breast"))


def test_the_page_lists_what_was_held_back_by_rule_and_by_row(faulty: None) -> None:
    text = words(opened(PAGE, view="held_back"))
    assert "3 rows and 2 single values were held back. 1 finding more was kept with a mark." in text
    assert "| Of identical rows one is kept | row held back | scores | 1 |" in text
    assert "| value held back | scores: Pain (VAS) | 1 |" in text
    assert "| follow_ups | 4 | vas | 99 | The vas looks like a code for “not known”" in text


def test_one_rule_can_be_looked_at_from_the_address(faulty: None) -> None:
    app = opened(PAGE, view="held_back", rule="bad_level")
    assert address(app, "rule") == "bad_level"
    assert "1 finding, it with its place" not in words(app)
    assert "1 finding, with its place in the source" in words(app)
    assert "| procedures | 3 | level | C5 |" in words(app)
    assert "| follow_ups | 4 |" not in words(app)


def test_the_page_counts_the_imports(faulty: None) -> None:
    text = words(opened(PAGE, view="imports"))
    assert "1 import so far; the registry in use is that of " in text
    assert "5 of 8 rows kept." in text


def test_the_dictionary_is_the_codebook() -> None:
    text = words(opened(PAGE, view="dictionary"))
    for code, measure in measures().items():
        assert f"| {measure.label} | {measure.unit_of_analysis} |" in text
        assert f"`{code}`" in text
    assert "10 % of the reference" in text


# The line on the other pages


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (TRAJECTORIES, "1 score, 1 visit and 1 treated level were held back at import"),
        (LEAKAGE, "1 treated level was held back at import"),
        (FOLLOW_UP, "2 scores, 1 visit and 1 treated level were held back at import"),
    ],
)
def test_a_page_says_what_it_lost_at_the_import(faulty: None, page: str, said: str) -> None:
    labels = [link.proto.label for link in opened(page).get("page_link")]
    assert f"{said}: see Data quality" in labels


@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_lost_nothing_says_nothing(page: str) -> None:
    labels = [link.proto.label for link in opened(page).get("page_link")]
    assert not [label for label in labels if "held back" in label]


def found(table: str, field: str | None, rule: str = "sentinel", n: int = 1) -> Held:
    return Held(table, field, rule, "held_back", n)


@pytest.mark.parametrize(
    ("held", "wanted", "said"),
    [
        ([], ["follow_ups.vas"], ""),
        ([found("follow_ups", "odi")], ["follow_ups.vas"], ""),
        ([found("follow_ups", "odi_3")], ["follow_ups.odi"], "1 score was held back"),
        ([found("radiographs", "height_anterior_reference")], ["radiographs.height_anterior"], ""),
        ([found("radiographs", "wedge_angle", n=2)], ["radiographs"], "2 film measurements were"),
        ([found("events", None, "unknown_kind")], ["events"], "1 event was held back"),
        ([found("patients", None, "missing_key", 3)], ["events"], "3 patients were held back"),
        ([found("procedures", "leak", "unknown_code")], ["procedures.leak"], "1 single value was"),
        ([found("follow_ups", None, "duplicate_row")], ["follow_ups.vas"], ""),
        (
            [found("follow_ups", "vas", n=3), found("radiographs", None, "bad_date")],
            ["follow_ups", "radiographs"],
            "3 scores and 1 film were held back at import: see Data quality",
        ),
    ],
)
def test_the_line_counts_the_columns_that_the_page_uses(
    held: list[Held], wanted: list[str], said: str
) -> None:
    line = held_words.lost_sentence(held, wanted)
    assert line.startswith(said)
    assert bool(line) == bool(said)


# Words


def row(field: str, n: int, out_of: int, visit: str = "m3") -> Recorded:
    table = "follow_ups" if measures()[field].unit_of_analysis == "patient" else "radiographs"
    return Recorded(table, field, visit, n, out_of)


def test_what_is_complete_is_called_so_and_what_is_not_there_too(six: Completeness) -> None:
    answer = replace(six, measured=(row("vas", 6, 6), row("odi", 0, 0)))
    assert words_of.completeness_sentence(answer) == (
        "Every score due is recorded. No film measurement is recorded in this choice."
    )
    assert words_of.map_rows(answer) == [
        {"measure": "Pain (VAS) · patients", "3 months": "6 of 6"},
        {"measure": "Disability (ODI) · patients", "3 months": "none due"},
    ]
    assert "Recorded for nobody: performance (Karnofsky)" in words_of.never_sentence(answer)
    assert words_of.never_sentence(six).startswith("Recorded for nobody: middle height")


def test_nobody_due_is_a_sentence(six: Completeness) -> None:
    nobody = replace(six, selection=replace(six.selection, n_patients=0), measured=())
    assert words_of.completeness_sentence(nobody) == (
        "Completeness: nobody matches the filter, so nothing is due."
    )


def test_the_sentence_on_the_import_tells_rows_values_and_marks_apart() -> None:
    one = Import(2, "Ward", datetime(2026, 3, 1), 10, 9, 1)  # noqa: DTZ001
    kept = Held("follow_ups", "vas", "sentinel", "kept", 2)
    assert held_words.held_sentence([], None) == "At the import, nothing was held back."
    assert held_words.held_sentence([kept], one) == (
        "At the import of 2026-03-01, nothing was held back. 2 findings were kept with a mark."
    )
    assert held_words.held_sentence([found("patients", None, "missing_key"), kept], one) == (
        "At the import of 2026-03-01, 1 row was held back. 2 findings more were kept with a mark."
    )
    assert held_words.imports_sentence([]) == ("The registry does not say which imports led to it.")


def test_the_only_table_of_a_source_is_not_named_and_others_are() -> None:
    one, other = found("Patienten", "VAS prä"), found("Patienten", None, "bad_level")
    assert [row["where"] for row in held_words.held_rows([one, other])] == ["whole rows", "VAS prä"]
    ours = found("follow_ups", "vas")
    assert [row["where"] for row in held_words.held_rows([ours])] == ["scores: Pain (VAS)"]
    both = held_words.held_rows([one, ours])
    assert [row["where"] for row in both] == ["Patienten: VAS prä 1, scores: Pain (VAS) 1"]


def test_more_findings_than_are_shown_are_in_the_csv() -> None:
    assert held_words.shown_sentence(50, 120) == (
        "The first 50 of 120; all of them stand in the CSV."
    )


def test_texts_of_the_source_are_never_markup() -> None:
    assert plain("*a* [b](c) `d` “e” 5 °") == r"\*a\* \[b\]\(c\) \`d\` “e” 5 °"


def test_the_csv_of_findings_holds_no_formula() -> None:
    cell = '=HYPERLINK("http://x")'
    finding = Finding("t", 2, "vas", "not_a_number", "held_back", cell, "Größe: correct it.")
    text = findings_csv([finding]).decode("utf-8-sig")
    (line,) = csv.DictReader(io.StringIO(text))
    assert line["value"] == f"'{cell}"
    assert line["advice"] == "Größe: correct it."


# The map


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_counts_can_be_read_on_the_strongest_cell(colours: Palette) -> None:
    def mixed(place: int) -> int:
        front, back = (
            int(c[place : place + 2], 16) for c in (colours.attention, colours.background)
        )
        return round(STRONGEST * front + (1 - STRONGEST) * back)

    strongest = "#{:02X}{:02X}{:02X}".format(*(mixed(place) for place in (1, 3, 5)))
    assert contrast(colours.ink, strongest) >= 4.5


def test_the_map_shows_k_of_n_and_how_much_is_missing(six: Completeness) -> None:
    cells = recorded_chart(six, LIGHT).to_dict()["datasets"]["cells"]
    pain = [cell for cell in cells if cell["measure"].startswith("Pain")]
    assert [cell["count"] for cell in pain] == ["5 of 6", "6 of 6", "6 of 6", "3 of 4", "2 of 3"]
    assert [cell["visit"] for cell in pain] == [
        "before",
        "after",
        "3 months",
        "6 months",
        "12 months",
    ]
    assert pain[0]["missing"] == pytest.approx(1 / 6)
