"""Inception-ResNet-v2: Szegedy et al., "Inception-v4, Inception-ResNet and the Impact of Residual Connections on
Learning", arXiv 1602.07261, Figures 15-19 and Section 3.3 (scaling of the residuals).

The stem of Inception-v3, then three stages: a module that concatenates its branches and sets the channels (320, 1088,
2080; in stages 2 and 3 it halves the resolution), followed by 10, 20 and 10 residual units. A unit's branch
concatenates convolutions and ends in a 1x1 with bias and without BatchNorm or ReLU; it is scaled by 0.17, 0.10 and
0.20 before it is added, ReLU after. The very last unit has neither scale nor ReLU. A 1x1 convolution to 1536
channels closes the net. As TF-slim's and timm's ``inception_resnet_v2`` (55,843,464 parameters), whose widths differ
from the paper's figures in places; timm's classifier has no dropout, nor has ours.

Places: the 40 residual units, on the branch before it is scaled and added ("SE-Inception-ResNet ... similar schemes",
Hu et al., arXiv 1709.01507v4, Section 3.3), with all slots of a unit whose shortcut is the identity; none inside the
branch, whose convolutions lie side by side. The three modules without a shortcut carry no block: the paper's scheme
has no place for it there, and nothing printed decides (no parameters; 0.01 GFLOPs added, where 40 blocks add 0.020
and 43 would add 0.022). They are each stage's first module, and are not counted by ``every``.
Printed 11.75 GFLOPs at 299 pixels against 13.16 here: a known mismatch with the TF-slim net (FACTS.md section 3).

Departures: none from timm's. Images below 75 pixels would run out of positions: ``least_input``.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from torch import nn

from se_bench.nets.backbones.inception_v3 import LEAST_INPUT, STEM_CHANNELS, chain, conv, module_a, stem
from se_bench.nets.backbones.places import Place, Site
from se_bench.nets.backbones.residual import ResidualUnit, UnitShape
from se_bench.nets.backbones.staged import Parallel, StagedNet, relu

HEAD_CHANNELS = 1536


def _mixed_a(channels: int) -> Parallel:
    """As Inception-v3's, with a wider 1x1; averages are of the positions inside the map."""
    return module_a(channels, 64, one=96, count_padding=False)


def _reduction_a(channels: int) -> Parallel:
    """To maps of half the side: 384 + 384 channels beside the input's."""
    return Parallel(
        conv3x3=chain(channels, (384, 3, 2)),
        double3x3=chain(channels, (256, 1), (256, 3), (384, 3, 2)),
        pool=nn.MaxPool2d(3, 2),
    )


def _reduction_b(channels: int) -> Parallel:
    """To maps of half the side: 384 + 288 + 320 channels beside the input's."""
    return Parallel(
        conv3x3=chain(channels, (256, 1), (384, 3, 2)),
        other3x3=chain(channels, (256, 1), (288, 3, 2)),
        double3x3=chain(channels, (256, 1), (288, 3), (320, 3, 2)),
        pool=nn.MaxPool2d(3, 2),
    )


def _branches_a(channels: int) -> Parallel:
    return Parallel(
        conv1x1=chain(channels, (32, 1)),
        conv3x3=chain(channels, (32, 1), (32, 3)),
        double3x3=chain(channels, (32, 1), (48, 3), (64, 3)),
    )


def _branches_b(channels: int) -> Parallel:
    return Parallel(
        conv1x1=chain(channels, (192, 1)),
        conv7x7=chain(channels, (128, 1), (160, (1, 7)), (192, (7, 1))),
    )


def _branches_c(channels: int) -> Parallel:
    return Parallel(
        conv1x1=chain(channels, (192, 1)),
        conv3x3=chain(channels, (192, 1), (224, (1, 3)), (256, (3, 1))),
    )


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What one stage is made of."""

    channels: int
    """Of the mixed module's output, and so of each unit."""
    units: int
    scale: float
    mixed: Callable[[int], Parallel]
    """The module in front, from the channels of its input."""
    branches: Callable[[int], Parallel]
    """Those of a unit, from its channels."""
    concatenated: int
    """Their channels together."""


STAGES = (
    Stage(channels=320, units=10, scale=0.17, mixed=_mixed_a, branches=_branches_a, concatenated=128),
    Stage(channels=1088, units=20, scale=0.10, mixed=_reduction_a, branches=_branches_b, concatenated=384),
    Stage(channels=2080, units=10, scale=0.20, mixed=_reduction_b, branches=_branches_c, concatenated=448),
)


class InceptionResNetV2:
    """The registered backbone."""

    defaults: Mapping[str, Any] = {}
    allowed: Mapping[str, tuple[Any, ...]] = {}
    least_input = LEAST_INPUT

    def places(self, options: Mapping[str, Any]) -> tuple[Place, ...]:
        """Every residual unit, numbered from the first one of its stage."""
        # As modules of their stage they are numbered from 1, behind the mixed module.
        return tuple(
            replace(_shape(number, stage, index + 1).place(), index=index)
            for number, stage in enumerate(STAGES, start=1)
            for index in range(stage.units)
        )

    def build(
        self,
        options: Mapping[str, Any],
        input_shape: tuple[int, int, int],
        classes: int,
        blocks: Mapping[str, Site],
    ) -> nn.Module:
        """The module with the given blocks in their places."""
        channels = STEM_CHANNELS
        stages = []
        for number, stage in enumerate(STAGES, start=1):
            modules: list[nn.Module] = [stage.mixed(channels)]
            for module in range(1, stage.units + 1):
                site = blocks.get(_shape(number, stage, module).unit)
                modules.append(_unit(stage, site, last=(number, module) == (len(STAGES), stage.units)))
            stages.append(modules)
            channels = stage.channels
        return StagedNet(
            stem=stem(input_shape[0]),
            stages=stages,
            head=conv(channels, HEAD_CHANNELS, 1),
            classifier=nn.Linear(HEAD_CHANNELS, classes),
        )


def _shape(number: int, stage: Stage, module: int) -> UnitShape:
    return UnitShape(stage=number, index=module, in_channels=stage.channels, out_channels=stage.channels, stride=1)


def _unit(stage: Stage, site: Site | None, *, last: bool) -> ResidualUnit:
    project = nn.Conv2d(stage.concatenated, stage.channels, 1)
    return ResidualUnit(
        nn.Sequential(OrderedDict(branches=stage.branches(stage.channels), project=project)),
        nn.Identity(),
        site,
        activation=None if last else relu(),
        scale=1.0 if last else stage.scale,
    )


inception_resnet_v2 = InceptionResNetV2()
