from __future__ import annotations

import csv
import re
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

from data.codebook import FOLDER, LEAK_MODALITIES
from data.example import SOURCE
from data.published import PublishedSeries, published_series
from data.warehouse import open_registry
from queries.cohort import Cohort
from queries.published import EXAMPLE, MADE_FROM, NOT_KYPHOPLASTY, NOT_STATED, OTHERWISE, published
from tests.registry_of_six import SIX, registry_of, registry_of_example, registry_of_six

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


def test_every_published_row_is_whole_and_says_where_it_was_read() -> None:
    with (FOLDER / "published_series.csv").open(encoding="utf-8", newline="") as file:
        assert csv.DictReader(file).fieldnames == [field.name for field in fields(PublishedSeries)]
    series = published_series()
    assert len({one.study for one in series}) == len(series)
    for one in series:
        assert 0 <= one.k <= one.n
        assert one.denominator in ("patient", "level")
        assert one.procedure in ("kyphoplasty", "vertebroplasty")
        assert one.leak_modality in (None, *LEAK_MODALITIES)
        assert one.source
        assert one.verified_by
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", one.verified_on)


def test_published_counts_give_the_printed_percentages() -> None:
    shares = {one.study: round(100 * one.k / one.n, 1) for one in published_series()}
    assert shares["Pflugmacher 2007"] == 12.5
    assert shares["Markmiller 2015"] == 34.8
    assert shares["KAVIAR 2014 (kyphoplasty)"] == 73.4
    assert shares["KAVIAR 2014 (vertebroplasty)"] == 81.6
    assert shares["Perez 2021"] == 8.9
    assert shares["Coumans (78 patients)"] == 2.7


def test_beside_radiographs_no_series_stands(example: Warehouse) -> None:
    answer = published(example.reader(), Cohort())
    reasons = {one.series.study: one.reasons for one in answer.series}
    assert reasons["Pflugmacher 2007"] == (MADE_FROM, NOT_STATED)
    assert reasons["Markmiller 2015"] == (NOT_STATED,)
    assert reasons["KAVIAR 2014 (kyphoplasty)"] == (OTHERWISE,)
    assert reasons["KAVIAR 2014 (vertebroplasty)"] == (NOT_KYPHOPLASTY, OTHERWISE)
    assert [(own.denominator, own.proportion.k, own.proportion.n) for own in answer.ours] == [
        ("level", 8, 64),
        ("patient", 7, 31),
    ]


def test_beside_ct_stands_the_series_that_used_ct(six: Warehouse) -> None:
    # ct: K1 and K2 of A1, K4 of A2, leaks K1 and K4
    answer = published(six.reader(), Cohort())
    drawn = [one for one in answer.series if not one.reasons]
    assert [one.series.study for one in drawn] == ["KAVIAR 2014 (kyphoplasty)"]
    assert drawn[0].series.sponsor == "industry"
    # in R: prop.test(157, 214, correct = FALSE)$conf.int
    found = drawn[0].proportion
    assert (found.ci_low, found.ci_high) == pytest.approx((0.670678522526, 0.788370918941))
    ours = {(own.modality, own.denominator): own.proportion for own in answer.ours}
    assert (ours["ct", "level"].k, ours["ct", "level"].n) == (2, 3)
    assert (ours["ct", "patient"].k, ours["ct", "patient"].n) == (2, 2)
    assert (ours["unrecorded", "level"].k, ours["unrecorded", "level"].n) == (0, 1)


def test_the_model_study_may_stand_beside_other_data_as_far_as_its_method_is_known(
    tmp_path: Path,
) -> None:
    assert EXAMPLE in (SOURCE / "source.toml").read_text(encoding="utf-8")
    files = {**SIX, "source.toml": SIX["source.toml"].replace("true", "false")}
    answer = published(open_registry(registry_of(files, tmp_path)).reader(), Cohort())
    reasons = {one.series.study: one.reasons for one in answer.series}
    assert reasons["Pflugmacher 2007"] == (NOT_STATED,)


def test_the_rows_of_the_command_are_ours_then_theirs(six: Warehouse) -> None:
    rows = published(six.reader(), Cohort()).rows
    kinds = [row.kind for row in rows]
    assert kinds == sorted(kinds)
    assert {row.comparable for row in rows if row.kind == "ours"} == {True}
    assert sum(row.comparable for row in rows if row.kind == "published") == 1


def test_nobody_has_no_rate_of_his_own(six: Warehouse) -> None:
    assert published(six.reader(), Cohort(level=("T1",))).ours == ()
