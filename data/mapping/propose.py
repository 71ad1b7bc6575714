"""A mapping proposed from a source, with its evidence and what is still to be asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from data.mapping.ask import ask
from data.mapping.cells import tumour_codes
from data.mapping.context import doubt_visits, settle
from data.mapping.draft import Draft, draft, mapped_draft
from data.mapping.formats import column_map
from data.mapping.model import Evidence, Mapping, Proposal, TableMap, TumourText
from data.mapping.targets import targets
from data.readers.layout import layouts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from data.mapping.draft import DraftColumn
    from data.mapping.model import ColumnMap, Question
    from data.readers.raw import Raw, RawTable

EXAMPLES = 5
COMPULSORY = ("patients.patient_id", "procedures.operated_on", "procedures.level")
LINKS = ("patients.patient_id", "procedures.procedure_id")
HIDDEN = ("patients.birth_date",)


def propose(raw: Raw, today: date) -> Proposal:
    """Propose a mapping of a source from the names and the cells of its columns.

    Parameters
    ----------
    raw : Raw
        The source as ``data.readers.read.read_raw`` reads it.
    today : date
        The day of the import.
    """
    drafts = [draft(table, today) for table in raw.tables]
    for made in drafts:
        settle(made)
    asked = {made.raw.name: ask(made) for made in drafts}
    tables = [_table_map(made, asked[made.raw.name]) for made in drafts]
    return _proposal(Mapping(tuple(tables)), drafts, asked)


def review(raw: Raw, mapping: Mapping, today: date) -> Proposal:
    """Return a mapping that was edited with its evidence and the questions still open.

    Parameters
    ----------
    raw : Raw
        The source that it is for.
    mapping : Mapping
        The mapping; tables of the source that it does not name are left out.
    today : date
        The day of the import.
    """
    by_name = {table.table: table for table in mapping.tables}
    drafts = [
        _checked_draft(table, by_name[table.name], today)
        for table in raw.tables
        if table.name in by_name
    ]
    asked = {made.raw.name: _open(ask(made), by_name[made.raw.name].columns) for made in drafts}
    return _proposal(mapping, drafts, asked)


def refine(raw: Raw, mapping: Mapping, table: str, column: str, today: date) -> Mapping:
    """Return a mapping with the questions about a column put anew, after it was assigned."""
    (mapped,) = [one for one in mapping.tables if one.table == table]
    (found,) = [one for one in raw.tables if one.name == table]
    asked = [
        one
        for one in ask(_checked_draft(found, mapped, today))
        if column in (one.column, *one.also)
    ]
    columns = []
    for one in mapped.columns:
        keys = [question.key for question in asked if question.column == one.column]
        kept = tuple(key for key in one.unanswered if key not in keys)
        columns.append(replace(one, unanswered=(*kept, *keys)))
    tables = tuple(
        replace(one, columns=tuple(columns)) if one is mapped else one for one in mapping.tables
    )
    return replace(mapping, tables=tables)


def _checked_draft(table: RawTable, mapped: TableMap, today: date) -> Draft:
    made = mapped_draft(table, mapped, today)
    doubt_visits(made)
    return made


def _open(questions: Sequence[Question], columns: Sequence[ColumnMap]) -> list[Question]:
    unanswered = {(one.column, key) for one in columns for key in one.unanswered}
    return [one for one in questions if (one.column, one.key) in unanswered]


def _table_map(made: Draft, questions: Sequence[Question]) -> TableMap:
    columns = [
        replace(
            column_map(made, column),
            unanswered=tuple(one.key for one in questions if one.column == column.name),
        )
        for column in made.columns
    ]
    return TableMap(made.raw.name, tuple(columns), made.header, made.visit)


def _proposal(
    mapping: Mapping, drafts: Sequence[Draft], asked: dict[str, list[Question]]
) -> Proposal:
    questions = [one for found in asked.values() for one in found]
    evidence = tuple(_evidence(made, column) for made in drafts for column in made.columns)
    missing = tuple(_missing(mapping))
    own = all(one.confidence >= 1 for one in evidence if one.becomes is not None)
    return Proposal(
        mapping,
        evidence,
        tuple(sorted(questions, key=lambda one: not one.blocking)),
        own and not missing and not any(one.blocking for one in questions),
        missing,
        tuple(sorted(_tumours(mapping, drafts), key=lambda one: (-one.times, one.text))),
    )


def _evidence(made: Draft, column: DraftColumn) -> Evidence:
    hidden = column.is_identifier or column.becomes in HIDDEN
    target = column.target
    return Evidence(
        made.raw.name,
        column.name,
        column.becomes,
        column.visit,
        () if hidden else tuple(list(column.profile.counts)[:EXAMPLES]),
        column.profile.filled,
        column.profile.readable(target) if target else 0.0,
        column.confidence if target else 0.0,
        column.why,
    )


def _missing(mapping: Mapping) -> Iterator[str]:
    there = {one.becomes for table in mapping.tables for one in table.columns}
    yield from (one for one in COMPULSORY if one not in there)


def _tumours(mapping: Mapping, drafts: Sequence[Draft]) -> Iterator[TumourText]:
    values = {
        (table.table, one.column): dict(one.values)
        for table in mapping.tables
        for one in table.columns
    }
    for made in drafts:
        for column in made.becoming("patients.primary_tumour"):
            chosen = values.get((made.raw.name, column.name), {})
            for text, times in column.profile.counts.items():
                codes = tumour_codes(text)
                code = chosen.get(text, codes[0] if len(codes) == 1 else "other")
                yield TumourText(made.raw.name, column.name, text, times, code)


def is_readable(table: TableMap) -> bool:
    """Return whether a table of a mapping says whom its rows are about and anything of them."""
    becomes = {one.becomes for one in table.columns if one.becomes in targets()}
    linked = any(link in becomes for link in LINKS)
    return linked and (len(becomes) > 1 or table.table.lower() in layouts())
