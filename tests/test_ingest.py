"""The import as a whole: what is read, what is refused, and what is written."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest

from data.codebook import FOLDER, measures
from data.ingest import Checked, RowCount, accept, check, main
from data.readers import source as source_reader
from data.readers.layout import layouts, section_columns
from data.warehouse import REGISTRY_VARIABLE, RegistryError, open_registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from data import ingest

PATIENTS = b"patient_id,sex,died_on\nP1,F,\nP2,M,2006-09\n"
PROCEDURES = (
    b"procedure_id,patient_id,operated_on,level\nK1,P1,2006-01-10,T12\nK2,P2,2006-02-10,L2\n"
)
FOLLOW_UPS = b"patient_id,visit,measured_on,vas,odi\nP1,pre,2006-01-09,8,60\nP1,m3,2006-04-10,3,\n"
SECTIONS = ",".join(f"odi_{n}" for n in range(1, 11))


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    def make(**files: bytes | str | None) -> Path:
        folder = tmp_path / "source"
        folder.mkdir(exist_ok=True)
        contents = {
            "patients.csv": PATIENTS,
            "procedures.csv": PROCEDURES,
            "follow_ups.csv": FOLLOW_UPS,
            **{name.replace("__", "."): content for name, content in files.items()},
        }
        for name, content in contents.items():
            if content is not None:
                raw = content.encode() if isinstance(content, str) else content
                (folder / name).write_bytes(raw)
        return folder

    return make


@pytest.fixture
def registry(make: Callable[..., Path], tmp_path: Path) -> Path:
    path = tmp_path / "registry.duckdb"
    accept(check(make()), path)
    return path


def refused(checked: Checked) -> ingest.Finding:
    assert not checked.accepted
    assert checked.tables == {}
    assert checked.rows == {}
    (finding,) = checked.findings
    assert finding.severity == "refuse"
    return finding


def zipped(folder: Path, path: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, prefix + file.name)
    return path


def test_impossible_rows_each_get_their_own_finding(make: Callable[..., Path]) -> None:
    checked = check(
        make(
            procedures__csv=PROCEDURES + b"K3,P9,2006-01-10,T12\nK4,P1,2006-01-10,T13\n",
            follow_ups__csv=FOLLOW_UPS
            + b"P1,m6,2006-07-10,99,40\nP2,m3,2006-05-10,2,140\nP2,m12,2007-02-10,1,20\n",
        )
    )
    found = [(one.table, one.row, one.column, one.rule, one.value) for one in checked.findings]
    assert found == [
        ("procedures", 4, "patient_id", "unknown_patient", "P9"),
        ("procedures", 5, "level", "bad_level", "T13"),
        ("follow_ups", 4, "vas", "sentinel", "99"),
        ("follow_ups", 5, "odi", "out_of_range", "140"),
        ("follow_ups", 6, "measured_on", "after_death", "2007-02-10"),
    ]
    assert checked.rows == {
        "patients": RowCount(2, 2, 0),
        "procedures": RowCount(4, 2, 2),
        "follow_ups": RowCount(5, 4, 1),
    }
    assert checked.tables["follow_ups"].select("visit", "measure", "value").rows() == [
        ("pre", "vas", 8.0),
        ("m3", "vas", 3.0),
        ("m3", "vas", 2.0),
        ("pre", "odi", 60.0),
        ("m6", "odi", 40.0),
    ]


def test_index_of_16_of_45_is_not_truncated(make: Callable[..., Path]) -> None:
    rows = "P1,m3,,,2,2,2,2,2,2,2,2,0,\nP1,m6,,40,5,5,5,5,5,5,5,,,\nP1,m12,,,1,1,1,1,1,1,1,1,,\n"
    checked = check(make(follow_ups__csv=f"patient_id,visit,vas,odi,{SECTIONS}\n{rows}"))
    values = checked.tables["follow_ups"].filter(pl.col("measure") == "odi")
    assert dict(values.select("visit", "value").rows()) == {
        "m3": pytest.approx(100 * 16 / 45),
        "m6": 40.0,
        "m12": pytest.approx(20.0),
    }
    items = checked.tables["items"].filter(pl.col("visit") == "m3")
    assert items.select("item", "value").rows() == [*((n, 2) for n in range(1, 9)), (9, 0)]


def test_given_score_within_a_point_of_its_sections_is_no_finding(
    make: Callable[..., Path],
) -> None:
    rows = "P1,m3,36.5,2,2,2,2,2,2,2,2,0,\n"
    checked = check(make(follow_ups__csv=f"patient_id,visit,odi,{SECTIONS}\n{rows}"))
    assert checked.findings == ()
    assert checked.tables["follow_ups"]["value"].to_list() == [pytest.approx(100 * 16 / 45)]


def test_sections_alone_make_a_score(make: Callable[..., Path]) -> None:
    rows = "P1,m3,2,2,2,2,2,2,2,2,2,2\n"
    checked = check(make(follow_ups__csv=f"patient_id,visit,{SECTIONS}\n{rows}"))
    assert checked.tables["follow_ups"]["value"].to_list() == [40.0]


def test_rows_of_one_visit_that_complete_each_other_are_merged(make: Callable[..., Path]) -> None:
    rows = (
        "P1,m3,2006-04-10,5,2,2,2,2,2,,,,,\n"
        "P1,m3,2006-04-12,5.0,,,,,2,2,2,2,2,2\n"
        "P1,other,2006-05-10,4,,,,,,,,,,\n"
        "P1,other,2006-05-12,3,,,,,,,,,,\n"
    )
    checked = check(make(follow_ups__csv=f"patient_id,visit,measured_on,vas,{SECTIONS}\n{rows}"))
    assert checked.findings == ()
    assert checked.rows["follow_ups"] == RowCount(4, 4, 0)
    assert checked.tables["follow_ups"].select("visit", "measure", "value").rows() == [
        ("m3", "vas", 5.0),
        ("other", "vas", 4.0),
        ("other", "vas", 3.0),
        ("m3", "odi", 40.0),
    ]
    assert checked.tables["items"].height == 10


def test_readers_and_repeats_of_a_film_are_all_kept(make: Callable[..., Path]) -> None:
    rows = "K1,pre,A,20\nK1,pre,B,22\nK1,pre,B,23\nK1,pre,B,23\n"
    checked = check(make(radiographs__csv=f"procedure_id,visit,reader,height_anterior\n{rows}"))
    assert [one.rule for one in checked.findings] == ["duplicate_row"]
    films = checked.tables["radiographs"].select("measure", "reader", "value").rows()
    assert films == [
        (*("height_anterior", reader), value) for reader, value in (("A", 20), ("B", 22), ("B", 23))
    ]


@pytest.mark.parametrize(
    ("label", "day", "visit"),
    [
        ("", "2006-01-10", "pre"),
        ("", "2006-01-11", "post"),
        ("", "2006-04-10", "m3"),
        ("", "2006-02-20", "other"),
        ("", "2005-01-10", "other"),
        ("M12", "", "m12"),
        ("Other", "", "other"),
        ("pre", "2006-01-12", "pre"),
    ],
)
def test_visit_comes_from_the_label_or_else_the_window(
    make: Callable[..., Path], label: str, day: str, visit: str
) -> None:
    rows = f"patient_id,visit,measured_on,vas\nP1,{label},{day},5\n"
    checked = check(make(follow_ups__csv=rows))
    assert checked.tables["follow_ups"]["visit"].to_list() == [visit]


def test_films_count_days_from_their_own_operation(make: Callable[..., Path]) -> None:
    checked = check(
        make(
            procedures__csv=PROCEDURES + b"K3,P1,2006-07-10,L3\n",
            radiographs__csv="procedure_id,measured_on,wedge_angle\nK3,2006-07-12,5\n",
            follow_ups__csv="patient_id,measured_on,vas\nP1,2006-07-12,5\n",
        )
    )
    assert checked.tables["radiographs"]["visit"].to_list() == ["post"]
    assert checked.tables["follow_ups"]["visit"].to_list() == ["m6"]


@pytest.mark.parametrize(
    ("died_on", "operated_on", "kept"),
    [
        ("2006", "2006-12-31", 1),
        ("2006", "2007-01-01", 0),
        ("2006-02", "2006-02-28", 1),
        ("2006-02", "2006-03-01", 0),
        ("2006-02-10", "2006-02-10", 1),
    ],
)
def test_partial_death_dates_reach_to_their_last_day(
    make: Callable[..., Path], died_on: str, operated_on: str, kept: int
) -> None:
    checked = check(
        make(
            patients__csv=f"patient_id,died_on\nP1,{died_on}\n",
            procedures__csv=f"procedure_id,patient_id,operated_on,level\nK1,P1,{operated_on},T9\n",
            follow_ups__csv=None,
        )
    )
    assert checked.rows["procedures"].kept == kept
    assert checked.tables["patients"].select("died_on", "died").rows() == [(died_on, True)]


@pytest.mark.parametrize(
    ("died_on", "died", "stored"),
    [("", "yes", True), ("", "no", False), ("", "", None), ("2006-03", "no", True)],
)
def test_died_follows_the_date_and_then_the_answer(
    make: Callable[..., Path], died_on: str, died: str, stored: bool | None
) -> None:
    checked = check(make(patients__csv=f"patient_id,died_on,died\nP1,{died_on},{died}\nP2,,\n"))
    assert checked.tables["patients"]["died"].to_list()[0] is stored


def test_tumours_map_by_code_label_and_synonym(make: Callable[..., Path]) -> None:
    texts = ["BREAST", "Liver or biliary", "Mamma-Ca", "", "chordoma"]
    rows = "".join(f"P{n},{text}\n" for n, text in enumerate(texts, start=1))
    tables = check(make(patients__csv=f"patient_id,primary_tumour\n{rows}")).tables
    assert tables["patients"]["primary_tumour"].to_list() == [
        "breast", "hepatobiliary", "breast", None, "other"
    ]  # fmt: skip
    assert tables["patients"]["tumour_text"].to_list() == [text or None for text in texts]


def test_every_measure_of_the_codebook_has_a_column() -> None:
    for code, measure in measures().items():
        table = "follow_ups" if measure.unit_of_analysis == "patient" else "radiographs"
        assert {code, *section_columns(measure)} <= layouts()[table].columns


REFUSED: list[tuple[dict[str, bytes | None], str, str, int | None, str]] = [
    ({"patients__csv": None}, "missing_file", "patients", None, "patients.csv"),
    ({"procedures__csv": None}, "missing_file", "procedures", None, "procedures.csv"),
    (
        {"patients__csv": b"patient_id,sex\nP1,M\xfcller\n"},
        "not_utf8",
        "patients",
        2,
        "byte 19 in line 2",
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
    ({"patients__csv": b"patient_id;sex\nP1;F\n"}, "wrong_separator", "patients", 1, "semicolons"),
    ({"patients__csv": b"patient_id\tsex\n"}, "wrong_separator", "patients", 1, "tabs"),
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
    assert "neither a folder nor" in refused(check(tmp_path / "patients.csv")).advice


def test_file_that_cannot_be_opened_is_refused(make: Callable[..., Path]) -> None:
    folder = make()
    (folder / "events.csv").symlink_to(folder / "absent.csv")
    finding = refused(check(folder))
    assert (finding.rule, finding.table) == ("unreadable_file", "events")


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
    monkeypatch.setattr(source_reader, "LARGEST", 10)
    assert refused(check(path)).rule == "too_large"


def test_version_follows_names_and_contents(make: Callable[..., Path], tmp_path: Path) -> None:
    first = check(make())
    version = first.tables["registry"]["version"].item()
    assert version == first.sha256[:12]
    assert check(make(notes__txt="x")).sha256 == first.sha256
    assert check(make(patients__csv=PATIENTS + b"P3,F,\n")).sha256 != first.sha256


def test_registry_describes_itself(make: Callable[..., Path]) -> None:
    row = check(make()).tables["registry"].row(0, named=True)
    assert (row["name"], row["synthetic"], row["region_convention"]) == (
        "source",
        False,
        "junction",
    )
    assert row["data_date"] == date(2006, 9, 1)
    assert row["created_at"].tzinfo is None
    settings = "name = 'North'\nsynthetic = true\ndata_date = {}\nregion_convention = 'split'\n"
    for day in ("2007-01-31", "'2007-01-31'"):
        tables = check(make(source__toml=settings.format(day))).tables
        row = tables["registry"].row(0, named=True)
        assert (row["name"], row["synthetic"], row["data_date"]) == (
            "North",
            True,
            date(2007, 1, 31),
        )
        regions = dict(tables["levels"].select("level", "region").rows())
        assert (regions["T12"], regions["L1"]) == ("thoracic", "lumbar")


def test_source_with_headers_only_is_an_empty_registry(
    make: Callable[..., Path], tmp_path: Path
) -> None:
    header = [content.splitlines()[0] + b"\n" for content in (PATIENTS, PROCEDURES, FOLLOW_UPS)]
    checked = check(
        make(patients__csv=header[0], procedures__csv=header[1], follow_ups__csv=header[2])
    )
    assert set(checked.rows.values()) == {RowCount(0, 0, 0)}
    accept(checked, tmp_path / "r.duckdb")


def test_written_registry_holds_every_table(registry: Path) -> None:
    reader = open_registry(registry).reader()
    counts = {
        table: reader.fetch(statement).item()
        for table, statement in {
            "patients": "select count(*) from registry.patients",
            "procedures": "select count(*) from registry.procedures",
            "follow_ups": "select count(*) from registry.follow_ups",
            "radiographs": "select count(*) from registry.radiographs",
            "imports": "select count(*) from registry.imports",
            "findings": "select count(*) from registry.findings",
        }.items()
    }
    assert counts == {
        "patients": 2,
        "procedures": 2,
        "follow_ups": 3,
        "radiographs": 0,
        "imports": 1,
        "findings": 0,
    }


def test_example_is_read_in_a_second(tmp_path: Path) -> None:
    example = FOLDER / "example"
    if not (example / "patients.csv").exists():
        pytest.skip("the example is not there")
    start = time.perf_counter()
    checked = check(example)
    assert time.perf_counter() - start < 1
    assert checked.accepted
    assert sum(count.held_back for count in checked.rows.values()) == 0


def test_refused_source_leaves_the_old_registry_untouched(
    make: Callable[..., Path], registry: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = registry.read_bytes()
    source = make(follow_ups__csv=b"patient_id,visit\nP1,pr\xe9\n")
    assert main([str(source), "--registry", str(registry)]) == 1
    assert registry.read_bytes() == before
    printed = capsys.readouterr()
    assert "follow_ups.csv is not UTF-8" in printed.err
    assert "nothing was written" in printed.out


def test_refused_source_cannot_be_accepted(make: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"no patients\.csv"):
        accept(check(make(patients__csv=None)), tmp_path / "r.duckdb")


BLOCKED = """
import sys, time
from data import ingest, warehouse
def block(path):
    print("written", flush=True)
    time.sleep(60)
warehouse._flush = block
ingest.main(sys.argv[1:])
"""


def test_killed_import_leaves_the_old_registry_readable(
    make: Callable[..., Path], registry: Path
) -> None:
    before = registry.read_bytes()
    source = make(patients__csv=PATIENTS + b"P3,F,\n")
    command = [sys.executable, "-c", BLOCKED, str(source), "--registry", str(registry)]
    with subprocess.Popen(command, cwd=FOLDER.parent, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert registry.read_bytes() == before
    fetched = open_registry(registry).reader().fetch("select count(*) from registry.patients")
    assert fetched.item() == 2


def test_place_that_cannot_be_written_is_said_in_a_sentence(
    make: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = tmp_path / "absent" / "file"
    assert main([str(make()), "--registry", str(absent)]) == 1
    assert capsys.readouterr().err.startswith("Nothing was written: the folder")
    registry = tmp_path / "r.duckdb"
    assert (
        main([str(make()), "--registry", str(registry), "--findings", str(absent), "--json"]) == 1
    )
    printed = capsys.readouterr()
    assert printed.err.startswith("Nothing was written: the findings")
    result = json.loads(printed.out)
    assert result["accepted"] is False
    assert [one["rule"] for one in result["findings"]] == ["unwritable"]
    assert not registry.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_unwritable_folder_is_said_in_a_sentence(
    make: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    assert main([str(make()), "--registry", str(locked / "r.duckdb")]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_wrong_usage_exits_with_2(
    make: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv(REGISTRY_VARIABLE, raising=False)
    assert main([str(make())]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    with pytest.raises(SystemExit) as stopped:
        main([])
    assert stopped.value.code == 2


def test_registry_is_named_by_the_environment(
    make: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "named.duckdb"
    monkeypatch.setenv(REGISTRY_VARIABLE, str(path))
    assert main([str(make()), "--dry-run"]) == 0
    assert not path.exists()
    assert "nothing was written, as asked" in capsys.readouterr().out
    assert main([str(make())]) == 0
    assert path.exists()
    assert f"written to {path}" in capsys.readouterr().out


def test_json_has_exactly_its_fields(
    make: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    source = make(follow_ups__csv=FOLLOW_UPS + b"P1,m6,,nan,\n")
    assert main([str(source), "--dry-run", "--json"]) == 0
    result = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    (finding,) = result["findings"]
    assert finding.pop("advice").startswith("The vas is no number")
    assert result == {
        "accepted": True,
        "rows": {
            "patients": {"read": 2, "kept": 2, "held_back": 0},
            "procedures": {"read": 2, "kept": 2, "held_back": 0},
            "follow_ups": {"read": 3, "kept": 3, "held_back": 0},
        },
        "findings": [
            {
                "table": "follow_ups",
                "row": 4,
                "column": "vas",
                "rule": "not_a_number",
                "severity": "held_back",
                "value": "nan",
            }
        ],
    }
    assert list(finding) == ["table", "row", "column", "rule", "severity", "value"]


def test_findings_are_written_as_csv_and_stored(make: Callable[..., Path], tmp_path: Path) -> None:
    source = make(follow_ups__csv=FOLLOW_UPS + b"P1,m6,,99,\n,m6,,1,\n")
    out, registry = tmp_path / "findings.csv", tmp_path / "r.duckdb"
    assert main([str(source), "--registry", str(registry), "--findings", str(out)]) == 0
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["table", "row", "column", "rule", "severity", "value", "advice"]
    assert [(row["row"], row["rule"]) for row in rows] == [("4", "sentinel"), ("5", "missing_key")]
    stored = open_registry(registry).reader().fetch("from registry.findings")
    assert stored["import_id"].to_list() == [1, 1]
    assert stored["advice"].to_list() == [row["advice"] for row in rows]


def test_report_shows_a_few_examples_of_each_rule(
    make: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    many = b"".join(b"P1,m%d,,99,\n" % n for n in (6, 12, 24)) + b"P2,pre,,999,\nP2,,,1,\n"
    source = make(follow_ups__csv=FOLLOW_UPS + many, notes__txt="x")
    assert main([str(source), "--dry-run"]) == 0
    printed = capsys.readouterr().out
    assert "held back: sentinel (4)" in printed
    assert "  follow_ups, row 4, vas 99: The vas looks like" in printed
    assert "  and 1 more" in printed
    assert "  notes.txt: The file" in printed


def test_command_line_runs_as_a_module(make: Callable[..., Path]) -> None:
    command = [sys.executable, "-m", "data.ingest", str(make()), "--dry-run", "--json"]
    done = subprocess.run(command, cwd=FOLDER.parent, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["accepted"] is True
