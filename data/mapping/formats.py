"""How the cells of a column are to be read, as far as its cells say it themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from data.mapping.cells import code_cell, tumour_codes
from data.mapping.model import ColumnMap
from data.words import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data.mapping.draft import Draft, DraftColumn

DATED = ("day", "partial_day", "birth", "happened")
NUMBERS = ("number", "section", "age")
LISTS = {
    "sex": "sex",
    "yes_no": "yes_no",
    "leak": "yes_no",
    "died": "yes_no",
    "approach": "approach",
    "modality": "leak_modality",
    "event": "event_kind",
}


def column_map(made: Draft, column: DraftColumn) -> ColumnMap:
    """Return what a column becomes, with the formats of its cells."""
    seen = column.profile.counts
    return ColumnMap(
        column.name,
        column.becomes if column.target else None,
        visit=column.visit,
        number=column.number,
        decimal=column.profile.decimal if _is(column, NUMBERS) else ".",
        dates=_order(column),
        values=tuple(sorted(_values(made.raw.choices.get(column.name, {}), column).items())),
        missing=tuple(sorted(one for one in made.raw.missing if one in seen)),
    )


def _is(column: DraftColumn, kinds: tuple[str, ...]) -> bool:
    return column.target is None or column.target.kind in kinds


def _order(column: DraftColumn) -> Literal["dmy", "mdy", "excel"] | None:
    order = column.profile.order
    if order == "unclear" or (order == "excel" and column.target is None):
        return None
    return order if _is(column, DATED) else None


def _values(choices: Mapping[str, str], column: DraftColumn) -> dict[str, str]:
    """Return what the codes of a source say, or the codes of what it says where numbers count."""
    kind = column.target.kind if column.target else ""
    if kind in NUMBERS:
        return {
            label: code
            for code, label in choices.items()
            if label in column.profile.counts and label != code
        }
    found = {code: _code(label, kind) for code, label in choices.items()}
    return {code: said for code, said in found.items() if said is not None and said != code}


def _code(label: str, kind: str) -> str | None:
    if kind == "tumour":
        codes = tumour_codes(label)
        return codes[0] if len(codes) == 1 else label
    if kind in LISTS:
        said = code_cell(label, LISTS[kind])
        return said if said != label or plain(label) == said else None
    return label if kind not in ("key", "visit") else None
