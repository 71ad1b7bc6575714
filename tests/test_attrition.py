from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from data.warehouse import open_registry
from queries import attrition as module
from queries.absence import DEAD, LOST, NOT_DUE, NOT_RECORDED
from queries.attrition import SEEN, AttritionRow, attrition
from queries.cohort import Cohort
from queries.questions import descriptive_rows
from tests.registry_of_six import SIX, registry_of, registry_of_example, registry_of_six

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse
    from queries.attrition import Attrition

VISITS = ("pre", "post", "m3", "m6", "m12")


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


def flow(answer: Attrition, group: str = "all") -> dict[str, tuple[int, ...]]:
    """Return treated, alive, due, seen, died, lost, not due and not recorded of each visit."""
    return {
        row.visit: (
            *(row.treated, row.alive, row.due, row.seen),
            *(row.died, row.lost, row.not_due, row.not_recorded),
        )
        for row in answer.rows
        if row.group == group
    }


def row_at(answer: Attrition, visit: str) -> AttritionRow:
    return next(row for row in answer.total if row.visit == visit)


def test_the_flow_is_that_counted_by_hand(six: Warehouse) -> None:
    assert flow(attrition(six.reader(), Cohort())) == {
        "pre": (6, 6, 6, 6, 0, 0, 0, 0),  # A4 by its films alone
        "post": (6, 6, 6, 6, 0, 0, 0, 0),
        "m3": (6, 6, 6, 6, 0, 0, 0, 0),  # A6: its window closed on 2024-06-15
        "m6": (6, 5, 4, 3, 1, 1, 1, 0),  # seen A1 A2 A4; A3 died; A5 lost; A6 not due
        "m12": (6, 4, 3, 2, 2, 1, 1, 0),  # seen A1 A2; A3 A4 died; A5 lost; A6 not due
    }


def test_the_counts_of_every_row_add_up(six: Warehouse, example: Warehouse) -> None:
    for warehouse in (six, example):
        for row in attrition(warehouse.reader(), Cohort(), by="sex").rows:
            missing = row.lost + row.not_recorded
            assert row.treated == row.seen + missing + row.not_due + row.died
            assert row.alive == row.treated - row.died
            assert row.due == row.seen + missing == row.completeness.n
            assert row.seen == row.completeness.k


# In R: binom::binom.wilson(2, 3) and binom.wilson(28, 29)
def test_completeness_has_wilsons_interval(six: Warehouse, example: Warehouse) -> None:
    found = row_at(attrition(six.reader(), Cohort()), "m12").completeness
    assert (found.rate, found.ci_low, found.ci_high) == pytest.approx(
        (2 / 3, 0.2076596, 0.9385081), abs=1e-7
    )
    # the example: 31 treated, 2 died, 1 not seen
    row = row_at(attrition(example.reader(), Cohort()), "m12")
    assert (row.treated, row.due, row.seen, row.died) == (31, 29, 28, 2)
    assert (row.completeness.ci_low, row.completeness.ci_high) == pytest.approx(
        (0.8282447812, 0.9938867857)
    )


def test_groups_are_counted_beside_the_whole_and_not_tested(six: Warehouse) -> None:
    answer = attrition(six.reader(), Cohort(), by="sex")
    assert list(dict.fromkeys(row.group for row in answer.rows)) == ["all", "F", "M", "unrecorded"]
    assert flow(answer, "F")["m12"] == (3, 2, 1, 1, 1, 0, 1, 0)  # A1 seen, A3 died, A6 not due
    assert flow(answer, "M")["m12"] == (2, 2, 2, 1, 0, 1, 0, 0)  # A2 seen, A5 lost
    assert flow(answer, "unrecorded")["m12"] == (1, 0, 0, 0, 1, 0, 0, 0)  # A4 died
    assert answer.comparisons == ()


def test_whoever_was_seen_before_is_left_out_where_the_operation_is_a_later_one(
    six: Warehouse,
) -> None:
    # Berg: A4 A5 A6; A2 by its second operation alone
    answer = attrition(six.reader(), Cohort(surgeon=("Berg",)))
    assert answer.of_later_sessions == 1
    assert flow(answer)["m6"] == (3, 3, 2, 1, 0, 1, 1, 0)
    assert answer.patients is not None
    assert set(answer.patients["patient_id"]) == {"A4", "A5", "A6"}
    later = attrition(six.reader(), Cohort(operated_from=2023, operated_to=2023))
    assert (later.of_later_sessions, set(flow(later).values())) == (1, {(0,) * 8})


def without(name: str, start: str) -> dict[str, str]:
    lines = SIX[name].splitlines()
    return SIX | {name: "\n".join(line for line in lines if not line.startswith(start)) + "\n"}


def test_a_living_patient_who_was_heard_of_since_is_not_recorded(tmp_path: Path) -> None:
    files = without("follow_ups.csv", "A1,m6")
    answer = attrition(open_registry(registry_of(files, tmp_path)).reader(), Cohort())
    assert flow(answer)["m6"] == (6, 5, 4, 2, 1, 1, 1, 1)


def test_whoever_was_seen_in_an_open_window_is_due_and_counted_apart(tmp_path: Path) -> None:
    # A6's 3 months were on 2024-05-10; the window closes on 2024-06-15
    settings = SIX["source.toml"].replace("2024-06-30", "2024-06-14")
    files = SIX | {"source.toml": settings}
    answer = attrition(open_registry(registry_of(files, tmp_path)).reader(), Cohort())
    assert flow(answer)["m3"] == (6, 6, 6, 6, 0, 0, 0, 0)
    assert [row.seen_early for row in answer.total] == [0, 0, 1, 0, 0]
    assert [(row.closed.k, row.closed.n) for row in answer.total[2:]] == [(5, 5), (3, 4), (2, 3)]
    assert answer.patients is not None
    assert set(answer.patients["status"]) == {SEEN, DEAD, LOST, NOT_DUE}


def test_a_visit_that_nobody_attended_is_not_a_row(tmp_path: Path) -> None:
    bare = SIX | {
        "follow_ups.csv": SIX["follow_ups.csv"].splitlines()[0] + "\n",
        "radiographs.csv": SIX["radiographs.csv"].splitlines()[0] + "\n",
    }
    answer = attrition(open_registry(registry_of(bare, tmp_path)).reader(), Cohort())
    assert flow(answer) == {"pre": (6, 6, 6, 0, 0, 0, 0, 6)}


def test_the_map_has_one_status_for_every_patient_and_visit(six: Warehouse) -> None:
    patients = attrition(six.reader(), Cohort()).patients
    assert patients is not None
    assert patients.height == 6 * len(VISITS)
    by_patient = {
        person: rows["status"].to_list()
        for (person,), rows in patients.group_by("patient_id", maintain_order=True)
    }
    assert by_patient == {
        "A1": [SEEN] * 5,
        "A2": [SEEN] * 5,
        "A4": [SEEN, SEEN, SEEN, SEEN, DEAD],
        "A6": [SEEN, SEEN, SEEN, NOT_DUE, NOT_DUE],
        "A5": [SEEN, SEEN, SEEN, LOST, LOST],
        "A3": [SEEN, SEEN, SEEN, DEAD, DEAD],
    }
    # those seen latest stand first
    assert list(by_patient)[:3] == ["A1", "A2", "A4"]


def test_the_map_and_the_rows_count_the_same(example: Warehouse) -> None:
    answer = attrition(example.reader(), Cohort())
    assert answer.patients is not None
    for row in answer.total:
        cells = answer.patients.filter(pl.col("visit") == row.visit)["status"].to_list()
        found = [cells.count(status) for status in (SEEN, NOT_RECORDED, LOST, NOT_DUE, DEAD)]
        assert found == [row.seen, row.not_recorded, row.lost, row.not_due, row.died]


def test_above_the_limit_there_is_no_map(six: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PATIENTS", 5)
    assert attrition(six.reader(), Cohort()).patients is None


# In R: survfit(Surv(c(97, 99, 123, 349, 387, 558), c(1, 1, 0, 0, 1, 1)) ~ 1)
def test_the_median_follow_up_is_that_without_deaths(six: Warehouse) -> None:
    answer = attrition(six.reader(), Cohort())
    assert (answer.follow_up.value, answer.n_followed) == (387, 6)


def test_nobody_is_counted_in_a_cohort_of_nobody(six: Warehouse) -> None:
    answer = attrition(six.reader(), Cohort(level=("T1",)))
    assert set(flow(answer).values()) == {(0,) * 8}
    assert (answer.of_later_sessions, answer.n_followed) == (0, 0)
    assert answer.visits == VISITS
    assert answer.total[0].completeness.rate is None


def test_the_command_prints_the_flow_with_rates_and_the_follow_up_of_the_whole(
    six: Warehouse,
) -> None:
    rows = descriptive_rows(attrition(six.reader(), Cohort(), by="sex"))
    whole, women = rows[4], rows[9]
    assert (whole["group"], whole["visit"], whole["follow_up"]) == ("all", "m12", 387)
    assert (whole["due"], whole["seen"], whole["rate"]) == (3, 2, pytest.approx(2 / 3))
    assert (women["group"], women["visit"], women["follow_up"]) == ("F", "m12", None)
    assert whole["closed_rate"] == pytest.approx(2 / 3)
    assert not {"completeness", "closed"} & set(whole)
