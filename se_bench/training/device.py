"""The one interface between training and hardware: CPU and CUDA differ only behind it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Device:
    """Where a trial is trained."""

    type: str
    """``cpu`` or ``cuda``."""

    @classmethod
    def best(cls) -> Device:
        """A visible GPU, else the CPU. Ray shows a worker only the GPU that it was given."""
        return cls("cuda" if torch.cuda.is_available() else "cpu")

    def place(self, net: nn.Module) -> nn.Module:
        """The net on this device, in the memory format that convolutions are fastest in."""
        return net.to(self.type, memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]

    def move(self, tensor: Tensor) -> Tensor:
        """The tensor on this device."""
        return tensor.to(self.type, non_blocking=True)

    def autocast(self, precision: str) -> AbstractContextManager[None]:
        """The context of a forward pass in ``float32`` or ``bfloat16``."""
        if precision == "float32":
            return nullcontext()
        return torch.autocast(self.type, dtype=torch.bfloat16)

    def wait(self) -> None:
        """Return when all queued work is done, so that clocks mean what they say."""
        if self.type == "cuda":
            torch.cuda.synchronize()
