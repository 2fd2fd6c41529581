"""A reading of a trained net against the same, image by image, with hooks on the gates themselves."""

import numpy as np
import pytest
import torch

from se_bench.config.axes import Axes
from se_bench.config.setting import BackboneChoice
from se_bench.data.batches import EvalBatches
from se_bench.data.datasets import Images, ImageSplit
from se_bench.errors import OptionError
from se_bench.nets.build import resolve
from se_bench.training import seeds
from se_bench.training.gates import read_gates
from se_bench.training.loop import train
from tests.training.small_trials import CPU, digits, net, recipe

SEED = 3
ONE_IMAGE = 1.5 / 256  # other batches round otherwise, and one tie may turn
UNITS = ("stage1.0", "stage2.0", "stage3.0")


def architecture(**axes):
    return resolve(BackboneChoice(name="cifar_resnet8"), Axes(reduction=4, width=8, **axes), (3, 16, 16), 10)


def read(module, images=None, **axes):
    return read_gates("trial", module, architecture(**axes), images or digits(), SEED, "float32", CPU)


def batch(split):
    images = digits()
    ((x, y),) = EvalBatches(split, mean=images.mean, std=images.std, batch_size=len(split))
    return x, y


@pytest.fixture(scope="module")
def module():
    """A net whose gates differ much between images, and which favours no class."""
    module = net(seed=SEED)
    x, _ = batch(digits().train)
    with torch.no_grad():
        for name, value in module.named_parameters():
            if ".block." in name:
                value.mul_(6)
        for _ in range(5):
            module.train()(x)
        module.eval().classifier.bias.sub_(module(x).mean(dim=0))
    return module


@pytest.fixture(scope="module")
def images(module):
    """Digits with the net's own opinion as label: what any other gate changes is an error."""
    plain = digits()
    opinions = []
    for split in (plain.train, plain.test):
        x, _ = batch(split)
        with torch.no_grad():
            opinions.append(ImageSplit(split.images, module(x).argmax(dim=1)))
    return Images("opinions", plain.classes, opinions[0], plain.validation, opinions[1])


@pytest.fixture(scope="module")
def found(module, images):
    return read(module, images)


@torch.no_grad()
def with_gates(module, x, change):
    """Logits, and each unit's gates ``(N, C)`` after ``change(unit, gates)``, which a hook on the gate applies."""
    seen, hooks = {}, []
    for unit in UNITS:

        def hook(_, __, gates, unit=unit):
            seen[unit] = change(unit, gates)
            return seen[unit]

        hooks.append(module.get_submodule(f"{unit}.block.gate").register_forward_hook(hook))
    logits = module(x)
    for each in hooks:
        each.remove()
    return logits, seen


def keep(_, gates):
    return gates


def accuracy(logits, labels):
    return (logits.argmax(dim=1) == labels).double().mean().item()


def test_the_accuracy_is_that_of_the_last_epoch():
    module = net(seed=SEED)
    records = list(train("trial", module, digits(), recipe(), SEED, CPU))
    found = read(module)
    assert found.accuracy == records[-1].test_accuracy
    assert (found.trial_id, found.seed, found.images) == ("trial", SEED, (26,) * 6 + (25,) * 4)


def test_means_and_deviations_are_those_of_each_class(module, images, found):
    x, y = batch(images.test)
    _, gates = with_gates(module, x, keep)
    classes = sorted(set(y.tolist()))
    assert found.classes == tuple(map(str, classes))
    for unit in found.units:
        own = gates[unit.unit].double().numpy()
        of_class = [own[y.numpy() == label] for label in classes]
        np.testing.assert_allclose(unit.means, [each.mean(axis=0) for each in of_class], atol=1e-6)
        np.testing.assert_allclose(unit.deviations, [each.std(axis=0) for each in of_class], atol=1e-6)
    assert [unit.unit for unit in found.units] == list(UNITS)
    assert [unit.stage for unit in found.units] == [1, 2, 3]


def test_own_gates_make_no_error_and_every_intervention_does(found):
    assert found.accuracy == 1.0
    assert len(found.interventions) == 3 * 4
    assert all(0 < each.accuracy < 1 for each in found.interventions)


@pytest.mark.parametrize("stage", [None, 1, 2, 3])
def test_frozen_gates_are_the_means_over_the_training_images(module, images, found, stage):
    _, own = with_gates(module, batch(images.train)[0], keep)
    means = {unit: gates.mean(dim=0, keepdim=True) for unit, gates in own.items()}

    def frozen(unit, gates):
        return means[unit].expand_as(gates) if stage in (None, int(unit[5])) else gates

    x, y = batch(images.test)
    logits, _ = with_gates(module, x, frozen)
    assert of(found, "frozen", stage) == pytest.approx(accuracy(logits, y), abs=ONE_IMAGE)


def test_shuffled_images_have_all_gates_of_another_one(module, images, found):
    order = torch.randperm(len(images.test), generator=seeds.generator(SEED, "gates"))
    x, y = (each[order] for each in batch(images.test))
    _, own = with_gates(module, x, keep)
    logits, _ = with_gates(module, x, lambda unit, gates: own[unit].roll(1, dims=0))
    assert of(found, "shuffled", None) == pytest.approx(accuracy(logits, y), abs=ONE_IMAGE)


def test_one_is_the_net_without_its_blocks(module, images, found):
    bare = net("none", SEED)
    state = module.state_dict()
    bare.load_state_dict({name: state[name] for name in bare.state_dict()})
    x, y = batch(images.test)
    with torch.no_grad():
        assert of(found, "one", None) == pytest.approx(accuracy(bare.eval()(x), y), abs=ONE_IMAGE)


def of(found, kind, stage):
    (each,) = [each for each in found.interventions if (each.kind, each.stage) == (kind, stage)]
    return each.accuracy


def test_a_second_reading_is_equal_and_leaves_the_net_alone(module, images, found):
    before = {name: value.clone() for name, value in module.state_dict().items()}
    assert read(module, images) == found
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())


@pytest.mark.parametrize(
    ("gate", "low", "high"),
    [("sigmoid", 0.0, 0.0), ("tanh", 0.0, 0.0), ("relu", 0.5, None), ("identity", None, None)],
)
def test_saturation_is_told_of_the_ends_that_a_gate_has(gate, low, high):
    """Untrained nets: sigmoids are near one half, and half of all ReLUs are closed."""
    for unit in read(net(gate=gate), gate=gate).units:
        for share, expected in ((unit.low, low), (unit.high, high)):
            assert share == (expected if expected is None else pytest.approx(expected, abs=0.35))


def test_a_gate_for_each_position_counts_by_its_mean_over_them():
    module = net(squeeze="none")
    found = read(module, squeeze="none")
    x, y = batch(digits().test)
    seen = []
    hook = module.get_submodule("stage1.0.block.gate").register_forward_hook(lambda _, __, out: seen.append(out))
    with torch.no_grad():
        module.eval()(x)
    hook.remove()
    (gates,) = seen  # (N, H, W, C)
    np.testing.assert_allclose(found.units[0].means[4], gates.mean(dim=(1, 2))[y == 4].mean(dim=0), atol=1e-6)
    assert len(found.units[0].means[4]) == 8


def test_a_class_without_test_images_has_no_row():
    images = digits()
    few = ImageSplit(images.test.images[:33], images.test.labels[:33] // 2)  # classes 0 to 4 of 10
    found = read(net(), Images("few", images.classes, images.train, images.validation, few))
    assert found.classes == ("0", "1", "2", "3", "4")
    assert sum(found.images) == 33
    assert all(len(unit.means) == len(unit.deviations) == 5 for unit in found.units)


def test_a_net_without_blocks_has_no_gates():
    found = read(net("none"), block="none")
    assert (found.units, found.interventions) == ((), ())


def test_a_block_without_a_gate_is_refused():
    with pytest.raises(OptionError, match="no gate"):
        read(net("cbam"), block="cbam")
