from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from streamlit.testing.v1 import AppTest

from data.warehouse import open_registry
from pages.charts import leak_spine, over_visits
from pages.charts import leakage as leakage_charts
from pages.shared import ahead
from pages.shared.ahead import MOST_VISITORS, Ahead, note
from pages.shared.ask import ask_ahead
from pages.shared.identifiers import HIDE_VARIABLE
from queries.cohort import Cohort
from queries.leakage import leakage
from queries.patients import patients
from queries.statistics.descriptive import describe
from tests.registry_of_six import registry_of_six
from tests.test_pages import FRAME

if TYPE_CHECKING:
    from data.warehouse import Warehouse


@pytest.fixture(autouse=True)
def _without_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "REST_SECONDS", 0.0)


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Ahead:
    """Return the worker of the frame; it is told what to do, and does nothing by itself."""
    idle = Ahead()
    idle.started = True
    monkeypatch.setattr(ahead, "AHEAD", idle)
    return idle


def page(path: str, **filters: str) -> AppTest:
    app = AppTest.from_file(str(FRAME), default_timeout=30)
    for name, code in filters.items():
        app.query_params[name] = code
    return app.run().switch_page(path).run()


def jobs_of(worker: Ahead) -> list[Any]:
    return list(iter(worker.next_job, None))


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


@pytest.mark.parametrize("step", ["reads", "computes"])
def test_a_click_stops_a_job_at_its_next_step_and_the_job_is_done_after_it(
    six: Warehouse, step: str
) -> None:
    worker, reader, done = Ahead(), six.reader(), list[str]()
    steps = {"reads": lambda: reader.fetch("select 1"), "computes": lambda: describe([1.0, 2.0])}

    def job() -> None:
        done.append("begun")
        with worker.click() if len(done) == 1 else contextlib.nullcontext():
            with contextlib.suppress(Exception):  # nothing may take it for an error
                steps[step]()
                done.append("answered")
            done.append("finished")

    worker.work("one", [job])
    assert worker.do_next()
    assert done == ["begun"]
    assert worker.do_next()
    assert done == ["begun", "begun", "answered", "finished"]
    assert not worker.do_next()


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
        note(leakage, (("by", "level"),), "answered")
        note(leakage, (("by", "level"),), "answered")
    note(leakage, (), "answered")
    assert asked == [(leakage, (("by", "level"),), "answered")]


def test_the_page_is_answered_ahead_for_every_cohort_one_click_away(
    worker: Ahead,
) -> None:
    page("imaging/leakage.py", primary_tumour="lung")
    wanted = jobs_of(worker)
    cohorts = [job.args[1] for job in wanted]
    assert cohorts[0] == Cohort()
    assert Cohort(primary_tumour=("breast", "lung")) in cohorts
    assert Cohort(primary_tumour=("lung",), sex=("M",)) in cohorts
    assert len(set(cohorts)) == len(cohorts)
    assert {(job.args[0], *job.args[2]) for job in wanted} == {(leakage, ("by", "level"))}
    assert not any(job.keywords["codes"] for job in wanted)


def test_the_charts_of_a_cohort_one_click_away_are_drawn_before_the_click(
    worker: Ahead, monkeypatch: pytest.MonkeyPatch
) -> None:
    page("imaging/leakage.py", primary_tumour="lung")
    for job in jobs_of(worker):
        job()
    monkeypatch.setattr(leak_spine, "Drawing", lambda *_: pytest.fail("drawn at the click"))
    app = page("imaging/leakage.py", primary_tumour="lung", sex="M")
    assert not app.exception


@pytest.mark.parametrize(
    "path",
    [
        "outcomes/trajectories.py",
        "outcomes/responders.py",
        "outcomes/subgroups.py",
        "imaging/leakage.py",
        "imaging/alignment.py",
        "follow_up/survival.py",
        "follow_up/attrition.py",
        "follow_up/events.py",
        "registry/quality.py",
    ],
)
def test_every_chart_of_a_page_is_drawn_ahead(worker: Ahead, path: str) -> None:
    app = page(path)
    breast = Cohort(primary_tumour=("breast",))
    charts = [job.args[3] for job in jobs_of(worker) if job.args[1] == breast]
    assert sum(len(one) for one in charts) == len(app.get("vega_lite_chart")) > 0


def test_the_small_charts_of_the_overview_are_drawn_before_the_click(
    worker: Ahead, monkeypatch: pytest.MonkeyPatch
) -> None:
    page("outcomes/overview.py", primary_tumour="lung")
    cohort = Cohort(primary_tumour=("lung",), sex=("M",))
    (job,) = [job for job in jobs_of(worker) if job.args[1] == cohort]
    drawn = [noted.chart.__name__ for noted, _ in job.args[3]]
    assert sorted(drawn) == [
        "alignment_chart",
        "small_rate_chart",
        "trajectory_chart",
        "trajectory_chart",
    ]
    job()
    for chart in (over_visits, leakage_charts):
        monkeypatch.setattr(chart, "Drawing", lambda *_: pytest.fail("drawn at the click"))
    app = page("outcomes/overview.py", primary_tumour="lung", sex="M")
    assert not app.exception


def test_a_viewer_who_hides_identifiers_is_answered_ahead_with_numbers_in_their_place(
    worker: Ahead, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HIDE_VARIABLE, "yes")
    page("patients/patient.py")
    jobs = [job for job in jobs_of(worker) if job.args[0] is patients]
    assert jobs
    for job in jobs:
        question, cohort, options, _ = job.args
        answer = ask_ahead(question, cohort, options, **job.keywords)
        assert answer.rows
        assert not any(row["patient_id"].startswith("P") for row in answer.rows)
