"""The choice of groups to compare, the same on every page of outcomes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import streamlit as st

from pages.charts.groups import MOST_GROUPS
from pages.shared.group_words import FIELDS, group_sentence
from pages.shared.panels import menu
from pages.shared.sentences import headline_test, outcome_unit
from pages.shared.wording import uncapitalised
from queries.alignment import Alignment
from queries.grouping import EVERYBODY, GROUP_FIELDS, By, group_label
from queries.visit_rows import VisitRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from queries.cohort import Selection
    from queries.trajectory import Trajectory

SURGEONS_VARIABLE = "KYPHO_COMPARE_SURGEONS"
NOBODY_APART = "none"
OF_PATIENTS: tuple[By, ...] = tuple(by for by in GROUP_FIELDS if by != "level")


def compares_surgeons() -> bool:
    """Tell whether the department allows its surgeons to be compared; it does not by default."""
    return os.environ.get(SURGEONS_VARIABLE, "").strip().lower() in {"1", "yes", "true", "on"}


def compared_by(
    page: str, chosen: Selection, fields: Sequence[By] = OF_PATIENTS, *, width: int = 190
) -> By | None:
    """Let the viewer choose which groups to compare, or none; kept in the address as ``by``."""
    offered = _offered(fields, chosen)
    code = menu("by", "Compare by", [NOBODY_APART, *offered], _label, page=page, width=width)
    return next((field for field in offered if field == code), None)


def compare_by(page: str, field: By) -> None:
    """Choose groups to compare in the viewer's place, from the callback of a button."""
    st.session_state[f"view.{page}.by"] = field


def always_compared_by(page: str, chosen: Selection, fields: Sequence[By]) -> By:
    """Let the viewer choose which groups to compare; the first is compared at first."""
    offered = _offered(fields, chosen)
    code = menu("by", "Compare by", offered, _label, page=page)
    return next(field for field in offered if field == code)


def _offered(fields: Sequence[By], chosen: Selection) -> list[By]:
    return [field for field in fields if _is_offered(field, chosen)]


def _is_offered(field: By, chosen: Selection) -> bool:
    if field == "surgeon":
        return compares_surgeons()
    return field != "centre" or len(chosen.options.get("centre", {})) > 1


def _label(code: str) -> str:
    return next((f"by {title}" for by, title in FIELDS.items() if by == code), "no groups")


def drawn_groups(answer: Trajectory | Alignment, view: str) -> list[tuple[str, str]]:
    """Return the groups that a chart draws, at most the six largest, with their words."""
    sizes: dict[str, int] = {}
    if view == "change":
        for change in answer.changes:
            sizes[change.group] = max(sizes.get(change.group, 0), change.n_patients)
    else:
        for row in answer.rows:
            n = row.n if isinstance(row, VisitRow) else row.n_levels
            sizes[row.group] = max(sizes.get(row.group, 0), n)
    measured = [group for group, n in sizes.items() if n and group != EVERYBODY]
    largest = sorted(measured, key=lambda group: -sizes[group])[:MOST_GROUPS]
    convention = answer.selection.convention
    return [
        (group, group_label(answer.by or "", group, convention))
        for group in measured
        if group in largest
    ]


def groups_legend(answer: Trajectory | Alignment, view: str) -> str:
    """Name every mark of a chart of groups."""
    films = isinstance(answer, Alignment)
    if view == "change":
        of = "the patients' mean changes" if films else "complete pairs"
        marks = f"Marks: Hodges-Lehmann median change of {of}; bars: its 95 % CI, not adjusted."
    elif films:
        marks = (
            "Marks: median of the levels in each group, with no interval, since levels of one "
            "patient are not independent. The comparison is between groups of patients, one mean "
            "per patient, and can differ from what the levels show."
        )
    else:
        marks = "Marks: median of the patients with a value; bars: its 95 % CI."
    n_groups = len({row.group for row in answer.rows} - {EVERYBODY})
    drawn = len(drawn_groups(answer, view))
    rest = (
        f" Drawn: the {drawn} largest of {n_groups} groups; the table holds all."
        if (drawn < n_groups and drawn == MOST_GROUPS)
        else ""
    )
    return f"{marks} Numbers below: n of each group.{rest}"


def groups_alt(answer: Trajectory | Alignment, view: str) -> str:
    """Say a chart of groups in words: what, n and result."""
    test = headline_test(answer.groups)
    names = ", ".join(words for _, words in drawn_groups(answer, view))
    what = f"Line chart of {answer.measure.label} over the visits by group: {names}."
    if test is None:
        return what
    sentence = group_sentence(
        test,
        f"Change of {uncapitalised(answer.measure.label)}",
        answer.measure.decimals,
        outcome_unit(answer),
        convention=answer.selection.convention,
    )
    return f"{what} {sentence}"
