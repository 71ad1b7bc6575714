"""The model study's three claims on the example, as a reviewer would check them by hand."""

from __future__ import annotations

import csv
import itertools
import json
from collections import defaultdict
from math import sqrt
from statistics import mean, median, stdev
from typing import TYPE_CHECKING, Any

import pytest
from scipy.stats import t as student

from data.codebook import measures
from data.example import SOURCE
from queries.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    Ask = Callable[..., dict[str, Any]]

Z = 1.959963984540054


def rows(name: str) -> list[dict[str, str]]:
    with (SOURCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    def answer(*arguments: str) -> dict[str, Any]:
        assert main([*arguments, "--json"]) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
        return found

    return answer


def one(answer: dict[str, Any], **fields: str) -> dict[str, Any]:
    (found,) = [
        test
        for test in answer["comparisons"]
        if all(test[name] == value for name, value in fields.items())
    ]
    return dict(found)


def pain(row: dict[str, str]) -> float | None:
    return float(row["vas"]) if row["vas"] else None


def disability(row: dict[str, str]) -> float | None:
    sections = [int(row[f"odi_{n}"]) for n in range(1, 11) if row[f"odi_{n}"]]
    if len(sections) >= 8:
        return 100 * sum(sections) / (5 * len(sections))
    return float(row["odi"]) if row["odi"] else None


def falls(score: Callable[[dict[str, str]], float | None]) -> list[float]:
    """Changes from before the operation to 12 months, of everybody with both values."""
    seen = {
        (row["patient_id"], row["visit"]): value
        for row in rows("follow_ups.csv")
        if (value := score(row)) is not None
    }
    people = {person for person, visit in seen if visit == "m12"}
    return [
        seen[person, "m12"] - seen[person, "pre"] for person in people if (person, "pre") in seen
    ]


def pseudomedian(changes: list[float]) -> float:
    pairs = itertools.combinations_with_replacement(changes, 2)
    return median((one + other) / 2 for one, other in pairs)


def kept(outcome: str, people: Collection[str] | None = None) -> list[float]:
    """Mean change of each patient's levels between the first film after and 12 months."""
    patient = {row["procedure_id"]: row["patient_id"] for row in rows("procedures.csv")}
    read = defaultdict(lambda: defaultdict(list))
    for row in rows("radiographs.csv"):
        if row[outcome] and (people is None or patient[row["procedure_id"]] in people):
            read[row["procedure_id"], row["visit"]][row["reader"]].append(float(row[outcome]))
    film = {key: mean(mean(own) for own in readers.values()) for key, readers in read.items()}
    changes = defaultdict(list)
    for level, visit in film:
        if visit == "m12" and (level, "post") in film:
            changes[patient[level]].append(film[level, "m12"] - film[level, "post"])
    return [mean(own) for own in changes.values()]


def ninety(changes: list[float]) -> tuple[float, float]:
    reach = float(student.ppf(0.95, len(changes) - 1)) * stdev(changes) / sqrt(len(changes))
    return mean(changes) - reach, mean(changes) + reach


@pytest.mark.parametrize(("outcome", "score"), [("vas", pain), ("odi", disability)])
def test_pain_and_disability_fell_at_12_months(
    ask: Ask, outcome: str, score: Callable[[dict[str, str]], float | None]
) -> None:
    found = one(ask("trajectory", "--measure", outcome), kind="paired", visit="m12")
    changes = falls(score)
    assert found["n_patients"] == len(changes) == 28
    assert found["estimate"] == pytest.approx(pseudomedian(changes), abs=0.1)
    assert found["ci_low"] < found["estimate"] < found["ci_high"] < 0
    assert found["p"] <= found["p_adjusted"] < 0.05
    assert (found["adjustment"], found["family_size"]) == ("Holm", 4)
    assert (found["exploratory"], found["refused"]) == (False, None)


def test_cement_leaked_at_8_of_64_levels_and_the_interval_allows_for_clusters(ask: Ask) -> None:
    treated = rows("procedures.csv")
    leaks = [row for row in treated if row["leak"] == "yes"]
    (found,) = ask("leakage")["rows"]
    assert (found["leaks"], found["levels"]) == (len(leaks), len(treated)) == (8, 64)
    assert found["patients_with_leak"] == len({row["patient_id"] for row in leaks})
    assert found["rate"] == 0.125
    n, rate = len(treated), len(leaks) / len(treated)
    centre = (rate + Z**2 / (2 * n)) / (1 + Z**2 / n)
    reach = Z * sqrt(rate * (1 - rate) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    assert (round(centre - reach, 3), round(centre + reach, 3)) == (0.065, 0.228)
    assert found["ci_low"] < centre - reach < centre + reach < found["ci_high"]
    assert found["deff"] > 1
    assert found["symptomatic"] == sum(row["leak_symptomatic"] == "yes" for row in leaks) == 0


@pytest.mark.parametrize("outcome", ["kyphosis_angle", "height_anterior"])
def test_stability_is_judged_against_a_named_margin(ask: Ask, outcome: str) -> None:
    answer = ask("alignment", "--measure", outcome)
    found = one(answer, kind="equivalence", visit="m12")
    margin = measures()[outcome].margin
    assert f"margin ±{margin:g}" in found["method"]
    assert (found["versus"], found["ci_level"]) == ("post", 0.9)
    changes = kept(outcome)
    assert found["n_patients"] == len(changes)
    assert found["estimate"] == pytest.approx(mean(changes), abs=1e-6)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx(ninety(changes), abs=1e-6)
    assert found["verdict"] == "stable"
    assert [test["visit"] for test in answer["comparisons"] if test["kind"] == "equivalence"] == [
        "m3",
        "m6",
        "m12",
    ]


def test_further_kyphosis_was_prevented_by_the_margin_in_degrees(ask: Ask) -> None:
    found = one(ask("alignment", "--measure", "kyphosis_angle"), kind="equivalence", visit="m12")
    margin = measures()["kyphosis_angle"].margin
    assert margin is not None
    assert -margin < found["ci_low"] < found["ci_high"] < margin


def test_height_was_stabilised_by_the_margin_in_per_cent_of_the_reference(ask: Ask) -> None:
    found = one(ask("alignment", "--measure", "height_anterior"), kind="equivalence", visit="m12")
    margin = measures()["height_anterior"].margin
    assert margin is not None
    judged = next(other for other in found["sensitivity"] if other["name"].startswith("percent"))
    assert -margin < judged["ci_low"] < judged["ci_high"] < margin


def test_two_patients_with_colorectal_cancer_leave_kyphosis_undecided(ask: Ask) -> None:
    people = {
        row["patient_id"] for row in rows("patients.csv") if row["primary_tumour"] == "colorectal"
    }
    answer = ask("alignment", "--measure", "kyphosis_angle", "--where", "primary_tumour=colorectal")
    found = one(answer, kind="equivalence", visit="m12")
    margin = measures()["kyphosis_angle"].margin
    assert margin is not None
    low, high = ninety(kept("kyphosis_angle", people))
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((low, high), abs=1e-6)
    assert low < -margin
    assert high > margin
    assert (found["verdict"], found["exploratory"]) == ("undecided", True)
    assert any("fragile" in note for note in found["notes"])
