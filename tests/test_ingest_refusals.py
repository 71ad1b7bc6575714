"""Sources that are refused whole, with the file and the place that are to blame."""

from __future__ import annotations

import os
import zipfile
from functools import partial
from typing import TYPE_CHECKING

import pytest

from data.ingest import check
from tests.sources import PATIENTS, refused, write_source, zipped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    return partial(write_source, tmp_path / "source")


REFUSED: list[tuple[dict[str, bytes | None], str, str, int | None, str]] = [
    ({"patients__csv": None}, "missing_file", "patients", None, "patients.csv"),
    ({"procedures__csv": None}, "missing_file", "procedures", None, "procedures.csv"),
    (
        {"patients__csv": b"patient_id,sex\nP1,M\xc3\xbcller\nP2,M\xfcller, Gr\xc3\xbc\xc3\x9fe\n"},
        "not_utf8",
        "patients",
        3,
        "byte 30 in line 3",
    ),
    ({"patients__csv": b"patient_id,sex\nP1,\0\n"}, "nul_byte", "patients", 2, "byte 18 in line 2"),
    ({"patients__csv": b'patient_id,sex\nP1,F\nP2,"F\n'}, "malformed_csv", "patients", 3, "line 3"),
    ({"patients__csv": b'patient_id,sex\nP1,"F"x\n'}, "malformed_csv", "patients", 2, "line 2"),
    ({"patients__csv": b"patient_id,sex\rP1,F\r"}, "malformed_csv", "patients", 1, "line 1"),
    ({"patients__csv": b"patient_id,sex\n\nP1\n"}, "malformed_csv", "patients", 3, "Line 3"),
    ({"patients__csv": b"patient_id,sex\nP1,F,x\n"}, "malformed_csv", "patients", 2, "Line 2"),
    ({"events__csv": b""}, "no_header", "events", None, "events.csv is empty"),
    ({"events__csv": b"\n \n"}, "no_header", "events", None, "events.csv is empty"),
    ({"patients__csv": b"patient_id,Sex,sex \n"}, "duplicate_column", "patients", 1, "sex"),
    ({"patients__csv": b"\nsex\n"}, "missing_column", "patients", 2, "patient_id"),
    (
        {"procedures__csv": b"procedure_id,patient_id,level\n"},
        "missing_column",
        "procedures",
        1,
        "operated_on",
    ),
    (
        {"follow_ups__csv": b"patient_id,vas\n"},
        "missing_column",
        "follow_ups",
        1,
        "visit or measured_on",
    ),
    ({"patients__csv": b"sex;age\nF;50\n"}, "wrong_separator", "patients", 1, "semicolons"),
    ({"patients__csv": b"sex\tage\n"}, "wrong_separator", "patients", 1, "tabs"),
    ({"source__toml": b"name ="}, "bad_settings", "source", None, "source.toml"),
    ({"source__toml": b"name = '\xfc'"}, "bad_settings", "source", None, "source.toml"),
    ({"source__toml": b"name = 1"}, "bad_settings", "source", None, "name"),
    ({"source__toml": b"synthetic = 'yes'"}, "bad_settings", "source", None, "synthetic"),
    ({"source__toml": b"data_date = 'May'"}, "bad_settings", "source", None, "data_date"),
    (
        {"source__toml": b"data_date = 2006-01-01T10:00:00"},
        "bad_settings",
        "source",
        None,
        "data_date",
    ),
    ({"source__toml": b"region_convention = 'x'"}, "bad_settings", "source", None, "region"),
    ({"Patients__CSV": PATIENTS}, "ambiguous_file", "patients", None, "patients.csv"),
]


@pytest.mark.parametrize(("files", "rule", "table", "row", "place"), REFUSED)
def test_unreadable_source_is_refused_with_file_and_place(
    make: Callable[..., Path],
    files: dict[str, bytes | None],
    rule: str,
    table: str,
    row: int | None,
    place: str,
) -> None:
    finding = refused(check(make(**files)))
    assert (finding.rule, finding.table, finding.row) == (rule, table, row)
    assert place in finding.advice


def test_source_that_is_no_source_is_refused(tmp_path: Path) -> None:
    assert "does not exist" in refused(check(tmp_path / "absent")).advice
    (tmp_path / "patients.csv").write_bytes(PATIENTS)
    finding = refused(check(tmp_path / "patients.csv"))
    assert finding.rule == "mapping_needed"
    assert (
        "No column becomes procedures.operated_on and none procedures.level yet." in finding.advice
    )
    os.mkfifo(tmp_path / "pipe")
    assert "neither a folder nor" in refused(check(tmp_path / "pipe")).advice


def test_file_that_cannot_be_opened_is_refused(make: Callable[..., Path]) -> None:
    folder = make()
    (folder / "events.csv").symlink_to(folder / "absent.csv")
    finding = refused(check(folder))
    assert (finding.rule, finding.table) == ("unreadable_file", "events")


@pytest.mark.parametrize("content", [b"x = " + b"1" * 5000, b"x = " + b"[" * 5000])
def test_settings_that_no_reader_can_hold_are_refused(
    make: Callable[..., Path], content: bytes
) -> None:
    assert refused(check(make(source__toml=content))).rule == "bad_settings"


@pytest.mark.parametrize("name", ["events.csv", "patients.csv"])
def test_pipe_or_device_is_refused_and_not_waited_for(make: Callable[..., Path], name: str) -> None:
    folder = make(patients__csv=None) if name == "patients.csv" else make()
    os.mkfifo(folder / name)
    finding = refused(check(folder))
    assert (finding.rule, finding.table) == ("unreadable_file", name.removesuffix(".csv"))
    assert finding.advice.endswith("Put an ordinary file in its place.")


def test_folder_in_place_of_a_file_is_named(make: Callable[..., Path]) -> None:
    folder = make(patients__csv=None)
    (folder / "patients.csv").mkdir()
    finding = refused(check(folder))
    assert finding.rule == "missing_file"
    assert "(patients.csv/ is a folder or lies in one" in finding.advice


@pytest.mark.parametrize(
    ("prefix", "hint"),
    [
        ("/etc/", "/etc/patients.csv is"),
        ("../", "../patients.csv is"),
        ("a/b/", "a/b/patients.csv"),
    ],
)
def test_zip_with_paths_that_lead_elsewhere_is_refused(
    make: Callable[..., Path], tmp_path: Path, prefix: str, hint: str
) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in make().iterdir():
            archive.writestr(zipfile.ZipInfo(prefix + file.name), file.read_bytes())
    finding = refused(check(path))
    assert finding.rule == "missing_file"
    assert hint in finding.advice


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x05\x06" + bytes(18)])
def test_empty_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    assert refused(check(path)).rule in {"broken_zip", "missing_file"}


def test_zip_in_a_zip_is_not_opened(make: Callable[..., Path], tmp_path: Path) -> None:
    inner = zipped(make(), tmp_path / "inner.zip")
    path = tmp_path / "outer.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(inner, "inner.zip")
    assert refused(check(path)).rule == "missing_file"


def test_refusal_of_a_file_with_an_illegible_name_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"b\xff.zip")
    path.touch()
    checked = check(path)
    assert checked.source_name == "b?"
    assert refused(checked).advice.startswith("b?.zip cannot be read")
