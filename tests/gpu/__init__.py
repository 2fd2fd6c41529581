"""What only a GPU can show. Skipped where there is none; `make test-gpu` runs these and their like elsewhere."""

import pytest
import torch

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
