"""Damage 10,000 sources and import each: nothing is raised, the registry is whole after each.

``python tests/benchmark_fuzz.py [--sources 10000] [--seed 0] [--processes 2] [--isolated]``: prints
how many were accepted and refused by rule, and every seed that raised, with its traceback. Files of
other programs are opened in a process that is forked from one with the libraries loaded, faster
than the importer's own way; that one is taken with ``--isolated``.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sys
import tempfile
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

ROOT = str(Path(__file__).resolve().parent.parent)
sys.path[:0] = [ROOT]
from data.limits import limit  # noqa: E402
from data.readers import isolated, worker  # noqa: E402
from tests.fuzz import through, write_damaged  # noqa: E402

EACH = 20


def open_within_limits(folder: Path) -> None:
    """Open files as the process of the importer does."""
    worker.limit_memory()
    worker.main(folder)


def open_forked(folder: Path) -> str | None:
    """Open files in a process that need not load the libraries; return why it gave no answer."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["data.readers.worker", "data.readers.workbooks"])
    process = context.Process(target=open_within_limits, args=(folder,))
    process.start()
    process.join(limit("reader_seconds"))
    if process.is_alive():
        process.kill()
        return "takes too long to open"
    return "is damaged" if process.exitcode or not (folder / worker.ANSWER).exists() else None


def run(seed: int, *, own_process: bool) -> tuple[Counter[str], list[str]]:
    """Import some damaged sources into one registry."""
    if not own_process:
        os.environ["PYTHONPATH"] = ROOT
        isolated._run = open_forked
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
    parser.add_argument("--isolated", action="store_true")
    options = parser.parse_args()
    outcomes: Counter[str] = Counter()
    seeds = range(options.seed, options.seed + options.sources // EACH)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.processes, context, max_tasks_per_child=10) as pool:
        waiting = {pool.submit(run, seed, own_process=options.isolated): seed for seed in seeds}
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
