"""A registry of this product as the tables of the source format that it could come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.readers.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NEEDED = {
    "registry": ("name", "synthetic", "data_date", "region_convention"),
    "patients": ("patient_id", "tumour_text", "died"),
    "procedures": ("procedure_id", "operated_on", "leak"),
    "leaks": ("procedure_id", "location", "route"),
    "follow_ups": ("patient_id", "visit", "measure", "value"),
    "items": ("patient_id", "visit", "measure", "item", "value"),
    "radiographs": ("procedure_id", "visit", "measure", "value"),
    "events": ("patient_id", "kind"),
}


def is_registry(tables: Mapping[str, pl.DataFrame]) -> bool:
    """Return whether these are the tables of a registry."""
    return all(
        table in tables
        and (table != "registry" or tables[table].height == 1)
        and set(columns) <= set(tables[table].columns)
        for table, columns in NEEDED.items()
    )


def settings_of(tables: Mapping[str, pl.DataFrame]) -> Settings:
    """Return the settings of the source that the registry came from."""
    said = tables["registry"].row(0, named=True)
    return Settings(said["name"], said["synthetic"], said["data_date"], said["region_convention"])


def source_tables(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return the wide tables of the source format."""
    patients = tables["patients"].with_columns(
        primary_tumour=pl.coalesce("tumour_text", "primary_tumour"), died=_yes_no("died")
    )
    return {
        "patients": patients.drop("tumour_text"),
        "procedures": _procedures(tables["procedures"], tables["leaks"]),
        "follow_ups": _follow_ups(tables["follow_ups"], tables["items"]),
        "radiographs": _wide(
            tables["radiographs"].with_columns(_yes_no("calibrated").alias("calibrated")),
            ["procedure_id", "visit", "reader", "measured_on", "posture", "calibrated"],
        ),
        "events": tables["events"],
    }


def _procedures(procedures: pl.DataFrame, leaks: pl.DataFrame) -> pl.DataFrame:
    place = pl.concat_str("location", pl.concat_str(pl.lit("/"), "route").fill_null(""))
    places = leaks.group_by("procedure_id", maintain_order=True).agg(
        leak_locations=place.str.join(";")
    )
    joined = procedures.join(places, on="procedure_id", how="left", maintain_order="left")
    return joined.with_columns(
        _yes_no(column).alias(column) for column in ("leak", "leak_symptomatic")
    )


def _follow_ups(scores: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """Return the scores of a visit side by side, the answers on the line of their score."""
    key = ["patient_id", "visit"]
    answers = items.with_columns(
        column=pl.format("{}_{}", "measure", "item"), value=pl.col("value").cast(pl.Float64)
    )
    days = scores.unique([*key, "measure"], keep="first").select(*key, "measure", "measured_on")
    answers = answers.join(days, on=[*key, "measure"], how="left", maintain_order="left")
    long = pl.concat(
        [
            scores.select(*key, "measured_on", "value", column="measure"),
            answers.select(*key, "measured_on", "value", "column"),
        ]
    )
    return _pivot(long, [*key, "measured_on"])


def _wide(films: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    return _pivot(films.select(*key, "value", column="measure"), key)


def _pivot(long: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Return one column for each measure; repeats of a measure get a line each."""
    repeat = pl.int_range(pl.len()).over(*key, "column").alias("repeat")
    columns = long["column"].unique(maintain_order=True).to_list()
    wide = long.with_columns(repeat).pivot(
        on="column", on_columns=columns, index=[*key, "repeat"], values="value"
    )
    return wide.drop("repeat")


def _yes_no(column: str) -> pl.Expr:
    return pl.col(column).replace_strict(
        {True: "yes", False: "no"}, default=None, return_dtype=pl.String
    )
