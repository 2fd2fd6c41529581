"""Where a run happens: versions, processor, accelerators. Never environment variables or host names."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

import se_bench
from se_bench.device import processor

PACKAGES = ("torch", "torchvision", "numpy", "ray", "fvcore", "scikit-learn", "scipy", "sqlalchemy")


def describe(*, slots: int, gpus_per_trial: float) -> dict[str, Any]:
    """What a reader must know of the machine to judge the numbers of a run."""
    return {
        "se_bench": se_bench.__version__,
        "git_commit": _git_commit(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": processor(),
        "cores": cores(),
        "gpus": [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())],
        "cuda": torch.version.cuda if torch.cuda.is_available() else None,
        "threads_per_trial": 1,
        "slots": slots,
        "gpus_per_trial": gpus_per_trial,
    }


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def resources(slots: int | None, gpus_per_trial: float | None) -> tuple[int, float]:
    """How many trials run at once, and the share of a GPU that each gets.

    One trial a core where there is no GPU; else one a GPU, or as many as fractions of it allow.
    """
    gpus = torch.cuda.device_count()
    if gpus == 0:
        return slots or cores(), 0.0
    if gpus_per_trial is None:
        gpus_per_trial = min(1.0, gpus / slots) if slots else 1.0
    return slots or max(1, int(gpus / gpus_per_trial)), gpus_per_trial


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _git_commit() -> str | None:
    """The commit of the checkout that this package runs from, with ``+`` where it has changes."""
    root = Path(se_bench.__file__).resolve().parent.parent
    if not (root / ".git").exists():
        return None
    try:
        commit, changes = (
            subprocess.run(
                ["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=10, check=True
            ).stdout.strip()
            for arguments in (["rev-parse", "HEAD"], ["status", "--porcelain"])
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return commit + ("+" if changes else "")
