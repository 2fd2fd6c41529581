"""A study: a question with a plan and claims, over a space, in a setting."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from se_bench.config.axes import AxisValue
from se_bench.config.constraint import Costs, Limit
from se_bench.config.definition import Definition, Name, choice_error, misplaced
from se_bench.config.plan import Budget, PlanDefinition
from se_bench.config.samplers import SAMPLERS

Metric = Literal["accuracy", "loss", "train_seconds"]
Objective = Literal["accuracy", "loss", "train_seconds", "macs", "params", "elementwise", "activations"]
Expectation = Literal["better", "worse", "not_worse", "equivalent"]

# Whether a larger value of a metric is the better one.
HIGHER_IS_BETTER: dict[str, bool] = {"accuracy": True, "loss": False, "train_seconds": False}

Seeds = Annotated[int, Field(ge=1, le=10_000)] | tuple[Annotated[int, Field(ge=0)], ...]


class Claim(Definition):
    """A testable statement about two candidates."""

    id: Name
    """A short name, unique in the study."""
    says: str
    """The statement in words."""
    candidate: dict[str, AxisValue] | Literal["baseline"]
    """The candidate the statement is about: the axes by which it differs from the plan's defaults."""
    against: dict[str, AxisValue] | Literal["baseline"] = "baseline"
    """The candidate it is compared with."""
    metric: Metric = "accuracy"
    """What is compared."""
    expect: Expectation
    """`better` and `worse` by more than the margin; `not_worse` and `equivalent` within it."""
    margin: Annotated[float, Field(ge=0)] = 0.0
    """In the metric's own unit: 0.01 of accuracy is one point."""
    source: str = ""
    """Who says so."""

    @field_validator("candidate", "against", mode="before")
    @classmethod
    def _baseline_or_axes(cls, value: Any) -> Any:
        if isinstance(value, str) and value != "baseline":
            raise choice_error(
                "candidate", "a candidate is a mapping of axes, or the word baseline", value, ["baseline"]
            )
        return value

    @model_validator(mode="after")
    def _margin_where_needed(self) -> Claim:
        if self.expect == "equivalent" and self.margin == 0:
            raise ValueError("`expect: equivalent` needs a margin above 0")
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
    """How many seeds (0, 1, 2, ...), or which; every candidate is trained with each."""
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
    def _searchable(self) -> StudyDefinition:
        """What a sampler can search: to an end, by numbers that a second search would see again."""
        sampler = self.plan.sampler
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
