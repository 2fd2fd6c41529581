"""From a split in memory to batches: one shuffle, one draw and a few tensor operations, on its device.

Random numbers are drawn on the CPU from the generators passed in, so that a CPU and a GPU see the same
batches. Images stay uint8 until a batch is made; normalising is one multiplication and one addition, kept
apart because a fused one rounds differently at the ends of vectorised loops. So a pixel's value depends on
nothing but the pixel, and is the same on every device.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

import torch
from torch.nn.functional import pad

from se_bench.data.datasets import ImageSplit
from se_bench.errors import ConfigError

Augment: TypeAlias = Literal["none", "crop", "flip", "crop_flip"]
Batch: TypeAlias = tuple[torch.Tensor, torch.Tensor]
"""Normalised images, float32 (B, C, H, W) in channels_last, and labels, int64 (B,)."""


class TrainBatches:
    """Shuffled and augmented batches of a split, epoch by epoch, on the device of the split.

    ``crop`` is that of He et al. 2015 (arXiv:1512.03385, section 4.2): pad the raw image, before normalising,
    with ``crop_padding`` zeros on each side, and take a random window of the original size. ``flip`` mirrors
    an image left to right with probability one half.
    """

    def __init__(
        self,
        split: ImageSplit,
        *,
        mean: Sequence[float],
        std: Sequence[float],
        batch_size: int,
        augment: Augment = "none",
        crop_padding: int = 4,
    ) -> None:
        """``mean`` and ``std`` are those of the channels, in [0, 1].

        Raises :class:`~se_bench.errors.ConfigError` where the split does not fill one batch.
        """
        if batch_size > len(split):
            raise ConfigError(
                f"{batch_size} images a batch, but the training split has {len(split)}",
                key="recipe.batch_size",
                allowed=(f"1 ... {len(split)}",),
            )
        self.batch_size = batch_size
        self._split = split
        self._flips = augment in ("flip", "crop_flip")
        self._padding = crop_padding if augment in ("crop", "crop_flip") else 0
        self._normalise = _Normalise(split, mean, std)
        self._rows = _row_windows(split, self._padding)

    def __len__(self) -> int:
        """Batches an epoch; a last incomplete one is dropped."""
        return len(self._split) // self.batch_size

    def epoch(self, order: torch.Generator, augment: torch.Generator) -> Iterator[Batch]:
        """One epoch's batches. Each image comes at most once.

        ``order`` gives one permutation. ``augment`` gives, for the k-th place of the order whichever image is
        there, a row and a column offset (only if cropping) and then a coin (only if flipping). Both are
        drawn before the first batch, so a caller may do with the generators what it likes meanwhile.
        """
        permutation = torch.randperm(len(self._split), generator=order)
        count = len(self) * self.batch_size
        device = self._split.images.device
        starts = self._row_starts(permutation, augment)[:count].to(device)
        flips = self._coins(augment)[:count].to(device) if self._flips else None
        labels = self._split.labels.index_select(0, permutation[:count].to(device))
        return self._batches(starts, flips, labels)

    def _row_starts(self, permutation: torch.Tensor, augment: torch.Generator) -> torch.Tensor:
        """(N, H): where each row of each image begins in the padded images, in pixels."""
        height, width = (side + 2 * self._padding for side in self._split.images.shape[2:])
        corners = permutation * (height * width)
        if self._padding:
            reach = 2 * self._padding + 1
            offsets = torch.randint(0, reach, (len(permutation), 2), generator=augment)
            corners += offsets[:, 0] * width + offsets[:, 1]
        return corners[:, None] + torch.arange(self._split.images.shape[2]) * width

    def _coins(self, augment: torch.Generator) -> torch.Tensor:
        return torch.randint(0, 2, (len(self._split), 1, 1, 1), generator=augment).bool()

    def _batches(self, starts: torch.Tensor, flips: torch.Tensor | None, labels: torch.Tensor) -> Iterator[Batch]:
        channels, height, width = self._split.images.shape[1:]
        for at in range(0, len(labels), self.batch_size):
            part = slice(at, at + self.batch_size)
            rows = self._rows.index_select(0, starts[part].reshape(-1))
            images = rows.view(-1, height, width, channels)
            if flips is not None:
                images = torch.where(flips[part], images.flip(2), images)
            yield self._normalise(images), labels[part]


class EvalBatches:
    """All images of a split in order, normalised, the last batch as long as it comes."""

    def __init__(self, split: ImageSplit, *, mean: Sequence[float], std: Sequence[float], batch_size: int) -> None:
        self.batch_size = batch_size
        self._labels = split.labels
        self._images = split.images.permute(0, 2, 3, 1).contiguous()
        self._normalise = _Normalise(split, mean, std)

    def __len__(self) -> int:
        return math.ceil(len(self._labels) / self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        for at in range(0, len(self._labels), self.batch_size):
            part = slice(at, at + self.batch_size)
            yield self._normalise(self._images[part]), self._labels[part]


class _Normalise:
    """(uint8 / 255 - mean) / std, on whole images as rows, four times as fast as channel by channel."""

    def __init__(self, split: ImageSplit, mean: Sequence[float], std: Sequence[float]) -> None:
        _, channels, height, width = split.images.shape
        if not len(mean) == len(std) == channels:
            raise ValueError(f"{len(mean)} means and {len(std)} deviations for {channels} channels")
        scale = torch.tensor([1 / (255 * deviation) for deviation in std], dtype=torch.float32)
        shift = torch.tensor([-m / deviation for m, deviation in zip(mean, std, strict=True)])
        device = split.images.device
        self._scale = scale.repeat(height * width).to(device)
        self._shift = shift.to(torch.float32).repeat(height * width).to(device)

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """uint8 (B, H, W, C) -> float32 (B, C, H, W) in channels_last."""
        values = images.reshape(len(images), -1).to(torch.float32).mul_(self._scale).add_(self._shift)
        return values.view(images.shape).permute(0, 3, 1, 2)


def _row_windows(split: ImageSplit, padding: int) -> torch.Tensor:
    """A view (starts, W * C) of the padded images: the row of an image's width that starts at each pixel.

    A random crop is then a choice of rows, one contiguous copy each, and needs no index for every pixel.
    """
    images = pad(split.images.permute(0, 2, 3, 1), (0, 0, padding, padding, padding, padding)).contiguous()
    count, height, width, channels = images.shape
    length = width - 2 * padding
    starts = count * height * width - length + 1
    return images.as_strided((starts, length * channels), (channels, 1))
