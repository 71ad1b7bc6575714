from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import ahead
from pages.shared.ahead import MOST_VISITORS, Ahead, note
from queries.cohort import Cohort
from queries.leakage import leakage
from tests.test_pages import FRAME


@pytest.fixture(autouse=True)
def _without_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "REST_SECONDS", 0.0)


def test_a_visitors_newest_click_replaces_the_work_left_from_the_one_before() -> None:
    worker, done = Ahead(), list[str]()
    worker.work("one", [lambda: done.append("old"), lambda: done.append("old")])
    worker.work("one", [lambda: done.append("first"), lambda: done.append("second")])
    while job := worker.next_job():
        job()
    assert done == ["first", "second"]


def test_nothing_is_answered_ahead_while_a_click_is_answered() -> None:
    worker = Ahead()
    worker.work("one", [list])
    with worker.click():
        assert worker.next_job() is None
    assert worker.next_job() is list


def test_the_newest_visitor_is_served_first_and_the_oldest_of_too_many_not_at_all() -> None:
    worker, done = Ahead(), list[int]()
    for visitor in range(MOST_VISITORS + 2):
        worker.work(str(visitor), [lambda visitor=visitor: done.append(visitor)])
    while job := worker.next_job():
        job()
    assert done == list(range(MOST_VISITORS + 1, 1, -1))


def test_a_click_notes_what_its_page_asks_once_and_the_worker_notes_nothing() -> None:
    worker = Ahead()
    with worker.click() as asked:
        note(leakage, (("by", "level"),))
        note(leakage, (("by", "level"),))
    note(leakage, ())
    assert asked == [(leakage, (("by", "level"),))]


def test_the_page_is_answered_ahead_for_every_cohort_one_click_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker = Ahead()
    worker.started = True
    monkeypatch.setattr(ahead, "AHEAD", worker)
    app = AppTest.from_file(str(FRAME), default_timeout=30)
    app.query_params["primary_tumour"] = "lung"
    app.run().switch_page("imaging/leakage.py").run()
    wanted = []
    while job := worker.next_job():
        wanted.append((job.func, job.args, job.keywords))  # type: ignore[attr-defined]
    cohorts = [args[1] for _, args, _ in wanted]
    assert cohorts[0] == Cohort()
    assert Cohort(primary_tumour=("breast", "lung")) in cohorts
    assert Cohort(primary_tumour=("lung",), sex=("M",)) in cohorts
    assert len(set(cohorts)) == len(cohorts)
    assert {(args[0], options["by"]) for _, args, options in wanted} == {(leakage, "level")}
