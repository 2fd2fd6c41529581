"""A study: a question with a plan and claims, over a space, in a setting."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from se_bench.config.axes import AxisValue
from se_bench.config.claim import Claim
from se_bench.config.constraint import Costs, Limit
from se_bench.config.definition import Definition, Name

Objective = Literal["accuracy", "loss", "train_seconds", "macs", "params", "elementwise", "activations"]


class SeedRange(Definition):
    """Seeds that are added one by one, only where a comparison is still open."""

    min: Annotated[int, Field(ge=3, le=100)]
    """Seeds that every candidate is trained with; a verdict needs three."""
    max: Annotated[int, Field(ge=4, le=100)]
    """Seeds after which an open comparison stays undecided."""

    @model_validator(mode="after")
    def _rising(self) -> SeedRange:
        if self.min >= self.max:
            raise ValueError(
                f"`min` must be below `max`, not {self.min} and {self.max}; `seeds: {self.max}` is a fixed number"
            )
        return self


def _form(seeds: Any) -> str:
    """Which of the three ways to write seeds is meant, so that a mistake is explained in its terms."""
    return "a range" if isinstance(seeds, dict | SeedRange) else "a list" if isinstance(seeds, tuple) else "a number"


Seeds = Annotated[
    Annotated[int, Field(ge=1, le=10_000), Tag("a number")]
    | Annotated[tuple[Annotated[int, Field(ge=0)], ...], Tag("a list")]
    | Annotated[SeedRange, Tag("a range")],
    Discriminator(_form),
]


class PlanDefinition(Definition):
    """Which candidates of the space are trained. The baseline is always one of them."""

    kind: Literal["grid", "one_factor"] = "grid"
    """`grid`: every combination of the values; `one_factor`: one axis at a time moves off its default."""
    vary: Annotated[dict[str, Annotated[tuple[AxisValue, ...], Field(min_length=1)]], Field(min_length=1)]
    """The axes that differ between candidates, each with its values."""
    fixed: dict[str, AxisValue] = {}
    """Axes held at one value other than their default; of these the baseline takes those of the backbone."""

    @model_validator(mode="after")
    def _apart(self) -> PlanDefinition:
        for name in self.fixed:
            if name in self.vary:
                raise ValueError(f"`{name}` is both varied and fixed")
        for name, values in self.vary.items():
            if len({(type(value), value) for value in values}) < len(values):
                raise ValueError(f"`{name}` has a value twice")
        return self


class StudyDefinition(Definition):
    """A study as its file says it; ``config.load`` adds the space and setting that it names."""

    name: Name
    """The file's name without `.yaml`; results are kept under it."""
    question: str
    """What the study wants to know."""
    space: str
    """The search space: a name, or a path to a file."""
    setting: str
    """The setting: a name, or a path to a file."""
    plan: PlanDefinition
    """Which candidates are trained."""
    seeds: Seeds = 5
    """How many seeds (0, 1, 2, ...), or which; every candidate is trained with each. `{min, max}` adds where needed."""
    objectives: Annotated[dict[Objective, Literal["maximize", "minimize"]], Field(min_length=1)] = {
        "accuracy": "maximize",
        "macs": "minimize",
        "params": "minimize",
    }
    """What makes a candidate good; the Pareto figure trades the first against the others."""
    constraints: dict[Costs, Limit] = {}
    """Limits on costs; a candidate beyond one is not trained. The baseline always is."""
    claims: tuple[Claim, ...] = ()
    """Statements to be tested."""

    @field_validator("seeds")
    @classmethod
    def _some_seed(cls, seeds: Any) -> Any:
        if isinstance(seeds, tuple) and (not seeds or len(set(seeds)) < len(seeds)):
            raise ValueError("`seeds` lists each seed once, and at least one")
        return seeds

    @field_validator("claims")
    @classmethod
    def _unique_ids(cls, claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
        ids = [claim.id for claim in claims]
        for name in ids:
            if ids.count(name) > 1:
                raise ValueError(f"two claims have the id `{name}`")
        return claims
