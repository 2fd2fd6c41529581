"""Measured times carry their circumstances, and mean what they say."""

from __future__ import annotations

import pytest
import torch

from se_bench.config.axes import Axes
from se_bench.config.setting import BackboneChoice
from se_bench.cost.latency import measure
from se_bench.nets.build import resolve


def architecture(backbone: str = "cifar_resnet8", **axes):
    return resolve(BackboneChoice(name=backbone), Axes(**axes), (3, 16, 16), 10)


def test_a_measurement_says_how_it_was_taken() -> None:
    forward, step = measure(architecture(), batch=3, threads=1, repeats=7, warmup=2)
    assert (forward.what, step.what) == ("forward", "train_step")
    for each in (forward, step):
        assert 0 < each.p50_ms <= each.p95_ms
        assert (each.batch, each.threads, each.repeats, each.warmup) == (3, 1, 7, 2)
        assert each.device.split(": ")[0] in ("cpu", "cuda")
        assert "perf_counter" in each.clock


def test_more_work_takes_longer() -> None:
    """A step costs more than a forward pass, a deep net more than a shallow one: by far, so that noise cannot tell."""
    shallow = measure(architecture(), batch=16, repeats=5)
    deep = measure(architecture("cifar_resnet110"), batch=16, repeats=5)
    assert deep[0].p50_ms > 2 * shallow[0].p50_ms
    assert deep[1].p50_ms > deep[0].p50_ms


@pytest.mark.parametrize("threads", [1, 2])
def test_the_process_keeps_its_threads(threads: int) -> None:
    before = torch.get_num_threads()
    measure(architecture(), batch=2, threads=threads, repeats=2, warmup=1)
    assert torch.get_num_threads() == before
