"""The rows of a drawing as its chart has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from pages.charts.drawing import BREAK, NO_NUMBER

if TYPE_CHECKING:
    from pages.charts.drawing import Drawing


def drawn(chart: Drawing) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of the tables that are drawn, those sent as one row taken apart."""
    sent = chart.to_dict()["datasets"]
    return {
        name: _taken_apart(rows, chart.tables[name].schema) if name in chart.packed else rows
        for name, rows in sent.items()
    }


def _taken_apart(sent: list[dict[str, str]], schema: pl.Schema) -> list[dict[str, Any]]:
    (one,) = sent
    columns = {name: text.split(BREAK) for name, text in one.items()}
    texts = pl.DataFrame(columns, schema=dict.fromkeys(schema, pl.String))
    missing = texts.with_columns(
        pl.col(name).replace(NO_NUMBER, None) for name, kind in schema.items() if kind != pl.String
    )
    flags = [pl.col(name) == "true" for name, kind in schema.items() if kind == pl.Boolean]
    kept = missing.with_columns(flags).cast({**schema})
    numbers = [name for name, kind in schema.items() if kind.is_numeric()]
    empty = kept.height == 1 and kept.select(pl.all_horizontal(pl.col(numbers).is_null())).item()
    return [] if empty else kept.to_dicts()
