from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from data.codebook import EVENT_KINDS
from data.warehouse import open_registry
from queries.cohort import Cohort
from queries.events import AFTER_DATA, AFTER_DEATH, BEFORE_START, NO_DAY, events
from queries.events_comparison import NOTHING_RECORDED
from queries.statistics.event_rate import event_rate
from queries.statistics.few_events import least_p
from queries.statistics.incidence import cumulative_incidence
from queries.statistics.incidence_difference import incidence_difference
from queries.survival import DIED_BEFORE, NO_DATE
from queries.survival_comparison import EARLIEST, FIRST_SESSION, LATEST
from tests.registry_of_events import SIX_WITH_EVENTS, lung_with_events
from tests.registry_of_six import SIX, registry_of, registry_of_example, registry_of_six

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse
    from queries.events import Events
    from queries.grouping import By
    from queries.statistics.results import Comparison

HEAD = "patient_id,procedure_id,kind,occurred_on\n"


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of(SIX_WITH_EVENTS, tmp_path_factory.mktemp("six")))


@pytest.fixture(scope="module")
def without_events(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


@pytest.fixture(scope="module")
def lung(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of(lung_with_events(3), tmp_path_factory.mktemp("lung")))


def steps(answer: Events, group: str = "all") -> list[tuple[int, int, int, int, float | None]]:
    return [
        (row.time_days, row.at_risk, row.events, row.deaths, row.incidence)
        for row in answer.rows
        if row.group == group
    ]


def compared(warehouse: Warehouse, by: By) -> Comparison:
    (test,) = events(warehouse.reader(), Cohort(), by=by).comparisons
    return test


def close(*values: float | None) -> object:
    return pytest.approx(values, rel=1e-9)


# First fracture or end: A5 97 alive, A1 100 fracture, A6 109 fracture, A3 123 died, A4 349 died,
# A2 426 fracture. By hand: 1/5 = 0.2; 0.2 + 4/5 · 1/4 = 0.4; 0.4 + 1/5 · 1 = 0.6.
# In R: f <- survfit(Surv(c(97, 100, 109, 123, 349, 426), factor(c(0, 1, 1, 2, 2, 1), 0:2)) ~ 1)
# In R: cbind(f$time, f$n.risk[, 1], f$pstate[, 2], f$lower[, 2], f$upper[, 2])
def test_the_six_patients_are_followed_to_their_first_fracture(six: Warehouse) -> None:
    answer = events(six.reader(), Cohort())
    assert steps(answer) == [
        (97, 6, 0, 0, 0.0),
        (100, 5, 1, 0, pytest.approx(0.2)),
        (109, 4, 1, 0, pytest.approx(0.4)),
        (123, 3, 0, 1, pytest.approx(0.4)),
        (349, 2, 0, 1, pytest.approx(0.4)),
        (426, 1, 1, 0, pytest.approx(0.6)),
    ]
    limits = [(row.ci_low, row.ci_high) for row in answer.rows]
    assert limits[0] == (None, None)
    assert limits[1] == close(0.03464911850686, 1)
    assert limits[2] == close(0.13672178038905, 1)
    assert limits[5] == close(0.29331643163833, 1)
    assert {(row.group, row.kind) for row in answer.rows} == {("all", "adjacent_fracture")}


# In R: poisson.test(3, 1204 / 365.25)$conf.int * 100
def test_the_whole_stands_on_every_row(six: Warehouse) -> None:
    row, *others = events(six.reader(), Cohort()).rows
    assert (row.n, row.patients_with_event, row.all_events) == (6, 3, 4)
    assert (row.deaths_before, row.uncertain_deaths, row.left_out) == (2, 1, ())
    assert row.patient_years == pytest.approx(1204 / 365.25)
    assert (row.per_100_years, row.per_100_years_low, row.per_100_years_high) == close(
        300 * 365.25 / 1204, 18.76827183452, 265.96731633915
    )
    assert (row.one_year, row.one_year_low) == close(0.4, 0.13672178038905)
    assert row.one_year_upper is None
    assert all(other.per_100_years == row.per_100_years for other in others)


def test_events_without_a_place_in_the_time_are_counted_and_left_out(six: Warehouse) -> None:
    answer = events(six.reader(), Cohort())
    assert answer.events_left_out == ((NO_DAY, 1), (BEFORE_START, 1), (AFTER_DEATH, 1))
    counts = {count.kind: count for count in answer.counts}
    assert tuple(counts) == EVENT_KINDS
    fracture = counts["adjacent_fracture"]
    assert (fracture.events, fracture.patients, fracture.left_out) == (4, 3, 3)
    assert [(counts[kind].events, counts[kind].patients) for kind in ("infection", "revision")] == [
        (1, 1),
        (1, 1),
    ]
    assert counts["readmission"].events == 0
    # nobody was readmitted in 387 + 558 + 123 + 349 + 97 + 99 days
    bound = counts["readmission"].rate
    assert bound is not None
    assert (bound.value, bound.ci_low) == (0, 0)
    assert bound.ci_high == pytest.approx(100 * 3.688879454114 * 365.25 / 1613)


def test_an_event_on_the_day_of_the_operation_counts(six: Warehouse) -> None:
    # A5; without it the patient would be seen until day 97
    answer = events(six.reader(), Cohort(), kind="revision")
    assert steps(answer)[0] == (0, 6, 1, 0, pytest.approx(1 / 6))
    alone = events(six.reader(), Cohort(primary_tumour=("prostate",)), kind="revision")
    assert steps(alone) == [(0, 1, 1, 0, 1.0)]
    assert (alone.total.patient_years, alone.total.rate) == (0, None)
    assert alone.rows[0].per_100_years is None


def test_time_starts_at_the_earliest_operation_that_the_filter_keeps(six: Warehouse) -> None:
    # Berg operated on A2 on 2023-03-01: the fracture of 2023-05-01 is 61 days later, and the one
    # of 2022-02-01 lies before
    answer = events(six.reader(), Cohort(surgeon=("Berg",), primary_tumour=("lung",)))
    assert steps(answer) == [(61, 1, 1, 0, 1.0)]
    assert answer.events_left_out == ((BEFORE_START, 1),)


def test_an_event_belongs_to_the_patient_whatever_level_the_filter_keeps(six: Warehouse) -> None:
    # the fractures of A1 are noted beside K1 (T8) and K2 (L1)
    answer = events(six.reader(), Cohort(level=("L1",)))
    assert steps(answer)[0][:3] == (100, 1, 1)
    assert answer.total.events == 2


def test_no_such_event_is_an_upper_bound(six: Warehouse) -> None:
    total = events(six.reader(), Cohort(), kind="readmission").total
    # A1 and A2 were observed for a year: 1 - 0.025 ^ (1 / 2)
    assert total.one_year is not None
    assert (total.one_year.value, total.one_year.ci_low) == (0, None)
    assert total.followed_one_year == 2
    assert total.no_event_upper == pytest.approx(1 - 0.025**0.5)
    short = events(six.reader(), Cohort(primary_tumour=("prostate",)), kind="infection").total
    assert (short.one_year, short.no_event_upper) == (None, None)


def test_a_registry_without_events_has_no_incidence(without_events: Warehouse) -> None:
    answer = events(without_events.reader(), Cohort(), by="sex")
    assert answer.recorded is False
    assert {row.incidence for row in answer.rows} == {None}
    assert {(row.one_year, row.one_year_upper, row.per_100_years) for row in answer.rows} == {
        (None, None, None)
    }
    (test,) = answer.comparisons
    assert (test.refused, test.p, test.statistic) == (NOTHING_RECORDED, None, None)
    assert test.groups == ("F", "M")


def test_an_empty_table_of_events_is_no_event(tmp_path: Path) -> None:
    path = registry_of({**SIX, "events.csv": HEAD}, tmp_path)
    assert events(open_registry(path).reader(), Cohort()).recorded is False


def test_nobody_and_nobody_followed_are_answers(six: Warehouse, tmp_path: Path) -> None:
    nobody = events(six.reader(), Cohort(primary_tumour=("melanoma",)), by="sex")
    assert (nobody.rows, nobody.total.curve.n, nobody.total.rate) == ((), 0, None)
    assert nobody.comparisons[0].refused == "nobody was followed"
    files = {
        "source.toml": SIX["source.toml"],
        "patients.csv": "patient_id,died\nA,\nB,\n",
        "procedures.csv": (
            "procedure_id,patient_id,operated_on,level\nKA,A,2022-06-01,L1\nKB,B,2022-06-01,L1\n"
        ),
    }
    unseen = events(open_registry(registry_of(files, tmp_path)).reader(), Cohort(), by="sex")
    assert unseen.total.left_out == ((NO_DATE, 2),)
    assert unseen.rows == ()
    assert unseen.comparisons[0].refused == "nobody was followed"


def people(rows: dict[str, str], happened: str) -> dict[str, str]:
    """Return people operated on 2022-06-01, their `died,died_on,last_seen_on`, and events."""
    patients = "".join(f"{person},{row}\n" for person, row in rows.items())
    levels = "".join(f"K{person},{person},2022-06-01,L1\n" for person in rows)
    return {
        "source.toml": SIX["source.toml"],
        "patients.csv": f"patient_id,died,died_on,last_seen_on\n{patients}",
        "procedures.csv": f"procedure_id,patient_id,operated_on,level\n{levels}",
        "events.csv": f"{HEAD}{happened}",
    }


def test_an_event_shows_that_a_patient_lived_and_was_seen(tmp_path: Path) -> None:
    rows = {
        "A": ",2022,2022-06-01",  # died on day 0 to 213, in the middle on day 106
        "B": ",2022,2022-06-01",  # the same without a revision
        "C": ",2022-06-30,",  # the event is that of the day of death
        "D": ",,2022-06-01",  # not seen after the operation but for the event
        "E": ",,2022-06-01",
        "F": ",,2022-07-01",  # the event lies after the data date
    }
    happened = (
        "A,,revision,2022-12-01\nC,,revision,2022-06-30\nD,,revision,2022-06-11\n"
        "F,,revision,2024-08-01\n"
    )
    path = registry_of(people(rows, happened), tmp_path)
    answer = events(open_registry(path).reader(), Cohort(), kind="revision")
    found = [step[:4] for step in steps(answer)]
    # D 10, C 29, F 30 (alive), B 106 (died), A 183
    assert found == [(10, 5, 1, 0), (29, 4, 1, 0), (30, 3, 0, 0), (106, 2, 0, 1), (183, 1, 1, 0)]
    assert answer.total.uncertain_deaths == 1
    assert answer.total.left_out == ((NO_DATE, 1),)
    assert answer.events_left_out == ((AFTER_DATA, 1),)


def test_a_death_before_the_operation_is_left_out(tmp_path: Path) -> None:
    files = people({"A": ",,2022-07-01", "B": "yes,,2024-06-01"}, "B,,revision,2024-06-20\n")
    files["procedures.csv"] = files["procedures.csv"].replace("B,2022-06-01", "B,2024-09-01")
    answer = events(open_registry(registry_of(files, tmp_path)).reader(), Cohort(), kind="revision")
    assert answer.total.left_out == ((DIED_BEFORE, 1),)
    assert answer.events_left_out == ((BEFORE_START, 1),)


def test_groups_follow_the_whole_in_their_order(six: Warehouse) -> None:
    answer = events(six.reader(), Cohort(), by="sex")
    assert [group.group for group in answer.groups] == ["all", "F", "M", "unrecorded"]
    # women A1 100 fracture, A6 109 fracture, A3 123 died; men A5 97 alive, A2 426 fracture
    assert [step[:4] for step in steps(answer, "F")] == [
        (100, 3, 1, 0),
        (109, 2, 1, 0),
        (123, 1, 0, 1),
    ]
    assert [step[:4] for step in steps(answer, "M")] == [(97, 2, 0, 0), (426, 1, 1, 0)]
    assert sum(group.events for group in answer.groups[1:]) == answer.total.events


# In R: t <- lung$time; i <- 0:227; e <- i %% 3 == 0; d <- lung$status == 2
# In R: tt <- ifelse(e, t %/% 2, t); s <- ifelse(e, 1, ifelse(d, 2, 0))
# In R: m <- summary(survfit(Surv(tt, factor(s, 0:2)) ~ 1), times = 365.25)
# In R: c(m$pstate[, 2], m$lower[, 2], m$upper[, 2])
# In R: poisson.test(sum(s == 1), sum(tt) / 365.25)$conf.int * 100
def test_a_larger_registry_is_as_in_r(lung: Warehouse) -> None:
    total = events(lung.reader(), Cohort()).total
    assert total.one_year is not None
    assert (total.one_year.value, total.one_year.ci_low, total.one_year.ci_high) == close(
        0.3399628600302, 0.2818831394414, 0.4100094330896
    )
    assert total.rate is not None
    assert (total.curve.n_events, total.patient_years) == (76, pytest.approx(160.19438740589))
    assert (total.rate.ci_low, total.rate.ci_high) == close(37.37918465566, 59.38118963076)


# In R, as above: cuminc(tt, s, lung$sex)$Tests["1", ]
# In R: m <- summary(survfit(Surv(tt, factor(s, 0:2)) ~ sex, lung), times = 365.25)
# In R: P <- m$pstate[, 2]; L <- m$lower[, 2]; U <- m$upper[, 2]; x <- P[2] - P[1]
# In R: c(x, x - sqrt((P[2] - L[2])^2 + (U[1] - P[1])^2), x + sqrt((U[2] - P[2])^2 + ...))
def test_two_groups_are_compared_as_in_r(lung: Warehouse) -> None:
    test = compared(lung, "sex")
    assert (test.outcome, test.unit, test.kind) == ("adjacent_fracture", "patient", "survival")
    assert (test.by, test.groups, test.visit, test.versus) == ("sex", ("F", "M"), None, None)
    assert (test.method, test.statistic_name, test.df) == ("Gray's test", "χ²", 1)
    assert (test.statistic, test.p) == close(1.2834397465306, 0.2572604509751)
    assert (test.p_adjusted, test.adjustment, test.family_size) == (test.p, "Holm", 1)
    assert test.estimate_name == "difference in one-year incidence, F less M"
    assert (test.estimate, test.ci_low, test.ci_high, test.ci_level) == close(
        0.09725622883384, -0.03239201091092, 0.23712874171032, 0.95
    )
    assert (test.n_patients, test.n_levels, test.n_excluded) == (228, None, 0)
    assert (test.exploratory, test.refused, test.notes, test.sensitivity) == (True, None, (), ())


# In R: k <- !is.na(lung$ph.ecog) & lung$ph.ecog < 3; cuminc(tt[k], s[k], lung$ph.ecog[k])$Tests
def test_small_and_unrecorded_groups_are_left_out_by_name(lung: Warehouse) -> None:
    test = compared(lung, "centre")
    assert test.groups == ("0", "1", "2")
    assert (test.statistic, test.df, test.p) == close(0.2367592278356, 2, 0.8883587552498)
    assert (test.estimate_name, test.estimate) == (None, None)
    assert (test.n_patients, test.n_excluded) == (226, 2)
    assert test.notes == (
        "left out of Gray's test for fewer than 10 patients: 3 (1)",
        "left out of the comparison: unrecorded (1)",
    )


# In R, with e <- i %% 20 == 0: sum(e); cuminc(tt, s, lung$sex)$Tests["1", ]; of 12 events the
# women would have 12 · 90 / 228 = 4.7
def test_few_events_are_said_to_be_few(tmp_path: Path) -> None:
    test = compared(open_registry(registry_of(lung_with_events(20), tmp_path)), "sex")
    assert (test.statistic, test.p) == close(0.07014626672308, 0.79112393497785)
    assert test.notes == ("fewer than 5 events expected in F: P is approximate",)


def test_too_few_events_are_refused(example: Warehouse, tmp_path: Path) -> None:
    # all 3 fractures in the 13 men: 13 · 12 · 11 / (31 · 30 · 29) = 0.064
    test = compared(example, "sex")
    assert test.refused == "with 3 events no result could reach 0.05"
    assert (test.p, test.p_adjusted, test.adjustment, test.family_size) == (None,) * 4
    # the one of the first patient: 90 / 228
    one = compared(open_registry(registry_of(lung_with_events(228), tmp_path)), "sex")
    assert one.refused == "with 1 event no result could reach 0.05"
    # no event among the women, so that the difference has no interval
    assert (one.estimate_name, one.estimate, one.ci_low) == (None, None, None)


@pytest.mark.parametrize(
    ("by", "groups", "reason"),
    [
        ("level", ("L1",), "there is only one group"),
        ("primary_tumour", (), "no patient's group is recorded"),
    ],
)
def test_one_group_and_no_group_are_refused_in_words(
    lung: Warehouse, by: By, groups: tuple[str, ...], reason: str
) -> None:
    test = compared(lung, by)
    assert (test.groups, test.refused) == (groups, reason)


def test_both_ends_of_an_unknown_day_and_later_sessions_are_sensitivity(tmp_path: Path) -> None:
    files = lung_with_events(3)
    # N1 died on day 455; N4 has a second operation at another centre
    files["patients.csv"] = files["patients.csv"].replace("N1,M,2011-04-01,", "N1,M,2011,")
    files["procedures.csv"] += "KAGAIN,N4,2011-02-01,L2,1\n"
    warehouse = open_registry(registry_of(files, tmp_path))
    assert events(warehouse.reader(), Cohort()).total.uncertain_deaths == 1
    test = compared(warehouse, "centre")
    assert [other.name for other in test.sensitivity] == [EARLIEST, LATEST, FIRST_SESSION]
    assert all(other.p is not None for other in test.sensitivity)
    assert test.notes[-1] == "in a group because of a later session, which only survivors reach: 1"


# In R: poisson.test(5, 12.5)$conf.int * 100; poisson.test(0, 10)$conf.int * 100
def test_rates_have_exact_poisson_limits() -> None:
    rate = event_rate(5, 12.5)
    assert rate is not None
    assert (rate.value, rate.ci_low, rate.ci_high) == close(40, 12.98789112095, 93.34665663458)
    none = event_rate(0, 10)
    assert none is not None
    assert (none.value, none.ci_low, none.ci_high) == close(0, 0, 36.88879454114)
    assert event_rate(0, 0) is None


def test_the_least_p_counts_every_smallest_group() -> None:
    # all four in one of three groups of 10: 3 · (10 · 9 · 8 · 7) / (30 · 29 · 28 · 27)
    assert least_p(4, [10, 10, 10]) == pytest.approx(3 * 5040 / 657720)
    assert least_p(0, [10, 12]) == 1
    assert least_p(10**6, [10**6, 2 * 10**6]) < 1e-4


def test_a_difference_needs_both_groups_observed_and_with_an_event() -> None:
    long, early = (cumulative_incidence([100, last], [1, 0]) for last in (600, 200))
    none = cumulative_incidence([500, 600], [0, 0])
    assert incidence_difference(long, early) is None
    assert incidence_difference(long, none) is None
    assert incidence_difference(long, long) is not None
