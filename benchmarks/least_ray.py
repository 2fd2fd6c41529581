"""The least that trains with Ray Tune, as its documentation shows: imports, Ray, a worker process, its first step.

The file that is named gets the clock's time after each trial's first step.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import ray
import torch
from ray import tune


class Least(tune.Trainable):
    """One step of one convolution."""

    def setup(self, config: dict[str, Any]) -> None:
        self._file = config["file"]
        self._net = torch.nn.Conv2d(1, 8, 3)

    def step(self) -> dict[str, Any]:
        self._net(torch.zeros(1, 1, 8, 8)).sum().backward()
        with Path(self._file).open("a", encoding="utf-8") as file:
            file.write(f"{time.time()}\n")
        return {"done": True}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="se-bench-") as folder:
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="CRITICAL")
        tune.Tuner(
            tune.with_resources(Least, {"cpu": 1}),
            param_space={"file": sys.argv[1]},
            tune_config=tune.TuneConfig(num_samples=2),
            run_config=tune.RunConfig(storage_path=folder, verbose=0),
        ).fit()


if __name__ == "__main__":
    main()
