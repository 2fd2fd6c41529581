"""The axes on which architectures differ: one name for each, in YAML, on the command line, in tables.

An :class:`Axes` value is one *spelling* of an architecture. What is really built from it, and so its
identity, is decided by ``nets`` (two spellings of one net are one candidate).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from se_bench.config.definition import Definition, choice_error, registered

AxisValue: TypeAlias = bool | int | float | str | tuple[int | str, ...] | None

# Axes that choose or shape the backbone. None means: what the setting says.
BACKBONE_AXES = ("backbone", "shortcut", "stride_in", "width")

Reduction = Annotated[int, Field(ge=1, le=4096)]


def _stage(value: Any) -> Any:
    """``stage2`` is 2; a stage has both names."""
    text = str(value)
    return int(text[5:]) if text.startswith("stage") and text[5:].isdigit() else value


def _odd(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and value % 2 == 0:
        raise choice_error(
            "kernel_size", f"a kernel has an odd size, not {value}", str(value), ["adaptive", "1", "3", "5", "7"]
        )
    return value


Stage = Annotated[int, BeforeValidator(_stage), Field(ge=1)]
KernelSize = Annotated[int, Field(ge=1, le=63)]


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
    reduction: Reduction | tuple[Reduction, ...] = 16
    """The ratio r of channels to hidden width, or one for each stage."""
    bias: bool = False
    """Whether the excitation's layers have biases (the paper's ablations have none)."""
    groups: Annotated[int, Field(ge=1, le=4096)] = 4
    """Groups of channels, where the excitation or block has groups."""
    kernel_size: Annotated[Literal["adaptive"] | KernelSize, BeforeValidator(_odd)] = "adaptive"
    """Kernel of an excitation that slides over channels; `adaptive` is ECA's rule from the channels."""
    shared: bool = True
    """Grouped shared excitation: one kernel for all groups, or one for each."""
    global_weight: bool = True
    """Grouped shared excitation: whether a learned weight adds the mean over all channels."""
    reading: Literal["descriptor", "spatial"] = "descriptor"
    """Grouped shared excitation: on the descriptor, or on the map before it is squeezed."""
    hidden_width: Literal["round", "floor", "timm", "mobilenet_v3"] = "round"
    """The rule for the reduced width: max(min_width, round(C / r)), or a library's."""
    min_width: Annotated[int, Field(ge=1, le=4096)] = 1
    """The least reduced width, under the rules `round` and `floor`."""
    integration: Literal["standard", "pre", "post", "identity", "inner_3x3"] = "standard"
    """Where in a residual unit the block sits."""
    pre_scope: Literal["branch", "unit"] = "branch"
    """`pre`: whether the scaled input reaches the branch alone or the shortcut too."""
    identity_side: Literal["after", "before"] = "after"
    """`identity`: after the shortcut's projection or before it."""
    inner_position: Literal["relu", "norm", "conv"] = "relu"
    """`inner_3x3`: after the 3x3 convolution's ReLU, its BatchNorm, or right after it."""
    stages: Literal["all"] | tuple[Stage, ...] = "all"
    """The stages that carry the block, counted from 1 (or `stage1` ...), or `all`."""
    every: Annotated[int, Field(ge=1, le=4096)] = 1
    """Every n-th unit of a stage carries the block, the first one included."""
    backbone: Annotated[str, registered("backbone")] | None = None
    """Another backbone than the setting's."""
    shortcut: Literal["A", "B"] | None = None
    """CIFAR ResNets: A pads with zeros, B projects."""
    stride_in: Literal["1x1", "3x3"] | None = None
    """ImageNet ResNets: the convolution that carries a unit's stride."""
    width: Annotated[int, Field(ge=1, le=4096)] | None = None
    """Channels of the first stage."""


def show(value: Any) -> str:
    """An axis value as a table writes it: ``stages=1+2``, ``bias=yes``."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return "+".join(str(item) for item in value) or "none"
    return str(value)
