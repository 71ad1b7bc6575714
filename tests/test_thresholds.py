"""Rows of thresholds.csv: what they mean, and which are refused in words."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from data.codebook import FOLDER, measures, selectable_measures, thresholds
from data.thresholds import KINDS, BaselineBand, ThresholdError, read_thresholds

SCALES = {"vas": (0.0, 10.0), "odi": (0.0, 100.0)}
ROW = {
    "measure": "vas",
    "label": "Half",
    "kind": "percent",
    "value": "50",
    "source": "Somebody 2008",
    "rule": "",
}
BY_BASELINE = {"kind": "by_baseline", "value": ""}
COMPOSITE = {"kind": "composite", "value": ""}


def test_every_row_of_the_file_is_read_in_its_order() -> None:
    with (Path(FOLDER) / "thresholds.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    read = [found for code in measures() for found in thresholds(code)]
    assert sorted((t.measure, t.label, t.kind) for t in read) == sorted(
        (row["measure"], row["label"], row["kind"]) for row in rows
    )
    assert {found.kind for found in read} == set(KINDS)
    assert thresholds("vas")[0].label == "Low back pain consensus"
    assert thresholds("kyphosis_angle") == ()


def test_only_measures_of_patients_have_thresholds() -> None:
    patients = {measure.code for measure in selectable_measures("patient")}
    assert {code for code in measures() if thresholds(code)} <= patients


def test_a_rule_by_baseline_is_a_list_of_bands() -> None:
    (found,) = read_thresholds([ROW | BY_BASELINE | {"rule": "1-4=1; 5-7=2; 8-10=3.5"}], SCALES)
    assert (found.value, found.parts) == (None, ())
    assert found.bands == (BaselineBand(1, 4, 1), BaselineBand(5, 7, 2), BaselineBand(8, 10, 3.5))


def test_a_composite_is_a_list_of_thresholds_each_of_its_measure() -> None:
    rule = "vas absolute 2; vas final 5; odi absolute 0"
    (found,) = read_thresholds([ROW | COMPOSITE | {"rule": rule}], SCALES)
    assert (found.value, found.bands, found.rule) == (None, (), rule)
    assert [(part.measure, part.kind, part.value) for part in found.parts] == [
        ("vas", "absolute", 2),
        ("vas", "final", 5),
        ("odi", "absolute", 0),
    ]


def test_a_file_without_the_column_of_rules_is_read() -> None:
    short = {name: text for name, text in ROW.items() if name != "rule"}
    (found,) = read_thresholds([short], SCALES)
    assert (found.kind, found.value, found.rule) == ("percent", 50, None)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"label": ""}, "a threshold needs a label and a source"),
        ({"source": " "}, "a threshold needs a label and a source"),
        ({"measure": "pain"}, "the measure must be one of vas, odi"),
        ({"kind": "about"}, "the kind must be one of absolute, percent, final, by_baseline, comp"),
        ({"value": "half"}, "`half` is not a number"),
        ({"value": "-2"}, "`-2` is not a number"),
        ({"value": ""}, "`` is not a number"),
        ({"value": "0"}, "a change must be above 0"),
        ({"value": "130"}, "a change of 130 is more than 100"),
        ({"kind": "absolute", "value": "0"}, "a change must be above 0"),
        ({"kind": "absolute", "value": "11"}, "a change of 11 is more than 10"),
        ({"kind": "final", "value": "11"}, "11 is not on the scale of 0 to 10"),
        ({"rule": "1-4=1"}, "the kind percent takes a value and no rule"),
        (BY_BASELINE | {"value": "2", "rule": "1-10=1"}, "takes a rule and no value"),
        (BY_BASELINE, "the rule must read like `1-4=1; 5-7=2`, got ``"),
        (BY_BASELINE | {"rule": "1 to 4: 1"}, "must read like `1-4=1; 5-7=2`, got `1 to 4: 1`"),
        (BY_BASELINE | {"rule": "1-4=1; 4-10=2"}, "the bands must rise one by one"),
        (BY_BASELINE | {"rule": "5-10=2; 1-4=1"}, "the bands must rise one by one"),
        (BY_BASELINE | {"rule": "4-1=1; 5-10=2"}, "the bands must rise one by one"),
        (BY_BASELINE | {"rule": "1-4=1; 5-7=2"}, "must end where the scale of 0 to 10 does"),
        (BY_BASELINE | {"rule": "1-4=0; 5-10=2"}, "a change must be above 0"),
        (COMPOSITE | {"rule": "vas by_baseline 2"}, "must read like `vas absolute 2; odi abs"),
        (COMPOSITE | {"rule": "vas final 5; kps final 70"}, "parts must be of vas, odi"),
        (COMPOSITE | {"rule": "odi final 5; odi absolute 2"}, "one of the parts must be of vas"),
        (COMPOSITE | {"rule": "vas final 5"}, "two parts or more, each once"),
        (COMPOSITE | {"rule": "vas final 5; vas final 4"}, "two parts or more, each once"),
        (COMPOSITE | {"rule": "vas final 5; odi percent 0"}, "a change must be above 0"),
        (COMPOSITE | {"rule": "vas final 15; odi absolute 0"}, "15 is not on the scale of 0 to"),
    ],
)
def test_nonsense_is_refused_in_words(fields: dict[str, str], why: str) -> None:
    with pytest.raises(ThresholdError) as refused:
        read_thresholds([ROW | fields], SCALES)
    said = str(refused.value)
    assert said.startswith("thresholds.csv, `")
    assert why in said


def test_two_thresholds_of_one_label_are_refused() -> None:
    with pytest.raises(ThresholdError, match="`vas`, `Half`: the label stands there twice"):
        read_thresholds([ROW, ROW | {"value": "40"}], SCALES)
    other = ROW | {"measure": "odi"}
    assert len(read_thresholds([ROW, other], SCALES)) == 2
