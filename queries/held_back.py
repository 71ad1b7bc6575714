"""What the import held back: counts by rule and place, the rows themselves, the imports so far."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from data.rules import HELD_BACK, RULES
from queries.statements import statement

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl

    from data.warehouse import Reader
    from queries.cohort import Cohort

SHOWN = 200
EVERY = 2_000_000
NO_LOSS = frozenset(("duplicate_row", "totals_row"))


@dataclass(frozen=True)
class Held:
    """How often one rule found something in one column of one table.

    Parameters
    ----------
    table : str
        A table of the source format, or of the source where none of ours is to blame.
    field : str or None
        Its column; None where the whole row was held back, or none is to blame.
    rule : str
        A name of ``data.rules.RULES``.
    severity : {"held_back", "kept"}
        Whether the row or cell was held back, or kept with a mark.
    n : int
        How many rows or cells.
    """

    table: str
    field: str | None
    rule: str
    severity: str
    n: int

    @property
    def is_row(self) -> bool:
        """Return whether the rule holds back whole rows."""
        return self.rule in RULES and RULES[self.rule].holds == "row"

    @property
    def is_lost(self) -> bool:
        """Return whether something was lost: held back, and no repetition or sum of other rows."""
        return self.severity == HELD_BACK and self.rule not in NO_LOSS


@dataclass(frozen=True)
class Import:
    """One import of the registry, in rows of the source's tables.

    Parameters
    ----------
    mapping : str or None
        The mapping that it was read with, as TOML; None where the source was of the format.
    """

    import_id: int
    source_name: str
    imported_at: datetime
    rows_read: int
    rows_kept: int
    rows_held_back: int
    mapping: str | None = None


def held_back(reader: Reader, _cohort: Cohort) -> tuple[Held, ...]:
    """Count what the latest import found, whatever the filter.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.
    """
    found = reader.constant(statement("held_back")).drop_nulls("rule")
    counted = [Held(table=row.pop("place"), **row) for row in found.to_dicts()]
    return tuple(replace(one, field=None) if one.is_row else one for one in counted)


def findings(
    reader: Reader, _cohort: Cohort, *, rule: str | None = None, most: int = SHOWN
) -> pl.DataFrame:
    """Return what the latest import found, in the order of the source's tables and rows.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    rule : str, optional
        The findings of this rule alone.
    most : int
        At most so many.

    Returns
    -------
    polars.DataFrame
        table, row, column, rule, severity, value and advice.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.
    """
    return reader.fetch(statement("findings"), rule=rule, most=most).drop_nulls("rule")


def imports(reader: Reader, _cohort: Cohort) -> tuple[Import, ...]:
    """Return the imports that led to this registry, the latest first.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.
    """
    return tuple(Import(**row) for row in reader.constant(statement("imports")).to_dicts())
