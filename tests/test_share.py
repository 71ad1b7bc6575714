"""The three rates beside the change are those of the question responders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import queries.share
from data.codebook import thresholds
from data.example import example_registry
from data.warehouse import open_registry
from queries.cohort import Cohort
from queries.responders import responders
from queries.share import OF_ONE_SCORE, counts_reaching, share
from queries.trajectory import trajectory
from tests.registry_of_six import registry_of_six

if TYPE_CHECKING:
    from data.warehouse import Warehouse

COHORTS = (Cohort(), Cohort(sex=("F",)), Cohort(surgeon=("Berg",)))


@pytest.fixture(scope="module", params=["six", "example"])
def registry(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    path = registry_of_six(tmp_path_factory) if request.param == "six" else example_registry()
    return open_registry(path)


@pytest.mark.parametrize("measure", ["vas", "odi"])
@pytest.mark.parametrize("cohort", COHORTS, ids=["all", "women", "Berg"])
def test_the_rates_agree_with_the_responders(
    registry: Warehouse, measure: str, cohort: Cohort
) -> None:
    counted = counts_reaching(registry.reader(), cohort, measure=measure)
    answer = responders(registry.reader(), cohort, measure=measure)
    rates = {
        (row.threshold, row.visit, row.among): row.proportion
        for row in answer.rows
        if row.group == "all" and row.threshold.kind in OF_ONE_SCORE
    }
    assert rates
    for threshold, visit in {(threshold, visit) for threshold, visit, _ in rates}:
        found = share(counted, threshold, visit)
        if visit not in answer.visits:
            assert found is None
            continue
        assert found is not None
        assert (found.assessed, found.living, found.everybody) == tuple(
            rates[threshold, visit, among] for among in ("assessed", "alive", "all")
        )


def test_a_threshold_of_other_scores_as_well_has_no_share(
    registry: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries.share, "OF_ONE_SCORE", ("percent",))
    counted = counts_reaching(registry.reader(), Cohort(), measure="vas")
    absolute, percent = thresholds("vas")[:2]
    assert share(counted, absolute, "m12") is None
    assert share(counted, percent, "m12") is not None


def test_above_five_thousand_patients_one_visit_is_counted(
    registry: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries.share, "MOST_PATIENTS", 0)
    first = thresholds("vas")[0]
    counted = counts_reaching(registry.reader(), Cohort(), measure="vas")
    assert counted["visit"].to_list() == ["m12"]
    assert share(counted, first, "m3") is None
    few = Cohort(primary_tumour=("kidney", "unknown"))
    early = trajectory(registry.reader(), few, measure="vas")
    counted = counts_reaching(registry.reader(), few, measure="vas")
    assert counted["visit"].to_list() == [early.pairs[-1].visit]


def test_nobody_has_no_share(registry: Warehouse) -> None:
    counted = counts_reaching(registry.reader(), Cohort(level=("T1",)), measure="vas")
    assert share(counted, thresholds("vas")[0], "m12") is None
