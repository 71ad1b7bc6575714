from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from data.codebook import selectable_measures
from data.warehouse import open_registry
from queries.absence import DEAD, LOST, NOT_DUE, NOT_RECORDED
from queries.alignment import alignment
from queries.cohort import Cohort
from queries.patient import patient
from queries.patient_record import FILMS, TREATED_AGAIN, Missing
from queries.patients import patients
from queries.ranges import ranges
from queries.trajectory import trajectory
from tests.awkward import COHORTS
from tests.registry_of_events import SIX_WITH_EVENTS
from tests.registry_of_six import SIX, registry_of, registry_of_example, registry_of_six

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse
    from queries.patient import Patient


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture(scope="module")
def with_events(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of(SIX_WITH_EVENTS, tmp_path_factory.mktemp("events")))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


def of(warehouse: Warehouse, patient_id: str, cohort: Cohort | None = None) -> Patient:
    return patient(warehouse.reader(), cohort or Cohort(), patient_id=patient_id)


def reasons(answer: Patient, what: str, level: str | None = None) -> dict[str, str]:
    return {
        gap.visit: gap.reason
        for gap in answer.missing
        if gap.what == what and level in (None, gap.level)
    }


# One patient


def test_the_first_of_the_six_is_told_as_counted_by_hand(six: Warehouse) -> None:
    answer = of(six, "A1")
    person = answer.person
    assert person is not None
    assert (person.sex, person.age, person.primary_tumour) == ("F", 72, "breast")
    assert person.regions == ("thoracic", "thoracolumbar")
    # last seen on 2023-02-01; the data end on 2024-06-30
    assert (person.status.last, person.status.data, person.status.dead) == (387, 902, False)
    pain = answer.scores.filter(measure="vas").sort("day")
    assert pain.select("visit", "day", "value").rows() == [
        ("pre", -5, 8),
        ("post", 4, 4),
        ("m3", 90, 3),
        ("m6", 181, 2),
        ("m12", 365, 2),
    ]
    assert [(level.level, level.day, level.leak) for level in answer.treated] == [
        ("T8", 0, True),
        ("L1", 0, False),
    ]
    assert answer.treated[0].locations == ("epidural", "paravertebral")
    assert answer.treated[0].routes == ("B", "unrecorded")
    assert answer.treated[0].leak_symptomatic is False


def test_readers_are_averaged_as_in_the_question_of_alignment(six: Warehouse) -> None:
    films = of(six, "A1").films.filter(measure="kyphosis_angle", procedure_id="K1").sort("day")
    assert films.select("visit", "day", "value").rows() == [
        ("pre", -5, 20),
        ("post", 4, 14),  # first reader 12 and 14, second reader 15
        ("m12", 365, 16),
    ]


def test_each_change_is_set_against_every_published_threshold(six: Warehouse) -> None:
    pain = [change for change in of(six, "A1").changes if change.measure == "vas"]
    assert [(c.visit, c.day, c.baseline, c.value, c.change) for c in pain] == [
        ("post", 4, 8, 4, -4),
        ("m3", 90, 8, 3, -5),
        ("m6", 181, 8, 2, -6),
        ("m12", 365, 8, 2, -6),
    ]
    states = {j.threshold.label: j.state for j in pain[-1].judged if j.state != "reached"}
    assert states == {"Bone metastasis complete response (pain part)": "not reached"}
    composite = next(j for j in pain[-1].judged if j.threshold.kind == "composite")
    assert composite.state == "reached"  # disability 60 before and 20 at 12 months
    assert {change.within_error for change in pain} == {None}  # no error of VAS on record


def test_a_change_inside_the_measurement_error_is_marked(six: Warehouse) -> None:
    # disability 70 before, 30 at 3 months, 50 at 12; the detectable change is 10
    disability = [c for c in of(six, "A2").changes if c.measure == "odi"]
    assert [(c.visit, c.change, c.within_error) for c in disability] == [
        ("m3", -40, False),
        ("m12", -20, False),
    ]


def test_the_same_ten_points_are_within_an_error_of_ten(tmp_path: Path) -> None:
    closer = SIX["follow_ups.csv"].replace("A2,m12,2023-03-15,3,50,", "A2,m12,2023-03-15,3,60,")
    warehouse = open_registry(registry_of(SIX | {"follow_ups.csv": closer}, tmp_path))
    changes = [c for c in of(warehouse, "A2").changes if (c.measure, c.visit) == ("odi", "m12")]
    assert [(c.change, c.within_error) for c in changes] == [(-10, True)]


def test_without_a_baseline_only_final_values_are_judged(six: Warehouse) -> None:
    post = next(c for c in of(six, "A4").changes if (c.measure, c.visit) == ("vas", "post"))
    assert (post.value, post.change, post.baseline) == (4, None, None)
    by_kind = {(judged.threshold.kind, judged.state) for judged in post.judged}
    assert by_kind == {
        ("absolute", "not judged"),
        ("percent", "not judged"),
        ("by_baseline", "not judged"),
        ("composite", "not judged"),
        ("final", "reached"),
        ("final", "not reached"),  # no pain at all
    }


def test_a_composite_is_judged_where_every_score_was_taken(six: Warehouse) -> None:
    # A2: disability before, at 3 and at 12 months; A5: none at 3 months
    for name, expected in (
        ("A2", {"post": "not judged", "m3": "reached", "m6": "not judged", "m12": "reached"}),
        ("A5", {"post": "reached", "m3": "not judged"}),
    ):
        found = {
            change.visit: judged.state
            for change in of(six, name).changes
            for judged in change.judged
            if judged.threshold.kind == "composite"
        }
        assert found == expected


def test_a_change_that_falls_short_and_a_baseline_already_there_are_told_apart(
    six: Warehouse,
) -> None:
    # A6: 8 before and 8 after; A5: 6 before, an acceptable state of 6 already
    after = next(c for c in of(six, "A6").changes if (c.measure, c.visit) == ("vas", "post"))
    alone = [judged for judged in after.judged if judged.threshold.kind != "composite"]
    assert {judged.state for judged in alone} == {"not reached"}
    other = next(c for c in of(six, "A5").changes if (c.measure, c.visit) == ("vas", "post"))
    assert {j.threshold.label: j.state for j in other.judged}["Acceptable state"] == "already there"


def test_a_course_of_a_level_is_gain_and_loss(six: Warehouse) -> None:
    courses = {
        (c.procedure_id, c.measure): c
        for c in of(six, "A1").courses
        if c.measure in ("kyphosis_angle", "height_anterior")
    }
    angle = courses["K1", "kyphosis_angle"]
    assert (angle.pre, angle.post, angle.last, angle.last_visit) == (20, 14, 16, "m12")
    assert (angle.gain, angle.loss) == (-6, 2)
    assert (angle.gain_within_error, angle.loss_within_error) == (True, True)  # 7 degrees
    height = courses["K1", "height_anterior"]
    assert (height.gain, height.gain_within_error, height.reference) == (5, False, 25)  # 4.5 mm


def test_what_is_missing_is_given_its_reason(six: Warehouse) -> None:
    assert reasons(of(six, "A1"), "vas") == {}
    assert reasons(of(six, "A3"), "vas") == {"m6": DEAD, "m12": DEAD}  # died on day 123
    assert reasons(of(six, "A5"), "vas") == {"m6": LOST, "m12": LOST}
    assert reasons(of(six, "A6"), "vas") == {"m6": NOT_DUE, "m12": NOT_DUE}
    assert reasons(of(six, "A4"), "vas") == {"pre": NOT_RECORDED, "m12": DEAD}
    assert reasons(of(six, "A1"), "karnofsky") == {}  # nobody has it at any other visit
    first = Missing("pre", "karnofsky", None, None, NOT_RECORDED)
    assert of(six, "A3").missing[0] == first


def test_films_are_missing_from_the_levels_own_operation_on(six: Warehouse) -> None:
    # A2: L3 on day 0 and again on day 365; the film at 12 months lies after that
    answer = of(six, "A2")
    gaps = {
        (gap.procedure_id, gap.visit): gap.reason for gap in answer.missing if gap.what == FILMS
    }
    assert gaps == {
        ("K3", "m6"): NOT_RECORDED,
        ("K3", "m12"): TREATED_AGAIN,
        ("K4", "m3"): NOT_RECORDED,
        ("K4", "m12"): NOT_DUE,  # day 500 of its own is 2024-07-13
    }
    assert [(level.day, level.treated_again) for level in answer.treated] == [(0, 365), (365, None)]
    assert "m12" not in answer.films.filter(procedure_id="K3")["visit"].to_list()


def test_events_carry_their_day_and_the_level_that_they_were_recorded_with(
    with_events: Warehouse,
) -> None:
    assert [(e.kind, e.day, e.level) for e in of(with_events, "A1").events] == [
        ("adjacent_fracture", 100, "T8"),
        ("adjacent_fracture", 264, "L1"),
    ]
    before, after = of(with_events, "A2").events
    assert (before.day, after.day, after.level) == (-28, 426, None)
    infection, undated = of(with_events, "A4").events
    assert (infection.kind, infection.day) == ("infection", 223)
    assert (undated.day, undated.occurred_on) == (None, None)


def test_a_death_of_unknown_day_has_both_ends(six: Warehouse) -> None:
    person = of(six, "A4").person
    assert person is not None
    # operated on 2022-06-01, died in May 2023: 2023-05-01 to 2023-05-31
    status = person.status
    assert (status.died_earliest, status.died, status.died_latest) == (334, 349, 364)


def test_the_patient_is_shown_whole_whatever_the_filter_keeps(six: Warehouse) -> None:
    answer = of(six, "A1", Cohort(level=("L1",)))
    assert [(level.procedure_id, level.chosen) for level in answer.treated] == [
        ("K1", False),
        ("K2", True),
    ]
    assert answer.films["procedure_id"].unique().sort().to_list() == ["K1", "K2"]
    assert answer.selection.n_levels == 1


def test_nobody_outside_the_cohort_is_shown(six: Warehouse) -> None:
    answer = of(six, "A1", Cohort(sex=("M",)))
    assert answer.person is None
    assert (answer.rows, answer.treated, answer.changes) == ((), (), ())
    assert answer.scores.is_empty()
    assert of(six, "not a patient").person is None


def test_without_a_name_the_first_of_the_cohort_is_shown(six: Warehouse) -> None:
    first = patient(six.reader(), Cohort(sex=("M",))).person
    assert first is not None
    assert first.patient_id == "A2"
    assert patient(six.reader(), Cohort(level=("T1",))).person is None


def test_a_value_outside_every_window_and_one_without_a_day_stay(tmp_path: Path) -> None:
    more = "A1,,2022-02-10,6,,\nA5,m6,,3,,\n"  # A1: day 31, in no window
    files = SIX | {"follow_ups.csv": SIX["follow_ups.csv"] + more}
    warehouse = open_registry(registry_of(files, tmp_path))
    pain = of(warehouse, "A1").scores.filter(measure="vas", scheduled=False)
    assert pain.select("visit", "day", "value").rows() == [("other", 31, 6)]
    assert "other" not in {change.visit for change in of(warehouse, "A1").changes}
    undated = of(warehouse, "A5").scores.filter(visit="m6")
    assert undated.select("day", "value").rows() == [(None, 3)]
    assert of(warehouse, "A5").rows[-1].day is None


def test_the_rows_hold_everything_in_order_of_time(with_events: Warehouse) -> None:
    rows = of(with_events, "A1").rows
    assert [row.what for row in rows if row.what not in ("score", "film")] == [
        "operation",
        "operation",
        "event",
        "event",
        "last contact",
    ]
    days = [row.day for row in rows if row.day is not None]
    assert days == sorted(days)
    assert {row.what for row in of(with_events, "A3").rows} >= {"death"}


def test_a_registry_of_procedures_only_has_a_patient_without_values(tmp_path: Path) -> None:
    files = dict(COHORTS["procedures only"].files)
    warehouse = open_registry(registry_of(files, tmp_path))
    answer = patient(warehouse.reader(), Cohort())
    assert answer.person is not None
    assert answer.missing == ()
    assert (answer.changes, answer.courses) == ((), ())
    assert [row.what for row in answer.rows] == ["operation", "operation", "last contact"]


# The order


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("operated", ["A1", "A2", "A3", "A4", "A5", "A6"]),
        ("patient_id", ["A1", "A2", "A3", "A4", "A5", "A6"]),
        # latest change: A6 -3, A2 -4, A5 -4 (operated later), A3 -5, A1 -6, A4 no baseline
        ("change", ["A6", "A2", "A5", "A3", "A1", "A4"]),
    ],
)
def test_patients_stand_in_the_order_that_was_asked_for(
    six: Warehouse, order: str, expected: list[str]
) -> None:
    roster = patients(six.reader(), Cohort(), order=order).roster  # type: ignore[arg-type]
    assert roster["patient_id"].to_list() == expected


def test_the_day_of_the_operation_comes_before_the_name(tmp_path: Path) -> None:
    swapped = {name: text.replace("A6", "A0") for name, text in SIX.items()}
    warehouse = open_registry(registry_of(swapped, tmp_path))
    by_day = patients(warehouse.reader(), Cohort()).roster["patient_id"].to_list()
    by_name = patients(warehouse.reader(), Cohort(), order="patient_id").roster["patient_id"]
    assert by_day == ["A1", "A2", "A3", "A4", "A5", "A0"]
    assert by_name.to_list() == ["A0", "A1", "A2", "A3", "A4", "A5"]


def test_a_baseline_of_an_earlier_operation_orders_nobody(six: Warehouse) -> None:
    answer = patients(six.reader(), Cohort(surgeon=("Berg",)), order="change")
    found = dict(answer.roster.select("patient_id", "change").iter_rows())
    assert found == {"A6": -3, "A5": -4, "A2": None, "A4": None}


def test_every_patient_of_the_cohort_is_listed_once(example: Warehouse) -> None:
    answer = patients(example.reader(), Cohort(primary_tumour=("breast",)))
    assert answer.roster.height == answer.selection.n_patients == 13
    assert answer.roster["n_levels"].sum() == answer.selection.n_levels
    assert [row["place"] for row in answer.rows] == list(range(1, 14))


# The range behind the patient


@pytest.mark.parametrize("measure", [m.code for m in selectable_measures("patient")])
@pytest.mark.parametrize("cohort", [Cohort(), Cohort(sex=("F",), region=("lumbar",))])
def test_the_range_of_a_score_is_that_of_the_trajectory(
    example: Warehouse, measure: str, cohort: Cohort
) -> None:
    found = ranges(example.reader(), cohort, measure=measure).rows
    expected = trajectory(example.reader(), cohort, measure=measure).rows
    assert [(r.visit, r.n) for r in found] == [(r.visit, r.n) for r in expected]
    for row, other in zip(found, expected, strict=True):
        assert (row.q1, row.median, row.q3) == pytest.approx((other.q1, other.median, other.q3))


def test_the_range_of_a_film_is_that_of_the_alignment(six: Warehouse) -> None:
    found = ranges(six.reader(), Cohort(), measure="kyphosis_angle").rows
    expected = alignment(six.reader(), Cohort(), measure="kyphosis_angle").rows
    assert [(r.visit, r.n, r.median, r.q1, r.q3) for r in found] == [
        (r.visit, r.n_levels, r.median, r.q1, r.q3) for r in expected
    ]


# In R: quantile(c(8, 7, 9, 6, 8), c(.1, .9), type = 7)
def test_nine_tenths_of_the_cohort_are_as_in_r(six: Warehouse) -> None:
    answer = ranges(six.reader(), Cohort(), measure="vas")
    before = answer.at("pre")
    assert before is not None
    assert (before.n, before.p10, before.p90) == pytest.approx((5, 6.4, 8.6))


def test_a_visit_without_anybody_of_the_cohort_has_no_range(six: Warehouse) -> None:
    answer = ranges(six.reader(), Cohort(primary_tumour=("kidney",)), measure="vas")
    last = answer.rows[-1]
    assert (last.visit, last.n, last.median) == ("m12", 0, None)
    assert answer.at("m12") is None


def test_days_of_a_whole_registry_of_one_patient_are_numbers(six: Warehouse) -> None:
    assert of(six, "A1").scores.schema["day"] == pl.Int64
