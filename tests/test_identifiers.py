"""Identifiers on screen: shown as the source has them, or numbers in their place everywhere."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from data.example import SOURCE
from pages.shared.identifiers import HIDE_VARIABLE, Codes, coded, codes_of
from tests.test_awkward_pages import VIEW, controls, turned
from tests.test_pages import PAGES, opened, words

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

PATIENT, ALIGNMENT = "patients/patient.py", "imaging/alignment.py"
TRAJECTORIES, EVENTS = "outcomes/trajectories.py", "follow_up/events.py"
DAY = re.compile(r"\b20\d\d-\d\d-\d\d\b")


def column(table: str, name: str) -> set[str]:
    with (Path(SOURCE) / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return {row[name] for row in csv.DictReader(file)}


IDENTIFIERS = column("patients", "patient_id") | column("procedures", "procedure_id")
NAMED = re.compile(rf"(?<![A-Za-z0-9])({'|'.join(sorted(IDENTIFIERS))})(?![0-9])")


def everything(app: AppTest) -> str:
    """Return every word and every row of every chart that went to the browser."""
    charts = []
    for chart in app.get("vega_lite_chart"):
        charts += [chart.proto.alt, chart.proto.spec]
        charts += [tables(dataset.data.data) for dataset in chart.proto.datasets]
    options = [
        option for box in [*app.selectbox, *app.get("button_group")] for option in box.options
    ]
    labels = [str(widget.label) for widget in [*app.button, *app.expander, *app.checkbox]]
    spoken = [node.proto.body for node in app.get("html")]
    return "\n".join([words(app), *charts, *spoken, *options, *labels])


def tables(arrow: bytes) -> str:
    import pyarrow as pa

    return str(pa.ipc.open_stream(arrow).read_all().to_pydict())


def is_view(widget: Any) -> bool:
    return str(widget.key).endswith((".view", ".order", ".by", ".axis"))


def hide(app: AppTest) -> None:
    next(toggle for toggle in app.toggle if toggle.key == "view.identifiers").set_value(True).run()
    assert not app.exception


@pytest.mark.parametrize("as_tables", [False, True], ids=["charts", "tables"])
@pytest.mark.parametrize("page", PAGES)
def test_no_identifier_is_on_any_page_in_any_view_while_they_are_hidden(
    page: str, as_tables: bool
) -> None:
    app = opened(page)
    if as_tables:
        next(button for button in app.button if button.key == "button.tables").click().run()
    hide(app)
    assert NAMED.findall(everything(app)) == []
    longest = max((len(widget.options) for widget in controls(app) if is_view(widget)), default=1)
    for place in range(1, longest):
        turned(app, place, VIEW)
        assert not app.exception
        found = NAMED.findall(everything(app))
        assert found == [], [f"{widget.key}={widget.value}" for widget in controls(app)]


def test_identifiers_are_on_the_pages_of_individuals_otherwise() -> None:
    views = (
        (TRAJECTORIES, {}),
        (TRAJECTORIES, {"view": "patients"}),
        (ALIGNMENT, {"view": "courses"}),
        (EVENTS, {"view": "patients"}),
        (PATIENT, {"view": "films"}),
    )
    for page, view in views:
        assert NAMED.search(everything(opened(page, **view))), page


def test_no_date_is_on_the_page_of_a_patient_while_identifiers_are_hidden() -> None:
    app = opened(PATIENT)
    assert DAY.search(everything(app))
    hide(app)
    assert not DAY.search(everything(app))
    assert "74 years" in words(app)  # age stays


def test_the_department_can_hide_identifiers_from_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(HIDE_VARIABLE, "yes")
    app = opened(PATIENT)
    assert NAMED.findall(everything(app)) == []
    assert "### Patient no. " in words(app)
    next(toggle for toggle in app.toggle if toggle.key == "view.identifiers").set_value(False).run()
    assert "### Patient P01" in words(app)


def test_hiding_keeps_the_patient_that_is_shown() -> None:
    app = opened(PATIENT)
    for _ in range(3):
        next(button for button in app.button if button.key == "button.patient_n").click().run()
    before = words(app).split("### Patient P04: ")[1].splitlines()[0]
    hide(app)
    assert re.search(rf"### Patient no\. \d+: {re.escape(before)}", words(app))


def test_a_choice_survives_the_page_change_with_identifiers_hidden() -> None:
    app = opened(PATIENT)
    hide(app)
    next(button for button in app.button if button.key == "button.patient_n").click().run()
    heading = next(line for line in words(app).splitlines() if line.startswith("### "))
    app.switch_page(TRAJECTORIES).run()
    app.switch_page(PATIENT).run()
    assert heading in words(app)


def test_the_order_by_identifier_is_one_by_number_while_they_are_hidden() -> None:
    app = opened(PATIENT, order="patient_id")
    hide(app)
    menu = next(box for box in app.selectbox if box.key == "view.patient.menu")
    assert [option.split(" · ")[0] for option in menu.options] == [f"no. {n}" for n in range(1, 32)]


# The numbers


def members(names: list[str]) -> pl.DataFrame:
    return pl.DataFrame(
        {"patient_id": names, "procedure_id": [f"K{place}" for place in range(len(names))]}
    )


def test_every_patient_has_one_number_whatever_the_order_of_rows() -> None:
    names = [f"N{place % 9}" for place in range(20)]
    codes = codes_of(members(names), "a")
    assert sorted(codes.patients.values()) == [f"no. {n}" for n in range(1, 10)]
    assert codes_of(members(names)[::-1], "a") == codes
    assert all(codes.real[code] == name for name, code in codes.patients.items())
    owners = dict(zip(members(names)["procedure_id"], names, strict=True))
    assert all(
        code.startswith(f"{codes.patients[owners[name]]}.")
        for name, code in codes.procedures.items()
    )
    assert len(set(codes.procedures.values())) == 20


def test_another_version_is_numbered_anew() -> None:
    names = [f"N{place}" for place in range(200)]
    assert codes_of(members(names), "a").patients != codes_of(members(names), "b").patients


def test_the_numbers_do_not_follow_the_order_of_identifiers() -> None:
    names = [f"N{place:03}" for place in range(200)]
    found = codes_of(members(names), "a").patients
    assert [found[name] for name in names] != [f"no. {n}" for n in range(1, 201)]


@dataclass(frozen=True)
class Nested:
    patient_id: str
    inside: tuple[Any, ...]
    frame: pl.DataFrame
    words: str


def test_an_answer_is_searched_to_its_leaves() -> None:
    codes = Codes({"A": "no. 1"}, {"K": "no. 1.1"}, {"no. 1": "A"})
    frame = pl.DataFrame({"patient_id": ["A", None], "procedure_id": ["K", None], "value": [1, 2]})
    inner = Nested("A", ({"procedure_id": "K", "other": "A"},), frame, "A")
    found = coded(Nested("A", (inner, [inner], 3), frame, "A stays"), codes)
    assert (found.patient_id, found.words) == ("no. 1", "A stays")
    assert found.frame.rows() == [("no. 1", "no. 1.1", 1), (None, None, 2)]
    first, (second,), number = found.inside
    assert first.patient_id == second.patient_id == "no. 1"
    assert first.inside == ({"procedure_id": "no. 1.1", "other": "A"},)
    assert number == 3


def test_what_names_nobody_is_left_as_it_is() -> None:
    frame = pl.DataFrame({"value": [1]})
    answer = ("a", frame, {"x": 1})
    assert coded(answer, Codes({}, {}, {}))[1] is frame
