"""What the README says is so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from data.codebook import measures, selectable_measures
from data.ingest import accept, check
from data.readers.layout import layouts
from queries.cohort import LIST_FIELDS, NUMBER_FIELDS
from queries.questions import QUESTIONS

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return README.split(f"## {title}\n")[1].split("\n## ")[0]


def test_the_first_screen_has_exactly_two_commands() -> None:
    first = README.split("\n## ")[0]
    commands = re.findall(r"```sh\n(.*?)\n```", first, re.DOTALL)
    assert len(commands) == 2
    assert commands[0].endswith("streamlit run dashboard.py")
    assert commands[1] == "bash tests/check.sh"


def test_every_picture_of_the_readme_is_there() -> None:
    for picture in re.findall(r"!\[[^]]+\]\(([^)]+)\)", README):
        assert (ROOT / picture).is_file()


def test_the_measure_table_is_the_codebook() -> None:
    listed = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (\w+) \|$", README, re.MULTILINE)
    selectable = (*selectable_measures("patient"), *selectable_measures("level"))
    assert listed == [(m.code, m.label, m.unit, m.unit_of_analysis) for m in selectable]
    assert set(measures()) > {code for code, *_ in listed}


def test_the_menu_table_is_the_menu() -> None:
    titles = re.findall(r'"\w+/\w+\.py": "(.+?)"', (ROOT / "pages/frame.py").read_text("utf-8"))
    assert re.findall(r"^\| ([^|]+?) \| ", section("The pages"), re.MULTILINE)[1:] == titles


def test_every_question_and_filter_is_named() -> None:
    text = section("Every answer is also a command")
    for name in (*QUESTIONS, *LIST_FIELDS, *NUMBER_FIELDS, "region_rule"):
        assert f"`{name}`" in text


def test_every_file_of_a_source_is_listed() -> None:
    text = section("Load your own data")
    for layout in layouts():
        assert f"`{layout}.csv`" in text or f"`{layout}`" in text


def test_the_preface_runs_a_question_in_a_plain_duckdb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    accept(check(ROOT / "data" / "example"), tmp_path / "data" / "example.duckdb")
    monkeypatch.chdir(tmp_path)
    preface = re.findall(r"```sql\n(.*?)\n```", README, re.DOTALL)[0]
    text = (ROOT / "queries/sql/trajectory.sql").read_text(encoding="utf-8")
    with duckdb.connect() as shell:
        script = preface.replace("-- the text of queries/sql/trajectory.sql", text)
        rows = shell.execute(script).fetchall()
    assert len(rows) > 100
