"""Small sources of every format and with every fault, each with the findings that it must give.

A case builds its source in a folder. Where it has `answers`, a mapping is proposed, every question
is answered by its code (the proposed answer where none is given), and the source is checked with
that mapping; otherwise it is checked as it is.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import openpyxl

from data.ingest import accept, check
from tests.formats import WRITERS, german_day, text_of, write_csv, write_xlsx
from tests.redcap import Entry, Field, write_dictionary, write_export

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from tests.formats import Cell, Rows, Tables

Found = tuple[str, int | None, str | None, str, str | None]


@dataclass(frozen=True)
class Case:
    """A source: how it is built, what is answered, what is found (table, row, column, rule, value).

    `kept` are rows kept by table; `values` are (patient, visit, measure, value) among the scores.
    """

    name: str
    build: Callable[[Path], Path]
    found: tuple[Found, ...] = ()
    answers: Mapping[str, str] | None = None
    accepted: bool = True
    kept: Mapping[str, int] = field(default_factory=dict)
    values: tuple[tuple[str, str, str, float], ...] = ()


# A good source in the format, as tables


def good(**changed: Rows) -> Tables:
    """Return the good source: three patients, four levels; tables changed by name."""
    tables: Tables = {
        "patients": [
            ["patient_id", "sex", "birth_year", "primary_tumour", "died_on", "last_seen_on"],
            ["P1", "F", 1940.0, "breast", None, date(2007, 1, 20)],
            ["P2", "M", 1950.0, "lung", date(2006, 9, 1), date(2006, 9, 1)],
            ["P3", "F", 1960.0, "Schilddrüse", None, date(2007, 3, 1)],
        ],
        "procedures": [
            ["procedure_id", "patient_id", "operated_on", "level", "cement_ml", "leak"],
            ["K1", "P1", date(2006, 1, 10), "T12", 4.5, "no"],
            ["K2", "P1", date(2006, 1, 10), "L1", 5.0, "yes"],
            ["K3", "P2", date(2006, 2, 10), "L2", 5.5, "no"],
            ["K4", "P3", date(2006, 3, 10), "T8", 3.5, None],
        ],
        "follow_ups": [
            ["patient_id", "visit", "measured_on", "vas", "odi"],
            ["P1", "pre", date(2006, 1, 9), 8.5, 60.0],
            ["P1", "m3", date(2006, 4, 10), 3.0, 30.0],
            ["P2", "pre", date(2006, 2, 9), 7.0, 70.0],
            ["P3", "pre", date(2006, 3, 9), 9.0, 55.0],
            ["P3", "m12", date(2007, 3, 1), 2.0, 20.0],
        ],
        "radiographs": [
            ["procedure_id", "visit", "height_anterior", "kyphosis_angle"],
            ["K1", "pre", 18.5, 12.0],
            ["K1", "post", 21.0, 8.0],
            ["K4", "pre", 15.0, 9.5],
        ],
    }
    return {name: rows for name, rows in (tables | changed).items() if rows}


def with_rows(table: str, *rows: list[Cell]) -> Tables:
    """Return the good source with rows added to one table."""
    return good(**{table: [*good()[table], *rows]})


GOOD = {"patients": 3, "procedures": 4, "follow_ups": 5, "radiographs": 3}
GOOD_VALUES = (("P1", "pre", "vas", 8.5), ("P3", "m12", "odi", 20.0))


def formats() -> list[Case]:
    told = {
        "german csv": "Windows-1252",
        "utf-16 with tabs": "UTF-16",
        "excel serial days": "semicolons",
    }
    return [
        Case(
            f"format: {name}",
            lambda folder, write=write: write(folder / "source", good()),
            tuple((table, None, None, "other_dialect", None) for table in sorted(GOOD))
            if name in told
            else (),
            kept=GOOD,
            values=GOOD_VALUES,
        )
        for name, write in WRITERS.items()
    ]


def _zip(folder: Path) -> Path:
    source = write_csv(folder / "source", good())
    with zipfile.ZipFile(folder / "source.zip", "w") as archive:
        for file in source.iterdir():
            archive.write(file, f"Klinik/{file.name}")
    return folder / "source.zip"


def _registry(folder: Path) -> Path:
    accept(check(write_csv(folder / "source", good())), folder / "registry.duckdb")
    return folder / "registry.duckdb"


def _old_encoding(folder: Path, encoding: str) -> Path:
    tables = good()
    tables["patients"].append(["P4", "F", 1971.0, "Schilddrüsenkarzinom", None, None])
    tables["procedures"].append(["K5", "P4", date(2006, 5, 2), "T9", 3.0, "no"])
    source = write_csv(folder / "source", tables)
    path = source / "patients.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    return source


def _said_separator(folder: Path) -> Path:
    source = write_csv(folder / "source", good(), separator=";", decimal=",", day=german_day)
    for path in source.iterdir():
        path.write_text("sep=;\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    return source


def _other_ending(folder: Path) -> Path:
    write_xlsx(folder / "source.xlsx", good())
    return (folder / "source.xlsx").rename(folder / "source.csv")


def _text_as_xls(folder: Path) -> Path:
    (folder / "source").mkdir()
    for name, rows in good().items():
        text = text_of(rows, separator="\t", decimal=",", day=german_day)
        (folder / "source" / f"{name}.xls").write_bytes(text.encode("cp1252"))
    return folder / "source"


def dialects() -> list[Case]:
    more = GOOD | {"patients": 4, "procedures": 5}
    every = tuple((table, None, None, "other_dialect", None) for table in sorted(GOOD))
    kinds = tuple(
        (table, None, None, rule, None)
        for table in sorted(GOOD)
        for rule in ("other_kind", "other_dialect")
    )
    return [
        Case("format: zip with a folder", _zip, kept=GOOD, values=GOOD_VALUES),
        Case("format: a registry", _registry, kept=GOOD, values=GOOD_VALUES),
        *(
            Case(
                f"encoding: {encoding}",
                lambda folder, encoding=encoding: _old_encoding(folder, encoding),
                (("patients", None, None, "other_dialect", None),),
                kept=more,
            )
            for encoding in ("cp1252", "cp850", "mac-roman", "utf-16")
        ),
        Case("separator said in the first line", _said_separator, every, kept=GOOD),
        Case(
            "workbook named .csv",
            _other_ending,
            (("source", None, None, "other_kind", None),),
            kept=GOOD,
        ),
        Case("text named .xls", _text_as_xls, kinds, kept=GOOD, values=GOOD_VALUES),
    ]


# A department's own wide sheet, in German

WIDE = (
    *("Pat.-Nr.", "Geschlecht", "Geburtsjahr", "Primärtumor", "OP-Datum", "Höhe", "Zement (ml)"),
    *("Leckage", "VAS prä", "VAS 3M", "VAS 12M", "ODI prä", "ODI 12 Monate", "Kyphose prä"),
)
SHEET = "Kyphoplastie"
FIRST: Sequence[Cell] = (
    *("1", "w", 1940, "Mamma-Ca", date(2019, 5, 6), "BWK 12", 4.5, "nein", 9, 3, 2, 80, 30, 12),
)
SECOND: Sequence[Cell] = (
    *("2", "m", 1950, "NSCLC", date(2019, 6, 6), "LWK1", 5.0, "nein", 8, 4, 3, 70, 40, 9),
)
OTHERS: Sequence[Sequence[Cell]] = (
    ("3", "w", 1960, "CUP", date(2019, 7, 6), "Th8", 3.5, "ja", 7.5, 3.5, 2, 66, 24, 15),
    ("4", "w", 1955, "RCC", date(2019, 8, 6), "D9", 4.0, "nein", 6.5, 2, None, 72, None, 11),
)


def wide(cells: Mapping[str, Cell] | None = None, *more: Sequence[Cell]) -> Rows:
    """Return the wide sheet: cells of the patient in row 3 changed, rows added below."""
    second = [(cells or {}).get(name, cell) for name, cell in zip(WIDE, SECOND, strict=True)]
    return [list(row) for row in (WIDE, FIRST, second, *OTHERS, *more)]


def sheet(folder: Path, rows: Rows, name: str = SHEET) -> Path:
    return write_xlsx(folder / "Liste.xlsx", {name: rows})


def cell(column: str, value: Cell, *found: Found) -> Case:
    """Return the wide sheet with one cell of row 3 changed."""
    name = f"{column}: {value}"
    return Case(name, lambda folder: sheet(folder, wide({column: value})), found, answers={})


def at(column: str | None, rule: str, value: str | None, row: int = 3) -> Found:
    return (SHEET, row, column, rule, value)


def lost(row: int = 3, patient: str = "2") -> tuple[Found, ...]:
    """Return what follows in the wide sheet where the procedure of a row is held back."""
    return (at(None, "unknown_procedure", None, row), at("Pat.-Nr.", "no_procedure", patient, row))


def cells() -> list[Case]:
    naming = "NSCLC, Herr Müller, geb. 12.03.1940"
    return [
        cell("VAS 3M", 4),
        cell("VAS 3M", 999, at("VAS 3M", "sentinel", "999")),
        cell("VAS 3M", -99, at("VAS 3M", "sentinel", "-99")),
        cell("VAS 3M", "verstorben", at("VAS 3M", "says_dead", "verstorben")),
        cell("VAS 12M", "† 03/2020", at("VAS 12M", "says_dead", "† 03/2020")),
        cell("VAS 12M", "lost", at("VAS 12M", "says_lost", "lost")),
        cell("VAS 12M", "n.a.", at("VAS 12M", "says_missing", "n.a.")),
        cell("VAS 12M", "viel", at("VAS 12M", "not_a_number", "viel")),
        cell("VAS 12M", date(2024, 5, 3), at("VAS 12M", "not_a_number", "2024-05-03")),
        cell("VAS 3M", 11, at("VAS 3M", "out_of_range", "11")),
        cell("ODI prä", 140, at("ODI prä", "out_of_range", "140")),
        cell("VAS prä", "8,5"),
        cell("Zement (ml)", "4,5 ml"),
        cell("Zement (ml)", 45, at("Zement (ml)", "out_of_range", "45")),
        cell("Geschlecht", "männlich"),
        cell("Geburtsjahr", date(1950, 3, 12), at("Geburtsjahr", "birth_date", None, 1)),
        cell("Geburtsjahr", 2030, at("Geburtsjahr", "bad_birth_year", "2030")),
        cell("Geburtsjahr", 2010, at("Geburtsjahr", "unlikely_age", "2010")),
        cell("Primärtumor", "Chordom", at("Primärtumor", "unknown_tumour", "Chordom")),
        cell("Primärtumor", naming, at("Primärtumor", "identifying_text", None)),
        cell("Primärtumor", "Ovarial-Ca", at("Primärtumor", "sex_and_tumour", "Ovarial-Ca")),
        cell("Höhe", "1. Lendenwirbel"),
        cell("Höhe", "HWK 7", at("Höhe", "bad_level", "HWK 7"), *lost()),
        cell("Höhe", "L6", at("Höhe", "bad_level", "L6"), *lost()),
        cell("Höhe", None, at("Höhe", "bad_level", None), *lost()),
        cell("OP-Datum", None, at("OP-Datum", "missing_date", None), *lost()),
        cell("OP-Datum", date(2091, 1, 1), at("OP-Datum", "bad_date", "2091-01-01"), *lost()),
        cell("Leckage", "vielleicht", at("Leckage", "unknown_code", "vielleicht")),
        cell("Leckage", "ja, paravertebral"),
        cell("Leckage", "nicht untersucht"),
    ]


# Rows and whole sheets


def changed(name: str, rows: Rows, *found: Found, **more: Any) -> Case:
    """Return a case of one sheet."""
    settings = {"answers": {}} | more
    return Case(name, lambda folder: sheet(folder, rows), found, **settings)


def every(column: str, *values: Cell) -> Rows:
    """Return the wide sheet with a column changed from row 2 on."""
    rows, place = wide(), WIDE.index(column)
    for row, value in zip(rows[1:], values, strict=True):
        row[place] = value
    return rows


def _hundred(rows: Rows, *columns: str) -> Rows:
    """Put scores on a scale ten times as long."""
    for row in rows[1:]:
        for column in columns:
            place = WIDE.index(column)
            row[place] = None if row[place] is None else float(row[place]) * 10  # type: ignore[arg-type]
    return rows


SCORES = ("VAS prä", "VAS 3M", "VAS 12M")
HUNDRED = tuple(at(column, "converted_scale", "100", 1) for column in SCORES)


def _merged(folder: Path) -> Path:
    """Write the sheet with its scores under merged names, below a title."""
    book = openpyxl.Workbook()
    made = book.active
    made.title = SHEET
    made.append(["Kyphoplastie-Register der Klinik"])
    made.append([*WIDE[:8], "VAS", None, None, "ODI", None, "Kyphose"])
    made.append([None] * 8 + ["prä", "3 Mo", "12 Mo", "prä", "12 Mo", "prä"])
    for row in wide()[1:]:
        made.append(row)
    made.merge_cells("A1:N1")
    made.merge_cells("I2:K2")
    made.merge_cells("L2:M2")
    book.save(folder / "Liste.xlsx")
    return folder / "Liste.xlsx"


def _formulas(folder: Path) -> Path:
    """Write a formula without a stored value and one with an error."""
    return sheet(folder, wide({"VAS 3M": "=2+2", "VAS 12M": "#DIV/0!"}))


def _hidden(folder: Path) -> Path:
    path = sheet(folder, wide())
    book = openpyxl.load_workbook(path)
    book.create_sheet("Legende")["A1"] = "m = Mann"
    book["Legende"].sheet_state = "hidden"
    book.save(path)
    return path


def _downwards(folder: Path) -> Path:
    """Write two levels of a patient whose number is merged over both rows."""
    path = sheet(folder, [*wide()[:2], [None, *FIRST[1:5], "BWK 11", *FIRST[6:]], *wide()[2:]])
    book = openpyxl.load_workbook(path)
    book[SHEET].merge_cells("A2:A3")
    book.save(path)
    return path


LEVELS = ("Th12", "LWK 2", "D11", "12th thoracic")
SPELLED = every("Höhe", *LEVELS)
BELOW = [*wide()[:2], [None, *FIRST[1:5], "BWK 11", *FIRST[6:]], *wide()[2:]]
NAMED = every("Pat.-Nr.", "Müller, Hans", "Meier, Eva", "Schulz, Ida", "Kunz, Udo")
AMERICAN = every("OP-Datum", "05/06/2019", "06/07/2019", "07/08/2019", "08/09/2019")
TWO_DIGITS = every("OP-Datum", "06.05.19", "16.06.19", "06.07.19", "06.08.19")
AGES = [["Alter" if one == "Geburtsjahr" else one for one in WIDE]] + [
    [*row[:2], 2019 - int(str(row[2])), *row[3:]] for row in wide()[1:]
]
NUMBERED = [
    ["ID", "OP-Datum", "Level 1", "Zement 1", "Level 2", "Zement 2", "VAS prä"],
    ["1", date(2019, 5, 6), "T12", 4.5, "L1", 5.0, 8],
    ["2", date(2019, 6, 6), "T9", 3.5, None, None, 7],
    ["3", date(2019, 7, 6), "L2", 4.0, "T13", 4.0, 6],
]
EVENTS = [
    [*WIDE, "Anschlussfraktur", "Revision"],
    *([*row, None, None] for row in wide()[1:2]),
    [*wide()[2], date(2019, 12, 1), "nein"],
    [*wide()[3], "ja", "ja"],
    [*wide()[4], "nein", None],
]


def rows() -> list[Case]:
    repeated = wide({}, list(SECOND))
    differing = wide({}, [*SECOND[:6], 6.0, *SECOND[7:]])
    other = wide({}, [*SECOND[:2], 1951, *SECOND[3:5], "L3", *SECOND[6:8], *[None] * 6])
    blank = wide({}, [None, *SECOND[1:5], "L3", *SECOND[6:8], *[None] * 6])
    total = wide({}, ["Mittelwert", *[None] * 5, 4.25, None, 7.75, *[None] * 5])
    return [
        changed("row: the same twice", repeated, at(None, "duplicate_row", None, 6)),
        changed(
            "row: the same procedure twice with different cement",
            differing,
            at("Zement (ml)", "contradictory_repeats", "5", 3),
            at("Zement (ml)", "contradictory_repeats", "6", 6),
        ),
        changed(
            "row: the same patient with two years of birth",
            other,
            at("Geburtsjahr", "contradictory_repeats", "1950", 3),
            at("Geburtsjahr", "contradictory_repeats", "1951", 6),
            kept={"patients": 4, "procedures": 5},
        ),
        changed(
            "row: nobody's",
            blank,
            at("Pat.-Nr.", "missing_key", None, 6),
            answers={"below": "hold"},
        ),
        changed("row: a mean below the table", total, at(None, "totals_row", "Mittelwert", 6)),
        Case("sheet: merged names below a title", _merged, answers={}, kept={"procedures": 4}),
        Case(
            "sheet: formulas",
            _formulas,
            (
                at("VAS 3M", "formula_without_value", "=2+2"),
                at("VAS 12M", "formula_error", "#DIV/0!"),
            ),
            answers={},
        ),
        Case(
            "sheet: a hidden one",
            _hidden,
            (("Legende", None, None, "hidden_sheet", None),),
            answers={},
        ),
        Case("sheet: a number merged downwards", _downwards, answers={}, kept={"procedures": 5}),
        changed("levels: spellings", SPELLED, kept={"procedures": 4}),
        changed(
            "levels: two in a cell, confirmed",
            wide({"Höhe": "T11, L1", "Leckage": "ja"}),
            *(
                at(column, "shared_by_levels", value)
                for column, value in (("Kyphose prä", "9"), ("Zement (ml)", "5"), ("Leckage", "ja"))
            ),
            answers={"levels": "each"},
            kept={"procedures": 5},
        ),
        changed(
            "levels: two in a cell, not confirmed",
            wide({"Höhe": "T11, L1"}),
            at("Höhe", "bad_level", "T11, L1"),
            *lost(),
            answers={"levels": "hold"},
        ),
        changed(
            "levels: a span of every level",
            wide({"Höhe": "T11-L1", "Zement (ml)": None, "Kyphose prä": None}),
            answers={"span": "every"},
            kept={"procedures": 6},
        ),
        changed(
            "levels: a span of its ends",
            wide({"Höhe": "T11-L1", "Zement (ml)": None, "Kyphose prä": None}),
            answers={"span": "ends"},
            kept={"procedures": 5},
        ),
        changed(
            "levels: a span, not confirmed",
            wide({"Höhe": "T12-L1"}),
            at("Höhe", "bad_level", "T12-L1"),
            *lost(),
            answers={"span": "hold"},
        ),
        changed(
            "levels: numbered columns",
            NUMBERED,
            at("Level 2", "bad_level", "T13", 4),
            kept={"procedures": 4},
        ),
        changed(
            "scale: VAS 0 to 100",
            _hundred(wide(), *SCORES),
            *HUNDRED,
            values=(("2", "pre", "vas", 8.0), ("4", "m3", "vas", 2.0)),
        ),
        changed(
            "scale: VAS 0 to 100, and a 999",
            _hundred(wide({"VAS 3M": 99.9}), *SCORES),
            *HUNDRED,
            at("VAS 3M", "sentinel", "999"),
        ),
        changed(
            "scale: ODI 0 to 50",
            every("ODI prä", 41, 35, 33, 37),
            at("ODI prä", "converted_scale", "50", 1),
            at("ODI 12 Monate", "converted_scale", "50", 1),
            values=(("1", "pre", "odi", 82.0),),
        ),
        changed(
            "keys: names",
            NAMED,
            at("Pat.-Nr.", "pseudonyms", None, 1),
            kept={"patients": 4, "procedures": 4},
        ),
        changed("keys: below", BELOW, answers={"below": "above"}, kept={"procedures": 5}),
        changed(
            "keys: below, not confirmed",
            BELOW,
            at("Pat.-Nr.", "missing_key", None, 3),
            answers={"below": "hold"},
            kept={"procedures": 4},
        ),
        changed("days: month first", AMERICAN, answers={"dates": "mdy"}, kept={"procedures": 4}),
        changed("days: two figures for the year", TWO_DIGITS, kept={"procedures": 4}),
        changed("ages", AGES, at("Alter", "birth_year_from_age", None, 1)),
        changed("events in columns", EVENTS, kept={"events": 3}),
    ]


# Faults across tables, in the format as a workbook


def book(name: str, tables: Tables, *found: Found, **more: Any) -> Case:
    """Return a case of a workbook with a sheet for each table of the format."""
    return Case(name, lambda folder: write_xlsx(folder / "source.xlsx", tables), found, **more)


def tall(*angles: float) -> Rows:
    """Return films of one patient's thoracic levels."""
    made = good()["radiographs"][:1]
    return [*made, *(["K4", "pre", 15.0, angle] for angle in angles)]


def _centimetres() -> Tables:
    films = good()["radiographs"]
    return good(
        radiographs=[
            films[0],
            *(["K1", visit, 2.0 + n / 10, 9.0] for n, visit in enumerate(("pre", "post", "m3"))),
            *(["K4", visit, 1.5 + n / 10, 9.0] for n, visit in enumerate(("pre", "post", "m3"))),
        ]
    )


def _years() -> Rows:
    """Return a wide sheet of ten patients; the first five were asked on a scale of 0 to 100."""
    made: Rows = [["Pat.-Nr.", "OP-Datum", "Wirbel", "VAS prä", "VAS 3M"]]
    for n in range(10):
        old = n < 5
        made.append(
            [
                f"A{n}",
                date(2014 + n // 5, 2 + n, 3),
                "L1",
                80 + n if old else 8,
                30 + n if old else 3,
            ]
        )
    return made


def _by_year(folder: Path) -> Path:
    return write_xlsx(
        folder / "Liste.xlsx",
        {"2018": [list(WIDE), list(FIRST)], "2019": [list(WIDE), list(SECOND)]},
    )


def _by_visit(folder: Path) -> Path:
    scores = ["Pat.-Nr.", "VAS", "ODI"]
    people = ["Pat.-Nr.", "Geschlecht", "OP-Datum", "Wirbel"]
    return write_xlsx(
        folder / "Liste.xlsx",
        {
            "Stammdaten": [
                people,
                ["1", "w", date(2019, 5, 6), "T12"],
                ["2", "m", date(2019, 6, 6), "L1"],
            ],
            "präop": [scores, ["1", 8, 70], ["2", 7, 66]],
            "3 Monate": [scores, ["1", 3, 30], ["2", 2, 28]],
        },
    )


def _long(folder: Path) -> Path:
    tables: Tables = {
        "Patienten": [
            ["Fallnummer", "Sex", "Diagnose"],
            ["F1", "w", "Mamma-Ca"],
            ["F2", "m", "PCA"],
        ],
        "Eingriffe": [
            ["Fallnummer", "Datum", "Level", "Zement"],
            ["F1", date(2019, 5, 6), "Th12", 4.5],
            ["F2", date(2019, 6, 6), "L3", 5.0],
        ],
        "Verlauf": [
            ["Fallnummer", "Visite", "Untersuchungsdatum", "NRS"],
            ["F1", "prä", date(2019, 5, 5), 8.0],
            ["F1", "3 Monate", date(2019, 8, 6), 3.0],
            ["F9", "prä", date(2019, 6, 5), 7.0],
        ],
    }
    return write_csv(
        folder / "source", tables, "cp1252", separator=";", decimal=",", day=german_day
    )


def tables() -> list[Case]:
    late = date(2006, 12, 1)
    negative = {
        "radiographs": tall(-9, -8, -7, -12, -10),
    }
    seen = [row[:] for row in good()["patients"]]
    seen[3][5] = date(2006, 6, 1)
    return [
        book(
            "tables: a score of nobody",
            with_rows("follow_ups", ["P9", "pre", None, 5.0, None]),
            ("follow_ups", 7, "patient_id", "unknown_patient", "P9"),
        ),
        book(
            "tables: a film of no procedure",
            with_rows("radiographs", ["K9", "pre", 20.0, None]),
            ("radiographs", 5, "procedure_id", "unknown_procedure", "K9"),
        ),
        book(
            "tables: a score after the death",
            with_rows("follow_ups", ["P2", "m12", date(2007, 2, 1), 5.0, None]),
            ("follow_ups", 7, "measured_on", "after_death", "2007-02-01"),
        ),
        book(
            "tables: a score before the operation",
            with_rows("follow_ups", ["P2", "m3", date(2006, 1, 1), 5.0, None]),
            ("follow_ups", 7, "measured_on", "before_operation", "2006-01-01"),
        ),
        book(
            "tables: a visit outside its window",
            with_rows("follow_ups", ["P1", "m6", late, 5.0, None]),
            ("follow_ups", 7, "measured_on", "outside_window", "2006-12-01"),
        ),
        book(
            "tables: visits in the wrong order",
            with_rows(
                "follow_ups",
                ["P1", "m6", date(2006, 4, 1), 5.0, None],
            ),
            ("follow_ups", 7, "measured_on", "outside_window", "2006-04-01"),
            ("follow_ups", 7, "measured_on", "visit_order", "2006-04-01"),
        ),
        book(
            "tables: two scores of a visit",
            with_rows("follow_ups", ["P1", "m3", date(2006, 4, 10), 6.0, None]),
            ("follow_ups", 3, "visit", "contradictory_rows", "m3"),
            ("follow_ups", 7, "visit", "contradictory_rows", "m3"),
        ),
        book(
            "tables: two keys that are alike",
            with_rows("patients", ["P01", "F", 1940.0, "breast", None, None]),
            ("patients", 2, "patient_id", "similar_keys", "P1"),
            ("patients", 5, "patient_id", "similar_keys", "P01"),
            ("patients", 5, "patient_id", "no_procedure", "P01"),
        ),
        book(
            "tables: one person under two keys",
            good(
                patients=[*good()["patients"], ["Q7", "F", 1960.0, "thyroid", None, None]],
                procedures=[
                    *good()["procedures"],
                    ["K7", "Q7", date(2006, 3, 10), "T8", 3.5, None],
                ],
            ),
            ("patients", 4, "patient_id", "same_person", "P3"),
            ("patients", 5, "patient_id", "same_person", "Q7"),
        ),
        book(
            "tables: measured after last seen",
            good(patients=seen),
            ("patients", 4, "last_seen_on", "seen_later", "2006-06-01"),
        ),
        book(
            "tables: keys that are names, as a workbook",
            with_rows("patients", ["Huber, Eva", "F", 1940.0, "breast", None, None]),
            *(
                (table, 1, "patient_id", "pseudonyms", None)
                for table in ("patients", "procedures", "follow_ups")
            ),
            ("patients", 5, "patient_id", "no_procedure", None),
            answers={},
            kept=GOOD | {"patients": 4},
        ),
        Case(
            "tables: keys that are names, in the format",
            lambda folder: write_csv(
                folder / "source",
                with_rows("patients", ["Huber, Eva", "F", 1940.0, "breast", None, None]),
            ),
            (("patients", 5, "patient_id", "identifying_key", None),),
            kept=GOOD,
        ),
        book(
            "unit: heights in centimetres",
            _centimetres(),
            ("radiographs", 1, "height_anterior", "converted_scale", "10"),
            answers={},
        ),
        book(
            "unit: heights in centimetres, not converted",
            _centimetres(),
            ("radiographs", 1, "height_anterior", "unit_suspected", None),
            answers={"unit": "1"},
        ),
        book(
            "sign: kyphosis negative",
            good(**negative),
            ("radiographs", 1, "kyphosis_angle", "sign_suspected", None),
        ),
        book(
            "film: higher than expected",
            good(
                radiographs=[
                    ["procedure_id", "visit", "height_anterior", "height_anterior_reference"],
                    ["K1", "pre", 30.0, 22.0],
                ]
            ),
            ("radiographs", 2, "height_anterior", "above_expected", "30"),
        ),
        book(
            "film: an angle against the heights",
            good(
                radiographs=[
                    ["procedure_id", "visit", "height_anterior", "height_posterior", "wedge_angle"],
                    ["K1", "pre", 16.0, 24.0, -12.0],
                ]
            ),
            ("radiographs", 2, "wedge_angle", "angle_against_heights", "-12"),
        ),
        book(
            "film: a jump between visits",
            with_rows("radiographs", ["K4", "post", 16.0, 55.0]),
            ("radiographs", 5, "kyphosis_angle", "implausible_jump", "55"),
        ),
        changed(
            "scale: VAS that changed in 2015",
            _years(),
            at("VAS prä", "converted_scale", "100", 1),
            at("VAS 3M", "converted_scale", "100", 1),
            values=(("A0", "pre", "vas", 8.0), ("A9", "pre", "vas", 8.0), ("A4", "m3", "vas", 3.4)),
        ),
        changed(
            "scale: VAS that changed, taken for one",
            _years(),
            at("VAS prä", "scale_suspected", None, 1),
            *(at("VAS prä", "out_of_range", str(80 + n), 2 + n) for n in range(5)),
            *(at("VAS 3M", "out_of_range", str(30 + n), 2 + n) for n in range(5)),
            answers={"scale_change": "same"},
        ),
        Case("sheets of years", _by_year, answers={}, kept={"patients": 2, "procedures": 2}),
        Case(
            "sheets of visits",
            _by_visit,
            answers={},
            kept={"patients": 2, "procedures": 2, "follow_ups": 4},
            values=(("2", "m3", "odi", 28.0), ("1", "pre", "vas", 8.0)),
        ),
        Case(
            "German text files",
            _long,
            (
                *(
                    (name, None, None, "other_dialect", None)
                    for name in ("Eingriffe", "Patienten", "Verlauf")
                ),
                ("Verlauf", 4, "Fallnummer", "unknown_patient", "F9"),
            ),
            answers={},
            kept={"patients": 2, "procedures": 2, "follow_ups": 2},
            values=(("F1", "m3", "vas", 3.0),),
        ),
    ]


# REDCap

SEX = {"1": "Female", "2": "Male"}
PLACES = {"1": "Epidural", "2": "Paravertebral"}
ANSWERS = {"1": "Breast", "2": "Lung", "9": "Soft tissue sarcoma"}
FIELDS = (
    Field("record_id", "demographics"),
    Field("patient_name", "demographics", label="Name of the patient", identifier=True),
    Field("sex", "demographics", "radio", "Sex", SEX),
    Field("primary_tumour", "demographics", "dropdown", "Primary tumour", ANSWERS),
    Field("surgery_date", "demographics", label="Date of surgery"),
    Field("level", "treated_level", label="Treated level"),
    Field("cement_ml", "treated_level", label="Cement (ml)"),
    Field("leak", "treated_level", "yesno", "Cement leak"),
    Field("leak_location", "treated_level", "checkbox", "Leak location", PLACES),
    Field("centre", "treated_level", "dropdown", "Centre", {"1": "North", "2": "South"}),
    Field("pain_nrs", "proms", label="Pain (0-10)"),
    Field("odi", "proms", label="Oswestry"),
)
ENTRIES = (
    Entry("7", "pre", {"patient_name": "Eva Huber", "sex": "1", "primary_tumour": "1",
                       "surgery_date": "2019-05-06", "pain_nrs": "8", "odi": "-99"}),
    Entry("7", "pre", {"level": "T12", "cement_ml": "4.5", "leak": "1", "leak_location": "2"},
          "treated_level", "1"),
    Entry("7", "pre", {"level": "L1", "cement_ml": "UNK", "leak": "0", "leak_location": ""},
          "treated_level", "2"),
    Entry("7", "m3", {"pain_nrs": "3", "odi": "28"}),
    Entry("8", "pre", {"patient_name": "Udo Kunz", "sex": "2", "primary_tumour": "9",
                       "surgery_date": "2019-06-06", "pain_nrs": "7"}),
    Entry("8", "pre", {"level": "T9", "leak": "0", "centre": "1"}, "treated_level", "1"),
)  # fmt: skip


def _redcap(folder: Path, *, labelled: bool = False, dictionary: bool = True) -> Path:
    (folder / "source").mkdir()
    if dictionary:
        write_dictionary(folder / "source" / "dictionary.csv", FIELDS)
    write_export(folder / "source" / "export.csv", FIELDS, ENTRIES, labelled=labelled)
    return folder / "source"


def redcap() -> list[Case]:
    kept = {"patients": 2, "procedures": 3, "follow_ups": 3}
    values = (("7", "pre", "vas", 8.0), ("7", "m3", "odi", 28.0))
    tumour = ("demographics", 6, "primary_tumour", "unknown_tumour")
    return [
        Case(
            "REDCap: raw",
            _redcap,
            (("export", 1, "patient_name", "identifier_column", None), (*tumour, "9")),
            {},
            kept=kept,
            values=values,
        ),
        Case(
            "REDCap: labelled",
            lambda folder: _redcap(folder, labelled=True),
            (
                ("export", 1, "Name of the patient", "identifier_column", None),
                (*tumour, "Soft tissue sarcoma"),
            ),
            {},
            kept=kept,
            values=values,
        ),
        Case(
            "REDCap: raw without its dictionary",
            lambda folder: _redcap(folder, dictionary=False),
            (
                ("export", 1, "patient_name", "identifier_column", None),
                *(
                    (table, 1, column, "unknown_column", None)
                    for table, column in (
                        ("export", "sex"),
                        ("export", "primary_tumour"),
                        ("treated_level", "leak_location"),
                    )
                ),
            ),
            {},
            kept=kept,
            values=values,
        ),
    ]


# Sources that are refused


def raw(name: str, content: bytes) -> Callable[[Path], Path]:
    def build(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return build


def refused(name: str, build: Callable[[Path], Path], rule: str, table: str, **more: Any) -> Case:
    found = ((table, more.pop("row", None), None, rule, None),)
    return Case(f"refused: {name}", build, found, accepted=False, **more)


def _damaged_workbook(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "Liste.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook")
    return folder / "Liste.xlsx"


def _empty(folder: Path) -> Path:
    (folder / "source").mkdir()
    return folder / "source"


def refusals() -> list[Case]:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    page = b"<html><table><tr><td>Pat.-Nr.</td></tr></table></html>"
    return [
        refused(
            "a mapping is needed", lambda folder: sheet(folder, wide()), "mapping_needed", "source"
        ),
        refused("a PDF", raw("Liste.pdf", b"%PDF-1.7 ..."), "no_table", "source"),
        refused("a web page named .xls", raw("Liste.xls", page), "no_table", "source"),
        refused("an empty file", raw("Liste.csv", b""), "no_table", "source"),
        refused("a broken .zip", raw("Liste.xlsx", b"PK\x03\x04 no zip"), "broken_zip", "source"),
        refused("a damaged workbook", _damaged_workbook, "broken_workbook", "Liste.xlsx"),
        refused("a damaged .xls", raw("Liste.xls", ole), "broken_workbook", "Liste.xls"),
        refused(
            "a damaged Parquet file",
            raw("a.parquet", b"PAR1 nothing PAR1"),
            "broken_file",
            "a",
        ),
        refused(
            "a damaged SQLite file",
            raw("a.sqlite", b"SQLite format 3\0" + b"x" * 4096),
            "broken_file",
            "a",
        ),
        refused(
            "a damaged DuckDB file",
            raw("a.duckdb", bytes(8) + b"DUCK" + bytes(4084)),
            "broken_file",
            "a",
        ),
        refused("an empty folder", _empty, "missing_file", "patients"),
        refused(
            "a text with NULs",
            raw("a.csv", b"Pat.-Nr.,Wirbel\n1,\0\n"),
            "nul_byte",
            "a.csv",
            row=2,
        ),
        refused(
            "an open quote",
            raw("a.csv", b'Pat.-Nr.,Wirbel\n1,"T12\n'),
            "malformed_csv",
            "a.csv",
            row=2,
        ),
        refused(
            "bytes of no encoding",
            raw("a.csv", "Pat.-Nr.,Primärtumor,Größe\n".encode() + b"1,\xff\xfe\n"),
            "not_utf8",
            "a.csv",
            row=2,
        ),
    ]


def corpus() -> list[Case]:
    """Return every case."""
    return [
        case
        for group in (formats, dialects, cells, rows, tables, redcap, refusals)
        for case in group()
    ]
