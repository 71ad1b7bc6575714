from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest

from data.warehouse import open_registry
from queries.absence import count_reasons, reasons, vital_status
from queries.cohort import Cohort, selection
from tests.registry_of_six import SIX, registry_of, registry_of_six

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from data.warehouse import Warehouse

DATA_DATE = date(2024, 6, 30)


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


def status_of(warehouse: Warehouse, cohort: Cohort | None = None) -> pl.DataFrame:
    reader = warehouse.reader()
    selection(reader, cohort or Cohort())
    return vital_status(reader)


def test_there_is_one_row_per_patient_whatever_the_number_of_levels(six: Warehouse) -> None:
    status = status_of(six)
    assert status["patient_id"].to_list() == ["A1", "A2", "A3", "A4", "A5", "A6"]
    assert status["second_operated_on"].to_list() == [None, date(2023, 3, 1), *[None] * 4]
    assert status["died"].to_list() == [False, False, True, True, False, False]


def test_the_last_contact_is_the_latest_date_where_none_is_given(six: Warehouse) -> None:
    # A3: score of 2022-07-30; A4: score of 2022-12-10; the others: last_seen_on
    assert status_of(six)["last_contact_on"].to_list() == [
        date(2023, 2, 1),
        date(2023, 9, 10),
        date(2022, 7, 30),
        date(2022, 12, 10),
        date(2022, 11, 20),
        date(2024, 5, 10),
    ]


def test_a_known_day_of_death_stands_and_a_month_gives_its_middle(six: Warehouse) -> None:
    days = status_of(six)["died_on"].to_list()
    assert days == [None, None, date(2022, 9, 1), date(2023, 5, 16), None, None]


def test_both_ends_of_a_death_are_kept_and_the_living_have_none(six: Warehouse) -> None:
    ends = status_of(six).select("died_earliest", "died_latest").rows()
    known, month = (date(2022, 9, 1),) * 2, (date(2023, 5, 1), date(2023, 5, 31))
    assert ends == [(None, None), (None, None), known, month, (None, None), (None, None)]


def test_a_death_lies_in_the_middle_of_what_is_possible(tmp_path: Path) -> None:
    # died, died_on, last_seen_on; all were operated on 2022-06-01 and measured on 2022-12-10
    deaths = {
        "yes,,": date(2023, 9, 20),  # last contact to data date: 568 days, half 284
        ",2023,": date(2023, 7, 2),  # 2023-01-01 to 2023-12-31
        ",2024,": date(2024, 3, 31),  # 2024-01-01 to the data date: 181 days, half 90
        ",2022-12,": date(2022, 12, 20),  # last contact on the 10th, to the 31st
        ",2023,2023-11-01": date(2023, 12, 1),  # last contact to 2023-12-31: 60 days, half 30
        ",2022-12,2023-01-15": date(2022, 12, 16),  # seen after the death: the month alone
        ",2023-05-05,2023-06-01": date(2023, 5, 5),
        "yes,,2024-06-30": date(2024, 6, 30),
    }
    people = [f"B{n}" for n in range(len(deaths))]
    files = {
        "source.toml": SIX["source.toml"],
        "patients.csv": lines("patient_id,died,died_on,last_seen_on", people, deaths),
        "procedures.csv": lines(
            "patient_id,procedure_id,operated_on,level",
            people,
            [f"{p},2022-06-01,L1" for p in people],
        ),
        "follow_ups.csv": lines(
            "patient_id,visit,measured_on,vas", people, ["m6,2022-12-10,3"] * len(people)
        ),
    }
    status = status_of(open_registry(registry_of(files, tmp_path)))
    assert status["died"].all()
    assert status["died_on"].to_list() == list(deaths.values())


def lines(header: str, people: list[str], rows: Iterable[str]) -> str:
    typed = [f"{person},{row}" for person, row in zip(people, rows, strict=True)]
    return "\n".join([header, *typed]) + "\n"


def test_the_index_session_counts_even_where_a_later_one_matches_too(six: Warehouse) -> None:
    assert status_of(six)["has_index_session"].all()
    # Berg operated on A2 in the later session only
    berg = status_of(six, Cohort(surgeon=("Berg",)))
    assert dict(berg.select("patient_id", "has_index_session").iter_rows()) == {
        "A2": False,
        "A4": True,
        "A5": True,
        "A6": True,
    }
    assert berg["first_operated_on"][0] == date(2022, 3, 1)


@pytest.mark.parametrize(
    ("visit", "expected"),
    [
        ("pre", ["not recorded"] * 6),
        ("post", ["not recorded"] * 6),
        ("m3", ["not recorded", "not recorded", "dead", *["not recorded"] * 3]),
        ("m6", ["not recorded", "not recorded", "dead", "not recorded", "lost", "not due"]),
        ("m12", ["not recorded", "not recorded", "dead", "dead", "lost", "not due"]),
        # window 600 to 900: A1 and A2 were last seen before day 600, A1's window closed on
        # 2024-06-28; A2's closes on 2024-08-17
        ("m24", ["lost", "not due", "dead", "dead", "not due", "not due"]),
    ],
)
def test_a_missing_value_has_one_reason(six: Warehouse, visit: str, expected: list[str]) -> None:
    words = {"lost": "lost to follow-up", "not due": "window still open"}
    given = reasons(status_of(six), visit, DATA_DATE).sort("patient_id")
    assert given["reason"].to_list() == [words.get(reason, reason) for reason in expected]


def test_a_window_is_due_on_the_day_on_which_it_closes(six: Warehouse) -> None:
    # A6: 135 days after 2024-02-01 is 2024-06-15
    def reason(data_date: date) -> str:
        given = reasons(status_of(six), "m3", data_date)
        return str(given.filter(patient_id="A6")["reason"].item())

    assert reason(date(2024, 6, 14)) == "window still open"
    assert reason(date(2024, 6, 15)) == "not recorded"


def test_reasons_are_counted_in_a_fixed_order() -> None:
    given = pl.Series("reason", ["not recorded", "dead", "not recorded", "no baseline"])
    assert count_reasons(given) == (("no baseline", 1), ("dead", 1), ("not recorded", 2))
    assert count_reasons(given.clear()) == ()
