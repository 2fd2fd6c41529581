"""Settings of results that were trained elsewhere: what is told of their data and training, and by whom."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from se_bench.config.claim import Claim
from se_bench.config.definition import Definition, Name
from se_bench.config.setting import DatasetChoice, Recipe, Setting

PREFIX = "external:"
"""What the names, and so the fingerprints, of data start with that is not here."""


class ExternalDataset(DatasetChoice):
    """Data that is not here: its fingerprint is its name."""

    name: Annotated[str, StringConstraints(pattern=rf"^{PREFIX}[a-z0-9][a-z0-9._-]*$", max_length=80)]
    """`external:` and what the data is called."""
    size: Annotated[int, Field(ge=1, le=4096)]
    """Height and width of an image."""
    classes: Annotated[int, Field(ge=1, le=1_000_000)]
    """Number of classes."""
    channels: Annotated[int, Field(ge=1, le=64)] = 3
    """Channels of an image."""


class ExternalRecipe(Recipe):
    """What is told of a training that happened elsewhere; 0 where a number is not told."""

    source: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    """Who trained, and where it can be read."""
    epochs: Annotated[int, Field(ge=0)] = 0
    """Passes over the training images."""
    batch_size: Annotated[int, Field(ge=0)] = 0
    """Images a step."""
    learning_rate: Annotated[float, Field(ge=0)] = 0.0
    """The highest learning rate."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    """L2 penalty."""

    @model_validator(mode="after")
    def _consistent(self) -> ExternalRecipe:
        """Nothing is trained by it, so nothing of it need fit together."""
        return self


class ExternalSetting(Setting):
    """A setting in which nothing can be trained here."""

    dataset: ExternalDataset
    """The data."""
    recipe: ExternalRecipe
    """What is told of the training."""


class ImportedStudy(Definition):
    """What a file may say of imported results: the question they answer, and statements to be tested."""

    name: Name
    """Results are kept under it."""
    question: str = ""
    """What the study wanted to know."""
    claims: tuple[Claim, ...] = ()
    """Statements to be tested."""


def is_external(setting: Setting) -> bool:
    """Whether nothing can be trained in this setting."""
    return isinstance(setting, ExternalSetting)


def setting_model(data: Any) -> type[Setting]:
    """The model that plain data of a setting is to be read by."""
    dataset = data.get("dataset") if isinstance(data, dict) else None
    name = dataset.get("name") if isinstance(dataset, dict) else None
    return ExternalSetting if str(name).startswith(PREFIX) else Setting
