from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from data.codebook import measures
from data.warehouse import open_registry
from pages.shared import film_words as words
from queries.alignment import alignment
from queries.cohort import Cohort, selection
from queries.films import film_kinds, level_values, postures
from tests.registry_of_six import SIX, registry_of

if TYPE_CHECKING:
    from pathlib import Path

    from data.warehouse import Warehouse

# Kyphosis of three levels of two patients, in two postures and one film without:
#        pre                post                m12
#   K1   20 supine          14 standing         16 standing
#   K2   10 standing        8 standing          9 (blank)
#   K3  -12 standing        -14 Supine          -13 standing and supine
LYING = """\
procedure_id,visit,measured_on,reader,posture,calibrated,kyphosis_angle,height_anterior,height_anterior_reference
K1,pre,2022-01-05,R1,supine,yes,20,15,24
K1,post,2022-01-14,R1,standing,no,14,20,24
K1,m12,2023-01-10,R1,standing,,16,18,24
K2,pre,2022-01-05,R1,standing,yes,10,18,30
K2,post,2022-01-14,R1,standing,yes,8,24,30
K2,m12,2023-01-10,R1,,yes,9,23,30
K3,pre,2022-02-25,R1,standing,yes,-12,,
K3,post,2022-03-05,R1,Supine,yes,-14,,
K3,m12,2023-02-10,R1,standing,yes,-13,,
K3,m12,2023-02-10,R2,supine,yes,-13,,
"""


@pytest.fixture(scope="module")
def lying(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("lying")
    return open_registry(registry_of({**SIX, "radiographs.csv": LYING}, folder))


def test_films_are_counted_by_posture_whatever_its_spelling(lying: Warehouse) -> None:
    rows = postures(lying.reader(), Cohort()).rows
    assert [(row.posture, row.n_films, row.n_levels, row.n_patients) for row in rows] == [
        ("standing", 6, 3, 2),
        ("supine", 3, 2, 2),
        ("not recorded", 1, 1, 1),
    ]
    assert [row.uncalibrated for row in rows] == [2, 0, 0]
    assert postures(lying.reader(), Cohort()).recorded == ("standing", "supine")


def test_pairs_of_films_in_different_postures_are_counted(lying: Warehouse) -> None:
    kinds = alignment(lying.reader(), Cohort()).kinds
    assert dict(kinds.postures) == {"standing": 5, "supine": 2, "not recorded": 1, "several": 1}
    start = kinds.against("pre", "post")
    assert start is not None
    assert (start.n_pairs, start.n_moved, start.n_unknown) == (3, 2, 0)
    assert start.moves == (("standing", "supine", 1), ("supine", "standing", 1))
    later = kinds.against("post", "m12")
    assert later is not None
    assert (later.n_pairs, later.n_moved, later.n_unknown) == (3, 1, 1)
    assert kinds.against("post", "pre") is None
    assert kinds.against("pre", "m24") is None


def test_levels_of_opposite_curvature_are_counted_before_the_operation(lying: Warehouse) -> None:
    kinds = alignment(lying.reader(), Cohort()).kinds
    assert (kinds.kyphotic, kinds.lordotic) == (2, 1)
    assert "2 levels are kyphotic (above 0°) and 1 lordotic" in words.curvature_sentence(kinds)
    alone = alignment(lying.reader(), Cohort(level=("T8", "L1"))).kinds
    assert words.curvature_sentence(alone) == ""
    heights = alignment(lying.reader(), Cohort(), measure="height_anterior").kinds
    assert (heights.kyphotic, heights.lordotic) == (0, 0)


def test_one_posture_keeps_its_films_alone_and_is_exploratory(lying: Warehouse) -> None:
    answer = alignment(lying.reader(), Cohort(), posture="standing")
    assert [(row.visit, row.n_levels) for row in answer.rows] == [
        ("pre", 2),
        ("post", 2),
        ("m12", 2),
    ]
    assert (answer.kinds.posture, answer.kinds.pairs) == ("standing", ())
    assert all(test.exploratory for test in answer.comparisons)
    (said,) = words.posture_sentences(answer.kinds, answer.measure, None)
    assert said == "Only films taken standing (6 films); the others are left out."


def test_the_posture_is_an_option_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    from queries.__main__ import main

    for given, counts in (("Supine", [3, 0, 0]), ("lying", [0, 0, 0])):
        asked = ["stability", "--measure", "wedge_angle", "--posture", given, "--json"]
        assert main(asked) == 0
        rows = json.loads(capsys.readouterr().out)["rows"]
        assert [row["n_levels"] for row in rows] == counts


def test_a_changed_posture_is_said_with_what_it_can_do(lying: Warehouse) -> None:
    kinds = alignment(lying.reader(), Cohort()).kinds
    angle = measures()["kyphosis_angle"]
    (said,) = words.film_sentences(kinds, angle, in_percent=False, versus="post", visit="m12")
    assert said.startswith(
        "Postures stand together: 1 of 3 pairs of films (after the operation → 12 months) compare "
        "different postures (supine → several 1); that can fake or hide a correction. In 94"
    )
    assert said.endswith(
        "In 1 of 3 pairs of films (after the operation → 12 months) the posture is not recorded."
    )
    assert words.film_sentences(kinds, angle, in_percent=False, versus="pre", visit=None) == []


def test_the_same_posture_throughout_needs_no_word(lying: Warehouse) -> None:
    alone = alignment(lying.reader(), Cohort(level=("L1",)))
    (said,) = words.film_sentences(
        alone.kinds, alone.measure, in_percent=False, versus="pre", visit="m12"
    )
    assert said == (
        "In 1 of 1 pair of films (before the operation → 12 months) the posture is not recorded."
    )
    nothing = words.film_sentences(
        alone.kinds, alone.measure, in_percent=False, versus="pre", visit="post"
    )
    assert nothing == []


def test_millimetres_of_films_not_known_to_be_calibrated_are_counted(lying: Warehouse) -> None:
    answer = alignment(lying.reader(), Cohort(), measure="height_anterior")
    assert (answer.kinds.n_films, answer.kinds.uncalibrated) == (6, 2)
    (said,) = words.calibration_sentences(answer.kinds, answer.measure, in_percent=False)
    assert said == (
        "Not known to be calibrated: 2 of 6 films; their millimetres do not compare with the "
        "others', per cent of the reference do."
    )
    assert words.calibration_sentences(answer.kinds, answer.measure, in_percent=True) == []
    angle = alignment(lying.reader(), Cohort())
    assert words.calibration_sentences(angle.kinds, angle.measure, in_percent=False) == []


def test_axes_carry_the_sign_and_the_unit() -> None:
    angle, height = measures()["kyphosis_angle"], measures()["height_anterior"]
    assert words.value_axis(angle, "°") == "kyphosis angle, ° (+ kyphosis, − lordosis)"
    assert words.change_axis(angle, "°") == "change of kyphosis angle, ° (+ is more kyphosis)"
    assert words.value_axis(height, "mm") == "anterior height, mm"
    assert words.change_axis(height, "mm") == "change of anterior height, mm (+ is a gain)"
    assert words.direction(height, worse=True) == "worse"
    assert words.direction(angle, worse=False) == "less kyphotic"
    assert [words.posture_label(code) for code in ("all", "supine")] == ["all postures", "supine"]


def test_a_registry_without_films_has_no_kinds(tmp_path: Path) -> None:
    files = {name: text for name, text in SIX.items() if name != "radiographs.csv"}
    reader = open_registry(registry_of(files, tmp_path)).reader()
    measure = measures()["height_anterior"]
    values = level_values(
        reader, measure, selection(reader, Cohort()), scale="percent_of_reference"
    )
    kinds = film_kinds(values, measure)
    assert (kinds.postures, kinds.n_films, kinds.pairs) == ((), 0, ())
    assert postures(reader, Cohort()).rows == ()
