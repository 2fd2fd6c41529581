"""The axes on which architectures differ: one name for each, in YAML, on the command line, in tables.

An :class:`Axes` value is one *spelling* of an architecture. What is really built from it, and so its
identity, is decided by ``nets`` (two spellings of one net are one candidate).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from se_bench.config.definition import Definition, registered

AxisValue: TypeAlias = bool | int | float | str | tuple[int, ...] | None

# Axes that choose or shape the backbone. None means: what the setting says.
BACKBONE_AXES = ("backbone", "shortcut", "width")


class Axes(Definition):
    """All axes of one candidate; those that a block or backbone does not read have no effect."""

    block: Annotated[str, registered("block", "none")] = "se"
    """The attention block; `none` is the baseline."""
    squeeze: Annotated[str, registered("squeeze")] = "avg"
    """How a map becomes one number a channel."""
    excite: Annotated[str, registered("excite")] = "bottleneck"
    """How the descriptor becomes one logit a channel."""
    gate: Annotated[str, registered("gate")] = "sigmoid"
    """How logits become scales."""
    reduction: Annotated[int, Field(ge=1, le=4096)] = 16
    """The ratio r: the hidden width is max(1, round(C / r))."""
    bias: bool = False
    """Whether the excitation's layers have biases (the paper's ablations have none)."""
    integration: Literal["standard", "post"] = "standard"
    """Where in a residual unit the block sits: `standard` on the branch, `post` after the addition."""
    stages: Literal["all"] | tuple[Annotated[int, Field(ge=1)], ...] = "all"
    """The stages that carry the block, counted from 1, or `all`."""
    backbone: Annotated[str, registered("backbone")] | None = None
    """Another backbone than the setting's."""
    shortcut: Literal["A", "B"] | None = None
    """CIFAR ResNets: A pads with zeros, B projects."""
    width: Annotated[int, Field(ge=1, le=4096)] | None = None
    """Channels of the first stage."""


def axis_names() -> tuple[str, ...]:
    """Every axis, in the order of tables."""
    return tuple(Axes.model_fields)


def show(value: Any) -> str:
    """An axis value as a table writes it: ``stages=1+2``, ``bias=yes``."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return "+".join(str(item) for item in value) or "none"
    return str(value)
