"""Scores over time: the score, its change and its percent change, whole and by group."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import streamlit as st

from data.codebook import thresholds, visits
from pages.charts.days import days_chart
from pages.charts.over_visits import CLICK, View
from pages.charts.small_multiples import panels_chart
from pages.charts.trajectory import domain_of, trajectory_chart, trajectory_groups_chart
from pages.shared import legends, tables
from pages.shared import score_words as words
from pages.shared.ask import ask
from pages.shared.compare import drawn_groups, groups_alt, groups_legend
from pages.shared.panels import choice, colours, draw, heading, picked, quiet
from pages.shared.results import headline, in_full, models_in_full, results
from pages.shared.score_tables import day_rows, percent_rows
from pages.shared.wording import marked
from pages.views.trajectories import PAGE
from queries.grouping import EVERYBODY, group_label
from queries.share import counts_reaching, share
from queries.timing import timing
from queries.trajectory import trajectory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pages.views.trajectories import Shown
    from queries.trajectory import Trajectory


def lines(shown: Shown) -> None:
    """Show a score over time with the tests of its change."""
    models = models_in_full(shown.cohort)
    cohort = shown.cohort.cohort
    answer = ask(trajectory, cohort, measure=shown.measure, by=shown.by, models=models)
    visit = _step(shown, answer)
    with st.container(key="answer"):
        left, right = st.columns([2, 1], gap="medium")
    with left:
        _heading(shown, answer, visit)
        if answer.rows and shown.cohort.n_patients:
            _draw(shown, answer, visit)
    with right:
        results(answer, *_beside(shown, answer, visit))
        if shown.threshold is not None and answer.rows and shown.cohort.n_patients:
            _link(shown)
    in_full(answer, tables.visit_rows)


def _step(shown: Shown, answer: Trajectory) -> str | None:
    """Let the viewer step through the visits, with the arrow keys as well."""
    attended = [row.visit for row in answer.rows if row.group == EVERYBODY and row.n]
    if shown.axis != "steps" or not attended:
        return None
    with shown.row:
        return choice("upto", "Up to", attended, lambda code: visits()[code].short_label, page=PAGE)


def _heading(shown: Shown, answer: Trajectory, visit: str | None) -> None:
    tested = {test.visit for test in answer.paired}
    if shown.by is None and visit is not None and visit not in tested:
        title = legends.over_time_title(answer, shown.view)
        sentence = words.step_sentence(answer, visit)
        heading(title, [sentence], synthetic=answer.selection.synthetic)
    elif shown.view == "percent" and shown.by is None:
        title = legends.over_time_title(answer, shown.view)
        sentence = words.percent_sentence(answer, visit)
        heading(title, [sentence], synthetic=answer.selection.synthetic)
    else:
        headline(answer, shown.view, visit)


def _draw(shown: Shown, answer: Trajectory, visit: str | None) -> None:
    if shown.by is not None:
        _draw_groups(shown, answer)
    elif shown.axis == "days":
        _draw_days(shown, answer)
    else:
        _draw_visits(shown, answer, visit)


def _view(shown: Shown) -> View:
    return cast("View", shown.view)


def _draw_visits(shown: Shown, answer: Trajectory, visit: str | None) -> None:
    view = _view(shown)
    percent = view == "percent"
    event = draw(
        trajectory_chart(answer, colours(), view=view, threshold=shown.threshold, upto=visit),
        words.percent_alt(answer) if percent else legends.trajectory_alt(answer),
        key=f"{PAGE}.chart",
        twin=percent_rows(answer) if percent else tables.visit_rows(answer),
        on_select="rerun",
        selection_mode=CLICK,
    )
    st.caption(" ".join(part for part in _legend(shown, answer, visit) if part))
    picked(answer.values, event, "patient_id", answer.measure)


def _legend(shown: Shown, answer: Trajectory, visit: str | None) -> list[str]:
    step = words.steps_legend(visit) if visit is not None else ""
    if shown.view == "percent":
        return [words.percent_legend(answer, domain_of(answer, "percent")), step]
    usual = legends.trajectory_legend(answer, shown.view)
    if shown.view == "change":
        return [usual, step]
    return [usual, words.ends_words(answer), words.bands_words(answer.measure), step]


def _draw_days(shown: Shown, answer: Trajectory) -> None:
    view = _view(shown)
    days = ask(timing, shown.cohort.cohort, measure=shown.measure)
    sentence = (
        words.percent_sentence(answer) if view == "percent" else legends.trajectory_alt(answer)
    )
    event = draw(
        days_chart(answer, days, colours(), view=view, threshold=shown.threshold),
        words.days_alt(answer, days, sentence),
        key=f"{PAGE}.days",
        twin=day_rows(days),
        on_select="rerun",
        selection_mode=CLICK,
    )
    st.caption(words.days_legend(answer, days, view))
    picked(answer.values, event, "patient_id", answer.measure)


def _draw_groups(shown: Shown, answer: Trajectory) -> None:
    view, groups = _view(shown), drawn_groups(answer, shown.view)
    twin = percent_rows(answer) if view == "percent" else tables.visit_rows(answer)
    if shown.layout == "apart" and groups:
        event = draw(
            panels_chart(answer, colours(), groups, view=view),
            groups_alt(answer, view),
            key=f"{PAGE}.panels",
            twin=twin,
            on_select="rerun",
            selection_mode=CLICK,
        )
        st.caption(words.panels_legend(view, groups, _rest(answer, groups)))
        picked(answer.values, event, "patient_id", answer.measure)
        return
    draw(
        trajectory_groups_chart(answer, colours(), groups, view=view),
        groups_alt(answer, view),
        key=f"{PAGE}.groups",
        twin=twin,
    )
    st.caption(words.percent_groups_legend() if view == "percent" else groups_legend(answer, view))


def _rest(answer: Trajectory, drawn: Sequence[tuple[str, str]]) -> list[str]:
    """Name the groups that are not drawn."""
    codes = [code for code, _ in drawn]
    rest = dict.fromkeys(row.group for row in answer.rows if row.group not in (EVERYBODY, *codes))
    return [group_label(answer.by or "", code, answer.selection.convention) for code in rest]


def _beside(shown: Shown, answer: Trajectory, visit: str | None) -> list[str]:
    """Say what the tests are of, and who reached the threshold."""
    said = [quiet(words.TESTS_OF_CHANGE)] if shown.view == "percent" and answer.paired else []
    when = words.headline_visit(answer, visit)
    if shown.threshold is None or when is None:
        return said
    counted = ask(counts_reaching, shown.cohort.cohort, measure=shown.measure)
    found = share(counted, shown.threshold, when)
    if found is None:
        return said
    sentence = words.share_sentence(found, answer.measure)
    return [*said, quiet(marked(sentence, synthetic=answer.selection.synthetic))]


def _link(shown: Shown) -> None:
    """Lead to the page of responders with the same measure and threshold."""
    place = thresholds(shown.measure).index(shown.threshold)
    options = {"measure": shown.measure} | ({"threshold": str(place)} if place else {})
    st.page_link(
        "outcomes/responders.py",
        label="Responders at every visit",
        icon=":material/arrow_forward:",
        query_params=options,
    )
