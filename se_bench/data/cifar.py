"""`cifar10`: Krizhevsky's CIFAR-10 (2009), 50,000 + 10,000 photographs of 32 x 32, as it is published.

torchvision knows the files and their checksums, downloads and reads them. This file decides where they lie,
says what to do where they are missing or damaged, and leaves nothing half-made behind.
"""

from __future__ import annotations

import contextlib
import io
import os
import socket
import tempfile
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torchvision.datasets import CIFAR10
from torchvision.datasets.utils import check_integrity

from se_bench.data.datasets import Images, ImageSplit, check_count
from se_bench.data.streams import Stream
from se_bench.errors import DataError

ROOT_VARIABLE = "SE_BENCH_DATA"
DEFAULT_ROOT = "~/.cache/se-bench/data"
_TIMEOUT_SECONDS = 10.0  # for a connection that says nothing, not for the whole download


def load_cifar10(*, root: str | None = None, validation_images: int = 0) -> Images:
    """Read CIFAR-10, after downloading it if it is not there.

    ``root`` is the folder that holds ``cifar-10-batches-py``, or the archive ``cifar-10-python.tar.gz``, or
    will; by default the environment variable ``SE_BENCH_DATA``, else ``~/.cache/se-bench/data``. It does not
    enter the fingerprint. ``validation_images`` (0 ... 40,000) are set aside from the 50,000 for training,
    always the same and as many of each class, give or take one.

    Raises :class:`~se_bench.errors.DataError` where the files are missing and cannot be downloaded, or are
    not the published ones, and :class:`~se_bench.errors.OptionError` for a count out of range.
    """
    check_count("validation_images", validation_images, least=0, most=40_000)
    return read("cifar10", CIFAR10, data_root(root), validation_images)


def data_root(root: str | None) -> Path:
    """The folder for downloaded data: ``root``, else that of the environment, else the default."""
    return Path(root or os.environ.get(ROOT_VARIABLE) or DEFAULT_ROOT).expanduser().absolute()


def read(name: str, source: type[CIFAR10], root: Path, validation_images: int) -> Images:
    """Any dataset in CIFAR's format: ``source`` names files, checksums and archive, as torchvision does."""
    folder = root / source.base_folder
    files = dict([*source.train_list, *source.test_list, (source.meta["filename"], source.meta["md5"])])
    missing = [file for file in files if not (folder / file).is_file()]
    if missing:
        _fetch(source, root, missing)
    for file, md5 in files.items():
        if not check_integrity(folder / file, md5):
            raise DataError(
                f"damaged, or not the published file: its MD5 is not {md5}",
                file=folder / file,
                hint=f"remove it and run again, which downloads {source.url}",
            )
    train, test = source(root, train=True), source(root, train=False)
    kept, held_out = _hold_out(np.asarray(train.targets), validation_images)
    return Images(
        name=name,
        classes=tuple(train.classes),
        train=_split(train, kept),
        validation=_split(train, held_out),
        test=_split(test, np.arange(len(test.targets))),
    )


def _split(source: Any, positions: npt.NDArray[np.int64]) -> ImageSplit:
    images = torch.from_numpy(source.data[positions])
    labels = torch.from_numpy(np.asarray(source.targets, dtype=np.int64)[positions])
    return ImageSplit(images.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last), labels)


def _hold_out(labels: npt.NDArray[np.int64], count: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Positions to train on and ``count`` to hold out, each in file order.

    The images are shuffled class by class and dealt in turns; the last ``count`` are held out. So whoever
    holds out more holds out the same and others.
    """
    shuffled = Stream("cifar/validation").permutation(len(labels))
    turn = np.empty(len(labels))
    for label in np.unique(labels):
        own = shuffled[labels[shuffled] == label]
        turn[own] = (np.arange(len(own)) + 0.5) / len(own)
    dealt = np.lexsort((labels, turn))
    kept = len(labels) - count
    return np.sort(dealt[:kept]), np.sort(dealt[kept:])


def _fetch(source: type[CIFAR10], root: Path, missing: list[str]) -> None:
    """Put the ``missing`` files in their place, from the archive in ``root`` or from the network.

    All work is done in a temporary folder beside them; a file appears under its name only when it is whole.
    """
    archive = root / source.filename
    if archive.is_file() and not check_integrity(archive, source.tgz_md5):
        raise DataError(
            f"damaged, or not the published archive: its MD5 is not {source.tgz_md5}",
            file=archive,
            hint=f"replace it by {source.url}, or remove it and run again to download it",
        )
    made = [folder for folder in (root, *root.parents) if not folder.exists()]
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root, prefix=".unfinished-") as staging:
            if archive.is_file():
                (Path(staging) / source.filename).symlink_to(archive)
            with _quiet(), _network_timeout():
                source(staging, train=True, download=True)
            (root / source.base_folder).mkdir(exist_ok=True)
            for file in missing:
                (Path(staging) / source.base_folder / file).replace(root / source.base_folder / file)
    except (OSError, RuntimeError, HTTPException) as error:
        what = source.base_folder if len(missing) > 1 else f"{source.base_folder}/{missing[0]}"
        raise DataError(
            f"{what} is not here and cannot be downloaded: {error}",
            file=root,
            key="dataset.root",
            hint=(
                f"put {source.filename} (MD5 {source.tgz_md5}, from {source.url}) into {root}; or, where it "
                f"lies elsewhere, name that folder with --set dataset.root=DIR or {ROOT_VARIABLE}=DIR"
            ),
        ) from error
    finally:
        for folder in made:
            with contextlib.suppress(OSError):  # it holds the files, as it should
                folder.rmdir()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without torchvision's progress bar, which would write over ours."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


@contextlib.contextmanager
def _network_timeout() -> Iterator[None]:
    """Let a network that swallows packets fail soon; torchvision leaves no other way to tell urllib."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_TIMEOUT_SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
