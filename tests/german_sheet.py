"""The sheet of a made-up German department: 40 patients as they stand in Excel, with 12 faults.

A title above the table, VAS in millimetres, numbers as text with a decimal comma, days as text and
as dates, names, a line of sums at the end. Nobody in it exists.
"""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import openpyxl

NAME = "Kyphoplastie Wirbelmetastasen.xlsx"
SHEET = "Patienten"
TITLE = "Kyphoplastie bei Wirbelmetastasen, Stand 30.06.2024"
HEAD = (
    *("Pat.-Nr.", "Name, Vorname", "Geb.-Datum", "Geschlecht", "Primärtumor", "OP-Datum", "Etage"),
    *("Zement (ml)", "Leckage", "Operateur"),
    *("VAS prä", "VAS post", "Datum 3 Mon.", "VAS 3 Mon.", "Datum 12 Mon.", "VAS 12 Mon."),
    *("ODI prä", "ODI 3 Mon.", "ODI 12 Mon."),
    *("Kyphosewinkel prä", "Kyphosewinkel post", "Kyphosewinkel 12 Mon."),
    *("letzter Kontakt", "verstorben am", "Bemerkung"),
)
TUMOURS = ("Mamma-Ca", "Bronchialkarzinom", "NZK", "Kolon-Ca", "CUP", "Schilddrüse")
LEVELS = ("Th12", "L1", "BWK 8", "LWK2", "Th7", "L3", "BWK11")
FIRST_ROW = 4
COUNT = 40
REPEATED = 34

# What was planted: the row of the sheet, the column, and the rule or question that must find it.
FAULTS = (
    (8, "VAS prä", "sentinel"),
    (10, "ODI 3 Mon.", "out_of_range"),
    (13, "OP-Datum", "bad_date"),
    (15, "Etage", "bad_level"),
    (18, "Etage", "span"),
    (20, "Etage", "levels"),
    (23, "VAS 3 Mon.", "says_dead"),
    (25, "ODI 12 Mon.", "says_lost"),
    (29, "Primärtumor", "sex_and_tumour"),
    (32, "Datum 12 Mon.", "after_death"),
    (44, None, "duplicate_row"),
    (46, None, "totals_row"),
)
QUESTIONS = ("span", "levels")


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def _patient(n: int) -> dict[str, Any]:
    operated = date(2021, 3, 1) + timedelta(days=19 * n)
    pain, disability, angle = 62 + 7 * n % 35, 48 + 2 * (n % 17), 12 + n % 11
    return {
        "Pat.-Nr.": f"WS-{n:03}",
        "Name, Vorname": f"Beispiel{n}, {('Anna', 'Karl')[n % 2]}",
        "Geb.-Datum": _day(date(1938 + n % 30, 1 + n % 12, 1 + n % 28)),
        "Geschlecht": "wm"[n % 2],
        "Primärtumor": TUMOURS[n % len(TUMOURS)],
        "OP-Datum": operated if n % 3 else _day(operated),
        "Etage": LEVELS[n % len(LEVELS)],
        "Zement (ml)": f"{3 + n % 4},{n % 10}",
        "Leckage": "ja" if n % 8 == 3 else "nein",
        "Operateur": ("A", "B")[n % 2],
        "VAS prä": pain,
        "VAS post": pain - 35,
        "Datum 3 Mon.": _day(operated + timedelta(days=88 + n % 9)),
        "VAS 3 Mon.": pain - 42 - n % 5,
        "Datum 12 Mon.": _day(operated + timedelta(days=360 + n % 12)),
        "VAS 12 Mon.": pain - 38 + n % 7,
        "ODI prä": disability,
        "ODI 3 Mon.": disability - 22 - n % 6,
        "ODI 12 Mon.": disability - 26 + n % 8,
        "Kyphosewinkel prä": angle,
        "Kyphosewinkel post": angle - 5,
        "Kyphosewinkel 12 Mon.": angle - 4 + n % 3,
        "letzter Kontakt": _day(operated + timedelta(days=400)),
        "verstorben am": None,
        "Bemerkung": None,
    }


def _rows() -> list[dict[str, Any]]:
    rows = [_patient(n) for n in range(1, COUNT + 1)]
    left = ("VAS 12 Mon.", "Datum 12 Mon.", "ODI 12 Mon.", "Kyphosewinkel 12 Mon.")
    planted: dict[int, dict[str, Any]] = {
        8: {"VAS prä": 999},
        10: {"ODI 3 Mon.": 240},
        13: {"OP-Datum": "31.02.2022"},
        15: {"Etage": "HWK7"},
        18: {"Etage": "Th12-L1"},
        20: {"Etage": "Th11, L1"},
        23: dict.fromkeys((*left, "Datum 3 Mon.", "ODI 3 Mon.", "letzter Kontakt"))
        | {"VAS 3 Mon.": "verstorben"},
        25: {"ODI 12 Mon.": "lost"},
        29: {"Geschlecht": "w", "Primärtumor": "Prostata-Ca"},
        32: {"verstorben am": _day(date(2023, 1, 15)), "letzter Kontakt": None},
    }
    for row, cells in planted.items():
        rows[row - FIRST_ROW].update(cells)
    return [*rows, rows[REPEATED - FIRST_ROW]]


def german_sheet() -> bytes:
    """Return the workbook."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = SHEET
    sheet.append([TITLE])
    sheet.append([])
    sheet.append(list(HEAD))
    for row in _rows():
        sheet.append([row[name] for name in HEAD])
    sheet.append([])
    sheet.append(["Summe", *[None] * 6, "181,3"])
    for cell in sheet["F"]:
        cell.number_format = "DD.MM.YYYY"
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()
