"""Named random streams: every random choice of a trial has a generator of its own.

A stream's seed is a hash of (seed, names), so no choice can shift another: two candidates with the same seed
share the initial values of every parameter that both have, the order of images and every augmentation, and
an epoch's draws do not depend on the epochs before it.
"""

from __future__ import annotations

import hashlib

import torch


def stream_seed(seed: int, *names: str | int) -> int:
    """63 bits that depend on the seed and on every name, and on nothing else."""
    text = "/".join(str(part) for part in (seed, *names))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def generator(seed: int, *names: str | int) -> torch.Generator:
    """A fresh CPU generator of the stream ``names``; streams in use:

    ``("init", parameter)``, ``("order", epoch)``, ``("augment", epoch)`` and ``("layers", epoch)``.
    """
    return torch.Generator().manual_seed(stream_seed(seed, *names))
