"""Groups to compare: each patient, or each level, stands in exactly one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from data.codebook import LEAK_STATES, LEVELS, REGIONS, SEXES, tumours
from queries.cohort import UNRECORDED, code_label

if TYPE_CHECKING:
    from queries.statistics.results import Unit

By = Literal["primary_tumour", "region", "sex", "age_band", "level", "leak", "surgeon", "centre"]
GROUP_FIELDS: tuple[By, ...] = (
    "primary_tumour",
    "region",
    "sex",
    "age_band",
    "level",
    "leak",
    "surgeon",
    "centre",
)
EVERYBODY = "all"
SEVERAL = "several"
AGE_BANDS = ("under 50", "50-59", "60-69", "70-79", "80 and over")


def grouped(members: pl.DataFrame, by: By, unit: Unit) -> pl.DataFrame:
    """Give each member its group.

    Parameters
    ----------
    members : polars.DataFrame
        Members of a cohort, one row per treated level.
    by : str
        The field that makes the groups.
    unit : {"patient", "level"}
        For patients, one whose levels lie in more than one group is in ``several``; for
        ``leak``, a patient with a leak anywhere is in ``yes``.

    Returns
    -------
    polars.DataFrame
        Columns patient_id, procedure_id and group, one row per treated level.
    """
    frame = members.with_columns(_group(by).alias("group"))
    if unit == "patient":
        frame = frame.with_columns(_of_patient(by).over("patient_id").alias("group"))
    return frame.select("patient_id", "procedure_id", "group")


def of_patients(members: pl.DataFrame, by: By) -> pl.DataFrame:
    """Return patient_id and group of every patient of a cohort, each once."""
    return grouped(members, by, "patient").select("patient_id", "group").unique()


def _group(by: By) -> pl.Expr:
    if by != "age_band":
        return pl.col(by)
    age = pl.col("age")
    return (
        pl.when(age < 50)
        .then(pl.lit("under 50"))
        .when(age < 60)
        .then(pl.lit("50-59"))
        .when(age < 70)
        .then(pl.lit("60-69"))
        .when(age < 80)
        .then(pl.lit("70-79"))
        .when(age >= 80)
        .then(pl.lit("80 and over"))
        .otherwise(pl.lit(UNRECORDED))
    )


def _of_patient(by: By) -> pl.Expr:
    group = pl.col("group")
    if by == "leak":
        return (
            pl.when((group == "yes").any())
            .then(pl.lit("yes"))
            .when((group == UNRECORDED).any())
            .then(pl.lit(UNRECORDED))
            .otherwise(pl.lit("no"))
        )
    return pl.when(group.n_unique() == 1).then(group.first()).otherwise(pl.lit(SEVERAL))


def group_order(by: str, groups: set[str]) -> tuple[str, ...]:
    """Return groups in the order of their vocabulary, `several` and `unrecorded` last."""
    vocabulary: dict[str, tuple[str, ...]] = {
        "primary_tumour": tuple(tumours()),
        "region": REGIONS,
        "sex": tuple(SEXES),
        "age_band": AGE_BANDS,
        "level": LEVELS,
        "leak": tuple(LEAK_STATES),
    }
    known = vocabulary.get(by, tuple(sorted(groups - {SEVERAL, UNRECORDED})))
    order = dict.fromkeys((*known, SEVERAL, UNRECORDED))
    return tuple(group for group in order if group in groups)


def group_label(by: str, code: str, convention: str = "junction") -> str:
    """Return how a group of a comparison reads."""
    return code if code in (EVERYBODY, SEVERAL) else code_label(by, code, convention)
