"""Optuna's samplers by name, with what each takes, so that a plan is checked without importing Optuna.

A test holds the table against the Optuna that is installed. Options that want an object (a function, another
sampler) or that Optuna has deprecated are left out: a study is plain data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Sampler:
    """What a plan must know of a sampler."""

    options: Mapping[str, type]
    """Name -> type of the options that ``plan.sampler_options`` may hold."""
    many_objectives: bool = True
    """Whether it can trade several objectives against each other."""
    needs: str | None = None
    """A package that Optuna does not bring with it."""


_GENETIC = {"population_size": int, "mutation_prob": float, "crossover_prob": float, "swapping_prob": float}

SAMPLERS: Mapping[str, Sampler] = MappingProxyType(
    {
        "TPESampler": Sampler(
            {
                "n_startup_trials": int,
                "n_ei_candidates": int,
                "multivariate": bool,
                "group": bool,
                "constant_liar": bool,
            }
        ),
        "NSGAIISampler": Sampler(_GENETIC),
        "NSGAIIISampler": Sampler(_GENETIC | {"dividing_parameter": int}),
        "GPSampler": Sampler({"n_startup_trials": int, "deterministic_objective": bool}),
        "CmaEsSampler": Sampler(
            {
                "sigma0": float,
                "n_startup_trials": int,
                "popsize": int,
                "use_separable_cma": bool,
                "with_margin": bool,
                "lr_adapt": bool,
            },
            many_objectives=False,
            needs="cmaes",
        ),
        "QMCSampler": Sampler({"qmc_type": str, "scramble": bool}),
        "RandomSampler": Sampler({}),
        "BruteForceSampler": Sampler({"avoid_premature_stop": bool}),
    }
)
"""Class name -> what it takes."""

SHORT_NAMES: Mapping[str, str] = MappingProxyType({"tpe": "TPESampler", "nsga2": "NSGAIISampler"})
"""The plan kinds that stand for a sampler."""


def class_name(kind: str) -> str | None:
    """The sampler's class that a plan kind stands for; None for a kind that knows its candidates beforehand."""
    name = SHORT_NAMES.get(kind, kind)
    return name if name in SAMPLERS else None
