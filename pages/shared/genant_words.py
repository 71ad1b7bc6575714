"""What the view "Genant" says: grades and shapes at every visit, and how they moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.codebook import AFTER_OPERATION, BASELINE
from pages.shared.sentences import nobody_in, rate
from pages.shared.wording import THIN, noun, plural, visit_label
from queries.genant import GRADES, SHAPES
from queries.statistics.limits import CRUSH_FROM, GENANT_BOUNDS

if TYPE_CHECKING:
    from queries.genant import Genant, GenantRow, Moved

Row = dict[str, str]
PARTS = {"grade": "grade", "shape": "shape"}
BANDS = {
    0: f"below {GENANT_BOUNDS[0]:g}",
    1: f"{GENANT_BOUNDS[0]:g} to {GENANT_BOUNDS[1]:g}",
    2: f"above {GENANT_BOUNDS[1]:g} to {GENANT_BOUNDS[2]:g}",
    3: f"above {GENANT_BOUNDS[2]:g}",
}
GRADE_LABELS = {
    0: f"0: below {GENANT_BOUNDS[0]:g}{THIN}%",
    1: f"1: up to {GENANT_BOUNDS[1]:g}{THIN}%",
    2: f"2: up to {GENANT_BOUNDS[2]:g}{THIN}%",
    3: f"3: above {GENANT_BOUNDS[2]:g}{THIN}% lost",
}
SHAPE_LABELS = {
    "none": "not fractured (grade 0)",
    "wedge": "wedge",
    "biconcave": "biconcave",
    "crush": "crush",
}
LETTERS = {"none": "–", "wedge": "W", "biconcave": "B", "crush": "C"}
READING_NOISE = (
    "Grade 1 is 5 points wide; two readings of one film differ by up to ±12 points (agreement of "
    "per cent height loss on CT ±11.75 within, ±12.53 between readers: Buckens 2013, PMC3733867), "
    "so one grade more or less of a single level can be reading noise."
)


def title(part: str) -> str:
    """Return the title: subject, source of the bands and unit."""
    if part == "shape":
        return "Shape of treated levels at every visit (levels)"
    return "Fracture grade of treated levels at every visit, Genant's bands (levels)"


def row_at(answer: Genant, visit: str) -> GenantRow:
    """Return the row of one visit."""
    return next(row for row in answer.rows if row.visit == visit)


def moved_at(answer: Genant, visit: str) -> Moved | None:
    """Return how grades moved up to one visit; None where no level was graded at both."""
    return next((moved for moved in answer.moved if moved.visit == visit), None)


def _when(visit: str) -> str:
    return "after the operation" if visit == AFTER_OPERATION else f"at {visit_label(visit)}"


def answer_sentence(answer: Genant, visit: str) -> str:
    """Say at how many levels the grade fell and rose between before and the visit."""
    if not answer.selection.n_patients:
        return f"Fracture grade: {nobody_in(answer.selection)}, so there is nothing to show."
    if not answer.n_graded:
        return (
            "Fracture grade: no film of this cohort has all three heights with their expected "
            "ones, so no level is graded."
        )
    moved = moved_at(answer, visit)
    if moved is None:
        return f"Fracture grade: no level was graded before the operation and {_when(visit)}."
    people = plural(moved.n_patients, "patient")
    return (
        f"Grade lower {_when(visit)} than before at {rate(moved.fell, 'level')}, higher at "
        f"{rate(moved.rose, 'level')}; {people}."
    )


def shape_sentence(answer: Genant, visit: str) -> str:
    """Say the shapes before and at the visit."""
    if not answer.selection.n_patients or not answer.n_graded:
        return answer_sentence(answer, visit)
    parts = []
    for row in (row for row in answer.rows if row.visit in (BASELINE, visit) and row.n_levels):
        shapes = zip(SHAPES[1:], row.shapes[1:], strict=True)
        words = ", ".join(f"{n} {shape}" for shape, n in shapes)
        parts.append(f"{visit_label(row.visit)} {words} of {plural(row.n_levels, 'level')}")
    return f"Shapes: {'; '.join(parts)}."


def shift_rows(answer: Genant, visit: str) -> list[Row]:
    """Return the levels by grade before (rows) and at a visit (columns)."""
    found = {(one.before, one.at_visit): one.n_levels for one in row_at(answer, visit).shift}
    rows = []
    for before in GRADES:
        counts = [found.get((before, now), 0) for now in GRADES]
        cells = {
            f"{now}": f"**{n}**" if n and now == before else str(n) if n else "–"
            for now, n in zip(GRADES, counts, strict=True)
        }
        rows.append({"before": f"grade {before}", **cells, "all": str(sum(counts))})
    return rows


def shift_title(answer: Genant, visit: str) -> str:
    """Return the title of the shift table with its n."""
    pairs = row_at(answer, visit).pairs
    return f"Grade before (rows) and {_when(visit)} (columns), {plural(pairs, 'level')}"


def shift_sentence() -> str:
    """Say how to read the shift table."""
    return "Bold: same grade; left of it: lower than before; right of it: higher."


def not_graded_sentence(answer: Genant) -> str:
    """Say how many films could not be graded."""
    missing = [(row.visit, row.not_graded) for row in answer.rows if row.not_graded]
    if not missing:
        return ""
    words = ", ".join(f"{visit_label(visit)} {n}" for visit, n in missing)
    return f"Not graded, a height or its expected value is missing: {words} (levels)."


def rule_sentences() -> tuple[str, str]:
    """Say how grade and shape follow from the heights."""
    bands = ", ".join(f"{grade} {band}{THIN}%" for grade, band in BANDS.items())
    grade = (
        f"Grade: the largest loss of the three heights against the expected ones: {bands} (bands "
        "of Genant, who graded by eye; qims.2019.02.04). Computed at every look, never stored."
    )
    shape = (
        f"Shape of a graded level: crush where the posterior height lost {CRUSH_FROM:g}{THIN}% or "
        "more too (a setting), else wedge where the anterior lost at least as much as the middle, "
        "biconcave where the middle lost more."
    )
    return grade, shape


def legend(answer: Genant, part: str) -> str:
    """Name every mark of the chart."""
    patients = max((row.n_patients for row in answer.rows), default=0)
    of = f"levels of up to {plural(patients, 'patient')}"
    if part == "shape":
        letters = ", ".join(
            f"{letter} {SHAPE_LABELS[shape]}"
            for shape, letter in LETTERS.items()
            if shape != "none"
        )
        return f"Each bar: the {of} with a graded film at that visit; {letters}; – not fractured."
    return (
        f"Each bar: the {of} with a graded film at that visit; in each part the grade and the "
        "number of levels."
    )


def visit_rows(answer: Genant) -> list[Row]:
    """Return grades and shapes at every visit, as the bars draw them."""
    return [
        {
            "visit": visit_label(row.visit),
            "levels": str(row.n_levels),
            "patients": str(row.n_patients),
            **{f"grade {g}": str(n) for g, n in zip(GRADES, row.grades, strict=True)},
            **{s: str(n) for s, n in zip(SHAPES[1:], row.shapes[1:], strict=True)},
        }
        for row in answer.rows
    ]


def alt(answer: Genant, part: str, visit: str) -> str:
    """Say the chart in words."""
    parts = []
    for row in answer.rows:
        if not row.n_levels:
            continue
        counts = row.shapes if part == "shape" else row.grades
        names = (
            [SHAPE_LABELS[s] for s in SHAPES] if part == "shape" else [f"grade {g}" for g in GRADES]
        )
        words = ", ".join(f"{n} {name}" for n, name in zip(counts, names, strict=True))
        parts.append(f"{visit_label(row.visit)}: {words}")
    return (
        f"Stacked bars of the {part} of treated levels by visit. {'. '.join(parts)}. "
        f"{answer_sentence(answer, visit)}"
    )


def levels_word(n: int) -> str:
    """Print a number of levels."""
    return f"{n} {noun(n, 'level')}"
