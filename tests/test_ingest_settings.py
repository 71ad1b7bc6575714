"""The settings of a source: its name, its day, and the scales of its measures."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import pytest

from data.ingest import check
from tests.sources import PROCEDURES, SECTIONS, write_source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    return partial(write_source, tmp_path / "source")


def test_registry_describes_itself(make: Callable[..., Path]) -> None:
    row = check(make()).tables["registry"].row(0, named=True)
    assert (row["name"], row["synthetic"], row["region_convention"]) == (
        "source",
        False,
        "junction",
    )
    assert row["data_date"] == date(2006, 9, 1)
    assert row["created_at"].tzinfo is None
    settings = "name = 'North'\nsynthetic = true\ndata_date = {}\nregion_convention = 'split'\n"
    for day in ("2007-01-31", "'2007-01-31'"):
        tables = check(make(source__toml=settings.format(day))).tables
        row = tables["registry"].row(0, named=True)
        assert (row["name"], row["synthetic"], row["data_date"]) == (
            "North",
            True,
            date(2007, 1, 31),
        )
        regions = dict(tables["levels"].select("level", "region").rows())
        assert (regions["T12"], regions["L1"]) == ("thoracic", "lumbar")


def test_settings_saved_by_a_windows_editor_are_read(make: Callable[..., Path]) -> None:
    checked = check(make(source__toml=b"\xef\xbb\xbfname = 'North'\r\nsynthetic = true\r\n"))
    assert checked.source_name == "North"
    assert checked.findings == ()


def test_data_date_to_come_is_not_used(make: Callable[..., Path]) -> None:
    checked = check(make(source__toml="data_date = 9999-12-31\n"))
    (finding,) = checked.findings
    assert (finding.rule, finding.column, finding.severity) == (
        "unknown_setting", "data_date", "kept"
    )  # fmt: skip
    assert checked.tables["registry"]["data_date"].to_list() == [date(2006, 9, 1)]


def test_dates_after_the_data_date_are_kept_with_a_finding(make: Callable[..., Path]) -> None:
    patients = "patient_id,died_on,last_seen_on\nP1,,2006-03-02\nP2,2006-04,2006-03-01\n"
    checked = check(
        make(
            patients__csv=patients,
            procedures__csv=PROCEDURES + b"K3,P1,2006-03-03,L3\n",
            radiographs__csv="procedure_id,visit,measured_on,wedge_angle\nK1,m3,2006-04-10,5\n",
            events__csv="patient_id,kind,occurred_on\nP1,revision,2006-03-05\n",
            source__toml="data_date = 2006-03-01\n",
        )
    )
    late = [one for one in checked.findings if one.rule == "after_data_date"]
    found = [(one.table, one.row, one.column, one.value) for one in late]
    assert found == [
        ("patients", 2, "last_seen_on", "2006-03-02"),
        ("patients", 3, "died_on", "2006-04"),
        ("procedures", 4, "operated_on", "2006-03-03"),
        ("follow_ups", 3, "measured_on", "2006-04-10"),
        ("radiographs", 2, "measured_on", "2006-04-10"),
        ("events", 2, "occurred_on", "2006-03-05"),
    ]
    assert {one.rule for one in checked.findings} == {"after_data_date", "seen_later"}
    assert {one.severity for one in checked.findings} == {"kept"}
    assert all(count.held_back == 0 for count in checked.rows.values())


def test_scale_of_the_source_is_converted_after_its_checks(make: Callable[..., Path]) -> None:
    checked = check(
        make(
            source__toml="[scales]\nvas = 100\n",
            follow_ups__csv="patient_id,visit,vas\nP1,pre,85\nP1,post,99\nP1,m3,140\nP1,m6,-99\n"
            "P1,m12,100\nP1,m24,0\n",
        )
    )
    assert checked.tables["follow_ups"].select("visit", "value").rows() == [
        ("pre", 8.5), ("post", pytest.approx(9.9)), ("m12", 10.0), ("m24", 0.0)
    ]  # fmt: skip
    found = [(one.row, one.column, one.rule, one.severity, one.value) for one in checked.findings]
    assert found == [
        (1, "vas", "converted_scale", "kept", "100"),
        (3, "vas", "sentinel", "kept", "99"),
        (4, "vas", "out_of_range", "held_back", "140"),
        (5, "vas", "sentinel", "held_back", "-99"),
    ]
    assert "0 to 10 points" in checked.findings[0].advice
    assert "outside 0 to 100 points" in checked.findings[2].advice


def test_given_score_is_compared_after_conversion_and_sections_are_not_scaled(
    make: Callable[..., Path],
) -> None:
    rows = "P1,m3,18,2,2,2,2,2,2,2,2,0,\nP1,m6,30,2,2,2,2,2,2,2,2,2,2\nP1,m12,25,,,,,,,,,,\n"
    checked = check(
        make(
            source__toml="[scales]\nODI = 50.0\n",
            follow_ups__csv=f"patient_id,visit,odi,{SECTIONS}\n{rows}",
        )
    )
    assert checked.tables["follow_ups"]["value"].to_list() == [
        pytest.approx(100 * 16 / 45), 40.0, 50.0
    ]  # fmt: skip
    assert [(one.row, one.rule) for one in checked.findings] == [
        (1, "converted_scale"), (3, "score_differs")
    ]  # fmt: skip
    assert "given as 60.0" in checked.findings[1].advice


@pytest.mark.parametrize("top", [7, 33, 49, 1e308, 5e-324])
def test_top_of_any_scale_is_the_top_of_the_measure(make: Callable[..., Path], top: float) -> None:
    checked = check(
        make(
            source__toml=f"[scales]\nvas = {top!r}\n",
            follow_ups__csv=f"patient_id,visit,vas\nP1,m3,{top!r}\n",
        )
    )
    assert checked.tables["follow_ups"]["value"].to_list() == [10.0]


def test_scale_of_the_codebook_or_of_no_column_needs_no_word(make: Callable[..., Path]) -> None:
    assert check(make(source__toml="[scales]\nvas = 10\nkarnofsky = 10\n")).findings == ()


@pytest.mark.parametrize(
    ("line", "setting"),
    [
        ("pain = 100", "scales.pain"),
        ("wedge_angle = 100", "scales.wedge_angle"),
        ("vas = 0", "scales.vas"),
        ("vas = -10", "scales.vas"),
        ("vas = '100'", "scales.vas"),
        ("vas = true", "scales.vas"),
        ("vas = nan", "scales.vas"),
        ("vas = inf", "scales.vas"),
        ("vas = 1" + "0" * 400, "scales.vas"),
        ("odi = 100\nODI = 50", "scales.ODI"),
        ("'' = 5", "scales"),
    ],
)
def test_scale_that_is_none_is_not_used(make: Callable[..., Path], line: str, setting: str) -> None:
    checked = check(make(source__toml=f"[scales]\n{line}\n"))
    (finding,) = checked.findings
    assert (finding.table, finding.column, finding.rule, finding.severity) == (
        "source", setting, "unknown_setting", "kept"
    )  # fmt: skip
    assert finding.advice.endswith(".")
    assert checked.tables["follow_ups"]["value"].to_list() == [8.0, 3.0, 60.0]


def test_scales_that_are_no_table_are_not_used(make: Callable[..., Path]) -> None:
    (finding,) = check(make(source__toml="scales = 100\n")).findings
    assert (finding.column, finding.rule) == ("scales", "unknown_setting")
