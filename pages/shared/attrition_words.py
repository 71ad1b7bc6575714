"""What is said of the follow-up: sentences, legends, tables and text alternatives."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pages.shared.responder_words import MOST_ROWS, counts
from pages.shared.sentences import interval_percent, nobody_in
from pages.shared.survival_words import median_words
from pages.shared.wording import percent, plain, plural, visit_label
from queries.absence import DEAD, LOST, NOT_DUE, NOT_RECORDED
from queries.attrition import COMPLETE, MOST_PATIENTS, SEEN
from queries.grouping import EVERYBODY
from queries.statistics.limits import RATE_NEEDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from queries.attrition import Attrition, AttritionRow
    from queries.statistics.results import Proportion

    Name = Callable[[str], str]

STATUS_WORDS: dict[str, str] = {
    SEEN: "seen",
    NOT_RECORDED: "not recorded",
    LOST: "lost",
    NOT_DUE: "not yet due",
    DEAD: "died",
}
LETTERS: dict[str, str] = {SEEN: "S", NOT_RECORDED: "R", LOST: "L", NOT_DUE: "N", DEAD: "D"}
LINE = percent(COMPLETE, 0)


def by_status(row: AttritionRow) -> dict[str, int]:
    """Return the patients of each status, which add up to those treated."""
    return {
        SEEN: row.seen,
        NOT_RECORDED: row.not_recorded,
        LOST: row.lost,
        NOT_DUE: row.not_due,
        DEAD: row.died,
    }


def headline_row(answer: Attrition) -> AttritionRow | None:
    """Return 12 months, or the latest visit that anybody was due at; None without one."""
    due = [row for row in answer.total if row.due]
    return next((row for row in due if row.visit == "m12"), due[-1] if due else None)


def is_below(proportion: Proportion) -> bool:
    """Tell whether a completeness lies below the line."""
    return proportion.rate is not None and proportion.rate < COMPLETE


def _when(visit: str) -> str:
    label = visit_label(visit)
    return f"At {label}" if label[0].isdigit() else f"{label[0].upper()}{label[1:]}"


def answer_sentence(answer: Attrition) -> str:
    """Say how many of those due were seen at the headline visit, or why nobody can tell."""
    row = headline_row(answer)
    if row is None:
        return f"Follow-up: {_nothing(answer)}"
    found = row.completeness
    verb = "was" if found.n == 1 else "were"
    return (
        f"{_when(row.visit)}, {found.k} of {plural(found.n, 'patient')} due {verb} seen "
        f"({_interval(found)}): {_beside_the_line(found)}."
    )


def _interval(found: Proportion) -> str:
    if not found.k:
        return f"up to {percent(found.ci_high)} cannot be excluded"
    shown = f"{percent(found.rate)}; " if found.n >= RATE_NEEDS else ""
    return f"{shown}{interval_percent(found)}"


def _beside_the_line(found: Proportion) -> str:
    below, low, high = is_below(found), found.ci_low or 0, found.ci_high or 0
    if below:
        open_side = "above it" if high >= COMPLETE else ""
    else:
        open_side = "below it" if low < COMPLETE else ""
    side = "below" if below else "above" if (found.rate or 0) > COMPLETE else "on"
    doubt = f", with an interval that reaches {open_side}" if open_side else ""
    return f"{side} the {LINE} line{doubt}"


def _nothing(answer: Attrition) -> str:
    chosen = answer.selection
    if not chosen.n_patients:
        return f"{nobody_in(chosen)}, so there is nothing to show."
    if answer.of_later_sessions == chosen.n_patients:
        return (
            "no answer, the operations in this cohort are later ones and their visits belong to "
            f"an earlier operation ({plural(chosen.n_patients, 'patient')})."
        )
    return "no answer, nobody was due at any visit by the date up to which the data go."


def flow_sentence(row: AttritionRow) -> str:
    """Say where those treated are at a visit; the counts add up."""
    found = {**STATUS_WORDS, NOT_RECORDED: "alive but not recorded", LOST: "lost to follow-up"}
    parts = [f"{count} {found[status]}" for status, count in by_status(row).items() if count]
    return f"Of {plural(row.treated, 'patient')} treated: {', '.join(parts)}."


def visit_rows(answer: Attrition) -> list[dict[str, str]]:
    """Return the flow from treated to seen, for the narrow column beside the chart."""
    return [
        {
            "visit": visit_label(row.visit),
            "treated": str(row.treated),
            "alive": str(row.alive),
            "due": str(row.due),
            "seen": str(row.seen),
        }
        for row in answer.total
    ]


def early_sentence(answer: Attrition) -> str:
    """Say who was seen before the window closed, and what that does to completeness."""
    early = [row for row in answer.total if row.seen_early]
    if not early:
        return ""
    words = ", ".join(f"{row.seen_early} at {visit_label(row.visit)}" for row in early)
    said = (
        f"Seen in a window still open: {words.replace('at after', 'after').replace('at b', 'b')}. "
        "They count as due and seen; those who will miss the visit are not due yet, so "
        "completeness can still fall."
    )
    headline = headline_row(answer)
    if headline is None or not headline.seen_early or not headline.closed.n:
        return said
    found = headline.closed
    return (
        f"{said} {_when(headline.visit)}, of the closed windows alone: {found.k} of "
        f"{plural(found.n, 'patient')} ({_interval(found)})."
    )


def left_out_sentence(answer: Attrition) -> str:
    """Say who is left out because the visits belong to an earlier operation."""
    n = answer.of_later_sessions
    return (
        f"{plural(n, 'patient')} left out: the visits belong to an earlier operation." if n else ""
    )


def follow_up_sentence(answer: Attrition) -> str:
    """Say how long patients would have been followed without deaths."""
    if not answer.n_followed:
        return "Median follow-up: nobody has a date after the operation."
    time = answer.follow_up
    words = "not reached, too many died first" if time.value is None else median_words(time)
    return (
        f"Median follow-up: {words}; reverse Kaplan-Meier, {plural(answer.n_followed, 'patient')}."
    )


def rules_sentence() -> str:
    """Say what due, lost and the line mean."""
    return (
        "Due: alive, and the visit's window has closed. Lost: last heard of before the window "
        "opened. Not recorded: alive and heard of since, without a score or film. The "
        f"{LINE} line is a convention; it is no test."
    )


def groups_of(answer: Attrition) -> tuple[str, ...]:
    """Return the groups in their order, without the whole cohort."""
    return tuple(dict.fromkeys(row.group for row in answer.rows if row.group != EVERYBODY))


def drawn_rows(answer: Attrition) -> dict[str, list[AttritionRow]]:
    """Return the rows that the dots show, by visit: of each group, or of the whole cohort."""
    groups = groups_of(answer) or (EVERYBODY,)
    rows = [row for row in answer.rows if row.group in groups]
    headline = headline_row(answer)
    shown = [row.visit for row in answer.total if row.due]
    if answer.by and headline and len(shown) * (len(groups) + 1) > MOST_ROWS:
        shown = [headline.visit]
    return {visit: [row for row in rows if row.visit == visit] for visit in shown}


def completeness_legend(answer: Attrition) -> str:
    """Name every mark of the dots."""
    fewer = answer.by and len(drawn_rows(answer)) < sum(1 for row in answer.total if row.due)
    rest = " The other visits stand in the table below." if fewer else ""
    return (
        "Marks: seen among the due, k of n at the right; bars: 95 % CI; a diamond lies below the "
        f"{LINE} line.{rest}"
    )


def completeness_alt(answer: Attrition, name: Name) -> str:
    """Say the dots in words."""
    visits = ". ".join(
        f"{visit_label(visit)}: "
        + ", ".join(
            (f"{name(row.group)} " if answer.by else "") + counts(row.completeness) for row in rows
        )
        for visit, rows in drawn_rows(answer).items()
    )
    return f"Dot chart of the seen among the due, with a line at {LINE}. {visits}."


def flow_alt(answer: Attrition) -> str:
    """Say the stacked bars in words."""
    visits = " ".join(f"{visit_label(row.visit)}: {flow_sentence(row)}" for row in answer.total)
    return f"Stacked bars of every patient treated, by visit. {visits}"


def map_alt(answer: Attrition) -> str:
    """Say the map of patients and visits in words."""
    patients = answer.total[0].treated
    return (
        f"Map of {plural(patients, 'patient')} and {plural(len(answer.visits), 'visit')}, those "
        f"seen latest at the top. {map_legend(answer)}"
    )


def map_legend(answer: Attrition) -> str:
    """Say what the map holds, and how many patients missed which visits."""
    if answer.patients is None:
        return (
            f"The map of patients and visits is drawn up to {MOST_PATIENTS:,} patients; this "
            f"choice has {answer.total[0].treated:,}."
        )
    cells = Counter(answer.patients["status"].to_list())
    words = ", ".join(
        f"{cells[status]} {STATUS_WORDS[status]}" for status in LETTERS if cells[status]
    )
    return f"One row per patient, sorted by the last visit seen. Cells: {words}."


def map_rows(answer: Attrition) -> list[dict[str, str]]:
    """Return where every patient was at every visit, as the map draws it."""
    if answer.patients is None:
        return []
    wide = answer.patients.pivot(on="visit", index="patient_id", values="status")
    return [
        {
            "patient": plain(row["patient_id"]),
            **{visit_label(visit): STATUS_WORDS[row[visit]] for visit in answer.visits},
        }
        for row in wide.to_dicts()
    ]


def flow_rows(answer: Attrition, name: Name) -> list[dict[str, str]]:
    """Return the flow of every group at every visit."""
    return [
        {
            **({"group": plain(name(row.group))} if answer.by else {}),
            "visit": visit_label(row.visit),
            "treated": str(row.treated),
            "alive": str(row.alive),
            "due": str(row.due),
            "seen": str(row.seen),
            "seen of the due (95 % CI)": _cell(row.completeness),
            "not recorded": str(row.not_recorded),
            "lost": str(row.lost),
            "not yet due": str(row.not_due),
            "died": str(row.died),
        }
        for row in answer.rows
    ]


def group_rows(answer: Attrition, name: Name) -> list[dict[str, str]]:
    """Return the groups at the headline visit, for the narrow column beside the chart."""
    headline = headline_row(answer)
    return [
        {
            "group": plain(name(row.group)),
            "seen of the due": f"{row.seen} of {row.due}" if row.due else "–",
            "95 % CI": _cell(row.completeness),
        }
        for row in answer.rows
        if headline and row.visit == headline.visit
    ]


def _cell(found: Proportion) -> str:
    if not found.n:
        return "nobody due"
    return _interval(found).replace("95\u202f% CI ", "")
