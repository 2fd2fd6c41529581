"""Whether a net of ours computes what another library's computes, given the same weights."""

import torch
from torch import nn

from se_bench.nets.build import build
from tests.nets.backbones.checks import transplant


def logits_agree(make, built):
    """The net that ``make()`` returns and ours give the same logits, double precision, with random weights."""
    with torch.device("meta"):
        theirs = make()
    theirs = _random(theirs.to_empty(device="cpu").double().eval())
    ours = build(built).to_empty(device="cpu").double().eval()
    transplant(theirs, ours)
    images = torch.randn(2, *built.input_shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    with torch.no_grad():
        expected, found = theirs(images), ours(images)
    assert expected.std() > 1e-3  # logits that are all the same would agree with anything
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9 * expected.abs().max().item())


@torch.no_grad()
def _random(net):
    """Weights that keep activations of the order of one, and BatchNorms unlike each other."""
    draw = torch.Generator().manual_seed(0)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            for value in (module.weight, module.running_var):
                value.uniform_(0.5, 1.5, generator=draw)
            for value in (module.bias, module.running_mean):
                value.normal_(0.0, 0.1, generator=draw)
        elif isinstance(module, nn.Conv2d | nn.Linear):
            module.weight.normal_(0.0, (1.5 / module.weight[0].numel()) ** 0.5, generator=draw)
            if module.bias is not None:
                module.bias.normal_(0.0, 0.1, generator=draw)
    return net
