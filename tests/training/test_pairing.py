"""Two candidates with one seed see the same images in the same order, augmented in the same way."""

import pytest
import torch

from se_bench.data.batches import EvalBatches
from se_bench.training.loop import EVAL_BATCH_SIZE, train
from tests.training.small_trials import CPU, digits, net, recipe


def inputs(block, seed, **changes):
    """Every batch that the net was given, in training and in evaluation."""
    module, seen = net(block, seed), {True: [], False: []}
    module.register_forward_pre_hook(lambda module, given: seen[module.training].append(given[0].clone()))
    for _ in train("trial", module, digits(), recipe(**changes), seed, CPU):
        pass
    return torch.stack(seen[True]), seen[False]


@pytest.mark.parametrize("augment", ["none", "crop_flip"])
def test_a_net_with_and_one_without_a_block_see_identical_batches(augment):
    baseline, variant = inputs("none", 7, augment=augment)[0], inputs("se", 7, augment=augment)[0]
    assert baseline.shape == (2 * 8, 64, 3, 16, 16)
    assert torch.equal(baseline, variant)


def test_neither_learning_rate_nor_smoothing_shifts_the_batches():
    plain = inputs("se", 0)[0]
    assert torch.equal(inputs("se", 0, learning_rate=0.5, label_smoothing=0.1)[0], plain)


def test_seeds_and_epochs_see_other_batches():
    first, other = inputs("se", 0)[0], inputs("se", 1)[0]
    assert not torch.equal(first[:8], other[:8])
    assert not torch.equal(first[:8], first[8:])


def test_the_test_and_validation_splits_are_seen_whole_and_in_order_after_each_epoch():
    seen = inputs("se", 0)[1]
    images = digits()
    expected = torch.cat(
        [
            x
            for split in (images.test, images.validation)
            for x, _ in EvalBatches(split, mean=images.mean, std=images.std, batch_size=EVAL_BATCH_SIZE)
        ]
    )
    assert torch.equal(torch.cat(seen), torch.cat([expected, expected]))
