"""Training against a loop written out: the loss, the update, and what a record says."""

import numpy as np
import pytest
import torch

from se_bench.training.loop import train, train_batches
from se_bench.training.schedule import learning_rate
from se_bench.training.seeds import generator
from se_bench.training.step import Step
from tests.training.small_trials import CPU, RECIPE, digits, epochs, net, recipe


def batches(epoch, seed=0, **changes):
    every = train_batches(digits(), recipe(**changes), CPU)
    return every.epoch(generator(seed, "order", epoch), generator(seed, "augment", epoch))


def cross_entropy(logits, labels, smoothing=0.0):
    """Szegedy et al., arXiv 1512.00567, Section 7: a share of the target goes evenly to all classes."""
    logits = logits.detach().double().numpy()
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    target = log_p[np.arange(len(labels)), labels]
    return float(-((1 - smoothing) * target + smoothing * log_p.mean(axis=1)).mean())


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
def test_the_loss_is_the_smoothed_cross_entropy(smoothing):
    module = CPU.place(net(), "float32").train()
    x, y = next(batches(1))
    loss, logits = Step(module, recipe(label_smoothing=smoothing), CPU)((x, y))
    assert loss.item() == pytest.approx(cross_entropy(logits, y, smoothing), rel=1e-5)
    assert not loss.requires_grad
    assert not logits.requires_grad
    assert all(value.grad.any() for value in module.parameters())


def test_gradients_add_up():
    module = CPU.place(net(), "float32").eval()  # so that the two batches do not see each other's statistics
    first, second = list(batches(1))[:2]
    gradients = []
    for group in ([first], [second], [first, second]):
        module.zero_grad()
        for batch in group:
            Step(module, recipe(), CPU)(batch)
        gradients.append([value.grad.clone() for value in module.parameters()])
    for one, other, both in zip(*gradients, strict=True):
        torch.testing.assert_close(one + other, both)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"nesterov": False, "momentum": 0.5, "weight_decay": 0.01},
        {"nesterov": False, "momentum": 0.0, "schedule": "constant", "warmup_epochs": 0.0, "label_smoothing": 0.1},
    ],
)
def test_weights_move_as_stochastic_gradient_descent_is_written(changes):
    """Sutskever et al. 2013 in torch's form: v = m v + g + d w; w -= lr (g + d w + m v) with Nesterov, else lr v."""
    rules = recipe(**changes)
    trained = net()
    records = list(train("trial", trained, digits(), rules, 0, CPU))

    module = CPU.place(net(), "float32").train()
    parameters = list(module.parameters())
    velocity = [torch.zeros_like(value) for value in parameters]
    losses, hits, norms, step = {1: [], 2: []}, {1: 0, 2: 0}, {}, 0
    for epoch in (1, 2):
        for x, y in batches(epoch, **changes):
            module.zero_grad()
            logits = module(x)
            torch.nn.functional.cross_entropy(logits, y, label_smoothing=rules.label_smoothing).backward()
            losses[epoch].append(cross_entropy(logits, y, rules.label_smoothing))
            hits[epoch] += int((logits.argmax(dim=1) == y).sum())
            slopes = [value.grad.flatten() for value in module.stage2.parameters()]
            norms.setdefault(epoch, torch.cat(slopes).norm().item())
            rate = learning_rate(rules, step, 8)
            with torch.no_grad():
                for value, speed in zip(parameters, velocity, strict=True):
                    slope = value.grad + rules.weight_decay * value
                    speed.mul_(rules.momentum).add_(slope)
                    value.sub_(rate * (slope + rules.momentum * speed if rules.nesterov else speed))
            step += 1
    assert [record.train_loss for record in records] == pytest.approx([np.mean(losses[e]) for e in (1, 2)], rel=1e-4)
    assert records[0].train_accuracy == hits[1] / 512
    # Of eight steps only the first is measured, in each epoch anew.
    assert [record.gradient_norms[1] for record in records] == pytest.approx([norms[1], norms[2]], rel=1e-3)
    # Sums in another order move them by 1e-5; 16 steps without weight decay or momentum by 1e-3 and more.
    for name, value in trained.state_dict().items():
        torch.testing.assert_close(value, module.state_dict()[name], rtol=1e-4, atol=1e-4)


def test_an_incomplete_batch_is_neither_trained_on_nor_counted():
    module, sizes = net(), []
    module.register_forward_pre_hook(lambda module, given: sizes.append(len(given[0])) if module.training else None)
    rules = recipe(batch_size=100, epochs=1, warmup_epochs=0.0)
    (record,) = train("trial", module, digits(), rules, 0, CPU)
    assert sizes == [100] * 5
    assert record.train_accuracy * 500 == pytest.approx(round(record.train_accuracy * 500), abs=1e-9)


def test_a_record_says_whose_it_is_and_how_long_it_took():
    records = list(train("some trial", net(), digits(), recipe(), 0, CPU))
    assert [(record.trial_id, record.epoch) for record in records] == [("some trial", 1), ("some trial", 2)]
    assert all(record.train_seconds > 0 and record.test_seconds > 0 for record in records)


def test_the_test_loss_is_not_smoothed_and_training_sees_the_smoothing():
    """With nothing learned both are about ln 10 plain; smoothing changes the weights, not the measure."""
    still = {"epochs": 1, "warmup_epochs": 0.0, "learning_rate": 1e-30}
    plain, smoothed = (epochs("se", 0, label_smoothing=share, **still)[0] for share in (0.0, 0.5))
    assert plain.test_loss == smoothed.test_loss
    assert plain.train_loss != smoothed.train_loss


def test_bfloat16_computes_maps_in_half_and_keeps_weights_gradients_and_loss_in_single_precision():
    module, maps = CPU.place(net(), "float32").train(), []
    module.stem.conv.register_forward_hook(lambda _, __, out: maps.append(out.dtype))
    batch = next(batches(1))
    loss, _ = Step(module, recipe(precision="bfloat16"), CPU)(batch)
    assert maps == [torch.bfloat16]
    assert loss.dtype == torch.float32
    assert {value.dtype for value in module.parameters()} == {torch.float32}
    assert {value.grad.dtype for value in module.parameters()} == {torch.float32}
    exact, _ = Step(CPU.place(net(), "float32").train(), recipe(), CPU)(batch)
    assert loss.item() != exact.item()
    assert loss.item() == pytest.approx(exact.item(), rel=0.02)


def test_a_trial_in_bfloat16_is_trained_and_repeats():
    first = epochs("se", 0, precision="bfloat16")
    assert first == epochs("se", 0, precision="bfloat16")
    assert first != epochs("se", 0)
    assert RECIPE.get("precision", "float32") == "float32"
    assert all(np.isfinite([record.train_loss, record.test_loss]).all() for record in first)


def test_training_learns():
    """A hundred steps on 512 images; guessing has a loss of ln 10 = 2.30 and an accuracy of 0.10 +- 0.013."""
    records = epochs("se", 0, epochs=12, augment="none", learning_rate=0.1)
    assert records[-1].train_loss < 2.0 < records[0].train_loss
    assert records[-1].train_accuracy > 0.3
