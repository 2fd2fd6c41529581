"""Random numbers that datasets are built from: named, and the same with every version of NumPy.

NumPy promises that the raw 64-bit output of a bit generator never changes, but not what ``Generator`` makes
of it. A dataset's content is part of a trial's identity, so only the raw output is used here.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt


class Stream:
    """An endless sequence of random numbers that depends on nothing but its name.

    Asking twice for n numbers gives the same as asking once for 2n.
    """

    def __init__(self, name: str) -> None:
        key = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=16).digest(), "little")
        self._bits = np.random.Philox(key=key)

    def integers(self, *shape: int) -> npt.NDArray[np.uint64]:
        """The next ``prod(shape)`` 64-bit integers, row by row."""
        return np.asarray(self._bits.random_raw(int(np.prod(shape))), dtype=np.uint64).reshape(shape)

    def uniform(self, *shape: int) -> npt.NDArray[np.float64]:
        """The next numbers, uniform on the multiples of 2^-53 in [0, 1)."""
        return (self.integers(*shape) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def permutation(self, n: int) -> npt.NDArray[np.int64]:
        """0 ... n-1 in random order."""
        return np.argsort(self.integers(n), kind="stable").astype(np.int64)
