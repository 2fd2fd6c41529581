"""The gradient that a GPU gets is PyTorch's own; on the CPU both can be computed."""

import pytest
import torch
from torch.nn.functional import adaptive_avg_pool2d

from se_bench.nets.pooling import AdaptiveAveragePool, _Pool


@pytest.mark.parametrize("shape", [(7, 7), (14, 21), (1, 1), (2, 3), (10, 5)])
@pytest.mark.parametrize("side", [1, 3, 7])
def test_its_gradient_is_that_of_torch(shape, side):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 3, *shape, generator=generator).contiguous(memory_format=torch.channels_last)
    weights = torch.randn(2, 3, side, side, generator=generator)
    gradients = []
    for pool in (adaptive_avg_pool2d, _Pool.apply):
        given = x.clone().requires_grad_()
        out = pool(given, side)
        assert torch.equal(out, adaptive_avg_pool2d(x, side))
        (out * weights).sum().backward()
        gradients.append(given.grad)
    torch.testing.assert_close(*gradients, rtol=1e-6, atol=1e-6)


def test_in_half_precision_the_gradient_has_the_precision_of_the_map():
    x = torch.ones(1, 1, 4, 4, dtype=torch.bfloat16, requires_grad=True)
    _Pool.apply(x, 2).sum().backward()
    assert x.grad.dtype == torch.bfloat16
    assert x.grad.unique().tolist() == [0.25]


def test_on_the_cpu_it_is_torchs_own():
    x = torch.randn(1, 2, 5, 3, generator=torch.Generator().manual_seed(0), requires_grad=True)
    pool = AdaptiveAveragePool(7)
    out = pool(x)
    assert torch.equal(out, adaptive_avg_pool2d(x, 7))
    assert out.grad_fn.name() == "AdaptiveAvgPool2DBackward0"
    assert repr(pool) == "AdaptiveAveragePool(side=7)"
