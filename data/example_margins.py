"""The margins that the synthetic registry keeps, recounted from the rows of its files."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from statistics import correlation, mean, quantiles
from typing import TYPE_CHECKING

from data.codebook import region
from data.example_expect import Within, near, require
from data.example_film_margins import FOLLOWED_LEVELS, assert_angles, assert_films
from data.example_patients import TUMOUR_COUNTS
from data.example_procedures import CEMENT, LEAK_SITES, LEVEL_COUNTS, PATIENTS_WITH_LEVELS, icc
from data.example_scores import KNOTS

if TYPE_CHECKING:
    from data.example_tables import Rows, Tables


def assert_margins(content: Tables) -> None:
    """Recount every margin of the synthetic registry.

    Parameters
    ----------
    content : dict of str to list of dict
        The rows of each source file, as text.

    Raises
    ------
    MarginError
        If one of them is missed.
    """
    _assert_patients(content)
    _assert_procedures(content)
    _assert_scores(content)
    _assert_courses(content)
    assert_films(content)
    assert_angles(content)


def _assert_patients(content: Tables) -> None:
    people = content["patients"]
    first: dict[str, int] = {}
    for row in content["procedures"]:
        year = int(row["operated_on"][:4])
        first[row["patient_id"]] = min(year, first.get(row["patient_id"], year))
    ages = [first[row["patient_id"]] - int(row["birth_year"]) for row in people]
    tumours = Counter((row["sex"], row["primary_tumour"]) for row in people)
    wanted = {
        (sex, tumour): count
        for sex, counts in TUMOUR_COUNTS.items()
        for tumour, count in counts.items()
    }
    require("primary tumours by sex", dict(tumours), wanted)
    require("youngest and oldest", (min(ages), max(ages)), (41, 84))
    for name, found, quartile in zip(
        ("first", "second", "third"),
        quantiles(ages, method="inclusive"),
        (57, 64, 73),
        strict=True,
    ):
        require(f"{name} quartile of age", found, near(quartile, 1))
    dead = sorted(row["primary_tumour"] for row in people if row["died_on"])
    require("tumours of the dead", dead, ["lung", "unknown"])
    seen = Counter(row["visit"] for row in content["follow_ups"])
    attended = {"pre": 31, "post": 31, "m3": 31, "m6": 30, "m12": 28}
    require("patients seen at each visit", dict(seen), attended)


def _assert_procedures(content: Tables) -> None:
    rows = content["procedures"]
    owners = Counter(row["patient_id"] for row in rows)
    require("levels", dict(Counter(row["level"] for row in rows)), LEVEL_COUNTS)
    require("levels per patient", dict(Counter(owners.values())), PATIENTS_WITH_LEVELS)
    require("no level twice", len({(r["patient_id"], r["level"]) for r in rows}), len(rows))
    sessions = Counter(
        patient for patient, _ in {(r["patient_id"], r["operated_on"]) for r in rows}
    )
    require("patients by sessions", dict(Counter(sessions.values())), {1: 30, 2: 1})
    years = {row["operated_on"][:4] for row in rows}
    require("years of operation", years, {"2021", "2022", "2023"})
    require("cement in ml", all(2 <= float(row["cement_ml"]) <= 8 for row in rows), wanted=True)
    for place, (middle, _) in CEMENT.items():
        cement = [float(row["cement_ml"]) for row in rows if region(row["level"]) == place]
        require(f"{place} cement in ml, mean", mean(cement), near(middle, 0.4))
    leaks = [row for row in rows if row["leak"] == "yes"]
    sites = Counter(row["leak_locations"] for row in leaks)
    require("leaks by site and route", dict(sites), dict(Counter(LEAK_SITES)))
    require("symptoms of leaks", {row["leak_symptomatic"] for row in leaks}, {"no"})
    require("patients with a leak", len({row["patient_id"] for row in leaks}), 7)
    groups = [[float(r["leak"] == "yes") for r in rows if r["patient_id"] == one] for one in owners]
    require("intraclass correlation of leaks", icc(groups), Within(0.2, 0.4))
    seen = {row["patient_id"] for row in content["follow_ups"] if row["visit"] == "m12"}
    followed = sum(count for patient, count in owners.items() if patient in seen)
    require("levels of patients seen at 12 months", followed, FOLLOWED_LEVELS)


def _scores(rows: Rows, measure: str) -> dict[str, dict[str, float]]:
    values: dict[str, dict[str, float]] = {visit: {} for visit in KNOTS[measure]}
    for row in rows:
        if row[measure]:
            values[row["visit"]][row["patient_id"]] = float(row[measure])
    return values


def _correlation(values: dict[str, dict[str, float]]) -> float:
    pairs = []
    for one, other in combinations(values.values(), 2):
        both = sorted(one.keys() & other.keys())
        pairs.append(correlation([one[k] for k in both], [other[k] for k in both]))
    return mean(pairs)


def _assert_scores(content: Tables) -> None:
    rows = content["follow_ups"]
    for measure, tolerance in (("vas", 0.5), ("odi", 3), ("karnofsky", 5)):
        values = _scores(rows, measure)
        for visit, knots in KNOTS[measure].items():
            found = quantiles(values[visit].values(), method="inclusive")
            require(f"{measure} {visit}, median", found[1], near(knots[2], tolerance))
            if measure == "vas":
                require(f"{measure} {visit}, lower", found[0], near(knots[1], tolerance))
                require(f"{measure} {visit}, upper", found[2], near(knots[3], tolerance))
        if measure != "karnofsky":
            require(f"{measure}, correlation of visits", _correlation(values), near(0.4, 0.08))
    karnofsky = _scores(rows, "karnofsky")
    gains = [karnofsky["post"][one] - before for one, before in karnofsky["pre"].items()]
    require("gain of Karnofsky", mean(gains), Within(10, 15))
    blank = {row["patient_id"] for row in rows if row["odi_1"] and not row["odi_8"]}
    require("patients with section 8 blank", len(blank), 8)
    missing = Counter((r["visit"], m) for r in rows for m in ("vas", "odi") if not r[m])
    require("missing scores", dict(missing), {("m3", "odi"): 1, ("m6", "vas"): 1, ("m6", "odi"): 1})


def _assert_courses(content: Tables) -> None:
    values = _scores(content["follow_ups"], "vas")
    never = [
        one
        for one, before in values["pre"].items()
        if all(before - values[v][one] < 2 for v in ("post", "m3", "m6", "m12") if one in values[v])
    ]
    late = [one for one, last in values["m12"].items() if last - values["m3"][one] >= 3]
    require("patients never better", len(never), Within(3, 4))
    require("patients worse late", len(late), 4)
