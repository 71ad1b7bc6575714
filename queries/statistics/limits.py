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
EXACT_PATIENTS = 200
SMALL_GROUP = 5
GROUP_NEEDS = 2
PERMUTATION_DRAWS = 9_999
PERMUTATION_SEED = 20_261_122
PERMUTATION_TIE = 1e-9
PERMUTED_PATIENTS = 5_000
STABILITY_CONFIDENCE = 0.90
STABILITY_NEEDS = 2
SURVIVAL_GROUP = 10
EXPECTED_EVENTS = 5
ONE_YEAR_DAYS = 365.25
EXACT_ARRANGEMENTS = 20_000
RAO_SCOTT_ABOVE = 500
ODDS_EVENTS = 5
CUSUM_RATIO = 2
FUNNEL_ALERT = 0.95
FUNNEL_ALARM = 0.998
MODEL_PATIENTS = 10
MODEL_ON_REQUEST = 5_000
LEAST_LOST_MM = 2.0
LEAST_LOST_SHARE = 0.10
GENANT_BOUNDS = (20.0, 25.0, 40.0)
CRUSH_FROM = 20.0
CORRELATION_NEEDS = 10
MAJORITY = 0.5

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
    Limit(
        "EXACT_PATIENTS",
        EXACT_PATIENTS,
        "Up to this many patients in two groups the rank-sum P is exact; above it the normal"
        " approximation with tie and continuity correction stands in.",
    ),
    Limit(
        "SMALL_GROUP",
        SMALL_GROUP,
        "With a group of fewer patients the chi-squared approximation of Kruskal-Wallis fails"
        " and permutations stand in.",
    ),
    Limit(
        "GROUP_NEEDS",
        GROUP_NEEDS,
        "Among three or more groups one with fewer patients is left out by name, as is one"
        " whose comparison with all others together could not reach 0.05.",
    ),
    Limit(
        "PERMUTATION_DRAWS",
        PERMUTATION_DRAWS,
        "Random arrangements drawn where not all can be counted; with the observed one they"
        " make 10,000.",
    ),
    Limit(
        "PERMUTATION_SEED",
        PERMUTATION_SEED,
        "Start of the random numbers, fixed so that the same data give the same P.",
    ),
    Limit(
        "PERMUTATION_TIE",
        PERMUTATION_TIE,
        "A drawn statistic this little below the observed one counts as equal to it.",
    ),
    Limit(
        "PERMUTED_PATIENTS",
        PERMUTED_PATIENTS,
        "With more patients drawing takes too long and the chi-squared approximation stays.",
    ),
    Limit(
        "STABILITY_CONFIDENCE",
        STABILITY_CONFIDENCE,
        "Two one-sided tests at 5 % are one two-sided interval at this level.",
    ),
    Limit("STABILITY_NEEDS", STABILITY_NEEDS, "With fewer patients a mean has no interval."),
    Limit(
        "SURVIVAL_GROUP",
        SURVIVAL_GROUP,
        "A group of fewer patients is left out of the log-rank and of Gray's test, by name.",
    ),
    Limit(
        "EXPECTED_EVENTS",
        EXPECTED_EVENTS,
        "Where a group expects fewer deaths the log-rank P comes from permutations; with fewer"
        " events Gray's P is called approximate.",
    ),
    Limit("ONE_YEAR_DAYS", ONE_YEAR_DAYS, "Days of the year in one-year survival."),
    Limit(
        "EXACT_ARRANGEMENTS",
        EXACT_ARRANGEMENTS,
        "Up to this many arrangements of groups over patients all of them are counted; above"
        " it random ones are drawn.",
    ),
    Limit(
        "RAO_SCOTT_ABOVE",
        RAO_SCOTT_ABOVE,
        "With more patients than this, rates of levels are compared by the Rao-Scott test"
        " instead of permutations.",
    ),
    Limit(
        "ODDS_EVENTS",
        ODDS_EVENTS,
        "With fewer leaking levels, or fewer clean ones, no odds ratio per millilitre is fitted.",
    ),
    Limit(
        "CUSUM_RATIO",
        CUSUM_RATIO,
        "The running check on leaks watches for a rate this many times the target.",
    ),
    Limit("FUNNEL_ALERT", FUNNEL_ALERT, "Level of the inner limits of a funnel."),
    Limit("FUNNEL_ALARM", FUNNEL_ALARM, "Level of the outer limits of a funnel."),
    Limit(
        "MODEL_PATIENTS",
        MODEL_PATIENTS,
        "With fewer patients a model of every observed value is not fitted.",
    ),
    Limit(
        "MODEL_ON_REQUEST",
        MODEL_ON_REQUEST,
        "With more patients the models of every observed value are computed on request only.",
    ),
    Limit(
        "LEAST_LOST_MM",
        LEAST_LOST_MM,
        "A level that lost less height than this (in mm), or than the share below, has no"
        " restoration in per cent of the lost height: a setting, not a published limit.",
    ),
    Limit(
        "LEAST_LOST_SHARE",
        LEAST_LOST_SHARE,
        "The same as a share of the expected height; the larger of the two counts.",
    ),
    Limit(
        "CRUSH_FROM",
        CRUSH_FROM,
        "A graded vertebra whose posterior height lost at least this much, in per cent of the"
        " expected height, is called crush: a setting, the lower bound of grade 1.",
    ),
    Limit(
        "CORRELATION_NEEDS",
        CORRELATION_NEEDS,
        "With fewer patients no correlation is given; the patients are shown and counted.",
    ),
    Limit(
        "MAJORITY",
        MAJORITY,
        "Setting: what could the missing have been like for more than half of the living to be"
        " responders all the same.",
    ),
)
