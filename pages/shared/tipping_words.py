"""What is said of the missing: what they could change, and what they could not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.shared.definition_words import goal_in_short
from pages.shared.responder_words import with_interval
from pages.shared.sentences import nobody_in, rate
from pages.shared.wording import (
    at_visit,
    interval,
    number,
    percent,
    plural,
    uncapitalised,
    with_unit,
)

if TYPE_CHECKING:
    from queries.statistics.results import Estimate
    from queries.statistics.tipping import DeltaTipping, RateTipping
    from queries.tipping import Tipping

AT_THE_END = "the missing cannot have done worse than the assessed on this scale"
NO_MISSING = "No chart: nobody living is missing, so there is nothing to assume."


def tipping_title(answer: Tipping) -> str:
    """Return the title: the measure, whom it is about and the visit."""
    when = "" if answer.visit is None else f" {at_visit(answer.visit)}"
    return f"{answer.measure.label}{when}: what missing patients could change"


def rate_sentence(answer: Tipping) -> str:
    """Say between which ends the rate of responders lies, and whether the missing could turn it."""
    found = answer.rate
    if found is None:
        return _nothing(answer)
    what = goal_in_short(answer.threshold, answer.measure)
    if not found.missing:
        return (
            f"Responders ({what}): every living patient could be judged, "
            f"{rate(found.assessed, 'patient')}, so nobody missing can change it."
        )
    if found.missing == 1:
        none, every = "the one missing patient did not respond", "that patient did"
    else:
        none, every = f"none of the {found.missing} missing responded", "every one of them did"
    return (
        f"Responders ({what}): {rate(found.worst, 'living patient')} if {none}, "
        f"{rate(found.best, 'patient')} if {every}. {_verdict(found)}"
    )


def _nothing(answer: Tipping) -> str:
    name, patients = answer.measure.label, answer.selection.n_patients
    if not patients:
        return f"{name}: {nobody_in(answer.selection)}, so there is nothing to show."
    if answer.of_later_sessions == patients:
        return (
            f"{name}: no answer, the operations in this cohort are later ones and their baseline "
            f"belongs to an earlier operation ({plural(patients, 'patient')})."
        )
    return (
        f"{name}: no answer, it was recorded at no visit after the operation whose window has "
        "closed for anybody."
    )


def _verdict(found: RateTipping) -> str:
    half, responders = percent(found.claim, 0), found.responders
    if found.side == "open" or responders is None:
        needed = "no number of responders among the missing would lift the interval above"
        if responders is not None:
            needed = f"{_so_many(responders, found)} responded would the interval lie above it"
            needed = f"only if at least {needed}"
        seen = "The assessed alone leave" if found.assessed.n else "With nobody assessed it stays"
        return f"{seen} open whether more than {half} responded; {needed}."
    bound = f"the interval lies {found.side} {half}"
    if found.side == "above":
        if not responders:
            return f"Even in the worst case {bound}."
        return f"Only if at least {_so_many(responders, found)} responded, {bound}."
    if responders == found.missing:
        return f"Even in the best case {bound}."
    return f"As long as no more than {_so_many(responders, found)} responded, {bound}."


def _so_many(responders: int, found: RateTipping) -> str:
    return f"{responders} of the {found.missing} missing"


def change_sentence(answer: Tipping) -> str:
    """Say how much worse the missing must have done for the change to touch zero."""
    found = answer.change
    if found is None:
        return ""
    if found.observed is None or not found.missing:
        seen = "" if found.observed is None else f"; {_change(found.observed, answer)}"
        people = plural(found.n, "assessed patient")
        return f"Change: no tipping point, {found.refused}{seen} in {people}."
    seen = f"Change: {_change(found.observed, answer)} in {plural(found.n, 'assessed patient')}"
    if found.refused:
        return f"{seen}; no tipping point, {found.refused}."
    return f"{seen}. {_tipping(found, answer)}"


def _missing(n: int) -> str:
    return "the one missing patient" if n == 1 else f"the {n} missing patients"


def _change(estimate: Estimate, answer: Tipping) -> str:
    decimals, unit = answer.measure.decimals, answer.measure.unit
    value = with_unit(estimate.value, decimals, unit, sign=True)
    return f"{value} ({interval(estimate.ci_low, estimate.ci_high, decimals)})"


def _tipping(found: DeltaTipping, answer: Tipping) -> str:
    decimals, unit = answer.measure.decimals, answer.measure.unit
    missing = _missing(found.missing)
    if found.tipping is None:
        return (
            f"Even if {missing} had the worst score of the scale, it would be "
            f"{_change(found.scenarios[-1].estimate, answer)}: no delta makes the interval touch "
            "zero."
        )
    if not found.tipping:
        return f"The interval touches zero even if {missing} changed like the assessed."
    words = (
        f"The interval touches zero once {missing} did worse than the assessed by "
        f"{with_unit(found.tipping, decimals, unit)} or more"
    )
    if found.no_change is None or not 0 < found.no_change <= (found.largest or 0.0):
        return f"{words}."
    unchanged = with_unit(found.no_change, decimals, unit)
    return f"{words}; not having changed at all would be {unchanged} worse."


def left_out_sentence(answer: Tipping) -> str:
    """Say who is in neither, and that nothing is made up after a death."""
    if answer.visit is None:
        return ""
    gone = (
        f"{plural(answer.dead, 'patient')} had died before the window closed, without a value in "
        "it: no score is made up after a death, so they are in neither."
        if answer.dead
        else "Nobody had died before the window closed without a value in it."
    )
    unknown = (
        f" {plural(answer.without_baseline, 'living patient')} without a baseline: the change "
        "cannot be made up; among the responders they are missing, unless the threshold needs no "
        "baseline."
        if answer.without_baseline
        else ""
    )
    later = (
        f" {plural(answer.of_later_sessions, 'patient')} left out: baseline belongs to an earlier "
        "operation."
        if answer.of_later_sessions
        else ""
    )
    return f"{gone}{unknown}{later}"


def method_sentence(answer: Tipping) -> str:
    """Say how the missing are made up, and what is a setting."""
    half = percent(answer.rate.claim, 0) if answer.rate else ""
    if not half:
        return ""
    return (
        f"{half} is a setting, no published bound. Delta: each missing patient gets the median "
        "change of the assessed (Hodges-Lehmann), worse by delta and kept on the scale; all get "
        "one value, so the interval is rather too narrow and the tipping point rather too far. "
        "These are assumptions tried out, not findings."
    )


def rate_legend(answer: Tipping) -> str:
    """Name every mark of the chart of rates."""
    return (
        "Dots: rate of the assessed alone, then of all the living for each number of responders "
        f"among the missing; bars: 95\u202f% CI. Grey diamond: the interval holds {_half(answer)}; "
        "triangle: it lies below."
    )


def _half(answer: Tipping) -> str:
    return percent(answer.rate.claim, 0) if answer.rate else "–"


def delta_legend() -> str:
    """Name every mark of the chart of deltas."""
    return (
        "Line: Hodges-Lehmann median change of all the living with a baseline; band: 95\u202f% CI. "
        "At 0 the missing changed like the assessed; at the right end each has the worst score."
    )


def rate_alt(answer: Tipping) -> str:
    """Say the chart of rates in words."""
    return f"Dot chart. {tipping_title(answer)}. {rate_sentence(answer)}"


def delta_alt(answer: Tipping) -> str:
    """Say the chart of deltas in words."""
    return f"Line chart with a band. {tipping_title(answer)}. {change_sentence(answer)}"


def rate_rows(answer: Tipping) -> list[dict[str, str]]:
    """Return the rate for each number of responders among the missing."""
    if answer.rate is None:
        return []
    return [
        {
            "responders among the missing": f"{one.responders} of {answer.rate.missing}",
            "of the living (95 % CI)": with_interval(one.proportion),
        }
        for one in answer.rate.scenarios
    ]


def delta_rows(answer: Tipping) -> list[dict[str, str]]:
    """Return the change for each delta."""
    if answer.change is None:
        return []
    decimals = answer.measure.decimals
    return [
        {
            f"worse by ({answer.measure.unit})": number(one.delta, decimals + 1),
            "change (95 % CI)": number(one.estimate.value, decimals, sign=True)
            + f" ({number(one.estimate.ci_low, decimals)} to "
            f"{number(one.estimate.ci_high, decimals)})",
        }
        for one in answer.change.scenarios
    ]


def parts_titles(answer: Tipping) -> tuple[str, str]:
    """Return the headings of the two charts with their n."""
    rate_of = answer.rate.worst.n if answer.rate else 0
    change_of = answer.change.n + answer.change.missing if answer.change else 0
    name = uncapitalised(answer.measure.short_label)
    return (
        f"**Responders among {plural(rate_of, 'living patient')}**",
        f"**Change of {name} in {plural(change_of, 'living patient')}**",
    )
