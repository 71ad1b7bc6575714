"""What is said of what an import found: by rule, by place, and on the page that lost it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from data.codebook import measures
from data.rules import KEPT, RULES
from pages.shared.wording import plain, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from data.ingest import Import as Kept
    from queries.held_back import Held, Import

Row = dict[str, str]

PLACES = {
    "patients": "patients",
    "procedures": "procedures",
    "follow_ups": "scores",
    "radiographs": "films",
    "events": "events",
}
LOST = {
    ("follow_ups", False): "score",
    ("radiographs", False): "film measurement",
    ("follow_ups", True): "visit",
    ("radiographs", True): "film",
    ("events", True): "event",
    ("procedures", True): "treated level",
    ("patients", True): "patient",
}
OTHERWISE = "single value"
FATES = ("row held back", "value held back", "kept, marked")
EVERYWHERE = ("patients", "procedures")
SECTION = re.compile(r"_\d+$")
MOST_FOUND = 50


def held_sentence(held: Iterable[Held], latest: Import | None) -> str:
    """Say how much the latest import held back, and how much it kept with a mark."""
    when = f"At the import of {_day(latest.imported_at)}, " if latest else "At the import, "
    return found_sentence(held, when, "were")


def found_sentence(held: Iterable[Held], when: str, were: str) -> str:
    """Say how much is held back, and how much kept with a mark."""
    found = list(held)
    rows = sum(one.n for one in found if one.severity != KEPT and one.is_row)
    cells = sum(one.n for one in found if one.severity != KEPT and not one.is_row)
    kept = sum(one.n for one in found if one.severity == KEPT)
    parts = [plural(n, word) for n, word in ((rows, "row"), (cells, "single value")) if n]
    if not parts:
        was = "was" if were == "were" else were
        said = f"{when}nothing {was} held back."
    else:
        verb = "was" if were == "were" and rows + cells == 1 else were
        said = f"{when}{' and '.join(parts)} {verb} held back."
    said = f"{said[0].upper()}{said[1:]}"
    if not kept:
        return said
    more = " more" if parts else ""
    verb = {"were": "was" if kept == 1 else "were"}.get(were, were)
    return f"{said} {plural(kept, 'finding')}{more} {verb} kept with a mark."


def fate(one: Held) -> str:
    """Say what became of what a rule found."""
    if one.severity == KEPT:
        return FATES[2]
    return FATES[0] if one.is_row else FATES[1]


def rule_label(rule: str) -> str:
    """Return a rule as people read it."""
    return RULES[rule].sentence.rstrip(".") if rule in RULES else plain(rule)


def place_label(table: str, field: str | None) -> str:
    """Return where something was found; a source's only table needs no name."""
    where = PLACES.get(table, plain(table))
    if field is None:
        return where or "whole rows"
    column = measures()[field].label if field in measures() else plain(field)
    return f"{where}: {column}" if where else column


def held_rows(held: Iterable[Held]) -> list[Row]:
    """Return what was found, a rule a row, what was held back first and the most frequent."""
    found = list(held)
    alone = len({one.table for one in found} - {*PLACES}) == len({one.table for one in found}) == 1
    by_rule: dict[tuple[str, str], dict[str, int]] = {}
    for one in found:
        places = by_rule.setdefault((one.rule, fate(one)), {})
        place = place_label("" if alone else one.table, one.field)
        places[place] = places.get(place, 0) + one.n
    ordered = sorted(by_rule.items(), key=lambda item: (FATES.index(item[0][1]), -_sum(item[1])))
    return [
        {
            "rule": rule_label(rule),
            "what became of it": became,
            "where": _listed(places),
            "how many": str(_sum(places)),
        }
        for (rule, became), places in ordered
    ]


def _sum(places: Mapping[str, int]) -> int:
    return sum(places.values())


def _listed(places: Mapping[str, int]) -> str:
    if len(places) == 1:
        return next(iter(places))
    return ", ".join(f"{place} {n}" for place, n in sorted(places.items(), key=lambda at: -at[1]))


def rules_found(held: Iterable[Held]) -> dict[str, int]:
    """Return the rules that found something with their number, what was held back first."""
    counts: dict[str, int] = {}
    for one in sorted(held, key=lambda one: (one.severity == KEPT, one.rule)):
        counts[one.rule] = counts.get(one.rule, 0) + one.n
    return counts


def rule_choice(rule: str, counts: Mapping[str, int]) -> str:
    """Return a rule in the menu of rules, with how often it found something."""
    if rule not in counts:
        return f"every rule · {sum(counts.values())}"
    return f"{rule_label(rule)} · {counts[rule]}"


def found_rows(found: Iterable[Mapping[str, Any]], *, hidden: bool) -> list[Row]:
    """Return findings as rows to look at in the source; cells may be identifiers."""
    return [
        {
            "table": plain(row["table"]),
            "row": "" if row["row"] is None else str(row["row"]),
            "column": plain(row["column"] or ""),
            "value": "hidden" if hidden and row["value"] else plain(row["value"] or ""),
            "what to do": plain(row["advice"]),
        }
        for row in found
    ]


def shown_sentence(shown: int, n: int) -> str:
    """Say how many of the findings are shown."""
    if n > shown:
        return f"The first {shown} of {n}; all of them stand in the CSV."
    return f"{plural(n, 'finding')}, {'each ' if n > 1 else ''}with its place in the source."


def imports_sentence(imports: Sequence[Import]) -> str:
    """Say how many imports led to the registry, and which one it is."""
    if not imports:
        return "The registry does not say which imports led to it."
    latest = imports[0]
    return (
        f"{plural(len(imports), 'import')} so far; the registry in use is that of "
        f"{_day(latest.imported_at)}: {latest.rows_kept} of {plural(latest.rows_read, 'row')} kept."
    )


def import_rows(imports: Iterable[Import]) -> list[Row]:
    """Return the imports so far, the latest first."""
    return [import_row(one, _day(one.imported_at)) for one in imports]


def import_row(one: Import | Kept, day: str) -> Row:
    """Return one import with its rows."""
    return {
        "import": str(one.import_id),
        "on": day,
        "source": plain(one.source_name),
        "rows read": str(one.rows_read),
        "kept": str(one.rows_kept),
        "held back": str(one.rows_held_back),
    }


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def lost_sentence(held: Iterable[Held], wanted: Sequence[str]) -> str:
    """Say in one line what a page lost at the import; empty where it lost nothing.

    Parameters
    ----------
    held : iterable of Held
        What the import found.
    wanted : sequence of str
        Columns of the source format that the page uses, such as ``follow_ups.vas``, or whole
        tables. Rows of patients and procedures count on every page.
    """
    counts = dict.fromkeys((*LOST.values(), OTHERWISE), 0)
    for one in held:
        if one.is_lost and _is_wanted(one, wanted):
            counts[LOST.get((one.table, one.is_row), OTHERWISE)] += one.n
    parts = [plural(n, word) for word, n in counts.items() if n]
    if not parts:
        return ""
    said = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
    verb = "was" if sum(counts.values()) == 1 else "were"
    return f"{said} {verb} held back at import: see Data quality"


def _is_wanted(one: Held, wanted: Sequence[str]) -> bool:
    tables = {name.partition(".")[0] for name in wanted}
    if one.is_row:
        return one.table in (*EVERYWHERE, *tables)
    field = f"{one.table}.{SECTION.sub('', one.field or '')}"
    return one.table in wanted or field in wanted
