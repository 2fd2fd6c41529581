"""Stochastic gradient descent with momentum (Sutskever et al., 2013), by torch's functional form.

``torch.optim.SGD`` does the same to the last bit, but imports torch's compiler at its first step: 900 modules, more
than a second in every worker process.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.sgd import sgd

from se_bench.config.setting import Recipe


class SGD:
    """A recipe's optimiser over ``parameters``."""

    def __init__(self, parameters: Iterable[nn.Parameter], recipe: Recipe) -> None:
        self.learning_rate = recipe.learning_rate
        """Of the next step."""
        self._parameters = tuple(parameters)
        self._momentum: list[Tensor | None] = [None] * len(self._parameters)
        self._recipe = recipe

    @torch.no_grad()
    def step(self) -> None:
        """Update every parameter that has a gradient, and drop the gradients."""
        having = [place for place, parameter in enumerate(self._parameters) if parameter.grad is not None]
        momentum = [self._momentum[place] for place in having]
        sgd(
            [self._parameters[place] for place in having],
            [gradient for place in having if (gradient := self._parameters[place].grad) is not None],
            momentum,
            foreach=True,
            lr=self.learning_rate,
            momentum=self._recipe.momentum,
            nesterov=self._recipe.nesterov,
            weight_decay=self._recipe.weight_decay,
            dampening=0.0,
            maximize=False,
        )
        for place, buffer in zip(having, momentum, strict=True):
            self._momentum[place] = buffer
            self._parameters[place].grad = None

    def state_dict(self) -> dict[str, Any]:
        """What a later process needs to go on: a buffer a parameter, None before its first gradient."""
        return {"momentum": list(self._momentum)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there, on the parameters' own device and in their memory layout."""
        pairs = zip(self._parameters, state["momentum"], strict=True)
        self._momentum = [
            None if buffer is None else torch.empty_like(parameter).copy_(buffer) for parameter, buffer in pairs
        ]
