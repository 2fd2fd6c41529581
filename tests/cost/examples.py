"""Architectures for the tests of costs."""

from se_bench.config.axes import Axes
from se_bench.config.setting import BackboneChoice
from se_bench.nets.build import resolve


def architecture(depth=8, side=16, *, channels=3, classes=10, **axes):
    choice = BackboneChoice(name=f"cifar_resnet{depth}")
    return resolve(choice, Axes(**axes), (channels, side, side), classes)
