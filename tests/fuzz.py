"""Sources with random damage, and their way through the importer."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from data import report
from data.ingest import accept, check, difference, propose, read_raw, refine, review
from data.mapping.edit import answer, assign, translate
from data.mapping.file import dump_mapping, load_mapping
from data.mapping.targets import targets
from data.propose_report import proposal_json, proposal_text
from data.readers.refusal import RefusedError
from data.warehouse import open_registry, stored_tables
from tests.corpus import SHEET, corpus, good, wide
from tests.formats import WRITERS, text_of

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

    from data.ingest import Checked
    from data.mapping.model import Mapping
    from data.readers.raw import Raw
    from tests.formats import Cell, Rows, Tables

DAY = date(2026, 11, 22)
CASES = [case for case in corpus() if not case.name.startswith(("format: a registry",))]
NASTY: list[Cell] = [
    *(None, "", " ", "0", "-0", "NaN", "inf", "1e400", "9" * 400, "=1+1", "@x", "'", '"', "\\"),
    *("T12-L1", "T11, L1", "L1/2", "Th99", "verstorben", "† 31.02.2020", "lost", "n.a.", "-99"),
    *("999", "12.13.2020", "31/12/99", "0000-00-00", "2020-13-01", "1,2,3", "1.234,5", "½", "٣"),
    *("Ünïcödé 🦴", "a\nb", "a\tb", "a;b|c", "x" * 3000, "\u202e", "\ufeff", "None", "true"),
    *(True, False, 0.0, -1.0, 1e308, 1e-308, 5.5, 140.0, 2**53 + 1.0, date(1, 1, 1)),
    *(date(9999, 12, 31), date(1940, 3, 12), "Müller, Hans", "geb. 12.03.1940", "a@b.de"),
]
NAMES = ("", "VAS", "VAS 3M", "vas_m3", "ODI 1", "Datum", "Name", "Höhe", "patient_id", "1")


def damaged_tables(draw: random.Random) -> Tables:
    """Return the good source or the wide sheet with cells, rows and columns damaged."""
    tables = good() if draw.random() < 0.5 else {SHEET: wide()}
    for _ in range(draw.randint(1, 8)):
        name = draw.choice(list(tables))
        draw.choice(DAMAGE)(tables[name], draw)
        if not tables[name]:
            del tables[name]
        if not tables:
            return {"leer": [["a"]]}
    return tables


def _cell(rows: Rows, draw: random.Random) -> None:
    row = draw.choice(rows)
    if row:
        row[draw.randrange(len(row))] = draw.choice(NASTY)


def _column(rows: Rows, draw: random.Random) -> None:
    place, cell = draw.randrange(max(map(len, rows), default=0) + 1), draw.choice(NASTY)
    for row in rows[1:]:
        if place < len(row) and draw.random() < 0.8:
            row[place] = cell


def _name(rows: Rows, draw: random.Random) -> None:
    if rows[0]:
        rows[0][draw.randrange(len(rows[0]))] = draw.choice(NAMES)


def _drop_row(rows: Rows, draw: random.Random) -> None:
    rows.pop(draw.randrange(len(rows)))


def _repeat_row(rows: Rows, draw: random.Random) -> None:
    rows.insert(draw.randrange(len(rows) + 1), list(draw.choice(rows)))


def _drop_column(rows: Rows, draw: random.Random) -> None:
    place = draw.randrange(max(map(len, rows)) + 1)
    for row in rows:
        del row[place : place + 1]


def _swap(rows: Rows, draw: random.Random) -> None:
    place = draw.randrange(len(rows[0]) + 1)
    for row in rows:
        row[place:] = draw.sample(row[place:], len(row[place:]))


def _blank(rows: Rows, draw: random.Random) -> None:
    rows.insert(draw.randrange(len(rows) + 1), [None] * len(rows[0]))


DAMAGE: list[Callable[[Rows, random.Random], None]] = [
    *(_cell, _cell, _cell, _cell, _column, _name, _drop_row, _repeat_row, _drop_column, _swap),
    _blank,
]


def _clean(tables: Tables) -> Tables:
    """Return tables that a writer of workbooks and databases takes: even rows, legible cells."""
    cleaned: Tables = {}
    for name, rows in tables.items():
        width = max(map(len, rows))
        even = [[*row, *[None] * (width - len(row))] for row in rows]
        titles = [f"{text_of([[cell]]).strip() or 'x'} {n}" for n, cell in enumerate(even[0])]
        folded = [str(cell).casefold() for cell in even[0]]  # SQLite takes VAS and vas for one
        own = [str(cell) if cell and folded.count(folded[n]) == 1 else titles[n]
               for n, cell in enumerate(even[0])]  # fmt: skip
        body = [[_legible(cell) for cell in row] for row in even[1:]]
        cleaned[name] = [[_legible(title) for title in own], *body]
    return cleaned


def _legible(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return "".join(one for one in cell if one.isprintable())[:30_000]
    if isinstance(cell, date) and not datetime(1900, 3, 1).date() <= cell:  # noqa: DTZ001
        return cell.isoformat()
    return cell


def _western(cell: Cell) -> Cell:
    return cell.encode("cp1252", "replace").decode("cp1252") if isinstance(cell, str) else cell


def write_damaged(folder: Path, draw: random.Random) -> Path:
    """Write a source that is damaged in its tables, its bytes, or both."""
    if draw.random() < 0.3:
        path = draw.choice(CASES).build(folder)
    else:
        tables = _clean(damaged_tables(draw))
        name = draw.choice(list(WRITERS))
        if name == "german csv":
            tables = {key: [[_western(cell) for cell in row] for row in rows]
                      for key, rows in tables.items()}  # fmt: skip
        path = WRITERS[name](folder / "source", tables)
        if draw.random() < 0.6:
            return path
    files = [one for one in path.iterdir() if one.is_file()] if path.is_dir() else [path]
    if files:
        file = draw.choice(files)
        file.write_bytes(_damaged_bytes(file.read_bytes(), draw))
    return path


def _damaged_bytes(content: bytes, draw: random.Random) -> bytes:
    made = bytearray(content)
    for _ in range(draw.randint(1, 6)):
        at = draw.randrange(len(made) + 1)
        kind = draw.randrange(5)
        if kind == 0 and made:
            made[at % len(made)] ^= 1 << draw.randrange(8)
        elif kind == 1:
            del made[at : at + draw.randint(1, 200)]
        elif kind == 2:
            made[at:at] = draw.randbytes(draw.randint(1, 20))
        elif kind == 3:
            made[at:at] = made[at : at + draw.randint(1, 100)]
        elif draw.random() < 0.3:
            del made[at:]
    return bytes(made)


def through(path: Path, registry: Path, draw: random.Random) -> Checked:
    """Take a source through the importer as a page or the command does; nothing may be raised.

    The registry must be readable afterwards, whatever became of the source.
    """
    checked = check(path)
    if not checked.accepted:
        mapped = _mapped(path, draw)
        checked = checked if mapped is None else check(path, mapped)
    report.as_json(checked.rows, checked.findings, accepted=checked.accepted)
    report.as_text(checked.rows, checked.findings, "")
    report.write_findings(checked.findings, registry.with_suffix(".csv"))
    if checked.accepted:
        difference(registry if registry.exists() else None, checked)
        accept(checked, registry)
    if registry.exists():
        open_registry(registry).close()
        stored = stored_tables(registry, "patients", "procedures", "imports")
        owners = set(stored["patients"]["patient_id"])
        assert set(stored["procedures"]["patient_id"]) <= owners
        assert stored["imports"].height > 0
    return checked


def _mapped(path: Path, draw: random.Random) -> Mapping | None:
    """Return a mapping with random answers and changes, as an impatient person makes it."""
    try:
        raw = read_raw(path, DAY)
    except RefusedError:
        return None
    proposal = propose(raw, DAY)
    proposal_text(proposal)
    proposal_json(proposal)
    mapping = proposal.mapping
    for question in proposal.questions:
        if draw.random() < 0.95:
            mapping = answer(mapping, question, draw.choice(question.choices).key)
    if draw.random() < 0.3:
        mapping = _changed(raw, mapping, draw)
    for question in review(raw, mapping, DAY).questions:
        mapping = answer(mapping, question, question.proposed or question.choices[0].key)
    assert load_mapping(dump_mapping(mapping).encode()) == mapping
    return mapping


def _changed(raw: Raw, mapping: Mapping, draw: random.Random) -> Mapping:
    table = draw.choice(mapping.tables)
    if not table.columns:
        return mapping
    column = draw.choice(table.columns).column
    becomes = draw.choice([None, *targets()])
    visit = draw.choice([None, "pre", "m3"])
    mapping = assign(mapping, table.table, column, becomes, visit=visit)
    mapping = refine(raw, mapping, table.table, column, DAY)
    return translate(mapping, table.table, column, "x", draw.choice(["", "other", "F", "yes"]))
