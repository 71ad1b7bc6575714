from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import queries.reaching
from data.codebook import Threshold, measures, thresholds
from data.warehouse import open_registry
from queries.__main__ import main
from queries.cohort import Cohort, selection
from queries.reaching import already_there, needed_change, out_of_reach, reached
from queries.responder_groups import responder_groups
from queries.responders import AMONG, responders
from tests.registry_of_six import SIX, registry_of, registry_of_example, registry_of_six

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from data.warehouse import Warehouse
    from queries.responders import Responders

POINTS = "Numeric rating scale consensus"  # a fall of 2 or more
SHARE = "Low back pain consensus (relative)"  # a fall of 30 % or more
FINAL = "Final pain of the Pflugmacher composite"  # 5 or less
STATE = "Acceptable state"  # 6 or less
BY_BASELINE = "Baseline-dependent change"  # 1 up to 4, 2 up to 7, 3 up to 10
COMPOSITE = "Pflugmacher composite"  # a fall of 2 or more, 5 or less, ODI no worse


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


def changed(folder: Path, **files: str) -> Warehouse:
    """Return the registry of the six patients with other files."""
    names = {name.replace("__", "."): text for name, text in files.items()}
    return open_registry(registry_of(SIX | names, folder))


def rates(
    answer: Responders, visit: str, threshold: str, group: str = "all"
) -> list[tuple[int, int, int]]:
    """Return reached, n and excluded among the assessed, the living and all."""
    rows = [
        row
        for row in answer.rows
        if (row.visit, row.threshold.label, row.group) == (visit, threshold, group)
    ]
    assert tuple(row.among for row in rows) == AMONG
    return [(row.proportion.k, row.proportion.n, row.n_excluded) for row in rows]


# The three denominators


def test_there_are_three_rates_for_every_visit_and_threshold(six: Warehouse) -> None:
    answer = responders(six.reader(), Cohort())
    assert [(row.visit, row.threshold.label, row.among) for row in answer.rows] == [
        (visit, threshold.label, among)
        for visit in ("post", "m3", "m6", "m12")
        for threshold in thresholds("vas")
        for among in ("assessed", "alive", "all")
    ]
    assert {row.group for row in answer.rows} == {"all"}
    assert answer.comparisons == ()
    assert answer.threshold == thresholds("vas")[0]


def test_a_missing_value_and_a_death_are_failures_where_they_count(six: Warehouse) -> None:
    answer = responders(six.reader(), Cohort())
    # falls after the operation: A1 4, A2 3.5, A3 4, A5 4, A6 0; A4 has no baseline
    assert rates(answer, "post", POINTS) == [(4, 5, 0), (4, 6, 0), (4, 6, 0)]
    # A1 6 and A2 4.5 are assessed; A4 (no baseline) and A5 (lost) live and fail; A3 died on day
    # 123; A6 is not due
    assert rates(answer, "m6", POINTS) == [(2, 2, 0), (2, 4, 0), (2, 5, 0)]
    # A4 died in the middle of May 2023, before its window closed on 2023-10-14
    assert rates(answer, "m12", POINTS) == [(2, 2, 0), (2, 3, 0), (2, 5, 0)]


def test_who_was_measured_in_the_window_is_living_although_dead_before_its_end(
    six: Warehouse,
) -> None:
    answer = responders(six.reader(), Cohort())
    # A3 was seen on day 90 and died on day 123; the window of 3 months closes on day 135.
    # Falls: A1 5, A2 4, A3 5, A5 4, A6 3; A4 has no baseline
    assert rates(answer, "m3", POINTS) == [(5, 5, 0), (5, 6, 0), (5, 6, 0)]
    of_a3 = responders(six.reader(), Cohort(primary_tumour=("kidney",)))
    assert rates(of_a3, "m3", POINTS) == [(1, 1, 0), (1, 1, 0), (1, 1, 0)]
    assert rates(of_a3, "m6", POINTS) == [(0, 0, 0), (0, 0, 0), (0, 1, 0)]


def test_a_death_on_the_last_day_of_the_window_is_before_its_end(tmp_path: Path) -> None:
    last = date(2022, 8, 15) + timedelta(days=270)
    for day, alive in ((last, 0), (last + timedelta(days=1), 1)):
        patients = SIX["patients.csv"].replace(
            "A5,M,1970,prostate,,2022-11-20", f"A5,M,1970,prostate,{day},"
        )
        folder = tmp_path / str(day)
        folder.mkdir()
        answer = responders(
            changed(folder, patients__csv=patients).reader(), Cohort(primary_tumour=("prostate",))
        )
        assert rates(answer, "m6", POINTS) == [(0, 0, 0), (0, alive, 0), (0, 1, 0)]


@pytest.mark.parametrize(("data_date", "n"), [("2024-06-14", 4), ("2024-06-15", 5)])
def test_a_window_counts_from_the_day_it_closes(tmp_path: Path, data_date: str, n: int) -> None:
    # A6 was operated on 2024-02-01 and seen on 2024-05-10; day 135 is 2024-06-15
    settings = SIX["source.toml"].replace("2024-06-30", data_date)
    answer = responders(changed(tmp_path, source__toml=settings).reader(), Cohort())
    assert rates(answer, "m3", POINTS) == [(n, n, 0), (n, n + 1, 0), (n, n + 1, 0)]
    due = next(row for row in answer.due if row.visit == "m3")
    assert (due.due, due.still_open) == (n + 1, 5 - n)


def test_who_is_due_is_told_apart_at_every_visit(six: Warehouse) -> None:
    found = [
        (d.visit, d.due, d.measured, d.dead, d.missing, d.still_open, d.without_baseline)
        for d in responders(six.reader(), Cohort()).due
    ]
    assert found == [
        ("post", 6, 6, 0, 0, 0, 1),
        ("m3", 6, 6, 0, 0, 0, 1),
        ("m6", 5, 3, 1, 1, 1, 1),
        ("m12", 5, 2, 2, 1, 1, 0),
    ]


def test_intervals_are_wilsons_and_no_event_is_an_upper_bound(six: Warehouse) -> None:
    answer = responders(six.reader(), Cohort())
    found = {
        row.among: row.proportion
        for row in answer.rows
        if (row.visit, row.threshold.label) == ("m12", POINTS)
    }
    # R: prop.test(2, 3, correct = FALSE)$conf.int
    assert (found["alive"].ci_low, found["alive"].ci_high) == pytest.approx(
        (0.2076596, 0.9385081), abs=1e-7
    )
    assert (found["assessed"].ci_low, found["assessed"].ci_high) == (
        pytest.approx(0.025 ** (1 / 2)),
        1,
    )
    of_a5 = responders(six.reader(), Cohort(primary_tumour=("prostate",)))
    nobody = next(row.proportion for row in of_a5.rows if row.visit == "m12" and row.among == "all")
    assert (nobody.rate, nobody.ci_low) == (0, 0)
    assert nobody.ci_high == pytest.approx(1 - 0.025)


def test_patients_of_later_sessions_are_left_out_by_count(six: Warehouse) -> None:
    # Berg: K4 (the later session of A2), A4, A5, A6
    answer = responders(six.reader(), Cohort(surgeon=("Berg",)))
    assert answer.of_later_sessions == 1
    assert rates(answer, "post", POINTS) == [(1, 2, 0), (1, 3, 0), (1, 3, 0)]
    later = responders(six.reader(), Cohort(operated_from=2023, operated_to=2023), by="sex")
    assert (later.of_later_sessions, later.visits, later.comparisons) == (1, (), ())
    assert {row.proportion.n for row in later.rows} == {0}


# Thresholds of each kind


def test_a_final_value_needs_no_baseline(six: Warehouse) -> None:
    answer = responders(six.reader(), Cohort())
    # 4 3.5 5 4 2 8, of which A4's 4 has no baseline
    assert rates(answer, "post", FINAL) == [(5, 6, 0), (5, 6, 0), (5, 6, 0)]
    # A1 2, A2 2.5, A4 5; A5 is missing, A3 dead
    assert rates(answer, "m6", FINAL) == [(3, 3, 0), (3, 4, 0), (3, 5, 0)]


def test_who_was_at_the_final_value_before_stays_in_and_is_counted(six: Warehouse) -> None:
    answer = responders(six.reader(), Cohort())
    # baselines 8 7 9 6 8
    counts = {r.threshold.label: (r.out_of_reach, r.already_there) for r in answer.reach}
    assert (counts[STATE], counts[FINAL]) == ((0, 1), (0, 0))
    assert rates(answer, "post", STATE) == [(5, 6, 0), (5, 6, 0), (5, 6, 0)]


def test_a_relative_threshold_is_a_share_of_the_own_baseline(six: Warehouse) -> None:
    answer = responders(six.reader(), Cohort(), measure="odi")
    # ODI after 3 months: A1 60 to 30, A2 70 to 30, A3 80 to 50, A6 66 to 60 (9 %); A4 and A5 have
    # no value
    assert rates(answer, "m3", SHARE) == [(3, 4, 0), (3, 6, 0), (3, 6, 0)]
    assert rates(answer, "m3", "Low back pain consensus") == [(3, 4, 0), (3, 6, 0), (3, 6, 0)]


def test_baselines_that_cannot_reach_a_threshold_are_left_out_of_every_rate(
    tmp_path: Path,
) -> None:
    scores = SIX["follow_ups.csv"].replace("A5,pre,2022-08-10,6,", "A5,pre,2022-08-10,1,")
    scores = scores.replace("A6,pre,2024-01-30,8,", "A6,pre,2024-01-30,0,")
    answer = responders(changed(tmp_path, follow_ups__csv=scores).reader(), Cohort())
    counts = {r.threshold.label: (r.out_of_reach, r.already_there) for r in answer.reach}
    # 1 cannot fall by 2, and 0 by nothing; 30 % of 0 is nothing; 1 and 0 are below 5 already
    assert (counts[POINTS], counts[SHARE], counts[FINAL]) == ((2, 0), (1, 0), (0, 2))
    # A1, A2, A3 fell by 5, 4, 5; A4 has no baseline
    assert rates(answer, "m3", POINTS) == [(3, 3, 2), (3, 4, 2), (3, 4, 2)]
    # A5 rose from 1 to 2
    assert rates(answer, "m3", SHARE) == [(3, 4, 1), (3, 5, 1), (3, 5, 1)]
    assert rates(answer, "m3", FINAL) == [(6, 6, 0), (6, 6, 0), (6, 6, 0)]
    # A6 is not due, A5 is missing: it would be among the living and among all
    assert rates(answer, "m12", POINTS) == [(2, 2, 0), (2, 2, 1), (2, 4, 1)]


def test_binary_rounding_takes_nobody_his_two_points(tmp_path: Path) -> None:
    scores = SIX["follow_ups.csv"].replace("A1,pre,2022-01-05,8,", "A1,pre,2022-01-05,2.3,")
    scores = scores.replace("A1,m12,2023-01-10,2,", "A1,m12,2023-01-10,0.3,")
    answer = responders(changed(tmp_path, follow_ups__csv=scores).reader(), Cohort())
    assert 2.3 - 0.3 < 2
    assert rates(answer, "m12", POINTS)[0] == (2, 2, 0)


def test_a_composite_is_judged_where_all_of_its_scores_are_there(six: Warehouse) -> None:
    answer = responders(six.reader(), Cohort(), threshold=COMPOSITE)
    # A1 8 to 4 and ODI 60 to 40, A3 9 to 5 and 80 to 60, A5 6 to 2 and 40 to 30; A2 and A6 have no
    # ODI after the operation, A4 no baseline
    assert rates(answer, "post", COMPOSITE) == [(3, 3, 0), (3, 6, 0), (3, 6, 0)]
    # A1, A2, A3, A6; A4 and A5 have no ODI at 3 months
    assert rates(answer, "m3", COMPOSITE) == [(4, 4, 0), (4, 6, 0), (4, 6, 0)]
    # A1; A2 and A4 have no ODI, A5 is lost, A3 dead
    assert rates(answer, "m6", COMPOSITE) == [(1, 1, 0), (1, 4, 0), (1, 5, 0)]
    assert rates(answer, "m12", COMPOSITE) == [(2, 2, 0), (2, 3, 0), (2, 5, 0)]


def test_who_is_due_is_told_for_every_score_of_a_composite(six: Warehouse) -> None:
    found = [
        (d.visit, d.due, d.measured, d.dead, d.missing, d.still_open, d.without_baseline)
        for d in responders(six.reader(), Cohort(), threshold=COMPOSITE).due
    ]
    assert found == [
        ("post", 6, 4, 0, 2, 0, 1),
        ("m3", 6, 4, 0, 2, 0, 0),
        ("m6", 5, 1, 1, 3, 1, 0),
        ("m12", 5, 2, 2, 1, 1, 0),
    ]


def test_who_died_in_the_window_without_every_score_is_dead_for_a_composite(
    tmp_path: Path,
) -> None:
    # A3 died on day 123, the window of 3 months closes on day 135
    scores = SIX["follow_ups.csv"].replace("A3,m3,2022-07-30,4,50,", "A3,m3,2022-07-30,4,,")
    of_a3 = responders(
        changed(tmp_path, follow_ups__csv=scores).reader(), Cohort(primary_tumour=("kidney",))
    )
    assert rates(of_a3, "m3", POINTS) == [(1, 1, 0), (1, 1, 0), (1, 1, 0)]
    assert rates(of_a3, "m3", COMPOSITE) == [(0, 0, 0), (0, 0, 0), (0, 1, 0)]


def test_a_baseline_below_one_part_of_a_composite_is_left_out_of_every_rate(
    tmp_path: Path,
) -> None:
    scores = SIX["follow_ups.csv"].replace("A5,pre,2022-08-10,6,", "A5,pre,2022-08-10,1.9,")
    answer = responders(changed(tmp_path, follow_ups__csv=scores).reader(), Cohort())
    counts = {r.threshold.label: (r.out_of_reach, r.already_there) for r in answer.reach}
    assert counts[COMPOSITE] == (1, 0)
    assert rates(answer, "post", COMPOSITE) == [(2, 2, 1), (2, 5, 1), (2, 5, 1)]
    assert rates(answer, "m12", COMPOSITE) == [(2, 2, 0), (2, 2, 1), (2, 4, 1)]


def test_each_part_of_a_composite_can_fail_it(tmp_path: Path) -> None:
    told = {
        "a fall of less than 2": ("A1,pre,2022-01-05,8,60,", "A1,pre,2022-01-05,3.9,60,"),
        "more than 5": ("A1,m12,2023-01-10,2,20,", "A1,m12,2023-01-10,5.1,20,"),
        "a worse ODI": ("A1,m12,2023-01-10,2,20,", "A1,m12,2023-01-10,2,61,"),
    }
    for place, (old, new) in enumerate(told.values()):
        folder = tmp_path / str(place)
        folder.mkdir()
        scores = SIX["follow_ups.csv"].replace(old, new)
        answer = responders(changed(folder, follow_ups__csv=scores).reader(), Cohort())
        assert rates(answer, "m12", COMPOSITE)[0] == (1, 2, 0)
    same = SIX["follow_ups.csv"].replace("A1,m12,2023-01-10,2,20,", "A1,m12,2023-01-10,5,60,")
    folder = tmp_path / "same"
    folder.mkdir()
    answer = responders(changed(folder, follow_ups__csv=same).reader(), Cohort())
    # a fall of 3, 5 points, and the same ODI is no worse
    assert rates(answer, "m12", COMPOSITE)[0] == (2, 2, 0)


def test_the_rule_by_baseline_asks_more_of_a_higher_baseline() -> None:
    (rule,) = (threshold for threshold in thresholds("vas") if threshold.label == BY_BASELINE)
    pairs = [(4.0, 3.0), (4.1, 3.0), (4.1, 2.1), (7.0, 5.0), (7.5, 5.0), (7.5, 4.5), (10.0, 7.1)]
    frame = pl.DataFrame(pairs, schema={"baseline": pl.Float64, "value": pl.Float64}, orient="row")
    measure = measures()["vas"]
    found = frame.select(reached(rule, measure))["baseline"].to_list()
    assert found == [True, False, True, True, False, True, False]
    assert [needed_change(rule, start) for start in (0.5, 1, 4, 4.5, 7, 7.5, 10)] == [
        *(None, 1, 1, 2, 2, 3, 3)
    ]
    edge = pl.DataFrame({"baseline": [0.0, 0.9, 1.0, None], "value": [0.0, 0.0, 0.0, 0.0]})
    assert edge.select(out_of_reach(rule, measure))["baseline"].to_list() == [
        *(True, True, False, False)
    ]


def test_only_thresholds_of_change_ask_for_a_change() -> None:
    asked = {found.label: needed_change(found, 8) for found in thresholds("vas")}
    assert asked == {
        "Low back pain consensus": 1.5,
        SHARE: 2.4,
        POINTS: 2,
        BY_BASELINE: 3,
        "Substantial improvement": 4,
        "Bone metastasis partial response (pain part)": 2,
        **dict.fromkeys((STATE, FINAL, COMPOSITE)),
        "Bone metastasis complete response (pain part)": None,
    }


def judged(
    kind: Any, value: float, pairs: Sequence[tuple[float | None, float | None]], code: str = "vas"
) -> list[tuple[bool | None, bool, bool]]:
    threshold, measure = Threshold(code, "", kind, value, ""), measures()[code]
    frame = pl.DataFrame(pairs, schema={"baseline": pl.Float64, "value": pl.Float64}, orient="row")
    return frame.select(
        reached(threshold, measure).alias("reached"),
        out_of_reach(threshold, measure).alias("out"),
        already_there(threshold, measure).alias("there"),
    ).rows()


def test_where_lower_is_better_a_fall_is_judged() -> None:
    assert judged("absolute", 2, [(5, 3), (5, 3.1), (2, 0), (1.9, 0), (None, 0), (5, None)]) == [
        (True, False, False),
        (False, False, False),
        (True, False, False),
        (False, True, False),
        (None, False, False),
        (None, False, False),
    ]
    assert judged("percent", 30, [(10, 7), (10, 7.1), (0, 0), (None, 1)]) == [
        (True, False, False),
        (False, False, False),
        (True, True, False),
        (None, False, False),
    ]
    assert judged("final", 5, [(5, 5), (5.1, 5.1), (None, 4), (8, None)]) == [
        (True, False, True),
        (False, False, False),
        (True, False, False),
        (None, False, False),
    ]


def test_where_higher_is_better_a_rise_is_judged() -> None:
    assert judged("absolute", 20, [(60, 80), (60, 79), (80, 100), (90, 100)], "karnofsky") == [
        (True, False, False),
        (False, False, False),
        (True, False, False),
        (False, True, False),
    ]
    # 30 % more than 80 is above the scale
    assert judged("percent", 30, [(50, 65), (50, 64), (80, 100)], "karnofsky") == [
        (True, False, False),
        (False, False, False),
        (False, True, False),
    ]
    assert judged("final", 70, [(50, 70), (70, 69)], "karnofsky") == [
        (True, False, False),
        (False, False, True),
    ]


def test_the_tolerance_is_a_billionth() -> None:
    assert queries.reaching.TOLERANCE == 1e-9
    assert judged("absolute", 2, [(5, 3 + 1e-10), (5, 3 + 1e-8)])[0][0] is True
    assert judged("absolute", 2, [(5, 3 + 1e-10), (5, 3 + 1e-8)])[1][0] is False


@pytest.mark.parametrize(
    ("measure", "label", "words"),
    [("vas", "half", "must be one of Low back"), ("karnofsky", None, "must be one of none")],
)
def test_an_unknown_threshold_is_named(
    six: Warehouse, measure: str, label: str | None, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        responders(six.reader(), Cohort(), measure=measure, threshold=label)


# Groups


def test_every_group_has_its_own_rates(six: Warehouse) -> None:
    answer = responders(six.reader(), Cohort(), by="sex")
    assert list(dict.fromkeys(row.group for row in answer.rows)) == ["all", "F", "M", "unrecorded"]
    # women A1, A3, A6; men A2, A5; A4 not recorded, without a baseline
    assert rates(answer, "post", POINTS, "F") == [(2, 3, 0), (2, 3, 0), (2, 3, 0)]
    assert rates(answer, "post", POINTS, "M") == [(2, 2, 0), (2, 2, 0), (2, 2, 0)]
    assert rates(answer, "post", POINTS, "unrecorded") == [(0, 0, 0), (0, 1, 0), (0, 1, 0)]
    # A1 lives, A3 is dead, A6 is not due; A2 lives, A5 is missing
    assert rates(answer, "m12", POINTS, "F") == [(1, 1, 0), (1, 1, 0), (1, 2, 0)]
    assert rates(answer, "m12", POINTS, "M") == [(1, 1, 0), (1, 2, 0), (1, 2, 0)]


def test_there_is_one_comparison_per_visit_attended(six: Warehouse) -> None:
    tests = responders(six.reader(), Cohort(), threshold=POINTS, by="sex").comparisons
    assert [(t.outcome, t.unit, t.kind, t.visit, t.by, t.groups) for t in tests] == [
        ("vas responders", "patient", "groups", visit, "sex", ("F", "M"))
        for visit in ("post", "m3", "m6", "m12")
    ]
    assert [(t.n_patients, t.n_excluded, t.n_levels) for t in tests] == [
        (5, 1, None),
        (5, 1, None),
        (2, 4, None),
        (2, 4, None),
    ]
    assert [t.refused for t in tests] == [
        "with the threshold reached by 4 of 5 patients no result could reach 0.05",
        *["everybody in every group reached the threshold"] * 3,
    ]
    assert {t.p for t in tests} == {t.p_adjusted for t in tests} == {None}
    # 2 of 3 women, 2 of 2 men
    assert tests[0].estimate == pytest.approx(-1 / 3)
    assert "fragile: fewer than 10 patients in women (3) and men (2)" in tests[0].notes


def test_patients_of_no_known_group_are_left_out_by_name_and_count(six: Warehouse) -> None:
    test = responders(six.reader(), Cohort(), threshold=FINAL, by="sex").comparisons[0]
    # A4's final value can be judged, its sex cannot
    assert test.groups == ("F", "M")
    assert (test.n_patients, test.n_excluded) == (5, 1)
    assert "left out, sex not recorded: 1" in test.notes


def test_groups_of_nobody_known_give_a_reason(six: Warehouse) -> None:
    for threshold in (POINTS, FINAL):
        tests = responders(
            six.reader(), Cohort(sex=("unrecorded",)), threshold=threshold, by="sex"
        ).comparisons
        assert {(t.refused, t.n_patients, t.groups) for t in tests} == {
            ("nobody of a known group was assessed", 0, ())
        }
        assert {t.estimate for t in tests} == {None}
    (one, *_) = responders(six.reader(), Cohort(sex=("F",)), by="sex").comparisons
    assert (one.refused, one.groups, one.estimate) == ("there is only one group", ("F",), None)
    of_a6 = responders(six.reader(), Cohort(surgeon=("Berg",)), threshold=STATE, by="leak")
    # A5 went from 6 to 2, A6 stayed at 8; A4, with a leak, has a 4
    (first, *_) = of_a6.comparisons
    assert (first.groups, first.n_patients) == (("yes", "no"), 3)


def test_whatever_is_filtered_or_another_threshold_is_exploratory(six: Warehouse) -> None:
    def exploratory(cohort: Cohort, threshold: str | None) -> set[bool]:
        answer = responders(six.reader(), cohort, threshold=threshold, by="sex")
        return {test.exploratory for test in answer.comparisons}

    assert exploratory(Cohort(), None) == {False}
    assert exploratory(Cohort(), "Low back pain consensus") == {False}
    assert exploratory(Cohort(), POINTS) == {True}
    assert exploratory(Cohort(sex=("F", "M")), None) == {True}


def test_nobody_gives_empty_rates_and_no_comparison(six: Warehouse) -> None:
    answer = responders(six.reader(), Cohort(level=("T1",)), by="sex")
    assert {(row.proportion.n, row.proportion.rate) for row in answer.rows} == {(0, None)}
    assert (answer.comparisons, answer.visits) == ((), ())


def trial(folder: Path, falls: dict[str, list[tuple[int, ...]]]) -> Warehouse:
    """Write patients whose VAS of 8 falls by the given points after and 3 months later."""
    patients = ["patient_id,primary_tumour"]
    procedures = ["procedure_id,patient_id,operated_on,level"]
    scores = ["patient_id,visit,vas"]
    for tumour, people in falls.items():
        for place, points in enumerate(people):
            person = f"{tumour}{place}"
            patients.append(f"{person},{tumour}")
            procedures.append(f"K{person},{person},2022-01-10,L1")
            scores.append(f"{person},pre,8")
            scores += [
                f"{person},{visit},{8 - fall}"
                for visit, fall in zip(("post", "m3"), points, strict=False)
            ]
    files = {
        "source.toml": SIX["source.toml"],
        "patients.csv": "\n".join([*patients, ""]),
        "procedures.csv": "\n".join([*procedures, ""]),
        "follow_ups.csv": "\n".join([*scores, ""]),
    }
    return open_registry(registry_of(files, folder))


def with_fall(first: int, second: int, n: int) -> list[tuple[int, ...]]:
    """Return n patients, of whom the first ones fell by 4 at each visit."""
    return [(4 * (place < first), 4 * (place < second)) for place in range(n)]


def test_two_groups_agree_with_r(tmp_path: Path) -> None:
    warehouse = trial(tmp_path, {"breast": with_fall(7, 8, 8), "lung": with_fall(2, 2, 8)})
    after, months = responders(warehouse.reader(), Cohort(), by="primary_tumour").comparisons
    assert after.groups == months.groups == ("breast", "lung")
    # With groups of one size all 12,870 arrangements give the P of Fisher's test.
    #   in R: chisq.test(matrix(c(7, 1, 2, 6), 2), correct = FALSE)$statistic
    #   in R: fisher.test(matrix(c(7, 1, 2, 6), 2))$p.value
    #   in R: fisher.test(matrix(c(8, 0, 2, 6), 2))$p.value
    #   in R: p.adjust(c(0.0405594405594, 0.00699300699301), method = "holm")
    assert after.statistic == pytest.approx(6.349206349, rel=1e-9)
    assert (after.statistic_name, after.df) == ("χ²", 1)
    assert (after.p, months.p) == pytest.approx((0.0405594405594, 0.00699300699301))
    assert (after.p_adjusted, months.p_adjusted) == pytest.approx(
        (0.0405594405594, 0.0139860139860)
    )
    assert (after.adjustment, after.family_size) == ("Holm", 2)
    assert (
        after.method
        == "Pearson χ² of patients among the assessed, all arrangements of groups over patients"
    )
    # by hand in R, as in test_statistics_rate_difference
    assert (after.estimate, after.ci_low, after.ci_high) == pytest.approx(
        (0.625, 0.139477737910, 0.830895222237)
    )
    assert (months.estimate, months.ci_low, months.ci_high) == pytest.approx(
        (0.75, 0.279539055240, 0.928520787248)
    )
    assert after.estimate_name == "difference in rates (Newcombe)"
    assert [other.name for other in after.sensitivity] == ["mid-P", "Fisher's exact test"]
    assert after.sensitivity[1].p == pytest.approx(0.0405594405594)
    assert (after.n_patients, after.n_excluded, after.notes) == (
        16,
        0,
        ("fragile: fewer than 10 patients in breast (8) and lung (8)",),
    )


def test_of_three_groups_one_patient_alone_is_left_out_by_name(tmp_path: Path) -> None:
    falls = {
        "breast": with_fall(7, 8, 8),
        "lung": with_fall(2, 2, 8),
        "kidney": [(4,)],
        "prostate": [(), ()],
    }
    warehouse = trial(tmp_path, falls)
    after, months = responders(warehouse.reader(), Cohort(), by="primary_tumour").comparisons
    assert after.groups == ("breast", "lung")
    assert after.p == pytest.approx(0.0405594405594)
    assert after.notes == (
        "fragile: fewer than 10 patients in breast (8) and lung (8)",
        "left out as too small: kidney (1)",
        "left out, nothing measured: prostate",
    )
    assert (after.n_patients, after.n_excluded) == (16, 3)
    assert months.notes == (
        "fragile: fewer than 10 patients in breast (8) and lung (8)",
        "left out, nothing measured: prostate and kidney",
    )


def test_three_groups_have_no_single_difference(tmp_path: Path) -> None:
    falls = {
        "breast": with_fall(8, 8, 8),
        "lung": with_fall(2, 2, 8),
        "kidney": with_fall(1, 1, 4),
    }
    test = responders(trial(tmp_path, falls).reader(), Cohort(), by="primary_tumour").comparisons[0]
    assert test.groups == ("breast", "lung", "kidney")
    assert test.df == 2
    assert test.p is not None
    assert test.p < 0.01
    assert (test.estimate, test.estimate_name, test.ci_level) == (None, None, None)
    assert [other.name for other in test.sensitivity] == [
        "mid-P",
        "Fisher's exact test, 9,999 random tables",
    ]


def test_nobody_who_reached_it_is_a_reason(tmp_path: Path) -> None:
    warehouse = trial(tmp_path, {"breast": with_fall(0, 8, 8), "lung": with_fall(0, 2, 8)})
    after, months = responders(warehouse.reader(), Cohort(), by="primary_tumour").comparisons
    assert after.refused == "nobody in any group reached the threshold"
    assert after.estimate == 0
    assert (after.ci_low or 0) < 0 < (after.ci_high or 0)
    assert months.family_size == 1
    assert (after.p_adjusted, after.adjustment, after.family_size) == (None, None, None)


def test_many_patients_are_compared_without_permutations(six: Warehouse) -> None:
    reader = six.reader()
    n = 600
    frame = pl.DataFrame(
        {
            "patient_id": [str(place) for place in range(n)],
            "visit": ["m3"] * n,
            "value": [1.0] * n,
            "group": ["F", "M"] * (n // 2),
            "reached": [place % 5 > place % 2 for place in range(n)],
        }
    )
    (test,) = responder_groups(
        frame,
        ("post", "m3"),
        measure="vas",
        by="sex",
        selected=selection(reader, Cohort()),
        exploratory=False,
    )
    assert test.method == "Pearson χ² of patients among the assessed, Rao-Scott second order"
    assert test.statistic_name == "F"
    # women: of remainders 0 2 4 1 3 four exceed 0; men: three exceed 1
    assert test.estimate == pytest.approx(4 / 5 - 3 / 5)


# The example registry, counted another way


def test_the_example_counts_as_its_files_do(example: Warehouse) -> None:
    # counted in a DuckDB shell from the CSV files: 31 due at 12 months, 28 with a VAS, P07 and
    # P18 dead before their window closed; 23 fell by 1.5, 21 by 30 % and by 2
    answer = responders(example.reader(), Cohort())
    assert rates(answer, "m12", "Low back pain consensus") == [
        (23, 28, 0),
        (23, 29, 0),
        (23, 31, 0),
    ]
    assert rates(answer, "m12", SHARE) == [(21, 28, 0), (21, 29, 0), (21, 31, 0)]
    assert rates(answer, "m12", POINTS) == [(21, 28, 0), (21, 29, 0), (21, 31, 0)]
    found = next(
        row.proportion
        for row in answer.rows
        if row.visit == "m12" and row.among == "assessed" and row.threshold == answer.threshold
    )
    # R: prop.test(23, 28, correct = FALSE)$conf.int
    assert (found.ci_low, found.ci_high) == pytest.approx((0.644085752107, 0.921214980544))


def test_groups_of_patients_add_up_to_the_cohort(example: Warehouse) -> None:
    answer = responders(example.reader(), Cohort(), by="primary_tumour")
    for visit in answer.visits:
        for place, (k, n, _) in enumerate(rates(answer, visit, SHARE)):
            groups = [
                rates(answer, visit, SHARE, group)[place]
                for group in dict.fromkeys(row.group for row in answer.rows)
                if group != "all"
            ]
            assert (sum(g[0] for g in groups), sum(g[1] for g in groups)) == (k, n)


# The command


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["responders", *arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_command_prints_every_measure_with_thresholds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = asked(capsys)
    assert list(dict.fromkeys(row["measure"] for row in answer["rows"])) == ["vas", "odi"]
    assert (answer["options"], answer["comparisons"]) == ({}, [])
    row = next(r for r in answer["rows"] if r["visit"] == "m12" and r["among"] == "alive")
    assert row == {
        "group": "all",
        "measure": "vas",
        "visit": "m12",
        "threshold": "Low back pain consensus",
        "among": "alive",
        "reached": 23,
        "n": 29,
        "rate": 23 / 29,
        # R: prop.test(23, 29, correct = FALSE)$conf.int
        "ci_low": pytest.approx(0.616099095961),
        "ci_high": pytest.approx(0.901539298022),
        "n_excluded": 0,
        "kind": "absolute",
        "value": 1.5,
        "rule": None,
    }


def test_the_command_compares_the_groups_of_one_threshold(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = asked(capsys, "--by", "sex", "--threshold", POINTS)
    # only pain has a threshold of that name; the rows hold all of pain's
    assert {row["measure"] for row in answer["rows"]} == {"vas"}
    assert len({row["threshold"] for row in answer["rows"]}) == len(thresholds("vas"))
    assert [test["visit"] for test in answer["comparisons"]] == ["post", "m3", "m6", "m12"]
    assert {test["kind"] for test in answer["comparisons"]} == {"groups"}
    both = asked(capsys, "--by", "sex", "--threshold", "Low back pain consensus")
    assert [test["outcome"] for test in both["comparisons"]] == [
        *["vas responders"] * 4,
        *["odi responders"] * 4,
    ]


def test_every_label_of_a_measure_is_its_own() -> None:
    for measure in measures().values():
        labels = [threshold.label for threshold in thresholds(measure.code)]
        assert len(set(labels)) == len(labels)
