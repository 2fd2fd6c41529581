"""The study `reduction_ratio` as a plain Ray Tune script: the peer of `study.py`.

A function trainable with a DataLoader and per-image transforms, as "How to use Tune with PyTorch" in Ray's
documentation shows it, and torchvision's classes as theirs shows them. The nets, images, steps and schedule are
those of the study; test and validation images are evaluated after every epoch. DataLoader keeps its default of no
worker processes: two trials fill two cores already. It prints one JSON object: the final accuracies.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from typing import Any

import ray
import torch
from PIL import Image
from ray import tune
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from se_bench.config.load import load_study
from se_bench.config.setting import Recipe
from se_bench.data import datasets
from se_bench.data.datasets import ImageSplit
from se_bench.nets.architecture import Architecture
from se_bench.nets.build import build
from se_bench.nets.init import materialise
from se_bench.search.plan import make_plan


class DigitImages(Dataset[tuple[torch.Tensor, int]]):
    """A split as torchvision's datasets are: an array, of which each item is a picture that is transformed."""

    def __init__(self, split: ImageSplit, transform: transforms.Compose) -> None:
        self.images = split.images.permute(0, 2, 3, 1).numpy()
        self.labels = split.labels.tolist()
        self.transform = transform

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return self.transform(Image.fromarray(self.images[index])), self.labels[index]


def train(config: dict[str, Any]) -> None:
    """One trial."""
    torch.manual_seed(config["seed"])
    recipe = Recipe.read(config["recipe"])
    images = datasets.load("digits", config["dataset"])
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize(images.mean, images.std)])
    trainloader = DataLoader(
        DigitImages(images.train, transform), batch_size=recipe.batch_size, shuffle=True, drop_last=True
    )
    testloader = DataLoader(DigitImages(images.test, transform), batch_size=recipe.batch_size)
    validationloader = DataLoader(DigitImages(images.validation, transform), batch_size=recipe.batch_size)
    generator = torch.Generator().manual_seed(config["seed"])
    net = materialise(build(Architecture.from_data(config["architecture"])), lambda parameter: generator)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(
        net.parameters(),
        lr=recipe.learning_rate,
        momentum=recipe.momentum,
        nesterov=recipe.nesterov,
        weight_decay=recipe.weight_decay,
    )
    steps = recipe.epochs * len(trainloader)
    warmup = int(recipe.warmup_epochs * len(trainloader))
    scheduler = torch.optim.lr_scheduler.SequentialLR(
        optimizer,
        [
            torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1 / warmup, total_iters=warmup),
            torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps - warmup),
        ],
        milestones=[warmup],
    )
    for epoch in range(recipe.epochs):
        net.train()
        running_loss = 0.0
        for inputs, labels in trainloader:
            optimizer.zero_grad()
            loss = criterion(net(inputs), labels)
            loss.backward()
            optimizer.step()
            scheduler.step()
            running_loss += loss.item()
        tune.report(
            {
                "epoch": epoch + 1,
                "train_loss": running_loss / len(trainloader),
                "accuracy": accuracy(net, testloader),
                "validation_accuracy": accuracy(net, validationloader),
            }
        )


def accuracy(net: nn.Module, loader: DataLoader[tuple[torch.Tensor, int]]) -> float:
    """The share of a loader's images that the net recognises."""
    correct = total = 0
    net.eval()
    with torch.no_grad():
        for inputs, labels in loader:
            _, predicted = torch.max(net(inputs), 1)
            total += labels.size(0)
            correct += (predicted == labels).sum().item()
    return correct / total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=2, metavar="N")
    parser.add_argument("--slots", type=int, default=2, metavar="N")
    asked = parser.parse_args()
    plan = make_plan(load_study("reduction_ratio", seeds=asked.seeds))
    some = plan.trials[0]
    ray.init(num_cpus=asked.slots, include_dashboard=False, log_to_driver=False)
    with tempfile.TemporaryDirectory() as folder:
        tuner = tune.Tuner(
            tune.with_resources(train, {"cpu": 1}),
            param_space={
                "architecture": tune.grid_search([each.architecture for each in plan.candidates]),
                "seed": tune.grid_search(list(range(asked.seeds))),
                "recipe": dict(some.recipe),
                "dataset": {key: value for key, value in some.dataset.items() if key != "name"},
            },
            run_config=tune.RunConfig(storage_path=folder, verbose=0),
        )
        results = tuner.fit()
    print(json.dumps({"accuracies": [result.metrics["accuracy"] for result in results]}))


if __name__ == "__main__":
    main()
