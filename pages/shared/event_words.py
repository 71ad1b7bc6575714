"""What events after the operation say in words, and their chart beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.shared.curve_words import compared_sentence, curve_alt, curve_legend, limits, start_words
from pages.shared.curve_words import left_out as patients_left_out
from pages.shared.sentences import nobody_in
from pages.shared.wording import THIN, number, percent, plain, plural
from queries.statistics.limits import FRAGILE_BELOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from queries.events import Events, GroupIncidence
    from queries.statistics.results import Comparison, Estimate

    Name = Callable[[str], str]

NOTHING_RECORDED = (
    "No event is recorded in this registry, so nothing can be said about {}: whether none happened "
    "or none was written down is not known."
)
SINGULAR = {
    "adjacent_fracture": "an adjacent fracture",
    "remote_fracture": "a remote fracture",
    "revision": "a revision",
    "neurological_deficit": "a neurological deficit",
    "radiculopathy": "a radiculopathy",
    "pulmonary_embolism": "a pulmonary embolism",
    "infection": "an infection",
    "readmission": "a readmission",
    "other": "another event",
}
MANY = {
    "revision": "revisions",
    "neurological_deficit": "neurological deficits",
    "pulmonary_embolism": "pulmonary embolisms",
    "radiculopathy": "radiculopathies",
    "other": "other events",
}


def kind_label(kind: str) -> str:
    """Return how a kind of event reads."""
    return "Other event" if kind == "other" else kind.replace("_", " ").capitalize()


def one(kind: str) -> str:
    """Return one event of a kind as it stands inside a sentence."""
    return SINGULAR.get(kind, kind.replace("_", " "))


def many(kind: str) -> str:
    """Return several events of a kind as they stand inside a sentence."""
    return MANY.get(kind, f"{kind.replace('_', ' ')}s")


def rate_words(rate: Estimate | None) -> str:
    """Print a rate per 100 patient-years with its interval; none is an upper bound."""
    if rate is None or rate.ci_low is None or rate.ci_high is None:
        return "not observed"
    high = number(rate.ci_high, 1)
    if rate.value == 0:
        return f"none (up to {high})"
    return f"{number(rate.value, 1)} ({number(rate.ci_low, 1)} to {high})"


def one_year_words(group: GroupIncidence) -> str:
    """Print the incidence at one year as one cell of a table."""
    year = group.one_year
    if year is None:
        return "not observed"
    if year.value == 0:
        return f"none (up to {percent(group.no_event_upper)})"
    return f"{percent(year.value)} ({limits(year)})"


def _upper(group: GroupIncidence) -> str:
    """Say what cannot be excluded where nobody had the event in the first year."""
    if group.no_event_upper is not None:
        observed = plural(group.followed_one_year, "patient")
        return (
            f"with {observed} observed for a whole year, an incidence of up to "
            f"{percent(group.no_event_upper)} at one year cannot be excluded"
        )
    if group.rate is None:
        return "no time was observed, so nothing is excluded"
    return (
        f"nobody was observed for a whole year; up to {number(group.rate.ci_high, 1)} per 100 "
        "patient-years cannot be excluded"
    )


def event_sentence(answer: Events) -> str:
    """Say the incidence at one year, the patients and the deaths, never more than was observed."""
    group, chosen, kind = answer.total, answer.selection, answer.kind
    label = kind_label(kind)
    if not chosen.n_patients:
        return f"{label}: {nobody_in(chosen)}, so there is nothing to show."
    if not answer.recorded:
        return NOTHING_RECORDED.format(many(kind))
    if not group.curve.n:
        return (
            f"{label}: nobody was followed, so there is nothing to show. {patients_left_out(group)}"
        )
    n, had = group.curve.n, group.curve.n_events
    fragile = f" Fragile: fewer than {FRAGILE_BELOW} patients." if n < FRAGILE_BELOW else ""
    if not had:
        return (
            f"None of {plural(n, 'patient')} followed had {one(kind)} that is recorded; "
            f"{_upper(group)}.{_deaths(group, 'in that time')}{fragile}"
        )
    again = f" ({group.events} in all)" if group.events > had else ""
    return (
        f"{_at_one_year(group, kind)}. {had} of {plural(n, 'patient')} followed had "
        f"{'one' if group.one_year and group.one_year.value else one(kind)}{again}."
        f"{_deaths(group, 'without one')}{fragile}"
    )


def _deaths(group: GroupIncidence, when: str) -> str:
    died = group.curve.n_competing
    return f" {died} died {when}." if died else ""


def _at_one_year(group: GroupIncidence, kind: str) -> str:
    year = group.one_year
    if year is None:
        return "Nobody was observed for a whole year, so there is no incidence at one year"
    if year.value == 0:
        return f"Nobody had {one(kind)} in the first year; {_upper(group)}"
    return (
        f"At one year an estimated {percent(year.value)} of patients had had {one(kind)} "
        f"({limits(year)})"
    )


def rate_sentence(group: GroupIncidence) -> str:
    """Say how often the first event happened in the time observed."""
    if group.rate is None or not group.curve.n:
        return ""
    years = number(group.patient_years, 1)
    if group.rate.value == 0:
        return (
            f"Rate: none in {years} patient-years; up to {number(group.rate.ci_high, 1)} per 100 "
            "patient-years cannot be excluded."
        )
    span = f"{number(group.rate.ci_low, 1)} to {number(group.rate.ci_high, 1)}"
    return (
        f"Rate: {number(group.rate.value, 1)} first events per 100 patient-years "
        f"(95{THIN}% CI {span}, exact Poisson), in {years} patient-years."
    )


def start_sentence(answer: Events) -> str:
    """Say where the time starts and where it ends."""
    return (
        f"Time runs from {start_words(answer.selection)} to the first event. Who dies before can "
        "no longer have one (competing event); all others count until last seen, at most to the "
        "data date."
    )


def left_out_sentence(answer: Events) -> str:
    """Say which events and patients are not counted, and why."""
    events = ", ".join(f"{n} {reason}" for reason, n in answer.events_left_out)
    said = f"{kind_label(answer.kind)}, not counted: {events}." if events else ""
    return " ".join(words for words in (said, patients_left_out(answer.total)) if words)


def uncertain_sentence(group: GroupIncidence) -> str:
    """Say how many deaths have no known day."""
    n = group.uncertain_deaths
    if not n:
        return ""
    stands = "stands" if n == 1 else "stand"
    return f"{plural(n, 'death')} of unknown day {stands} in the middle of what is possible."


def comparison_sentence(test: Comparison, name: Name, kind: str) -> str:
    """Say what the comparison of groups came to, never more than its interval allows."""
    label = kind_label(kind)
    return compared_sentence(
        test,
        name,
        open_to=f"{label} in {{}}",
        differed=f"{label}: the incidence in {{}} differed",
        state=f"had had {one(kind)}",
        what="incidence",
    )


def event_alt(answer: Events, name: Name) -> str:
    """Say an incidence chart in words: what, n and result."""
    what = f"Cumulative incidence of {many(answer.kind)} over the months from the operation"
    return curve_alt(
        answer,
        name,
        f"{what}, death as the competing event, n = {answer.total.curve.n}. "
        f"{event_sentence(answer)}",
        lambda group: f"{one_year_words(group)} at one year",
        "had one",
    )


def event_legend(answer: Events) -> str:
    """Name every mark of an incidence chart."""
    return curve_legend(
        answer,
        f"share of patients who had {one(answer.kind)} (Aalen-Johansen)",
        "(log), drawn from the first event on; small ticks: last seen without one",
    )


def kinds_sentence(answer: Events) -> str:
    """Name the kinds of events of which none is recorded, and what the rates count."""
    none = [many(count.kind) for count in answer.counts if not _is_listed(count.kind, answer)]
    absent = f" None recorded in this choice: {', '.join(none)}." if none else ""
    return (
        f"Rates count first events per 100 patient-years up to them (95{THIN}% CI, exact "
        f"Poisson).{absent}"
    )


def _is_listed(kind: str, answer: Events) -> bool:
    counts = {count.kind: count for count in answer.counts}
    return kind == answer.kind or bool(counts[kind].events or counts[kind].left_out)


def kind_rows(answer: Events) -> list[dict[str, str]]:
    """Return the kinds of events that happened, and the one that was asked for."""
    return [
        {
            "kind": kind_label(count.kind),
            "events": str(count.events),
            "patients": str(count.patients),
            "per 100 patient-years": rate_words(count.rate),
        }
        for count in answer.counts
        if _is_listed(count.kind, answer)
    ]


def group_rows(answer: Events, name: Name) -> list[dict[str, str]]:
    """Return the groups in short, for the narrow column beside the chart."""
    return [
        {
            "group": plain(name(group.group)),
            "had one": f"{group.curve.n_events} of {group.curve.n}",
            f"at one year (95{THIN}% CI)": _in_short(group),
        }
        for group in answer.groups
    ]


def _in_short(group: GroupIncidence) -> str:
    year = group.one_year
    if year is None or year.ci_low is None or year.ci_high is None:
        return one_year_words(group)
    low, high = number(100 * year.ci_low, 1), number(100 * year.ci_high, 1)
    return f"{percent(year.value)} ({low} to {high})"


def summary_rows(answer: Events, name: Name) -> list[dict[str, str]]:
    """Return what is read from each curve."""
    return [
        {
            "group": plain(name(group.group)),
            "patients": str(group.curve.n),
            "had one": str(group.curve.n_events),
            "events": str(group.events),
            "died without one": str(group.curve.n_competing),
            "at one year": one_year_words(group),
            "patient-years": number(group.patient_years, 1),
            f"per 100 patient-years (95{THIN}% CI)": rate_words(group.rate),
            "left out": str(sum(count for _, count in group.left_out)),
        }
        for group in answer.groups
    ]
