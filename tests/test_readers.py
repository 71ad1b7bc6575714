"""Files of every kind as tables of text: what is read, what is refused, what is left out."""

from __future__ import annotations

import json
import os
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import duckdb
import openpyxl
import polars as pl
import pytest
from python_calamine import PasswordError

from data.check_scales import check_scale
from data.codebook import measures
from data.ingest import accept, check, propose, read_raw
from data.limits import limits
from data.mapping.edit import answer
from data.mapping.file import dump_mapping
from data.readers import workbooks, worker
from data.readers.encodings import Encoding
from data.readers.kinds import kind_of
from data.readers.raw import RawTable, cell_text, from_frame, grid
from data.readers.read import named_apart
from data.readers.refusal import RefusedError, guarded
from data.sheet import Sheet
from tests.corpus import SHEET, sheet, wide, write_csv
from tests.formats import write_ods, write_parquet, write_sqlite, write_xls, write_xlsx
from tests.redcap import Entry, Field, write_dictionary, write_export
from tests.sources import write_source, zipped

if TYPE_CHECKING:
    from pathlib import Path

    from data.rules import Finding
    from tests.formats import Rows

DAY = date(2026, 11, 22)


def refusal_of(path: Path) -> Finding:
    with pytest.raises(RefusedError) as refused:
        read_raw(path, DAY)
    return refused.value.finding


def texts(path: Path, number: int = 0) -> list[tuple[object, ...]]:
    return read_raw(path, DAY).tables[number].grid.rows()


# Cells


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((value, None) for value in (None, "", "  ", "\0", float("nan"))),
        *((value, "5") for value in (5, 5.0, "5", " 5 ", "\ufeff5")),
        *(((True, "true"), (False, "false"), (0.1 + 0.2, "0.3"), (1e20, "1e+20"))),
        (date(2024, 5, 17), "2024-05-17"),
        (datetime(2024, 5, 17), "2024-05-17"),  # noqa: DTZ001
        (datetime(2024, 5, 17, 8, 30), "2024-05-17 08:30:00"),  # noqa: DTZ001
        (time(8, 30), "08:30:00"),
        (timedelta(days=1), "1 day, 0:00:00"),
        ("a\udcff", "a?"),
    ],
)
def test_cells_become_text(value: object, text: str | None) -> None:
    assert cell_text(value) == text


def test_rows_of_a_grid_are_filled_up_and_empty_ones_left_out() -> None:
    made = grid([(1, ["a", None]), (2, [None, None]), (3, ["b", "c", "d", None])], "x")
    assert made.columns == ["row", "c1", "c2", "c3"]
    assert made.rows() == [(1, "a", None, None), (3, "b", "c", "d")]
    assert grid([], "x").columns == ["row"]


def test_typed_columns_become_text_and_nested_ones_are_left_out() -> None:
    frame = pl.DataFrame(
        {
            "n": [1940.0, 0.5, None],
            "on": [datetime(2024, 5, 17), datetime(2024, 5, 17, 8, 30), None],  # noqa: DTZ001
            "yes": [True, False, None],
            "list": [[1], [2], None],
            " name ": [" x ", "", None],
        }
    )
    assert from_frame(frame, "x").rows() == [
        (1, "n", "on", "yes", "name"),
        (2, "1940", "2024-05-17", "true", "x"),
        (3, "0.5", "2024-05-17 08:30:00", "false", None),
    ]
    assert from_frame(pl.DataFrame({"list": [[1]]}), "x").columns == ["row"]


# Texts


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"", "utf-8"),
        ("ä".encode(), "utf-8"),
        ("ä".encode("utf-8-sig"), "utf-8-sig"),
        ("a,b".encode("utf-16"), "utf-16"),
        ("a,b".encode("utf-16-le"), "utf-16-le"),
        ("a,b".encode("utf-16-be"), "utf-16-be"),
        ("a,b".encode("utf-32"), "utf-32"),
        ("Größe über Maß".encode("cp1252"), "cp1252"),
        ("Größe über Maß".encode("cp850"), "cp850"),
        ("Größe über Maß".encode("mac-roman"), "mac-roman"),
        ("Größe".encode() + b"\xff", None),
        (b"\xaa\xab\xac\xad", None),
    ],
)
def test_encodings_are_told_by_what_decodes_to_letters(
    content: bytes, encoding: str | None
) -> None:
    found = Encoding()
    found.feed([content[:1], content[1:]])
    assert found.name() == encoding


def test_the_first_byte_that_is_no_utf_8_is_named() -> None:
    found = Encoding()
    found.feed(["äö\n".encode(), b"ab\xff\n", b"\xff"])
    assert (found.bad, found.bad_line) == (7, 2)


def test_text_that_does_not_go_on_as_it_began_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("a,b\n1,2\n".encode("utf-16") + b"\x00")
    assert "begins as UTF-16 and does not go on so" in refusal_of(path).advice


def test_lines_of_old_computers_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a;b\r1;2\r")
    assert texts(path) == [(1, "a", "b"), (2, "1", "2")]


def test_rows_of_other_lengths_keep_their_cells_and_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('Title\n\na|b\n1|"2\n3"|4|\n5\n', encoding="utf-8")
    assert texts(path) == [
        (1, "Title", None, None), (3, "a", "b", None), (4, "1", "2\n3", "4"), (6, "5", None, None)
    ]  # fmt: skip


# Kinds


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"", "empty"),
        (b"a,b", "text"),
        (b"%PDF-1.7", "other"),
        (b"\xef\xbb\xbf <!DOCTYPE html>", "other"),
        (b"PAR1....", "parquet"),
        (b"SQLite format 3\0", "sqlite"),
        (bytes(8) + b"DUCK", "duckdb"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
        (b"PK\x03\x04", "zip"),
    ],
)
def test_files_are_what_their_content_says(start: bytes, kind: str) -> None:
    assert kind_of(start, BytesIO(start)) == kind


def test_files_that_are_no_tables_are_left_out_with_a_word(tmp_path: Path) -> None:
    folder = write_csv(tmp_path / "source", {"Liste": [["a", "b"], ["1", "2"]]})
    (folder / "Brief.pdf").write_bytes(b"%PDF-1.7")
    (folder / "leer.csv").touch()
    (folder / "notiz.txt").write_text("one\ntwo\n", encoding="utf-8")
    (folder / "README.md").touch()
    (folder / "alt").mkdir()
    with zipfile.ZipFile(folder / "alt.zip", "w") as archive:
        archive.writestr("a.csv", "a,b")
    found = {one.table: one.advice for one in read_raw(folder, DAY).findings}
    assert found == {
        "Brief.pdf": "Brief.pdf is a PDF and is not read.",
        "README.md": "README.md is no table and is not read.",
        "alt.zip": "alt.zip is a .zip inside the source and is not read.",
        "alt/": "alt/ lies in a folder of the source and is not read.",
        "leer.csv": "leer.csv is empty and is not read.",
        "notiz.txt": "notiz.txt has one column and is no table.",
    }


def test_settings_of_a_source_go_before_those_of_its_mapping(tmp_path: Path) -> None:
    folder = tmp_path / "source"
    folder.mkdir()
    sheet(folder, wide())
    mapping = replace(propose(read_raw(folder, DAY), DAY).mapping, name="Süd", synthetic=True)
    assert check(folder, mapping).source_name == "Süd"
    assert check(folder, mapping).tables["registry"]["synthetic"].to_list() == [True]
    (folder / "source.toml").write_text("name = 'Nord'\n", encoding="utf-8")
    assert check(folder, mapping).source_name == "Nord"


def test_a_zip_may_hold_its_mapping(tmp_path: Path) -> None:
    folder = tmp_path / "source"
    folder.mkdir()
    mapping = propose(read_raw(sheet(folder, wide()), DAY), DAY).mapping
    (folder / "mapping.toml").write_text(dump_mapping(mapping), encoding="utf-8")
    checked = check(zipped(folder, tmp_path / "a.zip"))
    assert checked.accepted
    assert checked.findings == ()


def test_tables_of_one_name_are_told_apart(tmp_path: Path) -> None:
    folder = tmp_path / "source"
    folder.mkdir()
    rows: Rows = [["x", "y"], ["1", "2"]]
    for name in ("a.xlsx", "a.xlsm", "a.b.xlsx"):
        write_xlsx(folder / name, {"T": rows, "leer": []})
    write_xlsx(folder / "a.ods", {"T": rows})
    names = [one.name for one in read_raw(folder, DAY).tables]
    assert names == ["T", "a: T", "a: T (2)", "a: T (3)"]


# Limits


def test_limits_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits()["generations"].value == 5
    assert all(one.what and one.unit for one in limits().values())
    monkeypatch.setenv("KYPHO_LIMIT_COLUMNS", "7")
    assert limits()["columns"].value == 7


@pytest.mark.parametrize(
    ("limit", "value", "sentence"),
    [
        ("MEMBERS", "1", "The source has 3 files; at most 1 are read"),
        ("COLUMNS", "2", "at most 2 are read"),
        ("SOURCE_BYTES", "20", "take 0.0 GB when unpacked"),
    ],
)
def test_what_is_beyond_a_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: str, sentence: str
) -> None:
    folder = write_parquet(
        tmp_path / "source", {name: [["a", "b", "c"], ["1", "2", "3"]] for name in "xyz"}
    )
    monkeypatch.setenv(f"KYPHO_LIMIT_{limit}", value)
    finding = refusal_of(folder)
    assert finding.rule == "too_large"
    assert sentence in finding.advice


@pytest.mark.parametrize(
    ("limit", "value"), [("WORKBOOK_CELLS", "9"), ("SOURCE_BYTES", "6000"), ("COLUMNS", "3")]
)
def test_workbooks_beyond_a_limit_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: str
) -> None:
    path = sheet(tmp_path, wide())
    monkeypatch.setenv(f"KYPHO_LIMIT_{limit}", value)
    assert refusal_of(path).rule == "too_large"


def test_a_zip_that_unpacks_to_more_than_the_limit_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("patients.csv", "a")
    content = bytearray(path.read_bytes())
    place = content.rindex(b"PK\x01\x02")
    content[place + 24 : place + 28] = (3 * 1024**3).to_bytes(4, "little")
    path.write_bytes(content)
    assert path.stat().st_size < 500
    assert refusal_of(path).rule == "too_large"
    assert check(path).findings[0].rule == "too_large"


def test_a_zip_with_a_file_without_a_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("patients.csv", "a")
        archive.writestr("x", "a")
    path.write_bytes(path.read_bytes().replace(b"x", b"\0"))
    assert "" in zipfile.ZipFile(path).namelist()
    finding = refusal_of(path)
    assert (finding.rule, finding.advice) == (
        "broken_zip", "The .zip holds a file without a name. Pack the source again."
    )  # fmt: skip
    assert check(path).findings[0].rule == "broken_zip"


def test_a_long_cell_of_a_text_is_refused_and_not_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"a,b\n1,{'x' * 200_000}\n", encoding="utf-8")
    finding = refusal_of(path)
    assert (finding.rule, finding.row) == ("malformed_csv", 2)


# Workbooks


def test_the_stored_value_of_a_formula_is_used(tmp_path: Path) -> None:
    path = sheet(tmp_path, wide({"VAS 3M": "=2+2"}))
    packed = tmp_path / "stored.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content.replace(b"<f>2+2</f><v></v>", b"<f>2+2</f><v>4</v>")
                         .replace(b"<f>2+2</f><v />", b"<f>2+2</f><v>4</v>"))  # fmt: skip
    raw = read_raw(packed, DAY)
    assert raw.tables[0].flags == ()
    assert raw.tables[0].grid["c10"].to_list()[2] == "4"
    assert sheets(packed)[SHEET].flags == ()


def test_a_formula_outside_the_table_is_not_mentioned(tmp_path: Path) -> None:
    path = sheet(tmp_path, wide())
    book = openpyxl.load_workbook(path)
    book[SHEET]["Z40"] = "=SUM(A1:A3)"
    book[SHEET]["A60"] = "=1+1"
    book[SHEET]["P1"], book[SHEET]["P3"] = "Notiz", "=1+1"
    book[SHEET].merge_cells("X2:X3")
    book.save(path)
    checked = check(path, propose(read_raw(path, DAY), DAY).mapping)
    assert checked.findings == ()


def test_a_formula_above_the_header_is_not_mentioned(tmp_path: Path) -> None:
    path = sheet(tmp_path, wide())
    book = openpyxl.load_workbook(path)
    book[SHEET].insert_rows(1, 2)
    book[SHEET]["A1"], book[SHEET]["B1"] = "=TODAY()", "Kyphoplastie"
    book.save(path)
    raw = read_raw(path, DAY)
    assert [(one.row, one.column) for one in raw.tables[0].flags] == [(1, 1)]
    checked = check(path, propose(raw, DAY).mapping)
    assert checked.accepted
    assert "formula_without_value" not in {one.rule for one in checked.findings}


def sheets(path: Path, kind: str = "xlsx") -> dict[str, RawTable]:
    read = workbooks.read_workbook(path.name, path, kind)
    return {one.name: one for one in read if isinstance(one, RawTable)}


def test_cells_of_a_sheet_have_their_rows_and_what_is_merged_is_filled_down(
    tmp_path: Path,
) -> None:
    book = openpyxl.Workbook()
    made = book.active
    made["B3"], made["C3"], made["D3"] = "a", "b", "c"
    made["B5"], made["C5"], made["C6"], made["C7"] = 1, 2, 3, 4
    made["D5"], made["D6"], made["D7"] = "=1+1", "#N/A", 5
    made.merge_cells("B5:B7")
    made.merge_cells("C3:D3")
    made.merge_cells("F5:F6")
    book.create_sheet("leer")
    book.create_sheet("alt").sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    read = list(workbooks.read_workbook("a.xlsx", tmp_path / "a.xlsx", "xlsx"))
    assert read[2] == "alt"
    table = sheets(tmp_path / "a.xlsx")["Sheet"]
    assert table.grid.rows() == [
        (3, None, "a", "b", None), (5, None, "1", "2", None), (6, None, "1", "3", None),
        (7, None, "1", "4", "5"),
    ]  # fmt: skip
    assert table.spread == {3: {3: 4}}
    assert [(one.row, one.column, one.rule, one.value) for one in table.flags] == [
        (5, 4, "formula_without_value", "=1+1"), (6, 4, "formula_error", "#N/A")
    ]  # fmt: skip
    assert sheets(tmp_path / "a.xlsx")["leer"].grid.is_empty()


def test_sheets_of_other_programs_are_read(tmp_path: Path) -> None:
    rows = wide()
    for kind, write in (("xls", write_xls), ("ods", write_ods)):
        path = write(tmp_path / f"a.{kind}", {"T": [[*row[:4]] for row in rows]})
        assert sheets(path, kind)["T"].grid.row(1) == (2, "1", "w", "1940", "Mamma-Ca")


def test_a_sheet_that_spans_too_many_cells_or_is_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sheet(tmp_path, wide())
    old = path.with_suffix(".xls")
    old.write_bytes(path.read_bytes())
    with pytest.raises(RefusedError, match="cannot be read as a workbook"):
        list(workbooks.read_workbook("a.xls", old, "xls"))
    monkeypatch.setenv("KYPHO_LIMIT_WORKBOOK_CELLS", "9")
    with pytest.raises(RefusedError, match="spans 5 rows and 14 columns, more cells than the 9"):
        sheets(path)
    monkeypatch.setenv("KYPHO_LIMIT_WORKBOOK_CELLS", "100")
    monkeypatch.setenv("KYPHO_LIMIT_COLUMNS", "9")
    with pytest.raises(RefusedError, match="has 14 columns; at most 9 are read"):
        sheets(path)


def test_a_workbook_with_a_password_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise PasswordError("locked")

    path = sheet(tmp_path, wide())
    monkeypatch.setattr(workbooks, "CalamineWorkbook", type("W", (), {"from_path": locked}))
    with pytest.raises(RefusedError, match="is locked with a password"):
        list(workbooks.read_workbook("Liste.xlsx", path, "xlsx"))


def test_formulas_that_cannot_be_looked_at_are_not_mentioned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("styles")

    path = sheet(tmp_path, wide({"VAS 3M": "=2+2"}))
    monkeypatch.setattr(workbooks.openpyxl, "load_workbook", broken)
    (table,) = workbooks.read_workbook("Liste.xlsx", path, "xlsx")
    assert isinstance(table, RawTable)
    assert table.flags == ()


def workbook_beyond(path: Path, reference: str) -> Path:
    """Write a small workbook with a cell far away, which a parser may lay out in full."""
    book = openpyxl.Workbook()
    book.active["A1"] = "x"
    book.active["B2"] = "y"
    book.save(path)
    far = path.with_name("far.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(far, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'r="B2"', f'r="{reference}"'.encode()))
    return far


def test_a_file_that_takes_all_memory_is_refused_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KYPHO_LIMIT_READER_BYTES", str(1 << 30))
    finding = refusal_of(workbook_beyond(tmp_path / "a.xlsx", "XFD1048576"))
    assert (finding.rule, finding.table) == ("broken_file", "far")
    assert "is damaged, or needs more memory than is allowed" in finding.advice


def test_a_file_that_takes_too_long_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KYPHO_LIMIT_READER_SECONDS", "0")
    finding = refusal_of(sheet(tmp_path, wide()))
    assert "takes longer than 0 s to open" in finding.advice


def test_files_are_opened_as_the_process_of_its_own_opens_them(tmp_path: Path) -> None:
    registry = tmp_path / "registry.duckdb"
    accept(check(write_source(tmp_path / "source")), registry)
    book = sheet(tmp_path, wide())
    other = openpyxl.load_workbook(book)
    other.create_sheet("Legende").sheet_state = "hidden"
    other.save(book)
    damaged = tmp_path / "damaged.ods"
    damaged.write_bytes(b"no workbook")
    sources = {
        "xlsx": book,
        "duckdb": registry,
        "sqlite": write_sqlite(tmp_path / "a.sqlite", {"T": [["a"], ["1"]]}),
        "parquet": write_parquet(tmp_path / "p", {"T": [["a"], ["1"]]}) / "T.parquet",
        "xls": book,
        "ods": damaged,
    }
    jobs = [
        {"name": path.name, "kind": kind, "stem": path.stem, "path": str(path)}
        for kind, path in sources.items()
    ]
    folder = tmp_path / "jobs"
    folder.mkdir()
    (folder / worker.JOBS).write_text(json.dumps(jobs), encoding="utf-8")
    worker.main(folder)
    answers = json.loads((folder / worker.ANSWER).read_text(encoding="utf-8"))
    names = [[table["name"] for table in one.get("tables", ())] for one in answers]
    tables = ["events", "follow_ups", "patients", "procedures", "radiographs"]
    assert [sorted(one) for one in names] == [[SHEET], tables, ["T"], ["T"], [SHEET], []]
    assert answers[5]["refused"]["rule"] == "broken_file"
    assert answers[0]["hidden"] == ["Legende"]
    assert answers[1]["settings"]["name"] == "source"
    assert pl.read_ipc((folder / "2-0.arrow").read_bytes()).rows() == [(1, "a"), (2, "1")]


def test_the_memory_of_the_process_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    monkeypatch.setattr(worker.resource, "setrlimit", lambda _, both: taken.append(both))
    monkeypatch.setenv("KYPHO_LIMIT_READER_BYTES", "1000")
    worker.limit_memory()
    assert taken == [(1000, 1000)]


def test_whatever_a_library_raises_is_a_refusal() -> None:
    class PanicException(BaseException):
        pass

    for error in (ValueError("x"), PanicException("x")):
        with (
            pytest.raises(RefusedError, match="cannot be read as a table"),
            guarded("a", "a table", "Again."),
        ):
            raise error
    for error in (KeyboardInterrupt(), MemoryError()):
        with pytest.raises(type(error)), guarded("a", "a table", "Again."):
            raise error


# Databases


def test_views_and_triggers_of_a_database_are_not_run(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute('create table "T ""1""" (a, b)')
        connection.execute('insert into "T ""1""" values (1, x\'00ff\')')
        connection.execute("create view v as select load_extension('/tmp/x')")
        connection.commit()
    raw = read_raw(path, DAY)
    assert [one.name for one in raw.tables] == ['T "1"']
    assert raw.tables[0].grid.rows()[1][:2] == (2, "1")


def test_a_foreign_duckdb_file_reaches_nothing_outside_itself(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2\n", encoding="utf-8")
    path = tmp_path / "a.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            'create table "my ""t""" as select 1 as a, interval 1 day as b, uuid() as c, '
            "{'x': 1} as d"
        )
        connection.execute(f"create view v as from read_csv('{secret}')")
        connection.execute("create schema s")
        connection.execute("create table s.other as select 2 as a, 3 as b")
    raw = read_raw(path, DAY)
    assert [one.name for one in raw.tables] == ['my "t"', "other"]
    assert raw.tables[0].grid.rows()[1][:3] == (2, "1", "1 day")


# REDCap


def test_a_project_without_events_and_repeats_is_read(tmp_path: Path) -> None:
    fields = (
        Field("record_id", "all"),
        Field("level", "all", label="Level"),
        Field("surgery_date", "all"),
        Field("note", "all"),
    )
    write_dictionary(tmp_path / "dictionary.csv", fields)
    (tmp_path / "export.csv").write_text(
        "record_id,level,surgery_date,note,all_complete\n1,T12,2019-05-06,,2\n2,L1,2019-06-06,,2\n",
        encoding="utf-8",
    )
    raw = read_raw(tmp_path, DAY)
    (table,) = raw.tables
    assert table.name == "all"
    assert table.grid.rows()[0] == (1, "record_id", "level", "surgery_date")
    checked = check(tmp_path, propose(raw, DAY).mapping)
    assert checked.rows["procedures"].kept == 2


def test_a_table_beside_a_dictionary_that_is_no_export_stays(tmp_path: Path) -> None:
    write_dictionary(tmp_path / "dictionary.csv", (Field("record_id", "a"), Field("vas", "a")))
    (tmp_path / "other.csv").write_text("x,y,z\n1,2,3\n", encoding="utf-8")
    assert [one.name for one in read_raw(tmp_path, DAY).tables] == ["other"]


def test_checkbox_codes_with_signs_are_found(tmp_path: Path) -> None:
    fields = (
        Field("record_id", "a"),
        Field("place", "a", "checkbox", "Place", {"-1": "Epidural", "B": "Disc"}),
        Field("text", "a"),
    )
    write_dictionary(tmp_path / "dictionary.csv", fields)
    (tmp_path / "export.csv").write_text(
        "record_id,redcap_event_name,place____1,place___b,text\n1,x,1,1,\n2,x,0,0,a\n",
        encoding="utf-8",
    )
    (table,) = read_raw(tmp_path, DAY).tables
    assert [row[3:] for row in table.grid.rows()] == [
        ("place", "text"), ("Epidural;Disc", None), (None, "a")
    ]  # fmt: skip


def test_the_names_of_tables_are_numbered() -> None:
    table = RawTable("b", "export.csv", grid([(1, ["x"])], "b"))
    names: list[RawTable] = []
    for _ in range(3):
        names.append(named_apart(table, names))
    assert [one.name for one in names] == ["b", "export: b", "export: b (2)"]


def test_a_form_that_is_taken_apart_twice_has_two_names(tmp_path: Path) -> None:
    fields = (Field("record_id", "a"), Field("level", "b"), Field("cement", "b"))
    write_dictionary(tmp_path / "dictionary.csv", fields)
    (tmp_path / "export.csv").write_text(
        "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,level,other\n"
        "1,x,b,1,T12,4\n1,x,b,2,L1,5\n",
        encoding="utf-8",
    )
    names = [one.name for one in read_raw(tmp_path, DAY).tables]
    assert names == ["b", "export: b"]


def test_labelled_scores_count_as_their_codes(tmp_path: Path) -> None:
    answers = {str(n): f"answer {n}" for n in range(6)}
    fields = (
        Field("record_id", "a"),
        Field("surgery_date", "a", label="Date of surgery"),
        Field("level", "a", label="Level"),
        *(Field(f"odi_{n}", "a", "radio", f"ODI {n}", answers) for n in range(1, 11)),
    )
    values = {f"odi_{n}": "2" for n in range(1, 11)}
    entries = [Entry("1", "pre", {"surgery_date": "2019-05-06", "level": "T12", **values})]
    write_dictionary(tmp_path / "dictionary.csv", fields)
    write_export(tmp_path / "export.csv", fields, entries, labelled=True)
    raw = read_raw(tmp_path, DAY)
    checked = check(tmp_path, propose(raw, DAY).mapping)
    assert checked.tables["follow_ups"].select("measure", "value").rows() == [("odi", 40.0)]


# Scales


def wide_scores(name: str, *values: float) -> Rows:
    return [
        ["Pat.-Nr.", "OP-Datum", "Wirbel", name],
        *([str(n), date(2019, 5, n), "T8", value] for n, value in enumerate(values, 1)),
    ]


@pytest.mark.parametrize(
    ("name", "values", "code", "proposed"),
    [
        ("VAS prä (0-100)", (8, 7), "scale", "100"),
        ("VAS prä (0-10)", (8, 7), None, None),
        ("ODI prä", (0.62, 0.5, 0.4, 1, 0.3), "scale", "1"),
        ("ODI prä", (20, 30, 40, 44, 50), "scale", None),
        ("ODI prä", (20, 30, 40, 44, 52), None, None),
        ("KPS prä", (7, 8, 6, 5, 9), "scale", "10"),
        ("Höhe ventral prä cm", (2.5, 30), "unit", "10"),
        ("Höhe ventral prä", (25, 30), None, None),
        ("Cobb prä", (-8, -9, -4, -10, 3), "sign", "-1"),
        ("Cobb prä", (8, 9, 4, 10, -3), None, None),
    ],
)
def test_scales_units_and_signs_are_proposed_with_evidence(
    tmp_path: Path, name: str, values: tuple[float, ...], code: str | None, proposed: str | None
) -> None:
    path = sheet(tmp_path, wide_scores(name, *values))
    proposal = propose(read_raw(path, DAY), DAY)
    asked = [(one.code, one.proposed) for one in proposal.questions]
    assert asked == ([(code, proposed)] if code else [])
    assert all(one.evidence.endswith(".") and one.blocking for one in proposal.questions)


def test_days_that_are_none_say_nothing_about_a_scale(tmp_path: Path) -> None:
    rows = wide_scores("VAS prä", *(8, 7, 6, 9))
    for row, day in zip(rows[1:], ("2019-13-01", "bald", "2019-05-03", "2019-05-04"), strict=True):
        row[1] = day
    path = sheet(tmp_path, rows)
    assert propose(read_raw(path, DAY), DAY).questions == ()


def test_a_turned_sign_and_a_word_beside_it_are_read(tmp_path: Path) -> None:
    rows = wide_scores("Cobb prä", -8, -9, -4, -10, 3)
    path = sheet(tmp_path, [*rows, ["9", date(2019, 5, 9), "T9", "k.A."]])
    proposal = propose(read_raw(path, DAY), DAY)
    checked = check(path, answer(proposal.mapping, proposal.questions[0], "-1"))
    assert checked.tables["radiographs"]["value"].to_list() == [8, 9, 4, 10, -3]
    assert [one.rule for one in checked.findings] == ["converted_scale", "says_missing"]


def test_a_scale_may_have_changed_the_other_way(tmp_path: Path) -> None:
    rows = wide_scores("VAS prä", *(8, 7, 6, 9), *(80, 75, 60, 95))
    for row in rows[5:]:
        row[1] = date(2020, 5, 6)
    path = sheet(tmp_path, rows)
    (question,) = propose(read_raw(path, DAY), DAY).questions
    assert (question.code, question.proposed) == ("scale_change", "2019-05-04:10:100")


def test_scores_on_other_scales_than_ten_and_a_hundred_are_not_judged() -> None:
    frame = pl.DataFrame({"row": [1], "vas": ["50"], "measured_on": [None], "operation": [None]})
    made = Sheet("follow_ups", frame, "row")
    check_scale(made, replace(measures()["vas"], minimum=1))
    assert made.findings().is_empty()


def test_the_first_rows_of_nobody_are_not_asked_about(tmp_path: Path) -> None:
    rows = wide()
    rows.insert(1, [None, *rows[1][1:]])
    path = sheet(tmp_path, rows)
    proposal = propose(read_raw(path, DAY), DAY)
    assert proposal.questions == ()
    checked = check(path, proposal.mapping)
    assert [(one.row, one.rule) for one in checked.findings] == [(2, "missing_key")]


def test_days_without_visits_are_placed_by_their_windows(tmp_path: Path) -> None:
    scores: Rows = [
        ["Pat.-Nr.", "Datum", "VAS"],
        ["1", date(2019, 5, 5), 8],
        ["1", date(2019, 8, 5), 3],
    ]
    people = [row[:8] for row in wide()]
    path = write_xlsx(tmp_path / "a.xlsx", {SHEET: people, "Schmerz": scores})
    checked = check(path, propose(read_raw(path, DAY), DAY).mapping)
    assert checked.tables["follow_ups"].select("visit", "value").rows() == [("pre", 8), ("m3", 3)]


def test_films_alone_name_their_procedures(tmp_path: Path) -> None:
    films: Rows = [
        ["Pat.-Nr.", "Wirbel", "Visite", "Cobb"],
        ["1", "T12", "prä", 12],
        ["1", "T12", "3M", 9],
    ]
    people: Rows = [["Pat.-Nr.", "OP-Datum"], ["1", date(2019, 5, 6)]]
    path = write_xlsx(tmp_path / "a.xlsx", {"Patienten": people, "Bilder": films})
    checked = check(path, propose(read_raw(path, DAY), DAY).mapping)
    assert checked.findings == ()
    assert checked.tables["procedures"].select("procedure_id", "operated_on").rows() == [
        ("1-T12", date(2019, 5, 6))
    ]  # fmt: skip
    assert checked.tables["radiographs"]["value"].to_list() == [12.0, 9.0]


def test_visits_without_a_score_are_reported_in_other_formats_too(tmp_path: Path) -> None:
    folder = write_source(tmp_path / "source", follow_ups__csv="patient_id;visit\nP1;pre\n")
    checked = check(folder)
    assert [(one.table, one.row, one.rule) for one in checked.findings] == [
        ("follow_ups", None, "other_dialect"), ("follow_ups", 2, "no_values")
    ]  # fmt: skip
    assert os.fsdecode(folder.name) == "source"
