from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
import pytest

import queries.trajectory
from data.warehouse import open_registry
from queries.change import Contrast, comparisons
from queries.cohort import Cohort
from queries.trajectory import trajectory
from tests.registry_of_six import SIX, registry_of, registry_of_six

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse
    from queries.visit_rows import VisitRow

LATER_SESSION = Cohort(operated_from=2023, operated_to=2023)


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


def described(row: VisitRow) -> tuple[object, ...]:
    return row.visit, row.n, row.missing, row.median, row.q1, row.q3


def test_every_observed_value_is_described_and_the_dead_are_missing(six: Warehouse) -> None:
    rows = trajectory(six.reader(), Cohort()).rows
    assert [described(row) for row in rows] == [
        ("pre", 5, 1, 8, 7, 8),  # 6 7 8 8 9
        ("post", 6, 0, 4, 3.625, 4.75),  # 2 3.5 4 4 5 8: ranks 2.25 and 4.75 of R's type 7
        ("m3", 6, 0, 3.5, 3, 4),  # 2 3 3 4 4 5
        ("m6", 3, 3, 2.5, 2.25, 3.75),  # 2 2.5 5
        ("m12", 2, 4, 2.5, 2.25, 2.75),  # 2 3
    ]
    assert [row.mean for row in rows] == pytest.approx([7.6, 26.5 / 6, 3.5, 9.5 / 3, 2.5])
    assert rows[0].sd == pytest.approx(sqrt(1.3))
    assert (rows[1].median_low, rows[1].median_high) == (2, 8)
    assert (rows[0].median_low, rows[0].median_high) == (None, None)


def test_another_score_has_its_own_visits(six: Warehouse) -> None:
    answer = trajectory(six.reader(), Cohort(), measure="karnofsky")
    # A1 alone: 50 before, 70 at 12 months
    assert answer.visits == ("pre", "m12")
    assert [described(row) for row in answer.rows] == [
        ("pre", 1, 5, 50, 50, 50),
        ("m12", 1, 5, 70, 70, 70),
    ]
    assert answer.rows[0].sd is None


def test_pairs_need_both_values_and_say_who_is_left_out(six: Warehouse) -> None:
    pairs = {pair.visit: pair for pair in trajectory(six.reader(), Cohort()).pairs}
    # A1 -4, A2 -3.5, A3 -4, A5 -4, A6 0; before 8 7 9 6 8, after 4 3.5 5 2 8
    assert (pairs["post"].n, pairs["post"].baseline_median, pairs["post"].median) == (5, 8, 4)
    assert pairs["post"].left_out == (("no baseline", 1),)
    # A1 8 to 2 and A2 7 to 2.5
    assert (pairs["m6"].n, pairs["m6"].baseline_median, pairs["m6"].median) == (2, 7.5, 2.25)
    assert pairs["m6"].left_out == (
        ("no baseline", 1),  # A4
        ("dead", 1),  # A3
        ("window still open", 1),  # A6
        ("lost to follow-up", 1),  # A5
    )
    assert pairs["m12"].left_out == (
        ("dead", 2),
        ("window still open", 1),
        ("lost to follow-up", 1),
    )


def test_a_living_patient_who_was_there_later_is_not_recorded(six: Warehouse) -> None:
    pairs = {pair.visit: pair for pair in trajectory(six.reader(), Cohort(), measure="odi").pairs}
    # after the operation A1, A3 and A5 have both; A4 has no baseline; A2 and A6 only that
    assert pairs["post"].left_out == (("no baseline", 1), ("not recorded", 2))


def test_there_is_one_comparison_per_visit_attended(six: Warehouse) -> None:
    tests = trajectory(six.reader(), Cohort()).paired
    assert [(t.outcome, t.unit, t.kind, t.visit, t.versus) for t in tests] == [
        ("vas", "patient", "paired", visit, "pre") for visit in ("post", "m3", "m6", "m12")
    ]
    assert [(t.n_patients, t.n_excluded) for t in tests] == [(5, 1), (5, 1), (2, 4), (2, 4)]
    # medians of the Walsh averages: of 15 the 8th, of 3 the 2nd
    assert [t.estimate for t in tests] == [-3.75, -4, -5.25, -5]
    assert {t.p for t in tests} == {t.p_adjusted for t in tests} == {None}
    assert tests[1].refused == "with 5 pairs no result could reach 0.05"
    assert tests[0].refused is not None
    assert tests[0].refused.startswith("with 4 of 5 differences other than zero")


def test_scores_of_another_measure_give_their_own_changes(six: Warehouse) -> None:
    tests = trajectory(six.reader(), Cohort(), measure="odi").paired
    # post -20 -20 -10; m3 -30 -40 -30 -6; m6 -40; m12 -40 -20
    assert [(t.visit, t.n_patients, t.estimate) for t in tests] == [
        ("post", 3, -17.5),
        ("m3", 4, -30),
        ("m6", 1, -40),
        ("m12", 2, -30),
    ]


def test_values_after_a_further_operation_stay_in_and_are_counted(six: Warehouse) -> None:
    answer = trajectory(six.reader(), Cohort())
    # A2 was operated on again on day 365 and seen for 12 months on day 379
    assert [pair.n_reoperated for pair in answer.pairs] == [0, 0, 0, 1]
    assert "1 reoperated before this visit" in answer.paired[3].notes
    assert [len(test.sensitivity) for test in answer.paired] == [2, 2, 2, 3]
    other = answer.paired[3].sensitivity[-1]
    # A1 alone: 8 to 2
    assert (other.name, other.p, other.estimate) == (
        "without patients operated on again",
        None,
        -6,
    )


def test_without_anybody_operated_on_once_the_sensitivity_is_empty(six: Warehouse) -> None:
    answer = trajectory(six.reader(), Cohort(primary_tumour=("lung",)))
    other = answer.paired[3].sensitivity[-1]
    assert other.name == "without patients operated on again"
    assert (other.p, other.estimate) == (None, None)


def test_an_undated_value_counts_as_of_the_last_day_of_its_window(tmp_path: Path) -> None:
    undated = SIX["follow_ups.csv"].replace("A2,m12,2023-03-15", "A2,m12,")
    warehouse = open_registry(registry_of(SIX | {"follow_ups.csv": undated}, tmp_path))
    # the window ends on day 500, after the operation on day 365
    assert [p.n_reoperated for p in trajectory(warehouse.reader(), Cohort()).pairs] == [0, 0, 0, 1]


def test_a_later_session_has_no_baseline_of_its_own(six: Warehouse) -> None:
    answer = trajectory(six.reader(), LATER_SESSION)
    assert (answer.selection.n_patients, answer.selection.n_levels) == (1, 1)
    assert [(row.n, row.missing) for row in answer.rows] == [(0, 1)] * 5
    assert (answer.pairs, answer.paired) == ((), ())


def test_patients_of_a_later_session_are_left_out_by_count(six: Warehouse) -> None:
    # Berg: K4 (the later session of A2), K6 (A4), K8 (A5), K9 (A6)
    answer = trajectory(six.reader(), Cohort(surgeon=("Berg",)))
    assert (answer.pairs[0].visit, answer.pairs[0].n) == ("post", 2)
    assert answer.pairs[0].left_out == (
        ("baseline belongs to an earlier operation", 1),
        ("no baseline", 1),
    )
    assert answer.paired[0].n_excluded == 2


def test_visits_that_nobody_attended_are_not_tested_but_stand_in_the_table(six: Warehouse) -> None:
    answer = trajectory(six.reader(), Cohort(primary_tumour=("kidney",)))
    assert [test.visit for test in answer.paired] == ["post", "m3"]
    assert [row.n for row in answer.rows] == [1, 1, 1, 0, 0]


def test_a_visit_attended_without_any_baseline_has_a_reason(six: Warehouse) -> None:
    tests = trajectory(six.reader(), Cohort(sex=("unrecorded",))).paired
    assert [test.visit for test in tests] == ["post", "m3", "m6"]
    assert {test.refused for test in tests} == {"nothing was measured at both visits"}
    assert {test.estimate for test in tests} == {test.statistic for test in tests} == {None}


def test_each_patient_stands_in_one_group(six: Warehouse) -> None:
    rows = [
        row for row in trajectory(six.reader(), Cohort(), by="region").rows if row.visit == "pre"
    ]
    # A5 6; A3 9; A2 7 and A6 8; A1 8 and A4, who has none
    assert [(row.group, row.n, row.missing, row.median) for row in rows] == [
        ("all", 5, 1, 8),
        ("thoracic", 1, 0, 6),
        ("thoracolumbar", 1, 0, 9),
        ("lumbar", 2, 0, 7.5),
        ("several", 1, 1, 8),
    ]


def test_whatever_is_filtered_or_not_primary_is_exploratory(six: Warehouse) -> None:
    def exploratory(cohort: Cohort, measure: str) -> set[bool]:
        answer = trajectory(six.reader(), cohort, measure=measure)
        return {test.exploratory for test in answer.paired}

    assert exploratory(Cohort(), "vas") == {False}
    assert exploratory(Cohort(), "odi") == {False}
    assert exploratory(Cohort(), "karnofsky") == {True}
    assert exploratory(Cohort(sex=("F",)), "vas") == {True}
    assert exploratory(Cohort(region_rule="any"), "vas") == {False}


def test_lines_are_complete_up_to_the_last_visit_attended(six: Warehouse) -> None:
    values = trajectory(six.reader(), Cohort()).values
    assert values is not None
    complete = values.filter("complete")["patient_id"].unique().sort().to_list()
    assert complete == ["A1", "A2"]
    assert values.height == 22


def test_too_many_lines_are_not_drawn(six: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries.trajectory, "MOST_LINES", 5)
    answer = trajectory(six.reader(), Cohort())
    assert answer.values is None
    assert answer.rows[0].n == 5


def test_nobody_gives_empty_rows_and_no_comparison(six: Warehouse) -> None:
    answer = trajectory(six.reader(), Cohort(level=("T1",)), by="sex")
    assert [(row.group, row.n, row.missing, row.median) for row in answer.rows] == [
        ("all", 0, 0, None)
    ] * 5
    assert answer.paired == ()


def test_an_added_patient_without_follow_up_changes_no_test(six: Warehouse, tmp_path: Path) -> None:
    files = SIX | {
        "patients.csv": SIX["patients.csv"] + "A7,F,1950,lung,,\n",
        "procedures.csv": SIX["procedures.csv"] + "K10,A7,2022-01-01,T7,no,,,,,\n",
        "follow_ups.csv": SIX["follow_ups.csv"] + "A7,pre,2021-12-30,9,,\n",
    }
    more = trajectory(open_registry(registry_of(files, tmp_path)).reader(), Cohort()).paired
    same = trajectory(six.reader(), Cohort()).paired
    assert [(t.p, t.estimate, t.n_patients) for t in more] == [
        (t.p, t.estimate, t.n_patients) for t in same
    ]
    assert [t.n_excluded - s.n_excluded for t, s in zip(more, same, strict=True)] == [1] * 4


def contrast(visit: str, pairs: int) -> Contrast:
    return Contrast(
        outcome="vas",
        unit="patient",
        visit=visit,
        baseline=np.full(pairs, 8.0),
        follow_up=np.arange(pairs) / 2,
        n_patients=10,
    )


def test_where_only_holm_puts_a_result_out_of_reach_it_says_so() -> None:
    # 7 pairs reach 2 / 2^7 = 0.0156 alone, four times that is above 0.05
    tests = comparisons(
        [contrast(visit, 7) for visit in ("post", "m3", "m6", "m12")], exploratory=False
    )
    said = "with 4 tests in the family, Holm puts 0.05 out of reach of 7 pairs"
    assert all(said in test.notes and test.p_adjusted > 0.05 for test in tests)


def test_what_holm_leaves_within_reach_is_not_called_out_of_reach() -> None:
    # 8 pairs give 2 / 2^8 and come first; Holm then multiplies 0.0156 by three alone: 0.047
    tests = comparisons(
        [contrast("post", 7), contrast("m3", 7), contrast("m6", 8), contrast("m12", 7)],
        exploratory=False,
    )
    assert [test.p_adjusted for test in tests] == pytest.approx(
        [6 / 2**7] * 2 + [8 / 2**8, 6 / 2**7]
    )
    assert not [note for test in tests for note in test.notes if "out of reach" in note]


def test_the_family_is_the_tests_that_returned_a_p() -> None:
    refused, *tests = comparisons(
        [contrast("post", 4), contrast("m3", 8), contrast("m6", 9)], exploratory=False
    )
    assert (refused.p, refused.p_adjusted, refused.adjustment, refused.family_size) == (None,) * 4
    assert {test.family_size for test in tests} == {2}
    # 2 / 2^8 and 2 / 2^9: Holm doubles the smaller, and the other may not be below it
    assert [test.p_adjusted for test in tests] == pytest.approx([2 / 2**8, 2 / 2**8])


def test_one_reader_answers_for_each_cohort_in_turn(six: Warehouse) -> None:
    reader = six.reader()
    cohorts = [Cohort(), Cohort(surgeon=("Berg",)), LATER_SESSION, Cohort()]
    in_turn = [trajectory(reader, cohort) for cohort in cohorts]
    alone = [trajectory(six.reader(), cohort) for cohort in cohorts]
    assert [answer.rows for answer in in_turn] == [answer.rows for answer in alone]
    assert [answer.pairs for answer in in_turn] == [answer.pairs for answer in alone]
    assert len({answer.pairs for answer in in_turn}) == 3
