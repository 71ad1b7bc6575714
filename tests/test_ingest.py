"""The import of a good source: what becomes a row, a visit and a score."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import polars as pl
import pytest

from data.codebook import FOLDER, measures
from data.ingest import RowCount, check
from data.readers.layout import layouts, section_columns
from tests.sources import FOLLOW_UPS, PROCEDURES, SECTIONS, write_source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    return partial(write_source, tmp_path / "source")


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


def test_example_is_read_in_a_second() -> None:
    start = time.perf_counter()
    checked = check(FOLDER / "example")
    assert time.perf_counter() - start < 1
    assert checked.accepted
    assert sum(count.held_back for count in checked.rows.values()) == 0


NO_NUMBERS = [
    "NaN",
    "inf",
    "-inf",
    "Infinity",
    "1e400",
    "١٢",
    "５",
    "²",
    "0x1F",
    "1_0",
    "T 12",
    "=5+3",
]


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_plain_number_never_becomes_a_value(
    make: Callable[..., Path], text: str
) -> None:
    checked = check(make(follow_ups__csv=f"patient_id,visit,vas\nP1,m3,{text}\n"))
    assert [(one.rule, one.value) for one in checked.findings] == [("not_a_number", text)]
    assert checked.tables["follow_ups"].is_empty()


@pytest.mark.parametrize(
    ("text", "value"), [("5.", 5.0), (".5", 0.5), ("+5", 5.0), ("1e0", 1.0), ("-0", 0.0)]
)
def test_numbers_are_read_as_programs_write_them(
    make: Callable[..., Path], text: str, value: float
) -> None:
    checked = check(make(follow_ups__csv=f"patient_id,visit,vas\nP1,m3,{text}\n"))
    assert [str(one) for one in checked.tables["follow_ups"]["value"]] == [str(value)]


@pytest.mark.parametrize("text", ["١٩٤٠", "１９４０", "1e3", "1940.0"])
def test_year_of_birth_in_other_digits_is_held_back(make: Callable[..., Path], text: str) -> None:
    checked = check(make(patients__csv=f"patient_id,birth_year\nP1,{text}\nP2,1940\n"))
    assert [(one.rule, one.value) for one in checked.findings] == [("bad_birth_year", text)]
    assert checked.tables["patients"]["birth_year"].to_list() == [None, 1940]


@pytest.mark.parametrize("text", ["2006-01-١٠", "２００６-01-01", "2006-1-1", "38718"])
def test_date_in_other_digits_or_forms_is_held_back(make: Callable[..., Path], text: str) -> None:
    rows = f"procedure_id,patient_id,operated_on,level\nK1,P1,{text},T12\n"
    checked = check(make(procedures__csv=rows, follow_ups__csv=None))
    (held,) = [one for one in checked.findings if one.severity == "held_back"]
    assert (held.rule, held.value) == ("bad_date", text)
    assert "leave it blank" not in held.advice
    assert checked.rows["procedures"] == RowCount(1, 0, 1)


def test_value_is_reported_as_it_came(make: Callable[..., Path]) -> None:
    checked = check(make(follow_ups__csv="patient_id,visit,vas\nP1,m3,99.0\n"))
    assert [one.value for one in checked.findings] == ["99.0"]


def test_advice_about_many_rows_stays_short(make: Callable[..., Path]) -> None:
    rows = "".join(f"P1,{year}\n" for year in range(1930, 1950))
    checked = check(make(patients__csv=f"patient_id,birth_year\n{rows}"))
    advice = [one.advice for one in checked.findings if one.rule == "contradictory_rows"]
    assert len(advice) == 20
    assert "in rows 2, 3, 4, 5, 6 and 15 more with different values" in advice[0]


def test_all_but_the_first_of_many_identical_rows_are_held_back(make: Callable[..., Path]) -> None:
    checked = check(make(patients__csv="patient_id,sex\nP1,F\nP1,F\nP2,M\nP1,F\nP1,F\n"))
    assert checked.rows["patients"] == RowCount(5, 2, 3)
    found = [(one.row, one.rule, one.column, one.value) for one in checked.findings]
    assert found == [(row, "duplicate_row", None, None) for row in (3, 5, 6)]
    assert {one.advice for one in checked.findings} == {
        "The row is the same as row 2, which is kept; delete one."
    }
