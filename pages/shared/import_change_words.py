"""What is said of a checked import: what was found, what it would change, what it became."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.codebook import measures
from data.rules import RULES
from pages.shared.held_back_words import found_sentence, import_row
from pages.shared.wording import at_visit, number, plain, plural
from queries.held_back import Held

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from data.ingest import Checked, Difference, Finding, Import
    from pages.shared.upload import Outlook
    from queries.overview import Figure

Row = dict[str, str]

MOST_NAMED = 20
TABLES = {
    "patients": "patients",
    "procedures": "procedures (treated levels)",
    "leaks": "leak locations",
    "follow_ups": "scores",
    "items": "answers behind scores",
    "radiographs": "film measurements",
    "events": "events",
}
FIGURES = {
    "patients": "patients with a treated level",
    "levels": "treated levels",
    "sessions": "sessions",
    "sex_F": "women",
    "sex_M": "men",
    "sex_unrecorded": "sex not recorded",
    "age_median": "median age at operation",
    "died": "known to have died",
    "leaks": "levels with a cement leak",
    "patients_with_leak": "patients with a cement leak",
}
LEFT_OUT = ("age_q1", "age_q3")


def held(findings: Iterable[Finding]) -> tuple[Held, ...]:
    """Count findings by rule and place."""
    counts: dict[tuple[str, str | None, str, str], int] = {}
    for one in findings:
        is_row = one.rule in RULES and RULES[one.rule].holds == "row"
        place = (one.table, None if is_row else one.column, one.rule, one.severity)
        counts[place] = counts.get(place, 0) + 1
    return tuple(Held(*place, n) for place, n in counts.items())


def findings_sentence(checked: Checked) -> str:
    """Say what would be held back, and what kept with a mark."""
    return found_sentence(held(checked.findings), "", "would be")


def count_rows(checked: Checked) -> list[Row]:
    """Return how many rows of each table would be kept."""
    return [
        {
            "table": TABLES.get(table, plain(table)),
            "rows read": str(count.read),
            "kept": str(count.kept),
            "held back": str(count.held_back),
        }
        for table, count in checked.rows.items()
    ]


def change_sentence(found: Difference, *, is_first: bool) -> str:
    """Say which patients come, change and go."""
    if is_first:
        return f"This would be the first import: {plural(len(found.new), 'patient')}."
    return (
        f"Against the registry in use: {plural(len(found.new), 'new patient')}, "
        f"{len(found.changed)} changed, {len(found.vanished)} vanished, {found.unchanged} as they "
        "were."
    )


def vanished_sentence(found: Difference, *, hidden: bool) -> str:
    """Warn of patients that the import would take away."""
    n = len(found.vanished)
    if not n:
        return ""
    verb = "is" if n == 1 else "are"
    who = "" if hidden else f": {named(found.vanished)}"
    return (
        f"{plural(n, 'patient')} of the registry in use {verb} not in these tables and would be "
        f"gone{who}. An import replaces the registry as a whole; if they should stay, bring them "
        "along in the tables."
    )


def named(patients: Sequence[str]) -> str:
    """Name patients, the first ones of many."""
    shown = ", ".join(plain(one) for one in patients[:MOST_NAMED])
    more = len(patients) - MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def patient_rows(found: Difference, *, hidden: bool) -> list[Row]:
    """Return which patients come and change."""
    lists = {"new": found.new, "changed": found.changed, "vanished": found.vanished}
    return [
        {
            "patients": word,
            "how many": str(len(ids)),
            "which": "hidden" if hidden and ids else named(ids) or "–",
        }
        for word, ids in lists.items()
    ]


def table_rows(found: Difference) -> list[Row]:
    """Return the rows of every table before and after."""
    return [
        {
            "table": TABLES.get(table, table),
            "in use": str(change.before),
            "after": str(change.after),
            "new": str(change.new),
            "gone": str(change.gone),
        }
        for table, change in found.rows.items()
        if change.before or change.after
    ]


def figure_rows(outlook: Outlook) -> list[Row]:
    """Return the headline figures before and after, those that change in bold."""
    before = {one.key: one for one in outlook.before}
    after = {one.key: one for one in outlook.after}
    rows = []
    for key in dict.fromkeys([*after, *before]):
        if key in LEFT_OUT:
            continue
        was, now = figure(before.get(key)), figure(after.get(key))
        row = {"headline": figure_label(key)}
        if before:
            row["in use"] = was
        rows.append({**row, "after": now if was == now or not before else f"**{now}**"})
    return rows


def figure_label(key: str) -> str:
    """Return what a headline figure is called."""
    if key in FIGURES:
        return FIGURES[key]
    kind, _, visit = key.partition("_")
    if kind == "seen":
        return f"patients seen {at_visit(visit)}"
    measure, _, visit = key.partition("_change_")
    label = measures()[measure].label if measure in measures() else measure
    return f"{label}: median change {at_visit(visit)}"


def figure(one: Figure | None) -> str:
    """Return a headline figure with what it is out of."""
    if one is None or one.value is None:
        return "–"
    if "_change_" in one.key:
        return f"{number(one.value, 1, sign=True)} ({one.n} pairs)"
    if one.key == "age_median":
        return f"{number(one.value, 0)} ({plural(one.n, 'patient')})"
    if one.key in ("patients", "levels", "sessions"):
        return number(one.value, 0)
    return f"{number(one.value, 0)} of {one.n}"


def accept_sentence(checked: Checked, path: Path, *, replaces: bool) -> str:
    """Say what accepting does."""
    kept = sum(count.kept for count in checked.rows.values())
    place = plain(str(path))
    if not replaces:
        return f"{plural(kept, 'row')} are written as the registry {place}."
    return (
        f"{plural(kept, 'row')} are written as the registry {place}, in place of the one in use, "
        "which stays beside it: you can go back to it on this page."
    )


def done_sentence(checked: Checked) -> str:
    """Say that an import was accepted."""
    kept = sum(count.kept for count in checked.rows.values())
    back = sum(count.held_back for count in checked.rows.values())
    return (
        f"{plain(checked.source_name)} is the registry now: {plural(kept, 'row')} kept, {back} "
        "held back. Every page shows it."
    )


def history_rows(imports: Iterable[Import]) -> list[Row]:
    """Return the imports so far, the latest first."""
    return [
        {
            **import_row(one, f"{one.imported_at:%Y-%m-%d %H:%M} UTC"),
            "": "in use"
            if one.current
            else "can be brought back"
            if one.restorable
            else "not kept",
        }
        for one in imports
    ]


def import_label(one: Import) -> str:
    """Return an import in the menu of those to go back to."""
    return (
        f"import {one.import_id} of {one.imported_at:%Y-%m-%d %H:%M}: {one.source_name}, "
        f"{plural(one.rows_kept, 'row')}"
    )


def by_import(imports: Iterable[Import]) -> Mapping[str, Import]:
    """Return the imports that can be brought back by their number."""
    return {str(one.import_id): one for one in imports if one.restorable}


def undone_sentence(one: Import) -> str:
    """Say that an earlier import was brought back."""
    return f"The registry is that of {plain(import_label(one))} again. Every page shows it."
