"""How many records many writers commit together: `python benchmarks/store.py`.

Each process is a driver with a study of its own in one SQLite file: it starts trials, adds their epochs and ends
them, so that all wait for the one write lock. The batched writers hand the store some tens of records at once
(`Store.keep_all`), the single ones each record for itself (`Store.keep`), which is what `se-bench run` does. After
each measurement the file is read again: a record that is missing or doubled ends the benchmark, as does an error of
a writer. The last line printed is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from se_bench.records import Candidate, Cost, Ended, Epoch, Record, Run, Started, Status, Trial
from se_bench.search.environment import describe
from se_bench.store.repository import Store

GOAL = 5_000.0
EPOCHS = 30
"""A trial's; with its start and its end it is 32 records."""
CANDIDATE = Candidate(
    architecture_id="architecture",
    label="baseline",
    axes={},
    architecture={},
    is_baseline=True,
    cost=Cost(params=1, block_params=0, buffers=0, macs=1, elementwise=1, activations=1, memory_bytes=1),
)

together: Barrier
"""Where the writers wait for each other; given to each process at its start."""


@dataclass(frozen=True)
class Written:
    """What one process did, in seconds of a clock that all share."""

    records: int
    began: float
    ended: float
    longest: float
    """The slowest commit."""


@dataclass(frozen=True)
class Throughput:
    """What all did."""

    records: int
    seconds: float
    longest: float

    @property
    def rate(self) -> float:
        return self.records / self.seconds


def main() -> None:
    options = read_options()
    found = {
        "batched": measure(options.processes, options.trials, options.batch),
        "single": measure(options.processes, options.single_trials, 1),
    }
    for name, each in found.items():
        print(
            f"{name}: {options.processes} writers committed {each.records:,} records in {each.seconds:.2f} s, "
            f"{each.rate:,.0f} a second; the slowest commit took {each.longest:.2f} s"
        )
    result: dict[str, Any] = {"benchmark": "store", "unit": "records/s", "processes": options.processes}
    result |= {"batch": options.batch, "records_per_second": round(found["batched"].rate)}
    result |= {"single_records_per_second": round(found["single"].rate)}
    result |= {f"longest_commit_seconds_{name}": round(each.longest, 3) for name, each in found.items()}
    result |= {"records": found["batched"].records, "errors": 0, "goal": GOAL}
    print(json.dumps(result | {"meets_goal": found["batched"].rate >= GOAL, "machine": machine()}))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=8, metavar="N", help="writers at once (default 8)")
    parser.add_argument("--trials", type=int, default=400, metavar="N", help="trials of each (default 400)")
    parser.add_argument("--batch", type=int, default=64, metavar="N", help="records a transaction (default 64)")
    parser.add_argument("--single-trials", type=int, default=10, metavar="N", help="trials of each, one by one")
    return parser.parse_args()


def measure(processes: int, trials: int, batch: int) -> Throughput:
    """From the moment that all are ready to the last commit."""
    context = multiprocessing.get_context("fork")  # nothing is imported again, and no database is open yet
    barrier = context.Barrier(processes)
    with tempfile.TemporaryDirectory(prefix="se-bench-") as folder:
        url = str(Path(folder) / "store.db")
        with ProcessPoolExecutor(processes, context, initializer=wait_at, initargs=(barrier,)) as pool:
            futures = [pool.submit(write, url, f"writer-{number}", trials, batch) for number in range(processes)]
            written = [future.result() for future in futures]
        check(url, processes, trials)
    seconds = max(each.ended for each in written) - min(each.began for each in written)
    return Throughput(sum(each.records for each in written), seconds, max(each.longest for each in written))


def wait_at(barrier: Barrier) -> None:
    global together  # noqa: PLW0603 - how a pool's initializer hands something to its tasks
    together = barrier


def write(url: str, name: str, trials: int, batch: int) -> Written:
    """One driver: a study, a run, and every record of its trials."""
    with Store.open(url, create=True) as store:
        planned = [trial(name, seed) for seed in range(trials)]
        store.register(name, "?", {}, [CANDIDATE], planned)
        run = Run(run_id=name, study=name, command="", started_at=datetime.now(UTC), environment={})
        store.begin(run)
        stream = records_of(planned, name)
        together.wait()
        began = last = time.monotonic()
        count, longest = 0, 0.0
        while several := list(islice(stream, batch)):
            counted = store.keep_all(several) if batch > 1 else [store.keep(several[0])]
            assert all(counted)
            now = time.monotonic()
            longest, last = max(longest, now - last), now
            count += len(several)
        return Written(count, began, last, longest)


def trial(name: str, seed: int) -> Trial:
    return Trial(
        trial_id=f"{name}-{seed:06}",
        architecture_id=CANDIDATE.architecture_id,
        architecture={},
        dataset={"name": "digits"},
        dataset_fingerprint="f00d",
        recipe={"epochs": EPOCHS},
        seed=seed,
        numerics_version=1,
    )


def records_of(trials: Sequence[Trial], run_id: str) -> Iterator[Record]:
    for each in trials:
        yield Started(trial_id=each.trial_id, run_id=run_id, at=datetime.now(UTC))
        for number in range(1, EPOCHS + 1):
            yield Epoch(
                trial_id=each.trial_id,
                epoch=number,
                train_loss=1 / number,
                train_accuracy=1 - 1 / number,
                test_loss=1.1 / number,
                test_accuracy=1 - 1.1 / number,
                train_seconds=1.5,
                test_seconds=0.25,
                gradient_norms=(0.1, 0.2, 0.3),
            )
        yield Ended(trial_id=each.trial_id, status=Status.COMPLETED, at=datetime.now(UTC))


def check(url: str, processes: int, trials: int) -> None:
    """Every record is there, once."""
    with Store.open(url) as store:
        studies = store.studies()
        assert [each.counts for each in studies] == [{Status.COMPLETED: trials}] * processes
        for each in studies:
            found = store.records(store.study(each.name).trials, [])
            assert [epoch.epoch for epoch in found.epochs] == list(range(1, EPOCHS + 1)) * trials


def machine() -> dict[str, Any]:
    here = describe(slots=1, gpus_per_trial=0.0)
    return {
        "processor": here["processor"],
        "cores": here["cores"],
        "python": here["python"],
        "sqlalchemy": here["packages"]["sqlalchemy"],
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
    }


if __name__ == "__main__":
    main()
