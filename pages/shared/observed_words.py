"""What is said of complete pairs beside the models of every observed value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.shared.wording import THIN, at_visit, interval, number
from queries.modelled import ALIVE, MIXED
from queries.observed import MEAN_OF_PAIRS, PAIRS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from queries.observed import ByMethod
    from queries.trajectory import Trajectory

METHOD_NAMES = {
    PAIRS: "complete pairs, median",
    MEAN_OF_PAIRS: "complete pairs, mean",
    MIXED: "as if nobody had died (mixed)",
    ALIVE: "among those alive (GEE)",
}
METHOD_WORDS = {
    PAIRS: "complete pairs, Hodges-Lehmann median (the answer)",
    MEAN_OF_PAIRS: "complete pairs, mean (t interval)",
    MIXED: "mixed model, as if nobody had died; missing at random",
    ALIVE: "GEE, among those alive (independence, robust errors)",
}


def observed_title(answer: Trajectory) -> str:
    """Return the title of the methods side by side."""
    return f"{answer.measure.label} of patients: change by every observed value and by pairs"


def observed_sentence(methods: Sequence[ByMethod], answer: Trajectory, visit: str) -> str:
    """Set the models beside the mean of the complete pairs at a visit."""
    by = {found.method: found for found in methods if found.visit == visit}
    mean, mixed, alive = (by.get(name) for name in (MEAN_OF_PAIRS, MIXED, ALIVE))
    decimals, unit = answer.measure.decimals, answer.measure.unit
    if mean is None or mean.estimate is None:
        return f"{answer.measure.label} {at_visit(visit)}: nobody has both values."
    words = f"a mean change of {_with_interval(mean, decimals)} {unit} in complete pairs"
    others = [
        f"{_with_interval(found, decimals)} {name}"
        for found, name in (
            (mixed, "as if nobody had died (mixed model; missing at random)"),
            (alive, "among those alive (GEE)"),
        )
        if found is not None and found.estimate is not None
    ]
    when = at_visit(visit)
    beside = f", {' and '.join(others)}" if others else "; no model was fitted"
    return f"{when[0].upper()}{when[1:]}: {words}{beside}."


def _with_interval(found: ByMethod, decimals: int) -> str:
    value = number(found.estimate, decimals, sign=True)
    return f"{value} ({interval(found.ci_low, found.ci_high, decimals)})"


def refused_lines(methods: Sequence[ByMethod]) -> list[str]:
    """Say once for each reason why a model was not fitted."""
    return list(dict.fromkeys(f"{m.refused}." for m in methods if m.refused))


OBSERVED_LEGEND = (
    f"Marks: estimated change from before; bars: 95{THIN}% CI, not adjusted. Circles: "
    "Hodges-Lehmann median of complete pairs, which the test goes with; squares: their mean. "
    "Triangles: mixed model of every observed value, as if nobody had died, missing at random. "
    "Diamonds: GEE of every observed value, among those alive. Compare the models with the mean, "
    "not with the median."
)


def observed_alt(methods: Sequence[ByMethod], answer: Trajectory) -> str:
    """Say the methods side by side in words."""
    visits = dict.fromkeys(found.visit for found in methods)
    words = " ".join(observed_sentence(methods, answer, visit) for visit in visits)
    return f"Dot chart. {observed_title(answer)}. {words}"
