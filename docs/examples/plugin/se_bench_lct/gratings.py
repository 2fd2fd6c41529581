"""`gratings`: stripes of four orientations under noise; made in a moment, for trying things out."""

from __future__ import annotations

import math

import torch

from se_bench.data.datasets import Images, ImageSplit

CLASSES = ("0", "45", "90", "135")


def load(*, size: int = 16, train_images: int = 512, test_images: int = 256) -> Images:
    """Build `gratings`; the signature is the list of options that a setting may give."""
    train, test = (_split(count, size, seed) for seed, count in enumerate((train_images, test_images)))
    nothing = ImageSplit(train.images[:0], train.labels[:0])
    return Images(name="gratings", classes=CLASSES, train=train, validation=nothing, test=test)


def _split(count: int, size: int, seed: int) -> ImageSplit:
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % len(CLASSES)
    angle = (labels * (math.pi / len(CLASSES)))[:, None, None]
    phase = torch.rand(count, 1, 1, generator=generator) * 2 * math.pi
    y, x = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    wave = torch.sin((x * angle.cos() + y * angle.sin()) * 1.5 + phase)
    noisy = wave[:, None] + torch.randn(count, 3, size, size, generator=generator)
    return ImageSplit(((noisy + 4) * 32).clamp(0, 255).to(torch.uint8), labels)
