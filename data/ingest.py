"""The import: a source is read and checked, and its rows and findings are both returned."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from data import report
from data.checked import Checked, accept, check, preview, refused, staged
from data.difference import Difference, RowChange, difference
from data.history import Import, history, undo
from data.mapping.file import dump_mapping, load_mapping
from data.mapping.propose import propose, refine, review
from data.propose_report import proposal_json, proposal_text
from data.readers.files import readable
from data.readers.layout import SETTINGS, layouts
from data.readers.read import read_raw
from data.readers.refusal import RefusedError, refusal
from data.rules import Finding
from data.sheet import RowCount
from data.warehouse import REGISTRY_VARIABLE, RegistryError, named_registry

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "Checked",
    "Difference",
    "Finding",
    "Import",
    "RowChange",
    "RowCount",
    "accept",
    "check",
    "difference",
    "history",
    "main",
    "preview",
    "propose",
    "read_raw",
    "refine",
    "review",
    "staged",
    "undo",
]


def main(arguments: Sequence[str] | None = None) -> int:
    """Import a source from the command line and return the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    registry: Path | None = options.registry or named_registry()
    if options.history or options.undo is not None:
        return _earlier(registry, options.undo, as_json=options.json)
    if options.source is None:
        parser.error("the following arguments are required: SOURCE")
    if options.propose_mapping is not None:
        return _propose(options.source, options.propose_mapping, as_json=options.json)
    if registry is None and not options.dry_run:
        return _wrong_usage(
            f"Name the registry to write with --registry FILE or in {REGISTRY_VARIABLE}, or use "
            "--dry-run."
        )
    target = None if options.dry_run else registry
    overwritten = _overwritten(options.source, target, options.findings)
    if overwritten:
        return _wrong_usage(overwritten)
    checked = _write(_check(options.source, options.mapping), target, options.findings)
    print(
        report.as_json(checked.rows, checked.findings, accepted=checked.accepted)
        if options.json
        else report.as_text(checked.rows, checked.findings, _outcome(checked, target))
    )
    if not checked.accepted:
        print(checked.findings[-1].advice, file=sys.stderr)
    return 0 if checked.accepted else 1


def _earlier(registry: Path | None, undone: int | None, *, as_json: bool) -> int:
    """Go back to an earlier import where one is named, and print the imports."""
    if registry is None:
        return _wrong_usage(f"Name the registry with --registry FILE or in {REGISTRY_VARIABLE}.")
    try:
        if undone is not None:
            undo(registry, undone or None)
        imports = history(registry)
    except RegistryError as error:
        print(error, file=sys.stderr)
        return 1
    print(report.history_json(imports) if as_json else report.history_text(imports))
    return 0


def _wrong_usage(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


def _check(source: Path, mapping: Path | None) -> Checked:
    """Check a source, with the mapping of a file where one is named."""
    if mapping is None:
        return check(source)
    try:
        with readable(mapping.name):
            content = mapping.read_bytes()
        return check(source, load_mapping(content))
    except RefusedError as error:
        return refused(source, error.finding)


def _propose(source: Path, out: Path, *, as_json: bool) -> int:
    """Write the proposal of a mapping and print what speaks for it."""
    if out.exists():
        return _wrong_usage(f"{out} is there already; name another file or delete it.")
    today = datetime.now().astimezone().date()
    try:
        proposal = propose(read_raw(source, today), today)
        out.write_text(dump_mapping(proposal.mapping, proposal.questions), encoding="utf-8")
    except RefusedError as error:
        print(error.finding.advice, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"The mapping cannot be written to {out} ({error.strerror}).", file=sys.stderr)
        return 1
    print(proposal_json(proposal) if as_json else proposal_text(proposal))
    if not as_json:
        print(f"The mapping was written to {out}. Check it, then import with --mapping {out}.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m data.ingest", description="Check a source and write it as the registry."
    )
    parser.add_argument(
        "source",
        nargs="?",
        type=Path,
        metavar="SOURCE",
        help="a folder, a .zip or a file: CSV, .xlsx, .xls, .ods, Parquet, SQLite, DuckDB",
    )
    parser.add_argument(
        "--mapping", type=Path, metavar="FILE.toml", help="how the columns of SOURCE are read"
    )
    parser.add_argument(
        "--propose-mapping",
        type=Path,
        metavar="OUT.toml",
        help="propose such a file, and import nothing",
    )
    parser.add_argument(
        "--registry", type=Path, metavar="FILE", help=f"instead of {REGISTRY_VARIABLE}"
    )
    parser.add_argument("--dry-run", action="store_true", help="check, and write no registry")
    parser.add_argument(
        "--findings", type=Path, metavar="OUT.csv", help="write the findings as CSV"
    )
    parser.add_argument("--history", action="store_true", help="print the imports so far")
    parser.add_argument(
        "--undo",
        type=int,
        nargs="?",
        const=0,
        metavar="IMPORT",
        help="go back to an import, or to the one before",
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
