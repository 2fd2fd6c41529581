"""`digits`: what is in it, that it never changes, and that nothing of the test split is trained on."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits, load_sample_images
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression

from se_bench.data import datasets, digits
from se_bench.errors import OptionError

# Identities of finished trials hang on these two. If one changes, so do all numbers measured with `digits`.
FINGERPRINT_16 = "745495c59c492ecd024a9d903c2a9971"
FINGERPRINT_32 = "5cfb7f904c6a374c79090c7468f39f49"


@pytest.fixture(scope="module")
def images():
    return digits.load()


def test_shapes_types_and_counts(images):
    assert images.input_shape == (3, 16, 16)
    assert images.num_classes == 10
    assert {name: len(split) for name, split in images.splits.items()} == {
        "train": 4096,
        "validation": 1024,
        "test": 2048,
    }
    for split in images.splits.values():
        assert split.images.dtype == torch.uint8
        assert split.labels.dtype == torch.int64


def test_content_never_changes(images):
    assert images.fingerprint == FINGERPRINT_16
    assert digits.load(size=32).fingerprint == FINGERPRINT_32


def test_another_process_builds_the_same_without_importing_scikit_learn():
    program = "import sys; from se_bench.data import digits; print(digits.load().fingerprint, 'sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [FINGERPRINT_16, "False"]


def test_the_sources_are_those_that_scikit_learn_reads(monkeypatch, tmp_path):
    direct = digits._sources()
    monkeypatch.setattr(digits, "_files", lambda: [tmp_path / "moved"])
    for ours, theirs in zip(direct, digits._sources.__wrapped__(), strict=True):
        assert ours.dtype == theirs.dtype
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_classes_are_balanced(images, split):
    counts = torch.bincount(images.splits[split].labels, minlength=10)
    assert counts.max() - counts.min() <= 1


def test_every_original_is_in_one_split_and_classes_are_shared_out_alike():
    splits = digits.original_splits()
    everything = np.concatenate(list(splits.values()))
    assert sorted(everything) == list(range(1797))
    labels = load_digits().target
    for split, positions in splits.items():
        shares = np.bincount(labels[positions], minlength=10) / np.bincount(labels, minlength=10)
        assert abs(shares - digits.SHARES[split]).max() < 0.005


def test_no_column_of_a_photograph_is_in_two_splits():
    width = load_sample_images().images[0].shape[1]
    columns = [column for first, end in digits.COLUMNS.values() for column in range(first, end)]
    assert sorted(columns) == list(range(width))


@pytest.mark.parametrize("size", digits.SIZES)
@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_crops_keep_to_their_columns(split, size):
    first, end = digits.COLUMNS[split]
    just_below_one = 1 - 2.0**-53
    corners = np.array([[p, y, x] for p in (0, 0.5) for y in (0, just_below_one) for x in (0, just_below_one)])
    crops = digits._crops(corners, size, first, end)
    photographs = load_sample_images().images
    bottom = photographs[0].shape[0] - size
    wanted = [
        photographs[which][top : top + size, left : left + size]
        for which in (0, 1)
        for top in (0, bottom)
        for left in (first, end - size)
    ]
    np.testing.assert_array_equal(crops, np.stack(wanted))


def test_an_image_is_the_absolute_difference_of_ink_and_photograph():
    """Unturned, unshifted, at the scale of one original pixel each two: ink in its field, none outside."""
    original = np.full((1, 8, 8), 16, np.int32)
    share = (1 - digits.SCALE[0]) / (digits.SCALE[1] - digits.SCALE[0])
    ink = digits._ink(original, np.array([[share, 0.5, 0.5, 0.5]]), 16)
    assert (ink[0, 1:15, 1:15] == 255).all()
    assert ink[0, 0, 0] == round(255 * 0.75 * 0.75)  # a quarter of a pixel beyond the outermost centres


def test_ink_agrees_with_a_bilinear_interpolation_in_floating_point():
    from scipy.ndimage import map_coordinates

    original = load_digits().images[:1]
    scale_draw, turn_draw, y_draw, x_draw = 0.3, 0.9, 0.2, 0.7
    ink = digits._ink(original.astype(np.int32), np.array([[scale_draw, turn_draw, y_draw, x_draw]]), 32)
    scale = 4 * (digits.SCALE[0] + scale_draw * (digits.SCALE[1] - digits.SCALE[0]))
    angle = 2 * np.arctan(digits.TURN * (2 * turn_draw - 1))
    shift_y, shift_x = (32 * digits.SHIFT * (2 * draw - 1) for draw in (y_draw, x_draw))
    y, x = np.mgrid[:32, :32] - 15.5
    y, x = (y - shift_y) / scale, (x - shift_x) / scale
    turned = np.stack([np.cos(angle) * y + np.sin(angle) * x, np.cos(angle) * x - np.sin(angle) * y]) + 3.5
    expected = map_coordinates(original[0], turned, order=1, mode="grid-constant") * 255 / 16
    assert abs(ink[0] - expected).max() < 255 / 256 + 0.5  # positions are kept to 1/256 of a pixel


@settings(max_examples=15, deadline=None)
@given(
    fewer=st.integers(1, 40),
    more=st.integers(41, 90),
    offset=st.sampled_from([0, 2040]),
    size=st.sampled_from([16, 32]),
)
def test_asking_for_more_only_adds_images(fewer, more, offset, size):
    """Also across the boundary of the chunks in which images are rendered."""
    few = digits.load(size=size, train_images=offset + fewer, validation_images=fewer, test_images=fewer)
    many = digits.load(size=size, train_images=offset + more, validation_images=more, test_images=more)
    for split in few.splits:
        short, long = few.splits[split], many.splits[split]
        assert torch.equal(short.images, long.images[: len(short)])
        assert torch.equal(short.labels, long.labels[: len(short)])


def test_validation_may_be_empty():
    assert len(digits.load(train_images=10, validation_images=0, test_images=10).validation) == 0


def _linear_accuracy(images, features):
    basis = PCA(60, random_state=0).fit(features(images.train))
    model = LogisticRegression(C=0.1, max_iter=1000)
    model.fit(basis.transform(features(images.train)), images.train.labels)
    return model.score(basis.transform(features(images.test)), images.test.labels)


def test_the_task_can_be_learnt_but_not_from_pixels(images):
    """Chance is 0.10; ResNet-8 of width 16 reaches 0.90.

    A linear model of raw pixels is nearly lost (measured: 0.163), for ink may be darker or lighter than its
    ground. Told how far each pixel is from the image's border, it sees the digit (measured: 0.407).
    """

    def pixels(split):
        return split.images.flatten(1).numpy() / 255

    def contrast(split):
        values = split.images.numpy() / 255
        edges = (values[:, :, 0], values[:, :, -1], values[:, :, :, 0], values[:, :, :, -1])
        ground = np.median(np.concatenate(edges, axis=2), axis=2)
        return abs(values - ground[:, :, None, None]).mean(1).reshape(len(values), -1)

    assert 0.13 < _linear_accuracy(images, pixels) < 0.25
    assert 0.35 < _linear_accuracy(images, contrast) < 0.75


def test_labels_are_those_of_the_originals():
    """Over a black photograph the image is the digit: the nearest class mean is right nearly always."""
    data = load_digits()
    middle = np.full((len(data.images), 4), 0.5)
    middle[:, 0] = 0.875  # field as large as the image
    ink = digits._ink(data.images.astype(np.int32), middle, 16).reshape(-1, 256).astype(float)
    means = np.stack([ink[data.target == label].mean(0) for label in range(10)])
    nearest = ((ink[:, None] - means) ** 2).sum(2).argmin(1)
    assert (nearest == data.target).mean() > 0.88


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"size": 28}, "dataset.size"),
        ({"train_images": 0}, "dataset.train_images"),
        ({"validation_images": -1}, "dataset.validation_images"),
        ({"test_images": 10**9}, "dataset.test_images"),
    ],
)
def test_refuses_what_cannot_be_built(options, key):
    with pytest.raises(OptionError) as refused:
        datasets.load("digits", options)
    assert refused.value.key == key
    assert refused.value.allowed
