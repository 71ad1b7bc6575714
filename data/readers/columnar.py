"""Tables of files whose columns have names and types: Parquet, SQLite, DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.readers.raw import cell_text, clean, from_frame, grid
from data.readers.registry_tables import is_registry, settings_of, source_tables
from data.warehouse import duckdb_tables, sqlite_tables

if TYPE_CHECKING:
    from pathlib import Path

    from data.readers.settings import Settings


def read_parquet(name: str, path: Path) -> dict[str, pl.DataFrame]:
    """Read a Parquet file as one grid under its own name."""
    return {name: from_frame(pl.read_parquet(path), name)}


def read_sqlite(path: Path) -> dict[str, pl.DataFrame]:
    """Read every table of an SQLite file as a grid, views left out."""
    return {
        table: grid(
            enumerate(([cell_text(cell) for cell in row] for row in (columns, *rows)), start=1),
            table,
        )
        for table, columns, rows in sqlite_tables(path)
    }


def read_duckdb(path: Path) -> tuple[dict[str, pl.DataFrame], Settings | None]:
    """Read every table of a DuckDB file as a grid, views left out.

    A registry of this product becomes the tables of the source format again, with its settings.
    """
    found = duckdb_tables(path)
    settings = settings_of(found) if is_registry(found) else None
    found = found if settings is None else source_tables(found)
    grids = {clean(name) or name: from_frame(table, name) for name, table in found.items()}
    return grids, settings
