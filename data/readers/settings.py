"""The settings that a source may carry in ``source.toml``."""

from __future__ import annotations

import io
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from data.readers.layout import SETTINGS
from data.readers.refusal import refusal

if TYPE_CHECKING:
    from data.readers.refusal import RefusedError


@dataclass(frozen=True)
class Settings:
    """What ``source.toml`` says of the source."""

    name: str | None = None
    synthetic: bool = False
    data_date: date | None = None
    region_convention: str = "junction"
    unknown: tuple[str, ...] = ()


def read_settings(content: bytes) -> Settings:
    """Read ``source.toml``.

    Raises
    ------
    RefusedError
        If it is not valid.
    """
    try:
        found = tomllib.load(io.BytesIO(content))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _bad_settings(f"cannot be read: {error}") from error
    known = {key: found.pop(key, None) for key in ("name", "synthetic", "data_date")}
    convention = found.pop("region_convention", "junction")
    if convention not in ("junction", "split"):
        raise _bad_settings("says a region_convention that is neither “junction” nor “split”")
    name, synthetic = known["name"], known["synthetic"]
    if not isinstance(name, str | None) or not isinstance(synthetic, bool | None):
        raise _bad_settings("needs a text as name, and true or false as synthetic")
    return Settings(
        name, bool(synthetic), _data_date(known["data_date"]), convention, tuple(sorted(found))
    )


def _data_date(value: object) -> date | None:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            value = False
    if value is None:
        return None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _bad_settings("says a data_date that is no day written as yyyy-mm-dd")
    return value


def _bad_settings(what: str) -> RefusedError:
    return refusal(
        "bad_settings", f"{SETTINGS} {what}. Correct it or delete the file.", table="source"
    )
