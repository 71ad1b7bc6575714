"""What the methods page says, read from the codebook and from the code itself."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

from data.codebook import bands, measures, selectable_measures, thresholds
from pages.shared.wording import number, with_unit
from queries.agreement import agreement
from queries.alignment import alignment
from queries.attrition import attrition
from queries.cement import cement
from queries.dropout import dropout
from queries.event_courses import event_courses
from queries.events import events
from queries.films import postures
from queries.funnel import funnel
from queries.genant import genant
from queries.height_and_pain import height_and_pain
from queries.heights import heights
from queries.improvement import improvement
from queries.leakage import leakage
from queries.locations import locations
from queries.monitoring import monitoring
from queries.observed import by_method
from queries.patient import patient
from queries.published import published
from queries.ranges import ranges
from queries.responders import responders
from queries.restoration import restoration
from queries.severity import severity
from queries.stability import stability as question_stability
from queries.statistics.agreement import reader_agreement
from queries.statistics.ancova import ancova
from queries.statistics.binomial_limits import binomial_limits
from queries.statistics.clusters import cluster_means, clustered_signed_rank
from queries.statistics.competing import gray_test, incidence_at
from queries.statistics.correlation import value_icc
from queries.statistics.cusum import cusum, cusum_weights, run_length
from queries.statistics.descriptive import describe
from queries.statistics.event_difference import event_difference
from queries.statistics.event_rate import event_rate
from queries.statistics.event_sensitivity import (
    independent_levels,
    odds_per_unit,
    robust_levels,
)
from queries.statistics.few_events import least_p
from queries.statistics.friedman import friedman
from queries.statistics.groups import compare_groups
from queries.statistics.incidence import cumulative_incidence
from queries.statistics.incidence_difference import incidence_difference
from queries.statistics.kruskal import kruskal_wallis
from queries.statistics.limits import LIMITS
from queries.statistics.log_rank import log_rank
from queries.statistics.mean import mean_interval
from queries.statistics.median import median_interval
from queries.statistics.models import among_alive, mixed_model
from queries.statistics.multiplicity import holm
from queries.statistics.paired import paired_change
from queries.statistics.pairwise import pairwise
from queries.statistics.proportion_groups import compare_proportions
from queries.statistics.proportion_sensitivity import fisher, gee
from queries.statistics.proportions import (
    anova_icc,
    clustered_proportion,
    counted_proportion,
    design_effect,
)
from queries.statistics.pseudomedian import hodges_lehmann
from queries.statistics.rank_correlation import rank_correlation
from queries.statistics.rank_sum import hodges_lehmann_shift, rank_sum
from queries.statistics.rao_scott import rao_scott
from queries.statistics.rate_difference import rate_difference
from queries.statistics.rate_intervals import rate_intervals
from queries.statistics.signed_rank import signed_rank
from queries.statistics.stability import stability
from queries.statistics.survival import (
    kaplan_meier,
    median_follow_up,
    median_time,
    survival_at,
)
from queries.statistics.survival_difference import survival_difference
from queries.statistics.tipping import delta_tipping, rate_tipping
from queries.subgroups import subgroups
from queries.survival import survival
from queries.timing import timing
from queries.tipping import tipping
from queries.trajectory import trajectory

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.codebook import Measure

SHOWN: tuple[tuple[str, Callable[..., object]], ...] = (
    ("Change from baseline", paired_change),
    ("Wilcoxon signed-rank test", signed_rank),
    ("Hodges-Lehmann estimate", hodges_lehmann),
    ("Friedman's test over all visits", friedman),
    ("Stability against a margin (equivalence)", stability),
    ("Means of a patient's levels", cluster_means),
    ("Clustered signed-rank test (sensitivity)", clustered_signed_rank),
    ("Groups compared", compare_groups),
    ("Mann-Whitney rank-sum test", rank_sum),
    ("Hodges-Lehmann shift", hodges_lehmann_shift),
    ("Kruskal-Wallis test", kruskal_wallis),
    ("Every pair of several groups", pairwise),
    ("Change adjusted for baseline (sensitivity)", ancova),
    ("Rates of levels between groups", compare_proportions),
    ("Other intervals of a rate (sensitivity)", rate_intervals),
    ("Difference between two rates", rate_difference),
    ("Fisher's test (sensitivity)", fisher),
    ("Estimating equations for rates (sensitivity)", gee),
    ("Rates between groups of more than 500 patients", rao_scott),
    ("Cement volume with and without a leak", event_difference),
    ("Cement volume, levels as independent (sensitivity)", independent_levels),
    ("Cement volume, robust errors (sensitivity)", robust_levels),
    ("Odds of a leak per millilitre (sensitivity)", odds_per_unit),
    ("Limits of the funnel", binomial_limits),
    ("Running check on leaks (CUSUM)", cusum),
    ("Weights of the running check", cusum_weights),
    ("How long the running check runs", run_length),
    ("Mixed model of every observed value (sensitivity)", mixed_model),
    ("Change among those alive (sensitivity)", among_alive),
    ("Complete pairs beside every observed value", by_method),
    ("Holm's adjustment", holm),
    ("Proportions of clustered levels", clustered_proportion),
    ("Proportions of patients", counted_proportion),
    ("Intraclass correlation", anova_icc),
    ("Intraclass correlation of measurements", value_icc),
    ("Design effect", design_effect),
    ("Median with its interval", median_interval),
    ("Mean with its interval", mean_interval),
    ("Quartiles, mean and standard deviation", describe),
    ("Rank correlation", rank_correlation),
    ("Agreement of two readers", reader_agreement),
    ("Survival (Kaplan-Meier)", kaplan_meier),
    ("Survival at one day", survival_at),
    ("Median survival", median_time),
    ("Median follow-up", median_follow_up),
    ("Log-rank test between groups", log_rank),
    ("Difference in one-year survival", survival_difference),
    ("Cumulative incidence with death as the competing event", cumulative_incidence),
    ("Cumulative incidence at one day", incidence_at),
    ("Gray's test between groups", gray_test),
    ("Events too few for Gray's test", least_p),
    ("Difference in one-year incidence", incidence_difference),
    ("Rate of events", event_rate),
    ("What missing responders could change", rate_tipping),
    ("What missing changes could change", delta_tipping),
    ("Question: trajectory", trajectory),
    ("Question: responders", responders),
    ("Question: tipping", tipping),
    ("Question: leakage", leakage),
    ("Question: locations", locations),
    ("Question: cement", cement),
    ("Question: funnel", funnel),
    ("Question: monitoring", monitoring),
    ("Question: published", published),
    ("Question: alignment", alignment),
    ("Question: stability", question_stability),
    ("Question: heights", heights),
    ("Question: restoration", restoration),
    ("Question: genant", genant),
    ("Question: height_and_pain", height_and_pain),
    ("Question: agreement", agreement),
    ("Question: postures", postures),
    ("Question: survival", survival),
    ("Question: attrition", attrition),
    ("Question: events", events),
    ("Question: event_courses", event_courses),
    ("Question: patient", patient),
    ("Question: ranges", ranges),
    ("Question: timing", timing),
    ("Question: dropout", dropout),
    ("Question: improvement", improvement),
    ("Question: severity", severity),
    ("Question: subgroups", subgroups),
)
SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.MULTILINE)


def documented() -> list[tuple[str, str]]:
    """Return the documentation of each statistic as Markdown."""
    return [(title, _markdown(inspect.getdoc(function) or "")) for title, function in SHOWN]


def _markdown(text: str) -> str:
    parts = SECTION.split(text)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    words = [parts[0].strip()]
    words += [sections[name].strip() for name in ("Notes",) if name in sections]
    if "References" in sections:
        words.append(_references(sections["References"]))
    return "\n\n".join(words).replace("``", "`").replace("]_", "]")


def _references(text: str) -> str:
    entries = re.split(r"^\.\. \[(\d+)\] ", text.strip(), flags=re.MULTILINE)[1:]
    lines = (
        f"[{mark}] {' '.join(entry.split())}"
        for mark, entry in zip(entries[::2], entries[1::2], strict=True)
    )
    return "\n\n".join(lines)


def measure_paragraphs() -> list[tuple[str, str]]:
    """Return a paragraph for every measure of the codebook."""
    return [(measure.label, _paragraph(measure)) for measure in measures().values()]


def _paragraph(measure: Measure) -> str:
    sentences = [
        measure.reference or "",
        (
            f"Unit of analysis: {measure.unit_of_analysis}; {_direction(measure)}; accepted from "
            f"{number(measure.minimum, 0)} to {with_unit(measure.maximum, 0, measure.unit)}."
        ),
    ]
    if measure.error is not None:
        error = with_unit(measure.error, measure.decimals, measure.unit)
        sentences.append(f"Measurement error {error} ({measure.error_source}).")
    if measure.margin is not None:
        kind = "% of the reference height" if measure.margin_kind != "absolute" else measure.unit
        margin = with_unit(measure.margin, 0, kind)
        sentences.append(
            f"Stability margin ±{margin} ({measure.margin_source}; set {measure.margin_date})."
        )
    sentences.append("Primary outcome." if measure.primary else "Not a primary outcome.")
    if measure.loinc:
        sentences.append(f"LOINC {measure.loinc}.")
    return " ".join(sentence for sentence in sentences if sentence)


def _direction(measure: Measure) -> str:
    return {
        "lower": "lower is better",
        "higher": "higher is better",
        "neither": "a reference for another measure",
    }[measure.better]


def limit_rows() -> list[dict[str, str]]:
    """Return the limits that decide whether there is a test."""
    return [{"limit": limit.meaning, "value": f"{limit.value:.12g}"} for limit in LIMITS]


def threshold_rows() -> list[dict[str, str]]:
    """Return the published thresholds of every measure."""
    kinds = {
        "absolute": "change of",
        "percent": "change by per cent of",
        "final": "final value",
        "by_baseline": "change by the baseline",
        "composite": "all of",
    }
    return [
        {
            "measure": measure.label,
            "threshold": threshold.label,
            "kind": kinds[threshold.kind],
            "value": threshold.rule or f"{threshold.value:g}",
            "source": threshold.source,
        }
        for measure in selectable_measures("patient")
        for threshold in thresholds(measure.code)
    ]


def band_limit_rows() -> list[dict[str, str]]:
    """Return the published bands of every scale that has some."""
    return [
        {
            "measure": measure.label,
            "band": band.label,
            "up to": f"{band.up_to:g}",
            "source": band.source,
        }
        for measure in selectable_measures("patient")
        for band in bands(measure.code)
    ]
