"""What is said on the way of a department's own tables into the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.codebook import tumours, visits
from data.mapping.file import dump_mapping
from data.mapping.targets import targets
from pages.shared.wording import percent, plain, plural
from queries.statistics.limits import RATE_NEEDS

if TYPE_CHECKING:
    from pathlib import Path

    from data.mapping.model import Choice, Evidence, Proposal, Question, TumourText
    from pages.shared.upload import Upload

Row = dict[str, str]

NOT_READ = "not read"
FROM_ITS_ROW = "from its row"
INTRODUCTION = (
    "Bring the tables as they are: Excel (.xlsx, .xls, .ods), CSV, a .zip, a REDCap export with "
    "its data dictionary, Parquet, SQLite or DuckDB; one file, or several that belong together. A "
    "mapping that was kept from an earlier import (mapping.toml) may lie among them."
)
SAFE = (
    "Nothing is written before you accept it in step 5, and nothing leaves the computer that runs "
    "the dashboard. What you upload is held for this visit alone and dropped when you accept or "
    "cancel."
)
TUMOURS = (
    "Each text for a primary tumour counts as one of the vocabulary; what you change here is kept "
    "in the mapping. The text itself is kept beside it."
)


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


def mapping_text(proposal: Proposal) -> str:
    """Return the mapping as a file that the command and the next import use."""
    return dump_mapping(proposal.mapping, proposal.questions)


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


def table_choice(table: str) -> str:
    """Return a table in the menu of tables; all of them where it is empty."""
    return table or "every table"


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
