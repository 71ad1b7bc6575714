"""Stability after the operation, counted by hand on six patients."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import pytest

from data.codebook import measures
from data.example import SOURCE
from data.ingest import accept, check
from data.warehouse import open_registry
from pages.shared.verdicts import omnibus_line, stability_line, stability_sentence
from queries.alignment import alignment
from queries.cohort import Cohort
from queries.equivalence import HALL, PERCENT, Judged, equivalence
from tests.registry_of_six import registry_of_six

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    path: Path = tmp_path_factory.mktemp("equivalence") / "example.duckdb"
    accept(check(SOURCE), path)
    return open_registry(path)


def test_every_visit_is_judged_against_the_first_film_after_the_operation(six: Warehouse) -> None:
    m3, m6, m12 = (judged.test for judged in alignment(six.reader(), Cohort()).judged)
    # m3: K3 11 - 10 and K8 17 - 15: patients 1 and 2; t.test(c(1, 2), conf.level = .90)
    assert (m3.visit, m3.versus, m3.kind, m3.ci_level) == ("m3", "post", "equivalence", 0.90)
    assert (m3.n_patients, m3.n_levels, m3.n_excluded, m3.estimate) == (2, 2, 4, 1.5)
    assert m3.ci_low == pytest.approx(-1.65687575734)
    assert m3.ci_high == pytest.approx(4.65687575734)
    assert m3.verdict == "undecided"
    # m6: K4 10 - 9; m12: K1 16 - 14 and K2 9 - 8, both of A1
    assert (m6.n_patients, m6.n_levels, m6.estimate) == (1, 1, 1)
    assert (m12.n_patients, m12.n_levels, m12.estimate) == (1, 2, 1.5)
    assert m12.verdict is None
    assert m12.refused == "with 1 patient the mean change has no interval"


def test_the_example_holds_its_angle_within_the_margin_of_the_codebook(
    example: Warehouse,
) -> None:
    judged = alignment(example.reader(), Cohort(), measure="kyphosis_angle").judged[-1]
    low, high, margin = judged.test.ci_low, judged.test.ci_high, measures()["kyphosis_angle"].margin
    assert low is not None
    assert high is not None
    assert margin is not None
    assert (judged.test.verdict == "stable") == (-margin < low and high < margin)
    assert judged.test.method == (
        "two one-sided t tests on patient means of the levels, margin ±3°"
    )
    assert judged.worsened is not None
    assert judged.worsened.n == judged.test.n_levels == 59


def test_a_small_cohort_is_undecided(example: Warehouse) -> None:
    answer = alignment(example.reader(), Cohort(primary_tumour=("colorectal",)))
    assert answer.judged[-1].test.n_patients == 2
    assert answer.judged[-1].test.verdict == "undecided"
    assert "**undecided, the interval does not lie" in stability_sentence(answer)


def test_a_height_is_judged_in_per_cent_of_its_reference(example: Warehouse) -> None:
    value = alignment(example.reader(), Cohort(), measure="height_anterior").judged[-1].test
    share = (
        alignment(
            example.reader(), Cohort(), measure="height_anterior", scale="percent_of_reference"
        )
        .judged[-1]
        .test
    )
    percent, hall = value.sensitivity
    assert (percent.name, hall.name) == (PERCENT, f"{HALL}, {PERCENT}")
    assert percent.estimate == pytest.approx(share.estimate, abs=0.2)
    assert value.verdict == share.verdict == "stable"
    assert abs(value.estimate or 0) < 1 < abs(percent.estimate or 0)


def test_in_per_cent_no_measurement_error_is_on_record(example: Warehouse) -> None:
    judged = alignment(
        example.reader(), Cohort(), measure="height_anterior", scale="percent_of_reference"
    ).judged[-1]
    assert judged.worsened is None
    assert "No measurement error is on record" in stability_line(judged, 1, "% of the reference")


def test_the_sentence_names_verdict_margin_and_what_the_mean_hides(example: Warehouse) -> None:
    words = stability_sentence(alignment(example.reader(), Cohort())).replace("\u202f", " ")
    assert words.startswith(
        "Stability of kyphosis angle since the film after the operation, 12 months: **stable on "
        "average; 3 of 59 levels worsened by more than 7.0° since then**; mean change "
    )
    assert "28 patients, 59 levels" in words
    assert "Worse by more than the measurement error: " in words
    assert words.endswith("Margin: Setting: 3°; no published margin was found (2026-11-22).")


def test_a_stable_mean_without_a_level_that_worsened_says_so(example: Warehouse) -> None:
    judged = alignment(example.reader(), Cohort()).judged[-1]
    assert judged.worsened is not None
    none = replace(judged, worsened=replace(judged.worsened, k=0))
    assert (
        "**stable on average; no level worsened by more than 7.0° since then**"
        in stability_line(none, 1, "°")
    )


def test_without_two_films_there_is_no_verdict_but_a_reason(six: Warehouse) -> None:
    answer = alignment(six.reader(), Cohort(level=("L5",)))
    assert answer.judged == ()
    assert "no level has a film after the operation and a later one" in stability_sentence(answer)


def test_a_height_shown_in_millimetres_says_how_it_was_judged(example: Warehouse) -> None:
    judged = alignment(example.reader(), Cohort(), measure="height_anterior").judged[-1]
    assert ", judged as −" in stability_line(judged, 1, "mm")


def test_the_line_over_all_visits_names_n_and_visits(six: Warehouse) -> None:
    (test,) = alignment(six.reader(), Cohort()).omnibus
    assert omnibus_line(test, of_patients=6) == (
        "Friedman over 2 visits, on patient means of the levels (visits compared: before, after; "
        "left out, attended by fewer than half: 3 months, 6 months, 12 months; fragile: fewer "
        "than 10 patients): χ² = 4.0, df = 1, P = 0.046; 5 of 6 patients with every visit."
    )


def judged_changes(changes: list[float], margin: float | None) -> Judged:
    """Judge one level per patient that stood at 10 degrees after the operation."""
    rows = [
        {"patient_id": f"P{n}", "procedure_id": f"K{n}", "visit": visit, "value": value}
        for n, change in enumerate(changes)
        for visit, value in (("post", 10.0), ("m12", 10.0 + change))
    ]
    frame = pl.DataFrame(rows).with_columns(pl.lit(None, dtype=pl.Float64).alias("reference"))
    (judged,) = equivalence(
        frame,
        ("post", "m12"),
        replace(measures()["kyphosis_angle"], margin=margin),
        in_percent=False,
        n_patients=len(changes),
        exploratory=False,
    )
    return judged


def test_without_a_margin_the_estimate_stands_and_the_reason_is_given() -> None:
    test = judged_changes([0.5, 1.0, 1.5], None).test
    assert (test.estimate, test.verdict) == (1.0, None)
    assert test.refused == "no margin is set, so stability cannot be judged"
    assert str(test.method).endswith("on patient means of the levels")


def test_one_collapse_that_skews_the_changes_leaves_the_verdict_open() -> None:
    # the t interval is -0.34 to 1.51, Hall's limits -0.04 to 3.99: the margin of 3 lies between
    judged = judged_changes([0.0, 0.1, 0.2, 0.1, 0.0, 0.2, 0.1, 4.0], 3.0)
    assert judged.test.verdict == "undecided"
    assert "the t interval alone would decide, Hall's limits do not: undecided" in judged.test.notes


def test_levels_that_worsened_are_counted_beside_a_stable_mean() -> None:
    judged = judged_changes([0.0] * 10 + [0.5] * 10 + [8.0], 3.0)
    assert judged.worsened is not None
    assert (judged.worsened.k, judged.worsened.n) == (1, 21)
    assert "Worse by more than the measurement error: 1 of 21 levels" in stability_line(
        judged, 1, "°"
    )


def test_a_change_beyond_the_margin_is_called_so() -> None:
    judged = judged_changes([5.0, 5.5, 6.0, 5.2, 5.8], 3.0)
    assert judged.test.verdict == "changed"
    assert stability_line(judged, 1, "°").startswith("**changed by more than the margin**")
