"""Measuring memory does what training does; on the CPU there is nothing to tell."""

from __future__ import annotations

import torch

from se_bench.training.memory import most_used
from tests.training.small_trials import CPU, digits, net, recipe


def test_it_trains_and_tells_nothing_of_the_cpu() -> None:
    module = net()
    before = [value.detach().clone() for value in module.parameters()]
    assert most_used(module, digits(), recipe(), CPU) is None
    assert not any(torch.equal(one, other) for one, other in zip(before, module.parameters(), strict=True))
    assert not module.training
    assert CPU.memory_bytes is None
