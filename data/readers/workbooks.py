"""The sheets of a workbook: .xlsx, .xls and .ods."""

from __future__ import annotations

import warnings
import zipfile
from itertools import islice
from typing import TYPE_CHECKING

import openpyxl
import polars as pl
from openpyxl.utils.exceptions import InvalidFileException
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from data.limits import limit
from data.readers.files import BROKEN, refuse_large
from data.readers.raw import Flag, RawTable, cell_text, grid
from data.readers.refusal import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from openpyxl.worksheet.worksheet import Worksheet
    from python_calamine import CalamineSheet

SHEETS = "xl/worksheets/"
SIGNS = (b"<f>", b"<f ", b"<f/", b't="e"')
PIECE = 1 << 20
CHUNK = 20_000
NO_VALUE = (
    "The formula in this cell has no value stored with it; open the file in Excel, save it and "
    "import again."
)
WRONG = "The formula in this cell gives the error {}; correct it or leave it blank."


def read_workbook(name: str, path: Path, kind: str) -> Iterator[RawTable | str]:
    """Yield every sheet of a workbook that has cells; of a hidden one its name alone.

    Raises
    ------
    RefusedError
        If it is damaged, has a password, or is too large.
    """
    if kind != "xls":
        with zipfile.ZipFile(path) as archive:
            sizes = sum(one.file_size for one in archive.infolist())
        refuse_large(f"The parts of {name}", sizes)
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            doubtful = _doubtful(path) if kind == "xlsx" else {}
            for one in workbook.sheets_metadata:
                if one.visible != SheetVisibleEnum.Visible:
                    yield one.name
                else:
                    sheet = workbook.get_sheet_by_name(one.name)
                    yield _table(name, sheet, doubtful.get(one.name, {}))
    except PasswordError as error:
        raise refusal(
            "broken_workbook",
            f"{name} is locked with a password. Save it without one and import again.",
            table=name,
        ) from error
    except CalamineError as error:
        raise refusal(
            "broken_workbook",
            f"{name} cannot be read as a workbook: {error}. Open it, save it again as .xlsx and "
            "import that.",
            table=name,
        ) from error


def _table(name: str, sheet: CalamineSheet, doubtful: Mapping[int, Mapping[int, str]]) -> RawTable:
    height, width = (one + 1 for one in sheet.end or (-1, -1))
    if height * width > limit("workbook_cells"):
        raise refusal(
            "too_large",
            f"The sheet {sheet.name} of {name} spans {height} rows and {width} columns, more "
            f"cells than the {limit('workbook_cells')} that are read. Delete what is no table.",
            table=sheet.name,
        )
    flags: list[Flag] = []
    spread: dict[int, dict[int, int]] = {}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if right > left:
            for row in range(top, bottom + 1):
                spread.setdefault(row + 1, {})[left + 1] = right + 1
    rows = _rows(sheet, doubtful, flags)
    frames = [grid([], sheet.name)]
    while chunk := list(islice(rows, CHUNK)):
        frames.append(grid(chunk, sheet.name))
    whole = pl.concat(frames, how="diagonal", rechunk=True)
    return RawTable(sheet.name, name, whole, spread, flags=tuple(flags))


def _rows(
    sheet: CalamineSheet, doubtful: Mapping[int, Mapping[int, str]], flags: list[Flag]
) -> Iterator[tuple[int, list[str | None]]]:
    """Yield the rows of a sheet, cells that are merged downwards filled down."""
    below = _merged_down(sheet)
    carried: dict[int, tuple[int, str | None]] = {}
    _, left = sheet.start or (0, 0)
    for row, values in enumerate(sheet.iter_rows(), start=1):
        cells: list[str | None] = [None] * left
        cells += [cell_text(value) for value in values]
        for column, (last, text) in carried.items():
            if row <= last and column < len(cells):
                cells[column] = text
        for column, last in below.get(row, ()):
            carried[column] = (last, cells[column] if column < len(cells) else None)
        flags.extend(_flags(row, cells, doubtful.get(row, {})))
        yield row, cells


def _merged_down(sheet: CalamineSheet) -> dict[int, list[tuple[int, int]]]:
    """Return the columns that are merged downwards from a row, with the last row of each."""
    below: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        if bottom > top:
            below.setdefault(top + 1, []).append((left, bottom + 1))
    return below


def _flags(row: int, cells: list[str | None], doubtful: Mapping[int, str]) -> Iterator[Flag]:
    """Yield the formulas of a row that have no value, and those with an error."""
    for column, text in sorted(doubtful.items()):
        if (cells[column - 1] if column <= len(cells) else None) is None:
            if text.startswith("#"):
                yield Flag(row, column, "formula_error", text, WRONG.format(text))
            else:
                yield Flag(row, column, "formula_without_value", text, NO_VALUE)


def _doubtful(path: Path) -> dict[str, dict[int, dict[int, str]]]:
    """Return the formulas and errors of every sheet that has some, by row and column."""
    if not _has_formulas(path):
        return {}
    try:
        with path.open("rb") as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(stream, read_only=True, data_only=False)
            return {sheet.title: _formulas(sheet) for sheet in book.worksheets}
    except (InvalidFileException, KeyError, ValueError, TypeError, AttributeError, *BROKEN):
        return {}


def _formulas(sheet: Worksheet) -> dict[int, dict[int, str]]:
    found: dict[int, dict[int, str]] = {}
    for row in sheet.iter_rows():
        for cell in row:
            if getattr(cell, "data_type", None) in ("f", "e"):
                own = found.setdefault(int(cell.row or 0), {})
                own[int(cell.column or 0)] = str(cell.value)
    return found


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        for one in archive.namelist():
            if one.startswith(SHEETS):
                with archive.open(one) as part:
                    before = b""
                    while piece := part.read(PIECE):
                        if any(sign in before + piece for sign in SIGNS):
                            return True
                        before = piece[-8:]
    return False
