"""Every rule of the import finds its bad row, and leaves the good source alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl
import pytest

from data.codebook import FOLDER
from data.ingest import Checked, accept, check
from data.rules import RULES, Finding
from tests.corpus import corpus

if TYPE_CHECKING:
    from pathlib import Path

PATIENTS = "patient_id,sex,birth_year,primary_tumour,died_on,died,last_seen_on"
PROCEDURES = (
    "procedure_id,patient_id,operated_on,level,approach,cement_ml,leak,leak_locations,"
    "leak_symptomatic,leak_modality,surgeon,centre"
)
SECTIONS = ",".join(f"odi_{n}" for n in range(1, 11))
FOLLOW_UPS = f"patient_id,visit,measured_on,vas,odi,karnofsky,{SECTIONS}"
RADIOGRAPHS = (
    "procedure_id,visit,measured_on,reader,posture,calibrated,height_anterior,"
    "height_anterior_reference,wedge_angle"
)
EVENTS = "patient_id,procedure_id,kind,occurred_on"
HEADERS = {
    "patients": PATIENTS,
    "procedures": PROCEDURES,
    "follow_ups": FOLLOW_UPS,
    "radiographs": RADIOGRAPHS,
    "events": EVENTS,
}
GOOD = {
    "patients": ["P1,F,1940,breast,,no,2006-12-01", "P2,m,1950,Mamma-Ca,2006-09,,"],
    "procedures": [
        "K1,P1,2006-01-10,T12,bipedicular,4.5,yes,epidural/b; foraminal,no,CT,A,north",
        "K2,P2,2006-02-10,l1,,,no,,no,,,",
    ],
    "follow_ups": [
        "P1,pre,2006-01-09,8,60,70,,,,,,,,,,",
        "P1,M3,2006-04-10,3.5,,,2,2,2,2,2,2,2,2,0,",
    ],
    "radiographs": ["K1,pre,2006-01-10,A,standing,yes,20.5,28,-9", "K1,post,,B,,,21,,12"],
    "events": ["P1,K1,Adjacent fracture,2006-02-01", "P2,,revision,"],
}


def write(folder: Path, **added: list[str] | str) -> Path:
    """Write the good source with rows added to it; a text replaces a file, "" leaves it out."""
    folder.mkdir(exist_ok=True)
    for table, header in HEADERS.items():
        extra = added.get(table, [])
        rows = GOOD[table] + extra if isinstance(extra, list) else []
        text = extra if isinstance(extra, str) else "\n".join([header, *rows, ""])
        if text:
            (folder / f"{table}.csv").write_text(text, encoding="utf-8")
    return folder


def of(checked: Checked, rule: str) -> list[Finding]:
    return [finding for finding in checked.findings if finding.rule == rule]


def places(checked: Checked, rule: str) -> list[tuple[str, int | None, str | None, str | None]]:
    return [(one.table, one.row, one.column, one.value) for one in of(checked, rule)]


def test_good_source_has_no_findings(tmp_path: Path) -> None:
    checked = check(write(tmp_path / "source"))
    assert checked.accepted
    assert checked.findings == ()
    assert {table: (n.read, n.held_back) for table, n in checked.rows.items()} == dict.fromkeys(
        HEADERS, (2, 0)
    )


ROWS = [
    ("missing_key", "patients", ",F,,,,,", "patient_id", None),
    ("missing_key", "procedures", "K3,,2006-01-10,T12,,,,,,,,", "patient_id", None),
    ("missing_key", "events", "P1,,,", "kind", None),
    ("duplicate_row", "patients", "P1,F,1940,breast,,no,2006-12-01", None, None),
    ("duplicate_row", "radiographs", "K1,post,,B,,,21,,12", None, None),
    ("missing_date", "procedures", "K3,P1,,T12,,,,,,,,", "operated_on", None),
    ("bad_date", "procedures", "K3,P1,10.01.2006,T12,,,,,,,,", "operated_on", "10.01.2006"),
    ("bad_date", "procedures", "K3,P1,2006-02-30,T12,,,,,,,,", "operated_on", "2006-02-30"),
    ("bad_date", "procedures", "K3,P1,9999-02-01,T12,,,,,,,,", "operated_on", "9999-02-01"),
    ("bad_date", "procedures", "K3,P1,0206-02-01,T12,,,,,,,,", "operated_on", "0206-02-01"),
    ("bad_date", "patients", "P3,F,,,2006-13,,", "died_on", "2006-13"),
    ("bad_date", "patients", "P3,F,,,9999,,", "died_on", "9999"),
    ("bad_date", "patients", "P3,F,,,,,soon", "last_seen_on", "soon"),
    ("bad_date", "events", "P1,,revision,x", "occurred_on", "x"),
    ("bad_level", "procedures", "K3,P1,2006-01-10,T13,,,,,,,,", "level", "T13"),
    ("bad_level", "procedures", 'K3,P1,2006-01-10,"T11, L1",,,,,,,,', "level", "T11, L1"),
    ("bad_level", "procedures", "K3,P1,2006-01-10,,,,,,,,,", "level", None),
    ("unknown_patient", "procedures", "K3,P9,2006-01-10,T12,,,,,,,,", "patient_id", "P9"),
    ("unknown_patient", "follow_ups", "P9,pre,,5" + "," * 12, "patient_id", "P9"),
    ("unknown_patient", "events", "P9,,revision,", "patient_id", "P9"),
    ("unknown_procedure", "radiographs", "K9,pre,,,,,,,", "procedure_id", "K9"),
    ("unknown_procedure", "events", "P1,K9,revision,", "procedure_id", "K9"),
    ("other_patient", "events", "P1,K2,revision,", "procedure_id", "K2"),
    ("missing_visit", "follow_ups", "P1,,,5" + "," * 12, "visit", None),
    ("unknown_visit", "radiographs", "K1,week 6,,,,,,,", "visit", "week 6"),
    ("unknown_kind", "events", "P1,,party,", "kind", "party"),
    ("after_death", "procedures", "K3,P2,2006-10-01,T12,,,,,,,,", "operated_on", "2006-10-01"),
    ("after_death", "follow_ups", "P2,m12,2006-10-01,5" + "," * 12, "measured_on", "2006-10-01"),
    ("after_death", "radiographs", "K2,m12,2006-10-01,,,,,,", "measured_on", "2006-10-01"),
    (
        "before_operation",
        "follow_ups",
        "P1,m3,2006-01-09,5" + "," * 12,
        "measured_on",
        "2006-01-09",
    ),
    ("before_operation", "radiographs", "K2,post,2006-02-09,,,,,,", "measured_on", "2006-02-09"),
]


@pytest.mark.parametrize(("rule", "table", "row", "column", "value"), ROWS)
def test_bad_row_is_held_back_with_one_finding(
    tmp_path: Path, rule: str, table: str, row: str, column: str | None, value: str | None
) -> None:
    checked = check(write(tmp_path / "source", **{table: [row]}))
    assert checked.accepted
    held = [one for one in checked.findings if one.severity == "held_back"]
    assert [(one.table, one.row, one.column, one.rule, one.value) for one in held] == [
        (table, 4, column, rule, value)
    ]
    assert checked.rows[table].held_back == 1
    assert checked.rows[table].read == 3
    assert re.fullmatch(r"[A-Z].*\.", held[0].advice)


PROCEDURE = "K3,P1,2006-01-10,T11,{approach},{cement},{leak},{locations},{symptomatic},{modality},,"
BLANK = dict.fromkeys(("approach", "cement", "leak", "locations", "symptomatic", "modality"), "")


def procedure(**cells: str) -> str:
    return PROCEDURE.format(**{**BLANK, **cells})


CELLS = [
    ("unknown_code", "patients", "P3,X,,,,,", "sex", "X"),
    ("unknown_code", "patients", "P3,,,,,perhaps,", "died", "perhaps"),
    ("bad_birth_year", "patients", "P3,,194O,,,,", "birth_year", "194O"),
    ("bad_birth_year", "patients", "P3,,1879,,,,", "birth_year", "1879"),
    ("bad_birth_year", "patients", "P3,,9000,,,,", "birth_year", "9000"),
    ("unknown_code", "procedures", procedure(approach="left"), "approach", "left"),
    ("unknown_code", "procedures", procedure(modality="eye"), "leak_modality", "eye"),
    ("unknown_code", "procedures", procedure(leak="maybe"), "leak", "maybe"),
    ("unknown_code", "procedures", procedure(symptomatic="1"), "leak_symptomatic", "1"),
    ("not_a_number", "procedures", procedure(cement='"4,5"'), "cement_ml", "4,5"),
    ("out_of_range", "procedures", procedure(cement="0"), "cement_ml", "0"),
    ("out_of_range", "procedures", procedure(cement="20.1"), "cement_ml", "20.1"),
    ("sentinel", "procedures", procedure(cement="-9"), "cement_ml", "-9"),
    (
        "symptomatic_without_leak",
        "procedures",
        procedure(leak="no", symptomatic="yes"),
        "leak_symptomatic",
        "yes",
    ),
    (
        "bad_location",
        "procedures",
        procedure(leak="yes", locations="brain"),
        "leak_locations",
        "brain",
    ),
    (
        "bad_location",
        "procedures",
        procedure(leak="yes", locations="venous/X;epidural/B"),
        "leak_locations",
        "venous/X",
    ),
    (
        "bad_location",
        "procedures",
        procedure(leak="yes", locations="venous/S/S"),
        "leak_locations",
        "venous/S/S",
    ),
    ("sentinel", "follow_ups", "P1,m6,,99" + "," * 12, "vas", "99"),
    ("out_of_range", "follow_ups", "P1,m6,,,140" + "," * 11, "odi", "140"),
    ("not_a_number", "follow_ups", "P1,m6,,,,nan" + "," * 10, "karnofsky", "nan"),
    ("not_a_number", "follow_ups", "P1,m6,,stark" + "," * 12, "vas", "stark"),
    ("out_of_range", "follow_ups", "P1,m6,,,,,6" + "," * 9, "odi_1", "6"),
    ("not_whole", "follow_ups", "P1,m6,,,,,2.5" + "," * 9, "odi_1", "2.5"),
    ("sentinel", "follow_ups", "P1,m6,,,,,9" + "," * 9, "odi_1", "9"),
    ("unknown_code", "radiographs", "K1,m6,,,,so so,20,,", "calibrated", "so so"),
    ("out_of_range", "radiographs", "K1,m6,,,,,,61,", "height_anterior_reference", "61"),
    ("sentinel", "radiographs", "K1,m6,,,,,,,-99", "wedge_angle", "-99"),
]


@pytest.mark.parametrize(("rule", "table", "row", "column", "value"), CELLS)
def test_bad_cell_is_held_back_and_its_row_kept(
    tmp_path: Path, rule: str, table: str, row: str, column: str, value: str
) -> None:
    checked = check(write(tmp_path / "source", **{table: [row]}))
    held = [one for one in checked.findings if one.severity == "held_back"]
    assert [(one.table, one.row, one.column, one.rule, one.value) for one in held] == [
        (table, 4, column, rule, value)
    ]
    assert checked.rows[table].kept == 3
    assert re.fullmatch(r"[A-Z`].*\.", held[0].advice)


MARKS = [
    ("unknown_tumour", "patients", "P3,,,chondrosarcoma,,,", "primary_tumour"),
    ("death_contradiction", "patients", "P3,,,,2006,no,", "died"),
    ("no_procedure", "patients", "P3,,,,,,", "patient_id"),
    ("same_level_same_day", "procedures", "K3,P1,2006-01-10,t12,,,,,,,,", "level"),
    ("leak_from_locations", "procedures", procedure(locations="venous"), "leak"),
    ("outside_window", "follow_ups", "P1,m6,2006-04-10,5" + "," * 12, "measured_on"),
    ("two_windows", "follow_ups", "P2,,2006-02-10,5" + "," * 12, "measured_on"),
    ("sentinel", "follow_ups", "P1,m6,,,99" + "," * 11, "odi"),
    ("score_differs", "follow_ups", "P1,m6,,,60,,2,2,2,2,2,2,2,2,0,", "odi"),
    ("too_few_sections", "follow_ups", "P1,m6,,,40,,2,2,2,2,2,2,2,,,", "odi"),
    ("too_few_sections", "follow_ups", "P1,m6,,,,,2" + "," * 9, "odi"),
    ("no_values", "follow_ups", "P1,m6," + "," * 13, None),
    ("no_values", "radiographs", "K1,m6,,,,,,,", None),
    ("event_order", "events", "P1,,revision,2006-01-09", "occurred_on"),
    ("event_order", "events", "P2,,revision,2006-10-01", "occurred_on"),
]


@pytest.mark.parametrize(("rule", "table", "row", "column"), MARKS)
def test_doubtful_row_is_kept_with_a_finding(
    tmp_path: Path, rule: str, table: str, row: str, column: str | None
) -> None:
    checked = check(write(tmp_path / "source", **{table: [row]}))
    found = [one for one in of(checked, rule) if one.row == 4]
    assert [(one.table, one.column, one.severity) for one in found] == [(table, column, "kept")]
    assert checked.rows[table].kept == 3
    assert not [one for one in checked.findings if one.severity == "held_back"]


def test_last_seen_outside_the_course_is_kept_with_a_finding(tmp_path: Path) -> None:
    patients = f"{PATIENTS}\nP1,,,,,,2006-01-09\nP2,,,,2006-09,,2006-10-01\n"
    checked = check(write(tmp_path / "source", patients=patients))
    assert places(checked, "last_seen_order") == [
        ("patients", 2, "last_seen_on", "2006-01-09"),
        ("patients", 3, "last_seen_on", "2006-10-01"),
    ]


def test_birth_after_the_operation_is_held_back(tmp_path: Path) -> None:
    patients = f"{PATIENTS}\nP1,,2007,,,,\nP2,,2006,,,,\n"
    checked = check(write(tmp_path / "source", patients=patients))
    assert places(checked, "bad_birth_year") == [("patients", 2, "birth_year", "2007")]
    assert checked.tables["patients"]["birth_year"].to_list() == [None, 2006]


def test_visit_of_a_patient_without_operation_has_no_window(tmp_path: Path) -> None:
    added = {"patients": ["P3,,,,,,"], "follow_ups": ["P3,,2006-04-10,5" + "," * 12]}
    checked = check(write(tmp_path / "source", **added))
    assert places(checked, "visit_without_operation") == [
        ("follow_ups", 4, "measured_on", "2006-04-10")
    ]
    visits = checked.tables["follow_ups"].filter(pl.col("patient_id") == "P3")["visit"]
    assert visits.to_list() == ["other"]


def test_no_leak_with_a_location_holds_back_both(tmp_path: Path) -> None:
    checked = check(
        write(tmp_path / "source", procedures=[procedure(leak="no", locations="venous")])
    )
    assert places(checked, "contradictory_leak") == [
        ("procedures", 4, "leak", "no"),
        ("procedures", 4, "leak_locations", "venous"),
    ]
    assert checked.tables["procedures"]["leak"].to_list() == [True, False, None]
    assert checked.tables["leaks"].rows() == [("K1", "epidural", "B"), ("K1", "foraminal", None)]


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("patients", "P1,M,1940,breast,,no,2006-12-01"),
        ("procedures", "K1,P1,2006-01-11,T12,,,,,,,,"),
        ("follow_ups", "P1,pre,2006-01-09,7,,,,,,,,,,,,"),
    ],
)
def test_rows_that_contradict_each_other_are_all_held_back(
    tmp_path: Path, table: str, row: str
) -> None:
    checked = check(write(tmp_path / "source", **{table: [row]}))
    found = of(checked, "contradictory_rows")
    assert [(one.table, one.row, one.severity) for one in found] == [
        (table, 2, "held_back"),
        (table, 4, "held_back"),
    ]
    assert "2, 4" in found[0].advice
    assert checked.rows[table].kept == 1


def test_child_of_a_held_back_row_names_that_row(tmp_path: Path) -> None:
    added = {
        "patients": ["P3,,,,yesterday,,"],
        "procedures": ["K3,P3,2006-01-10,T12,,,,,,,,"],
        "radiographs": ["K3,pre,,,,,20,,"],
    }
    checked = check(write(tmp_path / "source", **added))
    assert "row 4 of patients.csv" in of(checked, "unknown_patient")[0].advice
    assert "row 4 of procedures.csv" in of(checked, "unknown_procedure")[0].advice


def scores(values: list[tuple[int, object]]) -> str:
    """Return scores of the first patient's other visits, one for each year and value."""
    rows = [f"P1,other,{year}-03-{n % 27 + 1:02},{value}" for n, (year, value) in enumerate(values)]
    return "\n".join(["patient_id,visit,measured_on,vas", *rows, ""])


def test_values_among_those_of_another_scale_are_held_back(tmp_path: Path) -> None:
    old = [(2007, value) for value in (80, 75, 60, 90, 7, 85)]
    new = [(2009, value) for value in (8, 7, 6, 9, 3, 10)]
    checked = check(write(tmp_path / "source", follow_ups=scores(old + new)))
    assert places(checked, "scale_suspected") == [("follow_ups", 1, "vas", None)]
    assert "5 of 12 values lie above 10" in of(checked, "scale_suspected")[0].advice
    assert "under [scales] in source.toml" in of(checked, "scale_suspected")[0].advice
    assert places(checked, "mixed_scale") == [("follow_ups", 6, "vas", "7")]
    assert checked.tables["follow_ups"]["value"].to_list() == [8, 7, 6, 9, 3, 10]


def test_few_values_above_a_scale_are_faults_and_no_scale(tmp_path: Path) -> None:
    values = [(2007, value) for value in (8, 7, 6, 9, 3, 10, 75)]
    checked = check(write(tmp_path / "source", follow_ups=scores(values)))
    assert of(checked, "scale_suspected") == []
    assert places(checked, "out_of_range") == [("follow_ups", 8, "vas", "75")]


@pytest.mark.parametrize(
    ("column", "values", "top"),
    [
        ("odi", [41, 35, 33, 28, 47, 12, 20, 31, 44, 50], "50"),
        ("odi", [41, 35, 33, 28, 47, 12, 20, 31, 44, 52], None),
        ("odi", [41, 35, 33, 28, 47], None),
        ("karnofsky", [50, 40, 30, 50, 40, 50, 30, 20, 50, 40], None),
        ("karnofsky", [5, 4, 3, 5, 4, 5, 3, 2, 5, 4], "10"),
    ],
)
def test_scores_that_fill_half_their_scale_are_asked_about(
    tmp_path: Path, column: str, values: list[int], top: str | None
) -> None:
    rows = [f"P1,other,2007-03-{n:02},{value}" for n, value in enumerate(values, 1)]
    text = "\n".join([f"patient_id,visit,measured_on,{column}", *rows, ""])
    found = of(check(write(tmp_path / "source", follow_ups=text)), "scale_suspected")
    assert [one.column for one in found] == ([column] if top else [])
    assert all(f"on a scale of 0 to {top}" in one.advice for one in found)


def test_angles_of_the_low_lumbar_spine_without_lordosis_are_asked_about(tmp_path: Path) -> None:
    films = [f"K1,other,2007-03-{n:02},{n}" for n in range(1, 8)]
    procedures = [row.replace(",T12,", ",L5,") for row in GOOD["procedures"]]
    source = write(
        tmp_path / "source",
        procedures="\n".join([PROCEDURES, *procedures, ""]),
        radiographs="\n".join(["procedure_id,visit,measured_on,wedge_angle", *films, ""]),
    )
    checked = check(source)
    assert places(checked, "sign_suspected") == [("radiographs", 1, "wedge_angle", None)]
    assert "never negative at the 7 films of L4 and L5" in of(checked, "sign_suspected")[0].advice


def test_films_of_one_day_in_two_visits_are_out_of_order_but_before_and_after(
    tmp_path: Path,
) -> None:
    rows = [
        "procedure_id,visit,measured_on,wedge_angle",
        "K1,pre,2006-01-10,9",
        "K1,post,2006-01-10,5",
        "K1,m3,2006-04-10,5",
        "K1,m6,2006-04-10,5",
        "",
    ]
    checked = check(write(tmp_path / "source", radiographs="\n".join(rows)))
    assert places(checked, "visit_order") == [("radiographs", 5, "measured_on", "2006-04-10")]


def test_words_for_death_reach_the_patient_from_films_too(tmp_path: Path) -> None:
    films = ["K1,m6,,,,,verstorben,,"]
    patients = f"{PATIENTS}\nP1,F,1940,breast,,no,2006-12-01\nP2,M,1950,Mamma-Ca,2006-09,,\n"
    checked = check(write(tmp_path / "source", patients=patients, radiographs=films))
    assert places(checked, "says_dead") == [("radiographs", 4, "height_anterior", "verstorben")]
    assert places(checked, "death_contradiction") == [("patients", 2, "died", "no")]
    assert checked.tables["patients"]["died"].to_list() == [True, True]


@pytest.mark.parametrize(
    ("text", "rule"),
    [("verstorben", "says_dead"), ("lost", "says_lost"), ("k.A.", "says_missing")],
)
def test_words_in_days_are_read(tmp_path: Path, text: str, rule: str) -> None:
    checked = check(write(tmp_path / "source", patients=[f"P3,F,,,,,{text}"]))
    assert places(checked, rule) == [("patients", 4, "last_seen_on", text)]
    assert checked.rows["patients"].kept == 3


@pytest.mark.parametrize("text", ["verstorben", "lost", "k.A."])
def test_a_word_for_the_day_of_an_operation_is_read_and_the_row_held_back(
    tmp_path: Path, text: str
) -> None:
    row = f"K9,P1,{text},T11,,,,,,,,"
    checked = check(write(tmp_path / "source", procedures=[row]))
    assert checked.rows["procedures"].held_back == 1
    assert [one[:3] for one in places(checked, "missing_date")] == [
        ("procedures", 4, "operated_on")
    ]
    accept(checked, tmp_path / "registry.duckdb")


@pytest.mark.parametrize("text", ["1940-03-12", "12.03.1940", "12/03/1940", "19400312"])
def test_full_dates_of_birth_are_never_kept_or_said(tmp_path: Path, text: str) -> None:
    checked = check(write(tmp_path / "source", patients=[f"P3,F,{text},,,,"]))
    (found,) = of(checked, "birth_date")
    assert (found.row, found.column, found.value) == (4, "birth_year", None)
    assert checked.tables["patients"]["birth_year"].to_list() == [1940, 1950, 1940]
    assert text not in str(checked)


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [
        ("procedures", "K3,P1,2006-01-10,T11,,,,,,,Dr. A (030 1234567),", "surgeon"),
        ("radiographs", "K1,m6,,eva@huber.example,,,20,,", "reader"),
        ("radiographs", "K1,m6,,,Frau Huber liegend,,20,,", "posture"),
    ],
)
def test_free_text_that_identifies_people_is_kept_out(
    tmp_path: Path, table: str, row: str, column: str
) -> None:
    checked = check(write(tmp_path / "source", **{table: [row]}))
    assert places(checked, "identifying_text") == [(table, 4, column, None)]


@pytest.mark.parametrize("key", ["Huber, Eva", "Eva Huber", "EH 12.03.1940", "EH-19400312"])
def test_keys_that_identify_people_are_kept_out_of_every_table(tmp_path: Path, key: str) -> None:
    quoted = f'"{key}"'
    added = {
        "patients": [f"{quoted},F,,,,,"],
        "procedures": [f"K3,{quoted},2006-01-10,T12,,,,,,,,"],
        "follow_ups": [f"{quoted},pre,,5" + "," * 12],
        "events": [f"{quoted},,revision,"],
    }
    checked = check(write(tmp_path / "source", **added))
    rows = {"patients": 4, "procedures": 4, "follow_ups": 4, "events": 4}
    found = [(one.table, one.row, one.value) for one in of(checked, "identifying_key")]
    assert found == [(table, row, None) for table, row in rows.items()]
    assert key not in str(checked.tables)


@pytest.mark.parametrize("key", ["20060110", "P-2006-01-10", "Fall 7", "Klinik Nord", "12345678"])
def test_keys_of_numbers_and_days_of_inclusion_are_no_names(tmp_path: Path, key: str) -> None:
    checked = check(write(tmp_path / "source", patients=[f"{key},F,,,,,"]))
    assert of(checked, "identifying_key") == []


def test_every_rule_for_rows_and_cells_has_a_case(tmp_path: Path) -> None:
    covered = {case[0] for case in (*ROWS, *CELLS, *MARKS)} | {
        *("contradictory_rows", "contradictory_leak", "last_seen_order"),
        *("visit_without_operation", "unknown_column", "unknown_file", "unknown_setting"),
        *("after_data_date", "converted_scale", "mixed_scale", "scale_without_day"),
        *("absent_column", "unknown_table"),
    }
    covered |= {found[3] for case in corpus() if case.accepted for found in case.found}
    assert covered == {rule.name for rule in RULES.values() if rule.holds != "source"}


def test_every_rule_used_in_the_code_is_declared_and_has_a_sentence() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.py"))
    for name, rule in RULES.items():
        assert code.count(f'"{name}"') >= 1, name
        assert rule.name == name
        assert rule.sentence.endswith(".")
        assert rule.severity in {"refuse", "held_back", "kept"}
