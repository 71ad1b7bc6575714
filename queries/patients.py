"""Whom the cohort holds, in an order in which they can be looked at one after another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from data.codebook import selectable_measures, visits
from queries.cohort import Cohort, Selection, selection
from queries.grouping import EVERYBODY
from queries.member_rows import member_rows
from queries.scores import with_change
from queries.statements import statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from data.codebook import Measure
    from data.warehouse import Reader
    from queries.statistics.results import Comparison

Order = Literal["operated", "patient_id", "change"]
ORDERS: tuple[Order, ...] = ("operated", "patient_id", "change")


@dataclass(frozen=True)
class Patients:
    """The patients of a cohort in order.

    Parameters
    ----------
    order : {"operated", "patient_id", "change"}
        By the day of the first operation, by identifier, or by the change of the first patient
        measure of the codebook since before the operation, the worst first.
    measure : Measure
        The measure whose change orders.
    roster : polars.DataFrame
        One row per patient in that order: patient_id, first_operated_on, sex, age (years),
        primary_tumour, n_levels (in the cohort), and with the order ``change`` visit and change,
        at the latest visit with a score; null without two scores, or where the baseline belongs
        to an earlier operation.
    """

    selection: Selection
    order: Order
    measure: Measure
    roster: pl.DataFrame
    comparisons: tuple[Comparison, ...] = ()

    @property
    def rows(self) -> tuple[dict[str, Any], ...]:
        """Return the patients as rows of the scripting interface."""
        return tuple(self._rows())

    def _rows(self) -> Iterator[dict[str, Any]]:
        for place, row in enumerate(self.roster.iter_rows(named=True), 1):
            first = row.pop("first_operated_on").isoformat()
            yield {"group": EVERYBODY, "place": place, **row, "first_operated_on": first}


def patients(reader: Reader, cohort: Cohort, *, order: Order = "operated") -> Patients:
    """List the patients of the cohort in an order.

    Parameters
    ----------
    reader : data.warehouse.Reader
        A reader on the registry.
    cohort : Cohort
        The filter.
    order : {"operated", "patient_id", "change"}
        How they follow one another; ties by the first operation and the identifier.

    Raises
    ------
    data.warehouse.RegistryError
        If the registry cannot be read.
    """
    selected = selection(reader, cohort)
    measure = selectable_measures("patient")[0]
    index = pl.col("operated_on") == pl.col("first_operated_on")
    people = selected.members.group_by("patient_id").agg(
        pl.col("first_operated_on", "sex", "age", "primary_tumour").first(),
        pl.len().alias("n_levels"),
        index.any().alias("index"),
    )
    keys, descending = ["first_operated_on", "patient_id"], [False, False]
    if order == "patient_id":
        keys, descending = ["patient_id"], [False]
    if order == "change":
        people = people.join(_changes(reader, measure, people), on="patient_id", how="left")
        keys, descending = ["change", *keys], [measure.better != "higher", *descending]
    ordered = people.sort(keys, descending=descending, nulls_last=True)
    return Patients(selected, order, measure, ordered.drop("index"))


def _changes(reader: Reader, measure: Measure, people: pl.DataFrame) -> pl.DataFrame:
    """Return each patient's change at the latest visit with a score after the operation."""
    place = {visit: number for number, visit in enumerate(visits())}
    scores = member_rows(reader, statement("trajectory"), by="patient_id", measure=measure.code)
    return (
        with_change(scores, key="patient_id")
        .join(people.filter("index"), on="patient_id", how="semi")
        .with_columns(pl.col("visit").replace_strict(place, return_dtype=pl.Int64).alias("place"))
        .filter(pl.col("change").is_not_null() & (pl.col("place") > 0))
        .sort("place")
        .group_by("patient_id")
        .agg(pl.col("visit", "change").last())
    )
