"""The example registry in every format that is read, and back, row for row."""

from __future__ import annotations

import csv
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest

from data.codebook import FOLDER, tumours
from data.ingest import Checked, accept, check, propose, read_raw
from data.mapping.edit import answer
from tests.formats import WRITERS, typed
from tests.redcap import Entry, Field, write_dictionary, write_export

if TYPE_CHECKING:
    from pathlib import Path

    from tests.formats import Tables

DAY = date(2026, 11, 22)
SOURCE = FOLDER / "example"
STORED = ("patients", "procedures", "leaks", "follow_ups", "items", "radiographs", "events")


def example_tables() -> Tables:
    tables = {}
    for path in sorted(SOURCE.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            tables[path.stem] = typed(list(csv.reader(file)))
    return tables


def stored(checked: Checked, table: str) -> list[tuple[object, ...]]:
    frame = checked.tables[table]
    return sorted(frame.select(sorted(frame.columns)).rows(), key=repr)


@pytest.fixture(scope="module")
def example() -> Checked:
    return check(SOURCE)


@pytest.mark.parametrize("name", WRITERS)
def test_the_example_comes_back_row_for_row(name: str, tmp_path: Path, example: Checked) -> None:
    checked = check(WRITERS[name](tmp_path / "example", example_tables()))
    assert checked.accepted, checked.findings
    assert [one.rule for one in checked.findings if one.severity != "kept"] == []
    for table in STORED:
        assert stored(checked, table) == stored(example, table), table


def test_a_registry_is_a_source_of_the_same_registry(tmp_path: Path, example: Checked) -> None:
    path = tmp_path / "registry.duckdb"
    accept(example, path)
    checked = check(path)
    assert checked.accepted, checked.findings
    assert checked.findings == ()
    for table in STORED:
        assert stored(checked, table) == stored(example, table), table
    registry = checked.tables["registry"].row(0, named=True)
    before = example.tables["registry"].row(0, named=True)
    assert registry["name"] == before["name"]
    assert registry["synthetic"] is True
    assert registry["data_date"] == before["data_date"]
    assert isinstance(checked.tables["patients"], pl.DataFrame)


SEXES = {"1": "Female", "2": "Male"}
YES_NO = {"yes": "1", "no": "0", "": ""}
TUMOURS = {str(n): tumour.label for n, tumour in enumerate(tumours().values(), 1)}


def redcap_fields(tables: dict[str, list[dict[str, str]]]) -> list[Field]:
    forms = {"patients": "demographics", "procedures": "level", "follow_ups": "proms"}
    forms |= {"radiographs": "film", "events": "adverse_event"}
    keys = {"patient_id", "visit"}
    made = [Field("record_id", "demographics")]
    for table, form in forms.items():
        for name in tables[table][0]:
            if name in keys or (table == "events" and name == "procedure_id"):
                continue
            kind, choices = "text", {}
            if name == "sex":
                kind, choices = "radio", SEXES
            elif name == "primary_tumour":
                kind, choices = "dropdown", TUMOURS
            elif name in ("leak", "leak_symptomatic"):
                kind = "yesno"
            own = f"film_{name}" if table == "radiographs" and name == "measured_on" else name
            own = f"film_{name}" if table == "radiographs" and name == "procedure_id" else own
            made.append(Field(own, form, kind, name.replace("_", " "), choices))
    return made


def redcap_entries(tables: dict[str, list[dict[str, str]]]) -> list[Entry]:
    codes = {tumour.code: str(n) for n, tumour in enumerate(tumours().values(), 1)}
    proms: dict[tuple[str, str], dict[str, str]] = {}
    for row in tables["patients"]:
        proms[row["patient_id"], "pre"] = {
            **row,
            "sex": {"F": "1", "M": "2"}[row["sex"]],
            "primary_tumour": codes[row["primary_tumour"]],
        }
    for row in tables["follow_ups"]:
        proms.setdefault((row["patient_id"], row["visit"]), {}).update(row)
    entries = [Entry(record, visit, values) for (record, visit), values in proms.items()]
    owners = {row["procedure_id"]: row["patient_id"] for row in tables["procedures"]}
    for n, row in enumerate(tables["procedures"], 1):
        said = {name: YES_NO[row[name]] for name in ("leak", "leak_symptomatic")}
        entries.append(Entry(row["patient_id"], "pre", {**row, **said}, "level", str(n)))
    for n, row in enumerate(tables["radiographs"], 1):
        values = {**row, "film_measured_on": row["measured_on"]}
        values["film_procedure_id"] = row["procedure_id"]
        owner = owners[row["procedure_id"]]
        entries.append(Entry(owner, row["visit"], values, "film", str(n)))
    return entries


@pytest.mark.parametrize("labelled", [False, True])
def test_the_example_comes_back_from_redcap(
    labelled: bool, tmp_path: Path, example: Checked
) -> None:
    tables = {}
    for path in SOURCE.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            tables[path.stem] = list(csv.DictReader(file))
    fields = redcap_fields(tables)
    folder = tmp_path / "source"
    folder.mkdir()
    write_dictionary(folder / "dictionary.csv", fields)
    write_export(folder / "export.csv", fields, redcap_entries(tables), labelled=labelled)
    proposal = propose(read_raw(folder, DAY), DAY)
    assert proposal.missing == ()
    mapping = proposal.mapping
    for question in proposal.questions:
        mapping = answer(mapping, question, question.proposed or question.choices[0].key)
    checked = check(folder, mapping)
    assert checked.accepted, checked.findings
    assert [one for one in checked.findings if one.severity != "kept"] == []
    for table in STORED[:-1]:
        before, after = (
            one.tables[table].drop("tumour_text", "primary_tumour", strict=False)
            for one in (example, checked)
        )
        assert sorted(after.select(before.columns).rows(), key=repr) == sorted(
            before.rows(), key=repr
        ), table
    tumour = checked.tables["patients"].sort("patient_id")["primary_tumour"]
    assert (
        tumour.to_list()
        == example.tables["patients"].sort("patient_id")["primary_tumour"].to_list()
    )
