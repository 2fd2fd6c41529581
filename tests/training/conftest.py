"""Trials run as in a worker: one thread, deterministic algorithms. The process is left as it was."""

import pytest
import torch

from se_bench.training.numerics import make_deterministic


@pytest.fixture(autouse=True, scope="module")
def deterministic():
    threads, algorithms = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    memory = torch.utils.deterministic.fill_uninitialized_memory
    make_deterministic()
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(algorithms)
    torch.utils.deterministic.fill_uninitialized_memory = memory
