"""The registry file: opened read-only and locked down, written whole and swapped in."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from data.codebook import FOLDER, LEVELS, region
from data.interruption import may_stop
from data.replacement import replacing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import polars as pl

REGISTRY_VARIABLE = "KYPHO_REGISTRY"
SCHEMA_VERSION = 2

PLAIN_TYPES = frozenset(
    (
        *("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT"),
        *("UINTEGER", "UBIGINT", "FLOAT", "DOUBLE", "VARCHAR", "DATE", "TIMESTAMP"),
    )
)

Parameter = str | int | float | bool | date | None | tuple[str, ...] | list[str]
Signature = tuple[int, int, int]


class RegistryError(Exception):
    """The registry cannot be read or written; the message says why and what to do."""


@dataclass(frozen=True)
class Registry:
    """What the registry says of itself.

    Notes
    -----
    `version` is the first twelve hexadecimal digits of the SHA-256 of its sources;
    `data_date` is the day up to which it is complete.
    """

    name: str
    synthetic: bool
    region_convention: str
    schema_version: int
    version: str
    data_date: date


class Reader:
    """One cursor on the registry, for one run of one viewer.

    Attributes
    ----------
    kept : dict
        What this run has already asked of its cohort; emptied when the cohort changes.
    """

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        registry: Registry,
        constants: dict[object, pl.DataFrame] | None = None,
    ) -> None:
        self._cursor = cursor
        self._constants = {} if constants is None else constants
        self._unseen: dict[str, pl.DataFrame] = {}
        self.registry = registry
        self.kept: dict[str, object] = {}

    def apart(self) -> Reader:
        """Return a reader on the same registry with tables of its own."""
        return Reader(self._cursor.cursor(), self.registry, self._constants)

    def register(self, name: str, frame: pl.DataFrame) -> None:
        """Make a frame visible to statements as a table of that name, once one is run."""
        self._unseen[name] = frame

    def fetch(self, statement: str, **parameters: Parameter) -> pl.DataFrame:
        """Run one statement with exactly the named parameters that it declares.

        Raises
        ------
        RegistryError
            If the statement fails or its parameters differ from those given.
        """
        may_stop()
        values = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in parameters.items()
        }
        while self._unseen:
            self._cursor.register(*self._unseen.popitem())
        try:
            frame: pl.DataFrame = self._cursor.sql(statement, params=values).pl()
        except duckdb.Error as error:
            raise RegistryError(
                f"The registry could not answer ({_kind(error)}). Load the source again with "
                "`python -m data.ingest`."
            ) from error
        return frame

    def constant(
        self, statement: str, cohort: pl.DataFrame | None = None, /, **parameters: Parameter
    ) -> pl.DataFrame:
        """Run a statement once for each generation of the registry.

        Parameters
        ----------
        statement : str
            It reads the whole registry, or finds `cohort` as its table ``cohort``.
        cohort : polars.DataFrame, optional
            The same at every call with this statement.
        """
        may_stop()
        key = (statement, *sorted(parameters.items()))
        if key not in self._constants:
            asked = self.apart()
            if cohort is not None:
                asked.register("cohort", cohort)
            self._constants[key] = asked.fetch(statement, **parameters)
        return self._constants[key]


class Warehouse:
    """A read-only, locked-down connection to one generation of a registry file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, registry: Registry) -> None:
        self._connection: duckdb.DuckDBPyConnection | None = connection
        self._constants: dict[object, pl.DataFrame] = {}
        self.registry = registry

    def reader(self) -> Reader:
        """Return a reader on a fresh cursor; readers never share one.

        Raises
        ------
        RegistryError
            If the warehouse was closed.
        """
        connection = self._connection
        if connection is None:
            raise RegistryError("The registry was replaced in this moment. Open the page again.")
        return Reader(connection.cursor(), self.registry, self._constants)

    def close(self) -> None:
        """Let go of the file; readers in use keep it until they are done.

        Closing the connection itself would close their cursors too.
        """
        self._connection = None


def named_registry() -> Path | None:
    """Return the registry that the environment names, or None for the example."""
    named = os.environ.get(REGISTRY_VARIABLE, "").strip()
    return Path(named).expanduser() if named else None


def signature(path: Path) -> Signature:
    """Return what changes when a registry file is replaced: inode, time and size.

    Raises
    ------
    RegistryError
        If there is no such file or it cannot be reached.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise RegistryError(
            f"The registry {path} cannot be read: {error.strerror}. Check the path in "
            f"{REGISTRY_VARIABLE}, or load a source with `python -m data.ingest`."
        ) from error
    return found.st_ino, found.st_mtime_ns, found.st_size


def open_registry(path: Path) -> Warehouse:
    """Open a registry read-only, attached as ``registry`` to an in-memory database.

    A connection opened on the path itself never sees a file that was swapped in later;
    an attached one does, once for each new signature.

    Raises
    ------
    RegistryError
        If the file is missing, is no registry, or was made by another version.
    """
    signature(path)
    try:
        connection = _locked_down(path, "registry")
    except duckdb.Error as error:
        raise _unreadable(path, error) from error
    try:
        registry = _describe(connection)
    except duckdb.Error as error:
        connection.close()
        raise _unreadable(path, error) from error
    if registry.schema_version != SCHEMA_VERSION:
        connection.close()
        raise RegistryError(
            f"The registry {path} has schema version {registry.schema_version}, this program "
            f"reads {SCHEMA_VERSION}. Load the source again with `python -m data.ingest`."
        )
    return Warehouse(connection, registry)


def _locked_down(path: Path, name: str) -> duckdb.DuckDBPyConnection:
    """Return an in-memory connection that sees one file, read-only, and nothing else."""
    connection = duckdb.connect(
        ":memory:",
        config={"autoinstall_known_extensions": False, "autoload_known_extensions": False},
    )
    try:
        connection.execute(f"attach ? as {name} (read_only)", [str(path)])
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
    except duckdb.Error:
        connection.close()
        raise
    return connection


def _unreadable(path: Path, error: duckdb.Error) -> RegistryError:
    return RegistryError(
        f"The registry {path} cannot be read as one: {_first_line(error)} Load the source "
        "again with `python -m data.ingest`."
    )


def duckdb_tables(path: Path) -> dict[str, pl.DataFrame]:
    """Return every table of a DuckDB file of somebody else, views left out.

    What polars cannot hold (intervals and the like) becomes text.

    Raises
    ------
    duckdb.Error
        If the file cannot be read.
    """
    with _locked_down(path, "source") as connection:
        rows = connection.execute(
            "select t.schema_name, t.table_name, list(struct_pack(n := c.column_name, t := "
            "c.data_type) order by c.column_index) from duckdb_tables() as t inner join "
            "duckdb_columns() as c using (database_name, schema_name, table_name) where "
            "t.database_name = 'source' and not t.internal group by all order by all"
        ).fetchall()
        return {
            table: connection.sql(
                f"select {', '.join(map(_selected, columns))} "  # noqa: S608
                f"from source.{quoted(schema)}.{quoted(table)}"
            ).pl()
            for schema, table, columns in rows
        }


def _selected(column: Mapping[str, str]) -> str:
    name = quoted(column["n"])
    return name if column["t"] in PLAIN_TYPES else f"{name}::varchar as {name}"


def sqlite_tables(path: Path) -> Iterator[tuple[str, list[str], list[tuple[object, ...]]]]:
    """Yield the name, columns and rows of every table of an SQLite file, views left out.

    Raises
    ------
    sqlite3.Error
        If the file cannot be read.
    """
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        connection.execute("pragma trusted_schema = off")
        names = connection.execute(
            "select name from sqlite_schema where type = 'table' and name not like 'sqlite\\_%' "
            "escape '\\' order by rowid"
        ).fetchall()
        for (name,) in names:
            cursor = connection.execute(f"select * from {quoted(name)}")  # noqa: S608
            yield name, [column[0] for column in cursor.description], cursor.fetchall()


def quoted(name: str) -> str:
    """Return a name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def _first_line(error: duckdb.Error) -> str:
    line = str(error).splitlines()[0]
    return line if line.endswith(".") else f"{line}."


def _kind(error: duckdb.Error) -> str:
    """Return the kind of an error; the rest of its text quotes the statement and the data."""
    return str(error).partition(":")[0].lower()


def _describe(connection: duckdb.DuckDBPyConnection) -> Registry:
    row = connection.execute(
        "select name, synthetic, region_convention, schema_version, version, data_date "
        "from registry.registry"
    ).fetchone()
    if row is None:
        raise duckdb.InvalidInputException("its table `registry` is empty")
    return Registry(*row)


def level_rows(convention: str) -> dict[str, list[str] | list[int]]:
    """Return the lookup table of levels, from cranial to caudal, as columns."""
    return {
        "level": list(LEVELS),
        "position": list(range(1, len(LEVELS) + 1)),
        "region": [region(level, convention) for level in LEVELS],
    }


def stored_tables(path: Path, *tables: str) -> dict[str, pl.DataFrame]:
    """Return whole tables of a registry.

    Raises
    ------
    RegistryError
        If the registry cannot be read.
    """
    warehouse = open_registry(path)
    reader = warehouse.reader()
    warehouse.close()
    return {table: reader.fetch(f"from registry.{quoted(table)}") for table in tables}


def write_registry(
    path: Path, tables: Mapping[str, pl.DataFrame], keep: Path | None = None
) -> None:
    """Write a whole registry beside the old one and swap it in with one rename.

    What killed imports left there is removed after an hour.

    Parameters
    ----------
    path : Path
        Where the registry lies; its folder must exist. Links are followed.
    tables : mapping of str to polars.DataFrame
        One frame for each table of ``schema.sql``, with that table's columns in any order.
    keep : Path or None
        The name under which the old registry stays.

    Raises
    ------
    RegistryError
        If the folder cannot be written or the rows break the schema; nothing has changed then.
    """
    try:
        target = path.resolve()
        if target.is_dir():
            raise RegistryError(
                f"Nothing was written: {path} is a folder. Name a file in it as the registry."
            )
        with replacing(target, keep) as fresh:
            _fill(fresh, tables)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RegistryError(
            f"Nothing was written: the folder {path.parent} cannot be written ({reason})."
        ) from error
    except duckdb.Error as error:
        raise RegistryError(f"Nothing was written: {_first_line(error)}") from error


def _fill(path: Path, tables: Mapping[str, pl.DataFrame]) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute((FOLDER / "schema.sql").read_text(encoding="utf-8"))
        for table, columns in _columns(connection).items():
            frame = tables[table].select(columns)
            connection.register("incoming", frame)
            connection.sql("from incoming").insert_into(table)
            connection.unregister("incoming")
        connection.execute("checkpoint")


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, Sequence[str]]:
    rows = connection.execute(
        "select table_name, list(column_name order by column_index) "
        "from duckdb_columns() where database_name = current_database() "
        "and not internal group by table_name order by table_name"
    ).fetchall()
    return dict(rows)
