"""The same tables in every format that is read: text, workbooks, columns, databases."""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

import duckdb
import openpyxl
import polars as pl
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from data.warehouse import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

Cell = str | float | date | bool | None
Rows = list[list[Cell]]
Tables = dict[str, Rows]

EXCEL_DAY = xlwt.easyxf(num_format_str="DD.MM.YYYY")


def text_of(
    rows: Sequence[Sequence[Cell]],
    *,
    separator: str = ",",
    decimal: str = ".",
    day: Callable[[date], str] = date.isoformat,
) -> str:
    """Write rows as text with columns."""

    def said(cell: Cell) -> str:
        if cell is None:
            return ""
        if isinstance(cell, date):
            return day(cell)
        return f"{cell:g}".replace(".", decimal) if isinstance(cell, float) else str(cell)

    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows(
        [said(cell) for cell in row] for row in rows
    )
    return out.getvalue()


def german_day(day: date) -> str:
    return day.strftime("%d.%m.%Y")


def excel_day(day: date) -> str:
    return str((day - date(1899, 12, 30)).days)


def typed(rows: Sequence[Sequence[str]]) -> Rows:
    """Make numbers and days of texts as a spreadsheet does."""
    return [list(rows[0]), *([_typed(cell) for cell in row] for row in rows[1:])]


def _typed(cell: str) -> Cell:
    if cell == "":
        return None
    try:
        return date.fromisoformat(cell) if len(cell) == 10 else float(cell)
    except ValueError:
        return cell


def write_csv(folder: Path, tables: Tables, encoding: str = "utf-8", **style: object) -> Path:
    folder.mkdir(exist_ok=True)
    for name, rows in tables.items():
        text = text_of(rows, **style)  # type: ignore[arg-type]
        (folder / f"{name}.csv").write_bytes(text.encode(encoding))
    return folder


def write_xlsx(path: Path, tables: Tables) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def write_xls(path: Path, tables: Tables) -> Path:
    book = xlwt.Workbook()
    for name, rows in tables.items():
        sheet = book.add_sheet(name)
        for n, row in enumerate(rows):
            for m, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write(n, m, cell, EXCEL_DAY)
                elif cell is not None:
                    sheet.write(n, m, cell)
    book.save(str(path))
    return path


def write_ods(path: Path, tables: Tables) -> Path:
    book = OpenDocumentSpreadsheet()
    for name, rows in tables.items():
        sheet = Table(name=name)
        for row in rows:
            line = TableRow()
            for cell in row:
                line.addElement(_ods_cell(cell))
            sheet.addElement(line)
        book.spreadsheet.addElement(sheet)
    book.save(str(path))
    return path


def _ods_cell(cell: Cell) -> TableCell:
    if cell is None:
        return TableCell()
    if isinstance(cell, date):
        made = TableCell(valuetype="date", datevalue=cell.isoformat())
    elif isinstance(cell, float):
        made = TableCell(valuetype="float", value=repr(cell))
    else:
        made = TableCell(valuetype="string")
    made.addElement(P(text=str(cell)))
    return made


def frames(tables: Tables) -> dict[str, pl.DataFrame]:
    """Make typed columns of tables, text where kinds are mixed."""
    return {
        name: pl.DataFrame(
            [_column(str(title), [row[n] for row in rows[1:]]) for n, title in enumerate(rows[0])]
        )
        for name, rows in tables.items()
    }


def _column(title: str, cells: list[Cell]) -> pl.Series:
    kinds = {type(cell) for cell in cells if cell is not None}
    if len(kinds) > 1:
        cells = [cell if cell is None else text_of([[cell]]).strip() for cell in cells]
    return pl.Series(title, cells, dtype=None if kinds else pl.String)


def write_parquet(folder: Path, tables: Tables) -> Path:
    folder.mkdir(exist_ok=True)
    for name, frame in frames(tables).items():
        frame.write_parquet(folder / f"{name}.parquet")
    return folder


def write_duckdb(path: Path, tables: Tables) -> Path:
    with duckdb.connect(str(path)) as connection:
        for name, frame in frames(tables).items():
            connection.register("incoming", frame)
            connection.execute(f"create table {quoted(name)} as from incoming")
            connection.unregister("incoming")
    return path


def write_sqlite(path: Path, tables: Tables) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        for name, rows in tables.items():
            columns = ", ".join(quoted(str(title)) for title in rows[0])
            marks = ", ".join("?" for _ in rows[0])
            connection.execute(f"create table {quoted(name)} ({columns})")
            said = [[_sqlite(cell) for cell in row] for row in rows[1:]]
            connection.executemany(f"insert into {quoted(name)} values ({marks})", said)  # noqa: S608
        connection.commit()
    return path


def _sqlite(cell: Cell) -> str | float | None:
    return cell.isoformat() if isinstance(cell, date) else cell


WRITERS: Mapping[str, Callable[[Path, Tables], Path]] = {
    "csv": lambda path, tables: write_csv(path, tables),
    "german csv": lambda path, tables: write_csv(
        path, tables, "cp1252", separator=";", decimal=",", day=german_day
    ),
    "utf-16 with tabs": lambda path, tables: write_csv(path, tables, "utf-16", separator="\t"),
    "excel serial days": lambda path, tables: write_csv(
        path, tables, "utf-8-sig", separator=";", decimal=",", day=excel_day
    ),
    "xlsx": lambda path, tables: write_xlsx(path.with_suffix(".xlsx"), tables),
    "xls": lambda path, tables: write_xls(path.with_suffix(".xls"), tables),
    "ods": lambda path, tables: write_ods(path.with_suffix(".ods"), tables),
    "parquet": write_parquet,
    "sqlite": lambda path, tables: write_sqlite(path.with_suffix(".sqlite"), tables),
    "duckdb": lambda path, tables: write_duckdb(path.with_suffix(".duckdb"), tables),
}
