"""Checks of follow_ups.csv and radiographs.csv."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.check_dates import mark_late, parse_dates
from data.check_identity import hold_identifying_texts, hold_naming_keys
from data.check_numbers import Scale, parse_numbers
from data.check_plausibility import check_films_plausible, check_order_of_visits
from data.check_scales import check_films_scale, check_scale, where_to_name_scales
from data.check_values import (
    hold_blank_keys,
    hold_listed,
    hold_orphans,
    hold_repeats,
    listing,
    parse_yes_no,
    true_where_yes,
)
from data.check_visits import place_visits
from data.codebook import OTHER_VISIT, measures
from data.readers.layout import SETTINGS, section_columns
from data.scoring import ITEMS, long, score_measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from data.check_dates import Calendar
    from data.codebook import Measure, UnitOfAnalysis
    from data.sheet import Sheet

KEY = ("patient_id", "visit", "other_day")
OTHER_SCALE = ", or name the scale of the whole column"


def check_follow_ups(
    sheet: Sheet, patients: Sheet, calendar: Calendar, scales: Mapping[str, float]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Check follow_ups.csv and return its scores and the answers behind them, both long."""
    hold_blank_keys(sheet, "patient_id")
    hold_naming_keys(sheet, "patient_id")
    hold_repeats(sheet)
    parse_dates(sheet, "measured_on", calendar)
    hold_orphans(sheet, patients, "unknown_patient")
    _add(sheet, patients.frame.select("patient_id", "operation", "died_on", "latest_death"))
    place_visits(sheet)
    _mark_without_values(sheet, "patient")
    _mark_scales(sheet, scales)
    for code in _present(sheet, _codes("patient")):
        if code not in scales:
            check_scale(sheet, measures()[code])
    _parse_measures(sheet, "patient", scales)
    other_day = pl.when(pl.col("visit") == OTHER_VISIT).then("measured_on")
    sheet.frame = sheet.frame.with_columns(other_day=other_day)
    _hold_contradictions(sheet)
    mark_late(sheet, "measured_on", calendar)
    check_order_of_visits(sheet, "patient_id")
    scores = _scores(sheet)
    sheet.release()
    return scores


def check_radiographs(sheet: Sheet, procedures: Sheet, calendar: Calendar) -> pl.DataFrame:
    """Check radiographs.csv and return its measurements, long."""
    hold_blank_keys(sheet, "procedure_id")
    hold_naming_keys(sheet, "procedure_id")
    hold_repeats(sheet)
    parse_dates(sheet, "measured_on", calendar)
    hold_orphans(sheet, procedures, "unknown_procedure")
    operated = pl.col("operated_on").alias("operation")
    owned = ("procedure_id", operated, "died_on", "latest_death", "level")
    _add(sheet, procedures.frame.select(owned))
    place_visits(sheet)
    _mark_without_values(sheet, "level")
    parse_yes_no(sheet, "calibrated")
    true_where_yes(sheet, "calibrated")
    _parse_measures(sheet, "level", {})
    hold_identifying_texts(sheet, "reader", "posture")
    mark_late(sheet, "measured_on", calendar)
    more = ("reader", "posture", "calibrated")
    columns = _present(sheet, _codes("level"))
    check_films_scale(sheet, columns)
    check_films_plausible(sheet, columns)
    check_order_of_visits(sheet, "procedure_id")
    read = [
        long(sheet.frame.filter(pl.col(code).is_not_null()), code, code, *more) for code in columns
    ]
    films = pl.concat([_nothing(sheet, *more), *read])
    sheet.release()
    return films


def _add(sheet: Sheet, parents: pl.DataFrame) -> None:
    key = parents.columns[0]
    sheet.frame = sheet.frame.join(parents, on=key, how="left", maintain_order="left")


def _codes(unit: UnitOfAnalysis) -> list[str]:
    return [code for code, measure in measures().items() if measure.unit_of_analysis == unit]


def _present(sheet: Sheet, columns: Iterable[str]) -> list[str]:
    return [column for column in columns if column in sheet.frame.columns]


def _cells(sheet: Sheet, unit: UnitOfAnalysis) -> list[str]:
    return _present(
        sheet,
        (name for code in _codes(unit) for name in (code, *section_columns(measures()[code]))),
    )


def _mark_without_values(sheet: Sheet, unit: UnitOfAnalysis) -> None:
    blank = [pl.col(column).is_null() for column in _cells(sheet, unit)]
    sheet.mark(
        pl.all_horizontal(pl.col("row").is_not_null(), *blank),
        "no_values",
        None,
        "The row holds no measurement, so nothing of it can be shown; fill it in or delete it.",
    )


def _mark_scales(sheet: Sheet, scales: Mapping[str, float]) -> None:
    for code in _present(sheet, _codes("patient")):
        measure, top = measures()[code], scales.get(code)
        if top is not None:
            whole = f"{measure.minimum:g} to {measure.maximum:g} {measure.unit}"
            advice = (
                f"The {code} is on a scale up to {top:g}, as {SETTINGS} says, and was converted "
                f"to {whole}; check that every row is on that scale."
            )
            sheet.add_kept("converted_scale", code, f"{top:g}", advice)


def _parse_measures(sheet: Sheet, unit: UnitOfAnalysis, scales: Mapping[str, float]) -> None:
    for code in _codes(unit):
        measure = measures()[code]
        for column in _present(sheet, [code]):
            top = scales.get(code)
            hint = OTHER_SCALE + where_to_name_scales(sheet) if unit == "patient" else ""
            scale = Scale(measure.minimum, measure.maximum, measure.unit, top, hint=hint)
            parse_numbers(sheet, column, scale)
        for column in _present(sheet, section_columns(measure)):
            _parse_section(sheet, column, measure)


def _parse_section(sheet: Sheet, column: str, measure: Measure) -> None:
    highest = measure.scoring.maximum if measure.scoring else 0
    parse_numbers(sheet, column, Scale(0, highest, whole=True))


def _hold_contradictions(sheet: Sheet) -> None:
    columns = _cells(sheet, "patient")
    repeated = sheet.frame.filter(sheet.frame.select(KEY).hash_rows().is_duplicated())
    values = [pl.col(name).drop_nulls().n_unique().over(KEY) for name in columns]
    several = [
        pl.when(count > 1).then(pl.lit(name)) for name, count in zip(columns, values, strict=True)
    ]
    listed = repeated.select(
        "row",
        lines=listing(sheet.shown(pl.col("row")), KEY),
        columns=pl.concat_str(pl.lit(""), *several, separator=" ", ignore_nulls=True),
    ).filter(pl.col("columns") != "")
    advice = pl.format(
        "Rows {} are of the same patient and visit and contradict each other in{}, so none of "
        "them is kept; keep the right one and delete the others.",
        "lines",
        "columns",
    )
    hold_listed(sheet, listed.with_columns(advice=advice), "contradictory_rows", "visit")


def _scores(sheet: Sheet) -> tuple[pl.DataFrame, pl.DataFrame]:
    values, items = [_nothing(sheet)], [ITEMS.to_frame()]
    for code in _codes("patient"):
        measure = measures()[code]
        if measure.scoring and _present(sheet, section_columns(measure)):
            scored, answered = score_measure(sheet, measure, measure.scoring, KEY)
            values.append(scored)
            items.append(answered)
        elif _present(sheet, [code]):
            values.append(_once(sheet.frame, code))
    return pl.concat(values), pl.concat(items)


def _once(frame: pl.DataFrame, code: str) -> pl.DataFrame:
    there = frame.filter(pl.col(code).is_not_null())
    if there.select(KEY).hash_rows().is_duplicated().any():
        there = there.unique(KEY, keep="first", maintain_order=True)
    return long(there, code, code)


def _nothing(sheet: Sheet, *more: str) -> pl.DataFrame:
    none = pl.lit(None, dtype=pl.Float64)
    return long(sheet.frame.clear().with_columns(value=none), "", "value", *more)
