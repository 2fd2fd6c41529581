"""The one interface to hardware: CPU and CUDA differ only behind it."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

_CHANNELS_FIRST = True
"""In float32 on a GPU: cuDNN's kernels for channels last are made for half precision."""
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

    def place(self, net: nn.Module, precision: str = "float32") -> nn.Module:
        """The net on this device, in the memory format that convolutions are fastest in; images may come in any."""
        if (self.type, precision) == ("cuda", "float32") and _CHANNELS_FIRST:
            net.register_forward_pre_hook(lambda _, given: (given[0].contiguous(), *given[1:]))
            return net.to(self.type)
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

    def beside(self) -> AbstractContextManager[None]:
        """Where work is done that is to be recorded next: CUDA wants it off the stream that all else uses."""
        return _beside() if self.type == "cuda" else nullcontext()

    def record(self, work: Callable[..., tuple[Tensor, ...]], *inputs: Tensor) -> Recording | None:
        """``work`` as one call of the GPU, to be replayed with inputs shaped like these; nothing is computed yet.

        ``work`` must have run ``beside`` before. None on the CPU, and where something in it cannot be recorded,
        as when it waits for the GPU or memory does not suffice.
        """
        if self.type != "cuda":
            return None
        self.release_memory()  # a recording has memory of its own
        held = tuple(torch.empty_like(each).copy_(each) for each in inputs)
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph, capture_error_mode="thread_local"):
                outputs = work(*held)
        except RuntimeError:
            return None
        return Recording(graph, held, outputs)

    @property
    def count(self) -> int:
        """How many of its kind this process sees; the CPU is one."""
        return torch.cuda.device_count() if self.type == "cuda" else 1

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


@dataclass(frozen=True)
class Recording:
    """Work of a GPU that is launched as a whole: for small nets, launching its parts takes longer than they do."""

    _graph: torch.cuda.CUDAGraph
    _inputs: tuple[Tensor, ...]
    _outputs: tuple[Tensor, ...]

    def replay(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """The outputs for these inputs. They lie where those of the replay before lay."""
        for held, given in zip(self._inputs, inputs, strict=True):
            held.copy_(given)
        self._graph.replay()
        return self._outputs


@contextmanager
def _beside() -> Iterator[None]:
    """A stream of its own, which begins after what was queued before and ends before what comes after."""
    own = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    own.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(own):
        yield
    torch.cuda.current_stream().wait_stream(own)


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
