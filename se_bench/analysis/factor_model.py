"""Main effects and two-way interactions of a study's axes, with intervals: a mixed model with seeds as blocks.

    y = mean + main effects + two-way interactions + seed + noise

where the levels of each effect sum to zero, so that a main effect is the deviation of a level's mean (over all
levels of the others, each weighted alike) from the mean of all. The seed is a random intercept: candidates of a
seed share initial weights and batches (statsmodels' MixedLM, by restricted maximum likelihood). Intervals and
tests use Student's t and F with N - p - (S - 1) degrees of freedom, which is exact where every candidate has
every seed (randomised complete blocks).

That model needs every combination of levels. Where it cannot be used, a simpler one is, and ``method`` says
which and why.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import statsmodels.api as sm
from numpy.linalg import LinAlgError
from scipy import special

from se_bench.analysis import seed_table
from se_bench.analysis.arrays import Floats, Places
from se_bench.analysis.estimates import CONFIDENCE
from se_bench.analysis.factors import Factor
from se_bench.analysis.one_sided import holm
from se_bench.analysis.seed_table import SeedTable

MOST_TERMS = 200
"""Columns of a design beyond which two-way interactions are left out."""
SPARE = 10
"""Candidates beyond the number of effects that an incomplete design needs for interactions."""
NO_SPREAD = 1e-9
"""A standard deviation below this share of the values themselves is rounding."""
NO_BLOCKS = 1e-3
"""A variance between seeds below this share of the noise is none: the fit stands at the border of what it allows."""


@dataclass(frozen=True, slots=True)
class LevelEffect:
    """The effect of a level, or of two together beyond what each does alone."""

    levels: tuple[str, ...]
    value: float
    low: float | None
    """Ends of the 95 % interval, for this effect alone; None where the spread is not known."""
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """An axis, or two together."""

    factors: tuple[str, ...]
    effects: tuple[LevelEffect, ...]
    """For two factors: all levels of the second for the first level of the first, and so on."""
    p: float | None
    """F test of there being no such effect, corrected by Holm over all terms; None where there is no interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorModel:
    """What is known of the effects of a study's axes on one metric."""

    mean: float
    """Mean over all combinations of levels."""
    terms: tuple[Term, ...]
    """Main effects, then interactions."""
    method: str
    """The model, in a sentence, and why it is not the usual one where it is not."""
    candidates: int
    trials: int
    lost: int
    """Trials of these candidates that diverged or failed."""


@dataclass(frozen=True, slots=True)
class _Fit:
    params: Floats
    covariance: Floats | None
    """None where the spread is not known."""
    freedom: int


def fit(found: SeedTable, y: str, factors: Sequence[Factor]) -> FactorModel | None:
    """The effects of ``factors`` on ``y``; None with fewer than two candidates to compare."""
    values = found.values(y)
    kept = np.flatnonzero(~found.is_baseline & np.isfinite(values).any(axis=1))
    used, left_out = _estimable(factors, kept)
    if not used:
        return None
    values = values[kept]
    design = _Design(used, [factor.codes[kept] for factor in used])
    result, pairs, method = _fitted(design, values)
    if left_out:
        method += f" {left_out} cannot be told apart from the others, and is left out."
    return FactorModel(
        mean=float(result.params[0]),
        terms=_terms(design, result, pairs=pairs),
        method=method,
        candidates=len(kept),
        trials=int(np.isfinite(values).sum()),
        lost=int(found.unsuccessful[~found.is_baseline].sum()),
    )


def _fitted(design: _Design, values: Floats) -> tuple[_Fit, bool, str]:
    """The fit, whether it has interactions, and how it was made. ``values`` is (K, S)."""
    known = np.isfinite(values)
    several = bool((known.sum(axis=0) > 1).sum() > 1 and (known.sum(axis=1) > 1).any())
    if several and design.complete and design.columns(pairs=True) <= MOST_TERMS:
        result, method = _by_trial(values, design.matrix(pairs=True))
        return result, True, method
    if several and design.columns(pairs=False) == len(values):
        result, method = _by_trial(values, design.matrix(pairs=False))
        return (
            result,
            False,
            f"{method} Not every combination of levels is there, so interactions are taken to be none.",
        )
    spare = design.columns(pairs=True) <= min(MOST_TERMS, len(values) - SPARE)
    pairs = spare and _full_rank(design.matrix(pairs=True))
    why = "These are not one candidate for every combination of levels" if several else "One seed"
    method = f"{why}: least squares over the candidates' means, so that what the model leaves out counts as noise."
    return _by_candidate(values, design.matrix(pairs=pairs)), pairs, method


class _Design:
    """Columns that sum to zero over the levels of each factor, for K candidates."""

    def __init__(self, factors: Sequence[Factor], codes: Sequence[Places]) -> None:
        self.factors = factors
        self.coding = [np.vstack([np.eye(len(each.levels) - 1), -np.ones(len(each.levels) - 1)]) for each in factors]
        self._columns = [coding[code] for coding, code in zip(self.coding, codes, strict=True)]
        cells = set(zip(*(code.tolist() for code in codes), strict=True))
        number = int(np.prod([len(factor.levels) for factor in factors]))
        self.complete = len(cells) == number == len(codes[0])
        """Whether there is one candidate for every combination of levels."""

    def terms(self, *, pairs: bool) -> list[tuple[int, ...]]:
        """Places of the factors of each term, in the order of columns."""
        mains = [(place,) for place in range(len(self.factors))]
        return [*mains, *(combinations(range(len(self.factors)), 2) if pairs else ())]

    def columns(self, *, pairs: bool) -> int:
        """How many columns the matrix has."""
        return 1 + sum(len(self.contrasts(term)[0]) for term in self.terms(pairs=pairs))

    def contrasts(self, term: tuple[int, ...]) -> Floats:
        """(levels, columns): what each level, or pair of levels, takes of the term's columns."""
        first, *second = (self.coding[place] for place in term)
        return np.asarray(np.kron(first, second[0]), dtype=np.float64) if second else first

    def matrix(self, *, pairs: bool) -> Floats:
        """(K, columns), the mean first."""
        parts = [np.ones((len(self._columns[0]), 1))]
        for first, *second in self.terms(pairs=pairs):
            left = self._columns[first]
            if second:
                right = self._columns[second[0]]
                left = (left[:, :, None] * right[:, None, :]).reshape(len(left), -1)
            parts.append(left)
        return np.hstack(parts)


def _estimable(factors: Sequence[Factor], kept: Places) -> tuple[list[Factor], str]:
    """The factors whose main effects can be told apart among these candidates, and the names of the others."""
    used: list[Factor] = []
    others = []
    for factor in factors:
        present = np.unique(factor.codes[kept])
        if len(present) < 2:
            continue
        codes = np.full(len(factor.codes), -1, dtype=np.intp)
        codes[kept] = np.searchsorted(present, factor.codes[kept])
        levels = tuple(factor.levels[place] for place in present)
        here = Factor(name=factor.name, levels=levels, codes=codes, grouped=factor.grouped)
        trial = [*used, here]
        if _full_rank(_Design(trial, [each.codes[kept] for each in trial]).matrix(pairs=False)):
            used.append(here)
        else:
            others.append(factor.name)
    return used, ", ".join(others)


def _full_rank(matrix: Floats) -> bool:
    columns = matrix.shape[1]
    return len(matrix) >= columns and bool(np.linalg.matrix_rank(matrix) == columns)


def _by_trial(values: Floats, columns: Floats) -> tuple[_Fit, str]:
    """Every completed trial is an observation; ``values`` (K, S), ``columns`` (K, p)."""
    rows, seeds = np.nonzero(np.isfinite(values))
    y, x = values[rows, seeds], columns[rows]
    blocks = np.unique(seeds)
    freedom = len(y) - x.shape[1] - (len(blocks) - 1)
    scale = y.std()
    if freedom < 1 or scale <= NO_SPREAD * np.abs(y).max():
        return _exactly(x, y), "Least squares; there are too few trials to know how they spread."
    mixed = _mixed((y - y.mean()) / scale, x, seeds)
    if mixed is not None:
        params, covariance = mixed
        params = params * scale
        params[0] += y.mean()
        return _known_spread(params, covariance * scale**2, freedom, scale), (
            "Mixed model: seed as a random intercept (restricted maximum likelihood)."
        )
    fixed = np.hstack([x, (seeds[:, None] == blocks[None, 1:]) - 1 / len(blocks)])
    found = sm.OLS(y, fixed).fit()
    return _known_spread(found.params[: x.shape[1]], found.cov_params()[: x.shape[1], : x.shape[1]], freedom, scale), (
        "The mixed model is singular here (the seeds do not differ more than chance), so seeds are fixed blocks."
    )


def _mixed(y: Floats, x: Floats, seeds: Places) -> tuple[Floats, Floats] | None:
    """Fixed effects and their covariance; None where the fit is singular or does not converge."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = sm.MixedLM(y, x, groups=seeds).fit(reml=True)
        except (LinAlgError, ValueError):
            return None
    size = x.shape[1]
    covariance = np.asarray(found.cov_params())[:size, :size]
    singular = float(np.asarray(found.cov_re)[0, 0]) < NO_BLOCKS * found.scale or not np.isfinite(covariance).all()
    return None if singular or not found.converged else (np.array(found.fe_params), covariance)


def _by_candidate(values: Floats, columns: Floats) -> _Fit:
    """Every candidate's mean is an observation, with what its seeds are above or below others taken off."""
    centred = values.copy()
    for _ in range(20):  # candidates and seeds in turn, until both are centred; at once where none is missing
        off = centred - np.nanmean(centred, axis=1, keepdims=True)
        known = np.isfinite(off).any(axis=0)
        centred[:, known] -= np.nanmean(off[:, known], axis=0)
    y = seed_table.means(centred)
    freedom = len(y) - columns.shape[1]
    if freedom < 1:
        return _exactly(columns, y)
    found = sm.OLS(y, columns).fit()
    return _known_spread(found.params, found.cov_params(), freedom, y.std())


def _exactly(x: Floats, y: Floats) -> _Fit:
    """Least squares without anything left to know the spread from."""
    return _Fit(np.asarray(np.linalg.lstsq(x, y, rcond=None)[0], dtype=np.float64), None, 0)


def _known_spread(params: Floats, covariance: Floats, freedom: int, scale: float) -> _Fit:
    known = bool(np.sqrt(np.diag(covariance)).max() > NO_SPREAD * scale)
    return _Fit(np.asarray(params), np.asarray(covariance) if known else None, freedom)


def _terms(design: _Design, found: _Fit, *, pairs: bool) -> tuple[Term, ...]:
    parts = []
    start = 1
    for term in design.terms(pairs=pairs):
        contrasts = design.contrasts(term)
        stop = start + contrasts.shape[1]
        params = found.params[start:stop]
        covariance = None if found.covariance is None else found.covariance[start:stop, start:stop]
        parts.append((term, contrasts @ params, *_uncertainty(contrasts, params, covariance, found.freedom)))
        start = stop
    corrected = holm([1.0 if p is None else p for *_, p in parts])
    return tuple(
        Term(
            factors=tuple(design.factors[place].name for place in term),
            effects=tuple(
                LevelEffect(levels, float(value), *((None, None) if half is None else (value - half, value + half)))
                for levels, value, half in zip(_names(design, term), values, halves, strict=True)
            ),
            p=None if p is None else adjusted,
        )
        for (term, values, halves, p), adjusted in zip(parts, corrected, strict=True)
    )


def _uncertainty(
    contrasts: Floats, params: Floats, covariance: Floats | None, freedom: int
) -> tuple[list[float | None], float | None]:
    """Half the interval of each effect, and the p-value of all being none."""
    if covariance is None:
        return [None] * len(contrasts), None
    errors = np.sqrt(np.einsum("lp,pq,lq->l", contrasts, covariance, contrasts))
    reach = special.stdtrit(freedom, 0.5 + CONFIDENCE / 2)
    statistic = params @ np.linalg.solve(covariance, params) / len(params)
    return [float(reach * error) for error in errors], float(special.fdtrc(len(params), freedom, statistic))


def _names(design: _Design, term: tuple[int, ...]) -> list[tuple[str, ...]]:
    first, *second = (design.factors[place].levels for place in term)
    return [(one, other) for one in first for other in second[0]] if second else [(one,) for one in first]
