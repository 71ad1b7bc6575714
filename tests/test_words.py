"""Levels, visits, names and cells in the spellings of hospitals."""

from __future__ import annotations

from datetime import date

import pytest

from data.codebook import measures
from data.mapping import cells
from data.mapping.levels import read_levels, whole_span
from data.mapping.recognise import phrases, recognise
from data.mapping.targets import targets
from data.mapping.visit_names import read_visit, visit_text
from data.words import lexicon, plain, said, tokens

DAY = date(2026, 11, 22)

LEVELS = [
    *(
        (text, "one", ("T12",))
        for text in ("T12", "Th12", "TH 12", "Th. 12", "D12", "T-12", "12.BWK")
    ),
    *((text, "one", ("T12",)) for text in ("BWK12", "BWK 12", "12th thoracic", "thoracic 12")),
    *((text, "one", ("L1",)) for text in ("L1", "LWK1", "L 01", "1. Lendenwirbel", "L1 (oben)")),
    ("1st lumbar vertebra", "one", ("L1",)),
    ("Brustwirbelkörper 8", "one", ("T8",)),
    ("L1, L1", "one", ("L1",)),
    *((text, "several", ("T11", "L1")) for text in ("T11, L1", "Th11 + LWK1", "BWK 11 und L1")),
    ("BWK 11, 12", "several", ("T11", "T12")),
    ("11, 12 BWK", "several", ("T11", "T12")),
    *((text, "span", ("T12", "L1")) for text in ("T12-L1", "Th12 – L1", "T12 bis L1", "T12/L1")),
    ("L1-3", "span", ("L1", "L3")),
    *((text, "none", ()) for text in ("12", "", "x", "WK", "L1 L2 L3", "BWK 12 th", "1-2-3", ",")),
    ("T11, T12-L1", "none", ("T11", "T12", "L1")),
]


@pytest.mark.parametrize(("text", "kind", "levels"), LEVELS)
def test_levels_are_read_in_every_spelling(text: str, kind: str, levels: tuple[str, ...]) -> None:
    found = read_levels(text)
    assert (found.kind, found.levels) == (kind, levels)


def test_levels_that_cannot_be_treated_are_read_and_not_known() -> None:
    for text, level in (("HWK 7", "C7"), ("L6", "L6"), ("T13", "T13"), ("S1", "S1")):
        assert read_levels(text).levels == (level,)
        assert not read_levels(text).known
    assert whole_span("L1", "T11") == ("T11", "T12", "L1")


VISITS = [
    ("VAS_pre", "pre"),
    ("VAS vor OP", "pre"),
    ("VAS T0", "pre"),
    ("VAS 0 Monate", "pre"),
    ("VAS postop", "post"),
    ("VAS nach der OP", "post"),
    ("VAS 3M", "m3"),
    ("VAS m3", "m3"),
    ("VAS nach drei Monaten", "m3"),
    ("ODI 12 Monate postop", "m12"),
    ("ODI nach 1 Jahr", "m12"),
    ("ODI 2 years", "m24"),
]


@pytest.mark.parametrize(("name", "visit"), VISITS)
def test_visits_are_found_in_the_names_of_columns(name: str, visit: str) -> None:
    found = read_visit(tokens(name))
    assert (found.visit, found.doubt, found.rest) == (visit, None, (tokens(name)[0],))


@pytest.mark.parametrize(
    ("name", "visit", "doubt"),
    [("VAS 6 Wochen", None, "6 wochen"), ("VAS 9 Monate", "m12", "9 monate"), ("VAS", None, None)],
)
def test_times_that_are_no_visit_are_doubted(
    name: str, visit: str | None, doubt: str | None
) -> None:
    found = read_visit(tokens(name))
    assert (found.visit, found.doubt) == (visit, doubt)


@pytest.mark.parametrize(
    ("text", "visit"),
    [
        *(("M12", "m12"), ("other", "other"), ("prä", "pre"), ("3", "m3"), ("0", "pre")),
        *(("Entlassung", "post"), ("3_month_arm_1", "m3"), ("3 Months (Arm 1: A)", "m3")),
        *(("visit_1_arm_1", None), ("6 weeks", None), ("FU 2", None), ("", None), ("3 4", None)),
    ],
)
def test_visits_are_read_from_cells(text: str, visit: str | None) -> None:
    assert visit_text(text) == visit


NAMES = [
    ("Pat.-Nr.", "patients.patient_id", None),
    ("Geb.-Datum", "patients.birth_date", None),
    ("Datum OP", "procedures.operated_on", None),
    ("Level treated", "procedures.level", None),
    ("Zementaustrit", "procedures.leak", None),
    ("Schmerz (VAS 0-100) präop", "follow_ups.vas", "pre"),
    ("Datum NU 3 Monate", "follow_ups.measured_on", "m3"),
    ("Datum VAS 3M", "follow_ups.measured_on", "m3"),
    ("Cobb 3M Datum", "radiographs.measured_on", "m3"),
    ("Referenzhöhe ventral", "radiographs.height_anterior_reference", None),
    ("Cobb ref", None, None),
    ("Kyphosewinkel 6 Mo [°]", "radiographs.kyphosis_angle", "m6"),
    ("Höhe ventral post (mm)", "radiographs.height_anterior", "post"),
    ("ODI Item 5", "follow_ups.odi_5", None),
    ("TelefonNr", "identifier", None),
    ("Name der Klinik", "procedures.centre", None),
    ("Bemerkung", None, None),
    ("Δ VAS", None, None),
    ("EF", None, None),
    ("", None, None),
    ("x" * 500, None, None),
]


@pytest.mark.parametrize(("name", "becomes", "visit"), NAMES)
def test_columns_are_recognised_by_their_names(
    name: str, becomes: str | None, visit: str | None
) -> None:
    guess = recognise(name)
    assert (guess.becomes, guess.visit) == (becomes, visit)
    assert 0 <= guess.confidence < 1


def test_names_of_the_format_are_certain_in_its_own_tables_alone() -> None:
    assert recognise("vas", table="follow_ups").confidence == 1
    assert recognise("vas", table="Tabelle1").confidence < 1
    assert recognise("procedure_id", table="events").becomes == "procedures.procedure_id"
    assert recognise("x12", "Pain (VAS)").becomes == "follow_ups.vas"
    assert recognise("VAS (0-100)").top == 100
    assert recognise("Höhe ventral cm").unit == "cm"


def test_every_name_means_something_that_there_is() -> None:
    assert set(phrases().values()) - set(targets()) == {"identifier"}
    for measure in measures().values():
        assert recognise(measure.label).becomes in targets()


NUMBERS = [
    ("3,5", ",", "3.5"),
    ("3.5", ",", "3.5"),
    ("1.234", ",", "1234"),
    ("3,5 ml", ",", "3.5"),
    ("-0", ".", "0"),
    ("12°", ".", "12"),
    ("−5", ".", "-5"),
    ("8.50", ".", "8.5"),
    ("3,5", ".", "3,5"),
    ("ca. 4", ".", "ca. 4"),
]


@pytest.mark.parametrize(("text", "decimal", "number"), NUMBERS)
def test_numbers_are_read_with_the_mark_of_their_column(
    text: str, decimal: str, number: str
) -> None:
    assert cells.number_cell(text, decimal) == number


DAYS = [
    ("12.03.2007", "dmy", "2007-03-12"),
    ("12.03.07", "dmy", "2007-03-12"),
    ("12.03.57", "dmy", "1957-03-12"),
    ("03/12/2007", "mdy", "2007-03-12"),
    ("2007-03-12 00:00:00", None, "2007-03-12"),
    ("2007/03/12", None, "2007-03-12"),
    ("12. März 2007", None, "2007-03-12"),
    ("März 2007", None, "2007-03"),
    ("03/2007", None, "2007-03"),
    ("39153", "excel", "2007-03-12"),
    ("39153", "dmy", "2007-03-12"),
    ("20070312", None, "2007-03-12"),
    ("2007", None, "2007"),
    *((text, "dmy", text) for text in ("31.02.2007", "12.03.200", "123.4.2007", "x", "99999")),
    *((text, "dmy", text) for text in ("13/2007", "32. März 2007", "Foo 2007", "20071301")),
    ("12.03.2007", None, "12.03.2007"),
]


@pytest.mark.parametrize(("text", "order", "day"), DAYS)
def test_days_are_read_in_the_order_of_their_column(text: str, order: str | None, day: str) -> None:
    assert cells.date_cell(text, order, DAY) == day


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("12.03.40", "1940"),
        ("12.03.20", "1920"),
        ("12.03.05", "2005"),
        ("1940", "1940"),
        ("alt", "alt"),
    ],
)
def test_births_lie_in_the_last_hundred_and_ten_years(text: str, year: str) -> None:
    assert cells.birth_cell(text, "dmy", DAY) == year


@pytest.mark.parametrize(
    ("text", "leak"),
    [
        ("nein", ("no", None)),
        ("ja", ("yes", None)),
        ("ja, paravertebral", ("yes", "paravertebral")),
        ("epidural/B; venös", ("yes", "epidural/B;venous")),
        ("Austritt in die Bandscheibe", ("yes", "intradiscal")),
        ("vielleicht", ("vielleicht", None)),
        ("", ("", None)),
    ],
)
def test_leaks_are_read_with_the_places_that_they_name(
    text: str, leak: tuple[str, str | None]
) -> None:
    assert cells.leak_cell(text) == leak


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Mamma-Ca li.", ("breast",)),
        ("Z.n. Mammakarzinom 2009", ("breast",)),
        ("kleinzelliges Bronchialkarzinom", ("lung",)),
        ("Mamma und Colon", ("breast", "colorectal")),
        ("Chordom", ()),
        ("other", ("other",)),
    ],
)
def test_tumours_are_found_in_free_text(text: str, codes: tuple[str, ...]) -> None:
    assert cells.tumour_codes(text) == codes


@pytest.mark.parametrize(
    ("text", "answer"),
    [("verstorben", "yes"), ("lebt", "no"), ("ja", "yes"), ("0", "no"), ("?", "?")],
)
def test_deaths_are_read_from_words(text: str, answer: str) -> None:
    assert cells.died_cell(text) == answer


@pytest.mark.parametrize(
    ("text", "word"),
    [
        *((text, "dead") for text in ("verstorben", "† 03/2007", "verst. 12.03.2007", "Exitus")),
        *((text, "lost") for text in ("lost", "lost to FU", "nicht erschienen")),
        *((text, "missing") for text in ("n.a.", "k.A.", "-", "?", "unbekannt")),
        *((text, None) for text in ("5", "viel", "n.a. 3", "x" * 200)),
    ],
)
def test_words_in_cells_say_what_they_say(text: str, word: str | None) -> None:
    assert said(text) == word


def test_words_are_compared_without_capitals_umlauts_and_marks() -> None:
    assert plain(" Größe (ÄÖÜ), é! ") == "groesse aeoeue e"
    assert tokens("OpDatum_3M") == ("op", "datum", "3", "m")
    assert lexicon("sex")["weiblich"] == "F"
