"""The closed form of the SE block is the paper's own arithmetic; tests/nets/blocks hold all forms to a count."""

from se_bench import registry
from se_bench.config.axes import Axes


def test_the_paper_s_parameters_of_a_block():
    """Hu et al., Section 4: 2 C^2 / r weights, here for C = 256, r = 16 on a 56 x 56 map."""
    block = registry.load("block", "se")
    cost = block.cost(256, 56, 56, **block.resolve(256, Axes(reduction=16)))
    assert (cost.params, cost.macs) == (2 * 256**2 // 16, 2 * 256**2 // 16)
    elements = 256 * 56 * 56
    assert cost.elementwise == elements + 16 + 256 + elements  # squeeze, ReLU, sigmoid, scale
    assert cost.activations == 256 + 16 + 16 + 256 + 256 + elements
