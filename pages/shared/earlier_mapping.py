"""The mapping of the last import, for the next one with the same columns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from data.mapping.file import load_mapping
from data.readers.refusal import RefusedError
from data.salts import salt_of
from data.warehouse import RegistryError
from pages.shared.ask import ask_of_all
from pages.shared.registry_in_use import file_in_use, registry_in_use
from queries.held_back import imports

if TYPE_CHECKING:
    from data.mapping.model import Mapping

ALIKE = 0.8


def earlier_mapping() -> tuple[Mapping, str] | None:
    """Return the mapping that the registry in use was read with, and of which import it is.

    None where its pseudonyms could not be made again, since their salt is no longer there.
    """
    file = file_in_use()
    try:
        last = ask_of_all(imports)[0] if file is not None and registry_in_use() else None
        if file is None or last is None or last.mapping is None:
            return None
        mapping = load_mapping(last.mapping.encode())
    except (RegistryError, RefusedError):
        return None
    salt = salt_of(file.resolve(), last.import_id)
    if not salt and any(one.pseudonym for table in mapping.tables for one in table.columns):
        return None
    return replace(mapping, salt=salt), f"the import of {last.imported_at:%Y-%m-%d}"


def fits(earlier: Mapping, fresh: Mapping) -> bool:
    """Return whether most of the columns that a mapping reads are there."""
    there = {(table.table, one.column) for table in fresh.tables for one in table.columns}
    read = [
        (table.table, one.column)
        for table in earlier.tables
        for one in table.columns
        if one.becomes is not None
    ]
    return bool(read) and sum(one in there for one in read) >= ALIKE * len(read)


def followed_mapping(fresh: Mapping, earlier: Mapping) -> Mapping:
    """Return a mapping proposed afresh with the columns of an earlier one as they were read."""
    known = {table.table: table for table in earlier.tables}
    tables = []
    for table in fresh.tables:
        old = known.get(table.table)
        if old is not None:
            columns = {one.column: one for one in old.columns}
            kept = tuple(columns.get(one.column, one) for one in table.columns)
            tables.append(replace(table, columns=kept, visit=old.visit))
        else:
            tables.append(table)
    return replace(earlier, tables=tuple(tables))
