"""The second step of an import: what each column becomes, and what only a person can say."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from data.codebook import tumours, visits
from data.mapping.targets import targets
from pages.shared import import_words as words
from pages.shared.identifiers import hidden
from pages.shared.panels import heading, quiet, say
from pages.shared.upload import anew, answered, assigned, confirmed, translated
from pages.shared.wording import plain
from pages.views.import_steps import onward

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from data.mapping.model import Evidence, TumourText
    from pages.shared.upload import Asked, Upload

PARTS = {"questions": "questions", "columns": "columns", "tumours": "tumour texts"}
NOTHING = ""
ON_A_PAGE = 25
WIDTHS = (2.2, 2.6, 1.5, 2.2)
VISITED = ("follow_ups", "radiographs")
OF_VISITS = ("follow_ups.visit", "radiographs.visit")


def columns(upload: Upload) -> None:
    """Draw the questions, the columns and the texts for tumours, one at a time."""
    heading("What the columns become", [words.columns_sentence(upload)], synthetic=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        part = _part(upload)
        st.space("stretch")
        if upload.followed:
            st.button("Propose anew", key="upload.anew", on_click=anew, args=(upload,))
        onward("findings", "Check the rows", ready=upload.is_ready)
    if part == "questions":
        _questions(upload)
    elif part == "columns":
        _columns(upload)
    else:
        _tumours(upload)


def _part(upload: Upload) -> str:
    there = [
        part
        for part in PARTS
        if (part != "questions" or upload.asked) and (part != "tumours" or upload.proposal.tumours)
    ]
    if st.session_state.get("upload.part") not in there:
        st.session_state["upload.part"] = there[0]
    return str(
        st.segmented_control(
            "Part",
            there,
            format_func=PARTS.__getitem__,
            required=True,
            key="upload.part",
            label_visibility="collapsed",
        )
    )


def _questions(upload: Upload) -> None:
    proposed = [
        one
        for one in upload.asked.values()
        if one.key is None and one.question.proposed is not None
    ]
    if len(proposed) > 1:
        st.button(
            f"Confirm the {len(proposed)} proposed answers",
            key="upload.confirm",
            on_click=confirmed,
            args=(upload,),
        )
    several = len({one.table for one in upload.proposal.evidence}) > 1
    for one in upload.asked.values():
        with st.container(border=True):
            say(words.question_words(one.question, several_tables=several))
            _choices(upload, one)


def _choices(upload: Upload, one: Asked) -> None:
    question = one.question
    labels = {choice.key: words.answer_label(choice, question) for choice in question.choices}
    key = f"upload.answer_{question.table}.{question.column}.{question.key}"
    keys = list(labels)
    st.session_state[key] = one.key
    st.radio(
        question.text,
        keys,
        format_func=labels.__getitem__,
        index=None,
        key=key,
        horizontal=True,
        label_visibility="collapsed",
        on_change=_take,
        args=(upload, one, key),
    )


def _take(upload: Upload, one: Asked, key: str) -> None:
    chosen = st.session_state.get(key)
    if chosen is not None:
        answered(upload, one.question, chosen)


def _columns(upload: Upload) -> None:
    tables = list(dict.fromkeys(one.table for one in upload.proposal.evidence))
    shown = _shown(upload, tables)
    for width, title in zip(
        st.columns(WIDTHS), ("column", "becomes", "visit", "what speaks for it"), strict=True
    ):
        width.markdown(f":gray[{title}]")
    table = None
    for one in shown:
        if one.table != table and len(tables) > 1:
            table = one.table
            say(f"#### {plain(table)}")
        _row(upload, one)
    onward("findings", "Check the rows", ready=upload.is_ready, place="below")


def _shown(upload: Upload, tables: list[str]) -> list[Evidence]:
    """Let the viewer choose which columns to look at, and return them a page at a time."""
    doubtful = {(one.table, one.column) for one in upload.to_check}
    every = list(upload.proposal.evidence)
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(tables) > 1:
            table = st.selectbox(
                "Table",
                [NOTHING, *tables],
                format_func=words.table_choice,
                key="upload.table",
                label_visibility="collapsed",
                width=240,
            )
            every = [one for one in every if table in (NOTHING, one.table)]
        only = st.toggle(
            f"Only the {len(doubtful)} to look at first",
            key="upload.doubtful",
            disabled=not doubtful,
        )
        if only and doubtful:
            every = [one for one in every if (one.table, one.column) in doubtful]
        page = _page(len(every), "upload.page")
    return every[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]


def _page(count: int, key: str) -> int:
    """Let the viewer turn pages, where there is more than one."""
    pages = -(-count // ON_A_PAGE)
    if pages < 2:
        return 1
    if (st.session_state.get(key) or 1) > pages:
        st.session_state[key] = 1
    return int(st.pagination(pages, key=key))


def _row(upload: Upload, one: Evidence) -> None:
    name, becomes, visit, why = st.columns(WIDTHS, vertical_alignment="center")
    name.markdown(words.column_words(one, hidden=hidden()))
    place = f"{one.table}.{one.column}"
    with becomes:
        _menu(
            f"{one.column} becomes",
            f"upload.becomes_{place}",
            (one.becomes or NOTHING, targets(), words.target_label),
            partial(_assign, upload, one),
        )
    if _has_visit(one):
        with visit:
            _menu(
                f"Visit of {one.column}",
                f"upload.visit_{place}",
                (one.visit or NOTHING, visits(), words.visit_choice),
                partial(_assign_visit, upload, one),
            )
    why.markdown(words.evidence_words(one))


def _menu(
    title: str,
    key: str,
    choices: tuple[str, Iterable[str], Callable[[str], str]],
    take: Callable[[str], None],
) -> None:
    """Draw a menu with the value that stands, the others and their labels; `take` gets a change."""
    value, others, label = choices
    st.session_state[key] = value
    st.selectbox(
        title,
        [NOTHING, *others],
        format_func=label,
        key=key,
        label_visibility="collapsed",
        on_change=lambda: take(st.session_state[key]),
    )


def _has_visit(one: Evidence) -> bool:
    table = (one.becomes or "").partition(".")[0]
    return table in VISITED and one.becomes not in OF_VISITS


def _assign(upload: Upload, one: Evidence, chosen: str) -> None:
    becomes = chosen or None
    visit = one.visit if becomes and becomes.partition(".")[0] in VISITED else None
    assigned(upload, one.table, one.column, becomes, visit)


def _assign_visit(upload: Upload, one: Evidence, chosen: str) -> None:
    assigned(upload, one.table, one.column, one.becomes, chosen or None)


def _tumours(upload: Upload) -> None:
    say(quiet(words.TUMOURS))
    texts = upload.proposal.tumours
    page = _page(len(texts), "upload.tumour_page")
    for one in texts[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]:
        _tumour(upload, one)


def _tumour(upload: Upload, one: TumourText) -> None:
    text, code, _ = st.columns(WIDTHS[:3], vertical_alignment="center")
    text.markdown(words.tumour_words(one))
    with code:
        _menu(
            f"{one.text} counts as",
            f"upload.tumour_{one.table}.{one.column}.{one.text}",
            (one.code, tumours(), words.tumour_label),
            partial(translated, upload, one.table, one.column, one.text),
        )
