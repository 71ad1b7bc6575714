"""Parts that pages share: choices kept in the address, headings, tables and charts."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any, Literal, get_args

import polars as pl
import streamlit as st

from data.codebook import visits
from pages.charts.over_visits import CLICK
from pages.charts.theme import palette
from pages.shared.chosen import PATIENT_PAGE, choose
from pages.shared.order import chart_drawn, later
from pages.shared.wording import marked, plain, visit_label, with_unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from streamlit.delta_generator import DeltaGenerator

    from data.codebook import Measure
    from pages.charts.drawing import Drawing
    from pages.charts.theme import Palette


Fold = Literal[
    "in_full",
    "leakage",
    "levels",
    "cement",
    "responders",
    "held",
    "observed",
    "dropout",
    "waterfall",
    "curves",
    "courses",
    "flow",
    "patient",
    "published",
    "subgroups",
]
FOLDS: tuple[Fold, ...] = get_args(Fold)
TABLES = "view.tables"
SPOKEN = "spoken"
NO_ROWS = "Nobody in the registry has a value, so there is no row."
NUMBER = re.compile(r"(\*\*)?[+−<–]? ?[0-9]|–|no test|nobody|none \(up to")


def colours() -> Palette:
    """Return the colours of the viewer's theme."""
    return palette(st.context.theme.type)


def control_row() -> DeltaGenerator:
    """Return a row for controls alone: what is chosen from is drawn there after the charts."""
    return st.container(horizontal=True, vertical_alignment="center")


def choice(
    name: str, title: str, options: Sequence[str], label: Callable[[str], str], *, page: str
) -> str:
    """Let the viewer choose one of a few options; the choice is kept in the address."""
    key = f"view.{page}.{name}"
    return _chosen(
        key,
        name,
        options,
        lambda: st.segmented_control(
            title,
            options,
            format_func=label,
            default=None if key in st.session_state else options[0],
            required=True,
            key=key,
            label_visibility="collapsed",
            wrap=True,
            persist_state="session",
        ),
    )


def menu(
    name: str,
    title: str,
    options: Sequence[str],
    label: Callable[[str], str],
    *,
    page: str,
    width: int = 190,
) -> str:
    """Let the viewer choose one of several options from a menu; kept in the address."""
    key = f"view.{page}.{name}"
    return _chosen(
        key,
        name,
        options,
        lambda: st.selectbox(
            title,
            options,
            format_func=label,
            key=key,
            label_visibility="collapsed",
            persist_state="session",
            width=width,
        ),
    )


def _chosen(key: str, name: str, options: Sequence[str], widget: Callable[[], object]) -> str:
    """Return what a widget holds, and draw it after the charts, as the next of its row."""
    _from_address(key, name, options)
    held = st.session_state.get(key)
    chosen = str(held) if held in options else options[0]
    _to_address(name, chosen, options[0])
    later(widget)
    return chosen


def _from_address(key: str, name: str, options: Sequence[str]) -> None:
    linked = st.query_params.get(name)
    if key in st.session_state or linked is None:
        return
    if linked in options:
        st.session_state[key] = linked
    else:
        st.warning(f"The link holds {plain(name)}={plain(linked)}, which is not known here.")


def _to_address(name: str, chosen: str, default: str) -> None:
    if chosen == default:
        if name in st.query_params:
            del st.query_params[name]
    elif st.query_params.get(name) != chosen:
        st.query_params[name] = chosen


def as_tables() -> bool:
    """Tell whether the viewer wants every chart as its table."""
    return bool(st.session_state.get(TABLES))


def _turn() -> None:
    st.session_state[TABLES] = not as_tables()


def tables_button() -> None:
    """Draw the button, and the key T, that turns every chart into its table and back."""
    st.button(
        "charts" if as_tables() else "tables",
        key="button.tables",
        on_click=_turn,
        type="tertiary",
        shortcut="t",
        help="Show every chart of the page as its table, or back (key T)",
    )


def draw(
    chart: Drawing, alt: str, *, key: str, twin: Sequence[Mapping[str, Any]], **options: Any
) -> Any:
    """Draw a chart with its text alternative, or its table where the viewer asked for tables.

    Parameters
    ----------
    alt : str
        What is drawn, n, direction and result, made from the result.
    twin : sequence of mapping
        The rows of the chart's table.
    """
    if as_tables():
        table(twin)
        return None
    event = st.vega_lite_chart(chart.spec(), theme=None, key=key, alt=_label(alt), **options)
    chart_drawn()
    later(lambda: st.html(f'<p class="{SPOKEN}">{escape(alt)}</p>'))
    return event


def _label(alt: str) -> str:
    """Return what names a chart; a label that changes with the rows builds the chart anew."""
    what = alt.partition(". ")[0]
    named = "Chart" if any(sign.isdigit() for sign in what) else what
    return f"{named}. Its numbers stand in the text that follows, and in a table by the key T."


def say(*paragraphs: str) -> None:
    """Print paragraphs as one element; a page draws as fast as it has few of them."""
    st.markdown("\n\n".join(paragraph for paragraph in paragraphs if paragraph))


def fold_key(fold: Fold) -> str:
    """Return where a session keeps whether a fold is open."""
    return f"fold.{fold}"


def folded(title: str, fold: Fold, words: Callable[[], Iterable[str]]) -> None:
    """Print paragraphs folded away; they are made once the viewer unfolds them."""
    place = st.expander(title, key=fold_key(fold), on_change="rerun")
    if place.open:
        with place:
            say(*words())


def folded_table(title: str, fold: Fold, rows: Callable[[], Sequence[Mapping[str, Any]]]) -> None:
    """Print a table folded away; its rows are made once the viewer unfolds it."""
    folded(title, fold, lambda: [table_or_reason(rows())])


def quiet(words: str) -> str:
    """Return words in the small type of what stands beside an answer."""
    return f":small[{words}]"


def heading(
    title: str, sentences: Sequence[str], *, synthetic: bool, beside: Sequence[str] = ()
) -> None:
    """Draw the answer above its chart: the subject, the finding, the line that it rests on."""
    words = [
        f"### {title}",
        *(marked(sentence, synthetic=synthetic) for sentence in sentences),
        *(quiet(marked(sentence, synthetic=synthetic)) for sentence in beside),
    ]
    with st.container():
        later(lambda: say(*words))


def card(
    sentence: str,
    chart: Drawing,
    page: str,
    link: str,
    *,
    key: str,
    twin: Sequence[Mapping[str, Any]],
    synthetic: bool,
    options: Mapping[str, str] | None = None,
) -> None:
    """Draw a headline: its sentence, its chart in small, and the way to its page."""
    with st.container(border=True):
        st.markdown(marked(sentence, synthetic=synthetic))
        draw(chart, sentence, key=f"card.{key}", twin=twin)
        st.page_link(
            page, label=link, icon=":material/arrow_forward:", query_params=dict(options or {})
        )


def picked(
    values: pl.DataFrame | None,
    event: Any,
    key: str,
    measure: Measure,
) -> None:
    """Print the values of the individual that was clicked, and the way to its page."""
    marks = (event.selection or {}).get(CLICK) if event else None
    if values is None or not marks or key not in marks[0]:
        return
    mine = values.filter(pl.col(key) == marks[0][key])
    rows = {row["visit"]: row for row in mine.to_dicts()}
    shown = [rows[visit] for visit in visits() if visit in rows]
    if not shown:
        return
    name = f"Patient {plain(shown[0]['patient_id'])}"
    if "level" in shown[0]:
        name += f", level {shown[0]['level']}"
    words = ", ".join(
        f"{visit_label(row['visit'])} {with_unit(row['value'], measure.decimals, measure.unit)}"
        for row in shown
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{name}**: {words}.", width="content")
        choose(shown[0]["patient_id"])
        st.page_link(PATIENT_PAGE, label="Open this patient", icon=":material/arrow_forward:")


def table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows as a plain table that keyboard and screen reader can walk."""
    say(table_or_reason(rows))


def table_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as the text of a table; numbers stand at the right."""
    if not rows:
        return ""
    names = list(rows[0])
    marks = ["---:" if _is_number(name, rows) else ":---" for name in names]
    head = f"| {' | '.join(names)} |\n|{'|'.join(marks)}|\n"
    body = "\n".join(f"| {' | '.join(str(row[name]) for name in names)} |" for row in rows)
    return head + body


def table_or_reason(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as the text of a table, or why there is none."""
    return table_text(rows) or NO_ROWS


def _is_number(name: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    return all(NUMBER.match(str(row[name])) for row in rows)
