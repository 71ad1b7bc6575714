"""An import as a person does it in a browser: two files, a correction, an answer, and back."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from data.mapping.file import load_mapping
from tests.test_browser import READY, Visitor, wait_text
from tests.test_import_page import german, patients
from tests.test_pages import EXAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

HEADING = "Import the department's own tables"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def zipped_example() -> bytes:
    """Pack the example's files as a department would send CSV files."""
    with zipfile.ZipFile(kept := io.BytesIO(), "w") as archive:
        for path in sorted(EXAMPLE.glob("*.*")):
            archive.write(path, path.name)
    return kept.getvalue()


class Importer(Visitor):
    """One person at the import page."""

    def bring(self, name: str, kind: str, content: bytes) -> None:
        file = {"name": name, "mimeType": kind, "buffer": content}
        self.page.locator('[data-testid="stFileUploader"] input[type=file]').set_input_files(file)
        self.press("Read 1 file", then="What the columns become")

    def press(self, name: str, *, then: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()
        self.settled(then)

    def check(self) -> None:
        self.press("Check the rows", then="What was found in the rows")

    def download(self, name: str) -> tuple[str, str]:
        with self.page.expect_download() as waited:
            self.page.get_by_role("button", name=name, exact=True).click()
        file = waited.value
        return file.suggested_filename, file.path().read_text(encoding="utf-8-sig")

    def accept(self) -> None:
        self.press("What would change", then="What would change")
        self.press("Go on to accept", then="Accept the import")
        self.press("Accept and write the registry", then=HEADING)

    def answer(self, words: str) -> None:
        self.main.locator("label", has_text=words).click()
        self.page.locator(READY).wait_for()

    def part(self, name: str) -> None:
        self.main.get_by_text(name, exact=True).click()
        self.page.locator(READY).wait_for()

    def become(self, column: str, target: str) -> None:
        box = self.main.get_by_role("combobox", name=f"{column} becomes")
        box.click()
        box.fill(target)
        self.page.get_by_role("option", name=target).click()
        self.page.locator(READY).wait_for()


@pytest.fixture
def importer(browser: Browser, serve: Any, tmp_path: Path) -> Iterator[Importer]:
    with serve(variables={"KYPHO_REGISTRY": str(tmp_path / "department.duckdb")}) as server:
        one = Importer(browser, server.url)
        yield one
        one.context.close()
        assert one.abroad == []
        assert one.faults == []


def test_files_become_the_registry_and_an_undo_brings_the_earlier_one_back(
    importer: Importer,
) -> None:
    one = importer
    one.open("import_data", heading=HEADING)
    wait_text(one.main, "yet: this import makes it")
    one.bring("example.zip", "application/zip", zipped_example())
    one.check()
    one.accept()
    wait_text(one.cohort_line, re.compile(r"\b31 patients\W+64 levels\b"))
    one.bring("Kyphoplastie.xlsx", XLSX, german(patients(12)))
    one.answer("0 to 100; 100 becomes 10")
    one.answer("every level from one end to the other")
    one.part("columns")
    one.become("Rätsel", "Procedure: surgeon")
    one.check()
    name, text = one.download("CSV of every finding")
    assert name == "findings.csv"
    assert text.startswith("table,row,column,rule,severity,value,advice")
    assert "Patienten,3,VAS prä,sentinel,held_back,999," in text
    name, text = one.download("Mapping for the next import")
    assert name == "mapping.toml"
    columns = {one.column: one for one in load_mapping(text.encode()).tables[0].columns}
    assert columns["Rätsel"].becomes == "procedures.surgeon"
    assert columns["VAS prä"].scales[0].top == 100
    one.accept()
    wait_text(one.cohort_line, re.compile(r"\b12 patients\W+13 levels\b"))
    one.page.get_by_role("link", name="See the results").click()
    one.settled("Results at a glance")
    wait_text(one.main, "12 patients")
    one.open("import_data", heading=HEADING)
    one.press("Go back to this import", then=HEADING)
    wait_text(one.cohort_line, re.compile(r"\b31 patients\W+64 levels\b"))
    assert one.errors() == 0
    assert "K0" not in one.page.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_step(
    browser: Browser, serve: Any, tmp_path: Path, scheme: Any
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    found: dict[str, None] = {}

    def look(where: str) -> None:
        one.page.mouse.move(0, 0)
        for violation in Axe().run(one.page).response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                for node in violation["nodes"]:
                    found[f"{where} {violation['id']}: {node['html'][:200]}"] = None

    with serve(variables={"KYPHO_REGISTRY": str(tmp_path / "department.duckdb")}) as server:
        one = Importer(browser, server.url, color_scheme=scheme, reduced_motion="reduce")
        one.open("import_data", heading=HEADING)
        look("upload")
        one.bring("Kyphoplastie.xlsx", XLSX, german(patients(12)))
        look("questions")
        one.part("tumour texts")
        look("tumours")
        one.part("columns")
        look("columns")
        one.part("questions")
        one.answer("0 to 100; 100 becomes 10")
        one.press("Check the rows", then="What was found in the rows")
        look("findings")
        one.press("What would change", then="What would change")
        look("changes")
        one.press("Go on to accept", then="Accept the import")
        look("accept")
        one.press("Accept and write the registry", then=HEADING)
        look("done")
        one.context.close()
    assert list(found) == []
