"""Views of one patient: whom to show, the record in tables, and others like this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.shared import patient_tables as tables
from pages.shared import patient_words as words
from pages.shared.ask import ask
from pages.shared.chosen import choose, place_of_chosen
from pages.shared.cohort_bar import show_cohort
from pages.shared.identifiers import by_number, hidden
from pages.shared.panels import folded, quiet, say, table_text
from queries.cohort import Cohort, selection

if TYPE_CHECKING:
    import polars as pl

    from queries.patient import Patient, Person
    from queries.patients import Patients

MENU = "view.patient.menu"
MOST_LISTED = 500


def whom_to_show(listed: Patients) -> tuple[str, bool]:
    """Let the viewer step through the patients; return who is shown, and whether one left."""
    roster = listed.roster
    if hidden() and listed.order == "patient_id":
        roster = by_number(roster)
    names = roster["patient_id"]
    place, moved = place_of_chosen(names)
    last = names.len() - 1
    _step("Previous", names[max(place - 1, 0)], key="p", disabled=place == 0)
    _menu(roster, place)
    _step("Next", names[min(place + 1, last)], key="n", disabled=place == last)
    st.markdown(f"**{place + 1}** of {last + 1}", width="content")
    return names[place], moved


def _step(label: str, to: str, *, key: str, disabled: bool) -> None:
    st.button(
        label,
        key=f"button.patient_{key}",
        on_click=choose,
        args=(to,),
        shortcut=key,
        disabled=disabled,
        help=f"{label} patient of this choice (key {key.upper()})",
    )


def _menu(roster: pl.DataFrame, place: int) -> None:
    """Offer the patients near the one shown; a menu of thousands would be no menu."""
    first = min(max(place - MOST_LISTED // 2, 0), max(roster.height - MOST_LISTED, 0))
    near = roster.slice(first, MOST_LISTED)
    labels = {
        row["patient_id"]: words.row_label(row, hidden=hidden())
        for row in near.iter_rows(named=True)
    }
    st.session_state[MENU] = roster["patient_id"][place]
    st.selectbox(
        "Patient",
        list(labels),
        format_func=lambda name: labels.get(name, name),
        key=MENU,
        on_change=_from_menu,
        label_visibility="collapsed",
        width=300,
    )


def _from_menu() -> None:
    choose(st.session_state[MENU])


def similar(answer: Patient, person: Person) -> None:
    """Offer the patients of the same tumour and region as a cohort; nothing is predicted."""
    like = Cohort.from_codes(
        {
            "primary_tumour": [person.primary_tumour],
            "region": list(person.regions),
            "region_rule": ["any"],
        }
    )
    convention = answer.selection.convention
    n = ask(selection, like).n_patients
    say(quiet(words.similar_sentence(n, person, convention)))
    st.button(
        "Show patients like this one",
        key="button.patients_like",
        on_click=show_cohort,
        args=(like,),
        disabled=answer.selection.cohort == like,
        help="Filter every page by this tumour and region",
    )


def whole_record(answer: Patient) -> None:
    """Print everything on record as tables, folded away."""
    folded("Everything on record", "patient", lambda: _tables(answer))


def _tables(answer: Patient) -> list[str]:
    parts = {
        "Operations": tables.treated_rows(answer, hidden=hidden()),
        "Events": tables.event_rows(answer, hidden=hidden()),
        "Heights and angles; ± lies inside the measurement error": tables.film_rows(answer),
        "Scores against every published threshold": tables.threshold_rows(answer),
        "Missing, and why": tables.missing_rows(answer),
    }
    return [f"**{name}**\n\n{table_text(rows)}" for name, rows in parts.items() if rows]
