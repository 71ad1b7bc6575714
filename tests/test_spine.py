"""The spine as a chart: what its rows count, how its outlines grow, what a click on it chooses."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from data.codebook import LEVELS
from data.warehouse import open_registry
from pages.charts.leak_spine import spine_chart
from pages.charts.over_visits import CLICK
from pages.charts.theme import DARK, LIGHT
from pages.charts.vertebrae import discs, spine_height, vertebrae
from pages.shared.leak_words import chosen_sentence, level_rows, short_rows, where_words
from queries.cohort import Cohort
from queries.leakage import leakage
from queries.leaks import treated_levels
from tests.registry_of_six import registry_of_example, registry_of_six

if TYPE_CHECKING:
    from data.warehouse import Reader, Warehouse


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


@pytest.fixture
def reader(example: Warehouse) -> Reader:
    return example.reader()


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_six(tmp_path_factory))


def rows(reader: Reader, cohort: Cohort, *chosen: str) -> dict[str, dict[str, Any]]:
    chart = spine_chart(leakage(reader, cohort, by="level"), LIGHT, chosen)
    return {row["group"]: row for row in chart.to_dict()["datasets"]["groups"]}


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", path)]


def middle(path: str) -> float:
    across = [x for x, _ in points(path)]
    return (min(across) + max(across)) / 2


def test_the_spine_runs_from_t1_to_l5_and_grows_downwards() -> None:
    spine = vertebrae(120)
    assert [one.level for one in spine] == list(LEVELS)
    heights = [one.bottom - one.top for one in spine]
    assert heights == sorted(heights)
    assert all(one.bottom == pytest.approx(next_one.top) for one, next_one in pairwise(spine))
    assert spine[-1].bottom == pytest.approx(spine_height())
    depths = [
        max(x for x, _ in points(one.body)) - min(x for x, _ in points(one.body)) for one in spine
    ]
    assert depths[-1] > 1.4 * depths[0]


def test_the_thorax_is_convex_to_the_back_and_the_lumbar_spine_to_the_front() -> None:
    at = {one.level: middle(one.body) for one in vertebrae(120)}
    assert min(at, key=at.__getitem__) in ("T6", "T7", "T8")
    assert max(at, key=at.__getitem__) in ("L2", "L3", "L4")
    assert at["T1"] > at["T7"] < at["L3"] > at["L5"]


def test_bodies_stay_inside_their_rows_and_arches_behind_them() -> None:
    for one in vertebrae(120):
        heights = [y for _, y in points(one.body)]
        assert one.top - 4 < min(heights) < one.middle < max(heights) < one.bottom + 4
        assert min(x for x, _ in points(one.arch)) < min(x for x, _ in points(one.body))
    assert discs(120).count("Z") == len(LEVELS)


def test_every_level_prints_both_denominators_or_why_there_is_none(reader: Reader) -> None:
    found = rows(reader, Cohort())
    assert [found[level]["said"] for level in LEVELS[:4]] == ["not treated"] * 4
    assert (found["T10"]["said"], found["T10"]["patients"]) == ("3 of 5", "3 of 5")
    assert sum(int(row["said"].split(" of ")[1]) for row in found.values() if row["treated"]) == 64
    assert {level for level in LEVELS if found[level]["few"]} == {"T5", "T6", "L5"}
    assert found["T10"]["counts"] == "3 of 5 levels · 3 of 5 patients"


def test_levels_that_nobody_looked_at_say_so(six: Warehouse) -> None:
    found = rows(six.reader(), Cohort())
    assert (found["T12"]["said"], found["T12"]["rate"]) == ("not looked for at 1", None)


def test_in_a_filtered_choice_a_level_is_absent_and_not_untreated(reader: Reader) -> None:
    assert rows(reader, Cohort(region=("lumbar",)))["T8"]["said"] == "not in this choice"


def test_the_chosen_level_is_ringed_and_only_treated_levels_can_be_clicked(reader: Reader) -> None:
    found = rows(reader, Cohort(), "T10")
    assert [level for level in LEVELS if found[level]["chosen"]] == ["T10"]
    assert [level for level in LEVELS if not found[level]["offered"]] == list(LEVELS[:4])
    answer = leakage(reader, Cohort(), by="level")
    chart = spine_chart(answer, LIGHT, (), ("T12",)).to_dict()["datasets"]["groups"]
    assert [row["group"] for row in chart if row["offered"]] == ["T12"]


def test_a_click_names_the_level_and_takes_a_second_one_back(reader: Reader) -> None:
    chart = spine_chart(leakage(reader, Cohort(), by="level"), DARK).to_dict()
    click = next(param for param in chart["params"] if param["name"] == CLICK)
    assert click["select"]["fields"] == ["group"]
    assert click["select"]["toggle"] in (True, "true")


def test_the_structure_is_shared_and_asks_for_nothing_from_outside(reader: Reader) -> None:
    everybody = spine_chart(leakage(reader, Cohort(), by="level"), LIGHT)
    women = spine_chart(leakage(reader, Cohort(sex=("F",)), by="level"), LIGHT, ("T10",))
    assert everybody.structure is women.structure
    words = json.dumps({k: v for k, v in everybody.structure.items() if k != "$schema"})
    assert "http" not in words


def test_the_list_of_a_level_holds_its_patients_and_leaks(reader: Reader) -> None:
    treated = treated_levels(reader, Cohort(level=("T10",)))
    found = short_rows(treated, hidden=False)
    assert [row["patient"] for row in found] == ["P01", "P03", "P04", "P14", "P20"]
    assert [row["leak"] for row in found].count("none") == 2
    assert found[0]["leak"] == "paravertebral"
    assert "level" not in found[0]
    whole = level_rows(treated, hidden=False)
    assert whole[0]["leak"] == "paravertebral (cortical defect)"
    assert {row["symptoms"] for row in whole} == {"no", "–"}


def test_a_list_of_several_levels_names_them(six: Warehouse) -> None:
    found = short_rows(treated_levels(six.reader(), Cohort()), hidden=False)
    assert [row["level"] for row in found][:2] == ["T8", "L1"]
    whole = level_rows(treated_levels(six.reader(), Cohort()), hidden=True)
    assert {row["leak"] for row in whole} >= {"not looked for", "none"}
    assert {row["symptoms"] for row in whole} == {"no", "yes", "not recorded", "–"}
    assert {row["year"] for row in whole} == {"2022", "2023", "2024"}


def test_words_of_places_and_rings() -> None:
    assert where_words(None, None) == "location not recorded"
    assert where_words(["epidural", "venous"], ["B", "unrecorded"]) == (
        "epidural (basivertebral vein); venous"
    )
    assert "Click it again" in chosen_sentence(["T10"])
    assert "Click it again" not in chosen_sentence(["T10", "T11"])
