"""What is said of every published definition side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.codebook import measures
from data.thresholds import KINDS
from pages.shared.responder_words import (
    AMONG_LABELS,
    answer_sentence,
    goal,
    headline_visit,
    is_best,
    with_interval,
)
from pages.shared.sentences import rate
from pages.shared.wording import THIN, at_visit, of_unit, uncapitalised
from queries.grouping import EVERYBODY

if TYPE_CHECKING:
    from data.codebook import Measure, Threshold
    from queries.due import Due
    from queries.responders import ResponderRow, Responders

ORDER = {kind: place for place, kind in enumerate(KINDS)} | {"final": len(KINDS)}
FEWEST = 2


@dataclass(frozen=True)
class Definition:
    """One definition, under every label it was published by, with its three rates."""

    threshold: Threshold
    labels: tuple[str, ...]
    rates: tuple[ResponderRow, ...]


def definitions(answer: Responders) -> tuple[Definition, ...]:
    """Return the definitions at the headline visit, changes first, those that ask the same once."""
    visit = headline_visit(answer)
    same: dict[str, list[Threshold]] = {}
    for reach in sorted(answer.reach, key=lambda reach: ORDER[reach.threshold.kind]):
        same.setdefault(goal(reach.threshold, answer.measure), []).append(reach.threshold)
    return tuple(
        Definition(
            threshold=found[0],
            labels=tuple(threshold.label for threshold in found),
            rates=tuple(
                row
                for row in answer.rows
                if (row.group, row.visit, row.threshold) == (EVERYBODY, visit, found[0])
            ),
        )
        for found in same.values()
        if visit is not None
    )


def goal_in_short(threshold: Threshold, measure: Measure) -> str:
    """Say what a threshold asks for in the few words of a chart's row."""
    if threshold.kind == "composite":
        return ", ".join(_part_in_short(part, measure) for part in threshold.parts)
    lower = measure.better == "lower"
    change = "fall" if lower else "rise"
    if threshold.kind == "by_baseline":
        asked = ", ".join(f"{band.value:g}" for band in threshold.bands)
        return f"{change} ≥ {asked}{of_unit(measure.unit)} by baseline"
    if threshold.kind == "percent":
        return f"{change} ≥ {threshold.value:g}{THIN}% of baseline"
    sign = f"{change} ≥"
    if threshold.kind == "final":
        sign = "final" if is_best(threshold, measure) else f"final {'≤' if lower else '≥'}"
    return f"{sign} {threshold.value:g}{of_unit(measure.unit)}"


def _part_in_short(part: Threshold, whole: Measure) -> str:
    of = measures()[part.measure]
    short = goal_in_short(part, of).removesuffix(of_unit(of.unit))
    name = uncapitalised(of.short_label)
    if not part.value:
        return f"{name} no worse"
    return short if of == whole else f"{name} {short}"


def labels_in_short(found: Definition) -> str:
    """Return the first label, and how many others ask for the same."""
    more = len(found.labels) - 1
    return f"{found.labels[0]}, and {more} more" if more else found.labels[0]


def reached_of(found: Definition) -> str:
    """Print k of the three denominators in the order of the marks."""
    return f"{found.rates[0].proportion.k} of " + " · ".join(
        str(row.proportion.n) for row in found.rates
    )


def definitions_title(answer: Responders) -> str:
    """Return the title: the measure, the unit of analysis and the visit."""
    visit = headline_visit(answer)
    when = "" if visit is None else f" {at_visit(visit)}"
    return f"{answer.measure.label}: patients who responded{when}, by definition"


def definitions_sentence(answer: Responders) -> str:
    """Say how far the answer depends on the definition."""
    shares = [
        (found, assessed, everybody)
        for found in definitions(answer)
        for assessed, _, everybody in [[row.proportion for row in found.rates]]
        if assessed.n
    ]
    if len(shares) < FEWEST:
        return answer_sentence(answer)
    ordered = sorted(shares, key=lambda share: share[1].rate or 0.0)
    (low, fewest, of_all), (high, most, most_of_all) = ordered[0], ordered[-1]
    return (
        f"How many responded depends on the definition: of the assessed from "
        f"{rate(fewest, 'patient')} under “{goal_in_short(low.threshold, answer.measure)}” to "
        f"{rate(most, 'patient')} under “{goal_in_short(high.threshold, answer.measure)}”; of all, "
        f"the dead and the missing as failures, from {of_all.k} of {of_all.n} to {most_of_all.k} "
        f"of {most_of_all.n}."
    )


def due_there(answer: Responders) -> list[Due]:
    """Return who was due at the headline visit."""
    return [row for row in answer.due if row.visit == headline_visit(answer)]


def definitions_legend() -> str:
    """Name every mark of the chart."""
    return (
        f"Each row: one published definition with its source's name; marks: the rate, bars: "
        f"95{THIN}% CI. At the right: who reached it, of the assessed · the living · all. "
        "Assessed: with a value at the visit and a baseline (a final value needs none, a "
        "composite needs every score). Living: the missing count as failures. All: the dead and "
        "the missing count as failures. Left out of a row by count: whose baseline cannot reach it."
    )


def definitions_alt(answer: Responders) -> str:
    """Say the chart of the definitions in words."""
    parts = "; ".join(
        f"{goal_in_short(found.threshold, answer.measure)}: {reached_of(found)}"
        for found in definitions(answer)
    )
    return (
        f"Dot chart. {definitions_title(answer)}. Reached, of the assessed, the living and all: "
        f"{parts}. {definitions_sentence(answer)}"
    )


def definition_rows(answer: Responders) -> list[dict[str, str]]:
    """Return the definitions as a table."""
    return [
        {
            "definition": goal_in_short(found.threshold, answer.measure),
            "published as": "; ".join(found.labels),
            **{
                f"{AMONG_LABELS[row.among]} (95 % CI)": with_interval(row.proportion)
                for row in found.rates
            },
            "baseline out of reach": str(found.rates[-1].n_excluded),
        }
        for found in definitions(answer)
    ]
