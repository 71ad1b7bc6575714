"""Scores of single patients: who left, who changed, each course, the bands of severity."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import streamlit as st

from data.codebook import BASELINE
from pages.charts.last_visit import last_visit_chart
from pages.charts.observed import observed_chart
from pages.charts.over_visits import CLICK
from pages.charts.severity import shift_chart
from pages.charts.sparklines import MOST, sparklines_chart
from pages.charts.waterfall import MOST_BARS, Unit, threshold_across, waterfall_chart
from pages.shared import dropout_words, improvement_words, observed_words, severity_words
from pages.shared import score_tables as tables
from pages.shared.ask import ask
from pages.shared.models import models_wanted
from pages.shared.panels import (
    colours,
    draw,
    folded,
    folded_table,
    heading,
    picked,
    quiet,
    say,
    table_or_reason,
    table_text,
)
from pages.shared.results import headline, results
from pages.shared.score_words import later_words, nothing_to_show
from pages.shared.strip import outcome_words
from pages.views.trajectories import PAGE, visit_choice
from queries.dropout import dropout
from queries.improvement import improvement
from queries.observed import by_method
from queries.severity import severity
from queries.trajectory import trajectory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pages.views.trajectories import Shown
    from queries.improvement import Improvement, ImprovementRow

MOST_LISTED = 120
OBSERVED_IN_FULL = "In full: other methods, table of every method"


def by_last_visit(shown: Shown) -> None:
    """Show those who left early beside those who stayed."""
    answer = ask(dropout, shown.cohort.cohort, measure=shown.measure)
    with st.container(key="answer"):
        left, right = st.columns([2, 1], gap="medium")
    with left:
        sentence = dropout_words.dropout_sentence(answer)
        heading(dropout_words.dropout_title(answer), [sentence], synthetic=shown.cohort.synthetic)
        if answer.rows:
            draw(
                last_visit_chart(answer, colours()),
                f"Line chart. {dropout_words.dropout_title(answer)}. {sentence}",
                key=f"{PAGE}.dropout",
                twin=tables.dropout_rows(answer),
            )
            st.caption(dropout_words.dropout_legend(answer))
    with right:
        say(
            "**Who left, and why**",
            *dropout_words.dropout_lines(answer),
            quiet(dropout_words.DROPOUT_NOTE),
        )
    if answer.rows:
        folded_table("Table by last visit", "dropout", lambda: tables.dropout_rows(answer))


def waterfall(shown: Shown) -> None:
    """Show each patient's change at one visit as sorted bars."""
    answer = ask(improvement, shown.cohort.cohort, measure=shown.measure)
    visit = visit_choice(shown, "visit", ordered(answer.visits))
    with st.container(key="answer"):
        left, right = st.columns([2, 1], gap="medium")
    if visit is None:
        with left:
            title = f"{answer.measure.label}: change of each patient"
            reason = nothing_to_show(answer.measure, answer.selection, answer.of_later_sessions)
            heading(title, [reason], synthetic=shown.cohort.synthetic)
        with right:
            say(quiet("There is no change to draw."))
        return
    row = next(row for row in answer.rows if row.visit == visit)
    across = threshold_across(answer, shown.threshold, cast("Unit", shown.unit))
    rows = [] if row.n > MOST_BARS else tables.change_rows(answer, visit)
    with left:
        _bars(shown, answer, row, across, rows)
    with right:
        say(
            table_text(tables.direction_rows(answer)),
            improvement_words.left_out_sentence(answer, row, shown.unit),
            improvement_words.no_line_words(shown.threshold, across),
            later_words(answer.of_later_sessions),
        )
    if 0 < len(rows) <= MOST_LISTED:
        folded_table("Table of every patient", "waterfall", lambda: rows)


def _bars(
    shown: Shown,
    answer: Improvement,
    row: ImprovementRow,
    across: Sequence[tuple[float, str]],
    rows: Sequence[dict[str, str]],
) -> None:
    unit = cast("Unit", shown.unit)
    heading(
        improvement_words.improvement_title(answer, row.visit, unit),
        [improvement_words.improvement_sentence(answer, row)],
        synthetic=shown.cohort.synthetic,
    )
    event = draw(
        waterfall_chart(answer, colours(), visit=row.visit, unit=unit, across=across),
        improvement_words.waterfall_alt(answer, row, unit),
        key=f"{PAGE}.waterfall",
        twin=rows or tables.direction_rows(answer),
        on_select="rerun",
        selection_mode=CLICK,
    )
    many = row.n > MOST_BARS
    st.caption(improvement_words.waterfall_legend(answer, line=bool(across), many=many))
    picked(answer.values, event, "patient_id", answer.measure)


def ordered(visits: tuple[str, ...]) -> list[str]:
    """Put the headline visit first, the others in order of time."""
    first = "m12" if "m12" in visits else visits[-1] if visits else ""
    return [visit for visit in (first, *(v for v in visits if v != first)) if visit]


def courses(shown: Shown) -> None:
    """Show each patient's course as a small line."""
    answer = ask(trajectory, shown.cohort.cohort, measure=shown.measure, by=None, models="few")
    heading(
        improvement_words.sparklines_title(answer),
        [improvement_words.sparklines_sentence(answer)],
        synthetic=shown.cohort.synthetic,
    )
    chart = sparklines_chart(answer, colours())
    if chart is None:
        say(f"Small lines are drawn for up to {MOST} patients; choose fewer with the filters.")
    elif answer.values is not None and answer.values.height:
        event = draw(
            chart,
            improvement_words.sparklines_alt(answer),
            key=f"{PAGE}.patients",
            twin=tables.patient_rows(answer),
            on_select="rerun",
            selection_mode=CLICK,
        )
        st.caption(improvement_words.sparklines_legend(answer))
        picked(answer.values, event, "patient_id", answer.measure)


def observed(shown: Shown) -> None:
    """Show complete pairs beside the models of every observed value."""
    models = models_wanted(shown.cohort)
    answer = ask(trajectory, shown.cohort.cohort, measure=shown.measure, by=None, models=models)
    methods = by_method(answer)
    rows = tables.observed_rows(methods, answer.measure.decimals, observed_words.METHOD_WORDS)
    visits = ordered(tuple(str(test.visit) for test in answer.paired))
    with st.container(key="answer"):
        left, right = st.columns([2, 1], gap="medium")
    with left:
        if not visits:
            headline(answer, "change")
        else:
            heading(
                observed_words.observed_title(answer),
                [observed_words.observed_sentence(methods, answer, visits[0])],
                synthetic=shown.cohort.synthetic,
                beside=observed_words.refused_lines(methods),
            )
            draw(
                observed_chart(answer, methods, colours(), observed_words.METHOD_NAMES),
                observed_words.observed_alt(methods, answer),
                key=f"{PAGE}.observed",
                twin=rows,
            )
            st.caption(observed_words.OBSERVED_LEGEND)
    with right:
        results(answer)
    folded(
        OBSERVED_IN_FULL,
        "observed",
        lambda: [*outcome_words(answer), "**Table of every method**", table_or_reason(rows)],
    )


def severity_bands(shown: Shown) -> None:
    """Show the bands before and at one visit."""
    answer = ask(severity, shown.cohort.cohort, measure=shown.measure)
    visit = visit_choice(shown, "visit", ordered(answer.visits))
    with st.container(key="answer"):
        left, right = st.columns([2, 1], gap="medium")
    synthetic = shown.cohort.synthetic
    row = next((row for row in answer.moved if row.visit == visit), None)
    with left:
        if visit is None or row is None:
            reason = nothing_to_show(answer.measure, answer.selection, answer.of_later_sessions)
            heading(f"{answer.measure.label}: severity band", [reason], synthetic=synthetic)
        else:
            heading(
                severity_words.severity_title(answer, visit),
                [severity_words.severity_sentence(row)],
                synthetic=synthetic,
            )
            draw(
                shift_chart(answer, colours(), visit=visit),
                severity_words.severity_alt(answer, row),
                key=f"{PAGE}.bands",
                twin=tables.shift_rows(answer, visit),
            )
            st.caption(severity_words.SEVERITY_LEGEND)
    with right:
        lines = severity_words.severity_lines(answer, visit or BASELINE)
        say(
            "**Patients in each band**" if answer.visits else "",
            table_text(tables.band_rows(answer)) if answer.visits else "",
            *(quiet(line) for line in lines if line),
        )
