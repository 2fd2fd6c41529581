"""A plan: which candidates of the space are trained, or which sampler proposes them, and what stops a trial early."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from se_bench.config.axes import AxisValue
from se_bench.config.definition import Definition, choice_error, misplaced
from se_bench.config.samplers import SAMPLERS, SHORT_NAMES, class_name

_FIXED = ("grid", "one_factor", "random", "factorial")
KINDS = (*_FIXED, *SHORT_NAMES, *SAMPLERS)
_READERS = {"grace_epochs": ("asha", "median"), "reduction": ("asha", "hyperband")}


def _known_kind(kind: Any) -> Any:
    if kind not in KINDS:
        raise choice_error("unknown_name", f"{kind!r} is not one of them", str(kind), KINDS)
    return kind


def _share(value: Any) -> Any:
    """``1/4`` of a full design as the power of two that divides it."""
    text = str(value)
    power = text.removeprefix("1/")
    if power == text or not power.isdecimal() or (number := int(power)) < 2 or number.bit_count() != 1:
        raise choice_error("fraction", f"a fraction is 1/2, 1/4, 1/8 ..., not {value!r}", text, ("1/2", "1/4", "1/8"))
    return text


Kind = Annotated[str, BeforeValidator(_known_kind)]
Fraction = Annotated[str, BeforeValidator(_share)]


class Scheduler(Definition):
    """Which trials end early, by their validation accuracy after each epoch. The baseline never does."""

    kind: Literal["asha", "hyperband", "median"]
    """`asha`: the worst at each rung (Li et al., arXiv 1810.05934); `hyperband`: the same in synchronous brackets
    (arXiv 1603.06560); `median`: below the median of the others' running means."""
    grace_epochs: Annotated[int, Field(ge=1)] = 1
    """`asha` and `median`: no trial ends before it has so many epochs."""
    reduction: Annotated[int, Field(ge=2)] = 3
    """`asha` and `hyperband`: one in so many goes on at each rung, and rungs are so many times apart."""

    @property
    def options(self) -> dict[str, int]:
        """The keys that this kind reads, with their values."""
        return {key: getattr(self, key) for key, readers in _READERS.items() if self.kind in readers}

    @model_validator(mode="after")
    def _keys_that_it_reads(self) -> Scheduler:
        for key, readers in _READERS.items():
            if key in self.model_fields_set and self.kind not in readers:
                raise misplaced(key, f"`{self.kind}` does not read it; {' and '.join(readers)} do", "remove it")
        return self


class Budget(Definition):
    """What a study may use, whoever trained it. The baseline counts too; a candidate begins where all of it fits."""

    trials: Annotated[int, Field(ge=1)] | None = None
    """Trials: candidates times seeds."""
    epochs: Annotated[int, Field(ge=1)] | None = None
    """Epochs of all trials together."""
    hours: Annotated[float, Field(gt=0)] | None = None
    """Hours of training, summed over the trials as their records say: not wall time."""

    @model_validator(mode="after")
    def _something(self) -> Budget:
        if self == Budget.model_construct():
            raise choice_error("empty", "a budget limits something", "", Budget.model_fields)
        return self


class PlanDefinition(Definition):
    """Which candidates of the space are trained. The baseline is always one of them."""

    kind: Kind = "grid"
    """`grid`: every combination of the values; `one_factor`: one axis at a time moves off its default; `random`:
    distinct nets drawn from the space; `factorial`: a two-level design; `tpe`, `nsga2` or the class name of an
    Optuna sampler: candidates are proposed one by one from what is known of those before."""
    vary: Annotated[dict[str, Annotated[tuple[AxisValue, ...], Field(min_length=1)]], Field(min_length=1)] = {}
    """The axes that differ between candidates, each with its values. `random` and samplers may leave it out: then
    every axis of the space is varied over all of its values, where its condition holds."""
    fixed: dict[str, AxisValue] = {}
    """Axes held at one value other than their default; of these the baseline takes those of the backbone."""
    candidates: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """`random` and samplers: how many distinct nets are drawn or proposed, the baseline not counted."""
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 0
    """`random` and samplers: the seed of the draws."""
    fraction: Fraction | None = None
    """`factorial`: the share of all combinations that is trained, `1/2`, `1/4` ...; all of them by default."""
    resolution: Annotated[int, Field(ge=3, le=12)] | None = None
    """`factorial`: instead of a fraction, the smallest one of at least this resolution. At 3 (III) main effects are
    told from each other, at 4 from interactions of two axes as well, at 5 those interactions from each other."""
    sampler_options: dict[str, bool | int | float | str] = {}
    """Samplers: options of Optuna's class."""
    scheduler: Scheduler | None = None
    """Which trials end early; none by default."""

    @property
    def sampler(self) -> str | None:
        """The class of the sampler that proposes the candidates; None where they are known beforehand."""
        return class_name(self.kind)

    @property
    def chooses(self) -> bool:
        """Whether validation accuracy decides what is trained."""
        return self.sampler is not None or self.scheduler is not None

    @model_validator(mode="after")
    def _apart(self) -> PlanDefinition:
        for name in self.fixed:
            if name in self.vary:
                raise ValueError(f"`{name}` is both varied and fixed")
        for name, values in self.vary.items():
            if len({(type(value), value) for value in values}) < len(values):
                raise ValueError(f"`{name}` has a value twice")
        return self

    @model_validator(mode="after")
    def _keys_of_the_kind(self) -> PlanDefinition:
        for key, (readers, reads) in self._readers().items():
            if key in self.model_fields_set and not reads:
                raise misplaced(
                    key, f"a plan of kind {self.kind} has no `{key}`, only {readers} do", "remove it, or change `kind`"
                )
        if not self.vary and self.kind in ("grid", "one_factor", "factorial"):
            hint = "name axes with values; `random` and samplers may vary the whole space"
            raise misplaced("vary", f"a plan of kind {self.kind} needs `vary`", hint)
        if self.kind == "random" and self.candidates is None:
            raise misplaced("candidates", "a plan of kind random needs `candidates`", "say how many nets to draw")
        return self

    def _readers(self) -> Mapping[str, tuple[str, bool]]:
        """Key -> who reads it in words, and whether this plan does."""
        drawn = ("random plans and samplers", self.sampler is not None or self.kind == "random")
        factorial = ("factorial plans", self.kind == "factorial")
        return {
            "candidates": drawn,
            "seed": drawn,
            "fraction": factorial,
            "resolution": factorial,
            "sampler_options": ("samplers", self.sampler is not None),
        }

    @model_validator(mode="after")
    def _two_levels(self) -> PlanDefinition:
        if self.kind != "factorial":
            return self
        if self.fraction is not None and self.resolution is not None:
            raise misplaced("resolution", "a fraction has the resolution that it has", "give one of the two")
        for name, values in self.vary.items():
            if len(values) != 2:
                many = f"`{name}` has {len(values)} value{'s' * (len(values) != 1)}"
                raise misplaced(f"vary.{name}", f"a factorial axis has two values, low and high; {many}", "name two")
        return self

    @model_validator(mode="after")
    def _for_the_sampler(self) -> PlanDefinition:
        if self.sampler is None:
            return self
        if self.scheduler and self.scheduler.kind == "hyperband":
            why = "hyperband begins a whole bracket before it ends a trial: a sampler would propose it all unknowing"
            raise misplaced("scheduler.kind", why, "asha, which waits for nobody; or a random plan")
        known = SAMPLERS[self.sampler].options
        for name, value in self.sampler_options.items():
            key = f"sampler_options.{name}"
            if name not in known:
                raise choice_error("unknown_key", f"{self.sampler} has no option `{name}`", name, known, key=key)
            wanted = known[name]
            if type(value) is not wanted and not (wanted is float and type(value) is int):
                raise choice_error("type", f"{self.sampler} takes {name} as {wanted.__name__}", "", (), key=key)
        return self
