"""Scores from the answers to their sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.readers.layout import section_columns
from data.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.codebook import Measure, Scoring

TOLERANCE = 1.0
ROUNDING = 1e-9
ITEMS = pl.Schema(
    {
        "patient_id": pl.String(),
        "visit": pl.String(),
        "measure": pl.String(),
        "item": pl.Int32(),
        "value": pl.Int32(),
    }
)


def score(sections: Sequence[str], scoring: Scoring) -> pl.Expr:
    """Return 100 x sum / (maximum x answered), null where too few sections are answered.

    Parameters
    ----------
    sections : sequence of str
        The columns of the sections that are there; unanswered ones are null.
    scoring : Scoring
        How many there are, their highest answer, and how many must be answered.
    """
    answered = answers(sections)
    return pl.when(answered >= scoring.answered).then(
        100 * pl.sum_horizontal(sections) / (scoring.maximum * answered)
    )


def answers(sections: Sequence[str]) -> pl.Expr:
    """Return how many sections are answered."""
    return pl.sum_horizontal(pl.col(section).is_not_null() for section in sections)


def score_measure(
    sheet: Sheet, measure: Measure, scoring: Scoring, key: Sequence[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the values of a scored measure and the answers behind them, both long.

    Parameters
    ----------
    sheet : Sheet
        The rows, with parsed numbers and the columns of `key`; it takes the findings.
    measure : Measure
        The scored measure.
    scoring : Scoring
        Its scoring.
    key : sequence of str
        What rows of one visit share; they are merged.
    """
    code = measure.code
    sections = [name for name in section_columns(measure) if name in sheet.frame.columns]
    given = pl.col(code) if code in sheet.frame.columns else pl.lit(None, dtype=pl.Float64)
    cells = sheet.frame.select("row", *key, "measured_on", given.alias(code), *sections)
    cells = merge(cells.filter(pl.any_horizontal(pl.col(code, *sections).is_not_null())), key)
    part = Sheet(sheet.name, cells.with_columns(own=score(sections, scoring)), key[0])
    _mark_scores(part, measure, scoring, sections)
    sheet.absorb(part)
    values = part.frame.with_columns(value=pl.coalesce("own", code)).drop_nulls("value")
    return long(values, measure.code, "value"), _items(part.frame, code, section_columns(measure))


def merge(cells: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Make one row of the rows of a key, each cell the first that is not blank."""
    if not cells.select(key).hash_rows().is_duplicated().any():
        return cells
    return cells.group_by(key, maintain_order=True).agg(pl.all().drop_nulls().first())


def long(cells: pl.DataFrame, code: str, column: str, *more: str) -> pl.DataFrame:
    """Return one column of measurements as rows."""
    ids = [name for name in ("patient_id", "procedure_id") if name in cells.columns]
    return cells.select(
        *ids,
        "visit",
        pl.lit(code).alias("measure"),
        pl.col(column).alias("value"),
        "measured_on",
        *more,
    )


def _items(cells: pl.DataFrame, code: str, sections: Sequence[str]) -> pl.DataFrame:
    answered = [
        cells.select(
            "patient_id",
            "visit",
            pl.lit(code).alias("measure"),
            pl.lit(n, dtype=pl.Int32).alias("item"),
            pl.col(section).cast(pl.Int32).alias("value"),
        ).drop_nulls("value")
        for n, section in enumerate(sections, start=1)
        if section in cells.columns
    ]
    return pl.concat([ITEMS.to_frame(), *answered])


def _mark_scores(part: Sheet, measure: Measure, scoring: Scoring, sections: Sequence[str]) -> None:
    given, own = pl.col(measure.code), pl.col("own")
    answered = answers(sections)
    part.mark(
        (given - own).abs() > TOLERANCE + ROUNDING,
        "score_differs",
        measure.code,
        pl.format(
            "The {} is given as {} and its sections give {}, which is kept; correct one of them.",
            pl.lit(measure.code),
            given,
            own.round(1),
        ),
    )
    few = f"sections are answered and {measure.code} needs {scoring.answered} of {scoring.sections}"
    part.mark(
        answered.is_between(1, scoring.answered - 1),
        "too_few_sections",
        measure.code,
        pl.when(given.is_null())
        .then(pl.format(f"Only {{}} {few}, so there is no score; complete them.", answered))
        .otherwise(pl.format(f"Only {{}} {few}, so the given score is kept unchecked.", answered)),
    )
