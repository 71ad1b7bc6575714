"""The registry that an import would replace, where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.warehouse import named_registry
from pages.shared.ask import current_registry

if TYPE_CHECKING:
    from data.warehouse import Registry


def registry_in_use() -> Registry | None:
    """Return the named registry, None where none is named or there is no file yet.

    Raises
    ------
    data.warehouse.RegistryError
        If there is one and it cannot be read.
    """
    path = named_registry()
    if path is None or not path.exists():
        return None
    return current_registry()
