"""What the view "per level" says of the heights before, after, at the last film, and expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.codebook import AFTER_OPERATION, BASELINE
from pages.shared.film_words import PERCENT_OF_REFERENCE
from pages.shared.sentences import nobody_in
from pages.shared.wording import THIN, number, plain, plural, uncapitalised
from queries.heights import LAST, MOMENTS, MOST_LEVELS

if TYPE_CHECKING:
    from queries.heights import HeightRow, Heights

Row = dict[str, str]
MOMENT_WORDS = {
    BASELINE: "before",
    AFTER_OPERATION: "after",
    LAST: "last film",
    "reference": "expected",
}
ROWS = {"places": "by vertebra", "levels": "each level"}
FEW = 24


def unit_of(answer: Heights) -> str:
    """Return the unit of the heights shown."""
    return "mm" if answer.scale == "value" else PERCENT_OF_REFERENCE


def offered_rows(answer: Heights) -> list[str]:
    """Return how rows can be made, the readable way first."""
    if answer.levels is None:
        return ["places"]
    few = answer.n_levels <= FEW
    return ["levels", "places"] if few else ["places", "levels"]


def title(answer: Heights, rows: str) -> str:
    """Return the title: subject, rows and unit."""
    of = "each treated level" if rows == "levels" else "treated levels by vertebra"
    return f"Heights of {of} beside those expected ({unit_of(answer)})"


def row_at(answer: Heights, code: str, moment: str) -> HeightRow:
    """Return one height at one moment."""
    return next(row for row in answer.rows if (row.measure, row.visit) == (code, moment))


def answer_sentence(answer: Heights) -> str:
    """Say how much of the expected height stood before, after and at the last film."""
    if not answer.selection.n_patients:
        return f"Heights: {nobody_in(answer.selection)}, so there is nothing to show."
    if not answer.n_levels:
        return "Heights: not recorded for anybody in this cohort, so there is nothing to show."
    parts = []
    for measure in answer.measures:
        before, after, last = (row_at(answer, measure.code, m) for m in MOMENTS)
        shares = [number(row.percent, 0) for row in (before, after, last)]
        parts.append(f"{uncapitalised(measure.label)} {' → '.join(shares)}{THIN}%")
    return (
        "Median of the levels in per cent of the height expected there, before → after → last "
        f"film: {'; '.join(parts)}."
    )


def beside_sentence(answer: Heights) -> str:
    """Say what stands behind the medians, and where the test is."""
    counts = [row for row in answer.rows if row.visit == BASELINE]
    levels = max((row.n_levels for row in counts), default=0)
    patients = max((row.n_patients for row in counts), default=0)
    return (
        f"{plural(levels, 'level')} in {plural(patients, 'patient')} before the operation; levels "
        "of one patient are not independent, so the medians carry no interval. The tests stand "
        "under change and did it hold?"
    )


def legend(answer: Heights, rows: str) -> str:
    """Name every mark of the chart, and say where levels were put together."""
    marks = (
        "Upper line of a row: before (grey circle) to after the operation (circle); lower line: "
        "after to the last film (diamond); hollow square: height expected there, from the nearest "
        "unfractured, untreated vertebrae."
    )
    if rows == "levels":
        lost = " Orange: lost more than the measurement error." if answer.scale == "value" else ""
        return f"One row per treated level, from cranial to caudal. {marks}{lost}"
    why = ""
    if answer.levels is None:
        why = f" More than {MOST_LEVELS} levels are not drawn singly."
    elif answer.n_levels > FEW:
        why = " The rows of each level are one click away."
    return f"One row per vertebra: the median of its levels.{why} {marks}"


def alt(answer: Heights, rows: str) -> str:
    """Say the chart in words."""
    return (
        f"Chart of heights, {ROWS[rows]}, before, after and at the last film beside the height "
        f"expected. {answer_sentence(answer)}"
    )


def summary_rows(answer: Heights) -> list[Row]:
    """Return every height at every moment, for the narrow column beside the chart."""
    return [
        {
            "height": measure.short_label if moment == BASELINE else "",
            "film": MOMENT_WORDS[moment],
            f"median, {'mm' if answer.scale == 'value' else '%'}": number(row.median, 1),
            "% of expected": number(row.percent, 0),
            "levels": str(row.n_levels),
        }
        for measure in answer.measures
        for moment in MOMENTS
        for row in [row_at(answer, measure.code, moment)]
    ]


def reference_sentence(answer: Heights) -> str:
    """Say how many levels have no reference height."""
    without = [
        f"{uncapitalised(measure.label)} {row.n_levels - row.n_with_reference}"
        for measure in answer.measures
        for row in [row_at(answer, measure.code, BASELINE)]
        if row.n_levels > row.n_with_reference
    ]
    return f"Levels without an expected height: {', '.join(without)}." if without else ""


def drawn_rows(answer: Heights, rows: str) -> list[Row]:
    """Return the rows as the chart draws them."""
    frame = answer.levels if rows == "levels" else answer.places
    if frame is None:
        return []
    names = {measure.code: measure.short_label for measure in answer.measures}
    return [
        {
            "level": row["level"],
            **(
                {"patient": plain(row["patient_id"])}
                if rows == "levels"
                else {"levels": str(row["n_levels"])}
            ),
            "height": names[row["measure"]],
            **{words: number(row[moment], 1) for moment, words in MOMENT_WORDS.items()},
        }
        for row in frame.sort("position", maintain_order=True).to_dicts()
    ]
