"""Time the statistics and their peak memory at 31, 10,000 and 1,000,000 values.

``python tests/benchmark_scale.py [--only signed_rank,holm] [--limit 300]``: each function runs
in a process of its own on made-up values, two levels to a patient where patients matter, five
visits where visits do. Seconds are those of the quickest of some calls, of a single one at
1,000,000 values; MiB are what the process needed beyond its imports, the values included.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]
import numpy as np  # noqa: E402

from queries.statistics.ancova import ancova  # noqa: E402
from queries.statistics.clusters import cluster_means, clustered_signed_rank  # noqa: E402
from queries.statistics.competing import (  # noqa: E402
    cumulative_incidence,
    gray_test,
    incidence_at,
)
from queries.statistics.correlation import anova_icc, design_effect, value_icc  # noqa: E402
from queries.statistics.cusum import cusum  # noqa: E402
from queries.statistics.descriptive import describe  # noqa: E402
from queries.statistics.event_difference import event_difference  # noqa: E402
from queries.statistics.friedman import friedman  # noqa: E402
from queries.statistics.groups import compare_groups, compare_two  # noqa: E402
from queries.statistics.kruskal import kruskal_wallis  # noqa: E402
from queries.statistics.log_rank import log_rank, survival_difference  # noqa: E402
from queries.statistics.median import median_interval  # noqa: E402
from queries.statistics.models import among_alive, mixed_model  # noqa: E402
from queries.statistics.multiplicity import holm  # noqa: E402
from queries.statistics.paired import hodges_lehmann, paired_change, signed_rank  # noqa: E402
from queries.statistics.pairwise import pairwise  # noqa: E402
from queries.statistics.proportion_groups import compare_proportions  # noqa: E402
from queries.statistics.proportions import clustered_proportion  # noqa: E402
from queries.statistics.rank_sum import hodges_lehmann_shift, rank_sum  # noqa: E402
from queries.statistics.stability import percent_of_reference, stability  # noqa: E402
from queries.statistics.survival import (  # noqa: E402
    kaplan_meier,
    median_follow_up,
    median_time,
    number_at_risk,
    survival_at,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from numpy.random import Generator

    from queries.statistics.results import BoolArray, FloatArray

    Call = Callable[[], object]
    Case = Callable[[Generator, int], Call]

SIZES = (31, 10_000, 1_000_000)
SEED, CALLS, GROUPS, FEWEST = 20_261_122, 5, 5, 31
VISITS = ("pre", "post", "m3", "m6", "m12")
MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024
MIB = 2**20
SHORTEST = 0.001


def vectors(function: Callable[..., object], count: int = 1) -> Case:
    return lambda random, n: partial(function, *(random.normal(size=n) for _ in range(count)))


def in_two(function: Callable[..., object]) -> Case:
    return lambda random, n: partial(function, *np.split(random.normal(size=n), [n // 2]))


def named(random: Generator, n: int) -> Mapping[str, FloatArray]:
    return dict(zip("abcde", np.array_split(random.normal(size=n), GROUPS), strict=True))


def by_patient(function: Callable[..., object]) -> Case:
    return lambda random, n: partial(function, random.normal(size=n), np.arange(n) // 2)


def leaks_by_patient(function: Callable[..., object]) -> Case:
    return lambda random, n: partial(function, random.random(n) < 0.2, np.arange(n) // 2)


def rates(groups_of: str) -> Case:
    def case(random: Generator, n: int) -> Call:
        patient, leaked = np.arange(n) // 2, random.random(n) < 0.2
        group = patient % 3 if groups_of == "patients" else random.integers(3, size=n)
        return partial(compare_proportions, leaked, group, patient)

    return case


def volumes(random: Generator, n: int) -> Call:
    leaked = random.random(n) < 0.2
    return partial(
        event_difference, random.normal(size=n), leaked, np.arange(n) % 3, np.arange(n) // 2
    )


def at_visits(model: Callable[..., object], levels: int) -> Case:
    def case(random: Generator, n: int) -> Call:
        patients = max(FEWEST, n // (len(VISITS) * levels))
        values = random.normal(size=(patients * levels, len(VISITS)))
        return partial(
            model,
            values.ravel(),
            np.tile(VISITS, patients * levels),
            np.repeat(np.arange(patients), levels * len(VISITS)),
            order=VISITS,
            levels=np.repeat(np.arange(patients * levels), len(VISITS)) if levels > 1 else None,
        )

    return case


def matrix(random: Generator, n: int) -> Call:
    return partial(friedman, random.normal(size=(max(FEWEST, n // len(VISITS)), len(VISITS))))


def days_of(random: Generator, n: int, *, whole: bool = True) -> tuple[FloatArray, BoolArray]:
    days = random.exponential(700.0, size=n)
    return (np.ceil(days) if whole else days), random.random(n) < 0.6


def followed(function: Callable[..., object], *, whole: bool = True, groups: int = 0) -> Case:
    def case(random: Generator, n: int) -> Call:
        days, ended = days_of(random, n, whole=whole)
        states = ended * random.integers(1, 3, size=n)
        outcome = states if function in (gray_test, cumulative_incidence) else ended
        return partial(function, days, outcome, *([np.arange(n) % groups] if groups else []))

    return case


def of_curve(function: Callable[..., object], *arguments: object) -> Case:
    return lambda random, n: partial(function, kaplan_meier(*days_of(random, n)), *arguments)


def of_two_curves(random: Generator, n: int) -> Call:
    return partial(survival_difference, *(kaplan_meier(*days_of(random, n // 2)) for _ in "ab"))


def of_incidence(random: Generator, n: int) -> Call:
    days, ended = days_of(random, n)
    return partial(incidence_at, cumulative_incidence(days, ended))


CASES: dict[str, Case] = {
    "describe": vectors(describe),
    "median_interval": vectors(median_interval),
    "signed_rank": vectors(signed_rank),
    "hodges_lehmann": vectors(hodges_lehmann),
    "paired_change": vectors(paired_change, 2),
    "cluster_means": by_patient(cluster_means),
    "clustered_signed_rank": by_patient(clustered_signed_rank),
    "friedman": matrix,
    "stability": lambda random, n: partial(stability, random.normal(size=n), 1.0),
    "percent_of_reference": lambda random, n: partial(
        percent_of_reference, random.normal(size=n), np.full(n, 25.0)
    ),
    "rank_sum": in_two(rank_sum),
    "hodges_lehmann_shift": in_two(hodges_lehmann_shift),
    "compare_two": in_two(compare_two),
    "compare_groups, 5 groups": lambda random, n: partial(compare_groups, named(random, n)),
    "pairwise, 5 groups": lambda random, n: partial(pairwise, named(random, n)),
    "kruskal_wallis, 5 groups": lambda random, n: partial(
        kruskal_wallis, list(named(random, n).values())
    ),
    "kruskal_wallis, a group of 4": lambda random, n: partial(
        kruskal_wallis, np.split(random.normal(size=n), [4, n // 2])
    ),
    "ancova, 5 groups": lambda random, n: partial(
        ancova, random.normal(size=n), random.normal(size=n), np.arange(n) % GROUPS
    ),
    "anova_icc": leaks_by_patient(anova_icc),
    "value_icc": leaks_by_patient(value_icc),
    "design_effect": lambda random, n: partial(design_effect, random.integers(1, 6, size=n), 0.3),
    "clustered_proportion": leaks_by_patient(clustered_proportion),
    "compare_proportions, groups of patients": rates("patients"),
    "compare_proportions, groups of levels": rates("levels"),
    "event_difference": volumes,
    "cusum": lambda random, n: partial(cusum, random.random(n) < 0.125, 0.125, 3.0),
    "mixed_model, patients": at_visits(mixed_model, 1),
    "mixed_model, levels": at_visits(mixed_model, 2),
    "among_alive, patients": at_visits(among_alive, 1),
    "among_alive, levels": at_visits(among_alive, 2),
    "kaplan_meier": followed(kaplan_meier),
    "kaplan_meier, no two days alike": followed(kaplan_meier, whole=False),
    "median_time": of_curve(median_time),
    "median_follow_up": followed(median_follow_up),
    "survival_at": of_curve(survival_at),
    "number_at_risk": of_curve(number_at_risk, (0, 90, 180, 365, 730)),
    "survival_difference": of_two_curves,
    "log_rank, 3 groups": followed(log_rank, groups=3),
    "log_rank, 3 groups, no two days alike": followed(log_rank, whole=False, groups=3),
    "cumulative_incidence": followed(cumulative_incidence),
    "cumulative_incidence, no two days alike": followed(cumulative_incidence, whole=False),
    "incidence_at": of_incidence,
    "gray_test, 3 groups": followed(gray_test, groups=3),
    "gray_test, 3 groups, no two days alike": followed(gray_test, whole=False, groups=3),
    "holm": lambda random, n: partial(holm, random.random(n).tolist()),
}


def measured(name: str, n: int) -> dict[str, float]:
    """Call a function and return its seconds, and the memory beyond the imports."""
    imported = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    call = CASES[name](np.random.default_rng(SEED), n)
    seconds = []
    for _ in range(CALLS if n < SIZES[-1] else 1):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": min(seconds), "mib": (peak - imported) * MAXRSS_BYTES / MIB}


def cells(name: str, n: int, limit: float) -> tuple[str, str]:
    """Measure in a fresh process and return seconds and MiB in words."""
    command = [sys.executable, __file__, "--case", name, "--values", str(n)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return f"> {limit:g}", "–"
    if done.returncode:
        return "failed", (done.stderr.strip().splitlines() or ["killed"])[-1]
    found: dict[str, Any] = json.loads(done.stdout)
    seconds = f"{found['seconds']:.3f}" if found["seconds"] >= SHORTEST else f"< {SHORTEST:g}"
    return seconds, f"{found['mib']:.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="functions, without the words after the comma")
    parser.add_argument("--limit", type=float, default=300, help="seconds for one process")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    parser.add_argument("--values", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        print(json.dumps(measured(options.case, options.values)))
        return
    chosen = (options.only or "").split(",")
    heads = [f"{n:,}" for n in SIZES]
    print(f"| function | {' | '.join(f's at {n}' for n in heads)} ", end="")
    print(f"| {' | '.join(f'MiB at {n}' for n in heads)} |")
    print("|---" * (1 + 2 * len(SIZES)) + "|")
    for name in CASES:
        if not options.only or name.split(",")[0] in chosen:
            found = [cells(name, n, options.limit) for n in SIZES]
            seconds, mib = zip(*found, strict=True)
            print(f"| {' | '.join([name, *seconds, *mib])} |", flush=True)


if __name__ == "__main__":
    main()
