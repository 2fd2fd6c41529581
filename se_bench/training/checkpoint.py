"""Checkpoints: what a trial needs to go on after its last epoch, one file a trial in progress.

No random generator is part of it: every epoch draws from named streams of the seed (see ``seeds``), so none
is alive between epochs. A file is replaced in one step and is loaded as weights only, so it can neither be
half-written nor run code. One that cannot be read, or is of another torch, counts as none: it costs time only.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import shutil
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from se_bench.records import Epoch
from se_bench.training.optimiser import SGD

_FORMAT = 2
_SUFFIX = ".checkpoint"
MOST_BYTES = 8 * 1024**3
"""Of all checkpoints together; the oldest go first. Trials in progress need one each, stopped ones keep theirs."""


@dataclass(frozen=True)
class Checkpoint:
    """A trial after some epochs."""

    epochs: tuple[Epoch, ...]
    """Its records so far, from the first."""
    net: dict[str, Any]
    optimiser: dict[str, Any]


@dataclass(frozen=True)
class Checkpoints:
    """The folder that checkpoints are kept in; it is made when the first is written."""

    folder: Path
    most_bytes: int = MOST_BYTES

    def save(self, trial_id: str, epochs: Sequence[Epoch], net: nn.Module, optimiser: SGD) -> None:
        """Replace the trial's checkpoint. Where it cannot be written, training goes on without, with a warning."""
        content = io.BytesIO()
        state = {"format": _FORMAT, "torch": str(torch.__version__), "trial_id": trial_id}
        tensors = {"net": net.state_dict(), "optimiser": optimiser.state_dict()}
        torch.save({**state, **tensors, "epochs": [asdict(epoch) for epoch in epochs]}, content)
        path = self._path(trial_id)
        written = path.with_suffix(f".{os.getpid()}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._make_room(content.tell(), path)
            written.write_bytes(content.getbuffer())
            written.replace(path)
        except OSError as problem:
            with contextlib.suppress(OSError):
                written.unlink(missing_ok=True)
            warnings.warn(f"no checkpoint of trial {trial_id}: {problem}", stacklevel=2)

    def load(self, trial_id: str) -> Checkpoint | None:
        """The trial's checkpoint, if there is one that this version of torch wrote."""
        try:
            found = torch.load(self._path(trial_id), map_location="cpu", weights_only=True)
            if (found["format"], found["torch"], found["trial_id"]) != (_FORMAT, str(torch.__version__), trial_id):
                return None
            epochs = tuple(Epoch(**_with_tuples(each)) for each in found["epochs"])
        except (OSError, RuntimeError, EOFError, KeyError, TypeError, ValueError, pickle.UnpicklingError):
            return None
        return Checkpoint(epochs, found["net"], found["optimiser"])

    def remove(self, trial_id: str) -> None:
        """Remove the trial's checkpoint, where there is one."""
        with contextlib.suppress(OSError):
            self._path(trial_id).unlink(missing_ok=True)

    def hand_over(self, trial_id: str, to: Checkpoints) -> None:
        """Move the trial's checkpoint, where there is one and it can be moved, to another folder."""
        own, new = self._path(trial_id), to._path(trial_id)
        with contextlib.suppress(OSError):
            to.folder.mkdir(parents=True, exist_ok=True)
            to._make_room(own.stat().st_size, new)
            shutil.move(own, new)

    def trials(self) -> list[str]:
        """The trials that have one."""
        return sorted(path.name.removesuffix(_SUFFIX) for path in self.folder.glob(f"*{_SUFFIX}"))

    def _path(self, trial_id: str) -> Path:
        return self.folder / f"{trial_id}{_SUFFIX}"

    def _make_room(self, size: int, own: Path) -> None:
        others = []
        for path in self.folder.iterdir():
            with contextlib.suppress(FileNotFoundError):  # another worker's, just replaced or removed
                found = path.stat()
                if path != own:
                    others.append((found.st_mtime, found.st_size, path))
        left = self.most_bytes - size - sum(bytes_ for _, bytes_, _ in others)
        for _, bytes_, path in sorted(others):
            if left >= 0:
                return
            path.unlink(missing_ok=True)
            left += bytes_


def _with_tuples(epoch: dict[str, Any]) -> dict[str, Any]:
    return {**epoch, "gradient_norms": tuple(epoch["gradient_norms"])}
