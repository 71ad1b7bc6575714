"""The margins of the synthetic films, recounted from the rows of their file."""

from __future__ import annotations

from collections import Counter
from statistics import mean, median, quantiles, stdev
from typing import TYPE_CHECKING

from data.example_expect import near, require
from data.example_procedures import icc

if TYPE_CHECKING:
    from collections.abc import Iterable

    from data.example_tables import Rows, Tables

FOLLOWED_LEVELS = 59
COLLAPSED = -0.13


def _averages(rows: Rows, column: str) -> dict[tuple[str, str], float]:
    read: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        read.setdefault((row["procedure_id"], row["visit"]), []).append(float(row[column]))
    return {key: mean(values) for key, values in read.items()}


def _changes(values: dict[tuple[str, str], float], start: str, end: str) -> dict[str, float]:
    return {
        one: value - values[one, start] for (one, visit), value in values.items() if visit == end
    }


def _at(values: dict[tuple[str, str], float], visit: str) -> Iterable[float]:
    return [value for (_, one), value in values.items() if one == visit]


def _restoration(
    anterior: dict[tuple[str, str], float], expected: dict[tuple[str, str], float]
) -> float:
    lost = {
        level: expected[level, "pre"] - height
        for (level, visit), height in anterior.items()
        if visit == "pre"
    }
    return median(
        gain / lost[level]
        for level, gain in _changes(anterior, "pre", "post").items()
        if lost[level] >= max(2.0, 0.1 * expected[level, "pre"])
    )


def assert_films(content: Tables) -> None:
    """Recount which films there are and the heights on them."""
    rows = content["radiographs"]
    taken = Counter(visit for _, visit in {(row["procedure_id"], row["visit"]) for row in rows})
    due = {"pre": 64, "post": 64, "m3": 64, "m6": 62, "m12": FOLLOWED_LEVELS}
    require("films missed", sum(due.values()) - sum(taken.values()), 4)
    require("levels filmed at 12 months", taken["m12"], FOLLOWED_LEVELS)
    second = {row["procedure_id"] for row in rows if row["reader"] == "R2"}
    require("levels read twice", len(second), 12)
    anterior = _averages(rows, "height_anterior")
    expected = _averages(rows, "height_anterior_reference")
    ratio = {key: value / expected[key] for key, value in anterior.items()}
    for found, wanted in zip(
        quantiles(_at(ratio, "pre"), method="inclusive"), (0.60, 0.72, 0.83), strict=True
    ):
        require("anterior height before, quartile", found, near(wanted, 0.02))
    require("anterior height after, median", median(_at(ratio, "post")), near(0.81, 0.02))
    for site, wanted in (("middle", 0.68), ("posterior", 0.94)):
        height = _averages(rows, f"height_{site}")
        other = _averages(rows, f"height_{site}_reference")
        found = median(value / other[key] for key, value in height.items() if key[1] == "pre")
        require(f"{site} height before, median", found, near(wanted, 0.02))
    require("restoration, median", _restoration(anterior, expected), near(0.30, 0.06))
    gained = [change >= 2 for change in _changes(anterior, "pre", "post").values()]
    require("share of levels that gain 2 mm", mean(gained), near(0.45, 0.05))
    kept = _changes(ratio, "post", "m12").values()
    usual = [change for change in kept if change > COLLAPSED]
    require("levels that collapse further", len(kept) - len(usual), 2)
    require("change of height to 12 months", mean(usual), near(-0.01, 0.005))
    require("its spread", stdev(usual), near(0.04, 0.005))


def assert_angles(content: Tables) -> None:
    """Recount the angles and how the changes of one patient's levels correlate."""
    rows = content["radiographs"]
    wedge = _averages(rows, "wedge_angle")
    require("wedge before, median", median(_at(wedge, "pre")), near(11, 1))
    require("wedge after, median", median(_at(wedge, "post")), near(7, 1))
    require("wedge, corrected by", mean(_changes(wedge, "pre", "post").values()), near(-4, 0.6))
    lost = mean(_changes(wedge, "post", "m12").values())
    require("wedge, lost again to 12 months", lost, near(0.8, 0.3))
    kyphosis = _averages(rows, "kyphosis_angle")
    for name, values in (("wedge", wedge), ("kyphosis", kyphosis)):
        for start, end in (("pre", "post"), ("post", "m12")):
            found = _clustered(content["procedures"], _changes(values, start, end))
            margin = f"intraclass correlation of {name} {start} to {end}"
            require(margin, found, near(0.3, 0.1))


def _clustered(operations: Rows, changes: dict[str, float]) -> float:
    groups: dict[str, list[float]] = {}
    for row in operations:
        if row["procedure_id"] in changes:
            groups.setdefault(row["patient_id"], []).append(changes[row["procedure_id"]])
    return icc(list(groups.values()))
