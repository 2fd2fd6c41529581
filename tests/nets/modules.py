"""Modules with values for the tests of this folder: double precision, nothing at a special value."""

import torch

from se_bench.config.axes import Axes
from se_bench.config.setting import BackboneChoice
from se_bench.nets.build import build, resolve
from se_bench.nets.init import materialise
from se_bench.training import seeds


def architecture(backbone="cifar_resnet8", axes=None, *, input_shape=(3, 16, 16), classes=10, **options):
    return resolve(BackboneChoice(name=backbone, **options), axes or Axes(), input_shape, classes)


def initialised(built, seed=0):
    """The net as a trial of this seed starts with it."""
    return materialise(build(built), lambda name: seeds.generator(seed, "init", name))


def scrambled(module, seed=0):
    """Every parameter and running statistic away from zero and one, variances positive; evaluation mode."""
    generator = torch.Generator().manual_seed(seed)
    module.double().eval()
    with torch.no_grad():
        for name, value in module.state_dict().items():
            if name.endswith("running_var"):
                value.uniform_(0.5, 2.0, generator=generator)
            elif value.is_floating_point():
                value.normal_(0.1, 0.5, generator=generator)
    return module


def arrays(module):
    """The state as NumPy arrays by name."""
    return {name: value.numpy() for name, value in module.state_dict().items()}


def maps(*shape, seed=0):
    """Feature maps of either sign, (N, C, H, W), double precision."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
