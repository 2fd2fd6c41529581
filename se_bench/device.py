"""The one interface to hardware: CPU and CUDA differ only behind it."""

from __future__ import annotations

import platform
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

_CONTEXT_BYTES = 600 * 1024**2
"""What CUDA and its libraries take of a GPU in each process beside PyTorch's own memory; 300 to 500 MiB are usual."""


@dataclass(frozen=True)
class Device:
    """Where a trial is trained."""

    type: str
    """``cpu`` or ``cuda``."""

    @classmethod
    def best(cls) -> Device:
        """A visible GPU, else the CPU. Ray shows a worker only the GPU that it was given."""
        return cls("cuda" if torch.cuda.is_available() else "cpu")

    @property
    def name(self) -> str:
        """What the maker calls it."""
        return torch.cuda.get_device_name() if self.type == "cuda" else processor()

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

    @property
    def memory_bytes(self) -> int | None:
        """All of a GPU's memory; None on the CPU."""
        return torch.cuda.get_device_properties().total_memory if self.type == "cuda" else None

    @property
    def most_used_bytes(self) -> int | None:
        """The most of a GPU's memory that this process has held so far, its context included; None on the CPU."""
        return torch.cuda.max_memory_reserved() + _CONTEXT_BYTES if self.type == "cuda" else None

    def release_memory(self) -> None:
        """Give cached memory back, so that another process can have it."""
        if self.type == "cuda":
            torch.cuda.empty_cache()


def is_out_of_memory(problem: BaseException) -> bool:
    """Whether ``problem`` says that memory, of a GPU or the machine, did not suffice."""
    if isinstance(problem, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(problem, RuntimeError) and "DefaultCPUAllocator" in str(problem)


def processor() -> str:
    """The CPU's model, or its architecture where the system does not tell."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
