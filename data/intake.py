"""A source of any kind as the tables of the source format: strictly, or through a mapping."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.mapping.apply import apply
from data.mapping.file import load_mapping
from data.mapping.propose import is_readable, propose
from data.progress import COLUMNS, silent
from data.readers.files import source_name
from data.readers.layout import layouts
from data.readers.read import MAPPING, read_raw
from data.readers.refusal import RefusedError, legible, refusal
from data.readers.source import known_files, read_source

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from data.mapping.model import Mapping, Proposal
    from data.progress import Progress
    from data.readers.source import Source

DIALECTS = frozenset(("not_utf8", "nul_byte", "wrong_separator"))
SAME = frozenset(("not_utf8", "nul_byte", "no_table"))


def read_any(
    path: Path, mapping: Mapping | None, today: date, progress: Progress = silent
) -> Source:
    """Read a source.

    Parameters
    ----------
    path : Path
        A folder, a .zip or a file.
    mapping : Mapping or None
        How its columns are read. Without one, what lies beside the source as ``mapping.toml`` is
        used; else the source is read strictly as the product's own format; else a proposal is
        used where nothing in it is in doubt.
    today : date
        The day of the import.
    progress : callable
        Told when the files are read.

    Raises
    ------
    RefusedError
        If the source cannot be read, or a person has to confirm its mapping first.
    """
    if mapping is not None:
        raw = read_raw(path, today)
        progress("Reading the columns", COLUMNS)
        return apply(raw, mapping, today)
    if _has_mapping(path):
        raw = read_raw(path, today)
        progress("Reading the columns", COLUMNS)
        return apply(raw, load_mapping(raw.mapping or b""), today)
    try:
        return read_source(path, today)
    except RefusedError as strict:
        if not _may_be_mapped(path, strict):
            raise
        return _mapped(path, strict, today, progress)


def _has_mapping(path: Path) -> bool:
    beside = path / MAPPING if path.is_dir() else path.with_name(f"{path.stem}.{MAPPING}")
    return beside.is_file()


def _may_be_mapped(path: Path, strict: RefusedError) -> bool:
    """Return whether a source that is not of the format may be of another one."""
    finding = strict.finding
    if finding.rule == "missing_source":
        return path.is_file()
    if finding.rule == "missing_file":
        return not known_files(path)
    if finding.rule == "missing_column":
        return finding.column == layouts()[finding.table].key
    return finding.rule in DIALECTS


def _mapped(path: Path, strict: RefusedError, today: date, progress: Progress) -> Source:
    """Read a source through the mapping in it, or through one that is certain."""
    try:
        raw = read_raw(path, today)
    except RefusedError as error:
        same = error.finding.rule in SAME and strict.finding.rule != "missing_source"
        raise (strict if same else error) from error
    progress("Reading the columns", COLUMNS)
    if raw.mapping is not None:
        return apply(raw, load_mapping(raw.mapping), today)
    proposal = propose(raw, today)
    if not _reads(proposal, strict):
        raise strict
    if not proposal.certain:
        raise mapping_needed(path, proposal)
    return apply(raw, proposal.mapping, today)


def _reads(proposal: Proposal, strict: RefusedError) -> bool:
    """Return whether a proposal reads what could not be read strictly."""
    rule, table = strict.finding.rule, strict.finding.table
    if rule == "missing_source":
        return True
    named = [one for one in proposal.mapping.tables if one.table.lower() == table]
    reads = rule == "missing_file" or any(is_readable(one) for one in named)
    return reads and not proposal.missing


def mapping_needed(path: Path, proposal: Proposal) -> RefusedError:
    """Return the refusal of a source whose mapping a person has to confirm."""
    missing = " and none ".join(proposal.missing)
    asked = f" No column becomes {missing} yet." if missing else ""
    asked += f" It asks: {proposal.questions[0].text}" if proposal.questions else ""
    return refusal(
        "mapping_needed",
        f"The columns of {legible(source_name(path))} are not those of the format. Let a mapping "
        f"be proposed (--propose-mapping OUT.toml), check it, and import with --mapping "
        f"OUT.toml.{asked}",
    )
