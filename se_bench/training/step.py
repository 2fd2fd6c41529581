"""One step's forward and backward pass. A GPU has it recorded after a few steps and replays it from then on.

Launching a small net's kernels one by one takes a GPU longer than computing them. A replay launches the same kernels
at once, so the numbers are the same to the last bit.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from se_bench.config.setting import Recipe
from se_bench.data.batches import Batch
from se_bench.device import Device, Recording

_STEPS_BEFORE = 3
"""Steps before the recorded one, in which libraries choose their kernels and take their memory."""


class Step:
    """Forward and backward passes of ``net``, in training mode, as ``recipe`` says."""

    def __init__(self, net: nn.Module, recipe: Recipe, device: Device) -> None:
        self._net = net
        self._recipe = recipe
        self._device = device
        self._parameters = tuple(net.parameters())
        self._done = 0
        self._can_be_recorded = False
        self._recording: Recording | None = None
        self._gradients: tuple[Tensor | None, ...] = ()

    def __call__(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Set the gradients of one batch, which must be none before; its mean loss and logits ``(B, classes)``.

        All batches have the same shape. Gradients, loss and logits are good until the next call.
        """
        self._done += 1
        if self._done <= _STEPS_BEFORE:
            with self._device.beside() as watch:
                found = self._compute(*batch)
            self._can_be_recorded = not watch.waited
            return found
        if self._done == _STEPS_BEFORE + 1 and self._can_be_recorded:
            self._record(batch)
        if self._recording is None:
            return self._compute(*batch)
        loss, logits = self._recording.replay(*batch)
        for parameter, gradient in zip(self._parameters, self._gradients, strict=True):
            parameter.grad = gradient
        return loss, logits

    def _record(self, batch: Batch) -> None:
        self._recording = self._device.record(self._compute, *batch)
        if self._recording:
            self._gradients = tuple(parameter.grad for parameter in self._parameters)
        self._net.zero_grad()  # a recording that failed may have got so far

    @property
    def is_recorded(self) -> bool:
        """Whether steps are replayed by now."""
        return self._recording is not None

    def _compute(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        with self._device.autocast(self._recipe.precision):
            logits: Tensor = self._net(x)
        loss = F.cross_entropy(logits.float(), y, label_smoothing=self._recipe.label_smoothing)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.detach(), logits.detach()
