"""The menu above every page: links that keep the filter, one element however many pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.shared.cohort_bar import keep_filters
from pages.shared.link import VIEW_FIELDS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from streamlit.navigation.page import StreamlitPage

KEY = "frame.menu"
HTML = '<nav aria-label="Pages"></nav>'
# Streamlit's own menu draws each of its links anew several times at every click on a filter.
SCRIPT = """
function build(nav, data) {
  const link = ({ address, title }) => {
    const made = document.createElement("a");
    made.textContent = title;
    made.dataset.page = address;
    const aim = () => {
      const kept = new URLSearchParams(location.search);
      data.own.forEach((name) => kept.delete(name));
      const root = location.pathname.replace(/[^/]*$/, "");
      made.href = root + address + (kept.size ? "?" + kept : "");
    };
    aim();
    ["pointerenter", "focus"].forEach((event) => made.addEventListener(event, aim));
    made.addEventListener("click", (event) => {
      if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      mark(nav, address);
      nav.more.open = false;
      nav.go(address);
    });
    return made;
  };
  const more = document.createElement("details");
  const summary = document.createElement("summary");
  const folded = document.createElement("div");
  summary.textContent = "More";
  folded.append(...data.folded.map(link));
  more.append(summary, folded);
  more.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    more.open = false;
    summary.focus();
  });
  more.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !more.contains(event.relatedTarget)) more.open = false;
  });
  nav.more = more;
  nav.append(...data.shown.map(link), more);
}

function mark(nav, address) {
  nav.querySelectorAll("a").forEach((one) => {
    if (one.dataset.page === address) one.setAttribute("aria-current", "page");
    else one.removeAttribute("aria-current");
  });
  nav.more.classList.toggle("here", Boolean(nav.more.querySelector("[aria-current]")));
}

export default function ({ data, parentElement, setTriggerValue }) {
  const nav = parentElement.querySelector("nav");
  nav.go = (address) => setTriggerValue("page", address);
  if (!nav.more) build(nav, data);
  mark(nav, data.here);
  const outside = (event) => {
    if (!event.composedPath().includes(nav.more)) nav.more.open = false;
  };
  document.addEventListener("pointerdown", outside);
  return () => document.removeEventListener("pointerdown", outside);
}
"""
LOOK = """
nav { display: flex; align-items: center; height: 3.75rem; gap: 0.15rem;
  font: 400 0.875rem var(--st-font); white-space: nowrap; }
a, summary { display: block; padding: 0.35rem 0.6rem; border-radius: 0.35rem; cursor: pointer;
  color: var(--st-text-color); text-decoration: none; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::after { content: "▾" / ""; margin-left: 0.4rem; }
a:hover, summary:hover { background: rgba(128, 144, 160, 0.15); }
a[aria-current], .here > summary { font-weight: 600; background: rgba(128, 144, 160, 0.25); }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--st-primary-color); }
details { position: relative; }
details > div { position: absolute; right: 0; min-width: 10rem; padding: 0.3rem;
  border: 1px solid var(--st-border-color); border-radius: 0.4rem;
  background: var(--st-background-color); box-shadow: 0 4px 16px rgba(0, 0, 0, 0.16); }
@media (max-width: 1200px) { nav { gap: 0; } a, summary { padding: 0.35rem 0.3rem; } }
"""
_links = st.components.v2.component("kyphoplasty_menu", html=HTML, css=LOOK, js=SCRIPT)


def draw_menu(here: StreamlitPage, pages: Sequence[StreamlitPage], folded: Collection[str]) -> None:
    """Draw the links to all pages.

    Parameters
    ----------
    here : Page
        The page that is open.
    pages : sequence of Page
        All pages in their order.
    folded : collection of str
        Titles of the pages that stand under "More".
    """
    at = {page.url_path: page for page in pages}

    def go() -> None:
        page = at.get(st.session_state[KEY]["page"])
        if page is not None:
            keep_filters()
            st.switch_page(page)

    links = [{"address": page.url_path, "title": page.title} for page in pages]
    _links(
        key=KEY,
        data={
            "here": here.url_path,
            "own": list(VIEW_FIELDS),
            "shown": [one for one in links if one["title"] not in folded],
            "folded": [one for one in links if one["title"] in folded],
        },
        on_page_change=go,
    )
