"""A setting: dataset + backbone + recipe, the circumstances in which candidates are compared."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from se_bench.config.definition import Definition, Name, registered

Fraction = Annotated[float, Field(ge=0, le=1)]


class Recipe(Definition):
    """How a net is trained: stochastic gradient descent with a schedule.

    The recipe is part of a trial's identity *without the fields that stand at their default*, so that a
    field can be added later without changing old identities. The defaults are therefore a contract.
    """

    epochs: Annotated[int, Field(ge=1)]
    """Passes over the training images."""
    batch_size: Annotated[int, Field(ge=1)]
    """Images a step; a last incomplete batch is dropped."""
    learning_rate: Annotated[float, Field(gt=0)]
    """The highest learning rate of the schedule."""
    weight_decay: Annotated[float, Field(ge=0)]
    """L2 penalty, on every parameter."""
    momentum: Fraction = 0.9
    """Momentum of SGD."""
    nesterov: bool = False
    """Nesterov's form of momentum."""
    schedule: Literal["constant", "cosine", "step"] = "constant"
    """Learning rate after warm-up: constant, half a cosine to zero, or steps at the milestones."""
    warmup_epochs: Annotated[float, Field(ge=0)] = 0.0
    """Epochs of linear warm-up from zero."""
    milestones: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = ()
    """`step` only: the fractions of training after which the learning rate falls."""
    gamma: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """`step` only: the factor at each milestone."""
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of the target spread evenly over all classes."""
    augment: Literal["none", "crop", "flip", "crop_flip"] = "none"
    """Random crop from a zero-padded image, random horizontal flip, both, or nothing."""
    crop_padding: Annotated[int, Field(ge=1)] = 4
    """`crop` only: pixels of padding on each side."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """`bfloat16` runs the forward pass under autocast."""

    @model_validator(mode="after")
    def _consistent(self) -> Recipe:
        if (self.schedule == "step") != bool(self.milestones):
            raise ValueError("`milestones` go with `schedule: step`, and it needs at least one")
        if self.milestones != tuple(sorted(set(self.milestones))):
            raise ValueError("`milestones` must rise")
        if self.warmup_epochs >= self.epochs:
            raise ValueError(
                f"warm-up must end before training does: warmup_epochs={self.warmup_epochs:g}, epochs={self.epochs}"
            )
        if self.nesterov and self.momentum == 0:
            raise ValueError("`nesterov: true` needs a momentum above 0")
        return self

    def identity(self) -> dict[str, Any]:
        """The fields that distinguish this recipe, as plain data: off their default, and read by the training."""
        without_effect = set()
        if self.schedule != "step":
            without_effect.add("gamma")
        if "crop" not in self.augment:
            without_effect.add("crop_padding")
        return self.model_dump(mode="json", exclude_defaults=True, exclude=without_effect)


class _Choice(Definition):
    """A registered name with options of its own, which its room checks when it is loaded."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, bool | int | float | str | None]

    @property
    def options(self) -> dict[str, bool | int | float | str | None]:
        """Everything but the name."""
        return dict(self.__pydantic_extra__ or {})


class DatasetChoice(_Choice):
    """A dataset and its options."""

    name: Annotated[str, registered("dataset")]
    """A registered dataset."""


class BackboneChoice(_Choice):
    """A backbone and its options."""

    name: Annotated[str, registered("backbone")]
    """A registered backbone."""


class Prior(Definition):
    """How accuracies are expected to vary over seeds, for planning before anything is trained."""

    spread: Annotated[float, Field(gt=0, lt=1)] = 0.003
    """Standard deviation of a candidate's accuracy over seeds; 0.003 is 0.3 points."""
    correlation: Annotated[float, Field(ge=0, lt=1)] = 0.6
    """Of the accuracies of two candidates with the same seeds."""


class Setting(Definition):
    """Dataset + backbone + recipe."""

    name: Name
    """The file's name without `.yaml`."""
    about: str = ""
    """What the setting is for, in a sentence."""
    dataset: DatasetChoice
    """The images."""
    backbone: BackboneChoice
    """The net that carries the blocks."""
    recipe: Recipe
    """How it is trained."""
    prior: Prior = Prior()
    """What `se-bench plan` goes by where the database knows nothing of the setting yet."""
