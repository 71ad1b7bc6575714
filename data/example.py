"""The SYNTHETIC example registry: its generator and the registry file built from it.

``python -m data.example`` rewrites ``data/example/`` from fixed seeds.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from data.codebook import FOLDER
from data.example_expect import MarginError
from data.example_margins import assert_margins
from data.example_tables import files, tables
from data.ingest import check
from data.warehouse import RegistryError, open_registry, write_registry

__all__ = ["SOURCE", "MarginError", "assert_margins", "example_registry", "write_example"]

SOURCE = FOLDER / "example"
SEEDS = {"patients": "patients-1", "scores": "scores-15", "films": "films-4532"}
FILE_NAME = "example.duckdb"


def write_example(folder: Path) -> None:
    """Write the source files of the example into a folder, the same bytes every time.

    Raises
    ------
    MarginError
        If one of the registry's margins is missed; nothing is written then.
    """
    content = tables(SEEDS)
    assert_margins(content)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files(content).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def example_registry() -> Path:
    """Return the example's registry file, built where it is missing or out of date.

    Notes
    -----
    It lies beside its source; where that folder cannot be written, in the system's temporary
    folder. Two processes may build it at once: each swaps in a whole file.

    Raises
    ------
    RegistryError
        If it can be written in neither place.
    """
    checked = check(SOURCE)
    version = checked.sha256[:12]
    beside = FOLDER / FILE_NAME
    if _is_current(beside, version):
        return beside
    try:
        write_registry(beside, checked.tables)
    except (RegistryError, OSError):
        elsewhere = _temporary_folder(version) / FILE_NAME
        if not _is_current(elsewhere, version):
            write_registry(elsewhere, checked.tables)
        return elsewhere
    return beside


def _is_current(path: Path, version: str) -> bool:
    try:
        warehouse = open_registry(path)
    except RegistryError:
        return False
    warehouse.close()
    return warehouse.registry.version == version


def _temporary_folder(version: str) -> Path:
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    folder = Path(tempfile.gettempdir()) / f"kyphoplasty-{user}-{version}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise RegistryError(
            f"The example cannot be built: {folder} cannot be written ({error.strerror}). Name "
            "a registry in KYPHO_REGISTRY."
        ) from error
    if hasattr(os, "getuid") and folder.stat().st_uid != user:
        raise RegistryError(
            f"The example cannot be built: the folder {folder} belongs to another user. Remove "
            "it, or name a registry in KYPHO_REGISTRY."
        )
    return folder


if __name__ == "__main__":
    write_example(SOURCE)
