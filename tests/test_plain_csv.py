"""Plain files are read by columns, and give what reading them cell by cell gives."""

from __future__ import annotations

import random
from io import BytesIO

import pytest

from data.readers import csv_tables, plain_csv
from data.readers.csv_tables import CsvTable, read_table
from data.readers.layout import Layout
from data.readers.plain_csv import read_plain
from data.readers.refusal import RefusedError

LAYOUT = Layout("a", ("a", "b", "c"), (("a",),))
CELLS = ("a", "", " x ", '"y"', '""', "1.5", "ä")
PIECES = (*CELLS, ",", ",", ",", '"', '"p,q"', "\n", "\n", "\r\n", "\r")
HEADERS = {
    "a,b,c\n": 3,
    '"a","b",c\r\n': 3,
    "\n a ,b\n": 2,
    "a\n": 1,
    "b,d,a,\n": 4,
    "\ufeffa,b\n": 2,
}


def drawn(draw: random.Random) -> bytes:
    """Return a file whose lines have as many fields as its header, or any."""
    header = draw.choice(list(HEADERS))
    if draw.random() < 0.5:
        body = "".join(draw.choice(PIECES) for _ in range(draw.randint(0, 40)))
    else:
        lines = range(draw.randint(0, 6))
        width = HEADERS[header]
        body = "\n".join(",".join(draw.choices(CELLS, k=width)) for _ in lines)
    return (header + body).encode()


def outcome(content: bytes) -> object:
    try:
        table = read_table("t", BytesIO(content), LAYOUT)
    except RefusedError as error:
        return error.finding
    return (table.frame.rows(), table.frame.columns, table.unknown, table.sha256)


@pytest.mark.parametrize("seed", range(20))
def test_reading_by_columns_is_reading_by_cells(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(seed)  # noqa: S311
    plain = 0
    for _ in range(60):
        content = drawn(draw)
        plain += read_plain(BytesIO(content)) is not None
        monkeypatch.setattr(csv_tables, "read_plain", read_plain)
        by_columns = outcome(content)
        monkeypatch.setattr(csv_tables, "read_plain", lambda _: None)
        assert outcome(content) == by_columns, content
    assert plain > 5


def test_a_large_file_is_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_csv, "PIECE", 64)
    content = b"a,b\n" + b"".join(b"%d,x%d\r\n" % (n, n) for n in range(100)) + b"last,"
    table = read_table("t", BytesIO(content), LAYOUT)
    assert isinstance(table, CsvTable)
    assert table.frame.height == 101
    assert table.frame.row(99) == (101, "99", "x99", None)
    assert table.frame.row(100) == (102, "last", None, None)
    assert read_plain(BytesIO(b"a,b\n" + b"x" * 200 + b"\n1,2\n")) is None


def test_lines_that_are_too_long_and_texts_of_other_encodings_are_read_by_cells() -> None:
    assert read_plain(BytesIO(b"a,b\n" + b"x" * 200_000 + b",1\n")) is None
    assert read_plain(BytesIO(b"a,b\n\xff,1\n")) is None
    assert read_plain(BytesIO(b"")) is None
    assert read_plain(BytesIO(b"\n \n")) is None


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_any_separator_parts_the_fields(separator: str) -> None:
    content = f'a{separator}b\n"1"{separator}"ü"\n{separator}\n'.encode("cp1252")
    plain = read_plain(BytesIO(content), separator, "cp1252")
    assert plain is not None
    assert plain.fields(["c1", "c2"], ["c1", "c2"]).rows() == [(2, "1", "ü")]
