"""Every treated level of a cohort with its leak, in order of operation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from queries.cohort import Cohort, Selection, selection
from queries.member_rows import member_rows
from queries.statements import statement

if TYPE_CHECKING:
    from data.warehouse import Reader

KEPT = ("procedure_id", "operated_on", "level", "position", "region", "surgeon")


@dataclass(frozen=True)
class Levels:
    """A cohort's treated levels.

    Parameters
    ----------
    rows : polars.DataFrame
        One row per level: patient_id, procedure_id, leak (null: not looked for),
        leak_symptomatic, leak_modality, cement_ml (millilitres), locations and routes (lists,
        null without a leak), operated_on, level, position, region, surgeon and cluster (the
        place of the patient, from 1).
    """

    selection: Selection
    rows: pl.DataFrame

    @property
    def looked(self) -> pl.DataFrame:
        """Return the levels at which somebody looked for a leak."""
        return self.rows.filter(pl.col("leak").is_not_null())


def treated_levels(reader: Reader, cohort: Cohort) -> Levels:
    """Return the treated levels of a cohort in order of operation.

    Levels of one day stand in the order of their patients, and within a patient from cranial to
    caudal.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.
    """
    selected = selection(reader, cohort)
    rows = (
        member_rows(reader, statement("leakage"), by="procedure_id")
        .join(selected.members.select(KEPT), on="procedure_id")
        .sort("operated_on", "patient_id", "position", "procedure_id")
        .with_columns(pl.col("patient_id").rank("dense").cast(pl.Int64).alias("cluster"))
    )
    return Levels(selected, rows)
