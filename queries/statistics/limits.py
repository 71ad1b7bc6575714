"""Every threshold of the statistics, each with its reason, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """One threshold as the methods page prints it."""

    name: str
    value: float
    meaning: str


ALPHA = 0.05
CONFIDENCE = 0.95
EXACT_PAIRS = 200
FRAGILE_BELOW = 10
ASSUMED_ICC = 0.3
ICC_CLUSTERS = 10
INTERVAL_PAIRS = 6
RATE_NEEDS = 20
DIFFERENCE_DECIMALS = 9

LIMITS: tuple[Limit, ...] = (
    Limit("ALPHA", ALPHA, "Two-sided P below this counts as evidence against the null."),
    Limit("CONFIDENCE", CONFIDENCE, "Every interval is at this level unless it says otherwise."),
    Limit(
        "EXACT_PAIRS",
        EXACT_PAIRS,
        "Up to this many non-zero pairs the signed-rank P is exact; above it the normal"
        " approximation with tie and continuity correction stands in.",
    ),
    Limit("FRAGILE_BELOW", FRAGILE_BELOW, "With fewer patients one of them can turn a result."),
    Limit(
        "ASSUMED_ICC",
        ASSUMED_ICC,
        "Intracluster correlation set where the data cannot give one; published values for"
        " spinal levels run from 0.19 to 0.47.",
    ),
    Limit(
        "ICC_CLUSTERS",
        ICC_CLUSTERS,
        "With fewer patients an intracluster correlation is noise and is not estimated.",
    ),
    Limit(
        "INTERVAL_PAIRS",
        INTERVAL_PAIRS,
        "With fewer pairs even the whole range of the Walsh averages covers less than 95 %.",
    ),
    Limit(
        "RATE_NEEDS", RATE_NEEDS, "Below this n the count k/n is shown, never a bare percentage."
    ),
    Limit(
        "DIFFERENCE_DECIMALS",
        DIFFERENCE_DECIMALS,
        "Differences are rounded to this many decimals, so that binary rounding breaks no tie.",
    ),
)
