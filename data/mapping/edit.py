"""Changes to a mapping: answers to its questions, and columns that become something else."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from data.codebook import visits
from data.mapping.model import Period
from data.mapping.targets import targets

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.mapping.model import ColumnMap, Mapping, Question

SALT_BYTES = 16
SAME, HOLD, NONE = "same", "hold", "none"


def answer(mapping: Mapping, question: Question, key: str) -> Mapping:
    """Return the mapping with a question answered.

    Parameters
    ----------
    mapping : Mapping
        The mapping.
    question : Question
        One of the questions of its proposal.
    key : str
        The key of one of the question's choices.

    Raises
    ------
    ValueError
        If the key is none of them.
    """
    if key not in {choice.key for choice in question.choices}:
        known = ", ".join(choice.key for choice in question.choices)
        raise ValueError(f"`key` must be one of {known}, got {key!r}.")
    if key == "pseudonym" and not mapping.salt:
        mapping = replace(mapping, salt=secrets.token_hex(SALT_BYTES))
    if question.code == "twice":
        mapping = _keep_one(mapping, question, key)
    elif question.code == "identifier":
        for table in mapping.tables:
            mapping = _change(
                mapping,
                table.table,
                lambda one: (
                    replace(one, pseudonym=key == "pseudonym")
                    if one.becomes == "patients.patient_id"
                    else one
                ),
            )
    else:
        names = (question.column, *question.also)
        mapping = _change(
            mapping,
            question.table,
            lambda one: _answered(one, question, key) if one.column in names else one,
        )
    return _change(
        mapping,
        question.table,
        lambda one: (
            replace(one, unanswered=tuple(key for key in one.unanswered if key != question.key))
            if one.column == question.column
            else one
        ),
    )


def assign(
    mapping: Mapping, table: str, column: str, becomes: str | None, *, visit: str | None = None
) -> Mapping:
    """Return the mapping with a column that becomes something else, or nothing.

    Its decimal mark and the order of its dates stay as they were found;
    ``data.mapping.propose.refine`` puts the questions about it.

    Parameters
    ----------
    mapping : Mapping
        The mapping.
    table, column : str
        The source's.
    becomes : str or None
        A key of `targets`; None where the column is not read.
    visit : str or None
        The visit of its values, for a measure or a day of a visit.

    Raises
    ------
    ValueError
        If there is no such target or no such visit.
    """
    if becomes is not None and becomes not in targets():
        raise ValueError(f"`becomes` must be one of the targets, got {becomes!r}.")
    if visit is not None and visit not in visits():
        raise ValueError(f"`visit` must be one of {', '.join(visits())}, got {visit!r}.")

    def changed(one: ColumnMap) -> ColumnMap:
        if one.column != column:
            return one
        return replace(
            one,
            becomes=becomes,
            visit=visit,
            number=None,
            scales=(),
            factor=1.0,
            several=None,
            span=None,
            pseudonym=False,
            below=False,
            unanswered=(),
        )

    return _change(mapping, table, changed)


def translate(mapping: Mapping, table: str, column: str, text: str, code: str) -> Mapping:
    """Return the mapping with a text of a column that stands for a code, "" for not known."""

    def changed(one: ColumnMap) -> ColumnMap:
        if one.column != column:
            return one
        return replace(one, values=tuple(sorted({**dict(one.values), text: code}.items())))

    return _change(mapping, table, changed)


def _change(mapping: Mapping, table: str, change: Callable[[ColumnMap], ColumnMap]) -> Mapping:
    tables = tuple(
        replace(one, columns=tuple(map(change, one.columns))) if one.table == table else one
        for one in mapping.tables
    )
    return replace(mapping, tables=tables)


def _keep_one(mapping: Mapping, question: Question, key: str) -> Mapping:
    """Give what the first column became to the chosen one, and nothing to the others."""
    (table,) = [one for one in mapping.tables if one.table == question.table]
    (first,) = [one for one in table.columns if one.column == question.column]
    if key == question.column:
        return mapping
    moved = assign(mapping, question.table, key, first.becomes, visit=first.visit)
    moved = _change(
        moved,
        question.table,
        lambda one: replace(one, number=first.number) if one.column == key else one,
    )
    return assign(moved, question.table, question.column, None)


def _answered(one: ColumnMap, question: Question, key: str) -> ColumnMap:
    if question.code in ("scale", "scale_change"):
        return replace(one, scales=_scales(key))
    if question.code in ("unit", "sign"):
        return replace(one, factor=float(key))
    if question.code == "visit":
        return replace(one, becomes=None) if key == NONE else replace(one, visit=key)
    if question.code == "values":
        texts = {**dict(one.values), str(question.value): key}
        return replace(one, values=tuple(sorted(texts.items())))
    if question.code == "levels":
        return replace(one, several="each" if key == "each" else None)
    if question.code == "below":
        return replace(one, below=key == "above")
    if question.code == "span":
        return replace(one, span=None if key == HOLD else key)  # type: ignore[arg-type]
    return replace(one, dates=key)  # type: ignore[arg-type]


def _scales(key: str) -> tuple[Period, ...]:
    """Return the scales of ``100``, or of ``2015-12-31:100:10`` for one that changed."""
    if key == SAME:
        return ()
    if re.fullmatch(r"[\d.]+", key):
        return (Period(float(key)),)
    until, older, later = key.split(":")
    return (Period(float(older), date.fromisoformat(until)), Period(float(later)))
