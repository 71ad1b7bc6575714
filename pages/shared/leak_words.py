"""What is said of leaks on the spine and of where the cement went: sentences, lists, tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data.codebook import LEAK_ROUTES
from pages.shared.sentences import nobody_in, rate
from pages.shared.wording import number, percent, plain, plural
from queries.cohort import UNRECORDED
from queries.grouping import EVERYBODY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from queries.leakage import Leakage
    from queries.leaks import Levels
    from queries.locations import At, Branch, Locations

Row = dict[str, str]
MOST_LISTED = 50
MODALITIES = {"ct": "CT", UNRECORDED: "method not recorded"}
SYMPTOMS = {"yes": "with symptoms", "no": "without symptoms", UNRECORDED: "symptoms not recorded"}
INDENT = "\u2003"


def modality_label(code: str) -> str:
    """Return how a way of looking for leaks reads."""
    return MODALITIES.get(code, code)


def location_label(code: str) -> str:
    """Return how a location reads."""
    return "not recorded" if code == UNRECORDED else code


def where_words(locations: Sequence[str] | None, routes: Sequence[str] | None) -> str:
    """Return the locations of one level's leaks with the ways that the cement took."""
    places = [
        f"{place} ({LEAK_ROUTES[route]})" if route in LEAK_ROUTES else place
        for place, route in zip(locations or (), routes or (), strict=True)
    ]
    return "; ".join(places) or "location not recorded"


def places_line(answer: Leakage) -> str:
    """Say in one line where the cement went, in levels."""
    if not answer.total.per_level.n:
        return ""
    if not answer.places:
        return "No leak, so no place to name."
    words = ", ".join(f"{location_label(at.location)} {at.levels}" for at in answer.places)
    return f"Where it went, in levels: {words}."


def chosen_sentence(levels: Sequence[str]) -> str:
    """Say what the rings on the spine mean and how they are lifted."""
    ringed = "the level chosen" if len(levels) == 1 else "the levels chosen"
    lift = " Click it again to bring all levels back." if len(levels) == 1 else ""
    return (
        f"Ringed: {ringed} ({', '.join(levels)}); chart, table and test of the levels show all "
        f"of them, without the filter on level.{lift}"
    )


def listed(treated: Levels) -> list[dict[str, Any]]:
    """Return the treated levels of a choice, at most 50."""
    return treated.rows.head(MOST_LISTED).to_dicts()


def listed_sentence(treated: Levels) -> str:
    """Say what a list of levels leaves out."""
    return most_sentence(treated.rows.height)


def most_sentence(n: int) -> str:
    """Say that a list holds the first of many levels."""
    if n <= MOST_LISTED:
        return ""
    first = f"The first {MOST_LISTED} of {n} levels in order of operation"
    return f"{first}; filter further for others."


def _operated(row: dict[str, Any], *, hidden: bool) -> Row:
    """Return the day of the operation; while identifiers are hidden, its year."""
    if hidden:
        return {"year": str(row["operated_on"].year)}
    return {"operated": row["operated_on"].isoformat()}


def short_rows(treated: Levels, *, hidden: bool) -> list[Row]:
    """Return the levels of a choice as a list beside the chart."""
    several = treated.rows["level"].n_unique() > 1
    return [
        {
            "patient": plain(row["patient_id"]),
            **({"level": row["level"]} if several else {}),
            **_operated(row, hidden=hidden),
            "leak": _leak({**row, "routes": [""] * len(row["routes"] or ())}),
        }
        for row in listed(treated)
    ]


def level_rows(treated: Levels, *, hidden: bool) -> list[Row]:
    """Return the levels of a choice with everything that was recorded of their leaks."""
    return [
        {
            "patient": plain(row["patient_id"]),
            "level": row["level"],
            **_operated(row, hidden=hidden),
            "leak": _leak(row),
            "symptoms": _symptoms(row),
            "looked for by": modality_label(row["leak_modality"] or UNRECORDED)
            if row["leak"] is not None
            else "–",
            "cement (ml)": number(row["cement_ml"], 1),
        }
        for row in listed(treated)
    ]


def _leak(row: dict[str, Any]) -> str:
    if row["leak"] is None:
        return "not looked for"
    return where_words(row["locations"], row["routes"]) if row["leak"] else "none"


def _symptoms(row: dict[str, Any]) -> str:
    if not row["leak"]:
        return "–"
    return {True: "yes", False: "no"}.get(row["leak_symptomatic"], "not recorded")


def locations_sentence(answer: Locations) -> str:
    """Say where the cement went, in levels and patients, with the symptoms."""
    root = answer.branches[0]
    if not answer.selection.n_levels:
        return f"Cement leakage: {nobody_in(answer.selection)}, so there is no place to name."
    if not answer.looked:
        return "Nobody looked for a leak at any level, so there is no place to name."
    if not root.levels:
        return f"No leak among {plural(answer.looked, 'level')} looked at, so no place to name."
    most = max(answer.places, key=lambda at: at.leaked.k)
    whole = (
        f"{plural(root.levels, 'level')} of {answer.looked} looked at leaked, in "
        f"{plural(root.patients, 'patient')}."
    )
    found = location_label(most.location)
    levels, patients = plural(most.leaked.k, "level"), plural(most.of_patients.k, "patient")
    where = f"Most often {found}: {levels} in {patients}."
    if len(answer.places) == 1:
        where = f"All of them {found}."
    parts = [whole, where, symptoms_at_sentence(answer)]
    return " ".join(part for part in parts if part)


def symptoms_at_sentence(answer: Locations) -> str:
    """Say how many of the leaking levels had symptoms; none is an upper bound."""
    suffered, root = answer.symptomatic, answer.branches[0]
    if not suffered.n:
        return f"Whether they gave symptoms was not recorded at {plural(root.levels, 'level')}."
    unknown = root.levels - suffered.n
    extra = f" Not recorded at {plural(unknown, 'leaking level')}." if unknown else ""
    return f"With symptoms: {rate(suffered, 'leaking level')}.{extra}"


def locations_alt(answer: Locations) -> str:
    """Say the chart of locations in words."""
    places = "; ".join(
        f"{location_label(at.location)} {plural(at.leaked.k, 'level')} in "
        f"{plural(at.of_patients.k, 'patient')}, {at.symptomatic.k} with symptoms"
        for at in answer.places
    )
    return f"Bars of leaking levels by location. {places}. {locations_sentence(answer)}"


def locations_legend(answer: Locations) -> str:
    """Name every mark of the chart of locations."""
    several = sum(at.leaked.k for at in answer.places) > answer.branches[0].levels
    twice = " A level with leaks at several locations stands in each." if several else ""
    unlooked = (
        f" Left out: {plural(answer.not_looked_for, 'level')} where nobody looked for a leak."
        if answer.not_looked_for
        else ""
    )
    return (
        "Bars: levels that leaked there, by whether the level gave symptoms (judged by the "
        f"operator, for the level and not for each location).{twice}{unlooked} Click a bar for "
        "its levels."
    )


def bound_words(at: At) -> str:
    """Return the symptomatic levels of a location; none is an upper bound."""
    found = at.symptomatic
    if not found.n:
        return "not recorded"
    if found.k:
        return f"{found.k} of {found.n}"
    return f"none of {found.n} (up to {percent(found.ci_high)})"


def location_rows(answer: Locations) -> list[Row]:
    """Return the locations with both denominators, as the bars draw them."""
    return [
        {
            "location": location_label(at.location),
            "route": _routes(at),
            "levels": f"{at.leaked.k} of {at.leaked.n}",
            "95 % CI of levels": _span(at),
            "patients": f"{at.of_patients.k} of {at.of_patients.n}",
            "with symptoms": bound_words(at),
        }
        for at in answer.places
    ]


def _span(at: At) -> str:
    return f"{percent(at.leaked.ci_low)} to {percent(at.leaked.ci_high)}"


def _routes(at: At) -> str:
    named = [f"{LEAK_ROUTES[route]} {n}" for route, n in at.routes if route in LEAK_ROUTES]
    return ", ".join(named) or "–"


def branch_rows(branches: Iterable[Branch]) -> list[Row]:
    """Return what lies below a location: symptoms, and below these the ways of looking."""
    return [
        {
            "symptoms and method": _branch_label(branch),
            "levels": str(branch.levels),
            "patients": str(branch.patients),
        }
        for branch in branches
    ]


def _branch_label(branch: Branch) -> str:
    if branch.modality != EVERYBODY:
        return f"{INDENT}{modality_label(branch.modality)}"
    return SYMPTOMS[branch.symptoms]


def leak_rows_at(answer: Locations, location: str, *, hidden: bool) -> list[Row]:
    """Return the leaking levels of one location, at most 50."""
    here = answer.leaks.filter(answer.leaks["location"] == location).head(MOST_LISTED)
    return [
        {
            "patient": plain(row["patient_id"]),
            "level": row["level"],
            **_operated(row, hidden=hidden),
            "symptoms": "not recorded" if row["symptoms"] == UNRECORDED else row["symptoms"],
        }
        for row in here.to_dicts()
    ]
