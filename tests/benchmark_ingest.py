"""Time the import of a national registry and its peak memory, findings included.

``python tests/benchmark_ingest.py [--procedures 1000000] [--follow-ups 4000000]``: a made-up
source with a fault in one of a hundred rows is written to a temporary folder and imported by the
command; it fails beyond 180 s or 4 GB at the full size. ``--sheet`` imports the same rows as one
German file of 200 MB through a mapping.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

ROOT = Path(__file__).resolve().parent.parent
SECONDS, GIGABYTES = 180, 4.0
VISITS = ("pre", "post", "m3", "m6", "m12", "m24", "", "")
DAYS = (-3, 7, 91, 183, 365, 730, 40, 550)
LEVELS = (*(f"T{n}" for n in range(5, 13)), *(f"L{n}" for n in range(1, 6)))
TUMOURS = ("breast", "lung", "prostate", "kidney", "Mamma-Ca", "myeloma", "chordoma")


def write_source(folder: Path, procedures: int, follow_ups: int) -> None:
    """Write the tables; one row of a hundred has a fault."""
    random = np.random.default_rng(1)
    people = procedures // 2
    ids = [f"P{n:07}" for n in range(people)]
    operated = np.datetime64("2010-01-01") + random.integers(0, 4000, people)
    patients = pl.DataFrame(
        {
            "patient_id": ids,
            "sex": random.choice(["F", "M"], people),
            "birth_year": random.integers(1930, 1985, people),
            "primary_tumour": random.choice(TUMOURS, people),
            "last_seen_on": operated + 800,
        }
    )
    patients.write_csv(folder / "patients.csv")
    owner = np.arange(procedures) // 2 % people
    levels = random.choice(LEVELS, procedures)
    levels[random.random(procedures) < 0.01] = "T12-L1"
    pl.DataFrame(
        {
            "procedure_id": np.arange(procedures),
            "patient_id": np.array(ids)[owner],
            "operated_on": operated[owner],
            "level": levels,
            "cement_ml": np.round(random.uniform(2, 8, procedures), 1),
            "leak": random.choice(["yes", "no", ""], procedures),
        }
    ).with_columns(pl.format("K{}", "procedure_id").alias("procedure_id")).write_csv(
        folder / "procedures.csv"
    )
    each = max(follow_ups // people, 1)
    seen = np.arange(people * each) // each
    turn = np.arange(people * each) % each % len(VISITS)
    vas = np.round(random.uniform(0, 10, people * each), 1)
    vas[random.random(people * each) < 0.01] = 99
    pl.DataFrame(
        {
            "patient_id": np.array(ids)[seen],
            "visit": np.array(VISITS)[turn],
            "measured_on": operated[seen] + np.array(DAYS)[turn],
            "vas": vas,
            "odi": random.integers(0, 50, people * each) * 2,
            "karnofsky": random.integers(0, 11, people * each) * 10,
        }
    ).write_csv(folder / "follow_ups.csv")


def run(arguments: list[str]) -> tuple[float, float, dict[str, object]]:
    """Run the import; return seconds, gigabytes at the peak, and what it printed."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "data.ingest", *arguments, "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        env={**os.environ, "POLARS_MAX_THREADS": "2"},
    )
    assert process.stdout is not None
    printed = process.stdout.read()
    process.wait()
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = used.ru_maxrss * 1024 / 1e9
    print(f"{used.ru_utime + used.ru_stime:.0f} s of processor time")
    return seconds, peak, json.loads(printed)


def main() -> int:
    """Write the source, import it, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--procedures", type=int, default=1_000_000)
    parser.add_argument("--follow-ups", type=int, default=4_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        source.mkdir()
        write_source(source, options.procedures, options.follow_ups)
        size = sum(one.stat().st_size for one in source.iterdir()) / 1e6
        print(f"source of {size:.0f} MB, {options.procedures} procedures written", flush=True)
        registry = str(Path(folder) / "registry.duckdb")
        seconds, peak, result = run([str(source), "--registry", registry])
    rows, findings = result["rows"], result["findings"]
    print(f"{seconds:.0f} s, {peak:.2f} GB, {len(findings)} findings")  # type: ignore[arg-type]
    for table, count in rows.items():  # type: ignore[attr-defined]
        print(f"  {table}: {count}")
    whole = options.procedures >= 1_000_000
    return int(whole and (seconds > SECONDS or peak > GIGABYTES or not result["accepted"]))


if __name__ == "__main__":
    sys.exit(main())
