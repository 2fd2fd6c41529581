"""Measured times carry their circumstances, and mean what they say."""

from __future__ import annotations

import pytest
import torch

from se_bench.config.axes import Axes
from se_bench.config.setting import BackboneChoice
from se_bench.cost.latency import PASSES, WARMUP, measure, measure_in_turns
from se_bench.nets.backbones.staged import StagedNet
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


def test_in_turns_each_architecture_has_a_value_a_round() -> None:
    found = measure_in_turns({"bare": architecture(block="none"), "se": architecture()}, rounds=3, batch=4)
    for times in (found.forward_ms, found.train_step_ms):
        assert list(times) == ["bare", "se"]
        assert all(len(values) == 3 and min(values) > 0 for values in times.values())
    assert (found.batch, found.threads) == (4, 1)
    assert found.device.split(": ")[0] in ("cpu", "cuda")


def test_in_turns_more_work_takes_longer_in_every_round() -> None:
    found = measure_in_turns({"deep": architecture("cifar_resnet56"), "shallow": architecture()}, rounds=3, batch=8)
    for times in (found.forward_ms, found.train_step_ms):
        assert all(deep > shallow for deep, shallow in zip(times["deep"], times["shallow"], strict=True))


def test_every_second_turn_goes_through_them_backwards(monkeypatch: pytest.MonkeyPatch) -> None:
    nets = {"one": architecture(), "two": architecture(reduction=4), "three": architecture(block="none")}
    seen: list[tuple[int, bool]] = []
    own = StagedNet.forward

    def forward(net: StagedNet, x: torch.Tensor) -> torch.Tensor:
        seen.append((id(net), net.training))
        return own(net, x)

    monkeypatch.setattr(StagedNet, "forward", forward)
    measure_in_turns(nets, rounds=2, batch=2)
    names = {net: place for place, net in enumerate(dict.fromkeys(net for net, _ in seen))}
    warm = [place for place in (0, 1, 2) for _ in range(WARMUP)]
    turns = [place for turn in range(PASSES) for place in ((0, 1, 2), (2, 1, 0))[turn % 2]]
    assert [names[net] for net, training in seen if not training] == [*warm, *turns, *turns]
    assert [names[net] for net, training in seen if training] == [*warm, *turns, *turns]
