"""How often a candidate's trials end without a result: a share with its interval."""

from __future__ import annotations

from dataclasses import dataclass

from scipy import special

from se_bench.analysis.estimates import TAIL


@dataclass(frozen=True, slots=True)
class FailureRate:
    """Trials that completed or failed, and those of them that failed."""

    trials: int
    lost: int

    @property
    def share(self) -> float | None:
        """The share without a result; None where no trial is over."""
        return self.lost / self.trials if self.trials else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The exact 95 % interval of Clopper & Pearson (Biometrika 26, 1934): none in 5 may still be half of all."""
        if not self.trials:
            return None
        kept = self.trials - self.lost
        low = special.betaincinv(self.lost, kept + 1, TAIL) if self.lost else 0.0
        high = special.betaincinv(self.lost + 1, kept, 1 - TAIL) if kept else 1.0
        return float(low), float(high)
