"""The command of the import: its options, its exit codes and what it prints."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING

import pytest

from data.codebook import FOLDER
from data.ingest import main
from data.warehouse import REGISTRY_VARIABLE, open_registry
from tests.sources import FOLLOW_UPS, PATIENTS, write_source, zipped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    return partial(write_source, tmp_path / "source")


def test_wrong_usage_exits_with_2(
    make: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv(REGISTRY_VARIABLE, raising=False)
    assert main([str(make())]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    with pytest.raises(SystemExit) as stopped:
        main([])
    assert stopped.value.code == 2


def test_registry_is_named_by_the_environment(
    make: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "named.duckdb"
    monkeypatch.setenv(REGISTRY_VARIABLE, str(path))
    assert main([str(make()), "--dry-run"]) == 0
    assert not path.exists()
    assert "nothing was written, as asked" in capsys.readouterr().out
    assert main([str(make())]) == 0
    assert path.exists()
    assert f"written to {path}" in capsys.readouterr().out


def test_json_has_exactly_its_fields(
    make: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    source = make(follow_ups__csv=FOLLOW_UPS + b"P1,m6,,nan,\n")
    assert main([str(source), "--dry-run", "--json"]) == 0
    result = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    (finding,) = result["findings"]
    assert finding.pop("advice").startswith("The vas is no number")
    assert result == {
        "accepted": True,
        "rows": {
            "patients": {"read": 2, "kept": 2, "held_back": 0},
            "procedures": {"read": 2, "kept": 2, "held_back": 0},
            "follow_ups": {"read": 3, "kept": 3, "held_back": 0},
        },
        "findings": [
            {
                "table": "follow_ups",
                "row": 4,
                "column": "vas",
                "rule": "not_a_number",
                "severity": "held_back",
                "value": "nan",
            }
        ],
    }
    assert list(finding) == ["table", "row", "column", "rule", "severity", "value"]


def test_findings_are_written_as_csv_and_stored(make: Callable[..., Path], tmp_path: Path) -> None:
    source = make(follow_ups__csv=FOLLOW_UPS + b"P1,m6,,99,\n,m6,,1,\n")
    out, registry = tmp_path / "findings.csv", tmp_path / "r.duckdb"
    assert main([str(source), "--registry", str(registry), "--findings", str(out)]) == 0
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["table", "row", "column", "rule", "severity", "value", "advice"]
    assert [(row["row"], row["rule"]) for row in rows] == [("4", "sentinel"), ("5", "missing_key")]
    stored = open_registry(registry).reader().fetch("from registry.findings")
    assert stored["import_id"].to_list() == [1, 1]
    assert stored["advice"].to_list() == [row["advice"] for row in rows]


def test_report_shows_a_few_examples_of_each_rule(
    make: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    many = b"".join(b"P1,m%d,,99,\n" % n for n in (6, 12, 24)) + b"P2,pre,,999,\nP2,,,1,\n"
    source = make(follow_ups__csv=FOLLOW_UPS + many, notes__txt="x")
    assert main([str(source), "--dry-run"]) == 0
    printed = capsys.readouterr().out
    assert "held back: sentinel (4)" in printed
    assert "  follow_ups, row 4, vas 99: The vas looks like" in printed
    assert "  and 1 more" in printed
    assert "  notes.txt: The file" in printed


def test_command_line_runs_as_a_module(make: Callable[..., Path]) -> None:
    command = [sys.executable, "-m", "data.ingest", str(make()), "--dry-run", "--json"]
    done = subprocess.run(command, cwd=FOLDER.parent, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["accepted"] is True


def test_no_file_of_the_source_and_no_foreign_file_is_overwritten(
    make: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, registry = make(), tmp_path / "r.duckdb"
    foreign = tmp_path / "letter.doc"
    foreign.write_bytes(b"a letter to a colleague")
    packed = zipped(source, tmp_path / "a.zip")
    patients = source / "patients.csv"
    for arguments, sentence in (
        ([source, "--registry", patients], "belongs to the source"),
        ([source, "--registry", registry, "--findings", patients], "belongs to the source"),
        ([packed, "--registry", packed], "belongs to the source"),
        ([source, "--registry", registry, "--findings", registry], "name two files"),
        ([source, "--registry", foreign], "is no registry and is not overwritten"),
    ):
        assert main([str(one) for one in arguments]) == 2
        printed = capsys.readouterr().err
        assert sentence in printed
        assert printed.count("\n") == 1
    assert patients.read_bytes() == PATIENTS
    assert foreign.read_bytes() == b"a letter to a colleague"
    assert not registry.exists()


def test_empty_file_may_become_the_registry(make: Callable[..., Path], tmp_path: Path) -> None:
    registry = tmp_path / "r.duckdb"
    registry.touch()
    assert main([str(make()), "--registry", str(registry)]) == 0
    open_registry(registry).close()


def test_findings_hold_no_formula_for_a_spreadsheet(
    make: Callable[..., Path], tmp_path: Path
) -> None:
    rows = "".join(f'P1,other,2006-05-0{n},"{cell}"\n' for n, cell in enumerate(
        ["=1+1", "@A1", "-99", "+1,5", "-1+cmd"], start=1
    ))  # fmt: skip
    source = make(follow_ups__csv=f"patient_id,visit,measured_on,vas\n{rows}")
    out = tmp_path / "findings.csv"
    assert main([str(source), "--dry-run", "--findings", str(out)]) == 0
    with out.open(encoding="utf-8", newline="") as file:
        values = [row["value"] for row in csv.DictReader(file)]
    assert values == ["'=1+1", "'@A1", "-99", "+1,5", "'-1+cmd"]


def test_report_steers_no_terminal(
    make: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    source = make(follow_ups__csv='patient_id,visit,vas\nP1,m3,"\x1b[2Jü\nx"\n')
    assert main([str(source), "--dry-run"]) == 0
    assert "vas \\x1b[2Jü\\nx: The vas is no number" in capsys.readouterr().out
