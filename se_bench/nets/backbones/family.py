"""What families of residual nets share: each residual unit is a place; a net is stem, units, head, classifier."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from torch import nn

from se_bench.nets.backbones.places import Place, Site
from se_bench.nets.backbones.residual import UnitShape
from se_bench.nets.backbones.staged import StagedNet, in_stages


class ResidualFamily(ABC):
    """A backbone of residual units with an option ``width``."""

    @abstractmethod
    def shapes(self, width: int) -> list[UnitShape]:
        """Every residual unit, from input to output."""

    @abstractmethod
    def stem(self, channels: int, options: Mapping[str, Any]) -> nn.Module:
        """What comes before the first unit, on images of so many channels."""

    @abstractmethod
    def unit(self, shape: UnitShape, options: Mapping[str, Any], site: Site | None) -> nn.Module:
        """One residual unit, with its block."""

    def head(self, channels: int) -> nn.Module | None:
        """What comes between the last unit, of so many channels, and the pooling."""
        return None

    def classifier(self, channels: int, classes: int) -> nn.Module:
        """What comes after the pooling: one linear layer."""
        return nn.Linear(channels, classes)

    def places(self, options: Mapping[str, Any]) -> tuple[Place, ...]:
        """Every residual unit."""
        return tuple(shape.place() for shape in self.shapes(options["width"]))

    def build(
        self,
        options: Mapping[str, Any],
        input_shape: tuple[int, int, int],
        classes: int,
        blocks: Mapping[str, Site],
    ) -> nn.Module:
        """The module with the given blocks in their places."""
        shapes = self.shapes(options["width"])
        last = shapes[-1].out_channels
        return StagedNet(
            stem=self.stem(input_shape[0], options),
            stages=in_stages(shapes, lambda shape: self.unit(shape, options, blocks.get(shape.unit))),
            head=self.head(last),
            classifier=self.classifier(last, classes),
        )
