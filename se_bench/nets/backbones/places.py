"""Where a block may sit: the places of a backbone, and the slots of a place.

A *place* is a unit of the network; a *slot* is a point in it. Slots are what is built and so part of an
architecture's identity; the axes ``integration``, ``pre_scope``, ``identity_side`` and ``inner_position`` spell
them. With x the unit's input, F its branch, W its shortcut and s the block:

standard          ``y = relu(s(F(x)) + W(x))``      Hu et al., arXiv 1709.01507v4, Figure 3
pre               ``y = relu(F(s(x)) + W(x))``      Section 6.5; the shortcut does not see the block
pre_unit          ``y = relu(F(s(x)) + W(s(x)))``   the other reading of the same sentence
post              ``y = s(relu(F(x) + W(x)))``      after the summation and its ReLU
identity          ``y = relu(F(x) + s(W(x)))``      on the shortcut, after its projection
identity_before   ``y = relu(F(x) + W(s(x)))``      before its projection
inner_3x3         inside F, after the ReLU of its 3x3 convolution
inner_3x3_norm    after that convolution's BatchNorm
inner_3x3_conv    right after the convolution

What the paper leaves open (FACTS.md, section 1) has the first of its readings as the default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from torch import nn

from se_bench.config.axes import Axes

SLOTS = (
    "standard",
    "pre",
    "pre_unit",
    "post",
    "identity",
    "identity_before",
    "inner_3x3",
    "inner_3x3_norm",
    "inner_3x3_conv",
)

Site: TypeAlias = tuple[str, nn.Module]
"""A slot and the block in it."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """One unit of a backbone that can carry a block."""

    unit: str
    """The unit's module name, such as ``stage1.0``; the prefix of its parameters' names."""
    stage: int
    """Counted from 1."""
    index: int
    """The unit's number in its stage, counted from 0."""
    channels: Mapping[str, int]
    """For each slot that this unit offers, the channels that the block would see."""
    same: Mapping[str, str] = field(default_factory=dict)
    """Slots that are the same point of this unit as another, and are known by its name: the net is one candidate."""


class Backbone(Protocol):
    """A registered backbone."""

    defaults: Mapping[str, Any]
    """Its options with their default values."""
    allowed: Mapping[str, tuple[Any, ...] | range]
    """The values of each option."""

    def places(self, options: Mapping[str, Any]) -> tuple[Place, ...]:
        """Every unit that can carry a block, from input to output."""

    def build(
        self,
        options: Mapping[str, Any],
        input_shape: tuple[int, int, int],
        classes: int,
        blocks: Mapping[str, Site],
    ) -> nn.Module:
        """The module, with the blocks in their places; ``blocks`` is by unit."""


def slot(axes: Axes, place: Place) -> str | None:
    """The slot that the axes spell, by the name that it has in this place; None where it has no such slot."""
    name: str = axes.integration
    if name == "pre" and axes.pre_scope == "unit":
        name = "pre_unit"
    elif name == "identity" and axes.identity_side == "before":
        name = "identity_before"
    elif name == "inner_3x3" and axes.inner_position != "relu":
        name = f"inner_3x3_{axes.inner_position}"
    name = place.same.get(name, name)
    return name if name in place.channels else None
