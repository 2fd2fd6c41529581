"""Batches: against NumPy loops over single images, and the promises that paired seeds rest on."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from se_bench.data.batches import EvalBatches, TrainBatches
from se_bench.data.datasets import ImageSplit
from se_bench.errors import ConfigError
from tests.gpu import needs_gpu

MEAN, STD = (0.4, 0.5, 0.3), (0.2, 0.25, 0.3)
DEVICES = [
    "cpu",
    pytest.param("cuda", marks=needs_gpu),
]
AUGMENTS = ["none", "crop", "flip", "crop_flip"]


def split(count, height=6, width=6, channels=3):
    """Labels are positions, so that a batch says which images are in it."""
    generator = torch.Generator().manual_seed(0)
    shape = (count, channels, height, width)
    images = torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)
    return ImageSplit(images, torch.arange(count))


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def epoch(data, batch_size, *, order=1, augmentation=2, **options):
    batches = TrainBatches(data, mean=MEAN, std=STD, batch_size=batch_size, **options)
    pairs = list(batches.epoch(seeded(order), seeded(augmentation)))
    assert len(pairs) == len(batches)
    images, labels = zip(*pairs, strict=True)
    assert all(len(part) == batch_size for part in images)
    return torch.cat(images), torch.cat(labels)


def normalised(images):
    """As the method reads, in double precision: (N, 3, H, W)."""
    column = np.array(MEAN)[:, None, None], np.array(STD)[:, None, None]
    return (images / 255 - column[0]) / column[1]


def augmented(data, labels, *, augmentation, augment, padding):
    """The same draws from the same generator, applied image by image."""
    crop, flip = "crop" in augment, "flip" in augment
    generator = seeded(augmentation)
    count, (_, height, width) = len(data), data.images.shape[1:]
    offsets = torch.randint(0, 2 * padding + 1, (count, 2), generator=generator) if crop else None
    coins = torch.randint(0, 2, (count,), generator=generator) if flip else None
    result = []
    for place, label in enumerate(labels.tolist()):
        image = data.images[label].numpy()
        if crop:
            image = np.pad(image, ((0, 0), (padding, padding), (padding, padding)))
            top, left = offsets[place].tolist()
            image = image[:, top : top + height, left : left + width]
        if flip and coins[place]:
            image = image[:, :, ::-1]
        result.append(image)
    return np.stack(result)


@pytest.mark.parametrize("device", DEVICES)
@settings(max_examples=30, deadline=None)
@given(
    count=st.integers(1, 40),
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    batch_size=st.integers(1, 9),
    augment=st.sampled_from(AUGMENTS),
    padding=st.integers(1, 5),
    seed=st.integers(0, 2**32),
)
def test_a_batch_is_what_a_loop_over_images_gives(*, device, count, size, batch_size, augment, padding, seed):
    data = split(count + batch_size, *size)
    options = {"augment": augment, "crop_padding": padding, "order": seed, "augmentation": seed + 1}
    images, labels = epoch(data.to(device), batch_size, **options)
    expected = augmented(data, labels, augmentation=seed + 1, augment=augment, padding=padding)
    np.testing.assert_allclose(images.cpu(), normalised(expected), rtol=0, atol=2e-6)


@given(count=st.integers(1, 50), batch_size=st.integers(1, 50), seed=st.integers(0, 2**32))
def test_each_image_comes_once_but_for_those_of_the_incomplete_batch(count, batch_size, seed):
    data = split(max(count, batch_size), 2, 2)
    _, labels = epoch(data, batch_size, order=seed)
    assert len(labels) == len(data) // batch_size * batch_size
    assert len(set(labels.tolist())) == len(labels)


def test_order_depends_on_its_generator_only():
    data = split(32)
    orders = [
        epoch(data, 8, augment=augment, augmentation=augmentation)[1].tolist()
        for augment in AUGMENTS
        for augmentation in (5, 6)
    ]
    assert all(order == orders[0] for order in orders)
    assert epoch(data, 4)[1].tolist() == orders[0]
    assert epoch(data, 8, order=2)[1].tolist() != orders[0]


def test_augmentation_belongs_to_the_place_in_the_order_not_to_the_image():
    """So that two trials that share the stream share every crop, whatever the images are."""
    data = split(16)
    for order in (1, 2):
        images, labels = epoch(data, 16, order=order, augment="crop_flip", crop_padding=2)
        expected = augmented(data, labels, augmentation=2, augment="crop_flip", padding=2)
        np.testing.assert_allclose(images, normalised(expected), rtol=0, atol=2e-6)


def test_the_generators_are_free_once_the_epoch_has_begun():
    batches = TrainBatches(split(16), mean=MEAN, std=STD, batch_size=4, augment="crop_flip")
    order, augmentation = seeded(1), seeded(2)
    pairs = []
    for pair in batches.epoch(order, augmentation):
        pairs.append(pair)
        torch.rand(3, generator=order)
        torch.rand(3, generator=augmentation)
    undisturbed = list(batches.epoch(seeded(1), seeded(2)))
    assert all(
        torch.equal(a, b)
        for pair, other in zip(pairs, undisturbed, strict=True)
        for a, b in zip(pair, other, strict=True)
    )


def test_padding_is_black_before_normalising():
    data = ImageSplit(torch.full((64, 3, 4, 4), 255, dtype=torch.uint8), torch.zeros(64, dtype=torch.int64))
    images, _ = epoch(data, 64, augment="crop", crop_padding=2)
    black, white = normalised(np.zeros((3, 1, 1))), normalised(np.full((3, 1, 1), 255))
    near_black, near_white = (np.isclose(images, level, atol=2e-6) for level in (black, white))
    assert (near_black ^ near_white).all()
    assert near_black.any()


@pytest.mark.parametrize("augment", AUGMENTS)
def test_channels_last_and_float32(augment):
    for images, labels in TrainBatches(split(8), mean=MEAN, std=STD, batch_size=4, augment=augment).epoch(
        seeded(1), seeded(2)
    ):
        assert images.is_contiguous(memory_format=torch.channels_last)
        assert images.dtype == torch.float32
        assert labels.dtype == torch.int64


@given(count=st.integers(0, 30), batch_size=st.integers(1, 40))
def test_evaluation_covers_everything_in_order(count, batch_size):
    data = split(count)
    batches = EvalBatches(data, mean=MEAN, std=STD, batch_size=batch_size)
    pairs = list(batches)
    assert len(pairs) == len(batches)
    assert [label for _, labels in pairs for label in labels.tolist()] == list(range(count))
    if count:
        images = torch.cat([images for images, _ in pairs])
        assert images.is_contiguous(memory_format=torch.channels_last)
        np.testing.assert_allclose(images, normalised(data.images.numpy()), rtol=0, atol=2e-6)


def test_training_and_evaluation_normalise_bit_for_bit_alike_at_any_batch_size():
    data = split(36, 5, 7)
    reference = torch.cat([x for x, _ in EvalBatches(data, mean=MEAN, std=STD, batch_size=36)])
    for batch_size in (1, 4, 9):
        images, labels = epoch(data, batch_size)
        assert torch.equal(images, reference[labels])


@needs_gpu
@pytest.mark.parametrize("augment", AUGMENTS)
def test_a_gpu_sees_the_same_batches_bit_for_bit(augment):
    data = split(40)
    images, labels = epoch(data, 8, augment=augment)
    on_gpu, labels_on_gpu = epoch(data.to("cuda"), 8, augment=augment)
    assert torch.equal(images, on_gpu.cpu())
    assert torch.equal(labels, labels_on_gpu.cpu())


def test_the_images_are_not_changed():
    data = split(16)
    before = data.images.clone()
    epoch(data, 4, augment="crop_flip")
    list(EvalBatches(data, mean=MEAN, std=STD, batch_size=4))
    assert torch.equal(data.images, before)


def test_a_split_that_does_not_fill_one_batch():
    with pytest.raises(ConfigError) as refused:
        TrainBatches(split(7), mean=MEAN, std=STD, batch_size=8)
    assert refused.value.key == "recipe.batch_size"
    assert refused.value.allowed == ("1 ... 7",)


def test_moments_for_another_number_of_channels():
    with pytest.raises(ValueError, match="1 means"):
        EvalBatches(split(4), mean=(0.5,), std=(0.2,), batch_size=2)
