from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import order
from pages.shared.order import chart_drawn, charts_first, later


def test_what_stands_around_the_charts_is_drawn_after_them_in_its_order() -> None:
    drawn: list[str] = []
    with charts_first():
        later(lambda: drawn.append("heading"))
        later(lambda: drawn.append("caption"))
        drawn.append("chart")
    assert drawn == ["chart", "heading", "caption"]


def test_outside_a_page_everything_is_drawn_at_once() -> None:
    drawn: list[str] = []
    later(lambda: drawn.append("heading"))
    assert drawn == ["heading"]


def _page(drawn: list[str], ending: BaseException) -> None:
    with charts_first():
        later(lambda: drawn.append("heading"))
        raise ending


def test_a_fault_of_a_page_does_not_hide_its_heading() -> None:
    drawn: list[str] = []
    with pytest.raises(ZeroDivisionError):
        _page(drawn, ZeroDivisionError())
    assert drawn == ["heading"]


def test_an_ended_run_draws_nothing_more() -> None:
    drawn: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        _page(drawn, KeyboardInterrupt())
    assert drawn == []


def page() -> None:
    import streamlit as st

    from pages.shared.order import charts_first, later

    with charts_first(), st.container(key="inside"):
        place = st.empty()
        later(lambda: place.markdown("heading"))
        later(lambda: st.markdown("below"))
        st.markdown("chart")


def test_what_is_drawn_later_stands_where_it_would_have_stood() -> None:
    app = AppTest.from_function(page).run()
    assert [part.value for part in app.markdown] == ["heading", "chart", "below"]


def test_only_the_last_chart_of_a_page_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(order.time, "sleep", waited.append)
    for expected, pauses in ((None, 0), (3, 0), (2, 1), (1, 1)):
        waited.clear()
        with charts_first(expected) as made:
            chart_drawn()
            chart_drawn()
        assert made.charts == 2
        assert len(waited) == pauses
    chart_drawn()
    assert len(waited) == 1
