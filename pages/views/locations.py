"""Where the cement went: bars by location, and below each its symptoms and ways of looking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.charts.locations import locations_chart
from pages.charts.over_visits import CLICK
from pages.shared import leak_words as words
from pages.shared.ask import ask
from pages.shared.identifiers import hidden
from pages.shared.panels import colours, draw, heading, quiet, say, table_text
from pages.shared.wording import plural
from queries.grouping import EVERYBODY
from queries.locations import locations

if TYPE_CHECKING:
    from queries.cohort import Selection
    from queries.locations import Locations


def where_it_went(chosen: Selection) -> None:
    """Draw where the cement of a cohort went."""
    answer = ask(locations, chosen.cohort)
    picked = None
    with st.container(key="answer"):
        left, right = st.columns([2, 1], gap="medium")
    with left:
        heading(
            "Where the cement went: leaking levels by location",
            [words.locations_sentence(answer)],
            synthetic=chosen.synthetic,
        )
        if answer.places:
            event = draw(
                locations_chart(answer, colours()),
                words.locations_alt(answer),
                key="leakage.locations",
                twin=words.location_rows(answer),
                on_select="rerun",
                selection_mode=CLICK,
            )
            st.caption(words.locations_legend(answer))
            picked = _picked(event)
    with right:
        _hierarchy(answer, picked)
    if answer.places:
        say(
            "**Rates of each location, of the levels and patients looked at**",
            table_text(words.location_rows(answer)),
        )


def _picked(event: Any) -> str | None:
    marks = event.selection.get(CLICK) if event else None
    return str(marks[0]["location"]) if marks and "location" in marks[0] else None


def _hierarchy(answer: Locations, picked: str | None) -> None:
    """Fold each location's symptoms, ways of looking and levels under it."""
    if not answer.places:
        say(quiet("No location is on record here."))
        return
    say("**Each location: symptoms, method, levels**")
    for at in answer.places:
        chosen = at.location == picked
        label = f"{words.location_label(at.location)} · {plural(at.leaked.k, 'level')}"
        key = f"fold.location.{at.location}.{chosen}"
        below = [b for b in answer.branches if b.location == at.location]
        with st.expander(label, key=key, expanded=chosen):
            say(
                table_text(words.branch_rows(b for b in below if b.symptoms != EVERYBODY)),
                table_text(words.leak_rows_at(answer, at.location, hidden=hidden())),
                words.most_sentence(at.leaked.k),
            )
