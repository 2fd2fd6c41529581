"""Final weights in a folder, one file a trial, so that a second look at a trained net trains nothing.

A memory that may be lost at any time: a file that is missing, damaged or of another net is as good as none, and the
least recently used ones go where the folder grows beyond its limit. Whoever uses weights checks what they classify.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import tempfile
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

LIMIT_BYTES = 1 << 30


@dataclass(frozen=True)
class WeightCache:
    """The weights in ``folder``, which is made when there is something to keep."""

    folder: Path
    limit_bytes: int = LIMIT_BYTES

    def has(self, trial_id: str) -> bool:
        """Whether there is a file for this trial."""
        return self._file(trial_id).is_file()

    def load(self, trial_id: str, net: nn.Module) -> bool:
        """Put the trial's weights into ``net``, in place; False, and nothing changed, where there are none that fit."""
        file = self._file(trial_id)
        try:
            state = torch.load(file, map_location="cpu", weights_only=True)
            own = net.state_dict()
            if {name: value.shape for name, value in state.items()} != {name: own[name].shape for name in own}:
                return False
            net.load_state_dict(state)
            os.utime(file)
        except (OSError, EOFError, RuntimeError, ValueError, AttributeError, pickle.UnpicklingError):
            return False
        return True

    def keep(self, trial_id: str, net: nn.Module) -> None:
        """Keep the weights of ``net``, whole or not at all; a folder that cannot be written keeps nothing."""
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, partial = tempfile.mkstemp(dir=self.folder, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    torch.save({name: value.cpu() for name, value in net.state_dict().items()}, file)
                Path(partial).replace(self._file(trial_id))
            finally:
                Path(partial).unlink(missing_ok=True)
            self._forget_the_oldest()

    def _file(self, trial_id: str) -> Path:
        return self.folder / f"{trial_id}.pt"

    def _forget_the_oldest(self) -> None:
        files = {file: file.stat() for file in self.folder.glob("*.pt")}
        total = sum(stat.st_size for stat in files.values())
        for file in sorted(files, key=lambda each: files[each].st_mtime_ns):
            if total <= self.limit_bytes:
                return
            file.unlink(missing_ok=True)
            total -= files[file].st_size
