"""Checks of patients.csv."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.check_dates import A_DAY, earliest_day, hold_bad_dates, latest_day, mark_late, parse_dates
from data.check_identity import hold_identifying_texts, hold_naming_keys, shorten_births
from data.check_numbers import number
from data.check_values import (
    hold_blank_keys,
    hold_contradictions,
    hold_repeats,
    parse_codes,
    parse_yes_no,
    true_where_yes,
)
from data.codebook import SEXES, tumours

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from data.check_dates import Calendar
    from data.sheet import Sheet

EARLIEST_BIRTH = 1880


def check_patients(sheet: Sheet, calendar: Calendar) -> None:
    """Check the rows and cells of patients.csv that need no other table."""
    hold_blank_keys(sheet, "patient_id")
    hold_naming_keys(sheet, "patient_id")
    hold_repeats(sheet)
    hold_contradictions(sheet)
    parse_dates(sheet, "last_seen_on", calendar)
    hold_bad_dates(
        sheet,
        "died_on",
        earliest_day(pl.col("died_on")),
        calendar,
        _form_of_deaths(sheet),
    )
    parse_codes(sheet, "sex", tuple(SEXES))
    shorten_births(sheet)
    _parse_birth_years(sheet, calendar.today)
    _parse_tumours(sheet)
    hold_identifying_texts(sheet, "tumour_text")
    _parse_deaths(sheet)
    mark_late(sheet, "last_seen_on", calendar)
    mark_late(sheet, "died_on", calendar, earliest_day(pl.col("died_on")))


def _form_of_deaths(sheet: Sheet) -> str:
    if sheet.places is not None:
        return f"{A_DAY}, or its month or year where no more is known, or leave it blank"
    return (
        "as yyyy-mm-dd, or as yyyy-mm or yyyy where only the month or year is known, or leave it "
        "blank"
    )


def _parse_birth_years(sheet: Sheet, today: date) -> None:
    text = pl.col("birth_year")
    year = pl.when(text.str.contains(r"^[0-9]{1,4}$")).then(text).cast(pl.Int32)
    sheet.hold_cells(
        text.is_not_null()
        & (year.is_null() | ~number(text).is_between(EARLIEST_BIRTH, today.year)),
        "bad_birth_year",
        "birth_year",
        f"The birth_year is no year from {EARLIEST_BIRTH} to this one; write it with four "
        "digits or leave it blank.",
    )
    sheet.frame = sheet.frame.with_columns(year.alias("birth_year"))


def _parse_tumours(sheet: Sheet) -> None:
    text = pl.col("primary_tumour")
    known = {
        name.lower(): tumour.code
        for tumour in tumours().values()
        for name in (*tumour.synonyms, tumour.label, tumour.code)
    }
    code = text.str.to_lowercase().replace_strict(known, default=None, return_dtype=pl.String)
    sheet.mark(
        text.is_not_null() & code.is_null(),
        "unknown_tumour",
        "primary_tumour",
        "The tumour is not of the vocabulary and counts as `other`, its text is kept; write "
        f"one of {', '.join(tumours())} where one fits.",
    )
    as_it_came = pl.col("tumour_text") if "tumour_text" in sheet.frame.columns else text
    sheet.frame = sheet.frame.with_columns(
        pl.when(text.is_not_null()).then(code.fill_null("other")).alias("primary_tumour"),
        as_it_came.alias("tumour_text"),
    )


def _parse_deaths(sheet: Sheet) -> None:
    parse_yes_no(sheet, "died")
    dated = pl.col("died_on").is_not_null()
    sheet.mark(
        dated & (pl.col("died") == "no"),
        "death_contradiction",
        "died",
        "The patient has a date of death and `died` says no; the date wins. Correct one of them.",
    )
    true_where_yes(sheet, "died")
    sheet.frame = sheet.frame.with_columns(
        pl.when(dated).then(pl.lit(value=True)).otherwise(pl.col("died")).alias("died"),
        latest_day(pl.col("died_on")).alias("latest_death"),
    )


def check_courses(sheet: Sheet, procedures: Sheet) -> None:
    """Check patients against their kept procedures, and note the first operation of each."""
    first = procedures.frame.group_by("patient_id").agg(operation=pl.min("operated_on"))
    sheet.frame = sheet.frame.join(first, on="patient_id", how="left", maintain_order="left")
    operation, seen = pl.col("operation"), pl.col("last_seen_on")
    sheet.hold_cells(
        pl.col("birth_year") > operation.dt.year(),
        "bad_birth_year",
        "birth_year",
        "The birth_year lies after the first operation; correct it or leave it blank.",
    )
    sheet.mark(
        operation.is_null(),
        "no_procedure",
        "patient_id",
        "No procedure of the patient was kept, so the patient is in no cohort; add or correct "
        "the procedure.",
    )
    sheet.mark(
        (seen > pl.col("latest_death")) | (seen < operation),
        "last_seen_order",
        "last_seen_on",
        pl.when(seen < operation)
        .then(pl.lit("The patient was last seen before the first operation; correct the day."))
        .otherwise(pl.lit("The patient was last seen after the death; correct one of the days.")),
    )


def note_deaths(patients: Sheet, procedures: Sheet, sheets: Iterable[Sheet]) -> None:
    """Take over the deaths that cells of other tables say in words."""
    owners = dict(procedures.frame.select("procedure_id", "patient_id").rows())
    dead = {
        owners.get(key, "") if sheet.key == "procedure_id" else key
        for sheet in sheets
        for key in sheet.deaths
    }
    if not dead:
        return
    has_died = pl.col("patient_id").is_in(sorted(dead))
    patients.mark(
        has_died & ~pl.col("died"),
        "death_contradiction",
        "died",
        "`died` says no and a cell of the patient says that the patient has died, which wins; "
        "correct one of them.",
    )
    patients.frame = patients.frame.with_columns(
        died=pl.when(has_died).then(pl.lit(value=True)).otherwise("died")
    )
