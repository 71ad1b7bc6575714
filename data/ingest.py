"""The import: a source is read and checked, and its rows and findings are both returned."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, replace
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from data import report
from data.assembly import check_tables
from data.readers.layout import SETTINGS, layouts
from data.readers.refusal import RefusedError, legible, refusal
from data.readers.source import read_source
from data.rules import Finding
from data.sheet import RowCount
from data.warehouse import REGISTRY_VARIABLE, RegistryError, named_registry, write_registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

__all__ = ["Checked", "Finding", "RowCount", "accept", "check", "main"]


@dataclass(frozen=True)
class Checked:
    """A source that was read and checked; nothing is written yet.

    Parameters
    ----------
    accepted : bool
        Whether a registry can be written of it; rows may have been held back all the same.
    source_name : str
        What the source calls itself.
    sha256 : str
        The SHA-256 of its files, empty when it was refused.
    tables : dict of str to polars.DataFrame
        A frame for every table of ``schema.sql``, empty when it was refused.
    rows : dict of str to RowCount
        For each file how many of its rows were read, kept and held back.
    findings : tuple of Finding
        In order of the files and their lines.
    """

    accepted: bool
    source_name: str
    sha256: str
    tables: dict[str, pl.DataFrame]
    rows: dict[str, RowCount]
    findings: tuple[Finding, ...]


def check(source: Path) -> Checked:
    """Read and check a source; bad input gives findings, and nothing is written."""
    today = datetime.now().astimezone().date()
    try:
        read = read_source(source, today)
        tables, rows, findings = check_tables(read, today)
    except RefusedError as error:
        return Checked(
            accepted=False,
            source_name=legible(source.stem),
            sha256="",
            tables={},
            rows={},
            findings=(error.finding,),
        )
    return Checked(
        accepted=True,
        source_name=read.settings.name or read.name,
        sha256=read.sha256,
        tables=tables,
        rows=rows,
        findings=findings,
    )


def accept(checked: Checked, path: Path) -> None:
    """Write a checked source as the registry, in place of the one before.

    Raises
    ------
    RegistryError
        If the source was refused or the registry cannot be written; nothing has changed then.
    """
    if not checked.accepted:
        raise RegistryError(f"Nothing was written: {checked.findings[0].advice}")
    write_registry(path, checked.tables)


def main(arguments: Sequence[str] | None = None) -> int:
    """Import a source from the command line and return the exit code."""
    options = _parser().parse_args(arguments)
    registry: Path | None = options.registry or named_registry()
    if registry is None and not options.dry_run:
        print(
            f"Name the registry to write with --registry FILE or in {REGISTRY_VARIABLE}, or use "
            "--dry-run.",
            file=sys.stderr,
        )
        return 2
    target = None if options.dry_run else registry
    overwritten = _overwritten(options.source, target, options.findings)
    if overwritten:
        print(overwritten, file=sys.stderr)
        return 2
    checked = _write(check(options.source), target, options.findings)
    print(
        report.as_json(checked.rows, checked.findings, accepted=checked.accepted)
        if options.json
        else report.as_text(checked.rows, checked.findings, _outcome(checked, target))
    )
    if not checked.accepted:
        print(checked.findings[-1].advice, file=sys.stderr)
    return 0 if checked.accepted else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m data.ingest", description="Check a source and write it as the registry."
    )
    parser.add_argument("source", type=Path, metavar="SOURCE", help="a folder or .zip of CSV files")
    parser.add_argument(
        "--registry", type=Path, metavar="FILE", help=f"instead of {REGISTRY_VARIABLE}"
    )
    parser.add_argument("--dry-run", action="store_true", help="check, and write no registry")
    parser.add_argument(
        "--findings", type=Path, metavar="OUT.csv", help="write the findings as CSV"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser


def _overwritten(source: Path, registry: Path | None, findings: Path | None) -> str | None:
    """Say which file would be lost by writing over it, None where none is."""
    if registry is not None and findings is not None and registry.resolve() == findings.resolve():
        return f"The registry and the findings are both named {registry}; name two files."
    for path in (registry, findings):
        if path is not None and any(_is_same(path, own) for own in (source, *_files(source))):
            return f"{path} belongs to the source; name another file to write."
    if registry is not None and _is_foreign(registry):
        return f"{registry} is no registry and is not overwritten; name another file or delete it."
    return None


def _files(source: Path) -> list[Path]:
    return [source / name for name in (SETTINGS, *(f"{table}.csv" for table in layouts()))]


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False


def _is_foreign(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            start = file.read(12)
    except OSError:
        return False
    return bool(start) and start[8:] != b"DUCK"


def _write(checked: Checked, registry: Path | None, findings: Path | None) -> Checked:
    try:
        if findings is not None:
            report.write_findings(checked.findings, findings)
        if checked.accepted and registry is not None:
            accept(checked, registry)
    except OSError as error:
        advice = (
            f"Nothing was written: the findings cannot be written to {findings} ({error.strerror})."
        )
        return _unwritten(checked, advice)
    except RegistryError as error:
        return _unwritten(checked, str(error))
    return checked


def _unwritten(checked: Checked, advice: str) -> Checked:
    finding = refusal("unwritable", advice, table="registry").finding
    return replace(checked, accepted=False, findings=(*checked.findings, finding))


def _outcome(checked: Checked, registry: Path | None) -> str:
    if not checked.accepted:
        return "The source was refused; nothing was written."
    if registry is None:
        return "The source can be imported; nothing was written, as asked."
    return f"The registry was written to {registry}."


if __name__ == "__main__":
    for output in (sys.stdout, sys.stderr):
        if isinstance(output, TextIOWrapper):
            output.reconfigure(errors="backslashreplace")
    sys.exit(main())
