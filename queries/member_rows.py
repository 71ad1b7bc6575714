"""The rows of a statement that belong to the cohort, at the speed of the registry's size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from queries.cohort import members_of, treated_levels

if TYPE_CHECKING:
    from data.warehouse import Parameter, Reader

KEPT_WHOLE = 20_000


def member_rows(
    reader: Reader,
    statement: str,
    *,
    by: Literal["patient_id", "procedure_id"],
    **parameters: Parameter,
) -> pl.DataFrame:
    """Return the rows of a statement for the reader's cohort.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader whose table ``cohort`` holds a selection's members.
    statement : str
        Its rows depend on the cohort through `by` alone.
    by : {"patient_id", "procedure_id"}
        The column by which a row belongs to a member.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.

    Notes
    -----
    Planning a statement takes longer than running it on a department's registry. Up to 20,000
    treated levels the rows of everybody are therefore fetched once for each generation of the
    registry, and a cohort's are chosen among them; above, the database chooses.
    """
    treated = treated_levels(reader)
    if treated.height > KEPT_WHOLE:
        return reader.fetch(statement, **parameters)
    rows = reader.constant(statement, treated, **parameters)
    return rows.filter(pl.col(by).is_in(members_of(reader)[by].implode()))
