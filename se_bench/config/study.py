"""A study: a question with a plan and claims, over a space, in a setting."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from se_bench.config.claim import GATES, LATENCIES, Claim
from se_bench.config.constraint import Costs, Limit
from se_bench.config.definition import Definition, Name, misplaced
from se_bench.config.plan import Budget, PlanDefinition
from se_bench.config.samplers import SAMPLERS

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
    budget: Budget | None = None
    """What the study may use; a plan with a sampler needs this or `candidates`."""
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

    @model_validator(mode="after")
    def _open_until_trained(self) -> StudyDefinition:
        apart = [claim.metric for claim in self.claims if claim.metric in (*GATES, *LATENCIES)]
        if isinstance(self.seeds, SeedRange) and apart:
            hint = "give the study a number of seeds"
            raise misplaced("seeds", f"`{apart[0]}` is measured after all training, so it cannot add seeds", hint)
        return self

    @model_validator(mode="after")
    def _searchable(self) -> StudyDefinition:
        """What a sampler can search: to an end, by numbers that a second search would see again."""
        sampler = self.plan.sampler
        if isinstance(self.seeds, SeedRange) and (self.plan.chooses or self.budget):
            why = "with a sampler, a scheduler or a budget every candidate is trained with the same seeds"
            raise misplaced("seeds", why, f"a number of seeds, such as {self.seeds.min}")
        if sampler is None:
            return self
        if self.plan.candidates is None and self.budget is None:
            raise misplaced("plan.candidates", "nothing ends this search", "give `candidates`, or the study a `budget`")
        if "train_seconds" in self.objectives:
            why = "a search by measured time would not come out the same twice"
            raise misplaced("objectives.train_seconds", why, "use macs, elementwise or activations")
        if len(self.objectives) > 1 and not SAMPLERS[sampler].many_objectives:
            many = f"{sampler} has one objective, this study {len(self.objectives)}"
            raise misplaced("objectives", many, "keep one, or use tpe or nsga2")
        if self.claims:
            hint = "test what the search finds in a study of its own, with other seeds"
            raise misplaced("claims", "which candidates a search proposes is not known beforehand", hint)
        return self
