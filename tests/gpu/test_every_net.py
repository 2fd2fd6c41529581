"""Whatever is registered, on a GPU: it repeats, a recorded step is the step, and logits are those of the CPU."""

import pytest
import torch

from benchmarks.gpu import StepByStep
from se_bench import registry
from se_bench.config.axes import Axes
from se_bench.config.setting import Recipe
from se_bench.device import Device
from se_bench.training.optimiser import SGD
from se_bench.training.step import Step
from tests.every.test_every_net import BARE_AND_SE, BLOCKS, CLASSES, architecture, images, moved_from_the_start, net
from tests.gpu import needs_gpu

pytestmark = needs_gpu

GPU = Device("cuda")
STEPS = 6
"""Three before the recorded one, which is replayed three times."""
NEAR, TIMES = 1e-6, 20
"""Of the largest logit, and of the distance that the CPU has. TF32 has 13 bits less."""

PARTS = [Axes(**{kind: name}) for kind in ("squeeze", "excite", "gate") for name in registry.names(kind)]
PLACES = [Axes(block=block, integration=place) for block in BLOCKS for place in ("standard", "pre", "post", "identity")]


@pytest.mark.parametrize(("backbone", "axes"), BARE_AND_SE)
def test_every_backbone(backbone, axes):
    built = architecture(backbone, axes)
    trained(built, "float32")
    same_logits(built, net(built))


@pytest.mark.parametrize("axes", [*PARTS, *PLACES], ids=lambda axes: " ".join(map(str, axes.model_dump().values())))
def test_every_block_and_part(axes):
    built = architecture("cifar_resnet8", axes.model_copy(update={"reduction": 1}))
    module = net(built)
    moved_from_the_start(module)
    trained(built, "float32")
    same_logits(built, module)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_in_bfloat16(block):
    trained(architecture("cifar_resnet8", Axes(block=block)), "bfloat16")


def trained(built, precision):
    """Six steps, recorded and one by one, give the same losses, weights and statistics to the last bit."""
    found = []
    for device in (GPU, StepByStep()):
        module = device.place(net(built), precision).train()
        recipe = Recipe(epochs=1, batch_size=4, learning_rate=1e-4, weight_decay=5e-4, precision=precision)
        step, optimiser = Step(module, recipe, device), SGD(module.parameters(), recipe)
        torch.manual_seed(5)
        losses = []
        for number in range(STEPS):
            x = images(4, built.input_shape[1]).roll(number, 0).to("cuda", memory_format=torch.channels_last)
            loss, logits = step((x, torch.tensor([1, 4, 0, 2], device="cuda").roll(number)))
            losses.append((loss.item(), logits.sum().item()))
            optimiser.step()
        assert step.is_recorded == (device is GPU)
        found.append((losses, {name: value.cpu() for name, value in module.state_dict().items()}))
    (losses, weights), (expected, expected_weights) = found
    assert losses == expected
    assert [name for name, value in weights.items() if not torch.equal(value, expected_weights[name])] == []
    assert all(value.isfinite().all() for value in weights.values())


def same_logits(built, module):
    """As near those in double precision as the CPU's are."""
    x = images(2, built.input_shape[1]).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        exact = module.eval().double()(x.double())
        cpu = module.float()(x)
        gpu = GPU.place(module, "float32")(x.cuda()).cpu()
    assert gpu.shape == (2, CLASSES)
    scale = exact.abs().max()
    assert (gpu - exact).abs().max() <= max(NEAR * scale, TIMES * (cpu - exact).abs().max())
