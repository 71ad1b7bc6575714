"""What a column is beside the others of its table: visits, numbers, dates, rivals."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from data.codebook import BASELINE
from data.mapping.visit_names import read_visit, visit_of_months
from data.words import tokens

if TYPE_CHECKING:
    from data.mapping.draft import Draft, DraftColumn

CLEAR = 0.1
RELAXED = 0.5
VISITS = ("follow_ups.visit", "radiographs.visit")
DAYS = ("follow_ups.measured_on", "radiographs.measured_on")


def settle(made: Draft) -> None:
    """Settle what the columns of a table are to each other."""
    _count_months(made)
    _drop_single_numbers(made)
    _choose_dates(made)
    _choose_table(made)
    _give_visits(made)
    _drop_visits(made)
    _choose_rivals(made)


def _count_months(made: Draft) -> None:
    """Take bare numbers behind a measure for months where they cannot be its sections."""
    behind: dict[str, dict[int, DraftColumn]] = defaultdict(dict)
    for column in made.columns:
        number = _bare_number(column)
        if column.target and column.target.measure and number is not None:
            behind[column.target.measure.code][number] = column
    for code, columns in behind.items():
        if {1, 2} <= set(columns) and any(
            one.target.kind == "section" for one in columns.values() if one.target
        ):
            continue
        for number, column in columns.items():
            table = str(column.becomes).partition(".")[0]
            column.becomes, column.number, column.doubt = f"{table}.{code}", None, str(number)
            column.visit = BASELINE if number == 0 else visit_of_months().get(float(number))


def _bare_number(column: DraftColumn) -> int | None:
    """Return the number that stands behind the name of a measure and says no visit."""
    target = column.target
    if target is None or target.measure is None or column.visit or column.doubt:
        return None
    if target.kind == "section":
        return int(target.field.rpartition("_")[2])
    return column.number


def _drop_single_numbers(made: Draft) -> None:
    """Keep numbers only where columns of one field are told apart by them."""
    numbers: dict[str | None, set[int]] = defaultdict(set)
    for column in made.columns:
        if column.number is not None:
            numbers[column.becomes].add(column.number)
    several = any(len(numbers[f"procedures.{field}"]) > 1 for field in ("level", "procedure_id"))
    for column in made.columns:
        per_procedure = column.target is not None and (
            column.target.table in ("procedures", "radiographs")
        )
        if (
            not (several and per_procedure)
            or column.target is None
            or column.target.kind == "section"
        ):
            column.number = None


def _choose_dates(made: Draft) -> None:
    """Take the only date of a table for what the table is about."""
    days = [one for one in made.becoming(*DAYS) if one.visit is None]
    if len(days) != 1 or made.has(*VISITS):
        return
    (day,) = days
    if made.has("events.kind") and not made.has("events.occurred_on"):
        day.becomes, day.why = "events.occurred_on", "It is the date of a table of events."
    elif made.has("procedures.level") and not made.has("procedures.operated_on"):
        day.becomes, day.confidence = "procedures.operated_on", min(day.confidence, RELAXED)
        day.why = "It is the only date of a table of levels."


def _choose_table(made: Draft) -> None:
    """Give visits and dates to the films where a table has films alone."""
    if made.of_measures("radiographs") and not made.of_measures("follow_ups"):
        for column in made.becoming(*VISITS, *DAYS):
            column.becomes = f"radiographs.{str(column.becomes).partition('.')[2]}"


def _give_visits(made: Draft) -> None:
    """Find the visit of the whole table in its name; doubt measures that have none."""
    named = read_visit(tokens(made.raw.name))
    if without_visit(made) and named.visit is not None and named.doubt is None:
        made.visit = named.visit
    doubt_visits(made)


def doubt_visits(made: Draft) -> None:
    """Doubt the visit of measures that have none, neither alone nor with their row or table."""
    for column in without_visit(made):
        column.doubt = ""


def without_visit(made: Draft) -> list[DraftColumn]:
    """Return the columns of measures of which nothing says the visit."""
    if made.visit or made.has(*VISITS) or any(one.visit is None for one in made.becoming(*DAYS)):
        return []
    return [
        one
        for table in ("follow_ups", "radiographs")
        for one in made.of_measures(table)
        if one.visit is None and one.doubt is None
    ]


def _drop_visits(made: Draft) -> None:
    """Keep visits only where values belong to one."""
    for column in made.columns:
        visited = column.target is not None and (
            column.target.measure is not None or column.becomes in DAYS
        )
        if not visited:
            column.visit = column.doubt = None


def _choose_rivals(made: Draft) -> None:
    """Keep one of the columns that become the same; ask where none is clearly the right one."""
    alike: dict[tuple[str | None, str | None, int | None], list[DraftColumn]] = defaultdict(list)
    for column in made.columns:
        if column.becomes is not None and column.doubt is None:
            alike[column.becomes, column.visit, column.number].append(column)
    for columns in alike.values():
        if len(columns) < 2:
            continue
        ranked = sorted(columns, key=lambda one: (-one.confidence, -one.profile.filled))
        best, others = ranked[0], ranked[1:]
        near = [one.name for one in others if best.confidence - one.confidence < CLEAR]
        best.rivals = tuple(near)
        for other in others:
            other.becomes = other.visit = other.number = other.doubt = None
            other.confidence, other.why = 0.0, f"“{best.name}” becomes the same."
