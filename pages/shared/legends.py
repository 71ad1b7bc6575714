"""Titles, legends and text alternatives of the charts, made from the results they draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.shared.film_words import direction
from pages.shared.sentences import course_sentence, leakage_sentence, outcome_sentence
from pages.shared.wording import number, plural, visit_label, with_unit
from queries.alignment import Alignment
from queries.grouping import EVERYBODY

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.codebook import Threshold
    from queries.leakage import Leakage
    from queries.trajectory import Trajectory


SMALL_CHARTS = (
    "Small charts: dots are medians (of patients for scores, of levels for angles), bars their "
    "95 % CI, bands the middle half; leakage: rate and 95 % CI. Numbers below: n."
)


def over_time_title(answer: Trajectory | Alignment, view: str = "value") -> str:
    """Return the title of a measure: what is shown, the unit of analysis and the scale."""
    measure = answer.measure
    of = "treated levels" if isinstance(answer, Alignment) else "patients"
    unit = answer.unit if isinstance(answer, Alignment) else measure.unit
    if view == "courses":
        return f"{measure.label} of {of}: gain and loss ({unit})"
    if view in ("change", "percent"):
        shown = "% of the value before" if view == "percent" else unit
        return f"{measure.label} of {of}: change from before the operation ({shown})"
    if isinstance(answer, Alignment):
        return f"{measure.label} of {of} over the visits ({unit})"
    low, high = number(measure.minimum, 0), number(measure.maximum, 0)
    return f"{measure.label} of {of} over the visits ({low} to {high} {unit})"


def threshold_label(threshold: Threshold | None) -> str:
    """Return how a threshold reads in a menu."""
    if threshold is None:
        return "no threshold line"
    if threshold.value is None:
        kind = {"by_baseline": "by the baseline", "composite": "several scores"}[threshold.kind]
        return f"{kind}: {threshold.label}"
    value = {
        "absolute": f"{threshold.value:g} better",
        "percent": f"{threshold.value:g} % better",
        "final": f"final score {threshold.value:g}",
    }[threshold.kind]
    return f"{value}: {threshold.label}"


def _medians(answer: Trajectory | Alignment) -> str:
    unit = answer.measure.unit if getattr(answer, "scale", "value") == "value" else "%"
    parts = [
        f"{visit_label(row.visit)} {with_unit(row.median, answer.measure.decimals, unit)} "
        f"(n = {row.n if hasattr(row, 'n') else row.n_levels})"
        for row in answer.rows
        if row.group == EVERYBODY and row.median is not None
    ]
    return ", ".join(parts) or "none recorded"


def trajectory_alt(answer: Trajectory) -> str:
    """Say a trajectory chart in words: what, n, direction and result."""
    return (
        f"Line chart of {answer.measure.label}, one line per patient. "
        f"Medians: {_medians(answer)}. {outcome_sentence(answer)}"
    )


def trajectory_legend(answer: Trajectory, view: str) -> str:
    """Name every mark of a trajectory chart."""
    if answer.values is None:
        lines = "Single lines are not drawn above 5,000 values."
    else:
        lines = (
            "Thin lines: patients; dashed: no value at the last visit. Click one for its values."
        )
    if view == "change":
        return (
            "Dots: Hodges-Lehmann median change of complete pairs; bars: its 95 % CI "
            f"(not adjusted for several tests). {lines}"
        )
    return (
        "Dots: median of all patients with a value at that visit; bars: its 95 % CI; band: "
        f"middle half of the patients. {lines}"
    )


def alignment_alt(answer: Alignment) -> str:
    """Say an alignment chart in words: what, n, direction and result."""
    return (
        f"Line chart of {answer.measure.label}, one line per treated level. "
        f"Medians of levels: {_medians(answer)}. {outcome_sentence(answer)} "
        f"{course_sentence(answer, answer.gain)} {course_sentence(answer, answer.loss)}"
    )


def alignment_legend(answer: Alignment, view: str) -> str:
    """Name every mark of an alignment chart."""
    if answer.values is None:
        lines = "Single lines are not drawn above 5,000 films."
    else:
        lines = "Thin lines: levels; marks: changed by more than the measurement error since "
        lines += "before the operation (triangle: worse, small dot: better). "
        lines += "Click one for its values."
        if answer.error is None:
            lines = "Thin lines: levels. No measurement error is on record in this unit."
    if view == "change":
        return (
            "Dots: Hodges-Lehmann median of the patients' mean changes; bars: its 95 % CI "
            f"(not adjusted for several tests). {lines}"
        )
    return (
        "Dots: median of the levels; band: middle half of the levels; the tests rest on one mean "
        f"per patient instead, so the two can differ. {lines}"
    )


def courses_legend(answer: Alignment) -> str:
    """Name every mark of the bars of gain and loss."""
    most = max(answer.bars["together"], default=1)
    each = "one level" if most == 1 else f"up to {most} levels in a row"
    together = "" if answer.by is None else " All groups stand together here."
    parts = (
        f"Each bar: {each}, largest gain first. Wide: gained at the operation; narrow, from its "
        "end: what came after, up to the last film; line: what is left then."
    )
    if answer.error is None:
        return f"{parts} No measurement error is on record here.{together}"
    error = with_unit(answer.error, answer.measure.decimals, answer.measure.unit)
    worse = direction(answer.measure, worse=True)
    better = direction(answer.measure, worse=False)
    return (
        f"{parts} Orange, triangle: {worse}; teal, diamond: {better}; each by more than the "
        f"measurement error of {error}; grey: inside it.{together}"
    )


def courses_alt(answer: Alignment) -> str:
    """Say the bars of gain and loss in words."""
    return (
        "Bar chart of gain and loss, one bar per treated level. "
        f"{course_sentence(answer, answer.gain)} {course_sentence(answer, answer.loss)}"
    )


def leakage_alt(answer: Leakage, by: str, name: Callable[[str], str]) -> str:
    """Say a leakage chart in words: what, n and result."""
    groups = ", ".join(
        f"{name(row.group)} {row.per_level.k} of {row.per_level.n}" for row in answer.rows[1:]
    )
    return f"Chart of cement leakage {by}. {leakage_sentence(answer)} Levels with a leak: {groups}."


def leakage_legend(answer: Leakage) -> str:
    """Name every mark of a leakage chart."""
    unlooked = answer.total.not_looked_for
    extra = (
        f" Left out: {plural(unlooked, 'level')} where nobody looked for a leak."
        if unlooked
        else ""
    )
    spine = (
        " The stronger a vertebra's colour, the higher its rate; click one to see that level alone "
        "on every page."
        if answer.by == "level"
        else ""
    )
    return (
        "Dots: levels with a leak among the levels looked at; bars: 95 % CI on the effective "
        "sample size. The correlation of levels within a patient is estimated once, on everybody "
        "chosen, so a group's interval differs from that of a filter on the same group. Grey, "
        f"diamond: fewer than 4 levels.{spine}{extra}"
    )
