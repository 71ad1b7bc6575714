"""A made-up German department brings its sheet: every planted fault is found, nothing else lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from data.warehouse import open_registry
from pages.shared.upload import UPLOAD
from queries.cohort import Cohort
from queries.held_back import held_back
from queries.overview import overview
from tests.german_sheet import COUNT, FAULTS, NAME, QUESTIONS, german_sheet
from tests.test_import_page import Visit
from tests.test_pages import opened

if TYPE_CHECKING:
    from pathlib import Path

SCALE = "upload.answer_Patienten.VAS prä.scale"
FOUND = [fault for fault in FAULTS if fault[2] not in QUESTIONS]


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("german") / "department.duckdb"


@pytest.fixture(scope="module")
def visit(named: Path) -> Visit:
    """The department's visit, up to the findings: scale and spans answered as they stand."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KYPHO_REGISTRY", str(named))
        one = Visit().open().read(**{NAME: german_sheet()})
        one.choose(SCALE, "100").choose("upload.answer_Patienten.Etage.levels", "each")
        one.choose("upload.answer_Patienten.Etage.span", "ends").click("upload.to_findings_above")
        findings = one.app.session_state[UPLOAD].checked.findings
        one.click("upload.to_changes_above").click("upload.to_accept_above").click("upload.accept")
        one.findings = findings
    return one


def test_twelve_faults_are_planted() -> None:
    assert len(FAULTS) == 12


def test_what_only_a_person_can_say_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KYPHO_REGISTRY", str(tmp_path / "none.duckdb"))
    one = Visit().open().read(**{NAME: german_sheet()})
    asked = {question for _, _, question in one.app.session_state[UPLOAD].asked}
    assert asked == {*QUESTIONS, "scale"}


@pytest.mark.parametrize("fault", FOUND, ids=[fault[2] for fault in FOUND])
def test_every_planted_fault_is_found(visit: Visit, fault: tuple[int, str | None, str]) -> None:
    row, column, rule = fault
    assert [
        one
        for one in visit.findings
        if (one.row, one.rule) == (row, rule) and column in (None, one.column)
    ]


def test_no_row_without_a_fault_is_held_back(visit: Visit) -> None:
    planted = {row for row, _, _ in FAULTS}
    held = {one.row for one in visit.findings if one.severity == "held_back"}
    assert held <= planted


def test_no_name_and_no_date_of_birth_is_found_in_the_registry(visit: Visit, named: Path) -> None:
    assert b"Beispiel" not in named.read_bytes()
    assert not [one for one in visit.findings if "Beispiel" in str(one)]


def test_the_dashboard_shows_the_department(
    visit: Visit, named: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = open_registry(named)
    seen = overview(warehouse.reader(), Cohort())
    lost = sum(one.n for one in held_back(warehouse.reader(), Cohort()) if one.is_lost)
    warehouse.close()
    # Two patients have no operation that can be read; two rows stand for two levels each.
    assert (seen.selection.n_patients, seen.selection.n_levels) == (COUNT - 2, COUNT)
    assert seen.died == 2
    assert lost
    monkeypatch.setenv("KYPHO_REGISTRY", str(named))
    links = [link.proto.label for link in opened("outcomes/trajectories.py").get("page_link")]
    assert [label for label in links if "were held back at import: see Data quality" in label]
