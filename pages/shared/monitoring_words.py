"""What is said of leaks over time: the rate so far, the running check and its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.shared.sentences import nobody_in
from pages.shared.wording import MINUS, THIN, number, percent, plain, plural
from queries.monitoring import EVERY_LEVEL, OWN
from queries.statistics.limits import RATE_NEEDS

if TYPE_CHECKING:
    from queries.monitoring import Monitoring, Watch

Row = dict[str, str]
TARGET_LABELS = {
    "0.125": f"target 12.5{THIN}%",
    "0.06": f"target 6{THIN}%",
    OWN: "own rate",
}
SOURCES = {
    "0.125": "8 of 64 levels in the model study, Pflugmacher 2007",
    "0.06": "pooled over series of malignant kyphoplasty, Bouza 2009",
    OWN: "this choice's own rate, so the check can only find a change within it",
}
LIMIT_LABELS = {"3.0": "limit 3.0", "2.5": "limit 2.5"}
ONE_SURGEON = (
    "Leaks over time are not drawn for single surgeons: the department has not allowed its "
    "surgeons to be compared. Remove the filter on surgeon to see all."
)
ORDER = (
    "Levels stand in order of operation, those of one session from cranial to caudal. They count "
    "as independent; several levels of one patient are not, so false alarms come sooner than the "
    "run lengths say."
)


def rate_so_far(answer: Monitoring) -> str:
    """Print the exact interval of all levels, with their rate where there are enough."""
    last = answer.steps.row(-1, named=True)
    if not answer.n_leaks:
        return f"up to {percent(last['ci_high'])} cannot be excluded"
    share = f"{percent(last['rate'])}; " if answer.n_levels >= RATE_NEEDS else ""
    low, high = number(100 * last["ci_low"], 1), number(100 * last["ci_high"], 1)
    return f"{share}exact 95{THIN}% CI {low} to {high}{THIN}%, levels as independent"


def monitoring_sentence(answer: Monitoring) -> str:
    """Say what came so far and whether the running check signalled."""
    if not answer.selection.n_levels:
        return f"Leaks over time: {nobody_in(answer.selection)}, so there is nothing to follow."
    if not answer.n_levels:
        return "Leaks over time: nobody looked for a leak at any level, so there is no rate."
    levels, patients = plural(answer.n_levels, "level"), plural(answer.n_patients, "patient")
    said = (
        f"In order of operation, {answer.n_leaks} of {levels} of {patients} leaked "
        f"({rate_so_far(answer)})."
    )
    if answer.selection.cohort.leak:
        said += " The filter itself chooses by leak, so this says nothing about leakage."
    return f"{said} {check_sentence(answer)}"


def check_sentence(answer: Monitoring) -> str:
    """Say whether the check signalled, or why there is none."""
    watch = answer.watch
    if watch is None:
        return f"No running check: {plain(str(answer.refused))}."
    if not watch.signals:
        return f"The running check for a doubling to {percent(watch.doubled)} gave no signal."
    times = "signalled once" if len(watch.signals) == 1 else f"signalled {len(watch.signals)} times"
    shown = ", ".join(str(place) for place in watch.signals[:5])
    more = " and later" if len(watch.signals) > 5 else ""
    return (
        f"The running check for a doubling to {percent(watch.doubled)} {times}, after level "
        f"{shown}{more}."
    )


def enough_sentence(answer: Monitoring) -> str:
    """Say whether the levels are enough to watch a rate, or only to look at it."""
    watch = answer.watch
    if watch is None:
        return ""
    n, run = plural(answer.n_levels, "level"), number(watch.run_at_target, 0)
    if watch.enough:
        return f"{n} are more than one mean run to a false alarm ({run} levels)."
    return (
        f"Too few to monitor: {n} are a display, not a monitor. With these settings a false alarm "
        f"comes after {run} levels on average."
    )


def settings_rows(watch: Watch, source: str) -> list[Row]:
    """Return the settings of the check and what follows from them."""
    weights = watch.weights
    return [
        {"setting": f"target rate p0 ({source})", "value": percent(watch.target)},
        {"setting": "rate watched for, p1 = 2 · p0", "value": percent(watch.doubled)},
        {"setting": "signal at a sum of", "value": number(watch.limit, 1)},
        {"setting": "weight of a leak", "value": number(weights.event, 3, sign=True)},
        {"setting": "weight of a clean level", "value": f"{MINUS}{number(weights.clean, 3)}"},
        {
            "setting": "levels to a false alarm, mean, at p0",
            "value": number(watch.run_at_target, 0),
        },
        {"setting": "levels to a signal, mean, at p1", "value": number(watch.run_at_doubled, 0)},
    ]


def monitoring_legend(answer: Monitoring) -> str:
    """Name every mark of the chart."""
    thinned = (
        f" Above {EVERY_LEVEL:,} levels some 2,000 of them and every signal are drawn."
        if answer.n_levels > EVERY_LEVEL
        else ""
    )
    check = (
        " Below: CUSUM, up at a leak, down at a clean level, never under zero; dashes: the limit "
        "at which it signals (diamond) and starts again."
        if answer.watch
        else ""
    )
    unlooked = (
        f" Left out: {plural(answer.not_looked_for, 'level')} where nobody looked."
        if answer.not_looked_for
        else ""
    )
    return (
        "Line: leaking levels so far, of those so far; band: exact 95 % CI at each number of "
        f"levels on its own; triangles: leaks; dots across: the target.{check}{thinned}{unlooked}"
    )


def monitoring_alt(answer: Monitoring) -> str:
    """Say the chart in words."""
    return (
        "Leaks of treated levels in order of operation, as a rate that accumulates. "
        f"{monitoring_sentence(answer)} {enough_sentence(answer)}"
    ).rstrip()


def short_year_rows(answer: Monitoring) -> list[Row]:
    """Return the leaks of each year, as they stand beside the chart."""
    return [
        {name: row[name].replace(" levels", "") for name in list(row)[:3]}
        for row in year_rows(answer)
    ]


def year_rows(answer: Monitoring) -> list[Row]:
    """Return the state at the last level of each year, as the chart draws it."""
    ends = answer.steps.filter(answer.steps["year"].is_last_distinct())
    rows = []
    before = (0, 0)
    for row in ends.to_dicts():
        so_far = (row["leaks"], row["sequence"])
        year = (so_far[0] - before[0], so_far[1] - before[1])
        before = so_far
        rows.append(
            {
                "year": str(row["year"]),
                "leaking levels": f"{year[0]} of {year[1]} levels",
                "so far": f"{so_far[0]} of {so_far[1]} levels",
                "exact 95 % CI": f"{percent(row['ci_low'])} to {percent(row['ci_high'])}",
                "CUSUM at its end": number(row["cusum"], 2),
            }
        )
    return rows
