"""The values, and the door: options are checked before anything is loaded, and a dataset is loaded once."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from se_bench.data import datasets
from se_bench.data.datasets import Images, ImageSplit
from se_bench.data.streams import Stream
from se_bench.errors import OptionError, UnknownNameError

SMALL = {"train_images": 20, "validation_images": 10, "test_images": 10}


def split(count=4, seed=0, shape=(3, 5, 4)):
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(0, 256, (count, *shape), generator=generator, dtype=torch.uint8)
    return ImageSplit(images, torch.arange(count) % 2)


def images(**changes):
    parts = {"train": split(seed=1), "validation": split(0), "test": split(seed=2)}
    return Images(name="small", classes=("a", "b"), **{**parts, **changes})


def test_the_second_call_gives_the_same_object_however_the_default_is_spelled():
    first = datasets.load("digits", SMALL)
    assert datasets.load("digits", {**SMALL, "size": 16}) is first
    assert datasets.load("digits", {**SMALL, "size": 32}) is not first


@pytest.mark.parametrize(
    ("options", "key", "nearest"),
    [
        ({"train_image": 5}, "dataset.train_image", "train_images"),
        ({"colour": 5}, "dataset.colour", None),
    ],
)
def test_an_option_that_the_dataset_lacks(options, key, nearest):
    with pytest.raises(OptionError) as refused:
        datasets.load("digits", options)
    assert (refused.value.key, refused.value.nearest) == (key, nearest)
    assert refused.value.allowed == ("size", "train_images", "validation_images", "test_images")


@pytest.mark.parametrize("value", ["16", 16.0, True, None])
def test_an_option_of_the_wrong_type_even_where_it_equals_one_that_is_cached(value):
    datasets.load("digits", {**SMALL, "size": 16})
    with pytest.raises(OptionError) as refused:
        datasets.load("digits", {**SMALL, "size": value})
    assert (refused.value.key, refused.value.allowed) == ("dataset.size", ("int",))


def test_a_union_names_all_it_takes():
    with pytest.raises(OptionError) as refused:
        datasets.load("cifar10", {"root": 5})
    assert refused.value.allowed == ("str", "null")


def test_a_dataset_that_is_not_registered():
    with pytest.raises(UnknownNameError) as refused:
        datasets.load("digit", {})
    assert refused.value.nearest == "digits"


def test_moments_are_those_of_all_pixels_of_the_training_split():
    some = images()
    scaled = some.train.images.numpy() / 255
    np.testing.assert_allclose(some.mean, scaled.mean((0, 2, 3)), rtol=1e-12)
    np.testing.assert_allclose(some.std, scaled.std((0, 2, 3)), rtol=1e-12)


def test_a_constant_channel_can_still_be_divided_by():
    blank = ImageSplit(torch.full((2, 1, 3, 3), 7, dtype=torch.uint8), torch.zeros(2, dtype=torch.int64))
    some = Images(name="blank", classes=("a",), train=blank, validation=blank, test=blank)
    assert some.std == (1 / 255,)


def test_fingerprint_depends_on_content_and_nothing_else():
    reference = images().fingerprint
    assert len(reference) == 32
    train = split(seed=1)
    strided = ImageSplit(train.images.contiguous(memory_format=torch.channels_last), train.labels)
    assert images(train=strided).fingerprint == reference
    assert images(train=ImageSplit(train.images, 1 - train.labels)).fingerprint != reference
    assert images(train=split(seed=2), test=split(seed=1)).fingerprint != reference
    changed = train.images.clone()
    changed[3, 2, 4, 3] ^= 1
    assert images(train=ImageSplit(changed, train.labels)).fingerprint != reference
    # The same bytes in another shape are other images.
    turned = {name: ImageSplit(part.images.reshape(-1, 3, 4, 5), part.labels) for name, part in images().splits.items()}
    assert images(**turned).fingerprint != reference


@pytest.mark.parametrize(
    "make",
    [
        lambda: ImageSplit(torch.zeros(2, 3, 4, 4), torch.zeros(2, dtype=torch.int64)),
        lambda: ImageSplit(torch.zeros(2, 3, 4, 4, dtype=torch.uint8), torch.zeros(3, dtype=torch.int64)),
        lambda: ImageSplit(torch.zeros(2, 3, 4, 4, dtype=torch.uint8), torch.zeros(2)),
        lambda: images(train=split(0)),
        lambda: images(test=split(shape=(3, 4, 4))),
        lambda: images(test=ImageSplit(split().images, split().labels + 1)),
    ],
)
def test_what_is_not_a_dataset_is_refused(make):
    with pytest.raises(ValueError, match=r"images|labels|split"):
        make()


def test_to_the_same_device_copies_nothing():
    some = split()
    assert some.to("cpu") is some


@given(st.text(max_size=20), st.lists(st.integers(0, 5), max_size=5))
def test_a_stream_goes_on_where_it_stopped(name, counts):
    piecewise = Stream(name)
    parts = np.concatenate([piecewise.integers(count) for count in [*counts, 0]])
    np.testing.assert_array_equal(parts, Stream(name).integers(sum(counts)))


def test_streams_are_told_apart_by_name_and_stay_as_they_are():
    assert Stream("a").integers(1) != Stream("b").integers(1)
    assert Stream("digits/train").integers(2).tolist() == [11054786995505199428, 634294436497301830]
    assert sorted(Stream("a").permutation(50)) == list(range(50))
    uniform = Stream("a").uniform(1000)
    assert 0 <= uniform.min() < 0.01
    assert 0.99 < uniform.max() < 1
