"""The settings that a source may carry in ``source.toml``."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from data.codebook import measures
from data.readers.layout import SETTINGS
from data.readers.refusal import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data.readers.refusal import RefusedError


@dataclass(frozen=True)
class Settings:
    """What ``source.toml`` says of the source.

    Notes
    -----
    `scales` gives the top of the scale that the source uses for a measure, where it is not
    the codebook's; `unknown` gives for each setting that is not used the advice about it.
    """

    name: str | None = None
    synthetic: bool = False
    data_date: date | None = None
    region_convention: str = "junction"
    scales: Mapping[str, float] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)


def read_settings(content: bytes, today: date) -> Settings:
    """Read ``source.toml``.

    Raises
    ------
    RefusedError
        If it is not valid.
    """
    try:
        found = tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:
        raise _bad_settings(f"cannot be read: {error}") from error
    known = {key: found.pop(key, None) for key in ("name", "synthetic", "data_date")}
    convention = found.pop("region_convention", "junction")
    if convention not in ("junction", "split"):
        raise _bad_settings("says a region_convention that is neither “junction” nor “split”")
    name, synthetic = known["name"], known["synthetic"]
    if not isinstance(name, str | None) or not isinstance(synthetic, bool | None):
        raise _bad_settings("needs a text as name, and true or false as synthetic")
    given = found.pop("scales", {})
    scales, unknown = _scales(given if isinstance(given, dict) else {"": given})
    unknown |= {key: f"The setting {key} of {SETTINGS} is not read." for key in found}
    data_date = _data_date(known["data_date"])
    if data_date is not None and data_date > today:
        unknown["data_date"] = (
            f"The data_date of {SETTINGS} lies after the day of the import and is not used; "
            "correct it."
        )
        data_date = None
    ordered = dict(sorted(unknown.items()))
    return Settings(name, bool(synthetic), data_date, convention, scales, ordered)


def _scales(given: Mapping[str, object]) -> tuple[dict[str, float], dict[str, str]]:
    scales: dict[str, float] = {}
    unknown: dict[str, str] = {}
    for key, value in given.items():
        measure, top = measures().get(key.strip().lower()), _positive(value)
        if measure is None or measure.unit_of_analysis != "patient" or measure.code in scales:
            unknown[f"scales.{key}".rstrip(".")] = (
                f"The scale of {key or 'no measure'} in {SETTINGS} is not used; under [scales] "
                "name each measure of follow_ups.csv once, as in vas = 100."
            )
        elif top is None:
            unknown[f"scales.{key}"] = (
                f"The scale of {key} in {SETTINGS} is no number above 0 and is not used; write "
                "the top of the scale, as in vas = 100."
            )
        else:
            scales[measure.code] = top
    converted = {code: top for code, top in scales.items() if top != measures()[code].maximum}
    return converted, unknown


def _positive(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        top = float(value)
    except OverflowError:
        return None
    return top if math.isfinite(top) and top > 0 else None


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
