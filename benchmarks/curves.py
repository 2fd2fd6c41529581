"""Train the whole grid of `se_block_grid.yaml` once and keep its learning curves: `python -m benchmarks.curves`.

`benchmarks/search.py` replays them, so that searching the grid a hundred times takes minutes. Trials are those of
the engine (`run_trial`), one seed each, two processes with one thread each. It first says how many distinct nets the
grid has and about how long they take. What is in `se_block_curves.csv` already is not trained again, so it may be
stopped at any moment. `--count` only counts. The last line printed is one JSON object.
"""

from __future__ import annotations

import argparse
import csv
import json
import multiprocessing
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from se_bench.config.load import load_study
from se_bench.records import Candidate, Ended, Epoch, Status, Trial
from se_bench.search.environment import describe
from se_bench.search.estimate import trial_seconds, wall_seconds
from se_bench.search.plan import Plan, make_plan
from se_bench.search.trial import run_trial

GRID = Path(__file__).with_name("se_block_grid.yaml")
CURVES = Path(__file__).with_name("se_block_curves.csv")
PROCESSES = 2


@dataclass(frozen=True)
class Curve:
    """One net's training."""

    architecture_id: str
    label: str
    params: int
    macs: int
    status: Status
    validation_accuracies: tuple[float, ...]
    """After each epoch; all epochs unless it diverged."""


def main() -> None:
    options = read_options()
    plan = make_plan(load_study(str(GRID)))
    known = {curve.architecture_id: curve for curve in read(CURVES)} if CURVES.exists() else {}
    left = [trial for trial in plan.trials if trial.architecture_id not in known]
    expected = trial_seconds(left, plan.candidates, {}) if left else {}
    seconds = wall_seconds(list(expected.values()), PROCESSES)
    nets = len(plan.candidates) - 1
    print(f"{nets} distinct nets and the baseline, {len(left)} to train, about {seconds / 60:.0f} min", flush=True)
    started = time.monotonic()
    if not options.count:
        train(plan, left, known)
    result = {"benchmark": "curves", "nets": nets, "trained": 0 if options.count else len(left)}
    minutes = {"minutes": round((time.monotonic() - started) / 60, 1), "expected_minutes": round(seconds / 60, 1)}
    print(json.dumps(result | minutes | {"machine": describe(slots=PROCESSES, gpus_per_trial=0.0)}))


def train(plan: Plan, left: Sequence[Trial], known: dict[str, Curve]) -> None:
    """Train what is left, and write the file after each net."""
    candidates = {each.architecture_id: each for each in plan.candidates}
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        trained = {pool.submit(run, trial): trial for trial in left}
        for number, future in enumerate(as_completed(trained), start=1):
            status, accuracies = future.result()
            candidate = candidates[trained[future].architecture_id]
            known[candidate.architecture_id] = curve_of(candidate, status, accuracies)
            write(CURVES, [known[each] for each in candidates if each in known])
            print(f"[{number}/{len(left)}] {candidate.label}: {status.value} {accuracies[-1:]}", flush=True)


def run(trial: Trial) -> tuple[Status, tuple[float, ...]]:
    """Train one net, in a process of its own."""
    records = list(run_trial(trial, "curves"))
    end = records[-1]
    assert isinstance(end, Ended)
    if not end.status.settled:
        raise RuntimeError(end.error)
    return end.status, tuple(each.validation_accuracy or 0.0 for each in records if isinstance(each, Epoch))


def curve_of(candidate: Candidate, status: Status, accuracies: tuple[float, ...]) -> Curve:
    cost = candidate.cost
    return Curve(candidate.architecture_id, candidate.label, cost.params, cost.macs, status, accuracies)


def write(path: Path, curves: Iterable[Curve]) -> None:
    """One line a net, at once or not at all."""
    part = path.with_suffix(".part")
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["architecture_id", "label", "params", "macs", "status", "validation_accuracy_by_epoch"])
        for each in curves:
            accuracies = " ".join(f"{value:.6f}" for value in each.validation_accuracies)
            writer.writerow([each.architecture_id, each.label, each.params, each.macs, each.status.value, accuracies])
    part.replace(path)


def read(path: Path) -> list[Curve]:
    """The inverse of :func:`write`."""
    with path.open(newline="", encoding="utf-8") as file:
        return [
            Curve(
                row["architecture_id"],
                row["label"],
                int(row["params"]),
                int(row["macs"]),
                Status(row["status"]),
                tuple(float(value) for value in row["validation_accuracy_by_epoch"].split()),
            )
            for row in csv.DictReader(file)
        ]


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", action="store_true", help="only say how many nets there are and how long they take")
    return parser.parse_args()


if __name__ == "__main__":
    main()
