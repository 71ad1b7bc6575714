"""A raw source read as its mapping says: the tables of the source format, with their places."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from data.mapping.convert import Context
from data.mapping.file import dump_mapping
from data.mapping.finish import finish
from data.mapping.header import headed
from data.mapping.notes import NOTED_SCHEMA, Notes
from data.mapping.places import Places
from data.mapping.propose import COMPULSORY, is_readable
from data.mapping.reading import Reading
from data.mapping.recognise import IDENTIFIER, recognise
from data.mapping.rows import keep_rows
from data.mapping.targets import targets
from data.readers.csv_tables import CsvTable
from data.readers.refusal import refusal
from data.readers.settings import Settings
from data.readers.source import Source, combined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from data.mapping.header import Headed
    from data.mapping.model import ColumnMap, Mapping, TableMap
    from data.readers.raw import Raw, RawTable

ALIKE = 0.8
MAPPING_NAME = "mapping"


@dataclass(frozen=True)
class MappedSource(Source):
    """A source that was read through a mapping.

    Parameters
    ----------
    places : Places
        Where its rows come from.
    findings : polars.DataFrame
        What was found while it was read and mapped: on the source, with ``target`` and ``field``.
    lost : dict of str to int
        Rows of the source that were left out, by the table of the format they would be of.
    mapping : str
        The mapping as TOML, without its salt.
    salt : str
        The secret of its pseudonyms.
    """

    places: Places = field(default_factory=lambda: Places((), (), ()))
    findings: pl.DataFrame = field(default_factory=NOTED_SCHEMA.to_frame)
    lost: dict[str, int] = field(default_factory=dict)
    mapping: str = ""
    salt: str = field(default="", repr=False)


def apply(raw: Raw, mapping: Mapping, today: date) -> MappedSource:
    """Read a raw source as a mapping says.

    Raises
    ------
    RefusedError
        If the mapping does not fit the source, or a question that blocks is open.
    """
    refuse_open(mapping)
    _refuse_twice(mapping)
    _refuse_bare_pseudonyms(mapping)
    notes = Notes(raw.findings)
    pairs = list(_pairs(raw, mapping, notes))
    whole = [headed(table, mapped.header) for table, mapped in pairs]
    for (table, mapped), parted in zip(pairs, whole, strict=True):
        _note_columns(table, mapped, parted, notes)
    lost: dict[str, int] = {}
    readings = []
    places = Places(
        tuple(table.name for table, _ in pairs),
        tuple(whole),
        tuple(max(mapped.header, default=1) for _, mapped in pairs),
        frozenset(
            (number, one.column)
            for number, (_, mapped) in enumerate(pairs)
            for one in mapped.columns
            if one.pseudonym
        ),
    )
    for number, ((table, mapped), parted) in enumerate(zip(pairs, whole, strict=True)):
        main = _main(mapped)
        kept = keep_rows(table.name, parted, mapped, main, notes)
        lost[main] = lost.get(main, 0) + kept.lost
        _note_flags(table, mapped, kept.headed, notes)
        context = Context(today, mapping.salt)
        readings.append(Reading(number, table.name, kept.headed, mapped, context, places, notes))
    _refuse_missing(readings)
    _note_scales(readings)
    finished = finish(readings, places)
    text = dump_mapping(mapping)
    found = pl.concat([notes.frame(), *map(places.translate, finished.findings)])
    settings = raw.settings or Settings(
        mapping.name, mapping.synthetic, mapping.data_date, mapping.region_convention
    )
    digests = {**raw.digests, MAPPING_NAME: hashlib.sha256(text.encode()).digest()}
    return MappedSource(
        raw.name,
        combined(digests),
        settings,
        {table: CsvTable(frame, (), b"") for table, frame in finished.tables.items()},
        (),
        places,
        found,
        lost,
        dump_mapping(replace(mapping, salt="")),
        mapping.salt if any(one.pseudonym for _, own in pairs for one in own.columns) else "",
    )


def refuse_open(mapping: Mapping) -> None:
    """Refuse a mapping in which a question that blocks is not answered."""
    held = ("levels", "span", "below")
    for table in mapping.tables:
        for one in table.columns:
            open_ = [key for key in one.unanswered if key.partition(":")[0] not in held]
            if open_:
                raise refusal(
                    "unanswered_question",
                    f"The mapping asks about “{one.column}” of {table.table} ({open_[0]}). Write "
                    "the answer into the mapping, take the question off `unanswered`, and import "
                    "again.",
                    table=table.table,
                    column=one.column,
                )


def _refuse_twice(mapping: Mapping) -> None:
    """Refuse a mapping in which two columns of a table become the same."""
    for table in mapping.tables:
        seen: dict[tuple[str, str | None, int | None], str] = {}
        for one in table.columns:
            key = (one.becomes or "", one.visit, one.number)
            if one.becomes is not None and key in seen:
                raise refusal(
                    "bad_mapping",
                    f"The mapping makes the same of “{seen[key]}” and “{one.column}” in "
                    f"{table.table} ({one.becomes}); let one of them become nothing.",
                    table=table.table,
                    column=one.column,
                )
            seen[key] = one.column


def _refuse_bare_pseudonyms(mapping: Mapping) -> None:
    used = any(one.pseudonym for table in mapping.tables for one in table.columns)
    if used and not mapping.salt:
        raise refusal(
            "bad_mapping",
            "The mapping asks for pseudonyms and has no `salt` to make them with; write a long "
            "random text as `salt` at its top.",
        )


def _pairs(raw: Raw, mapping: Mapping, notes: Notes) -> Iterator[tuple[RawTable, TableMap]]:
    """Yield the tables of a source with their mapping, by name or else by their columns."""
    by_name = {one.table: one for one in mapping.tables}
    left = [one for one in mapping.tables if one.table not in {table.name for table in raw.tables}]
    for table in raw.tables:
        mapped = by_name.get(table.name) or _alike(table, left)
        if mapped is None or not is_readable(mapped):
            notes.add(
                "unknown_table",
                "Nothing of the table is read, as the mapping says; leave it out of the source.",
                table=table.name,
            )
        else:
            yield table, mapped


def _alike(table: RawTable, left: Sequence[TableMap]) -> TableMap | None:
    """Return the mapping whose columns a table of another name has."""
    for mapped in left:
        names = set(headed(table, mapped.header).names)
        wanted = {one.column for one in mapped.columns}
        if wanted and len(wanted & names) >= ALIKE * len(wanted):
            return mapped
    return None


def _main(mapped: TableMap) -> str:
    """Return the table of the format that a source table is about."""
    own = {one.table for one in mapped.columns if one.becomes != "procedures.procedure_id"}
    order = ("procedures", "radiographs", "follow_ups", "events", "patients")
    return next((table for table in order if table in own), "procedures")


def _note_columns(table: RawTable, mapped: TableMap, parted: Headed, notes: Notes) -> None:
    known = {one.column: one for one in mapped.columns}
    row = max(mapped.header, default=1)
    for name in parted.names:
        one = known.get(name)
        if one is not None and one.becomes is not None:
            continue
        filled = parted.body[parted.column(name)].null_count() < parted.body.height
        if recognise(name).becomes == IDENTIFIER:
            rule = "identifier_column"
            advice = f"The column {name} identifies people; it is not read and nothing is kept."
        elif filled:
            rule = "unknown_column"
            advice = (
                f"The column {name} is not read; say in the mapping what it becomes, or leave it."
            )
        else:
            continue
        notes.add(rule, advice, table=table.name, row=row, column=name)
    for name, one in known.items():
        if name not in parted.names and one.becomes is not None:
            notes.add(
                "absent_column",
                f"The mapping names the column {name}, and the table has none of that name.",
                table=table.name,
                row=row,
                column=name,
                becomes=one.becomes,
            )


def _note_flags(table: RawTable, mapped: TableMap, parted: Headed, notes: Notes) -> None:
    """Note cells that the file itself could not give, in columns that are read."""
    known = {one.column: one for one in mapped.columns}
    rows = set(parted.body["row"].to_list()) if table.flags else set()
    for flag in table.flags:
        if flag.row not in rows or flag.column > len(parted.names):
            continue
        name = parted.names[flag.column - 1]
        one = known.get(name)
        if one is not None and one.becomes is not None:
            notes.add(
                flag.rule,
                flag.advice,
                table=table.name,
                row=flag.row,
                column=name,
                value=flag.value,
                becomes=one.becomes,
            )


def _refuse_missing(readings: Sequence[Reading]) -> None:
    there = {one.becomes for reading in readings for one in reading.columns}
    missing = [becomes for becomes in COMPULSORY if becomes not in there]
    if missing:
        raise refusal(
            "missing_column",
            f"No column becomes {' and none '.join(missing)}; without it nobody knows whom a row "
            "is about, or when and where was operated. Say in the mapping which column it is.",
            table=missing[0].partition(".")[0],
            column=missing[0].partition(".")[2],
        )


def _note_scales(readings: Sequence[Reading]) -> None:
    """Note the columns that were converted, as a person confirmed."""
    for reading in readings:
        for one in reading.columns:
            measure = targets()[one.becomes or ""].measure
            if one.scales and measure is not None:
                advice = (
                    f"The “{one.column}” is on a scale {_scales(one)}, as the mapping says, and "
                    f"was converted to {measure.minimum:g} to {measure.maximum:g}; check that "
                    "every row is on that scale."
                )
                reading.note("converted_scale", advice, one, f"{one.scales[0].top:g}")
            if one.factor != 1.0:
                advice = (
                    f"The “{one.column}” was multiplied by {one.factor:g}, as the mapping says; "
                    "check that every row is in that unit or of that sign."
                )
                reading.note("converted_scale", advice, one, f"{one.factor:g}")
            if one.pseudonym:
                advice = (
                    f"The texts of “{one.column}” are replaced by pseudonyms, the same ones at "
                    "every import with this mapping."
                )
                reading.note("pseudonyms", advice, one)


def _scales(one: ColumnMap) -> str:
    said = [
        f"up to {period.top:g}" + (f" until {period.until}" if period.until else "")
        for period in one.scales
    ]
    return ", then ".join(said)
