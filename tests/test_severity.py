from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from data.codebook import bands
from data.warehouse import open_registry
from queries.cohort import Cohort
from queries.severity import _band, severity
from tests.registry_of_six import registry_of_six

if TYPE_CHECKING:
    from data.warehouse import Warehouse


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


def shifts(warehouse: Warehouse, visit: str) -> dict[tuple[str, str], int]:
    rows = severity(warehouse.reader(), Cohort()).rows
    return {(row.before, row.after): row.n for row in rows if row.visit == visit and row.n}


def test_a_band_reaches_up_to_its_limit() -> None:
    scores = pl.DataFrame({"value": [0.0, 20.0, 20.5, 40.0, 41.0, 60.0, 80.0, 80.1, 100.0, None]})
    found = scores.select(_band(bands("odi"), "value")).to_series().to_list()
    assert found == [
        *("minimal", "minimal", "moderate", "moderate", "severe", "severe"),
        *("crippled", "bed-bound", "bed-bound", None),
    ]


def test_every_patient_with_a_baseline_is_in_one_cell(six: Warehouse) -> None:
    # before: A1 60, A2 70, A3 80, A5 40, A6 66; A4 none. After: A1 40, A3 60, A5 30
    assert shifts(six, "post") == {
        ("severe", "moderate"): 1,
        ("crippled", "severe"): 1,
        ("moderate", "moderate"): 1,
        ("crippled", "not seen"): 2,
    }
    # A1 20; A2 not measured; A3 dead; A5 lost; A6 not due
    assert shifts(six, "m6") == {
        ("severe", "minimal"): 1,
        ("crippled", "dead"): 1,
        ("crippled", "not seen"): 2,
        ("moderate", "not seen"): 1,
    }


def test_moves_are_counted_among_those_with_both_values(six: Warehouse) -> None:
    answer = severity(six.reader(), Cohort())
    post = answer.moved[0]
    assert (post.n, post.milder, post.same, post.worse) == (3, 2, 1, 0)
    assert (answer.without_baseline, answer.of_later_sessions) == (1, 0)
    assert answer.visits == ("post", "m3", "m6", "m12")
    assert answer.comparisons == ()


def test_a_measure_without_bands_is_refused(six: Warehouse) -> None:
    with pytest.raises(ValueError, match="`measure` must have bands, got 'vas'"):
        severity(six.reader(), Cohort(), measure="vas")
