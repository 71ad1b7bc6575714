"""Damage 10,000 sources and import each: nothing is raised, the registry is whole after each.

``python tests/benchmark_fuzz.py [--sources 10000] [--seed 0] [--processes 2]``: prints how many
were accepted and refused by rule, and every seed that raised, with its traceback.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import tempfile
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]
from tests.fuzz import through, write_damaged  # noqa: E402

EACH = 20


def run(seed: int) -> tuple[Counter[str], list[str]]:
    """Import some damaged sources into one registry."""
    outcomes: Counter[str] = Counter()
    raised = []
    draw = random.Random(seed)  # noqa: S311
    with tempfile.TemporaryDirectory() as folder:
        for n in range(EACH):
            own = Path(folder) / str(n)
            own.mkdir()
            try:
                checked = through(write_damaged(own, draw), Path(folder) / "r.duckdb", draw)
            except BaseException:
                raised.append(f"seed {seed}, source {n}\n{traceback.format_exc()}")
                outcomes["raised"] += 1
            else:
                outcomes["accepted" if checked.accepted else checked.findings[-1].rule] += 1
    return outcomes, raised


def main() -> int:
    """Damage and import, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    outcomes: Counter[str] = Counter()
    seeds = range(options.seed, options.seed + options.sources // EACH)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.processes, context, max_tasks_per_child=10) as pool:
        waiting = {pool.submit(run, seed): seed for seed in seeds}
        for done in as_completed(waiting):
            try:
                counted, raised = done.result()
            except BrokenProcessPool:
                print(f"a process died at or near seed {waiting[done]}")
                return 1
            outcomes += counted
            for text in raised:
                print(text, flush=True)
    print(f"{sum(outcomes.values())} sources")
    for outcome, times in outcomes.most_common():
        print(f"  {outcome}: {times}")
    return int(outcomes["raised"] > 0)


if __name__ == "__main__":
    sys.exit(main())
