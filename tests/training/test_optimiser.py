"""The optimiser against torch's own, to the last bit, and what it is there for: it imports no compiler."""

import subprocess
import sys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from se_bench.config.setting import Recipe
from se_bench.training.optimiser import SGD
from tests.training.small_trials import recipe

SHAPES = ((3,), (4, 3, 3, 3), (2, 5))
STEPS = 4


def parameters() -> list[nn.Parameter]:
    generator = torch.Generator().manual_seed(0)
    made = [torch.randn(shape, generator=generator) for shape in SHAPES]
    return [nn.Parameter(each.to(memory_format=layout(each))) for each in made]


def layout(tensor: torch.Tensor) -> torch.memory_format:
    return torch.channels_last if tensor.dim() == 4 else torch.contiguous_format


def set_gradients(to: list[nn.Parameter], step: int, *, without: int | None = None) -> None:
    generator = torch.Generator().manual_seed(step)
    for place, parameter in enumerate(to):
        gradient = torch.randn(parameter.shape, generator=generator).to(memory_format=layout(parameter))
        parameter.grad = None if place == without else gradient


def torchs(over: list[nn.Parameter], asked: Recipe) -> torch.optim.SGD:
    how = {"momentum": asked.momentum, "nesterov": asked.nesterov, "weight_decay": asked.weight_decay}
    return torch.optim.SGD(over, lr=asked.learning_rate, foreach=True, **how)


@settings(deadline=None)
@given(
    momentum=st.sampled_from([0.0, 0.5, 0.9]),
    nesterov=st.booleans(),
    weight_decay=st.sampled_from([0.0, 5e-4]),
    without=st.sampled_from([None, 0, 1]),
)
def test_steps_are_those_of_torchs_own(
    momentum: float, nesterov: bool, weight_decay: float, without: int | None
) -> None:
    asked = recipe(momentum=momentum, nesterov=nesterov and momentum > 0, weight_decay=weight_decay)
    ours, theirs = parameters(), parameters()
    optimiser, reference = SGD(ours, asked), torchs(theirs, asked)
    for step in range(STEPS):
        optimiser.learning_rate = reference.param_groups[0]["lr"] = 0.1 / (step + 1)
        for each in (ours, theirs):
            set_gradients(each, step, without=without if step == 1 else None)
        optimiser.step()
        reference.step()
    assert all(torch.equal(mine, other) for mine, other in zip(ours, theirs, strict=True))


def test_a_step_drops_the_gradients() -> None:
    ours = parameters()
    set_gradients(ours, 0)
    SGD(ours, recipe()).step()
    assert [parameter.grad for parameter in ours] == [None] * len(SHAPES)


def test_it_goes_on_from_what_it_has_kept() -> None:
    asked = recipe(momentum=0.9)
    whole, first = parameters(), parameters()
    undisturbed, before = SGD(whole, asked), SGD(first, asked)
    for step in range(STEPS):
        set_gradients(whole, step)
        undisturbed.step()
    for step in range(2):
        set_gradients(first, step)
        before.step()
    after = SGD(first, asked)
    after.load_state_dict(before.state_dict())
    for step in range(2, STEPS):
        set_gradients(first, step)
        after.step()
    assert all(torch.equal(mine, other) for mine, other in zip(whole, first, strict=True))


def test_what_was_kept_of_another_net_is_refused() -> None:
    kept = SGD(parameters()[:1], recipe()).state_dict()
    with pytest.raises(ValueError, match="shorter"):
        SGD(parameters(), recipe()).load_state_dict(kept)


def test_training_imports_no_compiler() -> None:
    program = (
        "import sys\n"
        "from tests.training.small_trials import CPU, digits, net, recipe\n"
        "from se_bench.training.loop import train\n"
        "from se_bench.training.numerics import make_deterministic\n"
        "make_deterministic()\n"
        "records = list(train('t', net(), digits(), recipe(epochs=2), 0, CPU))\n"
        "print(len(records), *{'torch._dynamo', 'sympy'} & sys.modules.keys())\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["2"]
