"""Groups compared on the example registry and on six patients, against R and by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from data.example import example_registry
from data.warehouse import open_registry
from queries.alignment import alignment
from queries.cohort import Cohort
from queries.grouping import GROUP_FIELDS
from queries.leakage import leakage
from queries.trajectory import trajectory
from tests.registry_of_six import SIX, registry_of

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse
    from queries.statistics.results import Comparison, Sensitivity


@pytest.fixture(scope="module")
def example() -> Warehouse:
    return open_registry(example_registry())


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of(SIX, tmp_path_factory.mktemp("six")))


def entry(test: Comparison, word: str) -> Sensitivity:
    (found,) = [other for other in test.sensitivity if word in other.name]
    return found


# In R, ch being the change of vas of those with both values, f that of women and m of men:
#   in R: pvalue(coin::wilcox_test(ch ~ factor(sex), distribution = "exact"))
#   in R: D <- sort(outer(f, m, "-")); k <- max(1, qwilcox(.025, length(f), length(m)))
#   in R: c(median(D), D[k], D[length(D) + 1 - k])
#   in R: a <- lm(ch ~ pre + factor(sex, levels = c("M", "F"))); c(coef(a)[3], confint(a)[3, ])
@pytest.mark.parametrize(
    ("place", "w", "p", "shift", "ancova"),
    [
        (0, 93.5, 0.353470119173, (-0.5, -3, 0.5), (-0.763024565511, 0.341942323007)),
        (1, 83, 0.177824781521, (-1.5, -3.5, 0.5), (-1.4051492703, 0.0990571746103)),
        (2, 108, 0.801035341207, (0, -2, 2), (-0.255188679245, 0.7915801715)),
        (3, 81.5, 0.584774878482, (-0.5, -3, 2), (-0.716221753893, 0.496340160648)),
    ],
    ids=["post", "m3", "m6", "m12"],
)
def test_two_groups_agree_with_r(
    example: Warehouse,
    place: int,
    w: float,
    p: float,
    shift: tuple[float, ...],
    ancova: tuple[float, float],
) -> None:
    test = trajectory(example.reader(), Cohort(), by="sex").groups[place]
    assert (test.kind, test.by, test.groups) == ("groups", "sex", ("F", "M"))
    assert (test.statistic_name, test.statistic) == ("W", w)
    assert test.p == pytest.approx(p, rel=1e-6)
    assert (test.estimate, test.ci_low, test.ci_high) == shift
    adjusted = entry(test, "ANCOVA")
    assert (adjusted.estimate, adjusted.p) == pytest.approx(ancova, rel=1e-6)


def test_the_visits_of_one_comparison_are_a_family(example: Warehouse) -> None:
    tests = trajectory(example.reader(), Cohort(), by="sex").groups
    # in R: p.adjust(c(0.353470119173, 0.177824781521, 0.801035341207, 0.584774878482), "holm")
    assert [test.p_adjusted for test in tests] == pytest.approx([1, 0.711299126086, 1, 1])
    assert {test.family_size for test in tests} == {4}


# In R: the mean change of each patient's levels, the patient's region or "several"
#   in R: kruskal.test(round(ch, 9), factor(g))
#   in R: anova(lm(ch ~ b), lm(ch ~ b + g))[2, 6]
#   in R: kruskal.test(change of every level, factor(g of its patient))
@pytest.mark.parametrize(
    ("place", "n", "h", "p", "ancova", "levels"),
    [
        (0, (31, 64), 0.236794354839, 0.971441609802, 0.674901177922, 0.691027131876),
        (1, (30, 63), 0.452434017595, 0.929210037276, 0.535191332195, 0.688074176937),
        (2, (28, 59), 0.63407971339, 0.888588175735, 0.737687191098, 0.883757915164),
        (3, (28, 59), 1.69162561576, 0.638797215278, 0.297493369986, 0.731569371317),
    ],
    ids=["post", "m3", "m6", "m12"],
)
def test_several_groups_of_levels_are_compared_on_patient_means(
    example: Warehouse,
    place: int,
    n: tuple[int, int],
    h: float,
    p: float,
    ancova: float,
    levels: float,
) -> None:
    test = alignment(example.reader(), Cohort(), by="region").groups[place]
    assert test.groups == ("thoracic", "thoracolumbar", "lumbar", "several")
    assert (test.n_patients, test.n_levels, test.n_excluded) == (*n, 31 - n[0])
    assert (test.statistic, test.p) == pytest.approx((h, p), rel=1e-6)
    assert entry(test, "ANCOVA").p == pytest.approx(ancova, rel=1e-6)
    assert entry(test, "levels as independent").p == pytest.approx(levels, rel=1e-6)
    assert "patients with levels in more than one group are a group of their own" in test.notes


def test_every_pair_of_groups_is_compared(example: Warehouse) -> None:
    test = alignment(example.reader(), Cohort(), by="region").groups[3]
    assert len(test.pairwise) == 6
    (pair,) = [pair for pair in test.pairwise if pair.groups == ("thoracic", "lumbar")]
    # in R: wilcox.exact(x, y, exact = TRUE), outer(x, y, "-") and qwilcox as above
    assert pair.p == pytest.approx(0.420634920635)
    assert (pair.estimate, pair.ci_low, pair.ci_high) == pytest.approx(
        (-4.883333333333, -13.3, 5.4)
    )


def test_leaks_of_two_groups_agree_with_r(example: Warehouse) -> None:
    (test,) = leakage(example.reader(), Cohort(), by="sex").comparisons
    # in R: chisq.test(table(sex, leak), correct = FALSE), fisher.test(table(sex, leak))
    # in R: geeglm(y ~ sex, id, family = binomial, corstr = "exchangeable", std.err = "san.se")
    assert test.statistic == pytest.approx(0.037015615963, rel=1e-6)
    assert entry(test, "Fisher").p == pytest.approx(1)
    odds = entry(test, "GEE")
    assert odds.p == pytest.approx(0.860932272301, rel=1e-4)
    assert (odds.estimate, odds.ci_low, odds.ci_high) == pytest.approx(
        (1.168767517601, 0.204173330247, 6.690479645644), rel=1e-4
    )
    assert (test.outcome, test.kind, test.n_patients, test.n_levels) == ("leak", "groups", 31, 64)
    women, men = leakage(example.reader(), Cohort(), by="sex").rows[1:]
    one, other = women.per_level, men.per_level
    assert one.rate is not None
    assert other.rate is not None
    assert test.estimate == pytest.approx(one.rate - other.rate)
    assert test.ci_low is not None
    assert test.ci_high is not None
    assert test.ci_low < 0 < test.ci_high


def test_leaks_of_regions_say_that_patients_have_levels_in_several(example: Warehouse) -> None:
    (test,) = leakage(example.reader(), Cohort(), by="region").comparisons
    # in R: chisq.test(table(region, leak), correct = FALSE)$statistic
    assert test.statistic == pytest.approx(1.52910315491, rel=1e-6)
    assert (
        "some patients have levels in several groups, which makes the comparison conservative"
        in (test.notes)
    )


def test_leaks_are_not_compared_between_leak_and_no_leak(example: Warehouse) -> None:
    (test,) = leakage(example.reader(), Cohort(), by="leak").comparisons
    assert (test.p, test.refused) == (None, "the groups are made by the outcome itself")


def test_the_unrecorded_are_left_out_by_count(six: Warehouse) -> None:
    # A4 has no sex; A1 A3 A6 are women, A2 A5 men
    test = trajectory(six.reader(), Cohort(), by="sex", measure="vas").groups[0]
    assert test.groups == ("F", "M")
    # after the operation A1 -4, A3 -4, A6 0; A2 -3.5, A5 -4; A4 has no baseline
    assert (test.n_patients, test.n_excluded) == (5, 1)
    assert test.refused == "with groups of 3 and 2 no result could reach 0.05"
    (leaks,) = leakage(six.reader(), Cohort(), by="sex").comparisons
    assert "left out, group not recorded: 2 levels" in leaks.notes


def test_the_unrecorded_with_both_values_are_counted(tmp_path: Path) -> None:
    given = SIX["follow_ups.csv"].replace("A4,post", "A4,pre,2022-05-20,9,,\nA4,post")
    warehouse = open_registry(registry_of(SIX | {"follow_ups.csv": given}, tmp_path))
    test = trajectory(warehouse.reader(), Cohort(), by="sex").groups[0]
    assert "left out, group not recorded: 1" in test.notes


def test_the_change_of_every_group_is_described(six: Warehouse) -> None:
    answer = alignment(six.reader(), Cohort(), by="region")
    # A1 (K1 -6 and K2 -2: -4) and A4 (K6 0) have levels in two regions
    found = {(c.group, c.visit): (c.n_patients, c.n_levels, c.estimate) for c in answer.changes}
    several = found["several", "post"]
    assert several[:2] == (2, 3)
    assert several[2] is not None
    assert several[2].value == -2
    assert found["thoracolumbar", "m12"] == (0, 0, None)
    assert answer.groups[0].refused is not None


def test_one_group_is_no_comparison_but_a_reason(six: Warehouse) -> None:
    tests = trajectory(six.reader(), Cohort(primary_tumour=("breast",)), by="primary_tumour").groups
    assert {test.refused for test in tests} == {"one group only: breast"}
    (leaks,) = leakage(six.reader(), Cohort(sex=("F",)), by="sex").comparisons
    assert leaks.refused == "there is only one group"


def test_holm_out_of_reach_of_two_small_groups_is_said(example: Warehouse) -> None:
    chosen = Cohort(primary_tumour=("colorectal", "breast"))
    tests = trajectory(example.reader(), chosen, by="primary_tumour").groups
    # 2 of 14 or 15: 2 / 91 = 0.022 alone, above 0.05 times four
    assert any("Holm puts 0.05 out of reach of these groups" in n for t in tests for n in t.notes)


@pytest.mark.parametrize("by", GROUP_FIELDS)
def test_every_field_makes_groups_of_every_outcome(example: Warehouse, by: Any) -> None:
    scores = trajectory(example.reader(), Cohort(), by=by)
    films = alignment(example.reader(), Cohort(), by=by)
    leaks = leakage(example.reader(), Cohort(), by=by)
    for test in (*scores.groups, *films.groups, *leaks.comparisons):
        assert (test.p is None) != (test.refused is None)
    assert len(scores.groups) == len(films.groups) == 4


def test_a_group_decided_by_a_later_session_is_said_and_left_out_beside(
    example: Warehouse,
) -> None:
    # P03 was operated on at T9 and T10, and seven months later at T11
    tests = trajectory(example.reader(), Cohort(), by="region", measure="odi").groups
    assert all("in a group because of a later session: 1" in test.notes for test in tests)
    # in R: kruskal.test of the change at 6 months, P03 in the thoracic group
    assert entry(tests[2], "groups by the first session alone").p == pytest.approx(0.107, abs=5e-4)
    assert tests[2].p == pytest.approx(0.039, abs=5e-4)
    by_sex = trajectory(example.reader(), Cohort(), by="sex").groups
    assert not any("later session" in note for test in by_sex for note in test.notes)


def test_levels_as_independent_compare_the_groups_of_the_answer(example: Warehouse) -> None:
    breast = Cohort(primary_tumour=("breast",))
    test = alignment(example.reader(), breast, measure="height_anterior", by="region").groups[-1]
    assert test.groups == ("thoracolumbar", "lumbar", "several")
    # in R: kruskal.test of the levels of these three groups of patients
    assert entry(test, "levels as independent").p == pytest.approx(0.132, abs=2e-3)
