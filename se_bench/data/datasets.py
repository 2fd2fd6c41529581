"""What a dataset is, and the one door to all of them: :func:`load`.

A loader is a function of keyword-only options that returns :class:`Images`; the registry names it. Its
signature is the list of its options: names, types and defaults are read from there.
"""

from __future__ import annotations

import hashlib
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Self

import torch

from se_bench import registry
from se_bench.errors import OptionError, nearest_name


@dataclass(frozen=True)
class ImageSplit:
    """Images and their labels, on one device."""

    images: torch.Tensor
    """uint8, (N, C, H, W), in whatever memory format."""
    labels: torch.Tensor
    """int64, (N,), counted from 0."""

    def __post_init__(self) -> None:
        if self.images.dtype != torch.uint8 or self.images.ndim != 4:
            raise ValueError(f"images must be uint8 (N, C, H, W), not {_kind(self.images)}")
        if self.labels.dtype != torch.int64 or self.labels.shape != self.images.shape[:1]:
            raise ValueError(f"labels must be int64 ({len(self.images)},), not {_kind(self.labels)}")

    def __len__(self) -> int:
        return len(self.labels)

    def to(self, device: torch.device | str) -> Self:
        """The same split on ``device``; itself where it is there already."""
        images, labels = self.images.to(device), self.labels.to(device)
        return self if images is self.images and labels is self.labels else type(self)(images, labels)


@dataclass(frozen=True, eq=False)
class Images:
    """A dataset in memory."""

    name: str
    classes: tuple[str, ...]
    """The name of each class; a label is a position in it."""
    train: ImageSplit
    """Never empty."""
    validation: ImageSplit
    """May be empty. Searches choose by it."""
    test: ImageSplit
    """Only ever reported."""

    def __post_init__(self) -> None:
        if not len(self.train):
            raise ValueError(f"the training split of {self.name} is empty")
        for name, split in self.splits.items():
            if split.images.shape[1:] != self.train.images.shape[1:]:
                raise ValueError(f"{name} images of {self.name} are shaped unlike the training images")
            if len(split) and not 0 <= int(split.labels.min()) <= int(split.labels.max()) < len(self.classes):
                raise ValueError(f"{name} labels of {self.name} are outside 0 ... {len(self.classes) - 1}")

    @property
    def splits(self) -> Mapping[str, ImageSplit]:
        """The three splits by name."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    @property
    def bytes(self) -> int:
        """What the images take in memory."""
        return sum(split.images.numel() for split in self.splits.values())

    @property
    def num_classes(self) -> int:
        """How many classes there are, whether or not each occurs."""
        return len(self.classes)

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(C, H, W) of one image."""
        channels, height, width = self.train.images.shape[1:]
        return channels, height, width

    @cached_property
    def _moments(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        means, deviations = [], []
        levels = torch.arange(256, dtype=torch.float64) / 255
        for channel in self.train.images.cpu().unbind(1):
            share = torch.bincount(channel.flatten(), minlength=256).double() / channel.numel()
            mean = float(share @ levels)
            means.append(mean)
            deviations.append(max(float(share @ (levels - mean) ** 2) ** 0.5, 1 / 255))
        return tuple(means), tuple(deviations)

    @property
    def mean(self) -> tuple[float, ...]:
        """Mean of each channel over all pixels of the training split, in [0, 1]."""
        return self._moments[0]

    @property
    def std(self) -> tuple[float, ...]:
        """Standard deviation of each channel likewise; at least one grey level, so that it can divide."""
        return self._moments[1]

    @cached_property
    def fingerprint(self) -> str:
        """BLAKE2b of the content, 32 hexadecimal digits: split names, shapes, types, images and labels.

        Equal content has an equal fingerprint, wherever its files lie and however it was asked for.
        """
        digest = hashlib.blake2b(digest_size=16)
        for name, split in self.splits.items():
            for part, tensor in (("images", split.images), ("labels", split.labels)):
                digest.update(f"{name}.{part} {_kind(tensor)}\n".encode())
                digest.update(tensor.cpu().contiguous().numpy().data)
        return digest.hexdigest()


def load(name: str, options: Mapping[str, Any]) -> Images:
    """The dataset registered as ``name``, with ``options``; the same object when asked again.

    Raises :class:`~se_bench.errors.UnknownNameError` for a name that is not registered,
    :class:`~se_bench.errors.OptionError` for an option it lacks or a value it does not take, and
    :class:`~se_bench.errors.DataError` where its files are missing or damaged.
    """
    loader = registry.load("dataset", name)
    return _load_once(loader, tuple(sorted(complete_options(name, loader, options).items())))


def complete_options(name: str, loader: Callable[..., Images], options: Mapping[str, Any]) -> dict[str, Any]:
    """``options`` with the loader's defaults filled in, checked by name and type against its signature."""
    parameters = inspect.signature(loader).parameters
    hints = typing.get_type_hints(loader)
    for option, value in options.items():
        key = f"dataset.{option}"
        if option not in parameters:
            message = f"dataset {name!r} has no option {option!r}"
            near = nearest_name(option, parameters)
            raise OptionError(message, key=key, allowed=tuple(parameters), nearest=near)
        kinds = _kinds(hints.get(option, object))
        if not any(_is_a(value, kind) for kind in kinds):
            allowed = tuple("null" if kind is type(None) else kind.__name__ for kind in kinds)
            raise OptionError(f"{value!r} is of the wrong type", key=key, allowed=allowed)
    return {option: options.get(option, entry.default) for option, entry in parameters.items()}


def check_count(option: str, value: int, *, least: int, most: int = 1_000_000) -> None:
    """Refuse a number of images outside ``least ... most``."""
    if not least <= value <= most:
        raise OptionError(f"{value} is out of range", key=f"dataset.{option}", allowed=(f"{least} ... {most}",))


@lru_cache(maxsize=2)
def _load_once(loader: Callable[..., Images], options: tuple[tuple[str, Any], ...]) -> Images:
    return loader(**dict(options))


def _kinds(hint: Any) -> tuple[type, ...]:
    union = typing.get_origin(hint) in (types.UnionType, typing.Union)
    return typing.get_args(hint) if union else (hint,)


def _is_a(value: Any, kind: type) -> bool:
    if isinstance(value, bool) and kind is not object:
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


def _kind(tensor: torch.Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {tuple(tensor.shape)}"
