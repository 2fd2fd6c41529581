"""Where a run happens: versions, processor, accelerators. Never environment variables or host names."""

from __future__ import annotations

import math
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

import se_bench
from se_bench.device import gpu_count, gpu_names, processor
from se_bench.search.process import cores

PACKAGES = ("torch", "torchvision", "numpy", "ray", "optuna", "fvcore", "scikit-learn", "scipy", "sqlalchemy")

_SHARES = 10_000  # Ray counts shares of a GPU in ten-thousandths; rounded up, the last would not fit


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
        "gpus": gpu_names(),
        "cuda": torch.version.cuda if gpu_count() else None,
        "threads_per_trial": 1,
        "slots": slots,
        "gpus_per_trial": gpus_per_trial,
    }


def resources(slots: int | None, gpus_per_trial: float | None, *, elsewhere: bool = False) -> tuple[int, float]:
    """How many trials run at once, and the share of a GPU that each gets.

    ``elsewhere`` is a cluster whose processors and GPUs are not this machine's: what was asked for stands.
    """
    if elsewhere and (slots or gpus_per_trial):
        return slots or cores(), gpus_per_trial or 0.0
    return divide(gpu_count(), cores(), slots, gpus_per_trial)


def divide(gpus: int, cores: int, slots: int | None, gpus_per_trial: float | None) -> tuple[int, float]:
    """The slots of a machine and the share of a GPU each of them gets, from what was asked for.

    One trial a core where there is no GPU; else one a GPU, or as many as fractions of it allow. A trial is on
    one GPU, so two GPUs hold two trials at 0.6, not three.
    """
    if gpus == 0:
        return slots or cores, 0.0
    if gpus_per_trial is None:
        at_once = math.ceil((slots or gpus) / gpus)
        gpus_per_trial = math.floor(_SHARES / at_once) / _SHARES
    else:
        gpus_per_trial = max(1, math.floor(gpus_per_trial * _SHARES + 1e-6)) / _SHARES
    most = gpus * max(1, math.floor(1 / gpus_per_trial + 1e-9))
    return min(slots or most, most), gpus_per_trial


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
