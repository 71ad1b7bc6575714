"""Words in the cells of numbers and days, read for what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.words import said

if TYPE_CHECKING:
    from data.sheet import Sheet

DEAD = (
    "The {} says that the patient has died, which is kept with the patient; enter the day of "
    "death there, and leave the cell blank."
)
LOST = "The {} says that the patient was not seen any more; leave the cell blank."
MISSING = "The {} says in words that it is not known; leave the cell blank."


def read_words(sheet: Sheet, column: str, bad: pl.Expr) -> None:
    """Blank the words among the cells that cannot be read, with a finding for each.

    A death is noted for the patient: see `Sheet.deaths`.
    """
    texts = sheet.frame.filter(bad).get_column(column).drop_nulls().unique()
    words = {text: said(text) for text in texts.to_list() if said(text) is not None}
    if not words:
        return
    word = pl.col(column).replace_strict(words, default=None, return_dtype=pl.String)
    spoken = sheet.frame.select("row", sheet.key, word=word)
    for rule, wanted, advice in (
        ("says_dead", "dead", DEAD),
        ("says_lost", "lost", LOST),
        ("says_missing", "missing", MISSING),
    ):
        sheet.mark(word == wanted, rule, column, advice.format(column))
    dead = spoken.filter(pl.col("word") == "dead")
    sheet.deaths.extend(dead[sheet.key].drop_nulls().to_list())
    sheet.frame = sheet.frame.with_columns(
        pl.when(~word.is_in(["dead", "lost", "missing"]).fill_null(value=False)).then(column)
    )
