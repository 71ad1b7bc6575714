"""What is said of the films behind a measure: axes with sign and unit, posture, calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.shared.wording import plain, plural, uncapitalised, visit_label
from queries.films import ANGLE

if TYPE_CHECKING:
    from data.codebook import Measure
    from queries.films import FilmKinds, PosturePairs

PERCENT_OF_REFERENCE = "% of the reference height"
SITTING_SUPINE = (
    "In 94 patients the same fractures measured 16.9° sitting and 12.0° supine (J Orthop Surg Res "
    "2023, 10.1186/s13018-023-03758-w)."
)
FAKES = "that can fake or hide a correction"
ALL = "all"


def value_axis(measure: Measure, unit: str) -> str:
    """Return the title of an axis of values: measure, unit and, of an angle, its sign."""
    sign = " (+ kyphosis, − lordosis)" if measure.unit == ANGLE else ""
    return f"{uncapitalised(measure.label)}, {unit}{sign}"


def change_axis(measure: Measure, unit: str) -> str:
    """Return the title of an axis of changes: measure, unit and what a rise means."""
    sign = "+ is more kyphosis" if measure.unit == ANGLE else "+ is a gain"
    return f"change of {uncapitalised(measure.label)}, {unit} ({sign})"


def direction(measure: Measure, *, worse: bool) -> str:
    """Return how a change is called: of an angle by its curve, of a height by its value."""
    if measure.unit == ANGLE:
        return "more kyphotic" if worse else "less kyphotic"
    return "worse" if worse else "better"


def posture_label(code: str) -> str:
    """Return how a posture reads in a control."""
    return "all postures" if code == ALL else code


def film_sentences(
    kinds: FilmKinds, measure: Measure, *, in_percent: bool, versus: str, visit: str | None
) -> list[str]:
    """Say what a reader must know of the films: posture, calibration, opposite curves."""
    pairs = kinds.against(versus, visit) if visit else None
    return [
        *posture_sentences(kinds, measure, pairs),
        *calibration_sentences(kinds, measure, in_percent=in_percent),
    ]


def posture_sentences(kinds: FilmKinds, measure: Measure, pairs: PosturePairs | None) -> list[str]:
    """Say how many pairs compare films of different posture, or which posture stands alone."""
    if kinds.posture is not None:
        films = plural(kinds.n_films, "film")
        return [f"Only films taken {plain(kinds.posture)} ({films}); the others are left out."]
    if pairs is None:
        return []
    span = f"({visit_label(pairs.versus)} → {visit_label(pairs.visit)})"
    words = []
    if pairs.n_moved:
        moves = ", ".join(f"{plain(a)} → {plain(b)} {n}" for a, b, n in pairs.moves)
        compared = f"{pairs.n_moved} of {plural(pairs.n_pairs, 'pair')} of films {span}"
        words = [
            f"Postures stand together: {compared} compare different postures ({moves}); {FAKES}.",
            *([SITTING_SUPINE] if measure.unit == ANGLE else []),
        ]
    if pairs.n_unknown:
        unknown = f"{pairs.n_unknown} of {plural(pairs.n_pairs, 'pair')} of films {span}"
        words.append(f"In {unknown} the posture is not recorded.")
    return [" ".join(words)] if words else []


def calibration_sentences(kinds: FilmKinds, measure: Measure, *, in_percent: bool) -> list[str]:
    """Say how many films of a height in mm are not known to be calibrated."""
    if measure.reference_measure is None or in_percent or not kinds.uncalibrated:
        return []
    films = f"{kinds.uncalibrated} of {plural(kinds.n_films, 'film')}"
    words = "their millimetres do not compare with the others', per cent of the reference do"
    return [f"Not known to be calibrated: {films}; {words}."]


def curvature_sentence(kinds: FilmKinds) -> str:
    """Say that levels of opposite curvature stand together, where they do."""
    if not (kinds.lordotic and kinds.kyphotic):
        return ""
    return (
        f"Opposite curves stand together: before the operation {kinds.kyphotic} levels are "
        f"kyphotic (above 0°) and {kinds.lordotic} lordotic (below 0°), so the median of the "
        "angles describes neither. Their changes add up: a fall is less kyphosis or more lordosis."
    )
