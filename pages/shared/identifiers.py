"""Identifiers on screen: as the source has them, or as numbers that give nobody away."""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass, fields, is_dataclass, replace
from secrets import token_bytes
from typing import TYPE_CHECKING, Any, TypeVar

import polars as pl
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

if TYPE_CHECKING:
    from collections.abc import Mapping

Answer = TypeVar("Answer")

HIDE = "view.identifiers"
HIDE_VARIABLE = "KYPHO_HIDE_IDENTIFIERS"
PATIENT, PROCEDURE = "patient_id", "procedure_id"
# Known to this process alone: whoever sees a number cannot compute back to the identifier.
SECRET = token_bytes(32)


@dataclass(frozen=True)
class Codes:
    """What stands for every identifier of a registry while identifiers are hidden."""

    patients: Mapping[str, str]
    procedures: Mapping[str, str]
    real: Mapping[str, str]


def hidden_at_first() -> bool:
    """Tell whether the department hides identifiers unless a viewer asks for them."""
    return os.environ.get(HIDE_VARIABLE, "").strip().lower() in {"1", "yes", "true", "on"}


def hidden() -> bool:
    """Tell whether this viewer's screen shows no identifier."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return False
    return bool(st.session_state.get(HIDE, hidden_at_first()))


def identifiers_switch() -> None:
    """Draw the switch that hides every identifier on screen."""
    st.session_state.setdefault(HIDE, hidden_at_first())
    st.toggle(
        "Hide identifiers",
        key=HIDE,
        help="Patients become numbers and dates become days, on every page of this browser.",
    )


def codes_of(members: pl.DataFrame, version: str) -> Codes:
    """Number every patient of a registry, in an order that nobody can compute.

    Parameters
    ----------
    members : polars.DataFrame
        patient_id and procedure_id of every procedure of the registry.
    version : str
        The registry's version; another version is numbered anew.
    """
    owners = dict(members.sort(PROCEDURE).select(PROCEDURE, PATIENT).iter_rows())
    order = sorted(set(owners.values()), key=lambda name: _key(version, name))
    patients = {name: f"no. {place}" for place, name in enumerate(order, 1)}
    procedures: dict[str, str] = {}
    levels: dict[str, int] = {}
    for procedure in sorted(owners, key=lambda name: _key(version, name)):
        owner = owners[procedure]
        levels[owner] = levels.get(owner, 0) + 1
        procedures[procedure] = f"{patients[owner]}.{levels[owner]}"
    return Codes(patients, procedures, {code: name for name, code in patients.items()})


def by_number(roster: pl.DataFrame) -> pl.DataFrame:
    """Put patients in the order of their numbers, which says nothing of their identifiers."""
    return roster.sort(pl.col(PATIENT).str.extract(r"(\d+)$").cast(pl.Int64))


def _key(version: str, name: str) -> bytes:
    return hmac.digest(SECRET, f"{version} {name}".encode(), "sha256")


def coded(answer: Answer, codes: Codes) -> Answer:
    """Return an answer with a number in the place of every identifier.

    Whatever is nested in it is searched: frames and fields named patient_id or procedure_id.
    """
    found: Any = _coded(answer, codes)
    kept: Answer = found
    return kept


def _coded(value: Any, codes: Codes, name: str = "") -> Any:
    if isinstance(value, str) and name in (PATIENT, PROCEDURE):
        return (codes.patients if name == PATIENT else codes.procedures).get(value, value)
    if isinstance(value, pl.DataFrame):
        return _frame(value, codes)
    if is_dataclass(value) and not isinstance(value, type):
        return _fields(value, codes)
    if isinstance(value, tuple | list):
        items = [_coded(item, codes) for item in value]
        same = all(new is old for new, old in zip(items, value, strict=True))
        return value if same else type(value)(items)
    if isinstance(value, dict):
        return {key: _coded(item, codes, str(key)) for key, item in value.items()}
    return value


def _fields(value: Any, codes: Codes) -> Any:
    old = {field.name: getattr(value, field.name) for field in fields(value)}
    new = {name: _coded(item, codes, name) for name, item in old.items()}
    changed = {name: item for name, item in new.items() if item is not old[name]}
    return replace(value, **changed) if changed else value


def _frame(frame: pl.DataFrame, codes: Codes) -> pl.DataFrame:
    known = {PATIENT: codes.patients, PROCEDURE: codes.procedures}
    columns = [name for name in known if name in frame.columns]
    if not columns:
        return frame
    return frame.with_columns(pl.col(name).replace(dict(known[name])) for name in columns)
