"""The sheets of a workbook: .xlsx, .xls and .ods."""

from __future__ import annotations

import warnings
import zipfile
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from data.limits import limit
from data.readers.files import BROKEN, refuse_large
from data.readers.raw import Flag, cell_text, grid
from data.readers.refusal import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import polars as pl
    from python_calamine import CalamineSheet

SHEETS = "xl/worksheets/"
SIGNS = (b"<f>", b"<f ", b"<f/", b't="e"')
PIECE = 1 << 20
NO_VALUE = (
    "The formula in this cell has no value stored with it; open the file in Excel, save it and "
    "import again."
)
WRONG = "The formula in this cell gives the error {}; correct it or leave it blank."


@dataclass(frozen=True)
class SheetTable:
    """One sheet of a workbook, as in `RawTable`; hidden ones are not read."""

    name: str
    grid: pl.DataFrame
    spread: dict[int, dict[int, int]]
    flags: tuple[Flag, ...]
    hidden: bool = False


def read_workbook(name: str, content: bytes, kind: str) -> list[SheetTable]:
    """Read every sheet of a workbook that has cells.

    Raises
    ------
    RefusedError
        If it is damaged, has a password, or is too large.
    """
    if kind != "xls":
        _refuse_bomb(name, content)
    try:
        with CalamineWorkbook.from_filelike(BytesIO(content)) as workbook:
            doubtful = _doubtful(content) if kind == "xlsx" else {}
            return [
                _sheet(
                    name,
                    workbook.get_sheet_by_name(one.name),
                    doubtful.get(one.name, {}),
                    hidden=one.visible != SheetVisibleEnum.Visible,
                )
                for one in workbook.sheets_metadata
            ]
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


def _refuse_bomb(name: str, content: bytes) -> None:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        refuse_large(f"The parts of {name}", sum(one.file_size for one in archive.infolist()))


def _sheet(
    name: str, sheet: CalamineSheet, doubtful: dict[tuple[int, int], str], *, hidden: bool
) -> SheetTable:
    height, width = sheet.total_height, sheet.total_width
    if height * width > limit("workbook_cells"):
        raise refusal(
            "too_large",
            f"The sheet {sheet.name} of {name} spans {height} rows and {width} columns, more "
            f"cells than the {limit('workbook_cells')} that are read. Delete what is no table.",
            table=sheet.name,
        )
    ranges = sheet.merged_cell_ranges or []
    rows = _rows(sheet, ranges)
    spread: dict[int, dict[int, int]] = {}
    for (top, left), (bottom, right) in ranges:
        if right > left:
            for row in range(top, bottom + 1):
                spread.setdefault(row + 1, {})[left + 1] = right + 1
    return SheetTable(
        sheet.name, grid(rows, sheet.name), spread, tuple(_flags(rows, doubtful)), hidden
    )


def _rows(
    sheet: CalamineSheet, ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]]
) -> list[tuple[int, list[str | None]]]:
    """Return the cells of a sheet, those that are merged downwards filled down."""
    cells = [[cell_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, _) in ranges:
        for row in range(top + 1, min(bottom + 1, len(cells))):
            if left < len(cells[row]):
                cells[row][left] = cells[top][left]
    return list(enumerate(cells, start=1))


def _flags(
    rows: list[tuple[int, list[str | None]]], doubtful: dict[tuple[int, int], str]
) -> Iterator[Flag]:
    for (row, column), text in sorted(doubtful.items()):
        cells = rows[row - 1][1] if row <= len(rows) else []
        if (cells[column - 1] if column <= len(cells) else None) is None:
            if text.startswith("#"):
                yield Flag(row, column, "formula_error", text, WRONG.format(text))
            else:
                yield Flag(row, column, "formula_without_value", text, NO_VALUE)


def _doubtful(content: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """Return the formulas and errors of every sheet that has some, by row and column."""
    if not _has_formulas(content):
        return {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=False)
            return {
                sheet.title: {
                    (int(cell.row or 0), int(cell.column or 0)): str(cell.value)
                    for row in sheet.iter_rows()
                    for cell in row
                    if getattr(cell, "data_type", None) in ("f", "e")
                }
                for sheet in book.worksheets
            }
    except (InvalidFileException, KeyError, ValueError, TypeError, AttributeError, *BROKEN):
        return {}


def _has_formulas(content: bytes) -> bool:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for one in archive.namelist():
            if one.startswith(SHEETS):
                with archive.open(one) as part:
                    before = b""
                    while piece := part.read(PIECE):
                        if any(sign in before + piece for sign in SIGNS):
                            return True
                        before = piece[-8:]
    return False
