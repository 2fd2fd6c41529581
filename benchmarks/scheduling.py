"""How much of the slots' time is training: `python benchmarks/scheduling.py`.

Ours is the engine that `se-bench run` uses, on trials of the study `reduction_ratio`. Its share is the
seconds that trials measure for their epochs, over wall time x slots from the first trial's start to the last
one's end; what is missing is hand-over between trials, warming up, reporting and the uneven end. The peer is
the plainest Ray Tune script, a function trainable as Ray's documentation shows it (a new worker for each
trial), around the same `run_trial`. It runs a few trials only, and ours runs those few again beside it for
the comparison. The last line printed is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import logging
import shutil
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

# First, because it sets what Ray reads from the environment when it is imported.
from se_bench.search.cluster import train_all  # isort: split

import ray
from ray import tune

from se_bench.config.load import load_study
from se_bench.records import Ended, Epoch, Started, Trial
from se_bench.search.environment import describe
from se_bench.search.plan import make_plan
from se_bench.search.process import cores
from se_bench.search.trial import run_trial

GOAL = 0.90


@dataclass
class Usage:
    """What a number of trials took, in seconds."""

    trials: int
    slots: int
    start_up: float
    """From the call to the first trial's start."""
    wall: float
    """From there to the last trial's end."""
    training: float
    """Sum over epochs of all trials: steps and evaluation."""

    @property
    def share(self) -> float:
        return self.training / (self.wall * self.slots)

    def as_json(self) -> dict[str, Any]:
        lost = (self.wall * self.slots - self.training) / self.trials
        seconds = {"start_up_seconds": self.start_up, "wall_seconds": self.wall, "lost_seconds_per_trial": lost}
        rounded = {name: round(value, 2) for name, value in seconds.items()}
        return {"share": round(self.share, 3), "trials": self.trials} | rounded


def main() -> None:
    options = read_options()
    plan = make_plan(load_study("reduction_ratio", seeds=options.seeds))
    few = plan.trials[: options.peer_trials]
    ours = measure_ours(plan.trials, options.slots)
    print(sentence("ours", ours))
    result = {"benchmark": "scheduling", "unit": "share of slot time", "slots": options.slots}
    result |= {"ours": ours.as_json(), "goal": GOAL, "meets_goal": ours.share >= GOAL}
    if few:
        ours_few, peer = measure_ours(few, options.slots), measure_peer(few, options.slots)
        print(sentence("ours, few trials", ours_few))
        print(sentence("plain Ray Tune function", peer))
        result |= {"ours_same_trials": ours_few.as_json()}
        result |= {"peer": {"name": "Ray Tune function trainable"} | peer.as_json()}
        result |= {"ratio": round(ours_few.share / peer.share, 2)}
    print(json.dumps(result | {"machine": machine(options.slots)}))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=2, metavar="N", help="6 trials a seed (default 2)")
    parser.add_argument("--slots", type=int, default=cores(), metavar="N", help="default: one a core")
    parser.add_argument("--peer-trials", type=int, default=4, metavar="N", help="0 leaves the peer out")
    return parser.parse_args()


def measure_ours(trials: Sequence[Trial], slots: int) -> Usage:
    called = time.time()
    starts, ends, training = [], [], 0.0
    for record in train_all(trials, run_id="benchmark", slots=slots):
        if isinstance(record, Started):
            starts.append(record.at.timestamp())
        elif isinstance(record, Epoch):
            training += record.train_seconds + record.test_seconds
        elif isinstance(record, Ended):
            assert not record.error, record.error
            ends.append(record.at.timestamp())
    assert len(starts) == len(ends) == len(trials)
    return Usage(len(trials), slots, min(starts) - called, max(ends) - min(starts), training)


def measure_peer(trials: Sequence[Trial], slots: int) -> Usage:
    with tempfile.TemporaryDirectory(prefix="se-bench-", ignore_cleanup_errors=True) as temp:
        called = time.time()
        ray.init(
            address="local",
            num_cpus=slots,
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
            _temp_dir=temp,
        )
        try:
            results = fit(trials, Path(temp) / "results")
        finally:
            ray.shutdown()
            shutil.rmtree(temp, ignore_errors=True)
    metrics = [result.metrics for result in results]
    assert len(metrics) == len(trials)
    start, end = min(each["started"] for each in metrics), max(each["ended"] for each in metrics)
    return Usage(len(trials), slots, start - called, end - start, sum(each["training"] for each in metrics))


def fit(trials: Sequence[Trial], folder: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tune.Tuner(
            tune.with_resources(trainable, {"cpu": 1}),
            param_space={"trial": tune.grid_search([asdict(trial) for trial in trials])},
            run_config=tune.RunConfig(storage_path=str(folder), verbose=0),
        ).fit()


def trainable(config: dict[str, Any]) -> None:
    """A trial that reports every epoch, and at its end when it ran and how long it trained."""
    started, training = time.time(), 0.0
    for record in run_trial(Trial(**config["trial"]), "benchmark"):
        if isinstance(record, Epoch):
            training += record.train_seconds + record.test_seconds
            tune.report({"epoch": record.epoch, "accuracy": record.test_accuracy})
    tune.report({"started": started, "ended": time.time(), "training": training})


def sentence(name: str, usage: Usage) -> str:
    return (
        f"{name}: {usage.share:.3f} of the time of {usage.slots} slots is training; {usage.trials} trials in "
        f"{usage.wall:.1f} s after {usage.start_up:.1f} s of start-up, "
        f"{usage.as_json()['lost_seconds_per_trial']:.2f} s lost a trial"
    )


def machine(slots: int) -> dict[str, Any]:
    here = describe(slots=slots, gpus_per_trial=0.0)
    return {
        "processor": here["processor"],
        "cores": here["cores"],
        "torch": here["packages"]["torch"],
        "ray": here["packages"]["ray"],
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
    }


if __name__ == "__main__":
    main()
