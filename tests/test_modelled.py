"""The models of every observed value that stand beside the tests, against R."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import queries.modelled
from data.example import example_registry
from data.warehouse import open_registry
from queries.alignment import alignment
from queries.cohort import Cohort
from queries.overview import overview
from queries.trajectory import trajectory

if TYPE_CHECKING:
    from data.warehouse import Warehouse
    from queries.statistics.results import Comparison, Sensitivity


@pytest.fixture(scope="module")
def example() -> Warehouse:
    return open_registry(example_registry())


def entry(test: Comparison, word: str) -> Sensitivity:
    (found,) = [other for other in test.sensitivity if word in other.name]
    return found


# In R: m <- lmer(vas ~ visit + (1 | patient_id)); cbind(fixef(m), confint(m, method = "Wald"))
@pytest.mark.parametrize(
    ("place", "change"),
    [
        (0, (-4.5, -5.30289902154, -3.69710097846)),
        (1, (-4.82258064516, -5.6254796667, -4.01968162363)),
        (2, (-4.59099750794, -5.41056165345, -3.77143336243)),
        (3, (-4.33096205547, -5.15944065259, -3.50248345835)),
    ],
)
def test_the_mixed_model_of_patients_agrees_with_r(
    example: Warehouse, place: int, change: tuple[float, ...]
) -> None:
    found = entry(trajectory(example.reader(), Cohort()).paired[place], "mixed model")
    assert (found.estimate, found.ci_low, found.ci_high) == pytest.approx(change, rel=1e-3)
    assert "as if nobody had died; missing at random" in found.name


# In R: geeglm(vas ~ visit, id, corstr = "independence", std.err = "san.se"), Wald limits
@pytest.mark.parametrize(
    ("place", "change"),
    [
        (0, (-4.5, -5.3219203871, -3.6780796129)),
        (1, (-4.82258064516, -5.67029604983, -3.97486524049)),
        (2, (-4.60901001112, -5.60063669205, -3.61738333019)),
        (3, (-4.40149769585, -5.43368373316, -3.36931165854)),
    ],
)
def test_the_change_among_those_alive_agrees_with_r(
    example: Warehouse, place: int, change: tuple[float, ...]
) -> None:
    found = entry(trajectory(example.reader(), Cohort()).paired[place], "among those alive")
    assert (found.estimate, found.ci_low, found.ci_high) == pytest.approx(change, rel=1e-4)


# In R: lmer(kyphosis_angle ~ visit + (1 | patient_id) + (1 | patient_id:procedure_id))
@pytest.mark.parametrize(
    ("place", "change"),
    [
        (0, (-3.64375, -4.63747219882, -2.65002780117)),
        (1, (-3.86225840744, -4.86088727238, -2.86362954251)),
        (2, (-4.28952029052, -5.30982351705, -3.26921706399)),
        (3, (-2.97953751969, -3.99984074622, -1.95923429316)),
    ],
)
def test_the_mixed_model_of_levels_agrees_with_r(
    example: Warehouse, place: int, change: tuple[float, ...]
) -> None:
    found = entry(alignment(example.reader(), Cohort()).paired[place], "mixed model")
    assert (found.estimate, found.ci_low, found.ci_high) == pytest.approx(change, rel=1e-3)


def test_the_clustering_of_level_changes_agrees_with_r(example: Warehouse) -> None:
    pair = alignment(example.reader(), Cohort()).pairs[3]
    # in R: anova(lm(change ~ patient)), (B - W) / (B + (m0 - 1) * W); N / (1 + (sum(m^2) / N - 1) *
    # icc)
    assert (pair.n, pair.n_levels) == (28, 59)
    assert (pair.icc, pair.n_effective) == pytest.approx((0.259574495311, 40.973452230659))


def test_few_patients_at_a_visit_are_said(example: Warehouse) -> None:
    # ten patients, nine of them seen at 12 months
    few = trajectory(example.reader(), Cohort(age_to=58)).paired[-1]
    assert few.n_patients == 9
    assert "fewer than 10 patients" in entry(few, "mixed model").name


def test_an_answer_without_the_models_is_the_same_answer(example: Warehouse) -> None:
    for question in (trajectory, alignment, overview):
        whole = question(example.reader(), Cohort()).comparisons
        bare = question(example.reader(), Cohort(), models="none").comparisons
        assert len(whole) == len(bare) > 0
        assert [replace(test, sensitivity=()) for test in whole] == [
            replace(test, sensitivity=()) for test in bare
        ]
        films = [test for test in bare if test.outcome != "leak"]
        names = [other.name for test in films for other in test.sensitivity]
        assert not any("mixed model" in name or "GEE" in name for name in names)


def test_above_five_thousand_patients_the_models_are_computed_on_request(
    example: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries.modelled, "MODEL_ON_REQUEST", 30)
    (absent,) = trajectory(example.reader(), Cohort()).paired[0].sensitivity
    assert (absent.p, absent.estimate) == (None, None)
    assert "mixed model and GEE of every observed value: above 5,000 patients on request only" in (
        absent.name
    )
    asked = trajectory(example.reader(), Cohort(), models="always").paired[0]
    assert entry(asked, "mixed model").estimate == pytest.approx(-4.5)
