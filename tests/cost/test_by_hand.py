"""Elementwise operations and activations against arithmetic written out."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from se_bench import registry
from se_bench.cost.count import count, count_module
from se_bench.records import Cost
from tests.cost.examples import architecture


class Tiny(nn.Module):
    """Operators of every kind, on maps of 3 x 4 x 6."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 3, 3, padding=1)
        self.norm = nn.BatchNorm2d(3)
        self.linear = nn.Linear(5, 7)

    def forward(self, x):
        x = self.norm(self.conv(x)).relu()
        x = F.relu_(x + x)
        x = F.pad(x[:, :, ::2], (0, 0, 0, 0, 0, 2))
        scales = torch.softmax(x.mean(dim=(2, 3)), dim=1) * torch.sigmoid(x.amax(dim=(2, 3)))
        scales = scales.view(-1, 5) + F.adaptive_avg_pool2d(x, 1).flatten(1)
        return self.linear(scales)


def test_a_net_with_every_operator():
    maps, half, padded = 3 * 4 * 6, 3 * 2 * 6, 5 * 2 * 6
    assert half < padded
    cost = count_module(Tiny(), (2, 4, 6))
    assert (cost.params, cost.block_params) == ((2 * 9 * 3 + 3) + 2 * 3 + (5 * 7 + 7), 0)
    assert cost.buffers == 3 + 3 + 1
    assert cost.macs == 2 * 9 * maps + 5 * 7
    assert cost.elementwise == (
        2 * maps + maps + maps + maps  # BatchNorm, ReLU, addition, ReLU
        + padded + 3 * 5  # mean, softmax
        + padded + 5 + 5  # amax, sigmoid, product
        + padded + 5  # adaptive pooling, addition
    )  # fmt: skip
    written = (
        maps + maps + maps + maps + maps  # the same, after the convolution
        + padded  # padding
        + 5 + 5 + 5 + 5 + 5  # mean, softmax, amax, sigmoid, product
        + 5 + 5 + 7  # adaptive pooling, addition, linear layer
    )  # fmt: skip
    assert cost.activations == written
    read = (
        (2 * 4 * 6 + 2 * 9 * 3 + 3) + (maps + 4 * 3) + maps + 2 * maps + maps
        + padded  # padding reads what it copies, the zeros too
        + padded + 5 + padded + 5 + (5 + 5)  # mean, softmax, amax, sigmoid, product
        + padded + (5 + 5) + (5 + 5 * 7 + 7)  # adaptive pooling, addition, linear layer
    )  # fmt: skip
    assert cost.memory_bytes == 4 * (read + written)


def test_a_resnet_8_without_a_block():
    """Option A, width 16, images of 16 x 16: units of one BatchNorm-ReLU and one BatchNorm-add-ReLU."""
    first, second, third = 16 * 16 * 16, 32 * 8 * 8, 64 * 4 * 4
    unit_operations = (2 + 1) + (2 + 1 + 1)
    unit_written = (1 + 1 + 1) + (1 + 1 + 1 + 1)  # convolutions write too
    cost = count(architecture(8, 16, block="none"))
    assert cost.elementwise == 3 * first + unit_operations * (first + second + third) + third
    # stem; units, with a padded shortcut in two of them; pooling and the ten logits
    assert cost.activations == 3 * first + unit_written * (first + second + third) + second + third + 64 + 10
    assert cost.macs == (27 * first + 2 * 9 * 16 * first + 9 * (16 + 32) * second + 9 * (32 + 64) * third + 64 * 10)
    assert cost.buffers == (3 * 16 + 2 * 32 + 2 * 64) * 2 + 7


axes = st.fixed_dictionaries(
    {
        "block": st.sampled_from(registry.names("block")),
        "squeeze": st.sampled_from(registry.names("squeeze")),
        "excite": st.sampled_from(registry.names("excite")),
        "gate": st.sampled_from(registry.names("gate")),
        "reduction": st.integers(1, 70),
        "bias": st.booleans(),
        "integration": st.sampled_from(["standard", "post", "identity"]),
        "stages": st.sampled_from(["all", (1,), (2, 3), ()]),
        "shortcut": st.sampled_from(["A", "B"]),
        "width": st.sampled_from([4, 8, 12, 16, 20]),
    }
)


@pytest.mark.parametrize("depth", [8, 20])
@settings(max_examples=12, deadline=None)
@given(axes=axes, side=st.integers(4, 17))
def test_blocks_add_exactly_their_closed_forms(*, depth, axes, side):
    built = architecture(depth, side, **axes)
    plain = count(architecture(depth, side, block="none", shortcut=axes["shortcut"], width=axes["width"]))
    total = [getattr(plain, name) for name in Cost.__dataclass_fields__]
    for unit, site in built.sites.items():
        halvings = int(unit[len("stage")]) - 1
        height = -(-side // 2**halvings)
        options = {name: value for name, value in site.items() if name not in ("integration", "block", "channels")}
        added = registry.load("block", site["block"]).cost(site["channels"], height, height, **options)
        total = [have + getattr(added, name) for have, name in zip(total, Cost.__dataclass_fields__, strict=True)]
    assert count(built) == Cost(**dict(zip(Cost.__dataclass_fields__, total, strict=True)))
