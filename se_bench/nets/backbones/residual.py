"""The residual unit: branch, shortcut, and at most one block in one of its slots (see ``places``).

All residual families build their units here, so a new slot is one line in :meth:`ResidualUnit.forward`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from se_bench.nets.backbones.places import Place, Site


class ResidualUnit(nn.Module):
    """``(N, C_in, H, W) -> (N, C_out, H', W')``: ``activation(join(shortcut(x), scale · branch(x)))``.

    Args:
        branch: F. Where it has a 3x3 convolution with a slot, it is a Sequential with named children.
        shortcut: W; ``nn.Identity`` where shapes agree.
        site: the slot and the block in it, or None.
        activation: after the join; None for a linear unit.
        preactivation: normalisation and ReLU in front of the branch (He et al., arXiv 1603.05027), whose output the
            shortcut takes too if ``shared_preactivation``. The slot ``pre`` is behind it.
        inner: names of the branch's children that ``inner_3x3_conv``, ``_norm`` and ``inner_3x3`` come after.
        scale: the branch's factor (Inception-ResNet).
        join: ``add``, or ``concat``: the shortcut's channels, then the branch's (ShuffleNet).
    """

    def __init__(
        self,
        branch: nn.Module,
        shortcut: nn.Module,
        site: Site | None = None,
        *,
        activation: nn.Module | None = None,
        preactivation: nn.Module | None = None,
        shared_preactivation: bool = False,
        inner: tuple[str, str, str] | None = None,
        scale: float = 1.0,
        join: Literal["add", "concat"] = "add",
    ) -> None:
        super().__init__()
        self.preactivation = preactivation
        self.shared_preactivation = shared_preactivation
        self.branch = branch
        self.shortcut = shortcut
        self.activation = activation
        self.scale = scale
        self.join = join
        self.slot: str | None = site[0] if site else None
        self.block: nn.Module | None = site[1] if site else None
        self.inner_after = _inner_child(self.slot, inner)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the unit."""
        x = self._in("pre_unit", x)
        entering = self.preactivation(x) if self.preactivation is not None else x
        skip = entering if self.shared_preactivation else x
        out = self._branch(self._in("pre", entering))
        out = self._in("standard", out)
        skip = self._in("identity", self.shortcut(self._in("identity_before", skip)))
        if self.join == "concat":
            out = torch.cat([skip, out], dim=1)
        elif self.scale != 1.0:
            out = skip + self.scale * out
        else:
            out = out + skip
        if self.activation is not None:
            out = self.activation(out)
        return self._in("post", out)

    def _in(self, slot: str, x: Tensor) -> Tensor:
        return self.block(x) if self.slot == slot and self.block is not None else x

    def _branch(self, x: Tensor) -> Tensor:
        if self.inner_after is None or self.block is None:
            out: Tensor = self.branch(x)
            return out
        for name, layer in self.branch.named_children():
            x = layer(x)
            if name == self.inner_after:
                x = self.block(x)
        return x


def _inner_child(slot: str | None, inner: tuple[str, str, str] | None) -> str | None:
    if slot is None or not slot.startswith("inner_3x3"):
        return None
    if inner is None:
        raise ValueError(f"this unit has no slot {slot!r}")
    return dict(zip(("inner_3x3_conv", "inner_3x3_norm", "inner_3x3"), inner, strict=True))[slot]


@dataclass(frozen=True, kw_only=True)
class UnitShape:
    """What a residual family must say of a unit for its places to be known."""

    stage: int
    index: int
    in_channels: int
    out_channels: int
    stride: int
    inner_channels: int | None = None
    """Channels of the branch's 3x3 convolution, where a block may sit behind it."""

    @property
    def unit(self) -> str:
        """The unit's module name."""
        return f"stage{self.stage}.{self.index}"

    @property
    def changes_shape(self) -> bool:
        """Whether the shortcut cannot be the identity."""
        return self.stride != 1 or self.in_channels != self.out_channels

    def place(self) -> Place:
        """The slots that a residual unit of this shape offers."""
        channels = {
            "standard": self.out_channels,
            "pre": self.in_channels,
            "pre_unit": self.in_channels,
            "post": self.out_channels,
            "identity": self.out_channels,
        }
        if self.changes_shape:
            channels["identity_before"] = self.in_channels
        if self.inner_channels is not None:
            channels |= dict.fromkeys(("inner_3x3", "inner_3x3_norm", "inner_3x3_conv"), self.inner_channels)
        same = {} if self.changes_shape else {"identity_before": "identity"}
        return Place(unit=self.unit, stage=self.stage, index=self.index, channels=channels, same=same)


class ZeroPadShortcut(nn.Module):
    """Shortcut option A of He et al. (arXiv 1512.03385, Section 4.2): no parameters.

    Takes every ``stride``-th position and appends channels of zeros:
    ``(N, C_in, H, W) -> (N, C_out, ceil(H / stride), ceil(W / stride))``.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.extra_channels = out_channels - in_channels

    def forward(self, x: Tensor) -> Tensor:
        """Subsample and pad, with the channels last as in memory: so is the gradient then, and all that it meets."""
        kept = x.permute(0, 2, 3, 1)[:, :: self.stride, :: self.stride]
        return F.pad(kept, (0, self.extra_channels)).permute(0, 3, 1, 2)


def zero_pad_shortcut(shape: UnitShape) -> nn.Module:
    """Option A, or the identity where shapes agree."""
    if not shape.changes_shape:
        return nn.Identity()
    return ZeroPadShortcut(shape.in_channels, shape.out_channels, shape.stride)


def projection_shortcut(shape: UnitShape, *, norm: bool = True) -> nn.Module:
    """Option B: a 1x1 convolution (with BatchNorm unless pre-activated), or the identity where shapes agree."""
    if not shape.changes_shape:
        return nn.Identity()
    conv = nn.Conv2d(shape.in_channels, shape.out_channels, 1, stride=shape.stride, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(shape.out_channels)) if norm else conv
