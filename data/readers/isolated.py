"""Files of other programs, opened by a process of its own: see ``data.readers.worker``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from data.codebook import FOLDER
from data.limits import limit
from data.readers.raw import Flag, RawTable
from data.readers.refusal import RefusedError, refusal
from data.readers.settings import Settings
from data.readers.worker import ANSWER, JOBS, WHAT
from data.rules import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.readers.kinds import Kind

COMMAND = (sys.executable, "-m", "data.readers.worker")


@dataclass(frozen=True)
class Job:
    """A file to open: its name in the source, its kind, its name without ending, where it lies."""

    name: str
    kind: Kind
    stem: str
    path: Path


@dataclass(frozen=True)
class Opened:
    """What a file holds: its tables, its hidden sheets, its settings where it is a registry."""

    tables: tuple[RawTable, ...]
    hidden: tuple[str, ...]
    settings: Settings | None


def open_files(jobs: Sequence[Job]) -> list[Opened]:
    """Open files in a process of its own, within the limits of memory and time.

    Raises
    ------
    RefusedError
        If one of them cannot be read, or ends the process.
    """
    if not jobs:
        return []
    with tempfile.TemporaryDirectory(prefix="kyphoplasty-") as name:
        folder = Path(name)
        asked = [
            {"name": one.name, "kind": one.kind, "stem": one.stem, "path": str(one.path.resolve())}
            for one in jobs
        ]
        (folder / JOBS).write_text(json.dumps(asked), encoding="utf-8")
        why = _run(folder)
        if why is not None:
            raise _ended(jobs, why)
        answers = json.loads((folder / ANSWER).read_text(encoding="utf-8"))
        return [
            _opened(folder, number, job, answer)
            for number, (job, answer) in enumerate(zip(jobs, answers, strict=True))
        ]


def _run(folder: Path) -> str | None:
    """Run the process; return why it gave no answer, None where it gave one."""
    seconds = limit("reader_seconds")
    environment = {**os.environ, "POLARS_MAX_THREADS": "1", "PYTHONPATH": str(FOLDER.parent)}
    try:
        done = subprocess.run(  # noqa: S603
            [*COMMAND, str(folder)],
            cwd=FOLDER.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"takes longer than {seconds} s to open"
    if done.returncode != 0 or not (folder / ANSWER).exists():
        return "is damaged, or needs more memory than is allowed"
    return None


def _ended(jobs: Sequence[Job], why: str) -> RefusedError:
    names = " or ".join(one.name for one in jobs)
    return refusal(
        "broken_file",
        f"{names} cannot be read as {WHAT[jobs[0].kind]}: it {why}. Open it, save it again, or "
        "export its tables as CSV, and import that.",
        table=jobs[0].stem if len(jobs) == 1 else "source",
    )


def _opened(folder: Path, number: int, job: Job, answer: dict[str, Any]) -> Opened:
    if "refused" in answer:
        raise RefusedError(Finding(**answer["refused"]))
    tables = tuple(
        RawTable(
            one["name"],
            job.name,
            pl.read_ipc((folder / f"{number}-{place}.arrow").read_bytes()),
            {row: dict(pairs) for row, pairs in one["spread"]},
            flags=tuple(Flag(**flag) for flag in one["flags"]),
        )
        for place, one in enumerate(answer["tables"])
    )
    return Opened(tables, tuple(answer["hidden"]), _settings(answer["settings"]))


def _settings(said: dict[str, Any] | None) -> Settings | None:
    if said is None:
        return None
    return Settings(
        said["name"],
        said["synthetic"],
        date.fromisoformat(said["data_date"]),
        said["region_convention"],
    )
