"""Checks across tables, rows and visits: what can be true and hardly is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.codebook import AFTER_OPERATION, BASELINE, measures, visits

if TYPE_CHECKING:
    from collections.abc import Collection

    from data.sheet import Sheet

YOUNGEST, OLDEST = 18, 105
ABOVE_EXPECTED = 1.2
STEEP_MM, STEEP_DEGREES = 4.0, 5.0
JUMP_MM, JUMP_DEGREES = 12.0, 30.0
ONE_SEX = {"prostate": "F", "gynaecological": "M"}


def check_people(patients: Sheet, procedures: Sheet) -> None:
    """Note patients who are hardly as they are written, or stand there twice."""
    age = pl.col("operation").dt.year() - pl.col("birth_year")
    patients.mark(
        (age < YOUNGEST) | (age > OLDEST),
        "unlikely_age",
        "birth_year",
        pl.format("The patient was {} years old at the first operation; check the year.", age),
    )
    patients.mark(
        pl.col("sex") == pl.col("primary_tumour").replace_strict(ONE_SEX, default=None),
        "sex_and_tumour",
        "primary_tumour",
        "The tumour does not go with the sex of the patient; correct one of them.",
    )
    _mark_similar_keys(patients)
    _mark_same_people(patients, procedures)


def _mark_similar_keys(patients: Sheet) -> None:
    key = pl.col("patient_id").str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", " ")
    bare = key.str.replace_all(r"(^|[^0-9])0+([0-9])", "${1}${2}").str.replace_all(" ", "")
    alike = patients.frame.select("row", "patient_id", key=bare)
    repeated = alike.filter(pl.col("key").is_duplicated())
    if not repeated.height:
        return
    others = repeated.group_by("key").agg(pl.col("patient_id").sort().alias("ids"))
    listed = repeated.join(others, on="key").select(
        "row", said=pl.col("ids").list.head(4).list.join(", ")
    )
    patients.mark(
        pl.col("row").is_in(listed["row"].implode()),
        "similar_keys",
        "patient_id",
        pl.format(
            "The patients {} differ in capitals, zeros or marks alone; give them one patient_id "
            "if they are one.",
            pl.col("row").replace_strict(listed["row"], listed["said"], default=None),
        ),
    )


def _mark_same_people(patients: Sheet, procedures: Sheet) -> None:
    """Note patients of one sex, year, tumour, day of operation and levels."""
    levels = procedures.frame.group_by("patient_id").agg(levels=pl.col("level").sort().str.join())
    same = ["sex", "birth_year", "primary_tumour", "operation", "levels"]
    known = patients.frame.join(levels, on="patient_id", how="inner", maintain_order="left")
    known = known.select("row", "patient_id", *same).drop_nulls()
    alike = known.filter(pl.struct(same).is_duplicated())
    if not alike.height:
        return
    named = alike.with_columns(said=pl.col("patient_id").sort().str.join(", ").over(same))
    patients.mark(
        pl.col("row").is_in(alike["row"].implode()),
        "same_person",
        "patient_id",
        pl.format(
            "The patients {} have the same sex, year of birth, tumour, day of operation and "
            "levels; keep one if they are one.",
            pl.col("row").replace_strict(named["row"], named["said"], default=None),
        ),
    )


def check_order_of_visits(sheet: Sheet, key: str) -> None:
    """Note visits that do not lie after the one before."""
    order = {visit: n for n, visit in enumerate(visits())}
    dated = sheet.frame.filter(pl.col("labelled") & pl.col("measured_on").is_not_null())
    placed = dated.select(
        "row",
        key,
        "measured_on",
        "visit",
        position=pl.col("visit").replace_strict(order, default=None, return_dtype=pl.Int32),
    ).drop_nulls("position")
    latest = (
        placed.group_by(key, "position", "visit")
        .agg(pl.max("measured_on").alias("day"))
        .sort(key, "position")
        .with_columns(
            pl.when(pl.col(key) == pl.col(key).shift()).then(pl.col("day").shift()).alias("before"),
            pl.col("visit").shift().alias("earlier"),
        )
    )
    both = pl.col("visit").eq(AFTER_OPERATION) & pl.col("earlier").eq(BASELINE)
    wrong = latest.filter(
        (pl.col("day") < pl.col("before")) | ((pl.col("day") == pl.col("before")) & ~both)
    )
    if not wrong.height:
        return
    hits = placed.join(wrong, on=[key, "position"], how="inner").select("row", "earlier", "before")
    sheet.mark(
        pl.col("row").is_in(hits["row"].implode()),
        "visit_order",
        "measured_on",
        pl.format(
            "The day does not lie after that of the visit {} ({}); correct one of the days.",
            pl.col("row").replace_strict(hits["row"], hits["earlier"], default=None),
            pl.col("row").replace_strict(hits["row"], hits["before"], default=None),
        ),
    )


def check_last_seen(
    patients: Sheet, procedures: Sheet, follow_ups: pl.DataFrame, films: pl.DataFrame
) -> None:
    """Note patients who were measured after the day on which they were last seen."""
    owners = procedures.frame.select("procedure_id", "patient_id")
    taken = films.group_by("procedure_id").agg(day=pl.max("measured_on"))
    days = pl.concat(
        [
            follow_ups.group_by("patient_id").agg(day=pl.max("measured_on")),
            taken.join(owners, on="procedure_id", how="inner").select("patient_id", "day"),
        ]
    )
    latest = days.group_by("patient_id").agg(latest=pl.max("day"))
    seen = patients.frame.select("row", "patient_id", "last_seen_on")
    joined = seen.join(latest, on="patient_id", how="inner")
    late = joined.filter(pl.col("latest") > pl.col("last_seen_on"))
    if late.height:
        patients.mark(
            pl.col("row").is_in(late["row"].implode()),
            "seen_later",
            "last_seen_on",
            pl.format(
                "The patient was measured on {}, after the day on which the patient was last "
                "seen; correct one of the days.",
                pl.col("row").replace_strict(late["row"], late["latest"], default=None),
            ),
        )


def check_films_plausible(sheet: Sheet, columns: Collection[str]) -> None:
    """Note films whose values contradict each other or those of the film before."""
    for code in columns:
        measure = measures()[code]
        reference = measure.reference_measure
        if reference in columns:
            sheet.mark(
                pl.col(code) > pl.col(str(reference)) * ABOVE_EXPECTED,
                "above_expected",
                code,
                pl.format(
                    f"The {code} is above the expected height ({{}} mm); correct one of them.",
                    str(reference),
                ),
            )
        if reference is not None or measure.minimum < 0:
            jump = JUMP_DEGREES if measure.minimum < 0 else JUMP_MM
            _mark_jumps(sheet, code, measure.unit, jump)
    if {"height_anterior", "height_posterior", "wedge_angle"} <= set(columns):
        fall = pl.col("height_posterior") - pl.col("height_anterior")
        angle = pl.col("wedge_angle")
        sheet.mark(
            (fall.abs() >= STEEP_MM)
            & (angle.abs() >= STEEP_DEGREES)
            & (fall.sign() != angle.sign()),
            "angle_against_heights",
            "wedge_angle",
            pl.format(
                "The wedge_angle says {} and the heights say that the {} edge is the lower one; "
                "kyphosis is positive. Correct one of them.",
                pl.when(angle > 0).then(pl.lit("kyphosis")).otherwise(pl.lit("lordosis")),
                pl.when(fall > 0).then(pl.lit("anterior")).otherwise(pl.lit("posterior")),
            ),
        )


def _mark_jumps(sheet: Sheet, code: str, unit: str, jump: float) -> None:
    order = {visit: n for n, visit in enumerate(visits())}
    placed = sheet.frame.select(
        "row",
        "procedure_id",
        value=code,
        position=pl.col("visit").replace_strict(order, default=None, return_dtype=pl.Int32),
    ).drop_nulls()
    means = placed.group_by("procedure_id", "position").agg(pl.mean("value"))
    means = means.sort("procedure_id", "position").with_columns(
        before=pl.when(pl.col("procedure_id") == pl.col("procedure_id").shift()).then(
            pl.col("value").shift()
        )
    )
    wrong = means.filter((pl.col("value") - pl.col("before")).abs() > jump)
    if not wrong.height:
        return
    hits = placed.join(wrong, on=["procedure_id", "position"], how="inner")
    sheet.mark(
        pl.col("row").is_in(hits["row"].implode()),
        "implausible_jump",
        code,
        pl.format(
            f"The {code} differs from the visit before ({{}} {unit}) by more than {jump:g} {unit}; "
            "correct one of them.",
            pl.col("row").replace_strict(
                hits["row"], hits["before"].round(1), default=None, return_dtype=pl.Float64
            ),
        ),
    )
