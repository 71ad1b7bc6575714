"""Checks of procedures.csv and of the leaks in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.check_dates import mark_late, parse_dates
from data.check_identity import hold_identifying_texts, hold_naming_keys
from data.check_numbers import Scale, number, parse_numbers
from data.check_values import (
    hold_blank_keys,
    hold_contradictions,
    hold_orphans,
    hold_repeats,
    listing,
    parse_codes,
    parse_yes_no,
    true_where_yes,
)
from data.codebook import APPROACHES, LEAK_LOCATIONS, LEAK_MODALITIES, LEAK_ROUTES, LEVELS
from data.sheet import Sheet

if TYPE_CHECKING:
    from data.check_dates import Calendar

CEMENT = Scale(0, 20, "ml")


def check_procedures(sheet: Sheet, patients: Sheet, calendar: Calendar) -> pl.DataFrame:
    """Check procedures.csv and return the leak locations, one a row."""
    hold_blank_keys(sheet, "procedure_id", "patient_id")
    hold_naming_keys(sheet, "procedure_id")
    hold_naming_keys(sheet, "patient_id")
    hold_repeats(sheet)
    hold_contradictions(sheet)
    parse_dates(sheet, "operated_on", calendar, optional=False)
    sheet.hold_rows(
        pl.col("operated_on").is_null(),
        "missing_date",
        "operated_on",
        "The procedure has no date; every follow-up counts its days from it. Fill it in.",
    )
    _parse_levels(sheet)
    hold_orphans(sheet, patients, "unknown_patient")
    _hold_after_death(sheet, patients)
    _mark_twice_treated(sheet)
    parse_codes(sheet, "approach", APPROACHES)
    parse_codes(sheet, "leak_modality", LEAK_MODALITIES)
    _parse_cement(sheet)
    hold_identifying_texts(sheet, "surgeon", "centre")
    mark_late(sheet, "operated_on", calendar)
    return _check_leaks(sheet)


def _parse_levels(sheet: Sheet) -> None:
    level = pl.col("level").str.to_uppercase()
    sheet.hold_rows(
        ~level.fill_null("").is_in(LEVELS),
        "bad_level",
        "level",
        "The level is none of T1 to T12 and L1 to L5; write one of them, and one row for each "
        "level.",
    )
    sheet.frame = sheet.frame.with_columns(level)


def _hold_after_death(sheet: Sheet, patients: Sheet) -> None:
    deaths = patients.frame.select("patient_id", "died_on", "latest_death")
    sheet.frame = sheet.frame.join(deaths, on="patient_id", how="left", maintain_order="left")
    sheet.hold_rows(
        pl.col("operated_on") > pl.col("latest_death"),
        "after_death",
        "operated_on",
        pl.format(
            "The procedure lies after the patient's death ({}); correct one of the days.",
            "died_on",
        ),
    )


def _mark_twice_treated(sheet: Sheet) -> None:
    same = ["patient_id", "level", "operated_on"]
    sheet.mark(
        pl.struct(same).is_duplicated(),
        "same_level_same_day",
        "level",
        pl.format(
            "The level of this patient was treated on this day under the procedures {}; "
            "delete the others if it was one procedure.",
            listing(pl.col("procedure_id"), same),
        ),
    )


def _parse_cement(sheet: Sheet) -> None:
    sheet.hold_cells(
        number(pl.col("cement_ml")) == 0,
        "out_of_range",
        "cement_ml",
        "The cement_ml is 0, and a procedure without cement is none; correct it or leave it blank.",
    )
    parse_numbers(sheet, "cement_ml", CEMENT)


def _check_leaks(sheet: Sheet) -> pl.DataFrame:
    leak, symptomatic = pl.col("leak"), pl.col("leak_symptomatic")
    parse_yes_no(sheet, "leak", "leak_symptomatic")
    sheet.hold_cells(
        (leak == "no") & (symptomatic == "yes"),
        "symptomatic_without_leak",
        "leak_symptomatic",
        "The leak is symptomatic and `leak` says that there was none; correct one of them.",
    )
    _hold_denied_locations(sheet)
    found = _parse_locations(sheet)
    named = pl.col("procedure_id").is_in(found["procedure_id"].implode())
    sheet.mark(
        leak.is_null() & named,
        "leak_from_locations",
        "leak",
        "`leak` is blank and leak_locations names a leak, so it counts as one; write yes.",
    )
    sheet.frame = sheet.frame.with_columns(
        pl.when(named).then(pl.lit("yes")).otherwise(leak).alias("leak")
    )
    true_where_yes(sheet, "leak", "leak_symptomatic")
    return found


def _hold_denied_locations(sheet: Sheet) -> None:
    denied = (pl.col("leak") == "no") & pl.col("leak_locations").is_not_null()
    rows = sheet.frame.filter(denied).get_column("row").implode()
    for column in ("leak", "leak_locations"):
        sheet.hold_cells(
            pl.col("row").is_in(rows),
            "contradictory_leak",
            column,
            "`leak` says no and leak_locations names a leak; correct one of them.",
        )


def _parse_locations(sheet: Sheet) -> pl.DataFrame:
    text = pl.col("leak_locations")
    parts = sheet.frame.select("row", "procedure_id", text.str.split(";")).drop_nulls()
    parts = parts.explode("leak_locations").with_columns(text.str.strip_chars())
    each = Sheet(sheet.name, parts.filter(text != ""), "procedure_id")
    pieces = text.str.split("/").list
    each.frame = each.frame.with_columns(
        location=pieces.get(0).str.strip_chars().str.to_lowercase(),
        route=pieces.get(1, null_on_oob=True).str.strip_chars().str.to_uppercase(),
        pieces=pieces.len(),
    )
    each.hold_rows(
        ~pl.col("location").is_in(LEAK_LOCATIONS)
        | ~pl.col("route").is_in(list(LEAK_ROUTES))
        | (pl.col("pieces") > 2),
        "bad_location",
        "leak_locations",
        f"The leak location must be one of {', '.join(LEAK_LOCATIONS)}, alone or with a route "
        f"({', '.join(LEAK_ROUTES)}) as in epidural/B; correct it.",
    )
    sheet.absorb(each)
    return each.frame.select("procedure_id", "location", "route").unique(maintain_order=True)
