"""A Ray cluster of several nodes, one of which is lost while it trains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from se_bench.records import Ended, Epoch, Record, Started, Status, Trial
from se_bench.search.cluster import Cluster
from se_bench.search.conduct import Alone, conduct
from se_bench.search.head import Head
from se_bench.search.plan import Plan
from se_bench.search.source import Fixed
from se_bench.search.trial import run_trial

import ray  # isort: skip
from ray.cluster_utils import Cluster as Nodes  # isort: skip

EPOCHS = 12
pytestmark = pytest.mark.slow


@pytest.fixture
def nodes() -> Iterator[Nodes]:
    cluster = Nodes(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    yield cluster
    ray.shutdown()
    cluster.shutdown()


def numbers(records: list[Record]) -> dict[tuple[str, int], Epoch]:
    """(trial, epoch) -> what was measured there last, without times; a checkpoint's epochs count as measured."""
    found = {}
    for record in records:
        for epoch in record.epochs if isinstance(record, Started) else [record]:
            if isinstance(epoch, Epoch):
                found[epoch.trial_id, epoch.epoch] = replace(epoch, train_seconds=0.0, test_seconds=0.0)
    return found


def test_nothing_is_lost_doubled_or_different_when_a_node_goes(nodes: Nodes, small_plan: Plan, tmp_path: Path) -> None:
    lost = nodes.add_node(num_cpus=1)
    trials: list[Trial] = [
        replace(trial, trial_id=f"{trial.trial_id}-long", recipe={**trial.recipe, "epochs": EPOCHS})
        for trial in small_plan.trials[:4]
    ]
    records: list[Record] = []
    gone = False
    head = Head(2, address=nodes.address)
    pool = Cluster(slots=2, head=head)
    with head, pool:
        pool.serve(run_id="run", checkpoints=tmp_path / "checkpoints", images=small_plan.images)
        for record in conduct(Fixed(trials), pool, Alone()):
            records.append(record)
            if not gone and isinstance(record, Epoch) and record.epoch == 3:
                nodes.remove_node(lost, allow_graceful=False)
                gone = True
    ends = [record for record in records if isinstance(record, Ended)]
    assert sorted(record.trial_id for record in ends) == sorted(trial.trial_id for trial in trials)
    assert {record.status for record in ends} == {Status.COMPLETED}
    alone = [record for trial in trials for record in run_trial(trial, "alone")]
    assert numbers(records) == numbers(alone)
