"""Print how often each test finds a difference where there is none, in the study's design.

``python tests/benchmark_size.py [--runs 2000] [--processes 2]``: 31 patients with 64 levels, no
true effect, and an intraclass correlation (ICC) of 0, 0.2 and 0.43 between the levels of a
patient, or between the visits where a patient has one value at each. A size is the share of
P < 0.05 among the tests that gave a P. Tests in bold are those that the pages lead with; they
may reach 6.5 %, and should reach 3 % where the outcome is continuous. The others are
sensitivity analyses. Permutation tests draw fewer arrangements than the pages do, and others in
every run: with one seed for all runs the size would be that of a single set of draws.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections import Counter
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]
import numpy as np  # noqa: E402
from scipy.special import chdtrc  # noqa: E402

from queries.statistics import patterns, proportion_sensitivity  # noqa: E402
from queries.statistics.ancova import ancova  # noqa: E402
from queries.statistics.clusters import cluster_means, clustered_signed_rank  # noqa: E402
from queries.statistics.competing import gray_test  # noqa: E402
from queries.statistics.event_difference import (  # noqa: E402
    event_difference,
    within_strata,
)
from queries.statistics.event_sensitivity import (  # noqa: E402
    independent_levels,
    odds_per_unit,
    robust_levels,
)
from queries.statistics.friedman import friedman  # noqa: E402
from queries.statistics.kruskal import kruskal_wallis  # noqa: E402
from queries.statistics.limits import ALPHA  # noqa: E402
from queries.statistics.log_rank import log_rank  # noqa: E402
from queries.statistics.models import among_alive, mixed_model  # noqa: E402
from queries.statistics.multiplicity import holm  # noqa: E402
from queries.statistics.pairwise import pairwise  # noqa: E402
from queries.statistics.permutation import permuted  # noqa: E402
from queries.statistics.proportion_groups import compare_proportions  # noqa: E402
from queries.statistics.rank_sum import rank_sum  # noqa: E402
from queries.statistics.signed_rank import signed_rank  # noqa: E402
from queries.statistics.stability import stability  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.random import Generator

    from queries.statistics.proportion_table import ProportionComparison
    from queries.statistics.results import BoolArray, ClusterArray, FloatArray

    Answers = dict[str, float | None]
    Counts = Counter[tuple[int, float, str, str]]

SEED, DRAWS, CHUNK = 20_261_122, 999, 100
LOWEST, HIGHEST = 0.03, 0.065
ICCS, ANY_ICC = (0.0, 0.2, 0.43), (0.0,)
LEVELS = np.repeat([1, 2, 3, 4, 5], [12, 9, 7, 2, 1])
N, N_LEVELS = LEVELS.size, int(LEVELS.sum())
PATIENT = np.repeat(np.arange(N), LEVELS)
VISITS = ("pre", "post", "m3", "m6", "m12")
MARGIN = 1.0
LARGE = 20
NAIVE = "naive"
SENSITIVITY = (
    "clustered signed-rank",
    "mixed model",
    "among-alive GEE",
    "ANCOVA",
    "mid-P",
    "Fisher",
    "GEE",
)


class Design(NamedTuple):
    """One way to draw data without an effect, and the P of each test of them.

    A stressed design breaks what the test rests on; it is printed and not judged.
    """

    name: str
    draw: Callable[[Generator, float], Answers]
    iccs: tuple[float, ...] = ICCS
    continuous: bool = True
    stressed: bool = False


class Size(NamedTuple):
    """How many P were below 0.05, out of those given."""

    below: int
    given: int

    @property
    def share(self) -> float:
        return self.below / max(self.given, 1)

    @property
    def error(self) -> float:
        return sqrt(self.share * (1 - self.share) / max(self.given, 1))


class Row(NamedTuple):
    """One test of one design, with its size at each ICC and the naive test's."""

    test: str
    design: Design
    sizes: list[Size]
    naive: list[Size]

    @property
    def primary(self) -> bool:
        return self.test.split(",")[0] not in SENSITIVITY and not self.design.stressed

    @property
    def shares(self) -> list[float]:
        return [size.share for size in self.sizes]


# Data without an effect


def alike(random: Generator, icc: float, unit: ClusterArray, columns: int = 1) -> FloatArray:
    """Draw normal values of which those of one unit correlate by the ICC."""
    shared = random.normal(size=(int(unit.max()) + 1, columns))[unit]
    own = random.normal(size=(unit.size, columns))
    return np.squeeze(sqrt(icc) * shared + sqrt(1 - icc) * own)


def of_patients(random: Generator, icc: float, visits: int) -> FloatArray:
    return alike(random, icc, np.repeat(np.arange(N), visits)).reshape(N, visits)


def of_levels(random: Generator, icc: float, visits: int) -> FloatArray:
    """Draw values of levels whose changes correlate by the ICC within a patient."""
    start = random.normal(size=(N, 1))[PATIENT] + random.normal(size=(N_LEVELS, 1))
    return start + alike(random, icc, PATIENT, visits)


def in_steps(values: FloatArray) -> FloatArray:
    """Turn values into scores such as VAS, in steps of 0.5."""
    return np.round(2 * (5 + 1.5 * values)) / 2


def collapsing(random: Generator, icc: float) -> FloatArray:
    """Draw changes with mean 0, one level in ten having lost six standard deviations."""
    lost = 6.0 * yes_or_no(random, icc, 0.1, PATIENT)
    return alike(random, icc, PATIENT) - lost + 0.6


def yes_or_no(random: Generator, icc: float, rate: float, patient: ClusterArray) -> BoolArray:
    rates = np.full(int(patient.max()) + 1, rate)
    if icc:
        strength = (1 - icc) / icc
        rates = random.beta(rate * strength, (1 - rate) * strength, size=rates.size)
    return random.random(patient.size) < rates[patient]


def assigned(random: Generator, sizes: Sequence[int]) -> ClusterArray:
    return random.permutation(np.repeat(np.arange(len(sizes)), sizes))


def parts(values: FloatArray, groups: ClusterArray) -> list[FloatArray]:
    return [values[groups == group] for group in np.unique(groups)]


# Change from baseline


def paired(random: Generator, icc: float) -> Answers:
    values = of_patients(random, icc, 2)
    return {"signed-rank": signed_rank(values[:, 1] - values[:, 0]).p}


def paired_in_steps(random: Generator, icc: float) -> Answers:
    values = in_steps(of_patients(random, icc, 2))
    return {"signed-rank": signed_rank(values[:, 1] - values[:, 0]).p}


def every_visit(random: Generator, icc: float) -> Answers:
    values = in_steps(of_patients(random, icc, len(VISITS)))
    changes = values[:, 1:] - values[:, :1]
    tests = [signed_rank(change).p for change in changes.T]
    return {"signed-rank, Holm: any visit": lowest(holm(tests)), NAIVE: lowest(tests)}


def levels_paired(random: Generator, icc: float) -> Answers:
    change = alike(random, icc, PATIENT)
    return {
        "signed-rank of patient means": signed_rank(cluster_means(change, PATIENT).means).p,
        NAIVE: signed_rank(change).p,
        "clustered signed-rank": clustered_signed_rank(change, PATIENT).p,
    }


def all_visits(random: Generator, icc: float) -> Answers:
    values = of_patients(random, icc, len(VISITS))
    return {"Friedman": friedman(values).p} | modelled(values, np.arange(N), None)


def all_visits_in_steps(random: Generator, icc: float) -> Answers:
    return {"Friedman": friedman(in_steps(of_patients(random, icc, len(VISITS)))).p}


def levels_all_visits(random: Generator, icc: float) -> Answers:
    values = of_levels(random, icc, len(VISITS))
    means = np.column_stack([cluster_means(column, PATIENT).means for column in values.T])
    tests = {"Friedman of patient means": friedman(means).p, NAIVE: friedman(values).p}
    return tests | modelled(values, PATIENT, np.arange(N_LEVELS))


def modelled(values: FloatArray, patient: ClusterArray, level: ClusterArray | None) -> Answers:
    """Test the last visit against baseline, three patients having died before it."""
    seen = np.ones(values.shape, dtype=bool)
    seen[:, -1] = patient >= 3
    visits = np.broadcast_to(VISITS, values.shape)[seen]
    patients = np.broadcast_to(patient[:, None], values.shape)[seen]
    levels = None if level is None else np.broadcast_to(level[:, None], values.shape)[seen]
    models = {"mixed model": mixed_model, "among-alive GEE": among_alive}
    fits = {
        name: model(values[seen], visits, patients, order=VISITS, levels=levels)
        for name, model in models.items()
    }
    return {
        f"{name}, last visit": fit.changes[-1].p if fit.changes else None
        for name, fit in fits.items()
    }


def at_the_margin(random: Generator, icc: float) -> Answers:
    return verdicts(alike(random, icc, PATIENT))


def skewed_at_the_margin(random: Generator, icc: float) -> Answers:
    return verdicts(collapsing(random, icc), 3 * MARGIN)


def verdicts(change: FloatArray, margin: float = MARGIN) -> Answers:
    """Judge changes with the mean 0, moved to the margin, as if a wrong verdict were a P of 0."""
    lost = change - margin
    means = cluster_means(lost, PATIENT).means
    verdict, naive = stability(means, margin).verdict, stability(lost, margin).verdict
    return {
        "stability: stable": float(verdict != "stable"),
        NAIVE: float(naive != "stable"),
        "stability: changed": float(verdict != "changed"),
    }


# Groups


def two_groups(*sizes: int) -> Callable[[Generator, float], Answers]:
    def draw(random: Generator, icc: float) -> Answers:
        change, group = alike(random, icc, PATIENT), assigned(random, sizes)
        means = cluster_means(change, PATIENT).means
        return {
            "Mann-Whitney of patient means": rank_sum(*parts(means, group)).p,
            NAIVE: rank_sum(*parts(change, group[PATIENT])).p,
        }

    return draw


def two_groups_in_steps(*sizes: int) -> Callable[[Generator, float], Answers]:
    def draw(random: Generator, icc: float) -> Answers:
        values, group = in_steps(of_patients(random, icc, 2)), assigned(random, sizes)
        return {"Mann-Whitney": rank_sum(*parts(values[:, 1] - values[:, 0], group)).p}

    return draw


def several_groups(*sizes: int) -> Callable[[Generator, float], Answers]:
    how = "permutations" if min(sizes) < 5 else "χ²"

    def draw(random: Generator, icc: float) -> Answers:
        change, group = alike(random, icc, PATIENT), assigned(random, sizes)
        means = cluster_means(change, PATIENT).means
        return {
            f"Kruskal-Wallis of patient means, {how}": kruskal_wallis(parts(means, group)).p,
            NAIVE: kruskal_wallis(parts(change, group[PATIENT])).p,
        }

    return draw


def every_pair(*sizes: int) -> Callable[[Generator, float], Answers]:
    def draw(random: Generator, icc: float) -> Answers:
        means = cluster_means(alike(random, icc, PATIENT), PATIENT).means
        groups = {
            str(place): part for place, part in enumerate(parts(means, assigned(random, sizes)))
        }
        rows = pairwise(groups).rows
        adjusted, raw = lowest(row.p_adjusted for row in rows), lowest(row.p for row in rows)
        return {"pairwise Mann-Whitney, Holm: any pair": adjusted, NAIVE: raw}

    return draw


def adjusted_for_baseline(*sizes: int) -> Callable[[Generator, float], Answers]:
    def draw(random: Generator, icc: float) -> Answers:
        values = in_steps(of_patients(random, icc, 2))
        group = assigned(random, sizes)
        return {"ANCOVA": ancova(values[:, 1] - values[:, 0], values[:, 0], group).p}

    return draw


# Rates


def whole_patients(*sizes: int) -> Callable[[Generator, ClusterArray], ClusterArray]:
    def group(random: Generator, patient: ClusterArray) -> ClusterArray:
        times = (int(patient.max()) + 1) // N
        return assigned(random, [times * size for size in sizes])[patient]

    return group


def single_levels(random: Generator, patient: ClusterArray) -> ClusterArray:
    return random.integers(2, size=patient.size)


def within_patients(random: Generator, patient: ClusterArray) -> ClusterArray:
    """Put the upper levels of each patient into one group and the lower ones into the other."""
    sizes = np.bincount(patient)
    place = np.arange(patient.size) - (np.cumsum(sizes) - sizes)[patient]
    cut = np.where(
        sizes > 1, random.integers(1, np.maximum(sizes, 2)), random.integers(2, size=sizes.size)
    )
    return (place >= cut[patient]).astype(np.int64)


def rates(
    rate: float,
    group: Callable[[Generator, ClusterArray], ClusterArray],
    patient: ClusterArray = PATIENT,
) -> Callable[[Generator, float], Answers]:
    test = "Rao-Scott" if patient is not PATIENT else "χ² of levels, patterns permuted"

    def draw(random: Generator, icc: float) -> Answers:
        leaked = yes_or_no(random, icc, rate, patient)
        found = compare_proportions(leaked, group(random, patient), patient)
        beside = {row.name.split(",")[0].split(":")[0]: row.p for row in found.sensitivity}
        permuted = {} if patient is not PATIENT else {"mid-P": beside.get("mid-P")}
        return {test: found.p, NAIVE: pearson(found), **permuted} | {
            "Fisher, as if independent": beside.get("Fisher"),
            "GEE": beside.get("GEE"),
        }

    return draw


def pearson(found: ProportionComparison) -> float | None:
    counts, sizes = (np.array([getattr(row, x) for row in found.groups]) for x in ("k", "n"))
    if not 0 < counts.sum() < sizes.sum():
        return None
    chi2 = patterns.chi2_of_events(counts[None, :], sizes)[0]
    return float(chdtrc(sizes.size - 1, chi2))


# Cement volume against leaks


def volumes(rate: float, of_regions: Sequence[float]) -> Callable[[Generator, float], Answers]:
    """Draw leaks of which the region knows something and the volume within it nothing."""

    def draw(random: Generator, icc: float) -> Answers:
        first = np.arange(N_LEVELS) - np.searchsorted(PATIENT, PATIENT)
        place = random.integers(13, size=N)[PATIENT] + first
        region = np.searchsorted([6, 10], place, side="right")
        volume = np.array([3.5, 4.8, 5.5])[region] + alike(random, icc, PATIENT)
        leaked = yes_or_no(random, icc, rate, PATIENT)
        leaked &= random.random(N_LEVELS) < np.array(of_regions)[region]
        found = event_difference(volume, leaked, region, PATIENT)
        answers: Answers = {"cement volume, leaks permuted": found.p, NAIVE: None}
        if found.estimate is None:
            return answers | {"GEE, independence": None, "GEE, odds ratio": None}
        within = within_strata(volume, leaked, region, PATIENT)
        others = [
            method(within, 0.95) for method in (independent_levels, robust_levels, odds_per_unit)
        ]
        p = [None if isinstance(other, str) else other.p for other in others]
        return answers | {NAIVE: p[0], "GEE, independence": p[1], "GEE, odds ratio": p[2]}

    return draw


# Survival


def followed(
    random: Generator, mean_days: float, longest: float | FloatArray = 720.0
) -> tuple[FloatArray, BoolArray]:
    death, end = random.exponential(mean_days, size=N), random.uniform(180, longest, size=N)
    return np.ceil(np.minimum(death, end)), death <= end


def survival(
    mean_days: float, *sizes: int, sooner: bool = False
) -> Callable[[Generator, float], Answers]:
    def draw(random: Generator, _: float) -> Answers:
        group = assigned(random, sizes)
        longest = np.where(sooner & (group == 0), 240.0, 720.0)
        test = log_rank(*followed(random, mean_days, longest), group)
        naive = None if test.p is None else float(chdtrc(test.df, test.statistic))
        return {"log-rank": test.p, NAIVE: naive}

    return draw


def competing(*sizes: int) -> Callable[[Generator, float], Answers]:
    def draw(random: Generator, _: float) -> Answers:
        days, ended = followed(random, 500.0)
        states = ended * np.where(random.random(N) < 0.4, 1, 2)
        return {"Gray's test": gray_test(days, states, assigned(random, sizes)).p}

    return draw


def lowest(p_values: Iterable[float | None]) -> float | None:
    return min((p for p in p_values if p is not None), default=None)


MANY = np.repeat(np.arange(LARGE * N), np.tile(LEVELS, LARGE))
DESIGNS = (
    Design("31 pairs", paired),
    Design("31 pairs in steps of 0.5", paired_in_steps),
    Design("31 patients, 4 visits against baseline, steps of 0.5", every_visit, continuous=False),
    Design("64 levels, change between two visits", levels_paired),
    Design("31 patients, 5 visits", all_visits),
    Design("31 patients, 5 visits, steps of 0.5", all_visits_in_steps),
    Design("64 levels, 5 visits", levels_all_visits),
    Design("64 levels, true mean at the margin", at_the_margin),
    Design(
        "stressed: 64 levels, 1 in 10 collapsed, true mean at the margin",
        skewed_at_the_margin,
        stressed=True,
    ),
    Design("15 and 16 patients, 64 levels", two_groups(15, 16)),
    Design("8 and 23 patients, 64 levels", two_groups(8, 23)),
    Design("15 and 16 patients, steps of 0.5", two_groups_in_steps(15, 16)),
    Design("8 and 23 patients, steps of 0.5", two_groups_in_steps(8, 23)),
    Design("10, 10 and 11 patients, 64 levels", several_groups(10, 10, 11)),
    Design("4, 12 and 15 patients, 64 levels", several_groups(4, 12, 15)),
    Design("5, 5, 6, 7 and 8 patients, 64 levels", several_groups(5, 5, 6, 7, 8)),
    Design("3, 4, 6, 8 and 10 patients, 64 levels", several_groups(3, 4, 6, 8, 10)),
    Design("10, 10 and 11 patients, 64 levels", every_pair(10, 10, 11), continuous=False),
    Design("15 and 16 patients", adjusted_for_baseline(15, 16)),
    Design("10, 10 and 11 patients", adjusted_for_baseline(10, 10, 11)),
    *(
        Design(f"{words}, {100 * rate:g} % leaks", rates(rate, group), continuous=False)
        for words, group in (
            ("groups of 15 and 16 patients", whole_patients(15, 16)),
            ("groups of 8 and 23 patients", whole_patients(8, 23)),
            ("groups of 10, 10 and 11 patients", whole_patients(10, 10, 11)),
            ("two groups of levels", single_levels),
            ("two groups within patients", within_patients),
        )
        for rate in (0.125, 0.35)
    ),
    *(
        Design(
            f"{LARGE * N} patients, {words}, {100 * rate:g} % leaks",
            rates(rate, group, MANY),
            continuous=False,
        )
        for words, group in (
            ("groups of patients", whole_patients(15, 16)),
            ("three groups of patients", whole_patients(10, 10, 11)),
            ("groups of levels", single_levels),
            ("groups within patients", within_patients),
        )
        for rate in (0.125, 0.35)
    ),
    *(
        Design(f"64 levels in regions, {words}", volumes(rate, regions))
        for words, rate, regions in (
            ("12.5 % leaks", 0.125, (1, 1, 1)),
            ("35 % leaks", 0.35, (1, 1, 1)),
            ("leaks by region 10 to 25 %", 0.25, (0.4, 0.7, 1)),
        )
    ),
    *(
        Design(f"{words}, {deaths}", survival(mean, *sizes), ANY_ICC, continuous=False)
        for words, sizes in (
            ("15 and 16 patients", (15, 16)),
            ("10 and 21 patients", (10, 21)),
            ("10, 10 and 11 patients", (10, 10, 11)),
        )
        for deaths, mean in (("3 of 4 die", 300.0), ("1 of 4 dies", 1500.0))
    ),
    Design(
        "15 and 16 patients, 1 of 4 dies, one group lost sooner",
        survival(1500.0, 15, 16, sooner=True),
        ANY_ICC,
        continuous=False,
    ),
    Design("15 and 16 patients", competing(15, 16), ANY_ICC, continuous=False),
    Design("10, 10 and 11 patients", competing(10, 10, 11), ANY_ICC, continuous=False),
)


# The count


def fewer_draws(seed: int) -> None:
    permuted.__kwdefaults__.update(draws=DRAWS, seed=seed)
    for module in (patterns, proportion_sensitivity):
        module.PERMUTATION_DRAWS, module.PERMUTATION_SEED = DRAWS, seed


def counted(task: tuple[int, float, range]) -> Counts:
    """Count the P values, and those below 0.05, of some runs of one design."""
    place, icc, runs = task
    counts: Counts = Counter()
    for run in runs:
        random = np.random.default_rng((SEED, place, round(100 * icc), run))
        fewer_draws(int(random.integers(2**31)))
        for test, p in DESIGNS[place].draw(random, icc).items():
            counts[place, icc, test, "given"] += p is not None
            counts[place, icc, test, "below"] += p is not None and p < ALPHA
    return counts


def simulated(runs: int, processes: int) -> Counts:
    tasks = [
        (place, icc, range(start, min(start + CHUNK, runs)))
        for place, design in enumerate(DESIGNS)
        for icc in design.iccs
        for start in range(0, runs, CHUNK)
    ]
    total: Counts = Counter()
    with multiprocessing.Pool(processes) as pool:
        for counts in pool.imap_unordered(counted, tasks):
            total.update(counts)
    return total


def rows(counts: Counts) -> Iterator[Row]:
    for place, design in enumerate(DESIGNS):
        tests = list(design.draw(np.random.default_rng(SEED), design.iccs[0]))
        beside = sizes(counts, place, NAIVE) if NAIVE in tests else []
        for test in (test for test in tests if test != NAIVE):
            yield Row(test, design, sizes(counts, place, test), beside)
            beside = []


def sizes(counts: Counts, place: int, test: str) -> list[Size]:
    return [
        Size(counts[place, icc, test, "below"], counts[place, icc, test, "given"])
        for icc in DESIGNS[place].iccs
    ]


def line(row: Row, runs: int) -> str:
    cells = [f"{100 * size.share:.1f}" for size in row.sizes]
    cells += ["–"] * (len(ICCS) - len(cells))
    cells.append(" / ".join(f"{100 * size.share:.1f}" for size in row.naive) or "–")
    cells.append(f"{100 * max(size.error for size in row.sizes):.2f}")
    cells.append(f"{100 * min(size.given for size in row.sizes) / runs:.0f}")
    test = f"**{row.test}**" if row.primary else row.test
    return f"| {' | '.join([test, row.design.name, *cells])} |"


def verdict(found: Sequence[Row]) -> str:
    """Name the primary tests outside the limits, the conservative ones of rates by number."""
    above = [row for row in found if max(row.shares) > HIGHEST]
    below = [row for row in found if min(row.shares) < LOWEST]
    named = [
        f"{row.test} ({row.design.name}), {words}"
        for words, rows in (
            (f"above {100 * HIGHEST:g} %", above),
            (f"below {100 * LOWEST:g} %", [row for row in below if row.design.continuous]),
        )
        for row in rows
    ]
    others = Counter(row.test for row in below if not row.design.continuous)
    named += [
        f"{test} ({times} designs), below {100 * LOWEST:g} % as rates may be"
        for test, times in others.items()
    ]
    error = 100 * max(size.error for row in found for size in row.sizes)
    return (
        f"Primary tests outside {100 * LOWEST:g} to {100 * HIGHEST:g} %, Monte Carlo error up to "
        f"{error:.2f} points: {'; '.join(named) or 'none'}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2_000)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args()
    found = list(rows(simulated(options.runs, options.processes)))
    heads = [*(f"ICC {icc:g}" for icc in ICCS), "naive", "Monte Carlo error", "P given"]
    print(f"Share of P < {ALPHA:g} without an effect, in %; {options.runs:,} runs\n")
    print(f"| test | design | {' | '.join(heads)} |")
    print("|---" * (2 + len(heads)) + "|")
    print("\n".join(line(row, options.runs) for row in found))
    primary = [row for row in found if row.primary]
    print(f"\n{verdict(primary)}")
    sys.exit(any(max(row.shares) > HIGHEST for row in primary))


if __name__ == "__main__":
    main()
