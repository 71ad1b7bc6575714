from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import polars as pl
import pytest

from data.warehouse import open_registry
from queries.cohort import Cohort, selection
from queries.grouping import GROUP_FIELDS, By, group_order, grouped
from tests.registry_of_six import registry_of_six

if TYPE_CHECKING:
    from queries.statistics.results import Unit

LEVEL_GROUPS: dict[By, str] = {
    # K1 K2 K3 K4 K5 K6 K7 K8 K9, counted by hand
    "primary_tumour": "breast breast lung lung kidney unrecorded unrecorded prostate breast",
    "region": (
        "thoracic thoracolumbar lumbar lumbar thoracolumbar thoracolumbar lumbar thoracic lumbar"
    ),
    "sex": "F F M M F unrecorded unrecorded M F",
    "age_band": "70-79 70-79 60-69 60-69 70-79 unrecorded unrecorded 50-59 under 50",
    "level": "T8 L1 L3 L3 T12 L2 L4 T5 L5",
    "leak": "yes no no yes unrecorded yes no no no",
    "surgeon": "Ames Ames Ames Berg Ames Berg unrecorded Berg Berg",
    "centre": "North North North North South South South South North",
}
PATIENT_GROUPS: dict[By, str] = {
    # A1 A2 A3 A4 A5 A6
    "primary_tumour": "breast lung kidney unrecorded prostate breast",
    "region": "several lumbar thoracolumbar several thoracic lumbar",
    "sex": "F M F unrecorded M F",
    "age_band": "70-79 60-69 70-79 unrecorded 50-59 under 50",
    "level": "several L3 T12 several T5 L5",
    "leak": "yes yes unrecorded yes no no",
    "surgeon": "Ames several Ames several Berg Berg",
    "centre": "North North South South South North",
}


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    reader = open_registry(registry_of_six(tmp_path_factory)).reader()
    return selection(reader, Cohort()).members


def words(text: str) -> list[str]:
    return text.replace("under 50", "under_50").split()


def found(members: pl.DataFrame, by: By, unit: Unit, key: str) -> list[str]:
    frame = grouped(members, by, unit).select(key, "group").unique().sort(key)
    return [group.replace("under 50", "under_50") for group in frame["group"]]


@pytest.mark.parametrize("by", GROUP_FIELDS)
def test_each_level_stands_in_one_group(members: pl.DataFrame, by: By) -> None:
    assert found(members, by, "level", "procedure_id") == words(LEVEL_GROUPS[by])


@pytest.mark.parametrize("by", GROUP_FIELDS)
def test_each_patient_stands_in_exactly_one_group(members: pl.DataFrame, by: By) -> None:
    assert found(members, by, "patient", "patient_id") == words(PATIENT_GROUPS[by])


def test_every_field_to_group_by_is_tested() -> None:
    assert set(get_args(By)) == set(GROUP_FIELDS) == set(LEVEL_GROUPS) == set(PATIENT_GROUPS)


def test_ages_fall_into_their_bands() -> None:
    ages = [None, 0, 49, 50, 59, 60, 69, 70, 79, 80, 104]
    patients = [str(n) for n in range(len(ages))]
    members = pl.DataFrame({"patient_id": patients, "procedure_id": patients, "age": ages})
    assert grouped(members, "age_band", "patient")["group"].to_list() == [
        "unrecorded",
        *("under 50", "under 50", "50-59", "50-59", "60-69", "60-69"),
        *("70-79", "70-79", "80 and over", "80 and over"),
    ]


@pytest.mark.parametrize(
    ("leaks", "group"),
    [
        (["no", "no"], "no"),
        (["no", "unrecorded"], "unrecorded"),
        (["unrecorded", "yes"], "yes"),
        (["no", "yes", "unrecorded"], "yes"),
    ],
)
def test_a_patient_without_a_leak_was_looked_at_everywhere(leaks: list[str], group: str) -> None:
    members = pl.DataFrame(
        {"patient_id": ["A"] * len(leaks), "procedure_id": list("KLM"[: len(leaks)]), "leak": leaks}
    )
    assert set(grouped(members, "leak", "patient")["group"]) == {group}


def test_groups_follow_their_vocabulary_and_the_rest_comes_last() -> None:
    assert group_order("region", {"unrecorded", "several", "lumbar", "thoracic"}) == (
        *("thoracic", "lumbar"),
        *("several", "unrecorded"),
    )
    assert group_order("level", {"L1", "T2", "T10"}) == ("T2", "T10", "L1")
    assert group_order("leak", {"no", "yes", "unrecorded"}) == ("yes", "no", "unrecorded")
    assert group_order("surgeon", {"unrecorded", "B", "several", "A"}) == (
        *("A", "B"),
        *("several", "unrecorded"),
    )
    assert group_order("sex", set()) == ()
