"""What a step leaves behind is the same whether it is computed or replayed; tests/gpu has the real recordings."""

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


class Replay:
    """As a GPU does it: what is replayed computes from the same tensors, into the same tensors."""

    def __init__(self, work, inputs):
        self.work, self.held = work, [each.clone() for each in inputs]
        self.outputs = work(*self.held)

    def replay(self, *inputs):
        for held, given in zip(self.held, inputs, strict=True):
            held.copy_(given)
        for output, value in zip(self.outputs, self.work(*self.held), strict=True):
            output.copy_(value)
        return self.outputs


@dataclass(frozen=True)
class Recorder(Device):
    """The CPU with recordings."""

    type: str = "cpu"

    def record(self, work, *inputs):
        return Replay(work, inputs)


@dataclass(frozen=True)
class Refuser(Device):
    """A device that cannot record, for want of memory, and says so each time it is asked."""

    type: str = "cpu"

    def record(self, work, *inputs):
        asked.append(work)


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
    assert [loss for loss, _, _ in found] == [loss for loss, _, _ in expected]


@pytest.mark.parametrize("at", range(6))
def test_gradients_loss_and_logits_are_there_after_each_step(at):
    step, found = steps(CPU)
    assert not step.is_recorded
    loss, logits, gradients = found[at]
    assert loss > 0
    assert logits.shape == (64, 10)
    assert all(gradient.any() for gradient in gradients)
    assert not torch.equal(gradients[0], found[at - 1][2][0])
