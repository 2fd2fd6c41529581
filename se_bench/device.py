"""The one interface to hardware: CPU and CUDA differ only behind it."""

from __future__ import annotations

import platform
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn

_CONTEXT_BYTES = 600 * 1024**2
"""What CUDA and its libraries take of a GPU in each process beside PyTorch's own memory; 300 to 500 MiB are usual."""

_failed: list[bool] = []
"""Not empty in a process in which a recording has failed: what PyTorch knows of memory is not what it was."""
_WAITED = "synchronizing CUDA operation"


@dataclass
class Watch:
    """What was seen of work."""

    waited: bool = False
    """Whether it waited for the GPU, as when a value is read on the CPU. Such work cannot be recorded."""


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

    def be_exact(self) -> None:
        """Have float32 be IEEE single precision, as on a CPU: PyTorch lets convolutions of a GPU round to TF32."""
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cuda.matmul.allow_tf32 = False

    def place(self, net: nn.Module, precision: str) -> nn.Module:
        """The net on this device, in the memory format that convolutions are fastest in; images may come in any.

        That is channels last, but for float32 on a GPU: cuDNN's kernels for channels last are made for half precision.
        """
        if (self.type, precision) == ("cuda", "float32"):
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

    def beside(self) -> AbstractContextManager[Watch]:
        """Where work is done that is to be recorded later: off the stream that all else uses, and watched."""
        return _beside() if self.type == "cuda" else nullcontext(Watch())

    def record(self, work: Callable[..., tuple[Tensor, ...]], *inputs: Tensor) -> Recording | None:
        """``work`` as one call of the GPU, to be replayed with inputs shaped like these; nothing is computed yet.

        ``work`` must have run ``beside`` before, without waiting for the GPU. None on the CPU, where memory does not
        suffice, and in a process in which a recording has failed.

        Raises RuntimeError where something in ``work`` cannot be recorded; no other recording is made in this process.
        """
        if self.type != "cuda" or _failed:
            return None
        held = tuple(torch.empty_like(each).copy_(each) for each in inputs)
        graph = torch.cuda.CUDAGraph()
        try:
            # The outer context is for a recording that fails: the inner one then leaves its own stream current.
            with (
                torch.cuda.stream(torch.cuda.current_stream()),
                torch.cuda.graph(graph, capture_error_mode="thread_local"),
            ):
                outputs = work(*held)
        except torch.OutOfMemoryError:
            return None
        except RuntimeError:
            _failed.append(True)
            raise
        return Recording(graph, held, outputs)

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
        if self.type == "cuda" and not _failed:
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
def _beside() -> Iterator[Watch]:
    """A stream of its own, which begins after what was queued before and ends before what comes after."""
    own, watch, mode = _own_stream(), Watch(), torch.cuda.get_sync_debug_mode()
    own.wait_stream(torch.cuda.current_stream())
    try:
        with warnings.catch_warnings(record=True) as said, torch.cuda.stream(own):
            warnings.simplefilter("always")
            torch.cuda.set_sync_debug_mode("warn")
            yield watch
        watch.waited = any(_WAITED in str(each.message) for each in said)
    finally:
        torch.cuda.set_sync_debug_mode(mode)
        torch.cuda.current_stream().wait_stream(own)


@cache
def _own_stream() -> torch.cuda.Stream:
    """One a process: what memory was used on one stream is not used again on another."""
    return torch.cuda.Stream()  # type: ignore[no-untyped-call]


def gpu_count() -> int:
    """How many GPUs this process sees; none of them is touched."""
    return torch.cuda.device_count()


def gpu_names() -> list[str]:
    """What their makers call them."""
    return [torch.cuda.get_device_name(index) for index in range(gpu_count())]


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
