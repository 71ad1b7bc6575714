"""What is said on the way of a department's own tables into the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.codebook import tumours, visits
from data.mapping.file import dump_mapping
from data.mapping.targets import targets
from data.rules import RULES
from pages.shared.held_back_words import found_sentence
from pages.shared.wording import number, percent, plain, plural, visit_label
from queries.held_back import Held
from queries.statistics.limits import RATE_NEEDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from data.ingest import Checked, Difference, Finding, Import
    from data.mapping.model import Choice, Evidence, Question, TumourText
    from pages.shared.upload import Outlook, Upload
    from queries.overview import Figure

Row = dict[str, str]

NOT_READ = "not read"
FROM_ITS_ROW = "from its row"
MOST_NAMED = 20
INTRODUCTION = (
    "Bring the tables as they are: Excel (.xlsx, .xls, .ods), CSV, a .zip, a REDCap export with "
    "its data dictionary, Parquet, SQLite or DuckDB; one file, or several that belong together. A "
    "mapping that was kept from an earlier import (mapping.toml) may lie among them."
)
SAFE = (
    "Nothing is written before you accept it in step 5, and nothing leaves this computer. What you "
    "upload is held for this visit alone and dropped when you accept or cancel."
)
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
TUMOURS = (
    "Each text for a primary tumour counts as one of the vocabulary; what you change here is kept "
    "in the mapping. The text itself is kept beside it."
)
LEFT_OUT = ("age_q1", "age_q3")


def limit_sentence(megabytes: int) -> str:
    """Say how large a file may be."""
    return f"Up to {megabytes} MB a file."


def unnamed_sentence(variable: str) -> str:
    """Say where the registry would be written, and how to say so."""
    return (
        "No registry is named, so the dashboard shows the example, which is never overwritten. "
        "You can go through all steps up to the fourth; to keep what you see, whoever runs the "
        f"dashboard names a file first and starts it again: "
        f'`export {variable}="$HOME/registry/department.duckdb"`'
    )


def no_registry_sentence(path: Path) -> str:
    """Say that the named registry is not there yet, or cannot be read."""
    place = plain(str(path))
    if path.exists():
        return (
            f"{place} cannot be read; an import replaces it, and the file stays beside the new one."
        )
    return f"There is no registry at {place} yet: this import makes it."


def mapping_text(upload: Upload) -> str:
    """Return the mapping as a file that the command and the next import use."""
    return dump_mapping(upload.proposal.mapping, upload.proposal.questions)


def columns_sentence(upload: Upload) -> str:
    """Say how many columns are recognised, and what is still to be settled."""
    evidence = upload.proposal.evidence
    read = sum(one.becomes is not None for one in evidence)
    tables = len({one.table for one in evidence})
    followed = f", as {upload.followed} says" if upload.followed else ""
    return (
        f"{read} of {plural(len(evidence), 'column')} in {plural(tables, 'table')} are read"
        f"{followed}. {open_sentence(upload)}"
    )


def open_sentence(upload: Upload) -> str:
    """Say what keeps the columns from being checked."""
    missing = [targets()[one].label for one in upload.proposal.missing]
    parts = []
    if missing:
        parts.append(
            f"No column is “{'” and none “'.join(missing)}” yet: say which one it is under columns."
        )
    n = len(upload.open_questions)
    if n:
        verb = "waits" if n == 1 else "wait"
        parts.append(f"{plural(n, 'question')} {verb} for your answer.")
    may = sum(one.key is None and not one.question.blocking for one in upload.asked.values())
    if may:
        parts.append(f"{plural(may, 'question')}{' more' if n else ''} may stay open.")
    return " ".join(parts) or "Nothing is left open."


def target_label(becomes: str) -> str:
    """Return what a column becomes as people read it; nothing where it is empty."""
    return targets()[becomes].label if becomes else NOT_READ


def visit_choice(visit: str) -> str:
    """Return the visit of a column in its menu; that of its row where it is empty."""
    return visits()[visit].short_label if visit else FROM_ITS_ROW


def column_words(one: Evidence, *, hidden: bool) -> str:
    """Return a column with examples of its cells."""
    if not one.filled:
        return f"**{plain(one.column)}**  \n:small[empty]"
    examples = () if hidden else one.examples[:3]
    shown = ", ".join(plain(text) for text in examples) or "cells not shown"
    return f"**{plain(one.column)}**  \n:small[{shown} · {plural(one.filled, 'cell')}]"


def evidence_words(one: Evidence) -> str:
    """Return how much of a column can be read, and why it becomes what it does."""
    if one.becomes is None or not one.filled:
        return f":small[{plain(one.why)}]"
    k = round(one.readable * one.filled)
    share = f"{k} of {one.filled} readable"
    if one.filled >= RATE_NEEDS:
        share += f" ({percent(one.readable, 0)})"
    return f"{share if k == one.filled else f'**{share}**'}  \n:small[{plain(one.why)}]"


def answer_label(choice: Choice, question: Question) -> str:
    """Return an answer, the proposed one marked."""
    proposed = " · proposed" if choice.key == question.proposed else ""
    return f"{plain(choice.label)}{proposed}"


def question_words(question: Question, *, several_tables: bool) -> str:
    """Return a question with what speaks for which answer."""
    where = f" · table {plain(question.table)}" if several_tables else ""
    waits = "" if question.blocking else " It may stay open: the rows in question are held back."
    return f"**{plain(question.text)}**  \n:small[{plain(question.evidence)}{waits}{where}]"


def tumour_words(one: TumourText) -> str:
    """Return a text for a tumour with how often it stands there."""
    return f"**{plain(one.text)}** :small[{plural(one.times, 'cell')}]"


def tumour_label(code: str) -> str:
    """Return a tumour of the vocabulary in a menu."""
    return tumours()[code].label if code in tumours() else "not known"


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
        return f"patients seen {_at(visit)}"
    measure, _, visit = key.partition("_change_")
    label = next(
        (t.measure.label for t in targets().values() if t.measure and t.measure.code == measure),
        measure,
    )
    return f"{label}: median change {_at(visit)}"


def _at(visit: str) -> str:
    label = visit_label(visit)
    return label if label.startswith(("after", "before")) else f"at {label}"


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
            "import": str(one.import_id),
            "on": f"{one.imported_at:%Y-%m-%d %H:%M} UTC",
            "source": plain(one.source_name),
            "rows read": str(one.rows_read),
            "kept": str(one.rows_kept),
            "held back": str(one.rows_held_back),
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
        f"import {one.import_id} of {one.imported_at:%Y-%m-%d %H:%M}: {plain(one.source_name)}, "
        f"{plural(one.rows_kept, 'row')}"
    )


def by_import(imports: Iterable[Import]) -> Mapping[str, Import]:
    """Return the imports that can be brought back by their number."""
    return {str(one.import_id): one for one in imports if one.restorable}


def undone_sentence(one: Import) -> str:
    """Say that an earlier import was brought back."""
    return f"The registry is that of {import_label(one)} again. Every page shows it."
