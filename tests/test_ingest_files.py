"""The files of a source: spreadsheet habits, folders and zips."""

from __future__ import annotations

import os
import zipfile
from functools import partial
from typing import TYPE_CHECKING

import pytest

from data.ingest import RowCount, accept, check
from tests.sources import FOLLOW_UPS, PATIENTS, PROCEDURES, refused, write_source, zipped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    return partial(write_source, tmp_path / "source")


def test_spreadsheet_habits_are_read(make: Callable[..., Path]) -> None:
    folder = make(
        patients__csv=None,
        PATIENTS__CSV='\ufeffPatient_ID , SEX,\r\n P1 ,\u00a0f ,\r\n\r\n  \r\nP2,"M",\r\n',
        follow_ups__csv='patient_id,visit,notes; free,vas\nP1,pre,"two\nlines",5\nP1,m3,,99\n',
    )
    checked = check(folder)
    assert checked.rows["patients"] == RowCount(2, 2, 0)
    assert checked.tables["patients"].select("patient_id", "sex").rows() == [
        ("P1", "F"),
        ("P2", "M"),
    ]
    assert [(one.table, one.row, one.column, one.rule) for one in checked.findings] == [
        ("patients", 1, "(column 3 without a name)", "unknown_column"),
        ("follow_ups", 1, "notes; free", "unknown_column"),
        ("follow_ups", 4, "vas", "sentinel"),
    ]


def test_what_is_not_read_is_said(make: Callable[..., Path]) -> None:
    (make() / os.fsdecode(b"b\xff.txt")).touch()
    folder = make(notes__txt="x", source__toml="colour = 1\nname = 'North'\n", __hidden="x")
    (folder / "films").mkdir()
    (folder / "__MACOSX").mkdir()
    checked = check(folder)
    assert checked.source_name == "North"
    assert [(one.table, one.column, one.rule, one.severity) for one in checked.findings] == [
        ("b?.txt", None, "unknown_file", "kept"),
        ("films/", None, "unknown_file", "kept"),
        ("notes.txt", None, "unknown_file", "kept"),
        ("source", "colour", "unknown_setting", "kept"),
    ]


@pytest.mark.parametrize("prefix", ["", "north/"])
def test_zip_gives_the_same_registry_as_its_folder(
    make: Callable[..., Path], tmp_path: Path, prefix: str
) -> None:
    folder = make()
    path = zipped(folder, tmp_path / "North.ZIP", prefix)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("__MACOSX/._patients.csv", "x")
        archive.writestr(f"{prefix}.DS_Store", "x")
        archive.mkdir("empty")
    packed, open_ = check(path), check(folder)
    assert packed.accepted
    assert packed.source_name == "North"
    assert packed.sha256 == open_.sha256
    assert packed.tables["follow_ups"].equals(open_.tables["follow_ups"])


def test_zip_reads_the_root_before_folders(make: Callable[..., Path], tmp_path: Path) -> None:
    path = zipped(make(), tmp_path / "a.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("old/patients.csv", "x")
    assert [one.table for one in check(path).findings] == ["old/patients.csv"]


def test_broken_or_large_zip_is_refused(
    make: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped(make(), tmp_path / "a.zip")
    content = path.read_bytes()
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(content.replace(b"P1,F,", b"P1,M,", 1))
    finding = refused(check(damaged))
    assert (finding.rule, finding.table) == ("broken_zip", "patients")
    damaged.write_bytes(content[: len(content) // 2])
    assert refused(check(damaged)).rule == "broken_zip"
    monkeypatch.setenv("KYPHO_LIMIT_SOURCE_BYTES", "10")
    assert refused(check(path)).rule == "too_large"


def test_version_follows_names_and_contents(make: Callable[..., Path], tmp_path: Path) -> None:
    first = check(make())
    version = first.tables["registry"]["version"].item()
    assert version == first.sha256[:12]
    assert check(make(notes__txt="x")).sha256 == first.sha256
    assert check(make(patients__csv=PATIENTS + b"P3,F,\n")).sha256 != first.sha256


def test_source_with_headers_only_is_an_empty_registry(
    make: Callable[..., Path], tmp_path: Path
) -> None:
    header = [content.splitlines()[0] + b"\n" for content in (PATIENTS, PROCEDURES, FOLLOW_UPS)]
    checked = check(
        make(patients__csv=header[0], procedures__csv=header[1], follow_ups__csv=header[2])
    )
    assert set(checked.rows.values()) == {RowCount(0, 0, 0)}
    accept(checked, tmp_path / "r.duckdb")


def test_trailing_commas_and_blank_rows_hold_nothing(make: Callable[..., Path]) -> None:
    checked = check(
        make(
            patients__csv="patient_id,sex\nP1,F,,\nP2,M\n,\n , , \n",
            procedures__csv=b",,,\r\n" + PROCEDURES.replace(b"\n", b",\r\n"),
        )
    )
    assert checked.rows["patients"] == RowCount(2, 2, 0)
    assert checked.rows["procedures"] == RowCount(2, 2, 0)
    assert [one.rule for one in checked.findings] == ["unknown_column"]


def test_zip_made_on_windows_is_read(make: Callable[..., Path], tmp_path: Path) -> None:
    path = zipped(make(), tmp_path / "a.zip", "north\\")
    assert check(path).findings == ()


def test_zip_never_leads_out_of_itself(make: Callable[..., Path], tmp_path: Path) -> None:
    path = zipped(make(), tmp_path / "a.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../events.csv", "x")
    assert [(one.table, one.rule) for one in check(path).findings] == [
        ("../events.csv", "unknown_file")
    ]
    assert not (tmp_path.parent / "events.csv").exists()


def test_linked_file_is_read(make: Callable[..., Path], tmp_path: Path) -> None:
    folder = make()
    (folder / "patients.csv").rename(tmp_path / "elsewhere.csv")
    (folder / "patients.csv").symlink_to(tmp_path / "elsewhere.csv")
    assert check(folder).findings == ()
