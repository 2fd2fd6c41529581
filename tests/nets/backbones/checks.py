"""What holds for every backbone in every slot."""

import torch
from torch.nn import functional as F

from se_bench.cost.count import count, count_whole
from se_bench.nets.build import build
from tests.nets.modules import initialised


def counts_agree(built):
    """Backbone plus closed forms is what a trace of the whole net finds, in every field; a bare net is no less."""
    whole = count_whole(built)
    assert count(built) == whole
    assert whole.params == sum(value.numel() for value in build(built).parameters())
    assert (whole.block_params > 0) == bool(built.sites)


def trains(built, batch=4):
    """Logits and gradients are finite and reach every parameter, in training mode."""
    net = initialised(built).train()
    torch.manual_seed(0)
    images = torch.randn(batch, *built.input_shape)
    logits = net(images)
    assert logits.shape == (batch, built.classes)
    F.cross_entropy(logits, torch.arange(batch) % built.classes).backward()
    unreached = [name for name, value in net.named_parameters() if value.grad is None or not value.grad.any()]
    assert unreached == [], unreached
    assert all(value.grad.isfinite().all() for value in net.parameters())


def transplant(source, target):
    """Give ``target`` the convolutions, BatchNorms and linear layers of ``source``, each kind in order."""
    for kind in (torch.nn.Conv2d, torch.nn.BatchNorm2d, torch.nn.Linear):
        pairs = zip(layers(source, kind), layers(target, kind), strict=True)
        for theirs, ours in pairs:
            ours.load_state_dict(theirs.state_dict())


def layers(net, kind):
    return [module for module in net.modules() if isinstance(module, kind)]
