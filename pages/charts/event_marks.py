"""How each kind of event is drawn: a letter, a shape, never a colour alone."""

from __future__ import annotations

from data.codebook import EVENT_KINDS

LETTERS = {
    "adjacent_fracture": "A",
    "remote_fracture": "R",
    "revision": "V",
    "neurological_deficit": "N",
    "radiculopathy": "L",
    "pulmonary_embolism": "E",
    "infection": "I",
    "readmission": "H",
    "other": "O",
}
SHAPES = (
    "triangle-down",
    "triangle-up",
    "square",
    "diamond",
    "triangle-left",
    "cross",
    "circle",
    "triangle-right",
    "stroke",
)


def letter(kind: str) -> str:
    """Return the letter of a kind of event."""
    return LETTERS.get(kind, kind[:1].upper())


def shape(kind: str) -> str:
    """Return the shape of a kind of event."""
    return SHAPES[EVENT_KINDS.index(kind) % len(SHAPES)]
