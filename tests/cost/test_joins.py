"""Additions and scalings against what torch executes, and against the figures that Hu et al. print."""

from __future__ import annotations

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from se_bench.config.axes import Axes
from se_bench.config.setting import BackboneChoice
from se_bench.cost.count import count
from se_bench.cost.joins import additions, scalings
from se_bench.nets.architecture import Architecture
from se_bench.nets.build import build, resolve


def architecture(name: str, axes: dict[str, object], *, size: int = 32, classes: int = 10, **options) -> Architecture:
    backbone = BackboneChoice.read({"name": name, **options})
    return resolve(backbone, Axes.read(axes), (3, size, size), classes)


class Executed(TorchDispatchMode):
    """Elements that additions and multiplications of two maps write, one image."""

    def __init__(self):
        super().__init__()
        self.added = self.multiplied = 0

    def __torch_dispatch__(self, operator, types, args=(), kwargs=None):
        result = operator(*args, **(kwargs or {}))
        name = str(operator).removeprefix("aten.")
        if name.startswith(("add.", "add_.")) and result.ndim == 4:
            self.added += result.numel()
        elif name.startswith("mul.") and result.ndim == 4:
            self.multiplied += result.numel()
        return result


@pytest.mark.parametrize(
    ("backbone", "size", "axes"),
    [
        ("cifar_resnet8", 16, {}),
        ("cifar_resnet20", 32, {"stages": [1]}),
        ("cifar_resnet20", 32, {"integration": "identity"}),
        ("cifar_preresnet20", 32, {"integration": "pre"}),
        ("resnet50", 64, {"integration": "inner_3x3"}),
        ("mobilenet_v2", 64, {}),
        ("mobilenet_v1", 64, {}),
        ("shufflenet_v1_g3", 64, {}),
        ("bn_inception", 64, {}),
    ],
)
def test_they_are_what_a_forward_pass_adds_and_multiplies(backbone, size, axes):
    built = architecture(backbone, axes, size=size)
    with Executed() as executed, torch.no_grad():
        build(built).eval()(torch.zeros(1, 3, size, size, device="meta"))
    assert additions(built) == executed.added
    assert scalings(built) == executed.multiplied


def test_a_net_without_blocks_scales_nothing():
    assert scalings(architecture("cifar_resnet20", {"block": "none"})) == 0


def test_resnet_50_by_hand():
    """Three units at 56 x 56 x 256, four at 28 x 28 x 512, six at 14 x 14 x 1024, three at 7 x 7 x 2048."""
    maps = 3 * 56 * 56 * 256 + 4 * 28 * 28 * 512 + 6 * 14 * 14 * 1024 + 3 * 7 * 7 * 2048
    built = architecture("resnet50", {}, size=224, classes=1000, stride_in="1x1")
    assert additions(built) == scalings(built) == maps == 5_519_360
    assert round((count(built).macs + 2 * maps) / 1e9, 2) == 3.87
