"""The secrets that pseudonyms are made with: in a file beside the registry, never in it.

Whoever has a registry and its salt can test a name against the pseudonyms; whoever has the
registry alone cannot.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from data.replacement import replacing

if TYPE_CHECKING:
    from pathlib import Path


def salts_file(registry: Path) -> Path:
    """Return the file of the salts of a registry, by the number of the import."""
    return registry.with_name(f"{registry.stem}.salts.json")


def keep_salt(registry: Path, import_id: int, salt: str) -> None:
    """Keep the salt of an import; only the owner of the file can read it.

    Raises
    ------
    OSError
        If it cannot be written; the file is as it was then.
    """
    kept = {**_read(registry), str(import_id): salt}
    with replacing(salts_file(registry)) as fresh:
        fresh.write_text(json.dumps(kept, indent=1), encoding="utf-8")


def salt_of(registry: Path, import_id: int) -> str:
    """Return the salt of an import, empty where none is kept."""
    return _read(registry).get(str(import_id), "")


def _read(registry: Path) -> dict[str, str]:
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(salts_file(registry).read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return {key: salt for key, salt in found.items() if isinstance(salt, str)}
    return {}
