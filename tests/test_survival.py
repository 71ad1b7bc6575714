from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from data.warehouse import open_registry
from queries.cohort import Cohort
from queries.questions import descriptive_rows
from queries.survival import DIED_BEFORE, NO_DATE, survival
from queries.survival_comparison import EARLIEST, FIRST_SESSION, LATEST
from tests.lung import source
from tests.registry_of_six import SIX, registry_of, registry_of_example, registry_of_six

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse
    from queries.grouping import By
    from queries.statistics.results import Comparison
    from queries.survival import GroupSurvival, Survival


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


@pytest.fixture(scope="module")
def lung(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of(source(), tmp_path_factory.mktemp("lung")))


def steps(answer: Survival, group: str = "all") -> list[tuple[int, int, int, float]]:
    return [
        (row.time_days, row.at_risk, row.events, row.survival)
        for row in answer.rows
        if row.group == group
    ]


def compared(warehouse: Warehouse, by: By) -> Comparison:
    (test,) = survival(warehouse.reader(), Cohort(), by=by).comparisons
    return test


def close(*values: float | None) -> object:
    return pytest.approx(values, rel=1e-9)


# A1 2022-01-10 to 2023-02-01: 387 days, alive; A2 2022-03-01 to 2023-09-10: 558, alive;
# A3 2022-05-01 to 2022-09-01: 123, died; A4 2022-06-01 to the middle of May 2023, the 16th: 349,
# died; A5 2022-08-15 to 2022-11-20: 97, alive; A6 2024-02-01 to 2024-05-10: 99, alive.
# In R: f <- survfit(Surv(c(97, 99, 123, 349, 387, 558), c(0, 0, 1, 1, 0, 0)) ~ 1,
# In R: conf.type = "log-log"); cbind(f$time, f$n.risk, f$n.event, f$surv, f$lower, f$upper); f
def test_the_six_patients_are_followed_from_their_operation(six: Warehouse) -> None:
    answer = survival(six.reader(), Cohort())
    assert steps(answer) == [
        (97, 6, 0, 1.0),
        (99, 5, 0, 1.0),
        (123, 4, 1, 0.75),
        (349, 3, 1, 0.5),
        (387, 2, 0, 0.5),
        (558, 1, 0, 0.5),
    ]
    rows = answer.rows
    assert [(row.ci_low, row.ci_high) for row in rows[:2]] == [(None, None)] * 2
    assert (rows[2].ci_low, rows[2].ci_high) == close(0.1279469175951, 0.960548642285)
    assert (rows[3].ci_low, rows[3].ci_high) == close(0.0578470829951, 0.844861281190)
    assert {(row.median, row.median_low, row.median_high) for row in rows} == {(349, 123, None)}
    assert {(row.n, row.deaths, row.left_out) for row in rows} == {(6, 2, ())}
    assert answer.comparisons == ()


# In R: survfit(Surv(c(97, 99, 123, 349, 387, 558), c(1, 1, 0, 0, 1, 1)) ~ 1)
def test_the_median_follow_up_is_that_without_deaths(six: Warehouse) -> None:
    assert survival(six.reader(), Cohort()).total.follow_up.value == 387


def test_survival_at_one_year_stands_on_every_row(six: Warehouse) -> None:
    rows = survival(six.reader(), Cohort()).rows
    assert {row.one_year for row in rows} == {0.5}
    assert {row.follow_up for row in rows} == {387}
    assert all(row.one_year_low == row.ci_low for row in rows[3:])


def test_a_death_of_unknown_day_moves_between_both_ends(six: Warehouse) -> None:
    # A4 died in May 2023: day 334 to 364
    total = survival(six.reader(), Cohort()).total
    assert total.uncertain_deaths == 1
    assert total.earliest is not None
    assert total.latest is not None
    assert (total.earliest.median.value, total.latest.median.value) == (334, 364)
    row = survival(six.reader(), Cohort()).rows[0]
    assert (row.median_earliest, row.median_latest) == (334, 364)
    assert (row.one_year_earliest, row.one_year_latest) == (0.5, 0.5)


def test_without_such_a_death_there_are_no_ends(six: Warehouse) -> None:
    total = survival(six.reader(), Cohort(primary_tumour=("breast",))).total
    assert (total.uncertain_deaths, total.earliest, total.latest) == (0, None, None)


def test_time_starts_at_the_earliest_operation_that_the_filter_keeps(six: Warehouse) -> None:
    # Berg: A2 from 2023-03-01 (193 days), not from 2022-03-01; A4 349, A5 97, A6 99
    answer = survival(six.reader(), Cohort(surgeon=("Berg",)))
    assert steps(answer) == [(97, 4, 0, 1.0), (99, 3, 0, 1.0), (193, 2, 0, 1.0), (349, 1, 1, 0.0)]
    # both sessions of A2 were at L3: time starts at the first
    assert steps(survival(six.reader(), Cohort(level=("L3",)))) == [(558, 1, 0, 1.0)]


def test_groups_follow_the_whole_in_their_order(six: Warehouse) -> None:
    by_sex = survival(six.reader(), Cohort(), by="sex")
    assert [group.group for group in by_sex.groups] == ["all", "F", "M", "unrecorded"]
    # women A1 387, A3 123 died, A6 99; men A2 558, A5 97
    assert steps(by_sex, "F") == [(99, 3, 0, 1.0), (123, 2, 1, 0.5), (387, 1, 0, 0.5)]
    assert steps(by_sex, "M") == [(97, 2, 0, 1.0), (558, 1, 0, 1.0)]
    by_region = survival(six.reader(), Cohort(), by="region")
    # A1 and A4 have levels in two regions
    assert steps(by_region, "several") == [(349, 2, 1, 0.5), (387, 1, 0, 0.5)]


def test_a_year_without_a_death_has_an_upper_bound(six: Warehouse) -> None:
    groups = {g.group: g for g in survival(six.reader(), Cohort(), by="sex").groups}
    # men: A2 alone was observed for a year
    assert groups["M"].followed_one_year == 1
    assert groups["M"].no_death_upper == pytest.approx(0.975)
    assert groups["F"].no_death_upper is None


def patients(rows: dict[str, str], **files: str) -> dict[str, str]:
    """Return people operated on 2022-06-01, and rows `died,died_on,last_seen_on` for them."""
    people = "".join(f"{person},{row}\n" for person, row in rows.items())
    levels = "".join(f"K{person},{person},2022-06-01,L1\n" for person in rows)
    return {
        "source.toml": SIX["source.toml"],
        "patients.csv": f"patient_id,died,died_on,last_seen_on\n{people}",
        "procedures.csv": f"procedure_id,patient_id,operated_on,level\n{levels}",
        **files,
    }


def described(files: dict[str, str], folder: Path) -> GroupSurvival:
    return survival(open_registry(registry_of(files, folder)).reader(), Cohort()).total


def test_a_patient_without_a_date_after_the_operation_is_left_out(tmp_path: Path) -> None:
    total = described(
        patients(
            {
                "A": ",,",  # the operation is the latest date
                "B": ",,2022-06-01",
                "C": ",,2022-05-01",
                "D": ",,2022-06-02",
                "E": ",,2025-01-01",  # to the data date, 2024-06-30
            }
        ),
        tmp_path,
    )
    assert total.left_out == ((NO_DATE, 3),)
    assert total.curve.times.tolist() == [1, 760]


def test_a_death_on_the_day_of_the_operation_counts(tmp_path: Path) -> None:
    total = described(patients({"A": ",2022-06-01,", "B": ",,2022-07-01"}), tmp_path)
    assert (total.curve.times.tolist(), total.curve.events.tolist()) == ([0, 30], [1, 0])
    assert total.curve.survival.tolist() == [0.5, 0.5]


def test_a_death_of_unknown_day_lies_after_the_operation_and_the_last_contact(
    tmp_path: Path,
) -> None:
    total = described(
        patients(
            {
                "A": ",2022,",  # 2022-06-01 to 2022-12-31: 0 to 213, middle 106
                "B": ",2022,2022-11-01",  # 153 to 213, middle 183
                "C": "yes,,2022-03-01",  # 0 to the data date: 760, middle 380
                "D": "yes,,2024-06-30",  # on the data date: nothing is uncertain
                "E": ",2022-06,2022-05-01",  # 0 to 29, middle 14
            }
        ),
        tmp_path,
    )
    assert total.curve.times.tolist() == [14, 106, 183, 380, 760]
    assert total.uncertain_deaths == 4
    assert total.earliest is not None
    assert total.latest is not None
    # 0 0 0 153 760 and 29 213 213 760 760; at one year 2 of 5, 1 of 5 and 2 of 5 are alive
    assert (total.figures.median.value, total.earliest.median.value) == (183, 0)
    assert total.latest.median.value == 213
    ends = (total.figures, total.earliest, total.latest)
    assert [end.one_year.value for end in ends if end.one_year] == pytest.approx([0.4, 0.2, 0.4])


def test_a_death_that_cannot_lie_after_the_operation_is_left_out(tmp_path: Path) -> None:
    # the registry ends before B's operation, and B is said to have died
    levels = "procedure_id,patient_id,operated_on,level\nKA,A,2022-06-01,L1\nKB,B,2024-09-01,L1\n"
    rows = {"A": ",,2022-07-01", "B": "yes,,2024-06-01"}
    total = described(patients(rows, **{"procedures.csv": levels}), tmp_path)
    assert total.left_out == ((DIED_BEFORE, 1),)
    assert total.curve.n == 1


# In R, p and o read from the two files of data/example:
# In R: m <- merge(p, aggregate(operated_on ~ patient_id, o, min)); m$d <- m$died_on != ""
# In R: m$t <- as.numeric(as.Date(ifelse(m$d, m$died_on, m$last_seen_on)) - as.Date(m$operated_on))
# In R: f <- survfit(Surv(t, d) ~ 1, m, conf.type = "log-log"); s <- summary(f, times = 365.25)
# In R: length(f$time); c(s$surv, s$lower, s$upper); survfit(Surv(t, !d) ~ 1, m)
def test_the_example_is_as_in_r(example: Warehouse) -> None:
    answer = survival(example.reader(), Cohort())
    assert steps(answer)[:3] == [
        (151, 31, 1, pytest.approx(0.967741935484)),
        (174, 30, 0, pytest.approx(0.967741935484)),
        (248, 29, 1, pytest.approx(0.934371523915)),
    ]
    assert len(answer.rows) == 26
    row = answer.rows[-1]
    assert (row.time_days, row.at_risk) == (578, 1)
    assert (row.one_year, row.one_year_low, row.one_year_high) == close(
        0.934371523915461, 0.762118697699983, 0.983180784409844
    )
    follow_up = answer.total.follow_up
    assert (follow_up.value, follow_up.ci_low, follow_up.ci_high) == (385, 370, 406)
    assert row.median is None


# In R, as above, with o <- o[o$level %in% c("T11", "T12", "L1", "L2"), ]: f$time; f$n.risk
def test_a_filtered_example_is_as_in_r(example: Warehouse) -> None:
    curve = survival(example.reader(), Cohort(region=("thoracolumbar",))).total.curve
    assert curve.times.tolist() == [
        *(347, 352, 356, 363, 364, 370, 371),
        *(383, 391, 392, 399, 406, 412, 413),
    ]
    assert curve.at_risk.tolist() == [18, 17, 16, 14, 13, 12, 11, 10, 9, 8, 7, 6, 3, 1]
    assert curve.n_events == 0


# In R: survdiff(Surv(t, d) ~ sex, m)$chisq is 2.80115722002 with 2 deaths
def test_two_deaths_are_too_few_for_a_test(example: Warehouse) -> None:
    test = compared(example, "sex")
    assert test.refused == "with 2 deaths no result could reach 0.05"
    assert (test.p, test.p_adjusted, test.adjustment, test.family_size) == (None,) * 4
    assert test.groups == ("F", "M")
    # no woman died in the first year, so that the difference has no interval
    assert test.estimate == pytest.approx(1 - 0.846153846154)
    assert (test.ci_low, test.ci_high) == (None, None)


# In R: survdiff(Surv(time, status) ~ sex, lung)$chisq; pchisq(10.3267419549, 1, lower.tail = FALSE)
# In R: s <- summary(survfit(Surv(time, status == 2) ~ sex, lung, conf.type = "log-log"),
# In R: times = 365.25); S <- s$surv; L <- s$lower; U <- s$upper; d <- S[2] - S[1]
# In R: c(d, d - sqrt((S[2] - L[2])^2 + (U[1] - S[1])^2), d + sqrt((U[2] - S[2])^2 + ...))
def test_two_groups_are_compared_as_in_r(lung: Warehouse) -> None:
    test = compared(lung, "sex")
    assert (test.outcome, test.unit, test.kind) == ("survival", "patient", "survival")
    assert (test.by, test.groups, test.visit, test.versus) == ("sex", ("F", "M"), None, None)
    assert (test.method, test.statistic_name, test.df) == ("log-rank", "χ²", 1)
    assert (test.statistic, test.p) == close(10.3267419549, 0.00131116452036)
    assert (test.p_adjusted, test.adjustment, test.family_size) == (test.p, "Holm", 1)
    assert test.estimate_name == "difference in one-year survival, F less M"
    assert (test.estimate, test.ci_low, test.ci_high, test.ci_level) == close(
        0.190375195547, 0.040836688162, 0.327479867756, 0.95
    )
    assert (test.n_patients, test.n_levels, test.n_excluded) == (228, None, 0)
    assert (test.exploratory, test.refused, test.notes, test.sensitivity) == (True, None, (), ())


# In R: survdiff(Surv(time, status) ~ ph.ecog, subset(lung, ph.ecog < 3))$chisq
def test_small_and_unrecorded_groups_are_left_out_by_name(lung: Warehouse) -> None:
    test = compared(lung, "centre")
    assert test.groups == ("0", "1", "2")
    assert (test.statistic, test.df, test.p) == close(18.0120966947, 2, 0.000122665631501)
    assert (test.estimate_name, test.estimate, test.ci_level) == (None, None, None)
    assert (test.n_patients, test.n_excluded) == (226, 2)
    assert test.notes == (
        "left out of the log-rank test for fewer than 10 patients: 3 (1)",
        "left out of the comparison: unrecorded (1)",
    )


# In R: lung$time[1] <- 182 (0, 364); survdiff(Surv(time, status) ~ sex, lung), as above
def test_both_ends_of_an_unknown_day_are_sensitivity(tmp_path: Path) -> None:
    files = source()
    people = files["patients.csv"].replace("N0,M,2010-11-03,", "N0,M,2010,")
    files |= {"patients.csv": people}
    test = compared(open_registry(registry_of(files, tmp_path)), "sex")
    assert (test.statistic, test.p) == close(10.4403925621, 0.00123289063962)
    assert (test.estimate, test.ci_low, test.ci_high) == close(
        0.1888256579936, 0.0393243879241, 0.3259462971731
    )
    earliest, latest = test.sensitivity
    assert (earliest.name, latest.name) == (EARLIEST, LATEST)
    assert (earliest.p, earliest.estimate, earliest.ci_low, earliest.ci_high) == close(
        0.00117683305594, 0.1887874421054, 0.0392848176054, 0.3259107918634
    )
    assert (latest.p, latest.estimate, latest.ci_low, latest.ci_high) == close(
        0.00140735644667, 0.190375195547, 0.040836688162, 0.327479867756
    )


def test_a_group_that_rests_on_a_later_session_is_named_and_tried_without(tmp_path: Path) -> None:
    # N1 was operated on at centre 0; a year and more later again, at centre 1: `several`
    files = source()
    again = "KAGAIN,N1,2011-02-01,L2,1\n"
    files |= {"procedures.csv": files["procedures.csv"] + again}
    test = compared(open_registry(registry_of(files, tmp_path)), "centre")
    assert test.n_excluded == 3
    assert test.notes[0].endswith("3 (1), several (1)")
    assert test.notes[-1] == "in a group because of a later session, which only survivors reach: 1"
    (other,) = test.sensitivity
    assert (other.name, other.estimate) == (FIRST_SESSION, None)
    assert other.p == pytest.approx(0.000122665631501, rel=1e-9)


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
    assert (test.groups, test.refused, test.p, test.estimate) == (groups, reason, None, None)
    assert test.n_patients + test.n_excluded == 228


def test_small_groups_are_described_and_refused_by_name(six: Warehouse) -> None:
    test = compared(six, "sex")
    assert test.refused == "the log-rank test needs 10 patients in each group: F has 3, M has 2"
    assert (test.groups, test.n_patients, test.n_excluded) == (("F", "M"), 5, 1)
    # one-year survival: of A3 and A1 one is alive, of the men nobody died
    assert test.estimate == pytest.approx(-0.5)


def test_nobody_in_the_cohort_is_an_answer(six: Warehouse) -> None:
    answer = survival(six.reader(), Cohort(level=("T1",)), by="sex")
    assert answer.rows == ()
    assert [group.group for group in answer.groups] == ["all"]
    assert (answer.total.figures.one_year, answer.total.follow_up.value) == (None, None)
    (test,) = answer.comparisons
    assert (test.refused, test.n_patients, test.n_excluded) == ("nobody was followed", 0, 0)


def test_patients_without_a_time_stay_in_the_count(tmp_path: Path) -> None:
    warehouse = open_registry(registry_of(patients({"A": ",,", "B": ",,"}), tmp_path))
    answer = survival(warehouse.reader(), Cohort(), by="level")
    assert answer.rows == ()
    assert answer.groups[1].left_out == ((NO_DATE, 2),)
    (test,) = answer.comparisons
    assert (test.refused, test.n_excluded) == ("nobody was followed", 2)
    assert test.notes == ("left out because no time was observed: 2",)


def test_the_command_has_a_row_for_every_time(six: Warehouse) -> None:
    rows = descriptive_rows(survival(six.reader(), Cohort(), by="sex"))
    assert [row["time_days"] for row in rows if row["group"] == "all"] == [
        *(97, 99, 123, 349, 387, 558)
    ]
    assert list(dict.fromkeys(row["group"] for row in rows)) == ["all", "F", "M", "unrecorded"]
