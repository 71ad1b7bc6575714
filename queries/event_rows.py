"""Events as rows of the scripting interface: the curve of one kind, and every kind in short."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from queries.events import Events, GroupIncidence, KindCount


@dataclass(frozen=True)
class EventRow:
    """One time at which the observation of somebody of a group ended, or one kind as a whole.

    Notes
    -----
    `at_risk` counts those under observation without the event just before `time_days`,
    `events` those who had their first event then and `deaths` those who died before one;
    `incidence` holds from then on and has no limits before the first event. It is null where
    the registry records no event at all. The row of a whole kind has none of these. The fields
    from `n` on describe the whole group and stand on each of its rows; `all_events` counts
    repeated ones too.
    """

    group: str
    kind: str
    time_days: int | None
    at_risk: int | None
    events: int | None
    deaths: int | None
    incidence: float | None
    ci_low: float | None
    ci_high: float | None
    n: int
    patients_with_event: int
    all_events: int
    deaths_before: int
    uncertain_deaths: int
    left_out: tuple[tuple[str, int], ...]
    patient_years: float
    per_100_years: float | None
    per_100_years_low: float | None
    per_100_years_high: float | None
    one_year: float | None
    one_year_low: float | None
    one_year_high: float | None
    one_year_upper: float | None


def curve_rows(group: GroupIncidence, answer: Events) -> Iterator[EventRow]:
    """Yield the curve of a group, one row per time."""
    curve, whole = group.curve, _whole(group, recorded=answer.recorded)
    for place, day in enumerate(curve.times.tolist()):
        yield EventRow(
            group=group.group,
            kind=answer.kind,
            time_days=int(day),
            at_risk=int(curve.at_risk[place]),
            events=int(curve.events[place]),
            deaths=int(curve.competing[place]),
            incidence=float(curve.incidence[place]) if answer.recorded else None,
            ci_low=_limit(curve.ci_low[place]),
            ci_high=_limit(curve.ci_high[place]),
            **whole,
        )


def kind_row(count: KindCount, answer: Events) -> EventRow:
    """Return one kind of event in the whole cohort."""
    return EventRow(
        group=count.whole.group,
        kind=count.kind,
        time_days=None,
        at_risk=None,
        events=None,
        deaths=None,
        incidence=None,
        ci_low=None,
        ci_high=None,
        **_whole(count.whole, recorded=answer.recorded),
    )


def _whole(group: GroupIncidence, *, recorded: bool) -> dict[str, Any]:
    curve, one_year, rate = group.curve, group.one_year, group.rate
    if not recorded:
        one_year = rate = None
    return {
        "n": curve.n,
        "patients_with_event": curve.n_events,
        "all_events": group.events,
        "deaths_before": curve.n_competing,
        "uncertain_deaths": group.uncertain_deaths,
        "left_out": group.left_out,
        "patient_years": group.patient_years,
        "per_100_years": rate.value if rate else None,
        "per_100_years_low": rate.ci_low if rate else None,
        "per_100_years_high": rate.ci_high if rate else None,
        "one_year": one_year.value if one_year else None,
        "one_year_low": one_year.ci_low if one_year else None,
        "one_year_high": one_year.ci_high if one_year else None,
        "one_year_upper": group.no_event_upper if recorded else None,
    }


def _limit(limit: float) -> float | None:
    return None if isnan(limit) else float(limit)
