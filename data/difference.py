"""What a checked source would change of a registry: patients and rows, before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from data.warehouse import stored_tables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from data.checked import Checked

BY_PATIENT = ("patients", "procedures", "follow_ups", "items", "events")
BY_PROCEDURE = ("leaks", "radiographs")


@dataclass(frozen=True)
class RowChange:
    """Rows of one table: how many there are before and after, and how many are new and gone.

    A row of which one cell differs is new and gone at once.
    """

    before: int
    after: int
    new: int
    gone: int


@dataclass(frozen=True)
class Difference:
    """What an import would change.

    Parameters
    ----------
    new, changed, vanished : tuple of str
        Patients that come, of whom any row differs, and that go; in order.
    unchanged : int
        Patients of whom no row differs.
    rows : dict of str to RowChange
        For each table of patients, procedures and what belongs to them.
    """

    new: tuple[str, ...]
    changed: tuple[str, ...]
    vanished: tuple[str, ...]
    unchanged: int
    rows: dict[str, RowChange]


def difference(path: Path | None, checked: Checked) -> Difference:
    """Compare a registry with a checked source.

    Parameters
    ----------
    path : Path or None
        The registry in use, None where there is none yet.
    checked : Checked
        A source that was accepted.

    Raises
    ------
    RegistryError
        If the registry cannot be read.
    """
    tables = (*BY_PATIENT, *BY_PROCEDURE)
    after = {table: checked.tables[table] for table in tables}
    before = (
        {table: after[table].clear() for table in tables}
        if path is None
        else stored_tables(path, *tables)
    )
    marked = {table: _marked(before[table], after[table]) for table in tables}
    owners = pl.concat(
        [one["procedures"].select("procedure_id", "patient_id") for one in (before, after)]
    ).unique("procedure_id", keep="last")
    changed = _patients(marked, owners)
    old, new = (set(one["patients"]["patient_id"].to_list()) for one in (before, after))
    touched = changed & old & new
    return Difference(
        tuple(sorted(new - old)),
        tuple(sorted(touched)),
        tuple(sorted(old - new)),
        len((old & new) - touched),
        {table: _rows(marked[table]) for table in tables},
    )


def _marked(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return every different row with how often it stands before and after."""
    columns = sorted(after.columns)
    same = after.select(columns).schema
    old = before.select(columns).cast(same)
    whole = pl.concat(
        [
            old.with_columns(was=pl.lit(1), is_now=pl.lit(0)),
            after.select(columns).with_columns(was=pl.lit(0), is_now=pl.lit(1)),
        ]
    )
    return whole.group_by(columns).agg(pl.sum("was"), pl.sum("is_now"))


def _rows(marked: pl.DataFrame) -> RowChange:
    was, now = pl.col("was"), pl.col("is_now")
    counted = marked.select(
        was.sum().alias("before"),
        now.sum().alias("after"),
        (now - was).clip(lower_bound=0).sum().alias("new"),
        (was - now).clip(lower_bound=0).sum().alias("gone"),
    )
    return RowChange(**{name: int(count) for name, count in counted.row(0, named=True).items()})


def _patients(marked: Mapping[str, pl.DataFrame], owners: pl.DataFrame) -> set[str]:
    """Return the patients of whom a row differs."""
    differing = {
        table: frame.filter(pl.col("was") != pl.col("is_now")) for table, frame in marked.items()
    }
    direct = [differing[table].select("patient_id") for table in BY_PATIENT]
    through = [
        differing[table].join(owners, on="procedure_id", how="inner").select("patient_id")
        for table in BY_PROCEDURE
    ]
    return set(pl.concat([*direct, *through])["patient_id"].to_list())
