"""What a trial costs beside its training: `python -m benchmarks.overhead`.

10,000 trials whose training is instant go the whole way of `se-bench run`: plan, Ray Tune, leases, SQLite, whoever
looks on. Printed are the milliseconds a trial takes in each thousand, so that a slowdown with the count would show,
and the driver's memory. What Ray Tune alone takes a trial, `scheduling.py` shows. The last line printed is one JSON
object.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.machine import machine
from se_bench import run as trunk
from se_bench.config.load import load_study
from se_bench.records import Candidate, Ended, Epoch, Record, Started, Status, Trial
from se_bench.search.cluster import Cluster
from se_bench.search.plan import make_plan
from se_bench.search.process import cores
from se_bench.search.session import Known
from se_bench.search.source import Work
from se_bench.search.tuning import Worker
from se_bench.store.repository import Store
from se_bench.training.checkpoint import Checkpoints

THOUSAND = 1000
SEEDS_OF_ALL = 30
"""Of the 337 candidates of `se_block_grid.yaml`, for 10,000 trials."""


class Instant(Worker):
    """A worker whose trials have one epoch that takes no time."""

    def _of(self, work: Work, config: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for record in records(work.trial, config["run_id"]):
            yield {"record": record, "begun": True, "done": isinstance(record, Ended)}


def records(trial: Trial, run_id: str) -> Iterator[Record]:
    trial_id = trial.trial_id
    yield Started(trial_id=trial_id, run_id=run_id, at=datetime.now(UTC))
    yield Epoch(
        trial_id=trial_id, epoch=1, train_loss=0.5, train_accuracy=0.8, test_loss=0.6, test_accuracy=0.75,
        train_seconds=0.0, test_seconds=0.0, gradient_norms=(1.0,), validation_loss=0.6, validation_accuracy=0.75,
    )  # fmt: skip
    yield Ended(trial_id=trial_id, status=Status.COMPLETED, at=datetime.now(UTC))


@dataclass
class Clock:
    """Looks on: when each thousand trials had ended, and the driver's memory then."""

    moments: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    ended: int = 0

    def saw(self, record: Record) -> None:
        if isinstance(record, Started) and not self.moments:
            self._mark()
        if isinstance(record, Ended):
            assert record.status is Status.COMPLETED, record
            self.ended += 1
            if self.ended % THOUSAND == 0:
                self._mark()

    def planned(self, candidate: Candidate, trials: Sequence[Trial]) -> None:
        raise AssertionError("the plan is fixed")

    def notice(self, text: str) -> None:
        print(text, flush=True)

    def _mark(self) -> None:
        self.moments.append(time.perf_counter())
        self.memory.append(resident_megabytes())
        if len(self.moments) > 1:
            print(
                f"{self.ended:6d} trials: {self.milliseconds[-1]:.1f} ms a trial, {self.memory[-1]:.0f} MB", flush=True
            )

    @property
    def milliseconds(self) -> list[float]:
        """A trial's share of the wall time, in each thousand."""
        return [(end - begin) / THOUSAND * 1000 for begin, end in zip(self.moments, self.moments[1:], strict=False)]


def resident_megabytes() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1000


def measure_ours(count: int, slots: int, folder: Path) -> tuple[Clock, float]:
    """The clock after ``count`` trials, and the seconds that planning them took."""
    grid = Path(__file__).with_name("se_block_grid.yaml")
    began = time.perf_counter()
    plan = make_plan(load_study(str(grid), seeds=SEEDS_OF_ALL, overrides=["recipe.epochs=1", "recipe.warmup_epochs=0"]))
    plan = replace(plan, trials=plan.trials[:count])
    planned = time.perf_counter() - began
    clock = Clock()

    def workers(*, run_id: str, slots: int, gpus_per_trial: float, checkpoints: Checkpoints) -> Cluster:
        return Cluster(slots=slots, worker=Instant).serve(run_id=run_id)

    trunk.train_missing(
        Known(plan, {}, {}), str(folder / "results.db"), clock, workers=workers,
        checkpoints=Checkpoints(folder / "checkpoints"), nets=Checkpoints(folder / "nets"),
        slots=slots, gpus_per_trial=0.0,
    )  # fmt: skip
    with Store.open(str(folder / "results.db")) as store:
        statuses = store.statuses([trial.trial_id for trial in plan.trials])
    assert [*statuses.values()].count(Status.COMPLETED) == len(plan.trials) == clock.ended
    return clock, planned


def main() -> None:
    options = read_options()
    with tempfile.TemporaryDirectory(prefix="seb-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        clock, planned = measure_ours(options.trials, options.slots, Path(folder))
    spent = [round(each, 2) for each in clock.milliseconds]
    figures: dict[str, Any] = {"benchmark": "overhead", "unit": "ms a trial", "trials": clock.ended}
    figures |= {"slots": options.slots, "plan_seconds": round(planned, 1), "each_thousand": spent}
    figures |= {"median": sorted(spent)[len(spent) // 2], "last_to_first": round(spent[-1] / spent[0], 2)}
    figures |= {"driver_megabytes": [round(clock.memory[0]), round(clock.memory[-1])]}
    figures["machine"] = machine("ray")
    print(json.dumps(figures))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=10 * THOUSAND, metavar="N", help="a multiple of 1,000")
    parser.add_argument("--slots", type=int, default=cores(), metavar="N", help="default: one a core")
    return parser.parse_args()


if __name__ == "__main__":
    main()
