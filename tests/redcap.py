"""A made-up REDCap project: its data dictionary and its longitudinal export, raw or labelled."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

HEADER = (
    *("Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label"),
    *("Choices, Calculations, OR Slider Labels", "Field Note"),
    *("Text Validation Type OR Show Slider Number", "Text Validation Min", "Text Validation Max"),
    *("Identifier?", "Branching Logic (Show field only if...)", "Required Field?"),
    *("Custom Alignment", "Question Number (surveys only)", "Matrix Group Name"),
    *("Matrix Ranking?", "Field Annotation"),
)
EVENTS = {
    "pre": "baseline_arm_1",
    "post": "post_op_arm_1",
    "m3": "3_month_arm_1",
    "m6": "6_month_arm_1",
    "m12": "12_month_arm_1",
    "m24": "24_month_arm_1",
}
LABELS = {"record_id": "Record ID", "event": "Event Name"}


@dataclass(frozen=True)
class Field:
    """One field: its form, type, label, choices, and whether it identifies people."""

    name: str
    form: str
    kind: str = "text"
    label: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    identifier: bool = False


@dataclass(frozen=True)
class Entry:
    """One row of an export: whose, at which event, of which repeating form, with its values."""

    record: str
    event: str
    values: Mapping[str, str]
    instrument: str = ""
    instance: str = ""


def write_dictionary(path: Path, fields: Sequence[Field]) -> None:
    rows = [
        {
            "Variable / Field Name": one.name,
            "Form Name": one.form,
            "Field Type": one.kind,
            "Field Label": one.label or one.name,
            HEADER[5]: " | ".join(f"{code}, {label}" for code, label in one.choices.items()),
            "Identifier?": "y" if one.identifier else "",
        }
        for one in fields
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER, restval="")
        writer.writeheader()
        writer.writerows(rows)


def write_export(
    path: Path, fields: Sequence[Field], entries: Sequence[Entry], *, labelled: bool = False
) -> None:
    """Write an export; values are codes, and choices of a checkbox stand with ``;`` between."""
    columns = [column for one in fields[1:] for column in _columns(one, labelled=labelled)]
    forms = list(dict.fromkeys(one.form for one in fields))
    keys = ["record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"]
    if labelled:
        keys = ["Record ID", "Event Name", "Repeat Instrument", "Repeat Instance"]
    header = [*keys, *columns, *(f"{form}_complete" for form in forms)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for entry in entries:
            event = EVENTS[entry.event]
            instrument = entry.instrument
            if labelled:
                event = f"{event.removesuffix('_arm_1').replace('_', ' ').title()} (Arm 1: Kypho)"
                instrument = instrument.replace("_", " ").title()
            cells = [cell for one in fields[1:] for cell in _cells(one, entry, labelled=labelled)]
            row = [entry.record, event, instrument, entry.instance, *cells]
            writer.writerow([*row, *("2" for _ in forms)])


def _columns(one: Field, *, labelled: bool) -> list[str]:
    label = one.label or one.name
    if one.kind == "checkbox":
        if labelled:
            return [f"{label} (choice={choice})" for choice in one.choices.values()]
        return [f"{one.name}___{code}" for code in one.choices]
    return [label if labelled else one.name]


def _cells(one: Field, entry: Entry, *, labelled: bool) -> list[str]:
    value = entry.values.get(one.name, "")
    if one.kind == "checkbox":
        if one.name not in entry.values:
            return [""] * len(one.choices)
        ticked = value.split(";")
        marks = ("Checked", "Unchecked") if labelled else ("1", "0")
        return [marks[code not in ticked] for code in one.choices]
    if labelled and one.kind == "yesno":
        return [{"1": "Yes", "0": "No"}.get(value, value)]
    return [one.choices.get(value, value) if labelled else value]
