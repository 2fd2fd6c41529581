"""The report's grouped, shared-weight excitation: what it costs, what crosses a group, what is shared."""

import pytest
import torch

from se_bench.config.axes import Axes
from se_bench.nets.blocks.grouped_shared import GroupedShared
from tests.nets.blocks.making import block, channels_that_matter, jacobian, maps, part

C, G = 12, 3
SWITCHES = [(shared, global_weight) for shared in (True, False) for global_weight in (True, False)]


def excitation(channels=C, *, groups=G, **axes):
    return part("excite", "grouped_shared", channels, groups=groups, **axes)


def parameters(module):
    return sum(value.numel() for value in module.parameters())


def own_group(channels=C, groups=G):
    group = torch.arange(channels) * groups // channels
    return group[:, None] == group


@pytest.mark.parametrize("kernel_size", [1, 3, 5])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(("channels", "groups"), [(12, 3), (64, 4), (256, 8), (2048, 4)])
def test_its_parameters_do_not_depend_on_the_channels(channels, groups, kernel_size, bias):
    module = excitation(channels, groups=groups, kernel_size=kernel_size, bias=bias)
    assert parameters(module) == kernel_size + 1 + bias


@pytest.mark.parametrize(("shared", "global_weight"), SWITCHES)
@pytest.mark.parametrize("bias", [False, True])
def test_parameters_of_the_switches(shared, global_weight, bias):
    kernels = 1 if shared else G
    axes = {"shared": shared, "global_weight": global_weight, "bias": bias, "kernel_size": 3}
    assert parameters(excitation(**axes)) == kernels * (3 + bias) + global_weight
    spatial = C // G * 9 + (C // G) ** 2 + C // G * bias  # depthwise, pointwise, bias
    assert parameters(excitation(reading="spatial", **axes)) == kernels * spatial + global_weight


@pytest.mark.parametrize("shared", [True, False])
def test_on_the_descriptor_nothing_crosses_a_group_without_the_global_weight(shared):
    axes = {"kernel_size": 7, "shared": shared}  # of four channels a group: all of them
    alone = jacobian(excitation(global_weight=False, **axes), C)
    assert torch.equal(alone != 0, own_group())
    joined = jacobian(excitation(global_weight=True, **axes), C)
    assert (joined != 0).all()


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("kernel_size", [1, 3])
def test_on_the_map_nothing_crosses_a_group_without_the_global_weight(shared, kernel_size):
    axes = {"excite": "grouped_shared", "reading": "spatial", "groups": G, "shared": shared, "kernel_size": kernel_size}
    x = maps(1, C, 4, 5)
    for global_weight, reached in ((False, set(range(4, 8))), (True, set(range(C)))):
        module = block("se", C, global_weight=global_weight, **axes)
        assert channels_that_matter(module, x, 5) == reached


@pytest.mark.parametrize("reading", ["descriptor", "spatial"])
@pytest.mark.parametrize("shared", [True, False])
def test_groups_are_treated_alike_exactly_if_the_weights_are_shared(reading, shared):
    module = block(
        "se", C, excite="grouped_shared", groups=G, kernel_size=3, reading=reading, shared=shared, global_weight=False
    )
    x = maps(2, C // G, 4, 4).repeat(1, G, 1, 1)
    first, *others = module(x).chunk(G, dim=1)
    assert all(torch.allclose(first, other) == shared for other in others)


def test_the_global_weight_adds_the_mean_of_all_channels():
    module = excitation(kernel_size=3)
    z = maps(5, C)
    with_it = module(z)
    weight = module.global_weight.item()
    module.global_weight.data.zero_()
    torch.testing.assert_close(with_it - module(z), weight * z.mean(dim=1, keepdim=True).expand(5, C))
    assert weight != 0


def test_the_global_weight_starts_at_zero():
    module = GroupedShared(C, **GroupedShared.resolve(C, Axes(groups=G)))
    module.fill("global_weight", module.global_weight.data.fill_(5.0), torch.Generator())
    assert module.global_weight.item() == 0


def test_with_one_group_there_is_nothing_to_share():
    for reading in ("descriptor", "spatial"):
        one, other = (
            GroupedShared.resolve(C, Axes(groups=1, reading=reading, shared=shared)) for shared in (True, False)
        )
        assert one == other


@pytest.mark.parametrize(("channels", "groups", "kernel_size"), [(64, 4, 3), (64, 16, 3), (1024, 4, 5), (16, 4, 3)])
def test_the_adaptive_kernel_is_eca_s_for_all_channels(channels, groups, kernel_size):
    assert GroupedShared.resolve(channels, Axes(groups=groups))["kernel_size"] == kernel_size
