from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

import queries.agreement
from data.warehouse import open_registry
from pages.charts.agreement import agreement_chart
from pages.charts.theme import LIGHT
from pages.shared import agreement_words as words
from queries.agreement import agreement
from queries.cohort import Cohort
from queries.statistics.results import Estimate
from queries.thinned import cells
from tests.registry_of_six import SIX, registry_of, registry_of_example, registry_of_six
from tests.test_pages import opened, specs
from tests.test_pages import words as page_words

if TYPE_CHECKING:
    from data.warehouse import Warehouse

ALIGNMENT = "imaging/alignment.py"

# Readers Ames, Berg and Cole; two films by Ames and Berg, one by Ames and Cole, one by Ames alone;
# Ames read K1 before twice: 20 and 22, mean 21; the film of K3 after the level was treated again
# (2023-03-01) is left out.
TYPED = """\
procedure_id,visit,measured_on,reader,kyphosis_angle
K1,pre,2022-01-05,Ames,20
K1,pre,2022-01-05,Ames,22
K1,pre,2022-01-05,Berg,24
K1,post,2022-01-14,Ames,12
K1,post,2022-01-14,Berg,13
K2,pre,2022-01-05,Ames,10
K2,pre,2022-01-05,Cole,11
K2,post,2022-01-14,Ames,9
K3,m12,2023-03-10,Ames,8
K3,m12,2023-03-10,Berg,1
K5,pre,2022-04-28,,22
K5,pre,2022-04-28,Ames,22
"""


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("read")
    return open_registry(registry_of({**SIX, "radiographs.csv": TYPED}, folder))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return open_registry(registry_of_example(tmp_path_factory))


def test_the_two_who_read_most_films_together_are_compared(typed: Warehouse) -> None:
    answer = agreement(typed.reader(), Cohort())
    assert (answer.readers, answer.other_pairs) == (("Ames", "Berg"), 1)
    assert answer.films.select("visit", "first", "second", "difference").rows() == [
        ("post", 12, 13, 1),
        ("pre", 21, 24, 3),
    ]
    (row,) = answer.rows
    assert (row.n_films, row.n_levels, row.n_patients, row.bias) == (2, 1, 1, 2)
    assert (row.first_reader, row.second_reader, row.error) == ("Ames", "Berg", 7)
    assert (row.icc_low, row.bias_low, row.sdc_low) == (None, None, None)
    assert "1 further pair of readers with fewer films" in " ".join(words.method_sentences(answer))


def test_the_example_agrees_with_r(example: Warehouse) -> None:
    # in R, d the films of both readers: the estimates of tests/test_statistics_agreement.py, f <-
    # st(d); j <- sapply(ids, function(i) st(d[d$patient != i, ])); ps <- 11 * f - 10 * j;
    # f -/+ qt(.975, 10) * apply(ps, 1, sd) / sqrt(11); tanh of the first, exp of the last
    pinned = {
        "kyphosis_angle": [
            *(0.9484272066, 0.8840254926, 0.9774932807),
            *(0.3362068966, -0.4428073331, 1.1152211262),
            *(-6.9057276044, -8.1289252720, -5.6825299369),
            *(7.5781413975, 6.2710688218, 8.8852139733),
            *(7.2094105282, 6.2921985473, 8.2603242370),
        ],
        "height_anterior": [
            *(0.9791336569, 0.9464437486, 0.9919526455),
            *(-0.0275862069, -0.2114420419, 0.1562696281),
            *(-1.3552716157, -1.6726173747, -1.0379258568),
            *(1.3000992020, 1.0053112322, 1.5948871717),
            *(1.3173001458, 1.0981925865, 1.5801232822),
        ],
    }
    for measure, numbers in pinned.items():
        (row,) = agreement(example.reader(), Cohort(), measure=measure).rows
        names = ("icc", "bias", "lower", "upper", "sdc")
        found = [getattr(row, f"{name}{end}") for name in names for end in ("", "_low", "_high")]
        assert found == pytest.approx(numbers, abs=1e-8)
        assert (row.n_films, row.n_levels, row.n_patients) == (58, 12, 11)


def test_the_answer_stands_beside_the_codebook(example: Warehouse) -> None:
    angle = agreement(example.reader(), Cohort())
    assert words.answer_sentence(angle).replace("\u202f", " ") == (
        "Smallest detectable change between readers: **7.2°** (95 % CI 6.3 to 8.3); the codebook "
        "sets 7.0°, inside this interval; 58 films of 12 levels in 11 patients."
    )
    height = agreement(example.reader(), Cohort(), measure="height_anterior")
    assert "the codebook sets 4.5 mm, which is larger;" in words.answer_sentence(height)
    assert height.found.sdc is not None
    wide = Estimate("", 6.0, 5.0, 7.0, 0.95)
    other = replace(height, found=replace(height.found, sdc=wide))
    assert words.beside_codebook(other).endswith("which is smaller")
    bare = replace(height, measure=replace(height.measure, error=None))
    assert words.beside_codebook(bare) == ", no measurement error is in the codebook"
    assert "Dotted" not in words.legend(bare)
    assert agreement_chart(bare, LIGHT).to_dict()["datasets"]["errors"] == []


def test_every_number_stands_with_its_interval(example: Warehouse) -> None:
    said = [
        sentence.replace("\u202f", " ")
        for sentence in words.agreement_sentences(agreement(example.reader(), Cohort()))
    ]
    bias, limits, correlation = said
    assert bias == "Bias R2 − R1: +0.3° (95 % CI −0.4 to 1.1)."
    assert limits == (
        "95 % limits of agreement: −6.9° to +7.6° (lower 95 % CI −8.1 to −5.7; upper 95 % CI 6.3 "
        "to 8.9)."
    )
    assert correlation == (
        "ICC(2,1) 0.95 (95 % CI 0.88 to 0.98); it grows with how different the levels are, the "
        "limits do not."
    )


def test_few_patients_have_numbers_without_intervals(typed: Warehouse) -> None:
    answer = agreement(typed.reader(), Cohort())
    assert words.agreement_sentences(answer)[-1] == (
        "No intervals: fewer than 10 patients with a film read by both."
    )
    assert "(no interval); the codebook sets 7.0°; 2 films" in words.answer_sentence(answer)


def test_one_reader_nobody_and_the_same_value_are_sentences(
    typed: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> None:
    alone = agreement(typed.reader(), Cohort(level=("T12",)))
    assert words.answer_sentence(alone) == (
        "Readers cannot be compared on kyphosis angle: no film was read by two readers."
    )
    (row,) = alone.rows
    assert (row.first_reader, row.n_films, row.icc, row.sdc) == (None, 0, None, None)
    assert row.refused == "no film was read by two readers"
    assert words.title(alone) == "Agreement between readers: kyphosis angle (°)"
    assert words.method_sentences(alone) == [words.AVERAGED]
    with pytest.raises(ValueError, match="no films to draw"):
        agreement_chart(alone, LIGHT)
    nobody = agreement(typed.reader(), Cohort(primary_tumour=("melanoma",)))
    assert words.answer_sentence(nobody).startswith("Readers: nobody matches the filter")
    six = open_registry(registry_of_six(tmp_path_factory))
    one = agreement(six.reader(), Cohort())
    assert words.answer_sentence(one) == (
        "Readers cannot be compared on kyphosis angle: one film alone was read twice (1 film of 1 "
        "level in 1 patient)."
    )


def test_dots_outside_the_limits_are_triangles(example: Warehouse) -> None:
    answer = agreement(example.reader(), Cohort())
    shown = agreement_chart(answer, LIGHT).to_dict()["datasets"]
    assert len(shown["films"]) == 58
    assert sum(row["outside"] for row in shown["films"]) == 1
    assert [row["words"] for row in shown["lines"]] == [
        "upper limit +7.6°",
        "bias +0.3°",
        "lower limit −6.9°",
    ]
    assert [row["at"] for row in shown["errors"]] == [-7, 7]


def test_above_5000_films_neighbours_are_counted_together(
    example: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries.agreement, "MOST_LINES", 57)
    monkeypatch.setattr(queries.agreement, "cells", partial(cells, grid=3))
    answer = agreement(example.reader(), Cohort())
    assert answer.found.n == 58
    shown = agreement_chart(answer, LIGHT).to_dict()["datasets"]["films"]
    assert len(shown) <= 9
    assert sum(row["together"] for row in shown) == 58
    assert "the larger the more" in words.legend(answer)
    assert words.film_rows(answer)[0]["level"] == "–"


def test_the_page_shows_how_two_readers_agree() -> None:
    app = opened(ALIGNMENT, view="readers", measure="height_anterior")
    text = page_words(app)
    assert "Agreement between readers R1 and R2: anterior height (mm)" in text
    assert "**1.3 mm** (95 % CI 1.1 to 1.6); the codebook sets 4.5 mm, which is larger" in text
    assert specs(app)[0].startswith("Bland-Altman chart of anterior height, one dot per film.")
    none = page_words(opened(ALIGNMENT, view="readers", level="T5"))
    assert "no film was read by two readers" in none
