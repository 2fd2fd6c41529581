"""What is measured of one net's gates: how they differ between channels, classes and images, and what they bring.

With ``m_kc`` the mean gate of channel c over the images of class k, ``n_k`` these images, ``v_kc`` the variance over
them, and ``m_c`` the mean over all N images, the variance over images, summed over channels, has two parts:

between classes ``B = Σ_c Σ_k n_k (m_kc - m_c)² / N``     within classes ``W = Σ_c Σ_k n_k v_kc / N``
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from se_bench.records import GateReading, UnitGates

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Parts:
    """The gates of one unit with one seed."""

    channel_means: Array
    """(C,), over all images."""
    between: float
    within: float
    class_correlations: Array
    """Of each pair of classes; NaN where a profile is flat."""

    @property
    def class_share(self) -> float | None:
        """None for gates that are the same for all images, but for rounding."""
        total = self.between + self.within
        rounding = len(self.channel_means) * (4 * np.finfo(float).eps * float(np.abs(self.channel_means).max())) ** 2
        return self.between / total if total > rounding else None

    @classmethod
    def of(cls, unit: UnitGates, images: tuple[int, ...]) -> Parts:
        """From means and deviations by class, and how many images each class has."""
        means, deviations = np.asarray(unit.means), np.asarray(unit.deviations)
        weights = np.asarray(images)[:, None] / sum(images)
        channel_means = (weights * means).sum(axis=0)
        return cls(
            channel_means=channel_means,
            between=float((weights * (means - channel_means) ** 2).sum()),
            within=float((weights * deviations**2).sum()),
            class_correlations=np.array([correlation(*pair) for pair in combinations(means, 2)]),
        )


def saturation(unit: UnitGates) -> float | None:
    """The share of gates near either end; None where there is none."""
    ends = [share for share in (unit.low, unit.high) if share is not None]
    return math.fsum(ends) if ends else None


def dynamics(reading: GateReading, stage: int | None) -> float:
    """What accuracy owes to gates that depend on the image, of one stage or of all: frozen, it is so much lower.

    A stage without a block owes nothing to its gates.
    """
    for each in reading.interventions:
        if each.kind == "frozen" and each.stage == stage:
            return reading.accuracy - each.accuracy
    return 0.0


def correlation(one: Array, other: Array) -> float:
    """Pearson's; NaN where there are fewer than two values or one side has no spread."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.corrcoef(one, other)[0, 1]) if len(one) > 1 else math.nan


def mean_if_known(values: Array) -> float | None:
    """The mean, unless there is nothing to average or a part of it is not known."""
    return float(values.mean()) if len(values) and np.isfinite(values).all() else None
