"""Gradient norms by stage: whether gradients shrink on their way to the input (claim C3 of the report)."""

from __future__ import annotations

import re

import torch
from torch import Tensor, nn

EVERY = 8
"""Steps between two measurements; a norm a step would cost more than 1 % of a small net's training."""


class StageNorms:
    """The L2 norm of each stage's parameter gradients, averaged over every 8th step of an epoch.

    A stage is a child of the net named ``stage1``, ``stage2``, ...; blocks count with their stage.
    """

    def __init__(self, net: nn.Module) -> None:
        stages = sorted(
            (int(match[1]), child)
            for name, child in net.named_children()
            if (match := re.fullmatch(r"stage(\d+)", name))
        )
        self._parameters = [list(child.parameters()) for _, child in stages]
        self.reset()

    def reset(self) -> None:
        """Start an epoch."""
        self._calls = 0
        self._sums: list[Tensor] = []

    def add(self) -> None:
        """Take this step's gradients into account, if it is its turn."""
        if self._calls % EVERY == 0:
            norms = [
                torch.nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None], foreach=True)
                for parameters in self._parameters
            ]
            self._sums = [a + b for a, b in zip(self._sums, norms, strict=True)] if self._sums else norms
        self._calls += 1

    def means(self) -> tuple[float, ...]:
        """The mean norm of each stage since :meth:`reset`, first stage first."""
        measured = -(-self._calls // EVERY)
        return tuple(total.item() / measured for total in self._sums)
