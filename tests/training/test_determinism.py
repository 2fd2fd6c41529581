"""A trial's numbers depend on the trial and on nothing else. All comparisons are bitwise."""

import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.small_trials import as_json, epochs

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("block", ["none", "se"])
def test_the_same_trial_gives_the_same_records_whatever_was_trained_before(block):
    first = epochs(block, 0)
    other = epochs("none" if block == "se" else "se", 1, epochs=1, precision="bfloat16")
    assert other[0] != first[0]
    assert epochs(block, 0) == first


def test_the_global_generators_do_not_matter():
    found = []
    for seed in (1, 2):
        random.seed(seed)
        np.random.seed(seed)
        torch.manual_seed(seed)
        found.append(epochs("se", 0, epochs=1, warmup_epochs=0.0))
    assert found[0] == found[1]


def test_a_fresh_process_gives_the_same_records_as_this_one():
    here = as_json("se", 4)
    command = [sys.executable, "-m", "tests.training.small_trials", "se", "4"]
    there = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    assert json.loads(there.stdout) == json.loads(json.dumps(here))


def test_seeds_and_blocks_give_other_numbers():
    losses = {epochs(block, seed, epochs=1)[0].train_loss for block in ("none", "se") for seed in (0, 1)}
    assert len(losses) == 4


def test_epochs_come_in_order_and_a_longer_trial_begins_like_a_shorter_one():
    constant = {"schedule": "constant"}
    long = epochs("se", 0, epochs=3, **constant)
    assert [record.epoch for record in long] == [1, 2, 3]
    assert epochs("se", 0, epochs=1, **constant) == long[:1]
