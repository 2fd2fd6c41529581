"""A small study of real trials, a fifth of a second each, and the process as it was found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from se_bench.config.load import load_study
from se_bench.search.plan import Plan, make_plan

SMALL = (
    "dataset.train_images=256",
    "dataset.test_images=128",
    "recipe.epochs=2",
    "recipe.learning_rate=0.02",
)


@pytest.fixture(scope="session")
def small_plan() -> Plan:
    """`reduction_ratio` with two seeds on few images."""
    return make_plan(load_study("reduction_ratio", overrides=SMALL, seeds=2))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the studies of a module are written."""
    return tmp_path_factory.mktemp("studies")


@pytest.fixture(autouse=True, scope="module")
def torch_as_found() -> Iterator[None]:
    """A trial in this process sets torch to one thread and repeatable algorithms."""
    threads, algorithms = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    memory, benchmark = (
        torch.utils.deterministic.fill_uninitialized_memory,
        torch.backends.cudnn.benchmark,
    )
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(algorithms)
    torch.utils.deterministic.fill_uninitialized_memory = memory
    torch.backends.cudnn.benchmark = benchmark
