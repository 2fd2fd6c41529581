"""Whatever is registered as a block or as a part of one, and every dataset's options."""

import pytest
import torch

from se_bench import registry
from se_bench.config.axes import Axes
from se_bench.data import datasets
from se_bench.errors import OptionError

PARTS = [(kind, name) for kind in ("block", "squeeze", "excite", "gate") for name in registry.names(kind)]
SHAPES = {
    "block": ((3, 12, 5, 4), (3, 12, 5, 4)),
    "squeeze": ((3, 12, 5, 4), None),
    "excite": ((3, 12), (3, 12)),
    "gate": ((3, 12), (3, 12)),
}
POSITIONS = {"avg_max": (2,), "avg_std": (2,), "none": (5, 4)}
"""What a squeeze of several descriptors puts between image and channels."""
PRICED = {"block": (12, 5, 4), "squeeze": (12, 5, 4), "excite": (12, 5, 4, 1), "gate": (12, 1)}
AXES = Axes(reduction=2)


def part(kind, name):
    found = registry.load(kind, name)
    torch.manual_seed(0)
    return found(12, **found.resolve(12, AXES))


@pytest.mark.parametrize(("kind", "name"), PARTS)
def test_shapes_are_those_of_the_kind_and_gradients_pass(kind, name):
    given, expected = SHAPES[kind]
    x = torch.randn(given, generator=torch.Generator().manual_seed(0), requires_grad=True)
    module = part(kind, name)
    with torch.no_grad():  # some blocks start as a constant scale, without a gradient for all that makes it
        for value in module.parameters():
            value.add_(0.1 * torch.randn(value.shape, generator=torch.Generator().manual_seed(1)))
    out = module(x)
    assert out.shape == (expected or (3, *POSITIONS.get(name, ()), 12))
    (out * torch.arange(out.numel()).reshape(out.shape)).sum().backward()
    assert all(value.grad.isfinite().all() for value in (x, *module.parameters()))
    assert all(value.grad.any() for value in (x, *module.parameters()))


@pytest.mark.parametrize(("kind", "name"), PARTS)
def test_channels_last_is_another_memory_format_and_not_another_result(kind, name):
    x = torch.randn(SHAPES[kind][0], generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    if x.ndim < 4:
        x = x[:, ::2].repeat_interleave(2, dim=1)
        strided = x.t().contiguous().t()
    else:
        strided = x.contiguous(memory_format=torch.channels_last)
    assert strided.stride() != x.stride()
    module = part(kind, name).double().eval()
    torch.testing.assert_close(module(strided), module(x), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("kind", "name"), PARTS)
def test_an_unknown_option_of_a_part_is_refused(kind, name):
    found = registry.load(kind, name)
    with pytest.raises(TypeError, match="no_such_option"):
        found(12, **found.resolve(12, AXES), no_such_option=1)
    with pytest.raises(TypeError, match="no_such_option"):
        found.cost(*PRICED[kind], **found.resolve(12, AXES), no_such_option=1)


@pytest.mark.parametrize("name", registry.names("dataset"))
def test_an_unknown_option_of_a_dataset_is_refused_before_anything_is_read(name):
    with pytest.raises(OptionError) as refused:
        datasets.load(name, {"no_such_option": 1})
    assert refused.value.key == "dataset.no_such_option"
