"""What makes the same trial give bitwise the same numbers, and the version of those numbers."""

from __future__ import annotations

import os

import torch

from se_bench.device import Device

NUMERICS_VERSION = 4
"""Part of every trial's identity. Raise it when a change of code changes the numbers of a trained trial.

2: accuracy and loss on the validation split are among the numbers; evaluation in batches of 256.
3: gradients of pooling and of shortcuts without parameters keep the layout of their maps: the same sums in another
order, seen in the last bits of MobileNet and Inception nets, not of ResNets.
4: on GPUs float32 is IEEE single precision, where convolutions were in TF32, and nets in float32 have channels first.
Numbers of CPUs are those of version 3.
"""


def make_deterministic() -> None:
    """One thread, and only algorithms that repeat: call once in a process, before its first training."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS repeats only with a fixed workspace
    if torch.get_num_threads() != 1:
        torch.set_num_threads(1)
    torch.set_deterministic_debug_mode("error")  # use_deterministic_algorithms does this, and imports the compiler
    torch.backends.cudnn.benchmark = False
    Device.best().be_exact()
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined] # costs a write
