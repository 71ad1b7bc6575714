from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from pages.charts.groups import DASHES, MOST_GROUPS, SHAPES
from pages.charts.theme import DARK, LIGHT, Palette

# Machado, Oliveira & Fernandes 2009, IEEE Trans Vis Comput Graph 15:1291-8, severity 1.0,
# on linear RGB.
SEEN = {
    "everybody": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "greyscale": np.tile([0.2126, 0.7152, 0.0722], (3, 1)),
}
# CIE 1931, D65.
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
WHITE = TO_XYZ.sum(axis=1)
APART, CLEARLY_APART = 10.0, 15.0


def linear(colour: str) -> np.ndarray:
    values = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(colour: str, seen: str) -> np.ndarray:
    share = TO_XYZ @ np.clip(SEEN[seen] @ linear(colour), 0, 1) / WHITE
    f = np.where(share > 0.008856, np.cbrt(share), 7.787 * share + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(one: str, other: str, seen: str) -> float:
    return float(np.linalg.norm(lab(one, seen) - lab(other, seen)))


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda palette: palette.name)
@pytest.mark.parametrize("seen", ["everybody", "protanopia", "deuteranopia"])
def test_series_keep_apart_in_colour_for_those_who_see_no_red_or_no_green(
    colours: Palette, seen: str
) -> None:
    near = {
        (one, other): round(distance(one, other, seen), 1)
        for one, other in combinations(colours.categories, 2)
        if distance(one, other, seen) < APART
    }
    assert near == {}


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda palette: palette.name)
@pytest.mark.parametrize("seen", sorted(SEEN))
def test_answer_and_attention_keep_apart_from_individuals(colours: Palette, seen: str) -> None:
    for strong in (colours.answer, colours.attention):
        assert distance(strong, colours.none, seen) > CLEARLY_APART
    if seen != "greyscale":
        assert distance(colours.answer, colours.attention, seen) > CLEARLY_APART


def test_series_that_greyscale_cannot_tell_apart_have_a_shape_and_a_dash_of_their_own() -> None:
    assert len(set(SHAPES)) == len(SHAPES) == MOST_GROUPS
    assert len({tuple(dash) for dash in DASHES}) == len(DASHES) == MOST_GROUPS
    alike = [
        (one, other)
        for one, other in combinations(LIGHT.categories, 2)
        if distance(one, other, "greyscale") < APART
    ]
    assert alike, "shapes and dashes would not be needed"


def test_the_colours_of_rates_grow_in_one_direction_however_they_are_seen() -> None:
    for colours in (LIGHT, DARK):
        for seen in SEEN:
            steps = np.diff([lab(colour, seen)[0] for colour in colours.rates])
            assert (np.sign(steps) == np.sign(steps[0])).all()
            assert abs(steps).min() > APART
