"""A loss that is not finite ends the trial, after the record that shows it."""

import math

import pytest
import torch
from torch import nn

from se_bench.errors import TrialDivergedError
from se_bench.training.loop import train
from tests.training.small_trials import CPU, digits, net, recipe


class OnlyInTraining(nn.Module):
    """Its logits are not numbers in training; as they do not depend on its weights, those stay sound."""

    def __init__(self):
        super().__init__()
        self.classifier = nn.Linear(3, 10)

    def forward(self, x):
        if self.training:
            return torch.full((len(x), 10), math.nan, requires_grad=True)
        return self.classifier(x.mean(dim=(2, 3)))


def diverging(module=None, **changes):
    """The records that came before the error, and its message."""
    records = []

    def collect():
        for record in train("trial", module or net(), digits(), recipe(epochs=5, **changes), 0, CPU):
            records.append(record)

    with pytest.raises(TrialDivergedError) as outcome:
        collect()
    return records, str(outcome.value)


def test_a_huge_learning_rate_diverges_in_its_first_epoch():
    records, message = diverging(learning_rate=1e6)
    assert [record.epoch for record in records] == [1]
    assert not math.isfinite(records[0].train_loss)
    assert message == "epoch 1: train loss nan, test loss nan (not finite)"


def test_a_test_loss_that_is_not_finite_is_enough():
    records, message = diverging(learning_rate=1e3, warmup_epochs=0.0)
    assert math.isfinite(records[-1].train_loss)
    assert math.isnan(records[-1].test_loss)
    assert message.startswith("epoch 1: ")


def test_a_training_loss_that_is_not_finite_is_enough():
    records, message = diverging(OnlyInTraining())
    assert math.isnan(records[-1].train_loss)
    assert math.isfinite(records[-1].test_loss)
    assert message.startswith("epoch 1: train loss nan, test loss 2.")


def test_the_numbers_that_remain_are_still_measured():
    record = diverging(learning_rate=1e6)[0][0]
    assert 0 <= record.train_accuracy <= 1
    assert 0 <= record.test_accuracy <= 1
    assert len(record.gradient_norms) == 3
