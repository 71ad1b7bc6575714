from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from data.warehouse import open_registry
from queries.cohort import Cohort
from queries.funnel import funnel, surgeon_codes
from tests.registry_of_six import registry_of, registry_of_example, registry_of_six

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


def test_surgeons_are_set_against_the_rate_of_all_with_exact_limits(example: Warehouse) -> None:
    answer = funnel(example.reader(), Cohort())
    rows = {row.surgeon: row for row in answer.rows}
    assert {code: (row.leaks, row.levels) for code, row in rows.items()} == {
        "A": (2, 32),
        "B": (3, 24),
        "C": (3, 8),
    }
    # in R: qbinom(c(.025, .975, .001, .999), 24, 8 / 64)
    found = rows["B"]
    assert (found.low_95, found.high_95, found.low_998, found.high_998) == (0, 6, 0, 9)
    assert {row.position for row in answer.rows} == {"within"}
    assert (answer.target.k, answer.target.n) == (8, 64)


def test_the_curve_holds_the_limits_of_every_number_of_levels(example: Warehouse) -> None:
    curve = funnel(example.reader(), Cohort()).curve
    at = {row["n"]: row for row in curve.to_dicts()}
    assert set(range(1, 33)) <= set(at)
    for n, most in ((5, 2), (10, 4), (20, 6), (30, 8)):
        assert at[n]["high_95"] == pytest.approx(most / n)


def test_names_are_coded_in_an_order_that_gives_nothing_away(six: Warehouse) -> None:
    answer = funnel(six.reader(), Cohort())
    assert {row.surgeon for row in answer.rows} == {"A", "B"}
    # K7 has no surgeon on record; K5 of Ames was not looked for
    assert answer.unrecorded == 1
    assert sorted((row.leaks, row.levels) for row in answer.rows) == [(1, 3), (2, 4)]
    assert "Ames" not in repr(answer.rows)


def test_a_code_stays_the_same_under_every_filter(six: Warehouse) -> None:
    whole = {row.surgeon: row.levels for row in funnel(six.reader(), Cohort()).rows}
    (left,) = funnel(six.reader(), Cohort(centre=("North",), level=("L5",))).rows
    assert left.levels <= whole[left.surgeon] == 4


def test_short_entries_are_codes_already_and_many_names_have_two_letters() -> None:
    assert surgeon_codes(["B", "A1"]) == {"B": "B", "A1": "A1"}
    codes = surgeon_codes([f"Surgeon {n}" for n in range(30)])
    assert sorted(codes.values(), key=lambda code: (len(code), code))[-4:] == [
        *("AA", "AB", "AC", "AD")
    ]
    assert len(set(codes.values())) == 30
    assert list(codes.values()) != sorted(codes.values())
    assert all(re.fullmatch("[A-Z]{1,2}", code) for code in codes.values())


def test_a_surgeon_outside_the_limits_is_said_to_be(tmp_path: Path) -> None:
    def rows(surgeon: str, n: int, leaks: int, several: int) -> list[str]:
        levels = [f"T{1 + place % 12}" for place in range(n)]
        return [
            f"{surgeon}{place},{surgeon}P{place // several},2022-01-{1 + place // 12:02},{level},"
            f"{'yes' if place < leaks else 'no'},{surgeon}"
            for place, level in enumerate(levels)
        ]

    treated = [*rows("Low", 100, 2, 1), *rows("High", 20, 10, 5), *rows("Mid", 20, 5, 10)]
    head = "procedure_id,patient_id,operated_on,level,leak,surgeon"
    people = sorted({line.split(",")[1] for line in treated})
    files = {
        "source.toml": 'name = "Surgeons"\nsynthetic = true\ndata_date = 2024-01-01\n',
        "patients.csv": "\n".join(["patient_id", *people]) + "\n",
        "procedures.csv": "\n".join([head, *treated]) + "\n",
    }
    answer = funnel(open_registry(registry_of(files, tmp_path)).reader(), Cohort())
    found = {(row.leaks, row.levels): row for row in answer.rows}
    assert found[2, 100].position == "below 99.8"
    high = found[10, 20]
    assert (high.position, high.position_effective) == ("above 99.8", "above 95")
    assert high.n_effective == pytest.approx(8.79, abs=0.01)
    assert found[5, 20].position == "within"


@pytest.mark.parametrize(
    ("cohort", "reason"),
    [
        (Cohort(level=("T1",)), "no level was looked at with a surgeon on record"),
        (Cohort(surgeon=("A",)), "there is only one surgeon, who is the whole rate"),
        (Cohort(leak=("no",)), "no level leaked"),
        (Cohort(leak=("yes",)), "every level leaked"),
    ],
)
def test_no_funnel_is_drawn_where_there_is_nothing_to_compare(
    example: Warehouse, cohort: Cohort, reason: str
) -> None:
    answer = funnel(example.reader(), cohort)
    assert answer.refused == reason
    assert answer.curve.height == 0
    assert {row.position for row in answer.rows} <= {None}
