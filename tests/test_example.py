import csv
import statistics
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from data import example
from data.codebook import LEVELS, visits
from data.example_tables import tables
from data.ingest import check
from data.warehouse import RegistryError, open_registry

SOURCE = Path(example.__file__).parent / "example"


def rows(table: str) -> list[dict[str, str]]:
    with (SOURCE / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def seen_at(visit: str) -> set[str]:
    return {row["patient_id"] for row in rows("follow_ups") if row["visit"] == visit}


def scores(measure: str, visit: str) -> list[float]:
    return [float(r[measure]) for r in rows("follow_ups") if r["visit"] == visit and r[measure]]


def test_the_committed_files_are_those_that_the_generator_writes(tmp_path: Path) -> None:
    example.write_example(tmp_path)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in SOURCE.iterdir()}


def test_the_source_says_that_it_is_synthetic() -> None:
    text = (SOURCE / "source.toml").read_text(encoding="utf-8")
    assert 'name = "SYNTHETIC example registry"' in text
    assert "synthetic = true" in text


def test_a_missed_margin_is_named() -> None:
    content = tables(example.SEEDS)
    content["procedures"][0]["level"] = "T1"
    with pytest.raises(example.MarginError, match="levels: wanted"):
        example.assert_margins(content)


def test_there_are_18_women_and_13_men_with_the_tumours_of_the_margins() -> None:
    people = rows("patients")
    assert Counter(row["sex"] for row in people) == {"F": 18, "M": 13}
    women = {"breast": 13, "lung": 2, "kidney": 1, "colorectal": 1, "thyroid": 1}
    men = {"lung": 4, "kidney": 4, "prostate": 2, "colorectal": 1, "melanoma": 1, "unknown": 1}
    assert Counter(r["primary_tumour"] for r in people if r["sex"] == "F") == women
    assert Counter(r["primary_tumour"] for r in people if r["sex"] == "M") == men


def test_ages_at_the_first_operation_have_the_quartiles_of_the_margins() -> None:
    first = {}
    for row in sorted(rows("procedures"), key=lambda row: row["operated_on"], reverse=True):
        first[row["patient_id"]] = int(row["operated_on"][:4])
    ages = sorted(first[row["patient_id"]] - int(row["birth_year"]) for row in rows("patients"))
    assert (ages[0], ages[-1]) == (41, 84)
    assert abs((ages[7] + ages[8]) / 2 - 57) <= 1
    assert abs(ages[15] - 64) <= 1
    assert abs((ages[22] + ages[23]) / 2 - 73) <= 1


def test_64_levels_in_31_patients_are_spread_as_in_the_margins() -> None:
    operations = rows("procedures")
    wanted = dict(zip(LEVELS[4:], (1, 2, 4, 4, 4, 5, 6, 9, 9, 7, 6, 5, 2), strict=True))
    assert Counter(row["level"] for row in operations) == wanted
    owned = Counter(row["patient_id"] for row in operations)
    assert Counter(owned.values()) == {1: 12, 2: 9, 3: 7, 4: 2, 5: 1}
    assert len({(row["patient_id"], row["level"]) for row in operations}) == 64


def test_exactly_one_patient_came_for_a_second_session() -> None:
    sessions = {(row["patient_id"], row["operated_on"]) for row in rows("procedures")}
    assert Counter(Counter(patient for patient, _ in sessions).values()) == {1: 30, 2: 1}


def test_28_patients_with_59_levels_are_followed_for_a_year() -> None:
    followed = seen_at("m12")
    assert len(followed) == 28
    assert sum(row["patient_id"] in followed for row in rows("procedures")) == 59
    assert len({r["procedure_id"] for r in rows("radiographs") if r["visit"] == "m12"}) == 59


def test_two_deaths_and_one_loss_explain_the_three_without_a_year() -> None:
    missing = [row for row in rows("patients") if row["patient_id"] not in seen_at("m12")]
    dead = {row["primary_tumour"] for row in missing if row["died_on"]}
    assert len(missing) == 3
    assert dead == {"lung", "unknown"}
    assert sum(bool(row["died_on"]) for row in rows("patients")) == 2


def test_8_levels_in_7_patients_leaked_without_symptoms() -> None:
    leaks = [row for row in rows("procedures") if row["leak"] == "yes"]
    assert len(leaks) == 8
    assert len({row["patient_id"] for row in leaks}) == 7
    assert {row["leak_symptomatic"] for row in leaks} == {"no"}
    sites = {"paravertebral/C": 3, "intradiscal/D": 2, "venous/S": 2, "epidural/B": 1}
    assert Counter(row["leak_locations"] for row in leaks) == sites


def test_leaks_of_one_patient_correlate_between_02_and_04() -> None:
    leaks, sizes = Counter(), Counter()
    for row in rows("procedures"):
        sizes[row["patient_id"]] += 1
        leaks[row["patient_id"]] += row["leak"] == "yes"
    explained = sum(leaks[one] ** 2 / sizes[one] for one in sizes)
    between, within = (explained - 8**2 / 64) / 30, (8 - explained) / 33
    size = (64 - sum(n**2 for n in sizes.values()) / 64) / 30
    assert 0.2 <= (between - within) / (between + (size - 1) * within) <= 0.4


def test_pain_and_disability_have_the_medians_of_the_margins() -> None:
    for visit, pain, disability in (
        *(("pre", 8, 68), ("post", 3, 42), ("m3", 2.5, 34)),
        *(("m6", 3, 34), ("m12", 3, 36)),
    ):
        assert abs(statistics.median(scores("vas", visit)) - pain) <= 0.5
        assert abs(statistics.median(scores("odi", visit)) - disability) <= 3


def test_disability_follows_from_its_sections() -> None:
    blank = set()
    for row in rows("follow_ups"):
        answers = [int(row[f"odi_{n}"]) for n in range(1, 11) if row[f"odi_{n}"]]
        if not row["odi"]:
            assert answers == []
            continue
        assert row["odi"] == f"{sum(answers) / (5 * len(answers)) * 100:.1f}"
        if len(answers) == 9:
            assert row["odi_8"] == ""
            blank.add(row["patient_id"])
    assert len(blank) == 8


def test_films_have_the_heights_and_the_collapses_of_the_margins() -> None:
    read: dict[str, dict[str, float]] = {}
    for row in rows("radiographs"):
        if row["reader"] == "R1":
            ratio = float(row["height_anterior"]) / float(row["height_anterior_reference"])
            read.setdefault(row["procedure_id"], {})[row["visit"]] = ratio
    assert abs(statistics.median(one["pre"] for one in read.values()) - 0.72) <= 0.02
    assert abs(statistics.median(one["post"] for one in read.values()) - 0.81) <= 0.02
    assert sum(one["m12"] - one["post"] < -0.13 for one in read.values() if "m12" in one) == 2
    assert all(0.4 <= ratio <= 1.1 for one in read.values() for ratio in one.values())


def test_four_films_are_missing_and_none_of_them_at_12_months() -> None:
    taken = {(row["procedure_id"], row["visit"]) for row in rows("radiographs")}
    owners = {row["procedure_id"]: row["patient_id"] for row in rows("procedures")}
    due = {(one, visit) for one in owners for visit in visits() if owners[one] in seen_at(visit)}
    assert len(due - taken) == 4
    assert {visit for _, visit in due - taken} == {"m3", "m6"}


def test_12_levels_were_read_by_a_second_reader() -> None:
    second = {row["procedure_id"] for row in rows("radiographs") if row["reader"] == "R2"}
    assert len(second) == 12


def test_nobody_is_seen_after_the_last_contact_and_every_window_has_closed() -> None:
    last = {row["patient_id"]: row["last_seen_on"] for row in rows("patients")}
    died = {row["patient_id"]: row["died_on"] for row in rows("patients") if row["died_on"]}
    owners = {row["procedure_id"]: row["patient_id"] for row in rows("procedures")}
    for row in rows("follow_ups"):
        assert row["measured_on"] <= last[row["patient_id"]]
    for row in rows("radiographs"):
        assert row["measured_on"] <= last[owners[row["procedure_id"]]]
    for row in rows("events"):
        assert row["occurred_on"] <= last[row["patient_id"]]
    assert all(last[one] <= day for one, day in died.items())
    latest = max(date.fromisoformat(row["operated_on"]) for row in rows("procedures"))
    assert (date(2025, 6, 30) - latest).days > 500


def test_the_importer_finds_nothing_to_say() -> None:
    checked = check(SOURCE)
    assert checked.accepted
    assert checked.findings == ()
    assert all(count.held_back == 0 for count in checked.rows.values())


def test_the_registry_is_built_once_and_again_when_it_is_out_of_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(example, "FOLDER", tmp_path)
    built = example.example_registry()
    first = built.stat().st_ino
    assert built == tmp_path / "example.duckdb"
    assert example.example_registry().stat().st_ino == first
    built.write_bytes(b"not a registry")
    warehouse = open_registry(example.example_registry())
    warehouse.close()
    assert warehouse.registry.synthetic
    assert warehouse.registry.version == check(SOURCE).sha256[:12]
    assert warehouse.registry.data_date == date(2025, 6, 30)


def test_the_registry_lies_in_the_temporary_folder_where_the_checkout_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(example, "FOLDER", tmp_path / "closed")
    monkeypatch.setattr(example.tempfile, "gettempdir", lambda: str(tmp_path))
    built = example.example_registry()
    assert built.parent.parent == tmp_path
    assert check(SOURCE).sha256[:12] in built.parent.name
    changed = built.stat().st_mtime_ns
    assert example.example_registry() == built
    assert built.stat().st_mtime_ns == changed


def test_nowhere_to_write_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(example, "FOLDER", tmp_path / "closed")
    monkeypatch.setattr(example.tempfile, "gettempdir", lambda: str(tmp_path / "closed"))
    with pytest.raises(RegistryError, match="cannot be written"):
        example.example_registry()


@pytest.mark.skipif(not hasattr(example.os, "getuid"), reason="no owners on this system")
def test_a_temporary_folder_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(example, "FOLDER", tmp_path / "closed")
    monkeypatch.setattr(example.tempfile, "gettempdir", lambda: str(tmp_path))
    example.example_registry()
    owner = example.os.getuid() + 1
    folder = next(tmp_path.glob("kyphoplasty-*"))
    folder.rename(str(folder).replace(f"-{owner - 1}-", f"-{owner}-"))
    monkeypatch.setattr(example.os, "getuid", lambda: owner)
    with pytest.raises(RegistryError, match="belongs to another user"):
        example.example_registry()


def test_two_processes_may_build_the_registry_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from data import example\n"
        "example.FOLDER = Path(sys.argv[1])\n"
        "example.example_registry()"
    )
    root = SOURCE.parent.parent
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=root) for _ in range(2)
    ]
    assert [process.wait(60) for process in running] == [0, 0]
    open_registry(tmp_path / "example.duckdb").close()
    assert [path.name for path in tmp_path.iterdir()] == ["example.duckdb"]
