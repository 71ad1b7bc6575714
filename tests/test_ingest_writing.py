"""The registry is written whole or not at all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from data import example, replacement
from data.codebook import FOLDER
from data.ingest import accept, check, history, main, propose, read_raw
from data.warehouse import RegistryError, open_registry
from tests.corpus import sheet, wide
from tests.sources import PATIENTS, write_source

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    return partial(write_source, tmp_path / "source")


@pytest.fixture
def registry(make: Callable[..., Path], tmp_path: Path) -> Path:
    path = tmp_path / "registry.duckdb"
    accept(check(make()), path)
    return path


def test_written_registry_holds_every_table(registry: Path) -> None:
    reader = open_registry(registry).reader()
    counts = {
        table: reader.fetch(statement).item()
        for table, statement in {
            "patients": "select count(*) from registry.patients",
            "procedures": "select count(*) from registry.procedures",
            "follow_ups": "select count(*) from registry.follow_ups",
            "radiographs": "select count(*) from registry.radiographs",
            "imports": "select count(*) from registry.imports",
            "findings": "select count(*) from registry.findings",
        }.items()
    }
    assert counts == {
        "patients": 2,
        "procedures": 2,
        "follow_ups": 3,
        "radiographs": 0,
        "imports": 1,
        "findings": 0,
    }


def test_refused_source_leaves_the_old_registry_untouched(
    make: Callable[..., Path], registry: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = registry.read_bytes()
    source = make(follow_ups__csv=b"patient_id,visit\nP1,pr\xe9\nP2,pr\xc3\xa9, apr\xc3\xa8s\n")
    assert main([str(source), "--registry", str(registry)]) == 1
    assert registry.read_bytes() == before
    printed = capsys.readouterr()
    assert "follow_ups.csv is not UTF-8" in printed.err
    assert "nothing was written" in printed.out


def test_refused_source_cannot_be_accepted(make: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"no patients\.csv"):
        accept(check(make(patients__csv=None)), tmp_path / "r.duckdb")


EXAMPLE = Path(example.__file__).parent / "example"
DAY = date(2026, 11, 22)
BLOCKED = """
import sys, time
from data import ingest, replacement
def block(path):
    print("written", flush=True)
    time.sleep(60)
replacement.flush = block
ingest.main(sys.argv[1:])
"""


def test_killed_import_leaves_the_old_registry_readable(
    make: Callable[..., Path], registry: Path
) -> None:
    before = registry.read_bytes()
    source = make(patients__csv=PATIENTS + b"P3,F,\n")
    command = [sys.executable, "-c", BLOCKED, str(source), "--registry", str(registry)]
    with subprocess.Popen(command, cwd=FOLDER.parent, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert registry.read_bytes() == before
    fetched = open_registry(registry).reader().fetch("select count(*) from registry.patients")
    assert fetched.item() == 2


def test_place_that_cannot_be_written_is_said_in_a_sentence(
    make: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = tmp_path / "absent" / "file"
    assert main([str(make()), "--registry", str(absent)]) == 1
    assert capsys.readouterr().err.startswith("Nothing was written: the folder")
    registry = tmp_path / "r.duckdb"
    assert (
        main([str(make()), "--registry", str(registry), "--findings", str(absent), "--json"]) == 1
    )
    printed = capsys.readouterr()
    assert printed.err.startswith("Nothing was written: the findings")
    result = json.loads(printed.out)
    assert result["accepted"] is False
    assert [one["rule"] for one in result["findings"]] == ["unwritable"]
    assert not registry.exists()


CLOSED = """
import os, sys
from data import ingest
accept = ingest.accept
def accept_as_nobody(checked, path):
    if os.geteuid() == 0:
        os.setuid(65534)
    accept(checked, path)
ingest.accept = accept_as_nobody
sys.exit(ingest.main(sys.argv[1:]))
"""


def test_unwritable_folder_is_said_in_a_sentence(make: Callable[..., Path], tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    command = [sys.executable, "-c", CLOSED, str(make()), "--registry", str(locked / "r.duckdb")]
    done = subprocess.run(command, cwd=FOLDER.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.endswith("cannot be written (Permission denied).\n")


def test_what_killed_imports_left_is_swept_after_an_hour(
    make: Callable[..., Path], registry: Path
) -> None:
    folder = registry.parent
    old = [
        ".registry.duckdb.a.new",
        ".registry.duckdb.a.new.wal",
        ".registry.duckdb.b.new/registry",
    ]
    young = [".registry.duckdb.c.new", ".registry.duckdb.d.new/registry"]
    others = [".other.duckdb.a.new", "registry.duckdb.new", ".registry.duckdb.a.txt"]
    for name in (*old, *young, *others):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    (folder / ".registry.duckdb.e.new").symlink_to(make(), target_is_directory=True)
    long_ago = time.time() - 3700
    for path in folder.rglob("*"):
        if not path.name.startswith(".registry.duckdb.c") and path.parent.name[-5:] != "d.new":
            os.utime(path, (long_ago, long_ago), follow_symlinks=False)
    accept(check(make()), registry)
    left = {path.name for path in folder.iterdir()} - {"source", "registry.duckdb"}
    left.remove("registry.import-1.duckdb")
    assert left == {".registry.duckdb.c.new", ".registry.duckdb.d.new", *others}
    assert (folder / "source" / "patients.csv").exists()


def test_left_file_that_cannot_be_removed_hinders_nothing(
    make: Callable[..., Path], registry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = registry.with_name(".registry.duckdb.a.new")
    left.touch()
    os.utime(left, (0, 0))

    def refuse(path: Path) -> None:
        raise PermissionError(path)

    monkeypatch.setattr(replacement, "_remove", refuse)
    accept(check(make()), registry)
    assert left.exists()


def test_new_registry_is_private_and_a_replaced_one_keeps_its_permissions(
    make: Callable[..., Path], registry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert registry.stat().st_mode & 0o777 == 0o600
    registry.chmod(0o640)
    accept(check(make()), registry)
    assert registry.stat().st_mode & 0o777 == 0o640

    def refuse(*arguments: object) -> None:
        raise PermissionError(arguments)

    monkeypatch.setattr(os, "chown", refuse)
    accept(check(make()), registry)
    assert registry.stat().st_mode & 0o777 == 0o600


def test_write_ahead_log_of_the_old_registry_does_not_outlive_it(
    make: Callable[..., Path], registry: Path
) -> None:
    log = registry.with_name("registry.duckdb.wal")
    log.write_bytes(b"of the old one")
    accept(check(make()), registry)
    assert not log.exists()
    open_registry(registry).close()


def test_registry_behind_a_link_is_replaced_where_it_lies(
    make: Callable[..., Path], registry: Path
) -> None:
    link = registry.with_name("current.duckdb")
    link.symlink_to(registry)
    before = registry.stat().st_ino
    accept(check(make()), link)
    assert link.is_symlink()
    assert registry.stat().st_ino != before
    loop = registry.with_name("loop.duckdb")
    loop.symlink_to(loop)
    with pytest.raises(RegistryError, match="cannot be written"):
        accept(check(make()), loop)


def test_folder_or_impossible_name_as_registry_is_said_in_a_sentence(
    make: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(make()), "--registry", str(tmp_path)]) == 1
    assert "is a folder. Name a file in it" in capsys.readouterr().err
    assert main([str(make()), "--registry", str(tmp_path / ("x" * 300))]) == 1
    assert "cannot be written (File name too long)" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_rows_that_break_the_schema_change_nothing(
    make: Callable[..., Path], registry: Path
) -> None:
    before = registry.read_bytes()
    checked = check(make())
    patients = checked.tables["patients"]
    checked.tables["patients"] = patients.vstack(patients)
    with pytest.raises(RegistryError, match="Nothing was written: Constraint Error"):
        accept(checked, registry)
    assert registry.read_bytes() == before
    assert {path.name for path in registry.parent.iterdir()} == {"source", "registry.duckdb"}


def test_two_imports_at_once_leave_one_whole_registry(
    make: Callable[..., Path], tmp_path: Path
) -> None:
    registry = tmp_path / "registry.duckdb"
    command = [sys.executable, "-m", "data.ingest", str(make()), "--registry", str(registry)]
    running = [
        subprocess.Popen(command, cwd=FOLDER.parent, stdout=subprocess.DEVNULL) for _ in range(3)
    ]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    open_registry(registry).close()
    assert {path.name for path in tmp_path.iterdir()} == {
        *("source", "registry.duckdb", "registry.import-1.duckdb", "registry.import-2.duckdb")
    }
    assert [one.import_id for one in history(registry)] == [3, 2, 1]


@pytest.mark.parametrize("kind", ["own", "mapped"])
def test_progress_rises_from_nothing_to_the_whole(tmp_path: Path, kind: str) -> None:
    told: list[tuple[str, float]] = []
    if kind == "own":
        check(EXAMPLE, None, lambda step, share: told.append((step, share)))
    else:
        path = sheet(tmp_path, wide())
        mapping = propose(read_raw(path, DAY), DAY).mapping
        check(path, mapping, lambda step, share: told.append((step, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert len({step for step, _ in told}) == len(told) > 4


class LeftError(BaseException):
    """The viewer clicked on."""


def test_who_leaves_while_a_source_is_checked_leaves_nothing_behind(tmp_path: Path) -> None:
    def leave(step: str, _share: float) -> None:
        if step == "Checking the films":
            raise LeftError

    path = sheet(tmp_path, wide())
    before = sorted(tmp_path.iterdir())
    with pytest.raises(LeftError):
        check(path, propose(read_raw(path, DAY), DAY).mapping, leave)
    assert sorted(tmp_path.iterdir()) == before
