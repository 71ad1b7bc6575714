"""Every question of the command, asked of small registries that no test can be run on."""

from __future__ import annotations

import functools
import io
import json
import re
from contextlib import redirect_stderr, redirect_stdout
from inspect import signature
from typing import TYPE_CHECKING, Any

import pytest

from data.warehouse import open_registry
from queries.__main__ import main
from queries.questions import QUESTIONS, choices
from tests.awkward import COHORTS, registry_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from data.warehouse import Warehouse

UNSEEN = ("procedures only", "baseline only")
TESTED = ("paired", "groups", "omnibus", "survival")
EVERY_OPTION = "one apart"
IN_PLAIN_WORDS = ("nobody matches", "one patient", "procedures only", "one apart")
OF_LEVELS = {"levels", "n_levels", "leaks", "not_looked_for", "symptomatic"}
OF_PATIENTS = {
    *("n", "n_patients", "n_excluded", "missing", "patients", "patients_with_leak", "reached"),
    *("at_risk", "events", "treated", "alive", "due", "seen", "died", "lost", "not_due"),
}
INTERVALS = {
    ("ci_low", "ci_high"): ("estimate", "rate", "survival"),
    ("median_low", "median_high"): ("median",),
    ("patient_ci_low", "patient_ci_high"): ("patient_rate",),
}
CODE_WORDS = re.compile(r"\bNone\b|\bnan\b|\binf\b|array|[\[\]{}_<>]|\bTrue\b|\bFalse\b|\d\.\d{5}")
TOLERANCE = 1e-9

Answer = dict[str, Any]


def in_turn(cohort: str, values: Sequence[str]) -> Sequence[str]:
    """Return all values for one cohort and one of them for each other, another every time."""
    if cohort == EVERY_OPTION or not values:
        return values
    return [values[list(COHORTS).index(cohort) % len(values)]]


def ways(cohort: str, question: str) -> Iterator[tuple[str, ...]]:
    """Every measure in every scale, then one other option or group field after another."""
    options = QUESTIONS[question].choices
    for scale in options.get("scale", ("",)):
        yield ("--scale", scale) if scale else ()
    chosen = [("by", "sex")] if "by" in options else []
    for name, known in options.items():
        others = [value for value in known if value != "sex"] if name == "by" else known[1:]
        if name not in ("measure", "scale"):
            chosen += [(name, value) for value in in_turn(cohort, others)]
    for place, (name, value) in enumerate(chosen):
        given = {name: value} if name in signature(choices).parameters else {}
        measures = choices(question, "measure", **given)
        measure = ("--measure", measures[place % len(measures)]) if measures else ()
        yield (f"--{name}", value, *measure)


@functools.lru_cache(maxsize=1)
def opened(path: Path) -> Warehouse:
    return open_registry(path)


def printed(*arguments: str) -> str:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.MonkeyPatch.context() as patch:
        patch.setattr("queries.__main__.open_registry", opened)
        assert main(arguments) == 0, err.getvalue()
    assert not err.getvalue()
    return out.getvalue()


@functools.cache
def answers(path: Path, cohort: str, question: str) -> dict[tuple[str, ...], Answer]:
    given = ("--registry", str(path), *COHORTS[cohort].arguments, "--json")
    return {
        way: json.loads(printed(question, *given, *way), parse_constant=pytest.fail)
        for way in ways(cohort, question)
    }


@pytest.fixture(params=COHORTS)
def cohort(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(params=QUESTIONS)
def asked(
    request: pytest.FixtureRequest, cohort: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, ...], Answer]:
    return answers(registry_of(cohort, tmp_path_factory), cohort, request.param)


@pytest.fixture
def ask(tmp_path_factory: pytest.TempPathFactory) -> Any:
    def answer(cohort: str, question: str, *words: str) -> Answer:
        given = answers(registry_of(cohort, tmp_path_factory), cohort, question)
        return next(found for way, found in given.items() if set(words) <= set(way))

    return answer


def nested(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from nested(item)


def identity(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in ("measure", "visit", "threshold", "among"))


def comparisons(asked: dict[tuple[str, ...], Answer]) -> list[dict[str, Any]]:
    return [test for answer in asked.values() for test in answer["comparisons"]]


def reasons(answer: Answer, **fields: str) -> set[str]:
    return {
        test["refused"]
        for test in answer["comparisons"]
        if all(test[name] == value for name, value in fields.items())
    }


def test_every_question_counts_the_cohort(
    cohort: str, asked: dict[tuple[str, ...], Answer]
) -> None:
    expected = COHORTS[cohort]
    for answer in asked.values():
        found = answer["cohort"]
        assert (found["n_patients"], found["n_levels"]) == (expected.n_patients, expected.n_levels)
        assert answer["rows"] or not expected.n_patients or cohort in UNSEEN


def test_every_comparison_has_a_p_or_a_reason_in_words(
    asked: dict[tuple[str, ...], Answer],
) -> None:
    for test in comparisons(asked):
        if test["kind"] in TESTED:
            assert (test["p"] is None) == (test["refused"] is not None), test
        else:
            assert (test["verdict"] is None) == (test["refused"] is not None), test
        if test["refused"] is not None:
            assert len(re.findall(r"[a-z]{2,}", test["refused"])) >= 3, test["refused"]
            assert not CODE_WORDS.search(test["refused"]), test["refused"]


def test_every_p_stands_with_what_it_rests_on(asked: dict[tuple[str, ...], Answer]) -> None:
    for test in comparisons(asked):
        if test["kind"] not in TESTED or test["p"] is None:
            continue
        assert 0 < test["p"] <= 1, test
        assert all(test[name] is not None for name in ("method", "statistic_name", "statistic"))
        assert test["n_patients"] > 0
        if test["kind"] == "paired" or (test["kind"] == "groups" and test["visit"]):
            assert test["p_adjusted"] is not None, test
        if test["p_adjusted"] is not None:
            assert test["p"] <= test["p_adjusted"] <= 1, test
            assert test["family_size"] >= 1, test
            assert test["adjustment"], test


def test_every_verdict_stands_with_its_interval(asked: dict[tuple[str, ...], Answer]) -> None:
    for test in comparisons(asked):
        if test["verdict"] is not None:
            assert test["verdict"] in ("stable", "changed", "undecided")
            assert test["ci_low"] <= test["estimate"] <= test["ci_high"]


def test_every_note_is_made_of_words(asked: dict[tuple[str, ...], Answer]) -> None:
    for test in comparisons(asked):
        assert not [note for note in test["notes"] if CODE_WORDS.search(note)]
        if test["p_adjusted"] is not None and test["p_adjusted"] < 0.05:
            assert not [note for note in test["notes"] if "puts 0.05 out of reach of" in note], test


def test_every_interval_is_ordered_and_holds_its_estimate(
    asked: dict[tuple[str, ...], Answer],
) -> None:
    for row in nested(list(asked.values())):
        for (low, high), names in INTERVALS.items():
            if row.get(low) is None or row.get(high) is None:
                continue
            assert row[low] <= row[high], row
            for name in names:
                if row.get(name) is not None:
                    assert row[low] - TOLERANCE <= row[name] <= row[high] + TOLERANCE, row


def test_no_count_exceeds_the_cohort(cohort: str, asked: dict[tuple[str, ...], Answer]) -> None:
    expected = COHORTS[cohort]
    for answer in asked.values():
        rows = [row for row in answer["rows"] if "group" in row]
        for row in [*rows, *answer["comparisons"]]:
            for name, count in row.items():
                limit = expected.n_levels if name in OF_LEVELS else expected.n_patients
                if name in OF_LEVELS | OF_PATIENTS and count is not None:
                    assert 0 <= count <= limit, (name, row)
        for test in answer["comparisons"]:
            assert test["n_patients"] + test["n_excluded"] <= expected.n_patients, test


def test_whatever_was_counted_is_described(asked: dict[tuple[str, ...], Answer]) -> None:
    for answer in asked.values():
        for row in answer["rows"]:
            n = row.get("n", row.get("n_levels"))
            if "mean" not in row:
                continue
            described = [row[name] for name in ("median", "q1", "q3", "mean")]
            assert [value is not None for value in described] == [bool(n)] * 4, row
            assert (row["sd"] is not None) == (n > 1), row


def test_groups_add_up_to_everybody(asked: dict[tuple[str, ...], Answer]) -> None:
    for way, answer in asked.items():
        rows = [
            row for row in answer["rows"] if "group" in row and not {"time_days", "by"} & set(row)
        ]
        for key in {identity(row) for row in rows}:
            same = [row for row in rows if identity(row) == key]
            for name in {"n", "n_levels", "levels", "leaks"} & set(same[0]):
                whole = sum(row[name] for row in same if row["group"] == "all")
                parts = sum(row[name] for row in same if row["group"] != "all")
                assert parts == (whole if "--by" in way else 0), (way, key, name)


@pytest.mark.parametrize("cohort", IN_PLAIN_WORDS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_plain_answer_is_words_and_numbers(
    question: str, cohort: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = registry_of(cohort, tmp_path_factory)
    by = ("--by", "sex") if "by" in QUESTIONS[question].choices else ()
    measure = choices(question, "measure")[:1]
    given = ("--measure", *measure) if measure else ()
    text = printed(question, "--registry", str(path), *COHORTS[cohort].arguments, *by, *given)
    assert text.splitlines()[0].endswith("SYNTHETIC example data.")
    assert not re.search(r"\bnan\b|\bNone\b|\barray\b|\[\]|np\.|Traceback", text)


def test_nobody_has_no_test_and_a_sentence_that_says_so(ask: Any) -> None:
    for question in ("trajectory", "leakage", "alignment"):
        answer = ask("nobody matches", question)
        assert "nobody in the registry matches" in answer["cohort"]["sentence"]
        assert answer["comparisons"] == []


def test_five_pairs_cannot_reach_the_limit(ask: Any) -> None:
    words = {"with 5 pairs no result could reach 0.05"}
    assert reasons(ask("five pairs", "trajectory"), outcome="odi", kind="paired") == words
    films = ask("five pairs", "alignment")
    assert reasons(films, outcome="kyphosis_angle", kind="paired") == words


def test_one_patient_is_said_to_be_one(ask: Any) -> None:
    found = ask("one patient", "trajectory")
    assert reasons(found, kind="paired") == {
        "with 1 pair no result could reach 0.05",
        "the only difference is zero",
    }
    assert reasons(found, kind="omnibus") == {"only one patient was measured at every visit"}
    films = ask("one patient", "alignment")
    assert reasons(films, kind="equivalence") == {"with 1 patient the mean change has no interval"}


def test_ties_are_named_for_what_they_are(ask: Any) -> None:
    same = reasons(ask("every value the same", "trajectory"), kind="paired")
    assert same == {"no variation: every value at both visits is the same"}
    unchanged = reasons(ask("nobody changed", "trajectory"), outcome="odi", kind="paired")
    assert unchanged == {"all 12 differences are zero"}
    films = ask("every change the same", "alignment")
    assert reasons(films, outcome="wedge_angle", kind="equivalence") == {
        "no variation: every change is the same"
    }


def test_a_visit_without_values_is_in_no_family(ask: Any) -> None:
    tests = ask("a visit without values", "trajectory")["comparisons"]
    paired = [test for test in tests if test["kind"] == "paired" and test["outcome"] == "vas"]
    assert [test["visit"] for test in paired] == ["post", "m3", "m12"]
    assert {test["family_size"] for test in paired} == {3}


@pytest.mark.parametrize("cohort", ["everyone dead by 6 months", "the dead among others"])
def test_the_dead_are_tested_at_no_visit_they_did_not_see(ask: Any, cohort: str) -> None:
    answer = ask(cohort, "trajectory")
    paired = [test for test in answer["comparisons"] if test["kind"] == "paired"]
    assert {test["visit"] for test in paired} == {"post", "m3"}
    lived = [row for row in answer["rows"] if row["visit"] in ("m6", "m12")]
    assert all((row["n"], row["missing"]) == (0, 12) for row in lived)


@pytest.mark.parametrize("cohort", ["baseline only", "procedures only"])
def test_nothing_is_tested_without_a_visit_after_the_operation(ask: Any, cohort: str) -> None:
    assert ask(cohort, "trajectory")["comparisons"] == []
    assert ask(cohort, "alignment")["comparisons"] == []


@pytest.mark.parametrize("field", ["sex", "primary_tumour"])
def test_a_group_of_one_is_described_and_its_change_is_tested_against_nobody(
    ask: Any, field: str
) -> None:
    answer = ask("one apart", "trajectory", field)
    alone = {"sex": "M", "primary_tumour": "lung"}[field]
    assert {row["n"] for row in answer["rows"] if row["group"] == alone} == {1}
    tests = [test for test in answer["comparisons"] if test["kind"] == "groups"]
    assert all(test["p"] is None and test["refused"] for test in tests)


def test_one_group_is_named_as_it_reads_in_every_method(ask: Any) -> None:
    tests = ask("one patient", "alignment", "--by", "sex")["comparisons"]
    groups = [test for test in tests if test["kind"] == "groups"]
    assert {test["refused"] for test in groups} == {"one group only: men"}
    assert {
        other["name"].partition(": ")[2] for test in groups for other in test["sensitivity"]
    } == {"one group only: men"}


def test_equal_changes_give_no_p_by_any_method(ask: Any) -> None:
    tests = ask("every change the same", "alignment", "--by", "sex")["comparisons"]
    groups = [test for test in tests if test["kind"] == "groups"]
    assert {test["p"] for test in groups} == {None}
    assert {other["p"] for test in groups for other in test["sensitivity"]} == {None}


def test_all_leaks_in_one_patient_widen_the_interval_of_the_levels(ask: Any) -> None:
    (row,) = ask("all leaks in one patient", "leakage")["rows"]
    assert (row["leaks"], row["patients_with_leak"]) == (3, 1)
    assert row["icc"] > 0.9
    assert row["deff"] > 1


def test_no_leak_is_an_upper_bound(ask: Any) -> None:
    (row,) = ask("no leaks", "leakage")["rows"]
    assert (row["leaks"], row["rate"], row["ci_low"]) == (0, 0, 0)
    assert row["ci_high"] > 1 - 0.025 ** (1 / 24)
