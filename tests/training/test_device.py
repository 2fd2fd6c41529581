"""The interface to hardware, on the CPU; and the process-wide settings that make numbers repeat."""

import os

import pytest
import torch
from torch import nn

from se_bench.device import Device
from se_bench.training.numerics import make_deterministic
from tests.gpu import needs_gpu

CPU = Device("cpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_the_best_device_without_a_gpu_is_the_cpu():
    assert Device.best() == CPU


@needs_gpu
def test_the_best_device_with_a_gpu_is_the_gpu():
    assert Device.best() == Device("cuda")


def test_a_placed_net_is_in_channels_last_with_the_same_values():
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Flatten(), nn.Linear(8, 2))
    before = {name: value.clone() for name, value in net.state_dict().items()}
    placed = CPU.place(net, "float32")
    assert placed is net
    assert placed[0].weight.is_contiguous(memory_format=torch.channels_last)
    assert not placed[0].weight.is_contiguous()
    assert all(torch.equal(value, before[name]) for name, value in placed.state_dict().items())


def test_a_moved_tensor_is_there_with_its_values():
    tensor = torch.arange(4)
    assert CPU.move(tensor).device.type == "cpu"
    assert torch.equal(CPU.move(tensor), torch.arange(4))


def test_autocast_is_on_for_bfloat16_alone():
    conv, x = nn.Conv2d(1, 1, 1), torch.ones(1, 1, 2, 2)
    with CPU.autocast("float32"):
        assert conv(x).dtype == torch.float32
        assert not torch.is_autocast_enabled("cpu")
    with CPU.autocast("bfloat16"):
        assert conv(x).dtype == torch.bfloat16
    assert not torch.is_autocast_enabled("cpu")


def test_waiting_for_the_cpu_returns_with_the_work_done():
    total = torch.ones(100, 100) @ torch.ones(100, 100)
    assert CPU.wait() is None
    assert total.unique().tolist() == [100.0]


def test_on_the_cpu_nothing_is_recorded():
    with CPU.beside() as watch:
        assert not watch.waited
        assert CPU.record(lambda x: (x + 1,), torch.ones(2)) is None


def test_a_process_made_deterministic_has_one_thread_and_refuses_what_does_not_repeat_or_is_rounded_off():
    torch.set_num_threads(2)
    torch.use_deterministic_algorithms(False)
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = True
    make_deterministic()
    make_deterministic()
    assert torch.get_num_threads() == 1
    assert torch.are_deterministic_algorithms_enabled()
    assert not torch.backends.cudnn.benchmark
    assert not torch.backends.cudnn.allow_tf32
    assert not torch.backends.cuda.matmul.allow_tf32
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] in (":4096:8", ":16:8")
