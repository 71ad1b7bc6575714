"""Who of the cohort was seen at each visit, by a score or by a film."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from queries.absence import vital_status
from queries.member_rows import member_rows
from queries.statements import statement

if TYPE_CHECKING:
    from data.warehouse import Reader


def seen_at_visits(reader: Reader) -> pl.DataFrame:
    """Return the visits that the patients of the reader's cohort attended.

    Returns
    -------
    polars.DataFrame
        patient_id and visit, one row per patient and visit attended, in this order. Scores count
        where the patient's first operation is in the cohort, films with their own procedure.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.
    """
    of_index = vital_status(reader).filter("has_index_session")["patient_id"]
    scores = member_rows(reader, statement("seen_scores"), by="patient_id")
    films = member_rows(reader, statement("seen_films"), by="procedure_id")
    return (
        pl.concat(
            [
                scores.filter(pl.col("patient_id").is_in(of_index.implode())),
                films.select("patient_id", "visit"),
            ]
        )
        .unique()
        .sort("patient_id", "visit")
    )
