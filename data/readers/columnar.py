"""Tables of files whose columns have names and types: Parquet, SQLite, DuckDB."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from data.readers.raw import cell_text, clean, from_frame, grid
from data.readers.refusal import guarded
from data.readers.registry_tables import is_registry, settings_of, source_tables
from data.warehouse import duckdb_tables, sqlite_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.readers.settings import Settings

AGAIN = "Write it again, or export its tables as CSV."


def read_parquet(name: str, content: bytes) -> dict[str, pl.DataFrame]:
    """Read a Parquet file as one grid under its own name.

    Raises
    ------
    RefusedError
        If it is damaged.
    """
    with guarded(name, "a Parquet file", AGAIN):
        return {name: from_frame(pl.read_parquet(BytesIO(content)), name)}


def read_sqlite(name: str, content: bytes) -> dict[str, pl.DataFrame]:
    """Read every table of an SQLite file as a grid, views left out.

    Raises
    ------
    RefusedError
        If it is damaged.
    """
    with guarded(name, "an SQLite file", AGAIN), _on_disk(content) as path:
        return {
            table: grid(
                enumerate(([cell_text(cell) for cell in row] for row in (columns, *rows)), start=1),
                table,
            )
            for table, columns, rows in sqlite_tables(path)
        }


def read_duckdb(name: str, content: bytes) -> tuple[dict[str, pl.DataFrame], Settings | None]:
    """Read every table of a DuckDB file as a grid, views left out.

    A registry of this product becomes the tables of the source format again, with its settings.

    Raises
    ------
    RefusedError
        If it is damaged.
    """
    with guarded(name, "a DuckDB file", AGAIN), _on_disk(content) as path:
        found = duckdb_tables(path)
        settings = settings_of(found) if is_registry(found) else None
        found = found if settings is None else source_tables(found)
        grids = {clean(name) or name: from_frame(table, name) for name, table in found.items()}
        return grids, settings


@contextmanager
def _on_disk(content: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="kyphoplasty-") as folder:
        path = Path(folder) / "database"
        path.write_bytes(content)
        yield path
