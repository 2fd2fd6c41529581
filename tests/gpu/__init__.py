"""What only a GPU can show. Skipped where there is none; `make test-gpu` runs these and their like elsewhere."""

from dataclasses import dataclass

import pytest
import torch

from se_bench.device import Device

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")


@dataclass(frozen=True)
class StepByStep(Device):
    """A GPU whose kernels are launched one by one."""

    type: str = "cuda"

    def record(self, work, *inputs):
        """Nothing is recorded."""
