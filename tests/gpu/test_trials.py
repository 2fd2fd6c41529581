"""Trials on a GPU: they repeat, go on after their checkpoint, share it, and say when its memory does not suffice."""

import dataclasses
from itertools import islice

import pytest
import torch

from benchmarks.gpu import StepByStep
from se_bench.device import Device
from se_bench.records import Ended, Epoch, Status
from se_bench.search.cluster import train_all
from se_bench.search.trial import run_trial
from se_bench.training import seeds
from se_bench.training.checkpoint import Checkpoints
from se_bench.training.loop import train, train_batches
from se_bench.training.optimiser import SGD
from se_bench.training.step import Step
from tests.gpu import needs_gpu
from tests.training.small_trials import CPU, digits, net, recipe

pytestmark = needs_gpu

GPU = Device("cuda")


def timeless(records):
    return [dataclasses.replace(record, train_seconds=0.0, test_seconds=0.0) for record in records]


def epochs(device, *, block="se", **changes):
    return timeless(train("trial", net(block), digits(), recipe(**changes), 0, device))


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("block", ["none", "se"])
def test_a_trial_repeats_to_the_last_bit_recorded_or_not(block, precision):
    first = epochs(GPU, block=block, precision=precision)
    assert epochs(GPU, block=block, precision=precision) == first
    assert epochs(StepByStep(), block=block, precision=precision) == first


def test_a_trial_goes_on_after_its_checkpoint_to_the_same_numbers(tmp_path):
    whole = epochs(GPU, epochs=3)
    checkpoints = Checkpoints(tmp_path)
    begun = train("trial", net(), digits(), recipe(epochs=3), 0, GPU, checkpoints=checkpoints)
    next(begun)
    begun.close()
    after = checkpoints.load("trial")
    assert len(after.epochs) == 1
    assert timeless(train("trial", net(), digits(), recipe(epochs=3), 0, GPU, resume=after)) == whole[1:]


def test_it_learns_what_the_cpu_learns():
    """Sums in another order part two trainings slowly: the first epoch's loss is the same in four digits."""
    gpu, cpu = epochs(GPU), epochs(CPU)
    assert gpu[0].train_loss == pytest.approx(cpu[0].train_loss, rel=1e-3)
    assert gpu[1].test_accuracy == pytest.approx(cpu[1].test_accuracy, abs=0.1)


class Waiting(torch.nn.Module):
    """Reads a value on the CPU, which no recording can."""

    def forward(self, x):
        return x * (1.0 if x.mean().item() > 0 else 0.5)


def test_a_net_that_waits_for_the_gpu_is_trained_unrecorded_and_the_next_is_recorded():
    def steps(module):
        step, optimiser = Step(module, recipe(), GPU), SGD(module.parameters(), recipe())
        order, augment = seeds.generator(0, "order", 1), seeds.generator(0, "augment", 1)
        for batch in islice(train_batches(digits(), recipe(), GPU).epoch(order, augment), 6):
            loss, _ = step(batch)
            optimiser.step()
        assert loss.isfinite()
        return step.is_recorded

    assert not steps(GPU.place(torch.nn.Sequential(Waiting(), net()), "float32").train())
    assert steps(GPU.place(net(), "float32").train())
    assert torch.cuda.get_sync_debug_mode() == 0


def test_trials_that_share_a_gpu_have_the_numbers_of_one_alone(small_plan):
    trials = small_plan.trials[:4]
    shared: dict[str, list[Epoch]] = {}
    for record in train_all(trials, run_id="run", slots=4, gpus_per_trial=0.25):
        if isinstance(record, Epoch):
            shared.setdefault(record.trial_id, []).append(record)
    assert len(shared) == 4
    for trial in trials:
        alone = [record for record in run_trial(trial, "run", GPU) if isinstance(record, Epoch)]
        assert timeless(shared[trial.trial_id]) == timeless(alone)


def test_a_gpu_without_memory_left_is_the_outcome_and_not_a_crash(small_plan):
    trial = small_plan.trials[0]
    GPU.release_memory()
    torch.cuda.set_per_process_memory_fraction(32 * 1024**2 / GPU.memory_bytes)
    try:
        *_, last = run_trial(trial, "run", GPU)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert isinstance(last, Ended)
    assert last.status == Status.OUT_OF_MEMORY
    assert "memory" in last.error
    GPU.release_memory()
    *_, last = run_trial(trial, "run", GPU)
    assert last.status == Status.COMPLETED
