"""`digits`: real handwritten digits blended into real photographs, made from what scikit-learn ships.

The construction is that of MNIST-M (Ganin & Lempitsky 2015, arXiv:1409.7495, section 4.1): the absolute
difference, channel by channel, of a digit and a random crop of a colour photograph. It departs from it in
the sources, for they must come without a download: the digits are scikit-learn's 1,797 (8 x 8, 17 levels;
the test part of UCI's "Optical Recognition of Handwritten Digits", Alpaydin & Kaynak 1998) instead of MNIST,
and the photographs scikit-learn's two (427 x 640) instead of BSDS500. As they are few, each is used several
times, scaled, rotated and shifted. Classes are balanced.

The three splits share no original digit and no column of a photograph: the left part of both photographs is
for training, a strip in the middle for validation, the right part for test. Each split has a random stream
of its own and draws image by image, so the first k images are the same however many are asked for.

The same on every machine: random numbers are raw Philox output, the rotation is rational (no sine), sampling
and blending are in integers. Only the two photographs pass through a JPEG decoder, and the fingerprint
would show it.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from se_bench.data.datasets import Images, ImageSplit, check_count
from se_bench.data.streams import Stream
from se_bench.errors import OptionError

CLASSES = tuple("0123456789")
SIZES = (16, 32)

COLUMNS = MappingProxyType({"train": (0, 384), "validation": (384, 448), "test": (448, 640)})
"""The columns of both photographs that a split crops from, first and one past the last."""

SHARES = MappingProxyType({"train": 0.60, "validation": 0.15, "test": 0.25})
"""The share of each class's originals."""

SCALE = (0.65, 1.05)
"""Side of the digit's 8 x 8 field, as a fraction of the image's side."""
TURN = 0.1763
"""Largest tangent of half the angle: 20 degrees either way."""
SHIFT = 0.15
"""Largest distance of the field's centre from the image's, each way, as a fraction of the image's side."""

_FIELD = 8  # pixels along a side of an original
_INK = 16  # its darkest level
_ONE = 256  # fixed-point unit of positions within an original
_CHUNK = 2048  # images rendered at once; bounds the working memory


def load(*, size: int = 16, train_images: int = 4096, validation_images: int = 1024, test_images: int = 2048) -> Images:
    """Build `digits` with images of ``size`` x ``size`` pixels (16 or 32) and three colour channels.

    Raises :class:`~se_bench.errors.OptionError` for another size or a count out of range.
    """
    if size not in SIZES:
        raise OptionError(f"{size} is no size of `digits`", key="dataset.size", allowed=tuple(map(str, SIZES)))
    check_count("train_images", train_images, least=1)
    check_count("validation_images", validation_images, least=0)
    check_count("test_images", test_images, least=1)
    return Images(
        name="digits",
        classes=CLASSES,
        train=_split("train", train_images, size),
        validation=_split("validation", validation_images, size),
        test=_split("test", test_images, size),
    )


def original_splits() -> dict[str, npt.NDArray[np.int64]]:
    """For each split, the positions in scikit-learn's ``load_digits`` of its originals, class by class."""
    labels = _sources()[1]
    order = Stream("digits/originals").permutation(len(labels))
    splits: dict[str, list[npt.NDArray[np.int64]]] = {split: [] for split in SHARES}
    for label in range(len(CLASSES)):
        positions = order[labels[order] == label]
        bounds = np.rint(np.cumsum([*SHARES.values()])[:-1] * len(positions)).astype(int)
        for split, part in zip(SHARES, np.split(positions, bounds), strict=True):
            splits[split].append(part)
    return {split: np.concatenate(parts) for split, parts in splits.items()}


@cache
def _sources() -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Originals (1797, 8, 8) in 0 ... 16, their labels, and the photographs (2, 427, 640, 3)."""
    files = _files()
    if not (files and all(path.is_file() for path in files)):  # another layout of scikit-learn than any so far
        return _sources_by_scikit_learn()
    rows = np.loadtxt(files[0], np.int64, delimiter=",")
    photographs = np.stack([np.asarray(Image.open(path)) for path in files[1:]])
    return rows[:, :-1].reshape(-1, _FIELD, _FIELD).astype(np.int32), rows[:, -1], photographs


def _files() -> list[Path]:
    """What scikit-learn reads its digits and photographs from; to import it for that takes a second and a half."""
    package = find_spec("sklearn")
    if package is None or package.origin is None:
        return []
    folder = Path(package.origin).parent / "datasets"
    return [folder / "data" / "digits.csv.gz", *(folder / "images" / f"{name}.jpg" for name in ("china", "flower"))]


def _sources_by_scikit_learn() -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    from sklearn.datasets import load_digits, load_sample_images  # noqa: PLC0415 - see `_files`

    digits = load_digits()
    return digits.images.astype(np.int32), digits.target.astype(np.int64), np.stack(load_sample_images().images)


def _split(split: str, count: int, size: int) -> ImageSplit:
    # Image k is of class k mod 10, and each class goes round its originals: all are used equally often.
    labels, chosen = np.arange(count) % len(CLASSES), np.empty(count, np.int64)
    positions = original_splits()[split]
    for label in range(len(CLASSES)):
        pool = positions[_sources()[1][positions] == label]
        chosen[label :: len(CLASSES)] = np.resize(pool, len(chosen[label :: len(CLASSES)]))
    stream = Stream(f"digits/{split}")
    images = np.empty((count, size, size, 3), np.uint8)
    for start in range(0, count, _CHUNK):
        part = slice(start, min(start + _CHUNK, count))
        draws = stream.uniform(part.stop - start, 7)
        ink = _ink(_sources()[0][chosen[part]], draws[:, :4], size)
        crops = _crops(draws[:, 4:], size, *COLUMNS[split])
        np.abs(crops - ink[..., None], out=images[part], casting="unsafe")
    return ImageSplit(torch.from_numpy(images).permute(0, 3, 1, 2), torch.from_numpy(labels))


def _ink(originals: npt.NDArray[np.int32], draws: npt.NDArray[np.float64], size: int) -> npt.NDArray[np.int16]:
    """Scale, rotate and shift by four uniform draws each.

    (n, 8, 8) in 0 ... 16 -> (n, size, size) in 0 ... 255. Bilinear between the pixels; nothing outside.
    """
    scale = size * (SCALE[0] + (SCALE[1] - SCALE[0]) * draws[:, 0]) / _FIELD
    half = TURN * (2 * draws[:, 1] - 1)
    cosine, sine = (1 - half**2) / (1 + half**2), 2 * half / (1 + half**2)
    shift = size * SHIFT * (2 * draws[:, 2:4] - 1)

    pixel = np.arange(size) - (size - 1) / 2
    y = pixel[None, :, None] - shift[:, 0, None, None]
    x = pixel[None, None, :] - shift[:, 1, None, None]
    cosine, sine = (cosine / scale)[:, None, None], (sine / scale)[:, None, None]
    middle = (_FIELD - 1) / 2
    # From here on integers: what float64 rounds differently somewhere cannot show.
    row, row_part = _fixed(cosine * y + sine * x + middle)
    column, column_part = _fixed(cosine * x - sine * y + middle)

    side = _FIELD + 3  # one empty pixel before, two after: row and column reach from -1 to 8, and one more
    field = np.zeros((len(originals), side, side), np.int32)
    field[:, 1:-2, 1:-2] = originals
    flat = field.reshape(-1)
    at = (np.arange(len(originals), dtype=np.int32)[:, None, None] * side + row + 1) * side + column + 1
    upper = flat[at] * (_ONE - column_part) + flat[at + 1] * column_part
    lower = flat[at + side] * (_ONE - column_part) + flat[at + side + 1] * column_part
    level = upper * (_ONE - row_part) + lower * row_part
    unit = _INK * _ONE * _ONE
    ink: npt.NDArray[np.int16] = ((level * 255 + unit // 2) // unit).astype(np.int16)
    return ink


def _fixed(position: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Whole pixel and 1/256ths of it, no further out than the empty pixels around the field."""
    fixed = np.rint(np.clip(position, -1, _FIELD) * _ONE).astype(np.int32)
    return fixed >> 8, fixed & (_ONE - 1)


def _crops(draws: npt.NDArray[np.float64], size: int, first: int, end: int) -> npt.NDArray[np.int16]:
    """Crops (n, size, size, 3) of columns ``first ... end - 1`` at three uniform draws each."""
    photographs = _sources()[2]
    places = (len(photographs), photographs.shape[1] - size + 1, end - first - size + 1)
    which, top, left = (draws * places).astype(np.int64).T
    windows = np.lib.stride_tricks.sliding_window_view(photographs, (size, size), (1, 2))
    crops: npt.NDArray[np.int16] = windows[which, top, first + left].transpose(0, 2, 3, 1).astype(np.int16)
    return crops
