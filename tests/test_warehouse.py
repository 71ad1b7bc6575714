from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import polars as pl
import pytest

from data.ingest import check
from data.warehouse import (
    REGISTRY_VARIABLE,
    SCHEMA_VERSION,
    RegistryError,
    level_rows,
    named_registry,
    open_registry,
    signature,
    write_registry,
)
from queries.cohort import Cohort, selection
from queries.trajectory import trajectory
from tests.registry_of_six import SIX, registry_of, registry_of_six

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.warehouse import Warehouse

LOADING = "Load the source again with `python -m data.ingest`."


@pytest.fixture(scope="module")
def six_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return registry_of_six(tmp_path_factory)


@pytest.fixture(scope="module")
def six(six_file: Path) -> Warehouse:
    return open_registry(six_file)


@pytest.fixture
def tables(tmp_path: Path) -> dict[str, pl.DataFrame]:
    source = tmp_path / "typed"
    source.mkdir()
    for name, text in SIX.items():
        (source / name).write_text(text, encoding="utf-8")
    return check(source).tables


@pytest.fixture
def copy(six_file: Path, tmp_path: Path) -> Path:
    """Return a registry that a test may spoil."""
    copied = tmp_path / "copy.duckdb"
    copied.write_bytes(six_file.read_bytes())
    return copied


def spoil(path: Path, statement: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(statement)


def refusal(path: Path) -> str:
    with pytest.raises(RegistryError) as caught:
        open_registry(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_csv('{file}')",
        "select * from read_text('{file}')",
        "select * from '{file}'",
        "select * from glob('/*')",
        "copy (select 1) to '{folder}/out.csv'",
        "copy registry.patients to '{folder}/out.csv'",
        "export database '{folder}/out'",
        "attach '{folder}/other.duckdb' as other",
        "install httpfs",
        "load httpfs",
        "set threads = 1",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "reset lock_configuration",
        "pragma enable_profiling",
        "insert into registry.patients (patient_id) values ('X')",
        "update registry.patients set sex = 'F'",
        "delete from registry.patients",
        "drop table registry.patients",
        "create table registry.more as select 1",
    ],
)
def test_the_registry_is_locked_down(six: Warehouse, tmp_path: Path, statement: str) -> None:
    file = tmp_path / "secret.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(RegistryError):
        six.reader().fetch(statement.format(file=file, folder=tmp_path))
    assert os.listdir(tmp_path) == ["secret.csv"]  # noqa: PTH208
    assert six.reader().fetch("select count(*) as n from registry.patients")["n"].item() == 6


def test_a_statement_sees_no_variable_of_the_program(six: Warehouse) -> None:
    frame = pl.DataFrame({"a": [1]})
    with pytest.raises(RegistryError):
        six.reader().fetch("select * from frame")
    assert frame.height == 1


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [
        ("select $known as a", {}),
        ("select $known as a", {"known": 1, "more": 2}),
        ("select 1 as a", {"more": 2}),
        ("select nothing from registry.patients where patient_id = 'A1'", {}),
        ("select cast(patient_id as integer) as a from registry.patients", {}),
    ],
)
def test_a_statement_that_fails_says_so_without_its_text_or_data(
    six: Warehouse, statement: str, parameters: dict[str, int]
) -> None:
    with pytest.raises(RegistryError) as caught:
        six.reader().fetch(statement, **parameters)
    said = str(caught.value)
    assert said.startswith("The registry could not answer (")
    assert said.endswith(LOADING)
    assert not any(word in said for word in ("\n", "select", "patient", "A1", "known"))


def test_parameters_of_every_kind_are_taken(six: Warehouse) -> None:
    found = six.reader().fetch(
        "select $text as text, $number as number, len($list) as length, $nothing is null as blank",
        text="a",
        number=1.5,
        list=("a", "b"),
        nothing=None,
    )
    assert found.row(0) == ("a", 1.5, 2, True)


def test_nobody_sees_the_cohort_of_another_viewer(six: Warehouse) -> None:
    first, second = six.reader(), six.reader()
    selection(first, Cohort(sex=("F",)))
    with pytest.raises(RegistryError):
        second.fetch("select * from cohort")
    selection(second, Cohort(sex=("M",)))
    count = "select count(distinct patient_id) as n from cohort"
    assert (first.fetch(count)["n"].item(), second.fetch(count)["n"].item()) == (3, 2)


def test_several_viewers_ask_at_once(six: Warehouse) -> None:
    cohorts = [Cohort(sex=("F",)), Cohort(sex=("M",)), Cohort(), Cohort(region=("lumbar",))] * 3
    found: dict[int, int] = {}

    def view(place: int) -> None:
        found[place] = trajectory(six.reader(), cohorts[place]).selection.n_patients

    viewers = [threading.Thread(target=view, args=(place,)) for place in range(len(cohorts))]
    for viewer in viewers:
        viewer.start()
    for viewer in viewers:
        viewer.join()
    assert [found[place] for place in range(len(cohorts))] == [3, 2, 6, 3] * 3


def test_a_reader_in_use_survives_the_closing_of_its_warehouse(six_file: Path) -> None:
    warehouse = open_registry(six_file)
    reader = warehouse.reader()
    warehouse.close()
    assert selection(reader, Cohort()).n_patients == 6
    with pytest.raises(RegistryError, match="Open the page again"):
        warehouse.reader()


def test_the_registry_says_what_it_is(six: Warehouse) -> None:
    registry = six.registry
    assert (registry.name, registry.synthetic, registry.region_convention) == (
        "Six patients",
        True,
        "junction",
    )
    assert registry.schema_version == SCHEMA_VERSION
    assert len(registry.version) == 12
    assert registry.data_date.isoformat() == "2024-06-30"


def test_a_replaced_file_is_seen_by_the_next_opening_and_not_by_an_open_one(
    tmp_path: Path, tables: dict[str, pl.DataFrame]
) -> None:
    path = registry_of(SIX, tmp_path / "first")
    before, old = signature(path), open_registry(path)
    fewer = tables | {"events": tables["events"], "follow_ups": tables["follow_ups"].head(1)}
    write_registry(path, fewer)
    assert signature(path) != before
    count = "select count(*) as n from registry.follow_ups"
    assert open_registry(path).reader().fetch(count)["n"].item() == 1
    assert old.reader().fetch(count)["n"].item() == 22 + 16 + 2


def test_a_missing_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    said = refusal(tmp_path / "none.duckdb")
    assert "cannot be read: No such file or directory" in said
    assert REGISTRY_VARIABLE in said
    with pytest.raises(RegistryError):
        signature(tmp_path / "none.duckdb")


@pytest.mark.parametrize("content", [b"", b"no database at all" * 500, b"\x00" * 20_000])
def test_a_file_that_is_no_registry_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "registry.duckdb"
    path.write_bytes(content)
    assert "cannot be read as one" in refusal(path)
    assert path.read_bytes() == content


def test_a_torn_registry_is_refused(copy: Path) -> None:
    copy.write_bytes(copy.read_bytes()[:5000])
    assert "cannot be read as one" in refusal(copy)


def test_a_folder_is_no_registry(tmp_path: Path) -> None:
    assert "cannot be read as one" in refusal(tmp_path)


def test_a_database_without_a_registry_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.duckdb"
    spoil(path, "create table patients as select 1 as a")
    assert refusal(path).endswith(LOADING)


def test_an_empty_registry_table_is_refused(copy: Path) -> None:
    spoil(copy, "delete from registry")
    assert "its table `registry` is empty" in refusal(copy)


def test_another_schema_version_is_refused_by_number(copy: Path) -> None:
    spoil(copy, "update registry set schema_version = 7")
    assert f"has schema version 7, this program reads {SCHEMA_VERSION}. {LOADING}" in refusal(copy)


def test_a_registry_with_a_table_missing_opens_and_says_so_when_asked(copy: Path) -> None:
    spoil(copy, "drop table follow_ups")
    with pytest.raises(RegistryError, match="could not answer"):
        trajectory(open_registry(copy).reader(), Cohort())


def test_the_environment_names_the_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REGISTRY_VARIABLE, raising=False)
    assert named_registry() is None
    monkeypatch.setenv(REGISTRY_VARIABLE, "  ")
    assert named_registry() is None
    monkeypatch.setenv(REGISTRY_VARIABLE, "~/registry.duckdb")
    assert named_registry() == Path.home() / "registry.duckdb"


def test_levels_run_from_cranial_to_caudal() -> None:
    rows = level_rows("junction")
    assert (rows["level"][0], rows["level"][-1], rows["position"]) == ("T1", "L5", [*range(1, 18)])
    assert level_rows("split")["region"] == ["thoracic"] * 12 + ["lumbar"] * 5


def no_table(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    return {name: frame for name, frame in tables.items() if name != "patients"}


def twice(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    return tables | {"patients": pl.concat([tables["patients"]] * 2)}


def blank(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    procedures = tables["procedures"].with_columns(level=pl.lit(None, dtype=pl.String))
    return tables | {"procedures": procedures}


@pytest.mark.parametrize(
    ("spoiled", "error"), [(no_table, KeyError), (twice, RegistryError), (blank, RegistryError)]
)
def test_a_failed_write_leaves_the_old_registry_and_nothing_beside_it(
    tmp_path: Path,
    tables: dict[str, pl.DataFrame],
    spoiled: Callable[[dict[str, pl.DataFrame]], dict[str, pl.DataFrame]],
    error: type[Exception],
) -> None:
    folder = tmp_path / "registry"
    folder.mkdir()
    path = folder / "registry.duckdb"
    write_registry(path, tables)
    content = path.read_bytes()
    with pytest.raises(error) as caught:
        write_registry(path, spoiled(tables))
    assert list(folder.iterdir()) == [path]
    assert path.read_bytes() == content
    if error is RegistryError:
        assert str(caught.value).startswith("Nothing was written: ")
        assert "\n" not in str(caught.value)


def test_a_whole_write_leaves_nothing_beside_the_registry(
    tmp_path: Path, tables: dict[str, pl.DataFrame]
) -> None:
    folder = tmp_path / "registry"
    folder.mkdir()
    write_registry(folder / "registry.duckdb", tables)
    assert [path.name for path in folder.iterdir()] == ["registry.duckdb"]


def test_a_folder_that_is_not_there_cannot_be_written(
    tmp_path: Path, tables: dict[str, pl.DataFrame]
) -> None:
    with pytest.raises(
        RegistryError, match=r"Nothing was written: the folder .* cannot be written"
    ):
        write_registry(tmp_path / "none" / "registry.duckdb", tables)


def test_a_folder_is_not_written_over(tmp_path: Path, tables: dict[str, pl.DataFrame]) -> None:
    with pytest.raises(RegistryError, match=r"is a folder\. Name a file in it"):
        write_registry(tmp_path, tables)
