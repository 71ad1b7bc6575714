"""A mapping as a small TOML file, for the command line and the next import."""

from __future__ import annotations

import json
import tomllib
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING

from data.codebook import OTHER_VISIT, visits
from data.mapping.model import ColumnMap, Mapping, Period, TableMap
from data.mapping.targets import targets
from data.mapping.toml_fields import Fields
from data.readers.refusal import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from data.mapping.model import Question

HEAD = """\
# How the columns of a source are read. One [[tables]] for each file or sheet, one
# [[tables.columns]] for each column: what it `becomes` (left out: it is not read), and how its
# cells are written. A question that is `unanswered` stands above its column as a comment; write
# the answer down and take the question off the list.
"""
TOP_KEYS = ("name", "synthetic", "data_date", "region_convention", "salt", "tables")
TABLE_KEYS = ("table", "header", "visit", "columns")
COLUMN_KEYS = tuple(one.name for one in fields(ColumnMap))
PERIOD_KEYS = ("top", "until")
CONVENTIONS = ("junction", "split")


def dump_mapping(mapping: Mapping, questions: Iterable[Question] = ()) -> str:
    """Return a mapping as TOML, its open questions as comments.

    Parameters
    ----------
    mapping : Mapping
        The mapping.
    questions : iterable of Question
        The questions that still stand in it.
    """
    asked: dict[tuple[str, str], list[Question]] = {}
    for question in questions:
        asked.setdefault((question.table, question.column), []).append(question)
    lines = [HEAD, *_settings(mapping)]
    for table in mapping.tables:
        lines += ["", "[[tables]]", f"table = {_toml(table.table)}"]
        lines.append(f"header = {_toml(table.header)}")
        if table.visit is not None:
            lines.append(f"visit = {_toml(table.visit)}")
        for column in table.columns:
            lines += ["", *_comments(asked.get((table.table, column.column), ()))]
            lines += ["[[tables.columns]]", *_column(column)]
    return "\n".join(lines) + "\n"


def load_mapping(content: bytes) -> Mapping:
    """Read a mapping from TOML.

    Raises
    ------
    RefusedError
        If it is not valid; the finding says what is wrong.
    """
    try:
        found = tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:
        advice = f"The mapping cannot be read: {error}. Correct it, or propose it anew."
        raise refusal("bad_mapping", advice) from error
    top = Fields(found, TOP_KEYS, "at its top")
    convention = top.one_of("region_convention", CONVENTIONS) or CONVENTIONS[0]
    return Mapping(
        tuple(_table(one) for one in top.list("tables")),
        name=top.text("name"),
        synthetic=top.flag("synthetic"),
        data_date=top.day("data_date"),
        region_convention=convention,  # type: ignore[arg-type]
        salt=top.text("salt") or "",
    )


def _settings(mapping: Mapping) -> Iterator[str]:
    for key in ("name", "synthetic", "data_date", "salt"):
        value = getattr(mapping, key)
        if value:
            yield f"{key} = {_toml(value)}"
    if mapping.region_convention != CONVENTIONS[0]:
        yield f"region_convention = {_toml(mapping.region_convention)}"


def _comments(questions: Sequence[Question]) -> Iterator[str]:
    for question in questions:
        choices = "; ".join(f"{one.key or 'empty'}: {one.label}" for one in question.choices)
        for line in (f"{question.key}? {question.text}", question.evidence, choices):
            yield "# " + " ".join(line.split())


def _column(column: ColumnMap) -> Iterator[str]:
    plain = ColumnMap(column.column)
    for one in fields(ColumnMap):
        value = getattr(column, one.name)
        if one.name == "column" or value != getattr(plain, one.name):
            if one.name == "scales":
                value = [_period(period) for period in value]
            elif one.name == "values":
                value = dict(value)
            yield f"{one.name} = {_toml(value)}"


def _period(period: Period) -> dict[str, object]:
    return {"top": period.top} | ({"until": period.until} if period.until else {})


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_toml(k)} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return value.isoformat() if isinstance(value, date) else str(value)


def _table(found: object) -> TableMap:
    table = Fields(found, TABLE_KEYS, "in a table")
    name = table.name("table")
    table.where = f"in the table {name}"
    header = table.wholes("header") or (1,)
    if len(header) > 2:
        table.refuse("needs one or two rows as header")
    columns = tuple(_column_map(one, table.where) for one in table.list("columns"))
    return TableMap(name, columns, header, table.one_of("visit", _visits()))


def _visits() -> tuple[str, ...]:
    return (*visits(), OTHER_VISIT)


def _column_map(found: object, where: str) -> ColumnMap:
    column = Fields(found, COLUMN_KEYS, where)
    name = column.name("column")
    column.where = f"in the column {name}"
    becomes = column.text("becomes")
    if becomes is not None and becomes not in targets():
        column.refuse(f"says that something becomes {becomes}, which is no column of the format,")
    return ColumnMap(
        name,
        becomes,
        visit=column.one_of("visit", _visits()),
        number=column.whole("number"),
        decimal=column.one_of("decimal", (".", ",")) or ".",  # type: ignore[arg-type]
        dates=column.one_of("dates", ("dmy", "mdy", "excel")),  # type: ignore[arg-type]
        scales=tuple(_scale(one, column.where) for one in column.list("scales")),
        factor=column.number("factor", 1.0),
        values=column.pairs("values"),
        missing=column.texts("missing"),
        several=column.one_of("several", ("each",)),  # type: ignore[arg-type]
        span=column.one_of("span", ("every", "ends")),  # type: ignore[arg-type]
        pseudonym=column.flag("pseudonym"),
        below=column.flag("below"),
        unanswered=column.texts("unanswered"),
    )


def _scale(found: object, where: str) -> Period:
    scale = Fields(found, PERIOD_KEYS, where)
    top = scale.number("top", 0.0)
    if top < 0:
        scale.refuse("needs a number above 0 as the top of a scale")
    return Period(top, scale.day("until"))
