"""What the view "restoration" says: the four formulas, each by its name, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.codebook import AFTER_OPERATION
from pages.shared.sentences import nobody_in
from pages.shared.wording import (
    THIN,
    interval,
    number,
    plain,
    plural,
    uncapitalised,
    visit_label,
    with_unit,
)
from queries.restoration import FORMULAS
from queries.statistics.limits import FRAGILE_BELOW, LEAST_LOST_MM, LEAST_LOST_SHARE

if TYPE_CHECKING:
    from queries.restoration import Restoration, RestorationRow

Row = dict[str, str]
FORMULA_WORDS = {
    "mm": "mm gained",
    "fractured_height": "% of the fractured height",
    "lost_height": "% of the lost height",
    "expected_height": "% of the expected height",
}
FORMULA_SUMS = {
    "mm": "height at the visit − height before",
    "fractured_height": "100 × gain / height before",
    "lost_height": "100 × gain / (expected height − height before)",
    "expected_height": "100 × gain / expected height",
}


def when(visit: str) -> str:
    """Return up to when height was gained."""
    return "after the operation" if visit == AFTER_OPERATION else f"at {visit_label(visit)}"


def title(answer: Restoration) -> str:
    """Return the title: subject, visit and the formula by its name."""
    formula = FORMULA_WORDS[answer.formula]
    return f"{answer.measure.label} restored {when(answer.visit)}: {formula}"


def axis(answer: Restoration) -> str:
    """Return the title of the axis: the formula's name and how it is computed."""
    return f"{FORMULA_WORDS[answer.formula]} = {FORMULA_SUMS[answer.formula]}"


def _value(row: RestorationRow) -> str:
    unit = "mm" if row.formula == "mm" else "%"
    decimals = 1 if row.formula == "mm" else 0
    return with_unit(row.estimate, decimals, unit, sign=True)


def _of(row: RestorationRow) -> str:
    return "" if row.formula == "mm" else FORMULA_WORDS[row.formula][1:]


def answer_sentence(answer: Restoration) -> str:
    """Say how much was restored by the chosen formula, with the interval and its n."""
    row = answer.shown
    if not answer.selection.n_patients:
        return f"Restoration: {nobody_in(answer.selection)}, so there is nothing to show."
    if row.estimate is None:
        why = (
            "no level with both films had lost enough height, or has an expected one"
            if row.no_reference or row.too_little_lost
            else f"no level has a film before and one {when(answer.visit)}"
        )
        return f"{answer.measure.label}: no restoration, {why}."
    decimals = 1 if row.formula == "mm" else 0
    span = interval(row.ci_low, row.ci_high, decimals, row.ci_level)
    fragile = (
        f" Fragile: fewer than {FRAGILE_BELOW} patients." if row.n_patients < FRAGILE_BELOW else ""
    )
    return (
        f"Restored: **{_value(row)}**{_of(row)} ({span}); Hodges-Lehmann on the means of "
        f"{plural(row.n_patients, 'patient')} ({plural(row.n_levels, 'level')}).{fragile}"
    )


def formula_sentence(answer: Restoration) -> str:
    """Say how much the answer depends on the formula."""
    shares = [row for row in answer.every if row.formula != "mm" and row.estimate is not None]
    if len(shares) < 2:
        return ""
    values = [row.estimate or 0.0 for row in shares]
    words = ", ".join(f"{_value(row)}{_of(row)}" for row in shares)
    said = f"The same films by formula: {words}"
    if min(values) <= 0:
        return f"{said}."
    fold = number(max(values) / min(values), 1)
    return f"{said}: {fold} times as much by the formula alone, so no percentage without its name."


def left_out_sentence(answer: Restoration) -> str:
    """Say which levels have no value by the formula, and by which setting."""
    row = answer.shown
    parts = []
    if row.no_reference:
        parts.append(f"{plural(row.no_reference, 'level')} without an expected height")
    if row.too_little_lost:
        limit = (
            f"max({LEAST_LOST_MM:g} mm, {100 * LEAST_LOST_SHARE:g}{THIN}% of the expected height)"
        )
        parts.append(
            f"{plural(row.too_little_lost, 'level')} that had lost less than {limit}, a setting"
        )
    return f"Left out: {'; '.join(parts)}." if parts else ""


def formula_rows(answer: Restoration) -> list[Row]:
    """Return the four formulas side by side."""
    rows = []
    for name in FORMULAS:
        row = next(row for row in answer.every if row.formula == name)
        decimals = 1 if name == "mm" else 0
        span = ""
        if row.ci_low is not None:
            span = f" ({number(row.ci_low, decimals)} to {number(row.ci_high, decimals)})"
        bold = "**" if name == answer.formula else ""
        rows.append(
            {
                "formula": f"{bold}{FORMULA_WORDS[name]}{bold}",
                "restored (95 % CI)": number(row.estimate, decimals, sign=True) + span,
                "levels": str(row.n_levels),
            }
        )
    return rows


def legend(answer: Restoration) -> str:
    """Name every mark of the chart."""
    if answer.measure.error is None:
        kinds = ""
    else:
        error = with_unit(answer.measure.error, answer.measure.decimals, answer.measure.unit)
        kinds = f" Grey: gain inside the measurement error of {error}; teal: more than it."
    levels, patients = (
        max(frame["together"], default=1) for frame in (answer.levels, answer.patients)
    )
    dots = "one treated level each" if levels == 1 else f"up to {levels} treated levels each"
    means = "patients" if patients == 1 else f"up to {patients} patients each"
    return (
        f"Dots: {dots}; small diamonds: {means}, the mean of their levels.{kinds} "
        f"Large diamond: Hodges-Lehmann estimate of these means; bar: its 95{THIN}% CI."
    )


def alt(answer: Restoration) -> str:
    """Say the chart in words."""
    return (
        f"Dot chart of the restoration of {uncapitalised(answer.measure.label)} per level and per "
        f"patient. {answer_sentence(answer)} {formula_sentence(answer)}"
    ).replace("**", "")


def _several(together: int) -> str:
    """Say how many levels a dot stands for: whole dots stand for a bin, so the last for fewer."""
    return f"up to {plural(together, 'level')}"


def level_rows(answer: Restoration) -> list[Row]:
    """Return the levels as the chart draws them."""
    decimals = 1 if answer.formula == "mm" else 0
    return [
        {
            "patient": plain(row.get("patient_id") or _several(row["together"])),
            "level": row.get("level") or "–",
            "before, mm": number(row.get("pre"), 1),
            "at the visit, mm": number(row.get("at"), 1),
            "expected, mm": number(row.get("reference"), 1),
            FORMULA_WORDS[answer.formula]: number(row["restored"], decimals, sign=True),
        }
        for row in answer.levels.to_dicts()
    ]
