"""The imports of a registry: kept, compared, undone, one at a time, and never half."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from data import lock as lock_module
from data import replacement
from data.codebook import FOLDER
from data.history import history, record, undo
from data.ingest import accept, check, difference, main, preview, staged
from data.lock import BusyError, locked
from data.warehouse import RegistryError, open_registry, signature, stored_tables
from tests.sources import FOLLOW_UPS, PATIENTS, PROCEDURES, write_source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from data.ingest import Checked


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    return partial(write_source, tmp_path / "source")


@pytest.fixture
def registry(make: Callable[..., Path], tmp_path: Path) -> Path:
    """Return a registry of two imports; the second has a patient more."""
    path = tmp_path / "registry.duckdb"
    accept(check(make()), path)
    accept(check(make(patients__csv=PATIENTS + b"P3,F,\n")), path)
    return path


def patients(path: Path) -> int:
    return stored_tables(path, "patients")["patients"].height


def names(path: Path) -> set[str]:
    return {one.name for one in path.parent.iterdir()} - {"source"}


# Imports


def test_every_import_is_kept_with_its_findings(registry: Path, make: Callable[..., Path]) -> None:
    more = {"patients__csv": PATIENTS + b"P3,F,\n"}
    accept(check(make(**more, follow_ups__csv=FOLLOW_UPS + b"P1,m6,,99,\n")), registry)
    log = stored_tables(registry, "imports", "import_rows", "findings")
    assert log["imports"]["import_id"].to_list() == [1, 2, 3]
    assert log["imports"]["rows_read"].to_list() == [6, 7, 8]
    assert log["imports"]["mapping"].to_list() == [None, None, None]
    found = log["findings"].select("import_id", "rule", "target", "field").rows()
    assert found == [
        (2, "no_procedure", "patients", "patient_id"),
        (3, "no_procedure", "patients", "patient_id"),
        (3, "sentinel", "follow_ups", "vas"),
    ]
    counted = log["import_rows"].select("import_id", "table", "rows_read").rows()
    assert counted[-3:] == [(3, "patients", 3), (3, "procedures", 2), (3, "follow_ups", 3)]
    assert names(registry) == {
        *("registry.duckdb", "registry.import-1.duckdb", "registry.import-2.duckdb")
    }


def test_findings_of_the_last_imports_stay(
    registry: Path, make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KYPHO_LIMIT_FINDINGS_IMPORTS", "1")
    accept(check(make(patients__csv=PATIENTS + b"P3,F,\n")), registry)
    assert stored_tables(registry, "findings")["findings"]["import_id"].to_list() == [3]


def test_history_lists_imports_with_what_can_be_brought_back(registry: Path) -> None:
    last, first = history(registry)
    assert (last.import_id, last.current, last.restorable) == (2, True, False)
    assert (first.import_id, first.current, first.restorable) == (1, False, True)
    assert (first.source_name, first.rows_read, first.rows_held_back) == ("source", 6, 0)
    with pytest.raises(RegistryError, match="cannot be read"):
        history(registry.with_name("absent"))


def test_undo_brings_back_an_import_and_can_be_undone(registry: Path) -> None:
    seen = signature(registry)
    assert undo(registry) == 1
    assert patients(registry) == 2
    assert signature(registry) != seen
    assert [(one.import_id, one.current) for one in history(registry)] == [(2, False), (1, True)]
    assert undo(registry, 2) == 2
    assert patients(registry) == 3


def test_an_import_after_an_undo_has_a_number_of_its_own(
    registry: Path, make: Callable[..., Path]
) -> None:
    undo(registry, 1)
    accept(check(make()), registry)
    assert [one.import_id for one in history(registry)] == [3, 2, 1]
    assert undo(registry, 2) == 2
    assert patients(registry) == 3


@pytest.mark.parametrize("wanted", [None, 1, 7])
def test_undo_of_what_is_not_kept_changes_nothing(
    make: Callable[..., Path], tmp_path: Path, wanted: int | None
) -> None:
    path = tmp_path / "registry.duckdb"
    accept(check(make()), path)
    before = path.read_bytes()
    with pytest.raises(RegistryError, match="is not kept; kept are none"):
        undo(path, wanted)
    assert path.read_bytes() == before


def test_a_damaged_earlier_registry_is_not_brought_back(registry: Path) -> None:
    registry.with_name("registry.import-1.duckdb").write_bytes(b"nothing")
    before = registry.read_bytes()
    with pytest.raises(RegistryError, match="cannot be read as one"):
        undo(registry)
    assert registry.read_bytes() == before
    assert [one.import_id for one in history(registry)] == [2, 1]


def test_the_number_of_earlier_registries_is_bounded(
    registry: Path, make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KYPHO_LIMIT_GENERATIONS", "2")
    for _ in range(3):
        accept(check(make()), registry)
    assert names(registry) == {
        *("registry.duckdb", "registry.import-3.duckdb", "registry.import-4.duckdb")
    }
    monkeypatch.setenv("KYPHO_LIMIT_GENERATIONS", "0")
    accept(check(make()), registry)
    assert names(registry) == {"registry.duckdb"}
    monkeypatch.setenv("KYPHO_LIMIT_GENERATIONS", "many")
    accept(check(make()), registry)
    assert names(registry) == {"registry.duckdb", "registry.import-6.duckdb"}


@pytest.mark.parametrize("content", [b"no registry", b""])
def test_what_is_no_registry_is_kept_and_has_no_imports(
    make: Callable[..., Path], tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "registry.duckdb"
    path.write_bytes(content)
    accept(check(make()), path)
    number = 2 if content else 1
    assert [one.import_id for one in history(path)] == [number]
    kept = path.with_name("registry.import-1.duckdb")
    assert kept.exists() is bool(content)


def test_a_disk_without_second_names_keeps_a_copy(
    registry: Path, make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> None:
        raise OSError(arguments)

    before = registry.read_bytes()
    monkeypatch.setattr(os, "link", refuse)
    accept(check(make()), registry)
    assert registry.with_name("registry.import-2.duckdb").read_bytes() == before


def test_a_registry_that_was_replaced_meanwhile_is_not_replaced(
    registry: Path, make: Callable[..., Path]
) -> None:
    seen = signature(registry)
    accept(check(make()), registry, replaces=seen)
    before = registry.read_bytes()
    with pytest.raises(RegistryError, match="replaced by another import in the meantime"):
        accept(check(make()), registry, replaces=seen)
    assert registry.read_bytes() == before
    with pytest.raises(RegistryError, match="in the meantime"):
        accept(check(make()), registry.with_name("absent.duckdb"), replaces=seen)


def test_two_first_imports_at_once_do_not_replace_each_other_unseen(
    make: Callable[..., Path], tmp_path: Path
) -> None:
    path = tmp_path / "first.duckdb"
    accept(check(make()), path, is_first=True)
    before = path.read_bytes()
    with pytest.raises(RegistryError, match="in the meantime"):
        accept(check(make()), path, is_first=True)
    assert path.read_bytes() == before


def test_the_command_lists_and_undoes_imports(
    registry: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    named = ["--registry", str(registry)]
    assert main(["--history", *named]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["2", "1"]
    assert lines[0].endswith("7 of 7 rows kept  source  in use")
    assert main(["--undo", *named, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [(one["import_id"], one["current"]) for one in printed] == [(2, False), (1, True)]
    assert main(["--undo", "9", *named]) == 1
    assert "is not kept; kept are 1, 2." in capsys.readouterr().err
    assert main(["--history"]) == 2
    assert "Name the registry" in capsys.readouterr().err


# What would change


def test_difference_names_new_changed_and_vanished_patients(
    registry: Path, make: Callable[..., Path]
) -> None:
    checked = check(
        make(
            patients__csv=PATIENTS.replace(b"P2,M,2006-09", b"P4,F,"),
            procedures__csv=PROCEDURES.replace(b",P2,", b",P4,"),
            follow_ups__csv=FOLLOW_UPS.replace(b",8,60", b",7,60"),
        )
    )
    found = difference(registry, checked)
    assert (found.new, found.changed, found.vanished) == (("P4",), ("P1",), ("P2", "P3"))
    assert found.unchanged == 0
    rows = {table: (one.before, one.after, one.new, one.gone) for table, one in found.rows.items()}
    assert rows["patients"] == (3, 2, 1, 2)
    assert rows["procedures"] == (2, 2, 1, 1)
    assert rows["follow_ups"] == (3, 3, 1, 1)
    assert rows["radiographs"] == (0, 0, 0, 0)


def test_difference_follows_films_to_their_patient(
    make: Callable[..., Path], tmp_path: Path
) -> None:
    film = "procedure_id,visit,wedge_angle\nK2,m3,{}\n"
    path = tmp_path / "r.duckdb"
    accept(check(make(radiographs__csv=film.format(5))), path)
    same = difference(path, check(make(radiographs__csv=film.format(5))))
    assert (same.new, same.changed, same.vanished, same.unchanged) == ((), (), (), 2)
    assert difference(path, check(make(radiographs__csv=film.format(6)))).changed == ("P2",)


def test_against_no_registry_every_patient_is_new(make: Callable[..., Path]) -> None:
    found = difference(None, check(make()))
    assert (found.new, found.unchanged) == (("P1", "P2"), 0)


def test_a_preview_can_be_asked_and_is_gone_afterwards(make: Callable[..., Path]) -> None:
    with preview(check(make())) as path:
        warehouse = open_registry(path)
        assert warehouse.registry.name == "source"
        warehouse.close()
    assert not path.exists()
    with (
        pytest.raises(RegistryError, match="There is nothing to show"),
        preview(check(path)),
    ):
        pass


def test_uploaded_files_lie_in_private_and_are_gone_afterwards(make: Callable[..., Path]) -> None:
    files = {one.name: one.read_bytes() for one in make().iterdir()}
    with staged(files) as folder:
        assert folder.stat().st_mode & 0o077 == 0
        assert check(folder).accepted
    assert not folder.exists()
    with staged({"..\\..\\C:\\secret/.Liste.csv": b"x"}) as path:
        assert path.name == "Liste.csv"
        assert path.read_bytes() == b"x"
    with staged({"..": b"x"}) as path:
        assert path.name == "file"


# One at a time


def hold(path: Path, started: object, seconds: float) -> None:
    with locked(path, 0):
        started.set()  # type: ignore[attr-defined]
        time.sleep(seconds)


@pytest.fixture
def holding(tmp_path: Path) -> Callable[[float], multiprocessing.Process]:
    def start(seconds: float) -> multiprocessing.Process:
        context = multiprocessing.get_context("fork")
        started = context.Event()
        process = context.Process(target=hold, args=(tmp_path / "r.duckdb", started, seconds))
        process.start()
        assert started.wait(10)
        return process

    return start  # type: ignore[return-value]


def test_an_import_waits_for_another(
    make: Callable[..., Path],
    tmp_path: Path,
    holding: Callable[[float], multiprocessing.Process],
) -> None:
    process = holding(0.3)
    accept(check(make()), tmp_path / "r.duckdb")
    process.join()
    assert names(tmp_path / "r.duckdb") == {"r.duckdb"}


def test_an_import_that_waited_too_long_is_told(
    make: Callable[..., Path],
    tmp_path: Path,
    holding: Callable[[float], multiprocessing.Process],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("KYPHO_LIMIT_LOCK_SECONDS", "0")
    process = holding(30)
    try:
        assert main([str(make()), "--registry", str(tmp_path / "r.duckdb")]) == 1
        assert "another import into r.duckdb has been running" in capsys.readouterr().err
    finally:
        process.kill()
        process.join()
    assert main([str(make()), "--registry", str(tmp_path / "r.duckdb")]) == 0


def test_a_lock_whose_file_was_removed_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, taken = tmp_path / "r", []
    take = lock_module._take

    def remove_first(handle: int) -> None:
        take(handle)
        taken.append(handle)
        if len(taken) == 1:
            (tmp_path / ".r.lock").unlink()

    monkeypatch.setattr(lock_module, "_take", remove_first)
    with locked(path, 0):
        assert len(taken) == 2
        with pytest.raises(BusyError), locked(path, 0):
            pass
    assert not list(tmp_path.iterdir())


# Never half


STEPS = """
import os, signal, sys
from pathlib import Path
from data import history, replacement
from data.ingest import accept, check

wanted, count = int(sys.argv[3]), 0

def step(*arguments):
    global count
    count += 1
    if count == wanted:
        os.kill(os.getpid(), signal.SIGKILL)

def before(module, name):
    function = getattr(module, name)
    def stepping(*arguments, **options):
        step()
        result = function(*arguments, **options)
        step()
        return result
    setattr(module, name, stepping)

for name in ("replace", "link", "unlink", "mkdir", "fsync", "rmdir", "chmod", "open"):
    before(os, name)
for name in ("replace", "unlink", "chmod"):
    before(Path, name)
for name in ("_keep_access", "_keep_old", "flush", "_flush_folder", "_sweep"):
    before(replacement, name)
before(history, "write_registry")
before(history, "_prune")
accept(check(Path(sys.argv[1])), Path(sys.argv[2]))
print(count)
"""


def test_a_killed_import_leaves_the_old_or_the_new_registry_at_every_step(
    registry: Path, make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KYPHO_LIMIT_GENERATIONS", "1000")
    source = str(make(patients__csv=PATIENTS + b"P3,F,\nP4,F,\n"))
    before = registry.read_bytes()

    def run(step: int) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-c", STEPS, source, str(registry), str(step)]
        return subprocess.run(command, cwd=FOLDER.parent, capture_output=True, check=False)

    whole = run(0)
    assert whole.returncode == 0, whole.stderr.decode()
    steps = int(whole.stdout)
    assert steps > 20
    undo(registry, 2)
    seen = set()
    for step in range(1, steps + 1, max(steps // 8, 1)):
        assert run(step).returncode in (-signal.SIGKILL, 0)
        seen.add(patients(registry))
        if patients(registry) == 4:
            undo(registry, 2)
    assert seen <= {3, 4}
    assert registry.read_bytes() == before


FULL = """
import resource, signal, sys
from data import ingest
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
sys.exit(ingest.main(sys.argv[2:]))
"""


@pytest.mark.parametrize("size", [0, 4096, 300_000, 2_000_000])
def test_a_disk_that_is_full_leaves_the_old_registry(
    registry: Path, make: Callable[..., Path], size: int
) -> None:
    before, kept = registry.read_bytes(), names(registry)
    command = [sys.executable, "-c", FULL, str(size), str(make()), "--registry", str(registry)]
    done = subprocess.run(command, cwd=FOLDER.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("Nothing was written: ")
    assert "Traceback" not in done.stderr
    assert registry.read_bytes() == before
    assert names(registry) == kept
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_everything_is_on_the_disk_before_it_has_its_name(
    registry: Path, make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut keeps what was flushed and no more: the new file is flushed before the swap."""
    done: list[str] = []
    flush, flush_folder, replace = (
        replacement.flush,
        replacement._flush_folder,
        type(registry).replace,
    )
    monkeypatch.setattr(
        replacement, "flush", lambda path: (done.append(f"flush {path.name}"), flush(path))
    )
    monkeypatch.setattr(
        replacement, "_flush_folder", lambda path: (done.append("folder"), flush_folder(path))
    )
    monkeypatch.setattr(
        type(registry),
        "replace",
        lambda path, target: (done.append(f"name {target.name}"), replace(path, target))[1],
    )
    accept(check(make()), registry)
    assert done == ["flush registry.duckdb", "name registry.duckdb", "folder"]


def test_rows_that_break_the_schema_keep_no_second_name(
    registry: Path, make: Callable[..., Path]
) -> None:
    checked: Checked = check(make())
    table = checked.tables["patients"]
    kept = names(registry)
    with pytest.raises(RegistryError, match="Constraint Error"):
        record(registry, {**checked.tables, "patients": table.vstack(table)})
    assert names(registry) == kept
