from __future__ import annotations

import csv
import io
import itertools
from dataclasses import FrozenInstanceError, fields, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.codebook import LEAK_STATES, LEVELS, REGIONS, SEXES, region, tumours
from data.warehouse import open_registry
from queries.cohort import (
    LIST_FIELDS,
    REGION_RULES,
    Cohort,
    CohortError,
    FilterPart,
    code_label,
    selection,
)
from tests.registry_of_six import (
    PATIENTS,
    PROCEDURES,
    SIX,
    registry_of,
    registry_of_example,
    registry_of_six,
)

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse
    from queries.cohort import Selection

Codes = dict[str, list[str]]


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


def select(warehouse: Warehouse, **codes: str) -> Selection:
    given = {field: text.split(",") for field, text in codes.items()}
    return selection(warehouse.reader(), Cohort.from_codes(given))


def kept(chosen: Selection) -> str:
    return " ".join(sorted(chosen.members["procedure_id"]))


@pytest.mark.parametrize(
    ("field", "codes", "levels"),
    [
        ("primary_tumour", "breast", "K1 K2 K9"),
        ("primary_tumour", "breast,lung", "K1 K2 K3 K4 K9"),
        ("primary_tumour", "unrecorded", "K6 K7"),
        ("primary_tumour", "thyroid", ""),
        ("region", "thoracic", "K1 K8"),
        ("region", "thoracolumbar", "K2 K5 K6"),
        ("region", "lumbar", "K3 K4 K7 K9"),
        ("region", "thoracic,lumbar", "K1 K3 K4 K7 K8 K9"),
        ("level", "L3", "K3 K4"),
        ("level", "T5,L5", "K8 K9"),
        ("sex", "F", "K1 K2 K5 K9"),
        ("sex", "M", "K3 K4 K8"),
        ("sex", "unrecorded", "K6 K7"),
        ("age_from", "62", "K1 K2 K3 K4 K5"),
        ("age_from", "63", "K1 K2 K5"),
        ("age_to", "52", "K8 K9"),
        ("age_to", "51", "K9"),
        ("operated_from", "2023", "K4 K9"),
        ("operated_to", "2022", "K1 K2 K3 K5 K6 K7 K8"),
        ("operated_to", "2021", ""),
        ("leak", "yes", "K1 K4 K6"),
        ("leak", "no", "K2 K3 K7 K8 K9"),
        ("leak", "unrecorded", "K5"),
        ("surgeon", "Ames", "K1 K2 K3 K5"),
        ("surgeon", "unrecorded", "K7"),
        ("surgeon", "Nobody", ""),
        ("centre", "South", "K5 K6 K7 K8"),
        ("region_rule", "all", "K1 K2 K3 K4 K5 K6 K7 K8 K9"),
    ],
)
def test_each_filter_alone_keeps_the_levels_counted_by_hand(
    six: Warehouse, field: str, codes: str, levels: str
) -> None:
    chosen = select(six, **{field: codes})
    assert kept(chosen) == levels
    assert chosen.n_levels == len(levels.split())


@pytest.mark.parametrize(
    ("rule", "field", "codes", "levels"),
    [
        ("level", "region", "thoracic", "K1 K8"),
        ("any", "region", "thoracic", "K1 K2 K8"),
        ("all", "region", "thoracic", "K8"),
        ("any", "region", "lumbar", "K3 K4 K6 K7 K9"),
        ("all", "region", "lumbar", "K3 K4 K9"),
        ("all", "region", "thoracolumbar,lumbar", "K3 K4 K5 K6 K7 K9"),
        ("any", "level", "T8", "K1 K2"),
        ("all", "level", "T8", ""),
        ("all", "level", "T8,L1", "K1 K2"),
    ],
)
def test_the_region_rule_governs_region_and_level(
    six: Warehouse, rule: str, field: str, codes: str, levels: str
) -> None:
    assert kept(select(six, region_rule=rule, **{field: codes})) == levels


# A second, deliberately naive reading of the same typed text.
PEOPLE = {row["patient_id"]: row for row in csv.DictReader(io.StringIO(PATIENTS))}
TREATED = list(csv.DictReader(io.StringIO(PROCEDURES)))


def naive(codes: Codes) -> str:
    rule = codes.get("region_rule", ["level"])[0]
    return " ".join(row["procedure_id"] for row in TREATED if naively_kept(row, codes, rule))


def naively_kept(row: dict[str, str], codes: Codes, rule: str) -> bool:
    of_patient = [other for other in TREATED if other["patient_id"] == row["patient_id"]]
    among = {"level": [row], "any": of_patient, "all": of_patient}[rule]
    verdict = all if rule == "all" else any
    person = PEOPLE[row["patient_id"]]
    year = min(other["operated_on"] for other in of_patient)[:4]
    age = int(year) - int(person["birth_year"]) if person["birth_year"] else None
    checks = {
        "region": lambda v: verdict(region(other["level"]) in v for other in among),
        "level": lambda v: verdict(other["level"] in v for other in among),
        "primary_tumour": lambda v: (person["primary_tumour"] or "unrecorded") in v,
        "sex": lambda v: (person["sex"] or "unrecorded") in v,
        "leak": lambda v: (row["leak"] or "unrecorded") in v,
        "surgeon": lambda v: (row["surgeon"] or "unrecorded") in v,
        "centre": lambda v: (row["centre"] or "unrecorded") in v,
        "age_from": lambda v: age is not None and age >= int(v[0]),
        "age_to": lambda v: age is not None and age <= int(v[0]),
        "operated_from": lambda v: row["operated_on"][:4] >= v[0],
        "operated_to": lambda v: row["operated_on"][:4] <= v[0],
        "region_rule": lambda _: True,
    }
    return all(checks[field](values) for field, values in codes.items())


ONE_OF_EACH: Codes = {
    "primary_tumour": ["breast", "unrecorded"],
    "region": ["lumbar"],
    "level": ["L1", "L2", "L3", "L5"],
    "region_rule": ["any"],
    "sex": ["F"],
    "age_from": ["50"],
    "age_to": ["62"],
    "operated_from": ["2023"],
    "operated_to": ["2022"],
    "leak": ["no"],
    "surgeon": ["Berg", "unrecorded"],
    "centre": ["North"],
}


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(ONE_OF_EACH, 2)))
def test_filters_in_pairs_keep_what_satisfies_both(six: Warehouse, first: str, second: str) -> None:
    codes = {field: ONE_OF_EACH[field] for field in (first, second)}
    rules = REGION_RULES if {"region", "level"} & set(codes) else ["level"]
    for rule in rules:
        ruled = codes | {"region_rule": [rule]}
        assert kept(selection(six.reader(), Cohort.from_codes(ruled))) == naive(ruled)


def test_one_of_each_means_every_field_of_a_cohort() -> None:
    assert set(ONE_OF_EACH) == {field.name for field in fields(Cohort)}


def test_age_is_that_at_the_first_operation(six: Warehouse) -> None:
    ages = dict(select(six).members.select("procedure_id", "age").iter_rows())
    # A2, born in 1960, was operated on in 2022 (K3) and 2023 (K4)
    assert (ages["K3"], ages["K4"], ages["K6"], ages["K9"]) == (62, 62, None, 49)
    assert select(six).ages == (49, 77)
    assert select(six).years == (2022, 2024)


def test_members_know_their_first_operation_whatever_the_filter(six: Warehouse) -> None:
    member = select(six, operated_from="2023", sex="M").members.row(0, named=True)
    assert (member["operated_on"].year, member["first_operated_on"].year) == (2023, 2022)


def test_nobody_leaves_the_bounds_of_the_whole_registry(six: Warehouse) -> None:
    nobody = select(six, level="T1")
    assert (nobody.n_patients, nobody.n_levels, nobody.n_patients_all) == (0, 0, 6)
    assert nobody.years == (2022, 2024)
    assert "nobody in the registry matches (0 of 6 patients, 0 of 9 levels)" in nobody.sentence


def test_a_registry_without_birth_years_has_no_bounds_of_age(tmp_path: Path) -> None:
    files = {
        "patients.csv": "patient_id\nB1\n",
        "procedures.csv": "procedure_id,patient_id,operated_on,level\nK1,B1,2022-01-10,T8\n",
    }
    chosen = select(open_registry(registry_of(files, tmp_path)))
    assert (chosen.ages, chosen.years) == (None, (2022, 2022))
    assert chosen.sentence == "All patients: 1 of 1 patients, 1 of 1 levels."


def test_the_other_region_convention_moves_the_levels(tmp_path: Path) -> None:
    settings = SIX["source.toml"] + 'region_convention = "split"\n'
    warehouse = open_registry(registry_of(SIX | {"source.toml": settings}, tmp_path))
    assert kept(select(warehouse, region="thoracic")) == "K1 K5 K8"
    assert "thoracic T1–T12" in select(warehouse, region="thoracic").sentence


def options_as_sizes(warehouse: Warehouse, cohort: Cohort, field: str) -> dict[str, int]:
    everyone = selection(warehouse.reader(), Cohort()).members[field].unique()
    sizes = {
        code: selection(warehouse.reader(), replace(cohort, **{field: (code,)})).n_patients
        for code in everyone
    }
    return {code: size for code, size in sizes.items() if size}


@pytest.mark.parametrize("field", LIST_FIELDS)
@pytest.mark.parametrize(
    "cohort",
    [
        Cohort(),
        Cohort(region=("thoracic",), primary_tumour=("breast", "lung"), sex=("F",)),
        Cohort(region=("lumbar",), region_rule="any", leak=("no",), age_from=60),
        Cohort(level=("L1", "T12"), region_rule="all", operated_from=2021),
        Cohort(region_rule="any", leak=("yes",)),
        Cohort(region_rule="all", leak=("yes",)),
    ],
    ids=lambda cohort: str(cohort.to_codes()),
)
def test_the_count_of_an_option_is_the_size_of_its_cohort(
    example: Warehouse, cohort: Cohort, field: str
) -> None:
    options = selection(example.reader(), cohort).options[field]
    assert options == options_as_sizes(example, cohort, field)


def test_options_follow_their_vocabulary(six: Warehouse) -> None:
    options = select(six).options
    assert list(options["primary_tumour"]) == ["breast", "lung", "prostate", "kidney", "unrecorded"]
    assert list(options["level"]) == ["T5", "T8", "T12", "L1", "L2", "L3", "L4", "L5"]
    assert options["surgeon"] == {"Ames": 3, "Berg": 4, "unrecorded": 1}
    assert options["leak"] == {"yes": 3, "no": 5, "unrecorded": 1}


def test_a_cohort_is_frozen_and_hashable() -> None:
    cohort = Cohort(sex=("F",), age_from=60)
    assert len({cohort, Cohort(sex=("F",), age_from=60), Cohort(sex=("F",))}) == 2
    with pytest.raises(FrozenInstanceError):
        cohort.age_from = 70  # type: ignore[misc]


def test_a_rule_alone_filters_nothing() -> None:
    assert not Cohort(region_rule="any").is_filtered
    assert all(
        Cohort.from_codes({field: codes}).is_filtered
        for field, codes in ONE_OF_EACH.items()
        if field != "region_rule"
    )


VOCABULARIES = {
    "primary_tumour": (*tumours(), "unrecorded"),
    "region": REGIONS,
    "level": LEVELS,
    "sex": (*SEXES, "unrecorded"),
    "leak": tuple(LEAK_STATES),
    "surgeon": ("Ames", "Berg", "unrecorded", "Dr Öz"),
    "centre": ("North", "South"),
}
NUMBERS = ("age_from", "age_to", "operated_from", "operated_to")


@settings(derandomize=True, deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            **{
                field: st.lists(st.sampled_from(codes), max_size=4)
                for field, codes in VOCABULARIES.items()
            },
            **{field: st.integers(0, 9999).map(lambda n: [str(n)]) for field in NUMBERS},
            "region_rule": st.sampled_from([[rule] for rule in REGION_RULES]),
        },
    )
)
def test_codes_survive_the_way_there_and_back(codes: Codes) -> None:
    cohort = Cohort.from_codes(codes)
    there = cohort.to_codes()
    assert Cohort.from_codes(there) == cohort
    assert hash(Cohort.from_codes(there)) == hash(cohort)
    backwards = {field: list(reversed(values)) for field, values in codes.items()}
    assert Cohort.from_codes(backwards) == cohort
    assert all(isinstance(value, str) for values in there.values() for value in values)
    assert cohort.is_filtered == bool(set(there) - {"region_rule"})
    for part in cohort.parts():
        cohort = cohort.without(part)
    assert not cohort.is_filtered


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        ({"tumour": ["breast"]}, "Unknown filter `tumour`"),
        ({"primary_tumour": ["brest"]}, "Unknown primary_tumour `brest`"),
        ({"region": ["unrecorded"]}, "Unknown region `unrecorded`"),
        ({"level": ["L6"]}, "Unknown level `L6`"),
        ({"sex": ["f"]}, "Unknown sex `f`"),
        ({"leak": ["true"]}, "Unknown leak `true`"),
        ({"region_rule": ["some"]}, "Unknown region_rule `some`"),
        ({"region_rule": ["any", "all"]}, "`region_rule` takes one of level, any, all."),
        ({"age_from": ["old"]}, "`age_from` takes one whole number, got `old`."),
        ({"age_to": ["60", "70"]}, "`age_to` takes one whole number, got `60,70`."),
        ({"operated_from": ["-1"]}, "`operated_from` takes one whole number, got `-1`."),
        ({"operated_to": ["٢٠٢٢"]}, "`operated_to` takes one whole number"),
    ],
)
def test_unknown_fields_and_codes_are_named(codes: Codes, words: str) -> None:
    with pytest.raises(CohortError) as caught:
        Cohort.from_codes(codes)
    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        ({}, "All patients"),
        ({"region_rule": ["any"]}, "All patients"),
        ({"primary_tumour": ["lung", "breast"]}, "breast or lung"),
        ({"primary_tumour": ["unrecorded"]}, "tumour not recorded"),
        ({"sex": ["F"]}, "women"),
        ({"sex": ["M", "unrecorded"]}, "men or sex not recorded"),
        ({"region": ["lumbar"]}, "lumbar L3–L5; only these levels"),
        (
            {"region": ["lumbar"], "region_rule": ["all"]},
            "lumbar L3–L5; patients with these levels only",
        ),
        (
            {"level": ["T8", "T5"], "region_rule": ["any"]},
            "T5 or T8; all levels of these patients",
        ),
        ({"age_from": ["60"]}, "aged from 60"),
        ({"age_to": ["60"]}, "aged up to 60"),
        ({"age_from": ["50"], "age_to": ["60"]}, "aged 50 to 60"),
        ({"operated_from": ["2022"], "operated_to": ["2022"]}, "operated 2022 to 2022"),
        ({"leak": ["yes", "unrecorded"]}, "leak or not looked for"),
        ({"surgeon": ["Berg", "Ames"]}, "surgeon Ames or surgeon Berg"),
        ({"surgeon": ["unrecorded"]}, "surgeon not recorded"),
        ({"centre": ["North"]}, "centre North"),
    ],
)
def test_a_cohort_says_itself_in_words(codes: Codes, words: str) -> None:
    said = Cohort.from_codes(codes).sentence()
    assert said.lower() == words.lower()


def test_the_sentence_gives_both_denominators_and_says_synthetic(six: Warehouse) -> None:
    assert select(six, sex="F").sentence == (
        "women: 3 of 6 patients, 4 of 9 levels. SYNTHETIC example data."
    )


def test_a_part_can_be_taken_away() -> None:
    cohort = Cohort.from_codes(ONE_OF_EACH)
    tumour = FilterPart("primary_tumour", "breast", "breast")
    assert cohort.without(tumour).primary_tumour == ("unrecorded",)
    assert cohort.without(tumour).without(replace(tumour, code="unrecorded")).primary_tumour is None
    assert cohort.without(FilterPart("age", "", "")).age_from is None
    assert cohort.without(FilterPart("operated", "", "")).operated_to is None
    assert Cohort().without(tumour) == Cohort()


def test_a_code_reads_as_its_label_or_as_itself() -> None:
    assert code_label("sex", "F") == "women"
    assert code_label("region", "several") == "several"
    assert code_label("primary_tumour", "several") == "several"
    assert code_label("age_band", "under 50") == "under 50"
    assert code_label("sex", "unrecorded") == "not recorded"
    assert code_label("leak", "unrecorded") == "not looked for"


def test_an_empty_registry_is_not_blamed_on_the_filter(tmp_path: Path) -> None:
    bare = SIX | {"procedures.csv": SIX["procedures.csv"].splitlines()[0] + "\n"}
    kept = {name: bare[name] for name in ("source.toml", "procedures.csv")}
    files = {**kept, "patients.csv": SIX["patients.csv"].splitlines()[0] + "\n"}
    warehouse = open_registry(registry_of(files, tmp_path))
    assert selection(warehouse.reader(), Cohort()).sentence == (
        "All patients: the registry holds no procedures yet. SYNTHETIC example data."
    )


def test_a_code_is_added_or_removed_and_the_rest_of_the_filter_stays() -> None:
    women = Cohort(sex=("F",), age_from=50)
    both = women.toggled("primary_tumour", "lung").toggled("primary_tumour", "breast")
    assert both == Cohort(primary_tumour=("breast", "lung"), sex=("F",), age_from=50)
    assert both.toggled("primary_tumour", "lung").toggled("primary_tumour", "breast") == women
