"""The empirical distribution of error: which share of a family's candidates has an error of at most e.

The comparison of whole design spaces of Radosavovic et al. (ICCV 2019). A candidate is its mean over seeds. One
whose every trial diverged or failed reaches no error, but counts among its family.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from se_bench.analysis import multipliers, seed_table
from se_bench.analysis.answer import Answer
from se_bench.analysis.arrays import Flags, Floats
from se_bench.analysis.families import Families, families
from se_bench.analysis.seed_table import SeedTable, maximized
from se_bench.analysis.selection import metric
from se_bench.config.dashboard import Panel
from se_bench.records import Status

MOST_POINTS = 1000
"""A longer curve is drawn through as many evenly spaced candidates."""
MOST_BANDED = 5000
"""A family with more candidates has no band: it would be as thin as the line."""
GRID = 100
TAILS = (0.01, 0.99)
"""The band reaches over all but these ends of the resampled errors."""
RESAMPLES = slice(200)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Distribution:
    """One family."""

    family: str
    n: int
    """Candidates, those that reached no error included."""
    failed: int
    """Candidates without any completed trial."""
    error: Floats
    """(E,) ascending."""
    share: Floats
    """(E,) of candidates with at most that error."""
    grid: Floats
    """(G,) errors at which the band is known; empty where no candidate has two seeds."""
    low: Floats
    """(G,) ends of the 95 % interval of the share, over seeds, at each error by itself."""
    high: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Distributions:
    """What the figure shows."""

    y: str
    families: tuple[Distribution, ...]

    @property
    def caption(self) -> str:
        """How the curve is read, and n."""
        n, failed = (sum(getattr(each, name) for each in self.families) for name in ("n", "failed"))
        lost = f", {failed} of them without a completed trial, which reach none" if failed else ""
        banded = any(len(each.grid) for each in self.families)
        sure = f"Bands: 95 % over {RESAMPLES.stop} resamples of the seeds, at each error." if banded else ""
        return f"Share of candidates with at most this error; {n:,} candidates{lost}. {sure}".strip()


def compute(answer: Answer, panel: Panel) -> Distributions | None:
    """A distribution for each family of the panel, baselines left out; None where no candidate has a result."""
    y = metric(answer, panel)
    found = seed_table.of(answer)
    errors = _errors(found.values(y), y, up=maximized(y, answer.study.objectives))
    groups = families(found, panel.by) if panel.by else _together(found)
    ended = np.asarray(np.isfinite(errors).any(axis=1))
    lost = _without_result(answer) & ~ended
    result = []
    for code, name in enumerate(groups.names):
        members = (groups.codes == code) & ~found.is_baseline
        if ended[members].any():
            result.append(_distribution(name, errors[members & ended], int(lost[members].sum())))
    return Distributions(y=y, families=tuple(result)) if result else None


def _together(found: SeedTable) -> Families:
    return Families(("all candidates",), np.zeros(len(found.labels), dtype=np.intp))


def _without_result(answer: Answer) -> Flags:
    """(K,) whether a candidate's every trial has ended, and none with a result."""
    statuses: dict[str, set[Status]] = {each.candidate.architecture_id: set() for each in answer.candidates}
    for trial in answer.records.trials:
        if trial.architecture_id in statuses:
            statuses[trial.architecture_id].add(trial.status)
    return np.array([bool(found) and all(each.unsuccessful for each in found) for found in statuses.values()])


def _errors(values: Floats, y: str, *, up: bool) -> Floats:
    """Turned so that less is better: the error of an accuracy, else the metric itself or its negative."""
    return 1 - values if y == "accuracy" else -values if up else values


def _distribution(name: str, errors: Floats, failed: int) -> Distribution:
    n = len(errors) + failed
    ordered = np.sort(seed_table.means(errors))
    share = np.arange(1, len(ordered) + 1) / n
    if len(ordered) > MOST_POINTS:
        kept = np.linspace(0, len(ordered) - 1, MOST_POINTS).round().astype(int)
        ordered, share = ordered[kept], share[kept]
    grid, low, high = np.empty((3, 0))
    if len(errors) <= MOST_BANDED and multipliers.has_spread(errors):
        drawn = np.sort(multipliers.resampled_means(errors, RESAMPLES), axis=1)
        least, most = (float(end) for end in np.quantile(drawn, TAILS))
        grid = np.linspace(least, most, GRID)
        shares = np.array([np.searchsorted(row, grid, side="right") for row in drawn]) / n
        low, high = np.quantile(shares, (0.025, 0.975), axis=0)
    return Distribution(family=name, n=n, failed=failed, error=ordered, share=share, grid=grid, low=low, high=high)
