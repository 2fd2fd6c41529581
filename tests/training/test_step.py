"""What a step leaves behind, and what it does where it cannot be recorded; tests/gpu has those that can."""

from dataclasses import dataclass
from itertools import islice

import pytest
import torch

from se_bench.device import Device
from se_bench.training.loop import train_batches
from se_bench.training.optimiser import SGD
from se_bench.training.seeds import generator
from se_bench.training.step import Step
from tests.training.small_trials import CPU, digits, net, recipe


@dataclass(frozen=True)
class Refuser(Device):
    """A device whose memory ends with the backward pass of what it is to record."""

    type: str = "cpu"

    def record(self, work, *inputs):
        asked.append(work)
        work(*inputs)


asked = []


def steps(device, count=6):
    module = net().train()
    step, optimiser = Step(module, recipe(), device), SGD(module.parameters(), recipe())
    batches = train_batches(digits(), recipe(), device).epoch(generator(0, "order", 1), generator(0, "augment", 1))
    found = []
    for batch in islice(batches, count):
        loss, logits = step(batch)
        found.append((loss.item(), logits.clone(), [value.grad.clone() for value in module.parameters()]))
        optimiser.step()
        assert all(value.grad is None for value in module.parameters())
    return step, found


def test_a_step_that_cannot_be_recorded_is_computed_and_recording_is_tried_once():
    step, found = steps(Refuser())
    _, expected = steps(CPU)
    assert len(asked) == 1
    assert not step.is_recorded
    assert same(found, expected)


def same(found, expected):
    return all(
        loss == other_loss and torch.equal(logits, other) and all(map(torch.equal, gradients, others))
        for (loss, logits, gradients), (other_loss, other, others) in zip(found, expected, strict=True)
    )


@pytest.mark.parametrize("at", range(6))
def test_gradients_loss_and_logits_are_there_after_each_step(at):
    step, found = steps(CPU)
    assert not step.is_recorded
    loss, logits, gradients = found[at]
    assert loss > 0
    assert logits.shape == (64, 10)
    assert all(gradient.any() for gradient in gradients)
    assert not torch.equal(gradients[0], found[at - 1][2][0])
