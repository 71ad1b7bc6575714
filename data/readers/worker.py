"""The process that opens files of other programs: workbooks, columns, databases.

A damaged or malicious file can make a parser take all memory or end its process; here it ends
this one, within a limit of memory, and the import says that the file cannot be read.
``python -m data.readers.worker FOLDER`` reads ``jobs.json`` in the folder and leaves there one
Arrow file for each table, and ``answer.json``.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from data.limits import limit
from data.readers.columnar import read_duckdb, read_parquet, read_sqlite
from data.readers.raw import RawTable
from data.readers.refusal import RefusedError, guarded

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from data.readers.settings import Settings

JOBS, ANSWER = "jobs.json", "answer.json"
SHARE_OF_MEMORY = 0.6
WHAT = {
    "xlsx": "a workbook",
    "xls": "a workbook",
    "ods": "a workbook",
    "parquet": "a Parquet file",
    "sqlite": "an SQLite file",
    "duckdb": "a DuckDB file",
}
AGAIN = "Open it, save it again, or export its tables as CSV, and import that."


def main(folder: Path) -> None:
    """Read the files of the jobs in a folder, and write what they hold beside them."""
    jobs = json.loads((folder / JOBS).read_text(encoding="utf-8"))
    answers = [_answer(folder, number, **job) for number, job in enumerate(jobs)]
    (folder / ANSWER).write_text(json.dumps(answers, default=str), encoding="utf-8")


def limit_memory() -> None:
    """Let this process take no more memory than the limit, and not most of the machine's."""
    with suppress(ValueError, OSError):
        pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        most = min(limit("reader_bytes"), int(pages * SHARE_OF_MEMORY))
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _answer(folder: Path, number: int, name: str, kind: str, stem: str, path: str) -> object:
    settings: Settings | None = None
    tables: list[object] = []
    hidden: list[str] = []
    try:
        with guarded(name, WHAT[kind], AGAIN):
            if kind == "duckdb":
                grids, settings = read_duckdb(Path(path))
                found: Iterator[RawTable | str] = iter(_tables(grids, name))
            else:
                found = _read(name, kind, stem, Path(path))
            for table in found:
                if isinstance(table, str):
                    hidden.append(table)
                    continue
                table.grid.write_ipc(folder / f"{number}-{len(tables)}.arrow")
                flags = [asdict(flag) for flag in table.flags]
                spread = [[row, list(one.items())] for row, one in table.spread.items()]
                tables.append({"name": table.name, "flags": flags, "spread": spread})
    except RefusedError as error:
        return {"refused": asdict(error.finding)}
    said = None if settings is None else asdict(settings)
    return {"tables": tables, "hidden": hidden, "settings": said}


def _read(name: str, kind: str, stem: str, path: Path) -> Iterator[RawTable | str]:
    if kind == "parquet":
        return iter(_tables(read_parquet(stem, path), name))
    if kind == "sqlite":
        return iter(_tables(read_sqlite(path), name))
    from data.readers.workbooks import read_workbook  # its libraries take long to load

    return read_workbook(name, path, kind)


def _tables(grids: dict[str, pl.DataFrame], name: str) -> list[RawTable | str]:
    return [RawTable(table, name, grid) for table, grid in grids.items()]


if __name__ == "__main__":
    limit_memory()
    main(Path(sys.argv[1]))
