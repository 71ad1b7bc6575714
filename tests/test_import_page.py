"""The import page: a department's own tables become the registry, step by step, and back."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.ingest import Checked, Finding, history
from data.mapping.file import load_mapping
from data.salts import salts_file
from data.warehouse import open_registry
from pages.shared import access, import_words, upload
from pages.shared.upload import UPLOAD
from pages.views.import_columns import ON_A_PAGE
from queries.cohort import Cohort
from queries.overview import overview
from tests.test_pages import EXAMPLE, FRAME, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

PAGE = "registry/import_data.py"
SCALE, SPAN = "upload.answer_Patienten.VAS prä.scale", "upload.answer_Patienten.Etage.span"
RIDDLE = "upload.becomes_Patienten.Rätsel"
HEAD = [
    *("Pat.-Nr.", "Name", "Geschlecht", "Primärtumor", "OP-Datum", "Etage"),
    *("VAS prä", "VAS 3M", "Bemerkung", "Rätsel"),
]


def german(rows: Sequence[Sequence[Any]]) -> bytes:
    """Write a sheet as a department keeps it."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Patienten"
    for row in [HEAD, *rows]:
        sheet.append(list(row))
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def patients(count: int, *, start: int = 1) -> list[list[Any]]:
    """Return rows on a scale to 100, patient 2 with an impossible one and 3 with a span."""
    rows = []
    for n in range(start, start + count):
        level = "T12-L1" if n == 3 else ("Th12", "LWK 2", "BWK8")[n % 3]
        tumour = ("Mamma-Ca", "Sarkom", "NZK")[n % 3]
        pain, later = 999 if n == 2 else 70 + n % 20, 30 + n % 17
        row = [f"K{n:03}", f"Muster, Eva {n}", "wm"[n % 2], tumour, date(2023, 1 + n % 12, 5)]
        rows.append([*row, level, pain, later, None, f"x{n}"])
    return rows


@dataclass
class Visit:
    """One person at the page."""

    app: AppTest = field(default_factory=lambda: AppTest.from_file(str(FRAME), default_timeout=60))
    findings: tuple[Finding, ...] = ()

    def open(self) -> Visit:
        self.app.run()
        self.app.switch_page(PAGE).run()
        return self.fine()

    def fine(self) -> Visit:
        assert not self.app.exception
        return self

    @property
    def text(self) -> str:
        said = [*self.app.success, *self.app.warning, *self.app.error]
        return words(self.app) + "\n" + "\n".join(str(one.value) for one in said)

    def read(self, **files: bytes) -> Visit:
        uploader = self.app.file_uploader[0]
        uploader.set_value([(name, content, "") for name, content in files.items()])
        self.app.run()
        return self.click("upload.read")

    def click(self, key: str) -> Visit:
        next(one for one in self.app.button if one.key == key).click().run()
        return self.fine()

    def can(self, key: str) -> bool:
        return any(one.key == key and not one.disabled for one in self.app.button)

    def choose(self, key: str, value: str) -> Visit:
        found = [*self.app.selectbox, *self.app.radio, *self.app.get("button_group")]
        next(one for one in found if one.key == key).set_value(value).run()
        return self.fine()

    def value(self, key: str) -> Any:
        return next(one.value for one in [*self.app.selectbox, *self.app.radio] if one.key == key)

    @property
    def step(self) -> str:
        found = UPLOAD in self.app.session_state
        return self.app.session_state[UPLOAD].step if found else "upload"

    def answered(self) -> Visit:
        """Say that pain stands on a scale to 100 and that a span names every level."""
        return self.choose(SCALE, "100").choose(SPAN, "every")

    def onward(self) -> Visit:
        """Go from the columns to the last step."""
        self.click("upload.to_findings_above").click("upload.to_changes_above")
        return self.click("upload.to_accept_above")


def german_visit(rows: Sequence[Sequence[Any]]) -> Visit:
    return Visit().open().read(**{"Kyphoplastie.xlsx": german(rows)})


@pytest.fixture
def department(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that a department names for its registry; it is not there yet."""
    path = tmp_path / "department.duckdb"
    monkeypatch.setenv("KYPHO_REGISTRY", str(path))
    return path


@pytest.fixture
def filled(department: Path) -> Path:
    """The registry after a first import of twelve patients."""
    german_visit(patients(12)).answered().onward().click("upload.accept")
    return department


def counts(path: Path) -> tuple[int, int]:
    warehouse = open_registry(path)
    found = overview(warehouse.reader(), Cohort()).selection
    warehouse.close()
    return found.n_patients, found.n_levels


def scores(path: Path, visit: str) -> dict[str, float]:
    warehouse = open_registry(path)
    rows = warehouse.reader().fetch("from registry.follow_ups").to_dicts()
    warehouse.close()
    return {row["patient_id"]: row["value"] for row in rows if row["visit"] == visit}


# From the first file to the dashboard


def test_without_a_registry_every_page_leads_to_the_import(department: Path) -> None:
    app = AppTest.from_file(str(FRAME), default_timeout=60).run()
    assert not app.exception
    assert "cannot be read" in words(app)
    (link,) = app.get("page_link")
    assert link.proto.label == "Import the department's own tables"
    text = Visit().open().text
    assert f"There is no registry at {import_words.plain(str(department))} yet" in text
    assert "cannot be read" not in text


def test_a_sheet_becomes_the_registry_step_by_step(department: Path) -> None:
    visit = german_visit(patients(12))
    assert visit.step == "columns"
    assert "1 question waits for your answer. 1 question more may stay open." in visit.text
    assert not visit.can("upload.to_findings_above")
    visit.answered()
    assert "Nothing is left open." in visit.text
    visit.click("upload.to_findings_above")
    assert visit.step == "findings"
    assert "1 single value would be held back." in visit.text.replace("2 rows and ", "")
    visit.click("upload.to_changes_above")
    assert "This would be the first import: 12 patients." in visit.text
    assert "| patients with a treated level | 12 |" in visit.text
    visit.click("upload.to_accept_above")
    assert not department.exists()
    visit.click("upload.accept")
    assert visit.step == "upload"
    assert "Kyphoplastie is the registry now" in visit.text
    assert counts(department) == (12, 13)
    assert "**12** patients **13** levels" in visit.text


def test_an_answer_changes_what_is_stored(department: Path) -> None:
    visit = german_visit(patients(12)).answered().onward().click("upload.accept")
    assert not visit.app.error
    pain = scores(department, "pre")
    assert pain["K001"] == pytest.approx(7.1)
    assert "K002" not in pain


def test_an_answer_can_be_taken_back_and_given_anew(department: Path) -> None:
    visit = german_visit(patients(12)).choose(SCALE, "same")
    assert visit.value(SCALE) == "same"
    assert visit.can("upload.to_findings_above")
    visit.click("upload.to_findings_above").click("upload.step_columns").choose(SCALE, "100")
    assert visit.app.session_state[UPLOAD].checked is None
    visit.onward().click("upload.accept")
    assert scores(department, "m3")["K001"] == pytest.approx(3.1)


def test_a_question_left_open_holds_its_rows_back(department: Path) -> None:
    german_visit(patients(12)).choose(SCALE, "100").onward().click("upload.accept")
    assert counts(department) == (11, 11)


def test_a_column_is_corrected_and_read(department: Path) -> None:
    visit = german_visit(patients(12)).answered().choose("upload.part", "columns")
    assert visit.value(RIDDLE) == ""
    visit.choose(RIDDLE, "procedures.surgeon")
    assert visit.value(RIDDLE) == "procedures.surgeon"
    visit.onward().click("upload.accept")
    warehouse = open_registry(department)
    surgeons = warehouse.reader().fetch("from registry.procedures")["surgeon"].to_list()
    warehouse.close()
    assert "x1" in surgeons


def test_a_column_that_is_taken_away_is_named_as_missing(department: Path) -> None:
    visit = german_visit(patients(12)).answered().choose("upload.part", "columns")
    visit.choose("upload.becomes_Patienten.Etage", "")
    assert "No column is “Procedure: treated level” yet" in visit.text
    assert not visit.can("upload.to_findings_above")
    visit.choose("upload.becomes_Patienten.Etage", "procedures.level")
    assert "1 question may stay open" in visit.text
    assert visit.can("upload.to_findings_above")


def test_the_visit_of_a_column_can_be_corrected(department: Path) -> None:
    visit = german_visit(patients(12)).choose("upload.part", "columns")
    visit.choose("upload.visit_Patienten.VAS 3M", "m6").choose("upload.part", "questions")
    visit.answered().onward().click("upload.accept")
    assert scores(department, "m3") == {}
    assert scores(department, "m6")["K001"] == pytest.approx(3.1)


def test_only_the_columns_to_look_at_can_be_shown(department: Path) -> None:
    visit = german_visit(patients(12)).choose("upload.part", "columns")
    every = [box.key for box in visit.app.selectbox if box.key.startswith("upload.becomes_")]
    visit.app.toggle[0].set_value(True).run()
    shown = [box.key for box in visit.app.selectbox if box.key.startswith("upload.becomes_")]
    assert RIDDLE in shown
    assert len(shown) < len(every) == len(HEAD)


def test_many_columns_stand_on_pages_and_tables_can_be_looked_at_alone(department: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(german(patients(12))))
    for number in range(40):
        book["Patienten"].cell(1, len(HEAD) + 1 + number, f"Extra {number}")
        book["Patienten"].cell(2, len(HEAD) + 1 + number, number)
    course = book.create_sheet("Verlauf (neu)")
    course.append(["Pat.-Nr.", "Zeitpunkt", "ODI"])
    for row in patients(12):
        course.append([row[0], "3 Monate", 40])
    book.save(kept := io.BytesIO())
    visit = Visit().open().read(**{"a.xlsx": kept.getvalue()}).choose("upload.part", "columns")
    assert visit.app.get("pagination")
    boxes = [box.key for box in visit.app.selectbox if box.key.startswith("upload.becomes_")]
    assert len(boxes) == ON_A_PAGE
    visit.choose("upload.table", "Verlauf (neu)")
    boxes = [box.key for box in visit.app.selectbox if box.key.startswith("upload.becomes_")]
    assert boxes == [
        f"upload.becomes_Verlauf (neu).{name}" for name in ("Pat.-Nr.", "Zeitpunkt", "ODI")
    ]
    assert not visit.app.get("pagination")


def test_a_name_is_never_shown(department: Path) -> None:
    visit = german_visit(patients(12))
    seen = visit.text
    for part in ("columns", "tumours"):
        seen += visit.choose("upload.part", part).text
    visit.choose("upload.part", "questions").answered()
    for step in ("findings", "changes", "accept"):
        seen += visit.click(f"upload.to_{step}_above").text
    assert "Muster" not in seen
    assert "cells not shown" in seen


def test_a_text_for_a_tumour_is_put_into_the_vocabulary(department: Path) -> None:
    visit = german_visit(patients(12)).answered().choose("upload.part", "tumours")
    key = "upload.tumour_Patienten.Primärtumor.Sarkom"
    assert visit.value(key) == "other"
    visit.choose(key, "melanoma")
    assert visit.value(key) == "melanoma"
    visit.onward().click("upload.accept")
    warehouse = open_registry(department)
    people = warehouse.reader().fetch("from registry.patients").to_dicts()
    warehouse.close()
    told = {row["tumour_text"]: row["primary_tumour"] for row in people}
    assert told["Sarkom"] == "melanoma"


def test_the_rows_of_one_rule_are_listed(department: Path) -> None:
    visit = german_visit(patients(12)).answered().click("upload.to_findings_above")
    assert "| Patienten | 3 | VAS prä | 999 |" in visit.text
    visit.choose("upload.rule", "unknown_column")
    assert "| Patienten | 3 | VAS prä | 999 |" not in visit.text
    assert "| Patienten | 1 | Rätsel |" in visit.text


def test_every_proposed_answer_is_confirmed_at_once(department: Path) -> None:
    rows = patients(12)
    rows[4][5] = "T11, L1"
    visit = german_visit(rows)
    assert "Confirm the 2 proposed answers" in [one.label for one in visit.app.button]
    visit.click("upload.confirm")
    assert visit.value(SCALE) == "100"
    assert visit.value("upload.answer_Patienten.Etage.levels") == "each"
    assert visit.value(SPAN) is None


# The next import


def test_the_next_import_follows_the_mapping_of_the_last(filled: Path) -> None:
    visit = german_visit([*patients(12)[1:], *patients(1, start=13)])
    assert "as the import of " in visit.text
    assert "Nothing is left open." in visit.text
    visit.onward()
    assert "1 new patient, 0 changed, 1 vanished, 11 as they were." in visit.text
    assert "would be gone: K001." in visit.text
    visit.click("upload.accept")
    assert counts(filled) == (12, 13)
    assert [one.import_id for one in history(filled)] == [2, 1]


def test_pseudonyms_stay_the_same_at_the_next_import_and_not_without_their_salt(
    department: Path,
) -> None:
    rows = [[f"Huber{chr(97 + n)}, Eva", *row[1:]] for n, row in enumerate(patients(12))]
    first = german_visit(rows)
    (asked,) = [one for one in first.app.radio if str(one.key).endswith(".identifier")]
    first.choose(str(asked.key), "pseudonym").answered().onward().click("upload.accept")
    again = german_visit(rows).onward()
    assert "0 new patients, 0 changed, 0 vanished, 12 as they were." in again.text
    salts_file(department).unlink()
    assert "as the import of " not in german_visit(rows).text


def test_the_mapping_of_the_last_import_can_be_left(filled: Path) -> None:
    visit = german_visit(patients(12)).click("upload.anew")
    assert "as the import of " not in visit.text
    assert "1 question waits for your answer." in visit.text


def test_a_source_with_other_columns_is_proposed_afresh(filled: Path) -> None:
    with zipfile.ZipFile(kept := io.BytesIO(), "w") as archive:
        for path in EXAMPLE.glob("*.*"):
            archive.write(path, path.name)
    visit = Visit().open().read(**{"example.zip": kept.getvalue()})
    assert "as the import of " not in visit.text
    visit.onward()
    assert "31 new patients, 0 changed, 12 vanished" in visit.text


def test_a_mapping_among_the_files_is_followed(department: Path) -> None:
    first = german_visit(patients(12)).answered()
    text = import_words.mapping_text(first.app.session_state[UPLOAD].proposal)
    assert load_mapping(text.encode()).tables[0].table == "Patienten"
    visit = Visit().open()
    visit.read(**{"Kyphoplastie.xlsx": german(patients(12)), "mapping.toml": text.encode()})
    assert "as the mapping among the files says" in visit.text
    assert visit.can("upload.to_findings_above")


def test_headline_figures_stand_before_and_after(filled: Path) -> None:
    visit = german_visit(patients(12)[:10]).onward().click("upload.step_changes")
    assert "| patients with a treated level | 12 | **10** |" in visit.text


def test_an_undo_brings_the_earlier_registry_back_and_can_be_undone(filled: Path) -> None:
    visit = german_visit(patients(6)).onward().click("upload.accept")
    assert counts(filled) == (6, 7)
    visit.click("upload.undo")
    assert counts(filled) == (12, 13)
    assert "The registry is that of import 1" in visit.text
    assert "**12** patients **13** levels" in visit.text
    visit.click("upload.undo")
    assert counts(filled) == (6, 7)


def test_a_registry_replaced_in_the_meantime_is_compared_again(filled: Path) -> None:
    visit = german_visit(patients(6)).onward()
    german_visit(patients(9)).onward().click("upload.accept")
    visit.click("upload.accept")
    assert "the registry was replaced by another import in the meantime" in visit.text
    assert counts(filled) == (9, 10)
    assert "0 new patients, 0 changed, 3 vanished" in visit.text
    visit.click("upload.accept")
    assert counts(filled) == (6, 7)


# What must not happen


def test_the_example_is_never_overwritten() -> None:
    visit = Visit().open()
    assert "No registry is named, so the dashboard shows the example" in visit.text
    assert 'export KYPHO_REGISTRY="$HOME/registry/department.duckdb"' in visit.text
    visit.read(**{"Kyphoplastie.xlsx": german(patients(12))}).answered().onward()
    assert "No registry is named" in visit.text
    assert not visit.can("upload.accept")
    assert not [one for one in visit.app.button if one.key == "upload.accept"]


def test_cancel_and_accept_leave_nothing_of_the_upload_in_the_session(department: Path) -> None:
    for way in ("upload.cancel", "upload.accept"):
        visit = german_visit(patients(12)).answered().onward().click(way)
        state = visit.app.session_state
        left = {str(key): repr(state[key]) for key in state._state.filtered_state}
        assert UPLOAD not in left
        assert not [key for key, value in left.items() if "Muster" in value or "K001" in value]


def test_no_patient_stands_in_the_address(filled: Path) -> None:
    visit = german_visit(patients(12)[1:])
    visit.onward()
    assert "K001" not in repr(dict(visit.app.query_params))


def test_identifiers_are_hidden_on_every_step_where_the_viewer_hides_them(filled: Path) -> None:
    visit = Visit().open()
    next(one for one in visit.app.toggle if one.key == "view.identifiers").set_value(True).run()
    visit.read(**{"Kyphoplastie.xlsx": german([*patients(12)[1:], *patients(1, start=13)])})
    seen = visit.choose("upload.part", "columns").text
    for step in ("findings", "changes", "accept"):
        seen += visit.click(f"upload.to_{step}_above").text
    assert "K001" not in seen
    assert "K013" not in seen
    assert "would be gone. An import replaces" in seen
    assert "| vanished | 1 | hidden |" in seen
    assert "| new | 1 | hidden |" in seen


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a.xlsx": b"PK\x03\x04 not a workbook"}, "a.xlsx"),
        ({"a.csv": b""}, "no table"),
        ({"a.png": b"\x89PNG\r\n\x1a\n" + bytes(200)}, "no table"),
        ({"a.zip": b"PK\x05\x06" + bytes(18)}, "no table"),
        ({"a.csv": b"a,b\n1,2\n", "mapping.toml": b"tables = 3"}, "mapping"),
    ],
    ids=["broken workbook", "empty", "picture", "empty zip", "bad mapping"],
)
def test_a_file_that_cannot_be_read_is_a_sentence(
    department: Path, files: Mapping[str, bytes], said: str
) -> None:
    visit = Visit().open().read(**files)
    (error,) = visit.app.error
    assert said in error.value
    assert error.value.endswith(".")
    assert visit.step == "upload"
    assert not department.exists()


def test_tables_that_are_refused_lead_back_to_the_columns(
    department: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    advice = "The sheet Patienten is no table; leave it out."
    finding = Finding("Patienten", None, None, "no_table", "refuse", None, advice)
    refused = Checked(False, "Kyphoplastie", "", {}, {}, (finding,))
    monkeypatch.setattr(upload, "check", lambda *_: refused)
    visit = german_visit(patients(12)).answered().click("upload.to_findings_above")
    assert advice in visit.text
    assert not visit.can("upload.step_changes")
    assert visit.click("upload.back").step == "columns"


def test_a_registry_that_cannot_be_read_is_replaced_and_kept(department: Path) -> None:
    department.write_bytes(b"not a registry" * 100)
    visit = Visit().open()
    assert "cannot be read; an import replaces it" in visit.text
    visit.read(**{"Kyphoplastie.xlsx": german(patients(12))}).answered().onward()
    assert "This would be the first import: 12 patients." in visit.text
    assert "in place of the one in use, which stays beside it" in visit.text
    visit.click("upload.accept")
    assert counts(department) == (12, 13)
    kept = [path for path in department.parent.iterdir() if path != department]
    assert [path.read_bytes()[:14] for path in kept] == [b"not a registry"]


def test_files_of_the_same_name_stay_apart() -> None:
    assert upload.by_name([("a.csv", b"1"), ("a.csv", b"2"), ("b", b"3"), ("b", b"4")]) == {
        "a.csv": b"1",
        "a (2).csv": b"2",
        "b": b"3",
        "b (2)": b"4",
    }


def test_the_copies_of_files_that_the_server_holds_are_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dropped: list[str] = []
    manager = SimpleNamespace(remove_session_files=dropped.append)
    context = SimpleNamespace(session_id="mine", uploaded_file_mgr=manager)
    monkeypatch.setattr(upload, "get_script_run_ctx", lambda: context)
    upload.forget_files()
    assert dropped == ["mine"]


# Who may


@pytest.mark.parametrize("address", ["0.0.0.0", None, "192.168.1.4", "spine.example"])  # noqa: S104
def test_a_server_that_others_reach_takes_no_files(
    department: Path, monkeypatch: pytest.MonkeyPatch, address: str | None
) -> None:
    monkeypatch.setattr(access.st, "get_option", lambda name: address)
    visit = Visit().open()
    assert not visit.app.file_uploader
    assert "takes no files here" in visit.text
    assert "KYPHO_ALLOW_IMPORT=yes" in visit.text


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_the_loopback_address_takes_files(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr(access.st, "get_option", lambda name: address)
    assert access.may_import()


def test_a_proxy_is_not_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access.st, "get_option", lambda name: "127.0.0.1")
    monkeypatch.setattr(
        type(st.context), "headers", property(lambda self: {"X-Forwarded-For": "10.0.0.7"})
    )
    assert not access.may_import()
    monkeypatch.setenv(access.ALLOW, "yes")
    assert access.may_import()


def test_a_setting_allows_the_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access.st, "get_option", lambda name: "0.0.0.0")  # noqa: S104
    monkeypatch.setenv(access.ALLOW, "yes")
    assert access.may_import()
