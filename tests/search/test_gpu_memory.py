"""How many trials share a GPU. What is measured on one needs one; the rest does not."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from se_bench.search.gpu_memory import RESERVE, measure, measured_share, share_of
from se_bench.search.plan import Plan
from tests.gpu import needs_gpu

sizes = st.integers(1, 10**12)


@given(used=sizes, total=sizes, cores=st.integers(0, 256))
def test_as_many_as_memory_and_cores_allow(used: int, total: int, cores: int) -> None:
    share = share_of(used, total, cores=cores)
    trials = round(1 / share)
    assert share == 1 / trials
    assert trials == 1 or trials <= cores
    assert trials == 1 or trials * used * (1 + RESERVE) <= total * (1 + 1e-9)
    assert trials >= cores or (trials + 1) * used * (1 + RESERVE) > total * (1 - 1e-9)


def test_eight_trials_of_two_gigabytes_share_a_large_one() -> None:
    assert share_of(2 * 10**9, 18 * 10**9, cores=16) == 1 / 8
    assert share_of(2 * 10**9, 18 * 10**9, cores=4) == 1 / 4


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_without_a_gpu_nothing_is_shared(small_plan: Plan) -> None:
    assert measure(small_plan.trials[0]) is None
    assert measured_share(small_plan.trials, small_plan.candidates) == 1.0


@needs_gpu
def test_small_trials_share_a_gpu(small_plan: Plan) -> None:
    assert 0 < measured_share(small_plan.trials, small_plan.candidates) <= 0.5


def test_of_no_trials_each_has_a_gpu() -> None:
    assert measured_share([], []) == 1.0
