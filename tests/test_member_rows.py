from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from polars.testing import assert_frame_equal

from data.warehouse import open_registry
from queries import member_rows as module
from queries.cohort import Cohort, selection
from queries.member_rows import member_rows
from queries.statements import statement
from tests.registry_of_six import registry_of_example

if TYPE_CHECKING:
    import polars as pl

    from data.warehouse import Reader, Warehouse

COHORTS = [
    Cohort(),
    Cohort(primary_tumour=("breast", "lung")),
    Cohort(region=("lumbar",)),
    Cohort(region=("thoracic",), region_rule="any"),
    Cohort(level=("L1",), region_rule="all", sex=("F",)),
    Cohort(age_to=20),
]
FILMS = {"measure": "height_anterior", "reference": "height_anterior_reference"}


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


def every_kind(reader: Reader) -> dict[str, pl.DataFrame]:
    """Return the rows of every statement whose rows are chosen among everybody's."""
    films, scores = statement("alignment"), statement("trajectory")
    leaks, events = statement("leakage"), statement("events")
    return {
        "films": member_rows(reader, films, by="procedure_id", **FILMS, posture=None),
        "standing": member_rows(reader, films, by="procedure_id", **FILMS, posture="standing"),
        "scores": member_rows(reader, scores, by="patient_id", measure="vas"),
        "leaks": member_rows(reader, leaks, by="procedure_id"),
        "events": member_rows(reader, events, by="patient_id"),
        "seen by a score": member_rows(reader, statement("seen_scores"), by="patient_id"),
        "seen by a film": member_rows(reader, statement("seen_films"), by="procedure_id"),
    }


@pytest.mark.parametrize("cohort", COHORTS, ids=[cohort.sentence() for cohort in COHORTS])
def test_rows_chosen_among_everybodys_are_those_that_the_database_chooses(
    example: Warehouse, monkeypatch: pytest.MonkeyPatch, cohort: Cohort
) -> None:
    reader = example.reader()
    chosen = selection(reader, cohort)
    kept = every_kind(reader)
    monkeypatch.setattr(module, "KEPT_WHOLE", chosen.n_levels_all - 1)
    for name, rows in every_kind(reader).items():
        assert_frame_equal(kept[name], rows)
        assert rows.height or cohort.is_filtered, name


def test_a_statement_is_run_once_for_all_cohorts_of_a_small_registry(
    example: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = example.reader()
    selection(reader, Cohort())
    every_kind(reader)
    monkeypatch.setattr(type(reader), "fetch", lambda *_, **__: pytest.fail("asked again"))
    selection(reader, Cohort(sex=("F",)))
    every_kind(reader)
