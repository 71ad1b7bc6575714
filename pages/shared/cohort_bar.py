"""The cohort bar: filters in the sidebar, pills and counts above every page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from data.codebook import LEVELS, region
from pages.shared.ask import ask
from pages.shared.identifiers import HIDE
from pages.shared.link import VIEW_FIELDS, from_params, to_params
from pages.shared.panels import tables_button
from pages.shared.wording import noun, plain
from queries.cohort import (
    LIST_FIELDS,
    REGION_RULES,
    Cohort,
    FilterPart,
    Selection,
    code_label,
    selection,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BADGE = " &nbsp; :orange-badge[SYNTHETIC EXAMPLE]"
REMOVE, RESET = "pill.remove", "reset"
PREFIX = "cohort."
STARTED = "cohort.started"
CURRENT = "cohort"
TITLES = {
    "primary_tumour": "Tumour type",
    "region": "Spinal region",
    "sex": "Sex",
    "level": "Level",
    "leak": "Cement leakage",
    "surgeon": "Surgeon",
    "centre": "Centre",
}
OPEN_AT_FIRST = ("primary_tumour", "region", "sex")
FOLDED = ("level", "surgeon", "leak", "centre")
MOST_OPTIONS = 40


def _key(field: str) -> str:
    return f"{PREFIX}{field}"


def current_cohort() -> Cohort:
    """Return the cohort that the frame set; stop in words where the frame has not run."""
    if CURRENT not in st.session_state:
        st.info("Open the dashboard from its start page: this page needs the cohort bar.")
        st.stop()
    cohort: Cohort = st.session_state[CURRENT]
    return cohort


def follow_registry() -> None:
    """Let sliders that chose nothing follow the ends of a registry that was replaced."""
    cohort: Cohort = st.session_state.get(CURRENT, Cohort())
    st.session_state[_key("age")] = (cohort.age_from, cohort.age_to)
    st.session_state[_key("operated")] = (cohort.operated_from, cohort.operated_to)


def choose_nobody() -> None:
    """Set a cohort without a filter where there is no registry to filter."""
    st.session_state.setdefault(CURRENT, Cohort())


def chosen_cohort() -> Selection:
    """Read the filters from the widgets' keys, or first from the address; return what they keep."""
    whole = ask(selection, Cohort())
    _start_from_link()
    cohort = _from_widgets(whole)
    chosen = ask(selection, cohort)
    st.session_state[CURRENT] = cohort
    return chosen


def cohort_bar(chosen: Selection) -> None:
    """Draw the filters."""
    _filters(ask(selection, Cohort()), chosen)


def _start_from_link() -> None:
    if STARTED in st.session_state:
        return
    cohort, problems = from_params(st.query_params.to_dict())
    show_cohort(cohort)
    st.session_state[STARTED] = True
    if problems:
        st.warning(
            f"The link holds values that are not known here and were left out: "
            f"{', '.join(problems)}. The other filters were applied."
        )


def show_cohort(cohort: Cohort) -> None:
    """Put a cohort into the widgets' keys, before the filters are drawn."""
    for field in LIST_FIELDS:
        st.session_state[_key(field)] = list(getattr(cohort, field) or ())
    st.session_state[_key("region_rule")] = cohort.region_rule
    st.session_state[_key("age")] = (cohort.age_from, cohort.age_to)
    st.session_state[_key("operated")] = (cohort.operated_from, cohort.operated_to)


def _from_widgets(whole: Selection) -> Cohort:
    held = {field: st.session_state.get(_key(field)) for field in LIST_FIELDS}
    values: dict[str, Any] = {field: list(codes) for field, codes in held.items() if codes}
    values["region_rule"] = [st.session_state.get(_key("region_rule")) or "level"]
    for name, bounds in (("age", whole.ages), ("operated", whole.years)):
        low, high = _ends(name, bounds)
        values |= {f"{name}_from": [str(low)]} if low is not None else {}
        values |= {f"{name}_to": [str(high)]} if high is not None else {}
    return Cohort.from_codes(values)


def _ends(name: str, bounds: tuple[int, int] | None) -> tuple[int | None, int | None]:
    low, high = st.session_state.get(_key(name)) or (None, None)
    if bounds is None:
        return low, high
    low = None if low is None or low <= bounds[0] else low
    high = None if high is None or high >= bounds[1] else high
    drawn = (bounds[0] if low is None else low, bounds[1] if high is None else high)
    if st.session_state.get(_key(name)) != drawn:
        st.session_state[_key(name)] = drawn
    return low, high


def write_link(cohort: Cohort) -> None:
    """Keep the address in step with the cohort."""
    params = to_params(cohort)
    kept = {name: st.query_params[name] for name in VIEW_FIELDS if name in st.query_params}
    if {**params, **kept} != st.query_params.to_dict():
        st.query_params.from_dict({**params, **kept})


def _filters(whole: Selection, chosen: Selection) -> None:
    st.html(f'<p class="quiet">Patients: in this choice, of all</p>{_counts(whole, chosen)}')
    for field in OPEN_AT_FIRST:
        _options(field, whole, chosen)
        if field == "region":
            _region_rule(chosen.cohort)
    _slider("age", "Age at operation", whole.ages)
    _slider("operated", "Year of operation", whole.years)
    more = [field for field in FOLDED if len(_listed(field, whole, chosen.cohort)) > 1]
    active = any(getattr(chosen.cohort, field) for field in FOLDED)
    if not more and not active:
        return
    folded = st.expander(
        "More filters", key="fold.more", expanded=active, type="compact", on_change="rerun"
    )
    with folded:
        for field in FOLDED:
            if getattr(chosen.cohort, field) or (folded.open and field in more):
                _options(field, whole, chosen)
            else:
                _keep(_key(field))


def one_click_away(chosen: Selection) -> list[Cohort]:
    """Return the cohorts that one click on an open filter leads to, those that lose one first."""
    cohort = chosen.cohort
    active = [cohort.without(part) for part in cohort.parts()]
    near = [
        cohort.toggled(field, code)
        for field in OPEN_AT_FIRST
        for code in ask(selection, Cohort()).options[field]
        if chosen.options[field].get(code)
    ]
    reset = [Cohort()] if active else []
    return list(dict.fromkeys([*active, *reset, *near]))


def keep_filters() -> None:
    """Hold the filters, and who is hidden, where they are not drawn.

    Such as while the registry cannot be read, and on the way to another page.
    """
    _keep(PREFIX)
    _keep(HIDE)


def _keep(start: str) -> None:
    """Hold the state of widgets that are not drawn; Streamlit drops it at the end of the run."""
    for key in list(st.session_state):
        if str(key).startswith(start):
            st.session_state[key] = st.session_state[key]


def _region_rule(cohort: Cohort) -> None:
    """Let the viewer choose which levels stay, where a region or a level is chosen."""
    if not cohort.region and not cohort.level:
        _keep(_key("region_rule"))
        return
    st.selectbox(
        "What a region or level keeps",
        list(REGION_RULES),
        format_func=REGION_RULES.__getitem__,
        key=_key("region_rule"),
        label_visibility="collapsed",
        help="Which levels stay when a region or a level is chosen.",
    )


def _options(field: str, whole: Selection, chosen: Selection) -> None:
    shown = _shown(field, whole, chosen.cohort)
    st.pills(
        TITLES[field],
        shown,
        selection_mode="multi",
        format_func=lambda code: plain(code_label(field, code, chosen.convention)),
        key=_key(field),
        width="stretch",
    )
    more = len(_listed(field, whole, chosen.cohort)) - len(shown)
    if more:
        st.caption(f"{more} more are not listed; name them in the address.")


def _listed(field: str, whole: Selection, cohort: Cohort) -> list[str]:
    known = dict.fromkeys([*whole.options[field], *(getattr(cohort, field) or ())])
    if field == "level":
        return [level for level in LEVELS if level in known]
    return list(known)


def _shown(field: str, whole: Selection, cohort: Cohort) -> list[str]:
    """Return the first options of a field and those chosen."""
    listed, active = _listed(field, whole, cohort), getattr(cohort, field) or ()
    return [code for place, code in enumerate(listed) if place < MOST_OPTIONS or code in active]


def _counts(whole: Selection, chosen: Selection) -> str:
    """Return the style that prints how many patients stand behind each option.

    A count inside a label would make every click a new list of options, and a quick second click
    on an old one would be lost.
    """
    rules = [
        f".st-key-cohort-{field} button:nth-of-type({place})::after {{ content: "
        f'"{chosen.options[field].get(code, 0)} of {whole.options[field].get(code, 0)}"; }}'
        for field in LIST_FIELDS
        for place, code in enumerate(_shown(field, whole, chosen.cohort), 1)
    ]
    return f"<style>{' '.join(rules)}</style>"


def _slider(name: str, title: str, bounds: tuple[int, int] | None) -> None:
    if bounds is None or bounds[0] == bounds[1]:
        return
    low, high = st.session_state[_key(name)]
    chosen = (bounds[0] if low is None else low, bounds[1] if high is None else high)
    st.session_state[_key(name)] = chosen
    low, high = min(*bounds, *chosen), max(*bounds, *chosen)
    st.slider(title, low, high, key=_key(name))


def toggle_level(level: str) -> None:
    """Filter to one level, or lift that filter where it is the only one; for callbacks alone.

    A level outside the regions chosen replaces them; one that nobody was treated at does nothing.
    """
    cohort: Cohort = st.session_state[CURRENT]
    whole = ask(selection, Cohort())
    if level not in whole.options["level"]:
        return
    if cohort.level == (level,):
        show_cohort(replace(cohort, level=None))
        return
    kept = cohort.region
    if kept and region(level, whole.convention) not in kept:
        kept = None
    show_cohort(replace(cohort, level=(level,), region=kept))


def _remove_picked(parts: Mapping[str, FilterPart]) -> None:
    """Take off the filter whose pill was clicked, or all."""
    picked: list[str] = st.session_state[REMOVE]
    st.session_state[REMOVE] = []
    cohort: Cohort = st.session_state[CURRENT]
    for one in picked:
        cohort = cohort.without(parts[one]) if one in parts else Cohort()
    show_cohort(cohort)


def cohort_line(chosen: Selection) -> None:
    """Draw the active filters as removable pills, in a row with the counts they leave."""
    parts = chosen.cohort.parts(chosen.convention)
    _pills(parts, chosen)
    st.markdown(
        f"**{chosen.n_patients}** {noun(chosen.n_patients, 'patient')} "
        f"**{chosen.n_levels}** {noun(chosen.n_levels, 'level')} "
        f":gray[of {chosen.n_patients_all} and {chosen.n_levels_all}]"
        f"{BADGE if chosen.synthetic else ''}",
        width="content",
    )
    tables_button()


def _pills(parts: Sequence[FilterPart], chosen: Selection) -> None:
    if not parts:
        st.markdown("All patients", width="content")
        return
    by_code = {f"{part.field}={part.code}": part for part in parts}
    names = {code: f"{plain(part.text)} ×" for code, part in by_code.items()} | {RESET: RESET}
    st.pills(
        "Remove a filter",
        list(names),
        selection_mode="multi",
        format_func=names.__getitem__,
        key=REMOVE,
        on_change=_remove_picked,
        args=(by_code,),
        label_visibility="collapsed",
        width="content",
        wrap=True,
    )
    if chosen.cohort.region or chosen.cohort.level:
        st.markdown(f":gray[{REGION_RULES[chosen.cohort.region_rule]}]", width="content")
