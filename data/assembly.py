"""The tables of a registry from the tables of a source, checked in order of dependence."""

from __future__ import annotations

from dataclasses import astuple
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from data.check_dates import Calendar, earliest_day
from data.check_events import check_events
from data.check_measurements import check_follow_ups, check_radiographs
from data.check_patients import check_courses, check_patients, note_deaths
from data.check_plausibility import check_last_seen, check_people
from data.check_procedures import check_procedures
from data.mapping.apply import MappedSource
from data.mapping.notes import NOTED_SCHEMA
from data.progress import ENDING, ROWS, silent
from data.readers.layout import layouts
from data.rules import RULES, Finding
from data.sheet import FINDING_SCHEMA, RowCount, Sheet
from data.warehouse import SCHEMA_VERSION, level_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from data.mapping.places import Places
    from data.progress import Progress
    from data.readers.source import Source

IMPORT_ID = 1
VERSION_DIGITS = 12
COUNT_SCHEMA = {
    "import_id": pl.Int32,
    "table": pl.String,
    "rows_read": pl.Int64,
    "rows_kept": pl.Int64,
    "rows_held_back": pl.Int64,
}


class Outcome(NamedTuple):
    """What the check of a source gives: tables, counts and findings."""

    tables: dict[str, pl.DataFrame]
    rows: dict[str, RowCount]
    findings: tuple[Finding, ...]


def check_tables(source: Source, today: date, progress: Progress = silent) -> Outcome:
    """Check every table of a source and make those of a registry.

    The source gives its tables away, so that large ones do not lie in memory twice.
    """
    there, shares = tuple(source.tables), _shares(source)
    sheets = {table: _sheet(source, table) for table in layouts()}
    patients, procedures = sheets["patients"], sheets["procedures"]
    calendar, scales = Calendar(today, source.settings.data_date), source.settings.scales
    check_patients(patients, calendar)
    progress("Checking the operations", shares["patients"])
    leaks = check_procedures(procedures, patients, calendar)
    check_courses(patients, procedures)
    check_people(patients, procedures)
    progress("Checking the visits", shares["procedures"])
    follow_ups, items = check_follow_ups(sheets["follow_ups"], patients, calendar, scales)
    progress("Checking the films", shares["follow_ups"])
    radiographs = check_radiographs(sheets["radiographs"], procedures, calendar)
    check_events(sheets["events"], patients, procedures, calendar)
    note_deaths(patients, procedures, sheets.values())
    check_last_seen(patients, procedures, follow_ups, radiographs)
    progress("Gathering the findings", ENDING)
    findings = _findings(source, sheets.values())
    rows = _counts(source, {table: sheets[table] for table in sheets if table in there})
    tables = {
        "patients": patients.frame.drop("row", "operation", "latest_death"),
        "procedures": procedures.frame.drop("row", "leak_locations", "died_on", "latest_death"),
        "leaks": leaks,
        "follow_ups": follow_ups,
        "items": items,
        "radiographs": radiographs,
        "events": sheets["events"].frame.drop("row", "owner", "operation", "latest_death"),
        "levels": pl.DataFrame(level_rows(source.settings.region_convention)),
    }
    described = _describe(source, tables, rows, today)
    findings_table = findings.with_columns(import_id=pl.lit(IMPORT_ID))
    tables = {**tables, **described, "findings": findings_table}
    listed = findings.select(FINDING_SCHEMA.names())
    if isinstance(source, MappedSource):
        # A row of the source may be several rows of the format that are held back for one fault.
        listed = listed.unique(maintain_order=True)
    return Outcome(tables, rows, tuple(Finding(*row) for row in listed.iter_rows()))


def _shares(source: Source) -> dict[str, float]:
    """Return the share of the work that is done after each table, by its rows."""
    rows = {table: found.frame.height for table, found in source.tables.items()}
    whole, done, shares = sum(rows.values()) or 1, 0, {}
    for table in layouts():
        done += rows.get(table, 0)
        shares[table] = ROWS + (ENDING - ROWS) * done / whole
    return shares


def _sheet(source: Source, table: str) -> Sheet:
    layout, places = layouts()[table], _places(source)
    if table not in source.tables:
        schema = {"row": pl.Int64(), **dict.fromkeys(layout.fixed, pl.String())}
        return Sheet(table, pl.DataFrame(schema=schema), layout.key, places)
    read = source.tables.pop(table)
    sheet = Sheet(table, read.frame, layout.key, places)
    for column in read.unknown:
        advice = f"The column {column} is not read; rename it if it should be, or leave it."
        sheet.add_kept("unknown_column", column, None, advice)
    return sheet


def _places(source: Source) -> Places | None:
    return source.places if isinstance(source, MappedSource) else None


def _findings(source: Source, sheets: Iterable[Sheet]) -> pl.DataFrame:
    """Return every finding in the words of the source, with the column of the format."""
    found = [
        *(sheet.findings().with_columns(target="table", field="column") for sheet in sheets),
        _not_read(source).with_columns(target=None, field=None).cast(NOTED_SCHEMA),
    ]
    if not isinstance(source, MappedSource):
        return pl.concat(found)
    translated = [source.places.translate(one) for one in found]
    order = pl.col("table").replace_strict(
        {name: n for n, name in enumerate(source.places.names)}, default=-1
    )
    return pl.concat([source.findings, *translated]).sort(order, "row", maintain_order=True)


def _counts(source: Source, sheets: Mapping[str, Sheet]) -> dict[str, RowCount]:
    lost = source.lost if isinstance(source, MappedSource) else {}
    counts = {table: sheet.counts() for table, sheet in sheets.items()}
    return {
        table: RowCount(
            count.read + lost.get(table, 0), count.kept, count.held_back + lost.get(table, 0)
        )
        for table, count in counts.items()
    }


def _not_read(source: Source) -> pl.DataFrame:
    files = [
        (name, None, None, "unknown_file", f"The file {name} is not of the format and is not read.")
        for name in source.unknown_files
    ]
    settings = [
        ("source", None, key, "unknown_setting", advice)
        for key, advice in source.settings.unknown.items()
    ]
    found = [
        (table, row, column, rule, RULES[rule].severity, None, advice)
        for table, row, column, rule, advice in (*files, *settings)
    ]
    return pl.DataFrame(found, schema=FINDING_SCHEMA, orient="row")


def _describe(
    source: Source, tables: Mapping[str, pl.DataFrame], rows: Mapping[str, RowCount], today: date
) -> dict[str, pl.DataFrame]:
    settings, now = source.settings, datetime.now(UTC).replace(tzinfo=None)
    name = settings.name or source.name
    registry = {
        "name": name,
        "synthetic": settings.synthetic,
        "region_convention": settings.region_convention,
        "schema_version": SCHEMA_VERSION,
        "version": source.sha256[:VERSION_DIGITS],
        "data_date": settings.data_date or _latest(tables) or today,
        "created_at": now,
    }
    mapping = source.mapping if isinstance(source, MappedSource) else None
    imported = {
        "import_id": IMPORT_ID,
        "source_name": name,
        "sha256": source.sha256,
        "imported_at": now,
        "rows_read": sum(count.read for count in rows.values()),
        "rows_kept": sum(count.kept for count in rows.values()),
        "rows_held_back": sum(count.held_back for count in rows.values()),
    }
    counted = [(IMPORT_ID, table, *astuple(count)) for table, count in rows.items()]
    return {
        "registry": pl.DataFrame([registry]),
        "imports": pl.DataFrame([imported]).with_columns(mapping=pl.lit(mapping, pl.String)),
        "import_rows": pl.DataFrame(counted, schema=COUNT_SCHEMA, orient="row"),
    }


def _latest(tables: Mapping[str, pl.DataFrame]) -> date | None:
    patients = tables["patients"]
    columns = (
        patients["last_seen_on"],
        patients.select(earliest_day(pl.col("died_on"))).to_series(),
        tables["procedures"]["operated_on"],
        tables["follow_ups"]["measured_on"],
        tables["radiographs"]["measured_on"],
        tables["events"]["occurred_on"],
    )
    return max(
        (day for day in (column.max() for column in columns) if isinstance(day, date)), default=None
    )
