"""A score at every visit: ends of the scale, change and percent change, against hand and R."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from data.example import example_registry
from data.warehouse import open_registry
from queries.cohort import Cohort
from queries.trajectory import trajectory
from tests.registry_of_six import SIX, registry_of, registry_of_six

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse
    from queries.visit_rows import VisitRow


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


def at(warehouse: Warehouse, visit: str, measure: str = "vas", group: str = "all") -> VisitRow:
    by = None if group == "all" else "sex"
    rows = trajectory(warehouse.reader(), Cohort(), measure=measure, by=by).rows
    return next(row for row in rows if (row.visit, row.group) == (visit, group))


def test_change_and_percent_change_are_of_those_with_a_baseline(six: Warehouse) -> None:
    row = at(six, "post")
    # A4 has no baseline; A1 8 to 4, A2 7 to 3.5, A3 9 to 5, A5 6 to 2, A6 8 to 8
    assert (row.n, row.n_change, row.n_percent, row.zero_baseline) == (6, 5, 5, 0)
    assert (row.change_median, row.change_q1, row.change_q3) == (-4, -4, -3.5)
    # per cent: -50 -50 -44.44 -66.67 0
    assert (row.percent_median, row.percent_q1) == (-50, -50)
    assert row.percent_q3 == pytest.approx(-400 / 9)
    assert (row.percent_median_low, row.percent_median_high) == (None, None)


def test_baseline_itself_has_no_change(six: Warehouse) -> None:
    row = at(six, "pre")
    assert (row.n, row.n_change, row.change_mean, row.n_percent) == (5, 0, None, 0)


def test_percent_change_and_mean_change_agree_with_r() -> None:
    # In R on data/example/follow_ups.csv, d = VAS of those with both values, b their baseline:
    # t.test(d)$conf.int; quantile(100 * d / b, c(.25, .5, .75)); then, with s <- sort(100 * d / b)
    # and k <- qbinom(.025, n, .5), the interval s[c(k, n - k + 1)]
    example = open_registry(example_registry())
    row = at(example, "m12")
    assert row.n_change == row.n_percent == 28
    assert (row.change_mean, row.change_mean_low, row.change_mean_high) == pytest.approx(
        (-4.375, -5.47886674752, -3.27113325248)
    )
    assert (row.percent_q1, row.percent_median, row.percent_q3) == pytest.approx(
        (-81.9901315789, -64.2857142857, -31.5789473684)
    )
    assert (row.percent_median_low, row.percent_median_high) == pytest.approx((-77.7777777778, -40))


def test_a_baseline_of_zero_has_a_change_and_no_percent_change(tmp_path: Path) -> None:
    painless = SIX["follow_ups.csv"].replace("A1,pre,2022-01-05,8", "A1,pre,2022-01-05,0")
    warehouse = open_registry(registry_of(SIX | {"follow_ups.csv": painless}, tmp_path))
    row = at(warehouse, "post")
    assert (row.n_change, row.n_percent, row.zero_baseline) == (5, 4, 1)
    values = trajectory(warehouse.reader(), Cohort()).values
    assert values is not None
    mine = values.filter(patient_id="A1", visit="post")
    assert mine.select("change", "percent").row(0) == (4, None)


def test_those_at_the_ends_of_the_scale_are_counted(tmp_path: Path) -> None:
    ends = SIX["follow_ups.csv"].replace("A1,m3,2022-04-10,3", "A1,m3,2022-04-10,0")
    ends = ends.replace("A3,pre,2022-04-28,9", "A3,pre,2022-04-28,10")
    warehouse = open_registry(registry_of(SIX | {"follow_ups.csv": ends}, tmp_path))
    found = trajectory(warehouse.reader(), Cohort()).rows
    assert [(row.visit, row.at_minimum, row.at_maximum) for row in found] == [
        *(("pre", 0, 1), ("post", 0, 0), ("m3", 1, 0), ("m6", 0, 0), ("m12", 0, 0)),
    ]


def test_every_group_has_its_own_change(six: Warehouse) -> None:
    women, men = at(six, "post", group="F"), at(six, "post", group="M")
    # women A1 -4, A3 -4, A6 0; men A2 -3.5, A5 -4
    assert (women.n_change, women.change_median) == (3, -4)
    assert (men.n_change, men.change_median) == (2, -3.75)
    unknown = at(six, "pre", group="unrecorded")
    assert (unknown.n, unknown.missing, unknown.median) == (0, 1, None)
