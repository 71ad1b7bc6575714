"""The data's quality: what is recorded of what is due, and what the import found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from data.ingest import accept, check
from data.warehouse import open_registry
from queries.__main__ import main
from queries.attrition import attrition
from queries.cohort import Cohort
from queries.completeness import Completeness, completeness
from queries.held_back import EVERY, Held, findings, held_back, imports
from queries.quality import quality
from tests.registry_of_six import registry_of_six

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse

VISITS = ("pre", "post", "m3", "m6", "m12")

PATIENTS = "patient_id,sex\nA,F\nB,M\n"
PROCEDURES = """\
procedure_id,patient_id,operated_on,level,leak
K1,A,2024-01-01,T8,yes
K2,B,2024-02-01,C5,no
"""
# Line 3 repeats line 2; line 4 has a code for not known; line 5 no visit of the codebook.
FOLLOW_UPS = """\
patient_id,visit,vas,odi
A,pre,8,60
A,pre,8,60
A,m3,99,abc
A,m9,3,30
"""


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture(scope="module")
def faulty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faulty")
    files = {"patients": PATIENTS, "procedures": PROCEDURES, "follow_ups": FOLLOW_UPS}
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    accept(check(folder), folder / "faulty.duckdb")
    return folder / "faulty.duckdb"


@pytest.fixture(scope="module")
def faulty(faulty_file: Path) -> Warehouse:
    return open_registry(faulty_file)


def counted(answer: Completeness, field: str) -> dict[str, tuple[int, int]]:
    return {str(row.visit): (row.n, row.out_of) for row in answer.measured if row.field == field}


def once(answer: Completeness) -> dict[str, tuple[int, int]]:
    return {row.field: (row.n, row.out_of) for row in answer.once}


# Completeness


def test_scores_are_counted_of_the_patients_due(six: Warehouse) -> None:
    # m3: all six are due, A6 on day 150. m6: A3 is dead, A6 not due. m12: A4 is dead too.
    found = counted(completeness(six.reader(), Cohort()), "vas")
    assert found == dict(zip(VISITS, [(5, 6), (6, 6), (6, 6), (3, 4), (2, 3)], strict=True))


@pytest.mark.parametrize("cohort", [Cohort(), Cohort(sex=("M",)), Cohort(operated_from=2023)])
def test_the_patients_due_are_those_of_the_follow_up(six: Warehouse, cohort: Cohort) -> None:
    due = {row.visit: row.due for row in attrition(six.reader(), cohort).total}
    found = counted(completeness(six.reader(), cohort), "vas")
    assert {visit: of for visit, (_, of) in found.items()} == (due if found else {})


def test_films_are_counted_of_the_levels_due_from_their_own_operation(six: Warehouse) -> None:
    # m3: K5 died first. m6: K9 is not due either. m12: K6 and K7 died, K4 is not due until 2024-07.
    found = counted(completeness(six.reader(), Cohort()), "kyphosis_angle")
    assert found == dict(zip(VISITS, [(7, 9), (8, 9), (2, 8), (1, 7), (3, 4)], strict=True))


def test_a_filter_counts_its_own_patients_and_levels(six: Warehouse) -> None:
    lumbar = completeness(six.reader(), Cohort(region=("lumbar",)))
    assert counted(lumbar, "vas")["pre"] == (2, 3)
    assert counted(lumbar, "kyphosis_angle")["pre"] == (2, 4)


def test_what_is_asked_for_once_is_counted_of_patients_and_of_levels(six: Warehouse) -> None:
    found = once(completeness(six.reader(), Cohort()))
    assert found["sex"] == found["primary_tumour"] == (5, 6)
    assert found["last_seen_on"] == (4, 6)
    assert found["leak"] == (8, 9)
    assert found["leak_modality"] == (7, 8)
    assert found["surgeon"] == (8, 9)


def test_a_measure_of_nobody_has_no_row(faulty: Warehouse) -> None:
    answer = completeness(faulty.reader(), Cohort())
    assert {row.field for row in answer.measured} == {"vas", "odi"}


def test_every_visit_that_anybody_attended_has_a_cell(six: Warehouse) -> None:
    answer = completeness(six.reader(), Cohort(sex=("M",)))
    assert tuple(counted(answer, "vas")) == VISITS


# What the import found


def test_rows_and_values_held_back_are_told_apart(faulty: Warehouse) -> None:
    found = held_back(faulty.reader(), Cohort())
    assert {(one.table, one.field, one.rule, one.n) for one in found if one.is_lost} == {
        ("procedures", None, "bad_level", 1),
        ("follow_ups", None, "unknown_visit", 1),
        ("follow_ups", "vas", "sentinel", 1),
        ("follow_ups", "odi", "not_a_number", 1),
    }


def test_a_repeated_row_is_held_back_and_nothing_is_lost(faulty: Warehouse) -> None:
    (one,) = [one for one in held_back(faulty.reader(), Cohort()) if one.rule == "duplicate_row"]
    assert one.severity == "held_back"
    assert one.is_row
    assert not one.is_lost


def test_a_rule_that_this_version_does_not_know_is_about_values() -> None:
    assert not Held("patients", None, "of_another_version", "held_back", 1).is_row


def test_what_the_import_found_does_not_depend_on_the_filter(faulty: Warehouse) -> None:
    assert held_back(faulty.reader(), Cohort(sex=("M",))) == held_back(faulty.reader(), Cohort())


def test_findings_are_listed_with_their_place_and_what_to_do(faulty: Warehouse) -> None:
    (row,) = findings(faulty.reader(), Cohort(), rule="sentinel").to_dicts()
    assert (row["table"], row["row"], row["column"], row["value"]) == ("follow_ups", 4, "vas", "99")
    assert "leave it blank" in row["advice"]


def test_findings_stop_at_the_number_that_is_asked_for(faulty: Warehouse) -> None:
    every = findings(faulty.reader(), Cohort(), most=EVERY)
    assert findings(faulty.reader(), Cohort(), most=2).to_dicts() == every.head(2).to_dicts()
    assert every.height == sum(one.n for one in held_back(faulty.reader(), Cohort()))


def test_an_import_that_found_nothing_has_no_findings(six: Warehouse) -> None:
    reader = six.reader()
    lost = [one for one in held_back(reader, Cohort()) if one.is_lost]
    assert lost == []
    assert findings(reader, Cohort(), rule="sentinel").is_empty()


def test_the_imports_count_rows_read_kept_and_held_back(faulty: Warehouse) -> None:
    (one,) = imports(faulty.reader(), Cohort())
    assert (one.import_id, one.rows_read, one.rows_kept, one.rows_held_back) == (1, 8, 5, 3)


# The command


def test_the_command_prints_completeness_and_findings(
    faulty_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["quality", "--registry", str(faulty_file), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert {row["what"] for row in rows} == {"recorded", "found"}
    (pain,) = [row for row in rows if (row["field"], row["visit"]) == ("vas", "pre")]
    assert (pain["table"], pain["count"], pain["out_of"]) == ("follow_ups", 1, 1)
    (code,) = [row for row in rows if row["rule"] == "sentinel"]
    assert (code["table"], code["field"], code["count"]) == ("follow_ups", "vas", 1)
    assert code["severity"] == "held_back"


def test_quality_lists_the_findings_of_one_rule(faulty: Warehouse) -> None:
    assert quality(faulty.reader(), Cohort(), rule="bad_level").found["row"].to_list() == [3]
    assert quality(faulty.reader(), Cohort()).found.height == 6
