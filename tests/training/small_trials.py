"""A trial of about half a second, and its numbers as JSON: ``python -m tests.training.small_trials se 0``."""

import dataclasses
import json
import sys

from se_bench.config.axes import Axes
from se_bench.config.setting import BackboneChoice, Recipe
from se_bench.data import datasets
from se_bench.device import Device
from se_bench.nets.build import build, resolve
from se_bench.nets.init import materialise
from se_bench.training import seeds
from se_bench.training.loop import train
from se_bench.training.numerics import NUMERICS_VERSION, make_deterministic

CPU = Device("cpu")
DATASET = {"size": 16, "train_images": 512, "validation_images": 10, "test_images": 256}
RECIPE = {
    "epochs": 2,
    "batch_size": 64,
    "learning_rate": 0.02,
    "weight_decay": 5e-4,
    "nesterov": True,
    "schedule": "cosine",
    "warmup_epochs": 0.5,
    "augment": "crop_flip",
    "crop_padding": 2,
}


def digits():
    return datasets.load("digits", DATASET)


def recipe(**changes):
    return Recipe.read({**RECIPE, **changes})


def net(block="se", seed=0, **axes):
    """ResNet-8 of width 8 as a trial of this seed starts with it."""
    spelling = Axes(block=block, reduction=4, width=8, **axes)
    built = resolve(BackboneChoice(name="cifar_resnet8"), spelling, (3, 16, 16), 10)
    return materialise(build(built), lambda name: seeds.generator(seed, "init", name))


def epochs(block="se", seed=0, **changes):
    """The records of a trial without their times."""
    records = train("trial", net(block, seed), digits(), recipe(**changes), seed, CPU)
    return [dataclasses.replace(record, train_seconds=0.0, test_seconds=0.0) for record in records]


def as_json(block, seed):
    """Everything that decides the numbers, and the numbers; floats are written so that they read back equal."""
    trial = {"block": block, "seed": seed, "dataset": DATASET, "recipe": RECIPE, "numerics": NUMERICS_VERSION}
    return {"trial": trial, "epochs": [dataclasses.asdict(epoch) for epoch in epochs(block, seed)]}


if __name__ == "__main__":
    make_deterministic()
    print(json.dumps(as_json(sys.argv[1], int(sys.argv[2])), indent=2))
