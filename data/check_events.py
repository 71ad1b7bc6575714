"""Checks of events.csv."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.check_dates import mark_late, parse_dates
from data.check_identity import hold_naming_keys
from data.check_values import hold_blank_keys, hold_orphans, hold_repeats
from data.codebook import EVENT_KINDS

if TYPE_CHECKING:
    from data.check_dates import Calendar
    from data.sheet import Sheet


def check_events(sheet: Sheet, patients: Sheet, procedures: Sheet, calendar: Calendar) -> None:
    """Check events.csv."""
    hold_blank_keys(sheet, "patient_id", "kind")
    hold_naming_keys(sheet, "patient_id")
    hold_repeats(sheet)
    parse_dates(sheet, "occurred_on", calendar)
    _parse_kinds(sheet)
    hold_orphans(sheet, patients, "unknown_patient")
    hold_orphans(sheet, procedures, "unknown_procedure")
    _hold_other_patients(sheet, procedures)
    _mark_out_of_order(sheet, patients)
    mark_late(sheet, "occurred_on", calendar)


def _parse_kinds(sheet: Sheet) -> None:
    kind = pl.col("kind").str.to_lowercase().str.replace_all(r"[\s-]+", "_")
    sheet.hold_rows(
        ~kind.is_in(EVENT_KINDS),
        "unknown_kind",
        "kind",
        f"The kind is none of {', '.join(EVENT_KINDS)}; write one of them.",
    )
    sheet.frame = sheet.frame.with_columns(kind)


def _hold_other_patients(sheet: Sheet, procedures: Sheet) -> None:
    owners = procedures.frame.select("procedure_id", owner="patient_id")
    sheet.frame = sheet.frame.join(owners, on="procedure_id", how="left", maintain_order="left")
    sheet.hold_rows(
        pl.col("owner") != pl.col("patient_id"),
        "other_patient",
        "procedure_id",
        pl.format(
            "The procedure belongs to the patient {}; correct the procedure_id or the patient_id.",
            "owner",
        ),
    )


def _mark_out_of_order(sheet: Sheet, patients: Sheet) -> None:
    course = patients.frame.select("patient_id", "operation", "latest_death")
    sheet.frame = sheet.frame.join(course, on="patient_id", how="left", maintain_order="left")
    day = pl.col("occurred_on")
    sheet.mark(
        (day < pl.col("operation")) | (day > pl.col("latest_death")),
        "event_order",
        "occurred_on",
        "The event lies before the first operation or after the death; correct the day if it is "
        "wrong.",
    )
