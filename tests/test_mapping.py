"""A mapping as a value: proposed, questioned, answered, changed, kept as a file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from data.ingest import accept, check, main, propose, read_raw, refine, review
from data.mapping.edit import answer, assign, translate
from data.mapping.file import dump_mapping, load_mapping
from data.mapping.model import Choice, ColumnMap, Mapping, Period, Question, TableMap
from data.mapping.targets import targets
from data.readers.refusal import RefusedError
from data.salts import keep_salt, salt_of, salts_file
from data.warehouse import stored_tables
from tests.corpus import FIRST, SHEET, WIDE, sheet, wide
from tests.formats import write_csv, write_xlsx

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from data.ingest import Checked
    from data.mapping.model import Proposal
    from data.readers.raw import Raw
    from tests.formats import Cell, Rows

DAY = date(2026, 11, 22)


def proposed(folder: Path, rows: Rows, name: str = SHEET) -> tuple[Raw, Proposal]:
    raw = read_raw(sheet(folder, rows, name), DAY)
    return raw, propose(raw, DAY)


def columns(mapping: Mapping, table: int = 0) -> dict[str, ColumnMap]:
    return {one.column: one for one in mapping.tables[table].columns}


def rules(checked: Checked) -> set[str]:
    return {one.rule for one in checked.findings}


def beside(rows: Rows, *column: Cell) -> Rows:
    """Return rows with a column more."""
    return [[*row, cell] for row, cell in zip(rows, column, strict=True)]


def tenfold(rows: Rows) -> Rows:
    """Return the wide sheet with its pain on a scale of 0 to 100."""
    for row in rows[1:]:
        row[8:11] = [None if one is None else float(str(one)) * 10 for one in row[8:11]]
    return rows


# Proposals


def test_evidence_says_what_a_column_becomes_and_why(tmp_path: Path) -> None:
    _, proposal = proposed(tmp_path, wide({"Primärtumor": "Chordom"}))
    by_column = {one.column: one for one in proposal.evidence}
    assert list(by_column) == list(WIDE)
    tumour = by_column["Primärtumor"]
    assert (tumour.becomes, tumour.filled, tumour.readable) == ("patients.primary_tumour", 4, 0.75)
    assert set(tumour.examples) == {"Mamma-Ca", "Chordom", "CUP", "RCC"}
    assert 0.8 < tumour.confidence < 0.95
    assert by_column["VAS 3M"].visit == "m3"
    assert proposal.missing == ()
    assert not proposal.certain
    assert {one.text: one.code for one in proposal.tumours} == {
        "CUP": "unknown", "Chordom": "other", "Mamma-Ca": "breast", "RCC": "kidney"
    }  # fmt: skip


def test_columns_that_identify_people_show_no_examples(tmp_path: Path) -> None:
    rows: Rows = [
        ["Pat.-Nr.", "Name", "Geb.-Datum", "OP-Datum", "Wirbel"],
        ["1", "Eva Huber", date(1940, 3, 12), date(2019, 5, 6), "T12"],
    ]
    _, proposal = proposed(tmp_path, rows)
    by_column = {one.column: one for one in proposal.evidence}
    assert by_column["Name"].becomes is None
    assert by_column["Name"].examples == by_column["Geb.-Datum"].examples == ()
    assert "Huber" not in dump_mapping(proposal.mapping, proposal.questions)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    _, proposal = proposed(tmp_path, [["Pat.-Nr.", "VAS prä"], ["1", 8]])
    assert proposal.missing == ("procedures.operated_on", "procedures.level")


def test_a_name_is_not_believed_against_its_cells(tmp_path: Path) -> None:
    rows = [[*row, cell] for row, cell in zip(wide(), ("Anzahl Wirbel", 1, 2, 1, 1), strict=True)]
    rows = [
        [*row, cell]
        for row, cell in zip(rows, ("Etage der Station", "a", "b", "c", "d"), strict=True)
    ]
    _, proposal = proposed(tmp_path, rows)
    by_column = {one.column: one for one in proposal.evidence}
    assert by_column["Anzahl Wirbel"].becomes is None
    assert by_column["Etage der Station"].becomes is None
    assert "0% of the cells" in by_column["Etage der Station"].why


def test_cells_speak_where_names_say_nothing(tmp_path: Path) -> None:
    rows: Rows = [
        ["Pat.-Nr.", "OP-Datum", "A", "B", "C"],
        *([str(n), date(2019, 5, n), "T12", "Mamma-Ca", sex] for n, sex in enumerate("wmwm", 1)),
    ]
    rows[2][2], rows[3][3] = "BWK 9", "CUP"
    _, proposal = proposed(tmp_path, rows)
    assert [columns(proposal.mapping)[name].becomes for name in "ABC"] == [
        "procedures.level", "patients.primary_tumour", "patients.sex"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("names", "becomes"),
    [
        (("ODI 3", "ODI 6"), ("follow_ups.odi", "m3")),
        (("ODI 1", "ODI 2"), ("follow_ups.odi_1", None)),
        (("VAS 0", "VAS 3"), ("follow_ups.vas", "pre")),
    ],
)
def test_numbers_behind_a_score_are_months_or_sections(
    tmp_path: Path, names: tuple[str, str], becomes: tuple[str, str | None]
) -> None:
    values: Sequence[Cell] = (3, 4)
    rows: Rows = [
        ["Pat.-Nr.", "OP-Datum", "Wirbel", "Visite", *names],
        ["1", date(2019, 5, 6), "T12", "prä", *values],
        ["2", date(2019, 6, 6), "L1", "prä", *values],
    ]
    if becomes[1]:
        rows = [[*row[:3], *row[4:]] for row in rows]
    _, proposal = proposed(tmp_path, rows)
    first = columns(proposal.mapping)[names[0]]
    assert (first.becomes, first.visit) == becomes
    asked = [one.code for one in proposal.questions if one.column in names]
    assert asked == (["visit", "visit"] if becomes[1] else [])


def test_scores_without_a_visit_are_asked_about(tmp_path: Path) -> None:
    rows: Rows = [["Pat.-Nr.", "OP-Datum", "Wirbel", "VAS"], ["1", date(2019, 5, 6), "T12", 8]]
    raw, proposal = proposed(tmp_path, rows)
    (question,) = proposal.questions
    assert (question.code, question.column, question.proposed) == ("visit", "VAS", None)
    checked = check(tmp_path / "Liste.xlsx", answer(proposal.mapping, question, "m3"))
    assert checked.tables["follow_ups"]["visit"].to_list() == ["m3"]
    left_out = answer(proposal.mapping, question, "none")
    assert columns(left_out)["VAS"].becomes is None
    assert review(raw, left_out, DAY).questions == ()


def test_times_between_visits_are_asked_about(tmp_path: Path) -> None:
    rows = beside(wide(), "VAS 9 Monate", 5, 4, 3, 2)
    _, proposal = proposed(tmp_path, rows)
    (question,) = [one for one in proposal.questions if one.column == "VAS 9 Monate"]
    assert question.proposed == "m12"
    assert "says “9 monate”" in question.evidence
    finding = check(tmp_path / "Liste.xlsx", answer(proposal.mapping, question, "m12")).findings[0]
    assert finding.rule == "bad_mapping"
    assert "the same of “VAS 12M” and “VAS 9 Monate”" in finding.advice


def test_two_columns_for_one_thing_are_asked_about(tmp_path: Path) -> None:
    rows = [[*row, *cells] for row, cells in zip(wide(), PAINS, strict=True)]
    raw, proposal = proposed(tmp_path, rows)
    (question,) = [one for one in proposal.questions if one.code == "twice"]
    assert question.text == "Which column is “Score: Pain (VAS)” at the visit 6 months?"
    assert {choice.key for choice in question.choices} == {"VAS Ruhe 6M", "VAS Belastung 6M"}
    kept = columns(answer(proposal.mapping, question, question.column))
    moved = columns(answer(proposal.mapping, question, question.also[0]))
    assert kept[question.column].becomes == moved[question.also[0]].becomes == "follow_ups.vas"
    assert kept[question.also[0]].becomes is moved[question.column].becomes is None
    assert moved[question.also[0]].visit == "m6"
    assert raw.tables[0].width == len(WIDE) + 2


PAINS: Rows = [["VAS Ruhe 6M", "VAS Belastung 6M"], *([n, n + 2] for n in range(4))]


def test_texts_of_visits_and_sexes_are_asked_about_one_by_one(tmp_path: Path) -> None:
    rows: Rows = [
        ["Pat.-Nr.", "Geschlecht", "OP-Datum", "Wirbel", "Visite", "VAS"],
        ["1", "w", date(2019, 5, 6), "T12", "prä", 8],
        ["1", "w", date(2019, 5, 6), "T12", "U2", 4],
        ["2", "weibl", date(2019, 6, 6), "L1", "prä", 8],
        ["2", "k.A.", date(2019, 6, 6), "L1", "3M", 3],
    ]
    raw, proposal = proposed(tmp_path, rows)
    mapping = proposal.mapping
    assert [one.key for one in proposal.questions] == ["values:weibl", "values:U2"]
    for question, key in zip(proposal.questions, ("F", "m6"), strict=True):
        mapping = answer(mapping, question, key)
    checked = check(tmp_path / "Liste.xlsx", mapping)
    assert checked.tables["patients"]["sex"].to_list() == ["F", "F"]
    assert checked.tables["follow_ups"]["visit"].to_list() == ["pre", "m6", "pre", "m3"]
    assert review(raw, mapping, DAY).evidence[1].readable == 0.75


@pytest.mark.parametrize("header", ["Datum", "Untersuchung am"])
def test_the_only_day_of_a_table_of_levels_is_that_of_the_operation(
    tmp_path: Path, header: str
) -> None:
    rows: Rows = [["Pat.-Nr.", header, "Wirbel"], ["1", date(2019, 5, 6), "T12"]]
    _, proposal = proposed(tmp_path, rows)
    assert columns(proposal.mapping)[header].becomes == "procedures.operated_on"


def test_the_only_day_of_a_table_of_events_is_that_of_the_event(tmp_path: Path) -> None:
    events: Rows = [["Pat.-Nr.", "Komplikation", "Datum"], ["1", "Infekt", date(2019, 6, 1)]]
    path = write_xlsx(tmp_path / "a.xlsx", {SHEET: wide(), "Komplikationen": events})
    raw = read_raw(path, DAY)
    mapping = propose(raw, DAY).mapping
    assert columns(mapping, 1)["Datum"].becomes == "events.occurred_on"
    checked = check(path, mapping)
    assert checked.tables["events"].select("patient_id", "kind").rows() == [("1", "infection")]


def test_a_table_of_films_gives_its_visits_to_the_films(tmp_path: Path) -> None:
    films: Rows = [
        ["Pat.-Nr.", "Wirbel", "Zeitpunkt", "Datum", "Cobb", "Untersucher"],
        ["1", "BWK12", "prä", date(2019, 5, 5), 14, "A"],
        ["1", "BWK12", "3M", date(2019, 8, 5), 9, "A"],
        ["3", "Th8", "prä", date(2019, 7, 5), 11, "B"],
        ["9", "Th8", "prä", date(2019, 7, 5), 11, "B"],
    ]
    people = [row[:8] for row in wide()]
    path = write_xlsx(tmp_path / "a.xlsx", {SHEET: people, "Bilder": films})
    mapping = propose(read_raw(path, DAY), DAY).mapping
    assert columns(mapping, 1)["Zeitpunkt"].becomes == "radiographs.visit"
    checked = check(path, mapping)
    taken = checked.tables["radiographs"].select("procedure_id", "visit", "value", "reader")
    assert taken.rows() == [
        ("1-T12", "pre", 14.0, "A"), ("1-T12", "m3", 9.0, "A"), ("3-T8", "pre", 11.0, "B")
    ]  # fmt: skip
    assert [(one.row, one.rule) for one in checked.findings] == [(5, "missing_key")]


def test_operations_stand_with_the_patients_and_levels_apart(tmp_path: Path) -> None:
    people: Rows = [
        ["Pat.-Nr.", "OP-Datum"],
        ["1", date(2019, 5, 6)],
        ["2", date(2019, 6, 6)],
        ["2", date(2020, 6, 6)],
    ]
    levels: Rows = [["Pat.-Nr.", "Wirbel"], ["1", "T12"], ["1", "L1"], ["2", "L3"]]
    path = write_xlsx(tmp_path / "a.xlsx", {"OPs": people, "Etagen": levels})
    checked = check(path, propose(read_raw(path, DAY), DAY).mapping)
    assert checked.tables["procedures"].select("procedure_id", "operated_on").rows() == [
        ("1-T12", date(2019, 5, 6)), ("1-L1", date(2019, 5, 6))
    ]  # fmt: skip
    assert {(one.table, one.row, one.rule) for one in checked.findings} == {
        ("Etagen", 4, "missing_date"), ("Etagen", 4, "no_procedure")
    }  # fmt: skip


def test_a_level_treated_twice_has_two_names(tmp_path: Path) -> None:
    rows: Rows = [
        ["Pat.-Nr.", "OP-Datum", "Wirbel", "Cobb prä"],
        ["1", date(2019, 5, 6), "T12", 12],
        ["1", date(2020, 5, 6), "T12", 15],
    ]
    _, proposal = proposed(tmp_path, rows)
    checked = check(tmp_path / "Liste.xlsx", proposal.mapping)
    assert checked.tables["procedures"]["procedure_id"].to_list() == ["1-T12", "1-T12-2"]
    assert checked.tables["radiographs"].select("procedure_id", "value").rows() == [
        ("1-T12", 12.0), ("1-T12-2", 15.0)
    ]  # fmt: skip


def test_a_numbered_procedure_with_several_levels_has_their_names_too(tmp_path: Path) -> None:
    rows: Rows = [
        ["Pat.-Nr.", "OP-Nr.", "OP-Datum", "Wirbel", "Leckage"],
        ["1", "K1", date(2019, 5, 6), "T12, L1", "nein"],
    ]
    _, proposal = proposed(tmp_path, rows)
    (question,) = proposal.questions
    checked = check(tmp_path / "Liste.xlsx", answer(proposal.mapping, question, "each"))
    assert checked.tables["procedures"].select("procedure_id", "leak").rows() == [
        ("K1-T12", False), ("K1-L1", False)
    ]  # fmt: skip


def test_a_table_of_films_alone_by_procedure_makes_none(tmp_path: Path) -> None:
    films: Rows = [["OP-Nr.", "Visite", "Cobb", "VAS"], ["K1", "prä", 12, 8], ["K1", "3M", 9, 3]]
    people: Rows = [
        ["Pat.-Nr.", "OP-Nr.", "OP-Datum", "Wirbel"],
        ["1", "K1", date(2019, 5, 6), "T12"],
    ]
    path = write_xlsx(tmp_path / "a.xlsx", {"OPs": people, "Verlauf": films})
    checked = check(path, propose(read_raw(path, DAY), DAY).mapping)
    assert checked.rows["procedures"].read == 1
    assert checked.tables["follow_ups"].select("patient_id", "value").rows() == [
        ("1", 8.0), ("1", 3.0)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "cells", "died", "died_on"),
    [
        ("Status", ("verstorben", "lebt", "lost"), [True, False, None], [None, None, None]),
        ("lebt", ("nein", "ja", "?"), [True, False, None], [None, None, None]),
        ("alive", ("verstorben", "lebt", None), [True, False, None], [None, None, None]),
        (
            "verstorben",
            ("12.03.2020", "nein", None),
            [True, False, None],
            ["2020-03-12", None, None],
        ),
        ("Sterbedatum", ("03/2020", None, "2020"), [True, None, True], ["2020-03", None, "2020"]),
    ],
)
def test_deaths_are_read_from_words_and_days(
    tmp_path: Path,
    header: str,
    cells: tuple[Cell, ...],
    died: list[bool | None],
    died_on: list[str | None],
) -> None:
    rows: Rows = [["Pat.-Nr.", "OP-Datum", "Wirbel", header]]
    rows += [[str(n), date(2019, 5, n), "T12", cell] for n, cell in enumerate(cells, 1)]
    _, proposal = proposed(tmp_path, rows)
    checked = check(tmp_path / "Liste.xlsx", proposal.mapping)
    assert checked.tables["patients"]["died"].to_list() == died
    assert checked.tables["patients"]["died_on"].to_list() == died_on


def test_patients_of_a_finer_table_are_compared_with_the_list_of_patients(tmp_path: Path) -> None:
    people: Rows = [["Pat.-Nr.", "Geschlecht"], ["1", "w"], ["2", "m"]]
    levels: Rows = [
        ["Pat.-Nr.", "Geschlecht", "OP-Datum", "Wirbel"],
        ["1", "m", date(2019, 5, 6), "T12"],
        ["2", None, date(2019, 6, 6), "L1"],
        ["9", "w", date(2019, 6, 6), "L1"],
    ]
    path = write_xlsx(tmp_path / "a.xlsx", {"Patienten": people, "OPs": levels})
    checked = check(path, propose(read_raw(path, DAY), DAY).mapping)
    assert checked.tables["patients"].select("patient_id", "sex").rows() == [
        ("1", None),
        ("2", "M"),
    ]
    found = [(one.table, one.row, one.rule, one.value) for one in checked.findings]
    assert found == [
        ("Patienten", 2, "contradictory_repeats", "w"),
        ("OPs", 2, "contradictory_repeats", "m"),
        ("OPs", 4, "unknown_patient", "9"),
    ]
    assert "rows 2 of Patienten, 2 of OPs" in checked.findings[0].advice
    assert "is not in the patients of the source" in checked.findings[2].advice


# Answers and changes


def test_an_answer_that_is_none_is_a_fault_of_the_caller(tmp_path: Path) -> None:
    _, proposal = proposed(tmp_path, wide({"Höhe": "T11, L1"}))
    (question,) = proposal.questions
    with pytest.raises(ValueError, match="`key` must be one of each, hold, got 'both'"):
        answer(proposal.mapping, question, "both")
    with pytest.raises(ValueError, match="`becomes` must be one of the targets"):
        assign(proposal.mapping, SHEET, "Höhe", "procedures.height")
    with pytest.raises(ValueError, match="`visit` must be one of pre"):
        assign(proposal.mapping, SHEET, "VAS prä", "follow_ups.vas", visit="m4")


def test_a_column_that_is_assigned_is_asked_about_anew(tmp_path: Path) -> None:
    rows = beside(wide(), "Wert", 80, 70, 60, 90)
    rows[1][-1] = 85
    rows += [[str(n), *FIRST[1:], 80 + n] for n in range(5, 9)]
    raw, proposal = proposed(tmp_path, rows)
    assert columns(proposal.mapping)["Wert"].becomes is None
    mapping = assign(proposal.mapping, SHEET, "Wert", "follow_ups.vas", visit="m6")
    assert review(raw, mapping, DAY).questions == ()
    mapping = refine(raw, mapping, SHEET, "Wert", DAY)
    (question,) = review(raw, mapping, DAY).questions
    assert (question.code, question.proposed) == ("scale", "100")
    assert question.column == "VAS prä"
    assert "Wert" in question.also
    assert "No value of VAS prä, VAS 3M, VAS 12M does" in question.evidence
    bare = refine(raw, assign(mapping, SHEET, "Wert", "follow_ups.karnofsky"), SHEET, "Wert", DAY)
    assert columns(bare)["Wert"].unanswered == ("visit",)


def test_a_text_can_be_translated(tmp_path: Path) -> None:
    raw, proposal = proposed(tmp_path, wide({"Primärtumor": "Chordom"}))
    mapping = translate(proposal.mapping, SHEET, "Primärtumor", "Chordom", "unknown")
    mapping = translate(mapping, SHEET, "Primärtumor", "CUP", "")
    assert {one.text: one.code for one in review(raw, mapping, DAY).tumours}["Chordom"] == "unknown"
    checked = check(tmp_path / "Liste.xlsx", mapping)
    stored = checked.tables["patients"].select("primary_tumour", "tumour_text").rows()
    assert stored[1:3] == [("unknown", "Chordom"), (None, "CUP")]


@pytest.mark.parametrize(
    ("code", "key", "change"),
    [
        ("scale", "same", {}),
        ("scale", "100", {"scales": (Period(100.0),)}),
        (
            "scale_change",
            "2015-12-31:100:10",
            {"scales": (Period(100.0, date(2015, 12, 31)), Period(10.0))},
        ),
        ("unit", "10", {"factor": 10.0}),
        ("sign", "-1", {"factor": -1.0}),
        ("dates", "mdy", {"dates": "mdy"}),
        ("levels", "each", {"several": "each"}),
        ("levels", "hold", {}),
        ("span", "every", {"span": "every"}),
        ("span", "hold", {}),
        ("below", "above", {"below": True}),
        ("visit", "m3", {"visit": "m3"}),
        ("values", "F", {"values": (("x", "F"),)}),
    ],
)
def test_an_answer_changes_its_columns_and_closes_its_question(
    code: Any, key: str, change: dict[str, Any]
) -> None:
    value = "x" if code == "values" else None
    question = Question(code, "A", "a", "?", "", (Choice(key, ""),), None, value, ("b",))
    plain = ColumnMap("a", "follow_ups.vas", unanswered=("other", question.key))
    mapping = Mapping((TableMap("A", (plain, replace(plain, column="b"), ColumnMap("c"))),))
    first, second, third = answer(mapping, question, key).tables[0].columns
    assert first == replace(plain, unanswered=("other",), **change)
    assert second == replace(plain, column="b", **change)
    assert third == ColumnMap("c")


# The file


FULL = Mapping(
    (
        TableMap(
            "Blatt \"1\" \\ 'ä'\n\x7f",
            (
                ColumnMap("a", "procedures.level", several="each", span="ends", number=2),
                ColumnMap(
                    "b",
                    "follow_ups.vas",
                    visit="m3",
                    decimal=",",
                    scales=(Period(100.0, date(2015, 12, 31)), Period(10.0)),
                    factor=-1.0,
                    values=(("a = b", "5"), ("x", "")),
                    missing=("-99",),
                    unanswered=("scale", "values:x"),
                ),
                ColumnMap("c", "patients.patient_id", pseudonym=True, below=True),
                ColumnMap("d", "procedures.operated_on", dates="excel"),
                ColumnMap("e"),
            ),
            header=(3, 4),
            visit="m12",
        ),
        TableMap("leer", ()),
    ),
    name="Nord",
    synthetic=True,
    data_date=date(2024, 5, 17),
    region_convention="split",
    salt="s",
)


def test_a_mapping_comes_back_from_its_file() -> None:
    assert load_mapping(dump_mapping(FULL).encode()) == FULL
    assert load_mapping(dump_mapping(Mapping(())).encode()) == Mapping(())


def test_open_questions_stand_above_their_column() -> None:
    question = Question(
        "scale", FULL.tables[0].table, "b", "Which\nscale?", "80 %.", (Choice("", "none"),), None
    )
    text = dump_mapping(FULL, [question])
    assert '# scale? Which scale?\n# 80 %.\n# empty: none\n[[tables.columns]]\ncolumn = "b"' in text
    assert load_mapping(text.encode()) == FULL


COLUMN = "[[tables]]\ntable = 'A'\n[[tables.columns]]\ncolumn = 'a'\n"
BAD = [
    ("x = ", "cannot be read"),
    (b"name = '\xff'", "cannot be read"),
    ("colour = 1", "unknown word colour; known are name"),
    ("name = 1", "needs a text as name at its top"),
    ("synthetic = 1", "needs true or false as synthetic"),
    ("data_date = 'May'", "needs a day such as 2024-05-17 as data_date"),
    ("data_date = 2024-05-17T10:00:00", "needs a day"),
    ("region_convention = 'x'", "needs one of junction, split"),
    ("tables = 1", "needs a list as tables"),
    ("tables = [1]", "has no table in a table"),
    ("[[tables]]\nheader = [1]", "has no table in a table"),
    ("[[tables]]\ntable = 'A'\nheader = [0]", "whole numbers above 0 as header in the table A"),
    ("[[tables]]\ntable = 'A'\nheader = [1, 2, 3]", "one or two rows"),
    ("[[tables]]\ntable = 'A'\nvisit = 'm4'", "needs one of pre"),
    ("[[tables]]\ntable = 'A'\n[[tables.columns]]\nvisit = 'm3'", "has no column in the table A"),
    (f"{COLUMN}becomes = 'follow_ups.pain'", "becomes follow_ups.pain, which is no column"),
    (f"{COLUMN}number = 1.5", "needs a whole number as number in the column a"),
    (f"{COLUMN}decimal = ';'", "needs one of ., ,"),
    (f"{COLUMN}dates = 'ymd'", "needs one of dmy, mdy, excel"),
    (f"{COLUMN}scales = [1]", "has no table"),
    (f"{COLUMN}scales = [{{}}]", "needs a number that is not 0 as top"),
    (f"{COLUMN}scales = [{{top = -1}}]", "needs a number above 0"),
    (f"{COLUMN}scales = [{{top = true}}]", "needs a number as top"),
    (f"{COLUMN}scales = [{{top = 10, from = 1}}]", "unknown word from"),
    (f"{COLUMN}factor = inf", "needs a number that is not 0 as factor"),
    (f"{COLUMN}values = 1", "needs texts with texts as values"),
    (f"{COLUMN}values = {{a = 1}}", "needs texts with texts as values"),
    (f"{COLUMN}missing = [1]", "needs a list of texts as missing"),
    (f"{COLUMN}pseudonym = 'yes'", "needs true or false as pseudonym"),
]


@pytest.mark.parametrize(("text", "sentence"), BAD)
def test_a_file_that_is_no_mapping_is_refused_in_a_sentence(
    text: str | bytes, sentence: str
) -> None:
    content = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(RefusedError) as refused:
        load_mapping(content)
    assert refused.value.finding.rule == "bad_mapping"
    assert sentence in refused.value.finding.advice
    assert refused.value.finding.advice.endswith("Correct it, or propose it anew.")


# Use


def test_the_mapping_beside_a_source_is_used_for_the_next_one(tmp_path: Path) -> None:
    path = sheet(tmp_path, wide())
    mapping = propose(read_raw(path, DAY), DAY).mapping
    (tmp_path / "Liste.mapping.toml").write_text(dump_mapping(mapping), encoding="utf-8")
    assert check(path).accepted
    folder = tmp_path / "folder"
    folder.mkdir()
    write_xlsx(folder / "Export 2026-12.xlsx", {SHEET: wide()})
    (folder / "mapping.toml").write_text(dump_mapping(mapping), encoding="utf-8")
    first, second = check(path), check(folder)
    assert second.accepted
    assert first.sha256 != second.sha256
    assert second.tables["imports"]["mapping"].to_list() == [dump_mapping(mapping)]


def test_a_table_of_another_name_is_known_by_its_columns(tmp_path: Path) -> None:
    _, proposal = proposed(tmp_path, wide())
    (tmp_path / "next").mkdir()
    path = sheet(tmp_path / "next", wide(), "Tabelle 2026")
    assert check(path, proposal.mapping).rows["patients"].kept == 4
    other = write_csv(tmp_path / "other", {"Notizen": [["a", "b"], ["1", "2"]]})
    refused = check(other, proposal.mapping)
    assert refused.findings[0].rule == "missing_column"
    assert "No column becomes patients.patient_id and none" in refused.findings[0].advice


def test_columns_that_came_and_went_are_reported(tmp_path: Path) -> None:
    _, proposal = proposed(tmp_path, wide())
    rows = beside([row[:-1] for row in wide()], "SINS", 9, 8, 7, 6)
    rows = beside(rows, "leer", None, None, None, None)
    checked = check(sheet(tmp_path, rows), proposal.mapping)
    told = review(read_raw(tmp_path / "Liste.xlsx", DAY), proposal.mapping, DAY).evidence
    assert [one.becomes for one in told if one.column == "SINS"] == [None]
    assert [(one.row, one.column, one.rule) for one in checked.findings] == [
        (1, "SINS", "unknown_column"), (1, "Kyphose prä", "absent_column")
    ]  # fmt: skip


def test_tables_that_say_nothing_of_patients_are_reported(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "a.xlsx", {SHEET: wide(), "Legende": [["w", "Frau"], ["m", "Mann"]]}
    )
    checked = check(path, propose(read_raw(path, DAY), DAY).mapping)
    assert [(one.table, one.rule) for one in checked.findings] == [("Legende", "unknown_table")]


def test_a_question_that_blocks_refuses_until_it_is_answered(tmp_path: Path) -> None:
    _, proposal = proposed(tmp_path, tenfold(wide({"Höhe": "T11, L1"})))
    scale, levels = proposal.questions
    assert scale.blocking
    assert not levels.blocking
    finding = check(tmp_path / "Liste.xlsx", proposal.mapping).findings[0]
    assert (finding.rule, finding.table, finding.column) == (
        "unanswered_question",
        SHEET,
        "VAS prä",
    )
    checked = check(tmp_path / "Liste.xlsx", answer(proposal.mapping, scale, "100"))
    assert "bad_level" in rules(checked)


def test_cells_with_several_levels_are_counted_in_the_question(tmp_path: Path) -> None:
    rows = wide()
    rows[1][rows[0].index("Höhe")] = "T11, L1"
    _, proposal = proposed(tmp_path, rows)
    (question,) = [one for one in proposal.questions if one.code == "levels"]
    assert question.evidence == "1 cell: T11, L1."
    rows[2][rows[0].index("Höhe")] = "T11, L1"
    _, proposal = proposed(tmp_path, rows)
    (question,) = [one for one in proposal.questions if one.code == "levels"]
    assert question.evidence == "2 cells, for example T11, L1."


def test_pseudonyms_need_a_salt_and_stay_the_same(tmp_path: Path) -> None:
    rows = wide()
    for row, name in zip(
        rows[1:], ("Huber, Eva", "Kunz, Udo", "Maier, Ida", "Abel, Jan"), strict=True
    ):
        row[0] = name
    _, proposal = proposed(tmp_path, rows)
    (question,) = proposal.questions
    mapping = answer(proposal.mapping, question, "pseudonym")
    assert len(mapping.salt) == 32
    assert answer(mapping, question, "pseudonym").salt == mapping.salt
    first, second = (check(tmp_path / "Liste.xlsx", mapping) for _ in range(2))
    keys = first.tables["patients"]["patient_id"].to_list()
    assert keys == second.tables["patients"]["patient_id"].to_list()
    assert all(key.startswith("P-") and len(key) == 12 for key in keys)
    assert "Huber" not in str(first.tables) + str(first.findings)
    other = check(tmp_path / "Liste.xlsx", replace(mapping, salt="other"))
    assert set(other.tables["patients"]["patient_id"].to_list()).isdisjoint(keys)
    refused = check(tmp_path / "Liste.xlsx", replace(mapping, salt=""))
    assert refused.findings[0].rule == "bad_mapping"
    registry = tmp_path / "registry.duckdb"
    accept(first, registry)
    accept(other, registry)
    assert (salt_of(registry, 1), salt_of(registry, 2)) == (mapping.salt, "other")
    assert salts_file(registry).stat().st_mode & 0o077 == 0
    for file in tmp_path.glob("registry*.duckdb"):
        assert mapping.salt.encode() not in file.read_bytes()
    stored = stored_tables(registry, "imports")["imports"]["mapping"]
    assert [load_mapping(text.encode()) for text in stored] == [replace(mapping, salt="")] * 2
    kept = answer(proposal.mapping, question, "keep")
    assert "identifying_key" in rules(check(tmp_path / "Liste.xlsx", kept))


@pytest.mark.parametrize("text", ["{", "[]", '{"1": 5}', "\udcff"])
def test_salts_that_cannot_be_read_are_none(tmp_path: Path, text: str) -> None:
    registry = tmp_path / "registry.duckdb"
    salts_file(registry).write_bytes(text.encode(errors="surrogateescape"))
    assert salt_of(registry, 1) == ""
    keep_salt(registry, 1, "s")
    assert salt_of(registry, 1) == "s"


def test_a_value_without_a_day_has_no_scale_where_the_scale_changed(tmp_path: Path) -> None:
    rows: Rows = [
        ["Pat.-Nr.", "OP-Datum", "Wirbel", "Datum prä", "VAS prä"],
        ["1", date(2014, 5, 6), "T12", date(2014, 5, 5), 80],
        ["2", date(2019, 5, 6), "L1", None, 8],
        ["3", None, "L1", None, 7],
    ]
    _, proposal = proposed(tmp_path, rows)
    periods = (Period(100.0, date(2015, 12, 31)), Period(10.0))
    table = proposal.mapping.tables[0]
    changed = [
        replace(one, scales=periods) if one.column == "VAS prä" else one for one in table.columns
    ]
    mapping = Mapping((replace(table, columns=tuple(changed)),))
    checked = check(tmp_path / "Liste.xlsx", mapping)
    assert checked.tables["follow_ups"].select("patient_id", "value").rows() == [
        ("1", 8.0), ("2", 8.0)
    ]  # fmt: skip
    (found,) = [one for one in checked.findings if one.rule == "scale_without_day"]
    assert (found.row, found.column, found.value) == (4, "VAS prä", "7")
    assert "up to 100 until 2015-12-31, then up to 10" in checked.findings[0].advice


def test_every_target_has_a_name_and_a_way_to_be_read() -> None:
    for becomes, target in targets().items():
        assert becomes == f"{target.table}.{target.field}"
        assert target.label


# The command


def test_the_command_proposes_a_mapping_and_imports_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = sheet(tmp_path, tenfold(wide({"Höhe": "T11, L1"})))
    out = tmp_path / "mapping.toml"
    assert main([str(source), "--dry-run"]) == 1
    assert "--propose-mapping OUT.toml" in capsys.readouterr().err
    assert main([str(source), "--propose-mapping", str(out)]) == 0
    printed = capsys.readouterr().out
    assert (
        "  VAS prä                       follow_ups.vas at pre  (4 cells, 100% readable" in printed
    )
    assert "to be answered: On which scale is the Pain (VAS)" in printed
    assert "may be answered: Does a cell with several levels" in printed
    assert main([str(source), "--propose-mapping", str(out)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert main([str(source), "--mapping", str(out), "--dry-run"]) == 1
    assert "asks about “VAS prä”" in capsys.readouterr().err
    text = out.read_text(encoding="utf-8").replace(
        'unanswered = ["scale"]', "scales = [{top = 100}]"
    )
    out.write_text(text, encoding="utf-8")
    registry = tmp_path / "r.duckdb"
    assert main([str(source), "--mapping", str(out), "--registry", str(registry)]) == 0
    assert "held back: bad_level (1)" in capsys.readouterr().out


def test_the_command_says_what_is_wrong_with_a_mapping(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = sheet(tmp_path, [["Pat.-Nr.", "Notiz"], ["1", "x"]])
    out = tmp_path / "mapping.toml"
    assert main([str(source), "--propose-mapping", str(out), "--json"]) == 0
    assert '"missing": ["procedures.operated_on", "procedures.level"]' in capsys.readouterr().out
    out.unlink()
    assert main([str(source), "--propose-mapping", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "missing: no column becomes procedures.level" in printed
    assert "  Notiz                         not read. The name says nothing." in printed
    assert main([str(source), "--mapping", str(tmp_path / "absent"), "--dry-run"]) == 1
    assert "absent cannot be read: No such file" in capsys.readouterr().err
    assert main([str(tmp_path / "absent"), "--propose-mapping", str(tmp_path / "b.toml")]) == 1
    assert "does not exist" in capsys.readouterr().err
    assert main([str(source), "--propose-mapping", str(tmp_path / "c" / "b.toml")]) == 1
    assert "The mapping cannot be written to" in capsys.readouterr().err
