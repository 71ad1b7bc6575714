"""A REDCap export, taken apart into one table for each of its forms.

The columns of an export, and those of a data dictionary, are as REDCap's own pages name them:
``redcap_event_name``, ``redcap_repeat_instrument``, ``redcap_repeat_instance``; a checkbox is a
column ``field___code`` for each choice; choices stand as ``1, Breast | 2, Lung``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from data.rules import RULES, Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from data.readers.raw import RawTable

EVENT = "redcap_event_name"
INSTRUMENT = "redcap_repeat_instrument"
INSTANCE = "redcap_repeat_instance"
SPECIAL = {
    EVENT: EVENT,
    "event name": EVENT,
    INSTRUMENT: INSTRUMENT,
    "repeat instrument": INSTRUMENT,
    INSTANCE: INSTANCE,
    "repeat instance": INSTANCE,
}
PLUMBING = re.compile(
    r"(redcap_(survey_identifier|data_access_group)|survey identifier|data access group"
    r"|.*_timestamp|.*_complete|complete\?)$"
)
CHOICE = re.compile(r"^(?P<label>.*) \(choice=(?P<choice>.*)\)$")
DICTIONARY = {
    "name": ("variable / field name", "field_name"),
    "form": ("form name", "form_name"),
    "kind": ("field type", "field_type"),
    "label": ("field label", "field_label"),
    "choices": (
        "choices, calculations, or slider labels",
        "select_choices_or_calculations",
        "choices or calculations",
    ),
    "identifier": ("identifier?", "identifier"),
}
NEEDED = ("name", "form", "kind")
YES_NO = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}
UNTICKED = ("", "0", "unchecked")
MISSING = frozenset(
    (
        *("UNK", "NI", "NA", "NASK", "ASKU", "NAV", "NAVU", "MSK", "INV"),
        *("-99", "-98", "-97", "-96", "-95", "-88", "-77", "-66"),
        *("-999", "-998", "-997", "-888", "-777", "-666", "-9999"),
    )
)


@dataclass(frozen=True)
class Variable:
    """One field of a data dictionary."""

    name: str
    form: str
    kind: str
    label: str
    choices: Mapping[str, str]
    identifier: bool


@dataclass(frozen=True)
class Part:
    """A column of an export: its number, the field it belongs to, the choice that it ticks."""

    number: int
    name: str
    variable: Variable | None = None
    choice: str | None = None


@dataclass(frozen=True)
class Columns:
    """The columns of an export, sorted by what they are for."""

    record: int
    special: Mapping[str, int] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    dropped: tuple[str, ...] = ()


def reshape(tables: Sequence[RawTable]) -> tuple[list[RawTable], list[Finding]]:
    """Take the exports among the tables apart; other tables stay as they are."""
    variables = [one for table in tables for one in _dictionary(table)]
    made: list[RawTable] = []
    findings: list[Finding] = []
    for table in tables:
        if _dictionary_columns(table) is not None:
            continue
        columns = _columns(table, variables)
        if columns is None:
            made.append(table)
            continue
        made.extend(_forms(table, columns))
        findings.extend(_dropped(table, columns))
    return made, findings


def _header(table: RawTable) -> list[str]:
    return [cell or "" for cell in table.grid.row(0)[1:]] if table.grid.height else []


def _dictionary_columns(table: RawTable) -> dict[str, int] | None:
    lowered = [cell.lower() for cell in _header(table)]
    found = {
        key: lowered.index(name)
        for key, names in DICTIONARY.items()
        for name in names
        if name in lowered
    }
    return found if all(key in found for key in NEEDED) else None


def _dictionary(table: RawTable) -> list[Variable]:
    columns = _dictionary_columns(table)
    if columns is None:
        return []
    return [
        _variable({key: cells[n + 1] or "" for key, n in columns.items()})
        for cells in table.grid.rows()[1:]
        if cells[columns["name"] + 1]
    ]


def _variable(row: Mapping[str, str]) -> Variable:
    kind = row["kind"].lower()
    identifier = row.get("identifier", "").lower() in ("y", "yes", "1", "true")
    choices = YES_NO.get(kind) or _choices(row.get("choices", "") if kind != "calc" else "")
    return Variable(row["name"], row["form"], kind, row.get("label", ""), choices, identifier)


def _choices(text: str) -> dict[str, str]:
    """Return the choices of ``1, Breast | 2, Lung`` by their code."""
    pairs = [part.partition(",") for part in re.split(r"\||\n", text) if "," in part]
    return {code.strip(): label.strip() for code, _, label in pairs}


def _columns(table: RawTable, variables: Sequence[Variable]) -> Columns | None:
    """Return the columns of an export, None where the table is none."""
    header = _header(table)
    special = {
        SPECIAL[name.lower()]: n for n, name in enumerate(header, 1) if name.lower() in SPECIAL
    }
    by_name = {one.name: one for one in variables}
    known = sum(_part(n, name, by_name).variable is not None for n, name in enumerate(header, 1))
    if not special and known < max(2, len(header) / 2):
        return None
    labels = {one.label: one for one in reversed(variables) if one.label}
    labelled = sum(name in labels for name in header) > sum(name in by_name for name in header)
    waiting = [one for one in variables if one.label and labelled]
    named = labels if labelled else by_name
    parts, dropped = [], []
    record = next((n for n in range(1, len(header) + 1) if n not in special.values()), 1)
    for n, name in enumerate(header, 1):
        part = _part(n, name, named | _next(name, waiting))
        if n == record or n in special.values() or PLUMBING.match(name.lower()):
            continue
        if part.variable is not None and part.variable.identifier:
            dropped.append(name)
        else:
            parts.append(part)
    return Columns(record, special, tuple(parts), tuple(dropped))


def _next(label: str, waiting: list[Variable]) -> dict[str, Variable]:
    """Return the field of a label; of several with the same label the next one in order."""
    found = next((one for one in waiting if one.label == label), None)
    if found is None:
        return {}
    waiting.remove(found)
    return {label: found}


def _part(number: int, name: str, variables: Mapping[str, Variable]) -> Part:
    base, ticks, code = name.partition("___")
    if ticks and base in variables:
        variable = variables[base]
        return Part(number, base, variable, variable.choices.get(_code(code, variable), code))
    if found := CHOICE.match(name):
        label, choice = found["label"], found["choice"]
        ticked = variables.get(label)
        return Part(number, ticked.name if ticked else label, ticked, choice)
    if ticks:
        return Part(number, base, None, code)
    variable_found = variables.get(name)
    return Part(number, variable_found.name if variable_found else name, variable_found)


def _code(code: str, variable: Variable) -> str:
    """Return the code that a column's name says in small letters and with underscores."""
    same = {re.sub(r"[^a-z0-9]", "_", one.lower()): one for one in variable.choices}
    return same.get(code.lower(), code)


def _forms(table: RawTable, columns: Columns) -> list[RawTable]:
    body = table.grid.slice(1)
    instruments = _instruments(body, columns)
    there = sorted(set(instruments.to_list()))
    forms: dict[str, list[Part]] = {}
    for part in columns.parts:
        forms.setdefault(part.variable.form if part.variable else "", []).append(part)
    made = []
    for form, parts in forms.items():
        own = _same(form) if _same(form) in there else ""
        for instrument in [own] if form else there:
            rows = body.filter(instruments == instrument)
            name = form or instrument or table.name
            made.append(_form(table, name, rows, columns, parts))
    return [one for one in made if one.grid.height > 1]


def _instruments(body: pl.DataFrame, columns: Columns) -> pl.Series:
    """Return the repeating form of every row, "" where it belongs to none."""
    number = columns.special.get(INSTRUMENT)
    if number is None:
        return pl.Series([""] * body.height, dtype=pl.String)
    return body[f"c{number}"].fill_null("").map_elements(_same, return_dtype=pl.String)


def _same(name: str) -> str:
    return re.sub(r"\W+", "_", name.strip().lower())


def _form(
    table: RawTable, name: str, rows: pl.DataFrame, columns: Columns, parts: Iterable[Part]
) -> RawTable:
    """Return the rows of one form that hold anything of it."""
    by_name: dict[str, list[Part]] = {}
    for part in parts:
        by_name.setdefault(part.name, []).append(part)
    cells = {one: _cells(rows, own) for one, own in by_name.items()}
    cells = {one: column for one, column in cells.items() if column.null_count() < rows.height}
    keys = {
        _header(table)[number - 1]: rows[f"c{number}"]
        for number in (columns.record, *_present(columns, rows))
    }
    named = keys | cells
    whole = rows.select("row").hstack(
        [column.alias(f"c{n}") for n, column in enumerate(named.values(), 1)]
    )
    filled = [pl.col(f"c{n}").is_not_null() for n in range(len(keys) + 1, len(named) + 1)]
    kept = whole.filter(pl.any_horizontal(filled)) if filled else whole.clear()
    first = {"row": [1], **{f"c{n}": [text] for n, text in enumerate(named, 1)}}
    header = pl.DataFrame(first, schema=kept.schema)
    variables = {part.name: part.variable for part in parts if part.variable}
    return replace(
        table,
        name=name,
        grid=pl.concat([header, kept]),
        labels={one: variables[one].label for one in cells if one in variables},
        choices={
            one: variables[one].choices
            for one in cells
            if one in variables and variables[one].choices and by_name[one][0].choice is None
        },
        missing=MISSING,
    )


def _present(columns: Columns, rows: pl.DataFrame) -> list[int]:
    """Return the column that names the event, where the rows have it."""
    wanted = [columns.special[EVENT]] if EVENT in columns.special else []
    return [n for n in wanted if rows[f"c{n}"].null_count() < rows.height]


def _cells(rows: pl.DataFrame, parts: Sequence[Part]) -> pl.Series:
    """Return a field's texts; of a checkbox the ticked choices with ``;`` between them."""
    if parts[0].choice is None:
        return rows[f"c{parts[0].number}"].alias(parts[0].name)
    ticks = [
        pl.when(~pl.col(f"c{part.number}").fill_null("").str.to_lowercase().is_in(UNTICKED)).then(
            pl.lit(part.choice)
        )
        for part in parts
    ]
    joined = pl.concat_str(ticks, separator=";", ignore_nulls=True)
    return rows.select(pl.when(joined != "").then(joined).alias(parts[0].name)).to_series()


def _dropped(table: RawTable, columns: Columns) -> list[Finding]:
    rule = "identifier_column"
    advice = (
        "The data dictionary says that the column {} identifies people, so it is not read and "
        "nothing of it is kept."
    )
    return [
        Finding(table.name, 1, name, rule, RULES[rule].severity, None, advice.format(name))
        for name in columns.dropped
    ]
