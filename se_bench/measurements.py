"""What a study's claims ask for that training does not measure: found, measured, kept."""

from __future__ import annotations

from collections.abc import Callable

from se_bench.records import GateReading
from se_bench.search.environment import describe
from se_bench.search.measuring import measure, wanted
from se_bench.search.plan import Plan
from se_bench.store.repository import Store
from se_bench.training.checkpoint import Checkpoints
from se_bench.upkeep import new_run


def measure_missing(plan: Plan, database: str, nets: Checkpoints, say: Callable[[str], None]) -> None:
    """Measure what the plan's claims ask for and the database does not have, committing every reading as it comes.

    ``nets`` has the trained nets of a run, or gets those that have to be trained again. ``say`` is told what is done.
    """
    with Store.open(database) as store:
        asked = wanted(plan, store.records(plan.trials, plan.candidates))
        if not asked:
            return
        say(f"Measuring for the claims: gates of {len(asked.gates)} trained nets, times of {len(asked.latency)} ...")
        run = new_run(plan.study.name, database, describe(slots=1, gpus_per_trial=0.0))
        store.begin(run)
        for reading in measure(asked, nets):
            if isinstance(reading, GateReading):
                store.keep_gates(reading, run.run_id)
            else:
                store.keep_latency(reading, run.run_id)
