"""From the command to the first step of training: `python -m benchmarks.startup`.

Ours is `se-bench run` of six nets for two short epochs on a new database, which is read, planned and priced before. The
peer is `least_ray.py`, which does nothing but start. Both in turns. The last line printed is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.machine import machine
from benchmarks.study import PROGRAM

PEER = Path(__file__).with_name("least_ray.py")
STUDY = ["reduction_ratio", "--seeds", "1", "--slots", "2"]
SHORT = ("recipe.epochs=2", "recipe.warmup_epochs=0.0", "dataset.train_images=512", "dataset.test_images=256")
ENVIRONMENT = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=4, metavar="N", help="turns of both (default 4)")
    repeats = parser.parse_args().repeats
    with tempfile.TemporaryDirectory(prefix="se-bench-", ignore_cleanup_errors=True) as folder:
        pairs = [turn(number, Path(folder)) for number in range(repeats)]
    ratios = [ours / peer for ours, peer in pairs]
    figures: dict[str, Any] = {"benchmark": "startup", "unit": "seconds to the first step", "n": repeats}
    figures |= {
        "ours": round(median(ours for ours, _ in pairs), 1),
        "peer": round(median(peer for _, peer in pairs), 1),
    }
    figures |= {"ratio": round(median(ratios), 2), "low": round(min(ratios), 2), "high": round(max(ratios), 2)}
    figures["machine"] = machine("torch", "ray")
    print(json.dumps(figures))


def turn(number: int, folder: Path) -> tuple[float, float]:
    """Both once, in alternating order."""
    runs = (ours, peer) if number % 2 else (peer, ours)
    seconds = {run: run(folder / f"{number}") for run in runs}
    print(f"turn {number + 1}: ours {seconds[ours]:.1f} s, the least {seconds[peer]:.1f} s", flush=True)
    return seconds[ours], seconds[peer]


def ours(place: Path) -> float:
    """Until the first trial has started."""
    database = place.with_suffix(".db")
    changes = [word for change in SHORT for word in ("--set", change)]
    asked = [*STUDY, *changes, "--db", str(database), "--report", str(place.with_suffix(".html"))]
    began = called([str(PROGRAM), "run", *asked], place.parent)
    with closing(sqlite3.connect(database)) as connection:
        ((first,),) = connection.execute("SELECT min(started_at) FROM se_bench_trials")
    return datetime.fromisoformat(first).replace(tzinfo=UTC).timestamp() - began


def peer(place: Path) -> float:
    """Until the first step is done."""
    file = place.with_suffix(".txt")
    began = called([sys.executable, str(PEER), str(file)], place.parent)
    return min(map(float, file.read_text().split())) - began


def called(command: Sequence[str], folder: Path) -> float:
    """Run a command to its end; when it began, by the clock."""
    began = time.time()
    done = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True, env=ENVIRONMENT)
    if done.returncode not in (0, 1):  # 1: a claim was refuted
        raise SystemExit(done.stdout + done.stderr)
    return began


if __name__ == "__main__":
    main()
