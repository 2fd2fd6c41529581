"""Evaluation: the mean over a whole split, and no trace of it in the net."""

import numpy as np
import pytest
import torch

from se_bench.data.batches import EvalBatches
from se_bench.training.loop import evaluate
from tests.training.small_trials import CPU, digits, net


def held_out(size):
    images = digits()
    return EvalBatches(images.test, mean=images.mean, std=images.std, batch_size=size)


def trained(block="se"):
    """A net whose running statistics are not the initial ones."""
    module = CPU.place(net(block), "float32").train()
    for x, _ in held_out(64):
        module(x)
    return module


@pytest.mark.parametrize("size", [256, 100, 7])
def test_loss_and_accuracy_are_those_of_the_definition(size):
    module = trained()
    loss, accuracy = evaluate(module, held_out(size), "float32", CPU)
    (x, y), *rest = list(held_out(256))
    assert rest == []
    with torch.no_grad():
        logits = module.eval()(x).double().numpy()
    correct = logits[np.arange(256), y]
    assert loss == pytest.approx(float(np.mean(np.log(np.exp(logits).sum(axis=1)) - correct)), rel=1e-6)
    assert accuracy == float(np.mean(logits.argmax(axis=1) == y.numpy()))


def test_weights_and_running_statistics_stay_as_they_are():
    module = trained()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    evaluate(module, held_out(100), "float32", CPU)
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert all(value.grad is None for value in module.parameters())
    assert not module.training


def test_it_runs_in_inference_mode_and_training_goes_on_afterwards():
    module, modes = trained(), []
    module.register_forward_hook(lambda *_: modes.append(torch.is_inference_mode_enabled()))
    evaluate(module, held_out(128), "float32", CPU)
    assert modes == [True, True]
    x, _ = next(iter(held_out(64)))
    module.train()(x).sum().backward()
    assert modes == [True, True, False]
    assert all(value.grad is not None for value in module.parameters())


def test_bfloat16_is_close_and_not_equal():
    module = trained()
    loss, _ = evaluate(module, held_out(256), "float32", CPU)
    rounded, _ = evaluate(module, held_out(256), "bfloat16", CPU)
    assert rounded != loss
    assert rounded == pytest.approx(loss, rel=0.02)
