"""The quick study against a plain Ray Tune script: `python -m benchmarks.study`.

Ours is `se-bench run reduction_ratio` on a new database, from the command to the written report. The peer is
`plain_ray.py`: the same nets, images, steps and slots, and the same splits evaluated after every epoch, without
paired seed streams, determinism, checkpoints, a database, gradient norms, costs, statistics or a report. Both are
whole commands, start-up included, in turns. Their accuracies stand beside each other to show that both train. The
last line printed is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, median
from typing import Any

from benchmarks.machine import machine
from se_bench.search.process import cores

GOAL = 0.40
PEER = Path(__file__).with_name("plain_ray.py")
PROGRAM = Path(sys.executable).with_name("se-bench")


def main() -> None:
    options = read_options()
    with tempfile.TemporaryDirectory(prefix="se-bench-", ignore_cleanup_errors=True) as folder:
        pairs = [turn(number, Path(folder), options) for number in range(options.repeats)]
    ratios = [ours["seconds"] / peer["seconds"] for ours, peer in pairs]
    figures: dict[str, Any] = {"benchmark": "study", "unit": "wall time, ours / plain Ray Tune script"}
    figures |= {"trials": options.seeds * 6, "slots": options.slots, "repeats": options.repeats}
    figures |= {"ratio": round(median(ratios), 3), "ratios": [round(ratio, 3) for ratio in ratios]}
    figures |= {"goal": GOAL, "meets_goal": median(ratios) <= GOAL}
    figures |= {"ours": [ours for ours, _ in pairs], "peer": [peer for _, peer in pairs]}
    figures["machine"] = machine("torch", "ray")
    print(json.dumps(figures))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=2, metavar="N", help="6 trials a seed (default 2)")
    parser.add_argument("--slots", type=int, default=cores(), metavar="N", help="default: one a core")
    parser.add_argument("--repeats", type=int, default=1, metavar="N", help="turns of both (default 1)")
    return parser.parse_args()


def turn(number: int, folder: Path, options: argparse.Namespace) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both once, in alternating order."""
    asked = ["--seeds", str(options.seeds), "--slots", str(options.slots)]
    kept = ["--db", str(folder / f"turn-{number}.db"), "--report", str(folder / f"turn-{number}.html")]
    commands = {
        "ours": [str(PROGRAM), "run", "reduction_ratio", *asked, *kept],
        "peer": [sys.executable, str(PEER), *asked],
    }
    seconds = {name: timed(commands[name], folder) for name in (("ours", "peer"), ("peer", "ours"))[number % 2]}
    results = answer([str(PROGRAM), "results", "reduction_ratio", *asked[:2], *kept[:2], "--json"], folder)
    ours = mean(each["accuracy"]["mean"] for each in results["candidates"])
    peer = mean(json.loads(seconds["peer"][1].splitlines()[-1])["accuracies"])
    found = (
        {"seconds": round(seconds["ours"][0], 1), "accuracy": round(ours, 4)},
        {"seconds": round(seconds["peer"][0], 1), "accuracy": round(peer, 4)},
    )
    print(
        f"turn {number + 1}: ours {found[0]['seconds']:.1f} s (accuracy {ours:.3f}), "
        f"plain script {found[1]['seconds']:.1f} s ({peer:.3f}), "
        f"ratio {found[0]['seconds'] / found[1]['seconds']:.3f}",
        flush=True,
    )
    return found


def timed(command: Sequence[str], folder: Path) -> tuple[float, str]:
    """Seconds that a command takes, and what it prints."""
    started = time.perf_counter()
    done = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True)
    took = time.perf_counter() - started
    if done.returncode not in (0, 1):  # 1: a claim was refuted
        raise SystemExit(done.stdout + done.stderr)
    return took, done.stdout


def answer(command: Sequence[str], folder: Path) -> Any:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
