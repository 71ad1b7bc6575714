from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import queries.dropout
from data.warehouse import open_registry
from queries.cohort import Cohort
from queries.dropout import DropoutRow, dropout
from tests.registry_of_six import registry_of_six

if TYPE_CHECKING:
    from data.warehouse import Warehouse


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


def of(rows: tuple[DropoutRow, ...], last: str) -> list[tuple[object, ...]]:
    return [(row.visit, row.n, row.median) for row in rows if row.last_visit == last]


def test_patients_are_grouped_by_the_last_visit_with_a_value(six: Warehouse) -> None:
    rows = dropout(six.reader(), Cohort()).rows
    # 3 months: A3 9 5 4, A5 6 2 2, A6 8 8 5
    assert of(rows, "m3") == [("pre", 3, 8), ("post", 3, 5), ("m3", 3, 4)]
    # 6 months: A4 - 4 4 5
    assert of(rows, "m6") == [("pre", 0, None), ("post", 1, 4), ("m3", 1, 4), ("m6", 1, 5)]
    # 12 months: A1 8 4 3 2 2, A2 7 3.5 3 2.5 3
    assert of(rows, "m12")[-1] == ("m12", 2, 2.5)
    assert {row.last_visit for row in rows} == {"m3", "m6", "m12"}


def test_why_they_were_not_measured_again_is_counted(six: Warehouse) -> None:
    answer = dropout(six.reader(), Cohort())
    early, middle, stayed = answer.last_visits
    # A3 dead, A5 lost, A6 not due at 6 months
    assert (early.n_patients, early.died, early.lost, early.not_due, early.not_recorded) == (
        *(3, 1, 1, 1, 0),
    )
    # A4 died before the 12-month window closed
    assert (middle.n_patients, middle.died) == (1, 1)
    assert (stayed.n_patients, stayed.died + stayed.lost + stayed.not_due) == (2, 0)
    assert answer.visits == ("pre", "post", "m3", "m6", "m12")
    assert answer.comparisons == ()


def test_those_never_measured_are_counted(six: Warehouse) -> None:
    answer = dropout(six.reader(), Cohort(), measure="karnofsky")
    assert (answer.never, answer.of_later_sessions) == (5, 0)
    assert answer.values is not None
    assert set(answer.values["last_visit"]) == {"m12"}


def test_patients_of_a_later_session_are_not_called_unmeasured(six: Warehouse) -> None:
    answer = dropout(six.reader(), Cohort(operated_from=2023, operated_to=2023))
    assert (answer.rows, answer.never, answer.of_later_sessions) == ((), 0, 1)


def test_too_many_lines_are_not_drawn(six: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries.dropout, "MOST_LINES", 5)
    answer = dropout(six.reader(), Cohort())
    assert answer.values is None
    assert answer.rows[0].n_patients == 3
