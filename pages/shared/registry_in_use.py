"""The registry that an import would replace, where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.warehouse import RegistryError, named_registry
from pages.shared.ask import current_registry

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Registry


def registry_in_use() -> Registry | None:
    """Return the named registry, None where none is named or there is none that can be read."""
    if file_in_use() is None:
        return None
    try:
        return current_registry()
    except RegistryError:
        return None


def file_in_use() -> Path | None:
    """Return the file that an import would replace, None where there is none."""
    path = named_registry()
    return path if path is not None and path.exists() else None
