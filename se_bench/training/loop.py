"""The training loop: epochs of stochastic gradient descent, each yielding one record.

The loop reads top to bottom. It never waits for the device within an epoch: sums stay there as tensors and
are read once, at its end.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from se_bench.config.setting import Recipe
from se_bench.data.batches import EvalBatches, TrainBatches
from se_bench.data.datasets import Images, ImageSplit
from se_bench.device import Device
from se_bench.errors import TrialDivergedError
from se_bench.records import Epoch
from se_bench.training import seeds
from se_bench.training.checkpoint import Checkpoint, Checkpoints
from se_bench.training.gradients import StageNorms
from se_bench.training.optimiser import SGD
from se_bench.training.schedule import learning_rate
from se_bench.training.step import Step

EVAL_BATCH_SIZE = 256


def train(
    trial_id: str,
    net: nn.Module,
    images: Images,
    recipe: Recipe,
    seed: int,
    device: Device,
    *,
    resume: Checkpoint | None = None,
    checkpoints: Checkpoints | None = None,
) -> Iterator[Epoch]:
    """Train ``net`` (with its initial values, on the CPU) and yield a record after each epoch.

    Every random choice comes from a named stream of ``seed`` (see ``seeds``), so the numbers depend on the
    arguments and nothing else; call :func:`~se_bench.training.numerics.make_deterministic` once before. With
    ``resume``, training goes on after that checkpoint, to bitwise the same numbers. With ``checkpoints``, one
    is written after each epoch, before its record is yielded.

    Raises:
        TrialDivergedError: after the record of an epoch whose train or test loss is not finite.
    """
    net = device.place(net, recipe.precision)
    batches = train_batches(images, recipe, device)
    test = eval_batches(images.test, images, device)
    validation = eval_batches(images.validation, images, device) if len(images.validation) else None
    forward_backward = Step(net, recipe, device)
    optimiser = SGD(net.parameters(), recipe)
    norms = StageNorms(net)
    done = list(resume.epochs) if resume else []
    if resume:
        net.load_state_dict(resume.net)
        optimiser.load_state_dict(resume.optimiser)
    for epoch in range(len(done) + 1, recipe.epochs + 1):
        device.wait()
        started = time.perf_counter()
        # Layers that draw numbers themselves (dropout, stochastic pooling) use the global generator.
        torch.manual_seed(seeds.stream_seed(seed, "layers", epoch))
        net.train()
        norms.reset()
        loss_sum = torch.zeros((), device=device.type)
        correct = torch.zeros((), dtype=torch.int64, device=device.type)
        shuffled = batches.epoch(seeds.generator(seed, "order", epoch), seeds.generator(seed, "augment", epoch))
        for step, batch in enumerate(shuffled, start=(epoch - 1) * len(batches)):
            optimiser.learning_rate = learning_rate(recipe, step, len(batches))
            loss, logits = forward_backward(batch)
            norms.add()
            optimiser.step()
            loss_sum += loss
            correct += (logits.argmax(dim=1) == batch[1]).sum()
        train_loss = loss_sum.item() / len(batches)
        trained = time.perf_counter()
        test_loss, test_accuracy = evaluate(net, test, recipe.precision, device)
        held_out = evaluate(net, validation, recipe.precision, device) if validation else (None, None)
        evaluated = time.perf_counter()
        record = Epoch(
            trial_id=trial_id,
            epoch=epoch,
            train_loss=train_loss,
            train_accuracy=correct.item() / (len(batches) * recipe.batch_size),
            test_loss=test_loss,
            test_accuracy=test_accuracy,
            train_seconds=trained - started,
            test_seconds=evaluated - trained,
            gradient_norms=norms.means(),
            validation_loss=held_out[0],
            validation_accuracy=held_out[1],
        )
        done.append(record)
        if checkpoints:
            checkpoints.save(trial_id, done, net, optimiser)
        yield record
        if not (math.isfinite(train_loss) and math.isfinite(test_loss)):
            raise TrialDivergedError(f"epoch {epoch}: train loss {train_loss:g}, test loss {test_loss:g} (not finite)")


def eval_batches(split: ImageSplit, images: Images, device: Device) -> EvalBatches:
    """A split of ``images`` in order, on the device."""
    return EvalBatches(split.to(device.type), mean=images.mean, std=images.std, batch_size=EVAL_BATCH_SIZE)


def train_batches(images: Images, recipe: Recipe, device: Device) -> TrainBatches:
    """The training split on the device, as the recipe augments it."""
    return TrainBatches(
        images.train.to(device.type),
        mean=images.mean,
        std=images.std,
        batch_size=recipe.batch_size,
        augment=recipe.augment,
        crop_padding=recipe.crop_padding,
    )


@torch.inference_mode()
def evaluate(net: nn.Module, batches: EvalBatches, precision: str, device: Device) -> tuple[float, float]:
    """Mean cross-entropy and accuracy over a whole split, in evaluation mode."""
    net.eval()
    images = 0
    loss = torch.zeros((), dtype=torch.float64, device=device.type)
    correct = torch.zeros((), dtype=torch.int64, device=device.type)
    for x, y in batches:
        with device.autocast(precision):
            logits: Tensor = net(x)
        loss += F.cross_entropy(logits.float(), y, reduction="sum").double()
        correct += (logits.argmax(dim=1) == y).sum()
        images += len(y)
    return loss.item() / images, correct.item() / images
