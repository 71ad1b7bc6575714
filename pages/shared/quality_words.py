"""What is said of the data's quality: completeness and the dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data.codebook import measures, selectable_measures, visits
from pages.shared.sentences import nobody_in
from pages.shared.wording import at_visit, number, of_unit, plural, uncapitalised, visit_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.codebook import Measure
    from queries.completeness import Completeness, Recorded

Row = dict[str, str]

UNITS = {"follow_ups": "patient", "radiographs": "level", "patients": "patient"}
ONCE = {
    "sex": "sex",
    "birth_year": "year of birth",
    "primary_tumour": "primary tumour",
    "last_seen_on": "last seen on",
    "leak": "cement leak looked for",
    "leak_modality": "how it was looked for",
    "cement_ml": "cement volume",
    "approach": "approach",
    "surgeon": "surgeon",
    "centre": "centre",
}
DUE = (
    "Due at a visit: the living whose window has closed, and those seen. A level's days count from "
    "its own operation, a patient's from the first. The stronger the colour, the more is missing."
)

WHOSE = "Completeness follows the filter; what was held back is counted for the whole source."
DICTIONARY = (
    "The codebook: unit, range that the import accepts, column of the source, the margin that "
    "counts as stable, and the error of one measurement."
)


def _unit(row: Recorded) -> str:
    return UNITS.get(row.table, "level")


def drawn(answer: Completeness) -> list[Recorded]:
    """Return the measures that stand in the map: all but the references of others."""
    shown = [one.code for unit in ("patient", "level") for one in selectable_measures(unit)]
    return [row for row in answer.measured if row.field in shown]


def _measure_label(row: Recorded) -> str:
    return f"{measures()[row.field].label} · {_unit(row)}s"


def _count(row: Recorded) -> str:
    return f"{row.n} of {row.out_of}" if row.out_of else "none due"


def map_cells(answer: Completeness) -> list[dict[str, Any]]:
    """Return the cells of the map."""
    return [
        {
            "measure": _measure_label(row),
            "visit": visits()[str(row.visit)].short_label,
            "missing": 1 - row.n / row.out_of if row.out_of else None,
            "count": _count(row),
        }
        for row in drawn(answer)
    ]


def map_rows(answer: Completeness) -> list[Row]:
    """Return the map as a table: a measure a row, a visit a column."""
    found: dict[str, Row] = {}
    for row in drawn(answer):
        line = found.setdefault(_measure_label(row), {"measure": _measure_label(row)})
        line[visit_label(row.visit)] = _count(row)
    return list(found.values())


def map_alt(answer: Completeness) -> str:
    """Say the map in words."""
    lines = " ".join(
        f"{row['measure']}: "
        + ", ".join(f"{k} {v}" for k, v in row.items() if k != "measure")
        + "."
        for row in map_rows(answer)
    )
    return f"Map of what is recorded of what is due, by measure and visit. {lines}"


def completeness_sentence(answer: Completeness) -> str:
    """Say where most is missing, of scores and of films."""
    chosen = answer.selection
    if not chosen.n_patients:
        return f"Completeness: {nobody_in(chosen)}, so nothing is due."
    found = [
        _gap(name, [row for row in drawn(answer) if row.table == table and row.out_of])
        for name, table in (("score", "follow_ups"), ("film measurement", "radiographs"))
    ]
    return " ".join(found)


def _gap(what: str, rows: Sequence[Recorded]) -> str:
    if not rows:
        return f"No {what} is recorded in this choice."
    worst = min(rows, key=lambda row: row.n / row.out_of)
    if worst.n == worst.out_of:
        return f"Every {what} due is recorded."
    name = uncapitalised(measures()[worst.field].label)
    return (
        f"The {what} with the largest gap is {name} {at_visit(str(worst.visit))}: {worst.n} of "
        f"{plural(worst.out_of, _unit(worst))} due."
    )


def once_rows(answer: Completeness) -> list[Row]:
    """Return what is asked for once, of how many."""
    return [
        {
            "asked once": ONCE[row.field],
            "recorded": f"{row.n} of {plural(row.out_of, _unit(row))}",
        }
        for row in answer.once
    ]


def never_sentence(answer: Completeness) -> str:
    """Name the measures that nobody has."""
    there = {row.field for row in drawn(answer)}
    absent = [
        uncapitalised(one.label)
        for unit in ("patient", "level")
        for one in selectable_measures(unit)
        if one.code not in there
    ]
    return f"Recorded for nobody: {', '.join(absent)}." if absent else ""


def dictionary_rows() -> list[Row]:
    """Return the codebook, a measure a row."""
    return [
        {
            "measure": measure.label,
            "belongs to": measure.unit_of_analysis,
            "unit": measure.unit,
            "range": f"{number(measure.minimum, 0)} to {number(measure.maximum, 0)}",
            "better": {"neither": "–"}.get(measure.better, measure.better),
            "column of the source": f"`{code}`",
            "margin": _margin(measure),
            "measurement error": "–"
            if measure.error is None
            else _with_unit(measure.error, measure),
            "LOINC": measure.loinc or "–",
        }
        for code, measure in measures().items()
    ]


def _margin(measure: Measure) -> str:
    if measure.margin is None:
        return "–"
    if measure.margin_kind == "absolute":
        return _with_unit(measure.margin, measure)
    return f"{number(measure.margin, 0)}{of_unit('%')} of the reference"


def _with_unit(value: float, measure: Measure) -> str:
    return f"{number(value, measure.decimals)}{of_unit(measure.unit)}"


def dictionary_notes() -> list[str]:
    """Return what each measure is and where its margin and error come from."""
    return [
        f"**{measure.label}.** "
        + " ".join(
            part
            for part in (
                measure.reference or "",
                f"Margin: {measure.margin_source} ({measure.margin_date})."
                if measure.margin_source
                else "",
                f"Error: {measure.error_source}." if measure.error_source else "",
            )
            if part
        )
        for measure in measures().values()
    ]
