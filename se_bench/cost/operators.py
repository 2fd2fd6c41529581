"""The cost of each operator, as small pure rules over shapes. Nothing is skipped silently.

Conventions (docs/costs.md): a convolution or linear layer counts one MAC a multiplication, its bias nothing;
a map counts one operation for each element it writes, a reduction one for each element it reads, BatchNorm
two (scale and shift, in inference mode), softmax three, a pooling window one for each element in it. Every
operator reads its inputs and weights once and writes its output once; views cost nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from math import prod
from typing import Any, TypeAlias

Shape: TypeAlias = Sequence[int]
Handle: TypeAlias = Callable[[list[Any], list[Any]], "Counter[str]"]

BATCH_NORM_OPERATIONS = 2
SOFTMAX_OPERATIONS = 3
GROUP_NORM_OPERATIONS = 5
"""As fvcore: mean, variance, scale, shift."""

MAPS = (
    "add", "sub", "mul", "div", "neg", "abs", "pow", "sqrt", "rsqrt", "exp", "log", "reciprocal", "relu", "sigmoid",
    "tanh", "hardsigmoid", "hardswish", "hardtanh", "relu6", "silu", "gelu", "clamp", "clamp_min", "maximum",
    "minimum", "gt", "ge", "lt", "eq", "where", "rsub", "square", "softplus", "lerp", "leaky_relu",
    "floor_divide", "remainder",
)  # fmt: skip
REDUCTIONS = ("mean", "amax", "amin", "sum", "var", "std", "adaptive_avg_pool2d", "adaptive_max_pool2d", "norm")
WINDOWS = ("max_pool2d", "avg_pool2d")
COPIES = (
    "constant_pad_nd", "pad", "cat", "stack", "upsample_nearest2d", "_upsample_nearest_exact2d", "clone",
    "index_select",
)  # fmt: skip
VIEWS = (
    "slice", "select", "unsqueeze", "squeeze", "view", "reshape", "flatten", "permute", "transpose", "expand",
    "expand_as", "chunk", "split", "size", "Int", "dropout", "feature_dropout", "detach", "contiguous", "unbind",
    "movedim", "t", "zeros_like", "ones_like", "to", "lift_fresh",
)  # fmt: skip


def map_rule(operations: int = 1) -> Handle:
    """So many operations for each element written."""
    return lambda inputs, outputs: _counts(
        operations=operations * _numel(outputs[0]), read=_read(inputs), written=_numel(outputs[0])
    )


def reduction_rule() -> Handle:
    """One operation for each element read."""
    return lambda inputs, outputs: _counts(operations=_numel(inputs[0]), read=_read(inputs), written=_numel(outputs[0]))


def window_rule() -> Handle:
    """One operation for each element of each window (``kernel_size`` is the second argument)."""

    def rule(inputs: list[Any], outputs: list[Any]) -> Counter[str]:
        height, width = (side.toIValue() for side in inputs[1].node().inputs())
        window = height * width
        written = _numel(outputs[0])
        return _counts(operations=window * written, read=_read(inputs), written=written)

    return rule


def copy_rule() -> Handle:
    """Elements are read and written, nothing is computed."""
    return lambda _, outputs: _counts(read=_numel(outputs[0]), written=_numel(outputs[0]))


def view_rule() -> Handle:
    """Nothing is computed or written."""
    return lambda _, __: Counter()


def layer_rule(macs: Callable[[list[Any], list[Any]], Any]) -> Handle:
    """A layer with weights: ``macs`` is fvcore's own count, a number or a Counter of one number."""

    def rule(inputs: list[Any], outputs: list[Any]) -> Counter[str]:
        found = macs(inputs, outputs)
        return _counts(
            macs=sum(found.values()) if isinstance(found, Counter) else found,
            read=_read(inputs),
            written=_numel(outputs[0]),
        )

    return rule


def _counts(*, macs: int = 0, operations: int = 0, read: int = 0, written: int = 0) -> Counter[str]:
    return Counter(macs=int(macs), elementwise=operations, activations=written, moved=read + written)


def _read(values: list[Any]) -> int:
    """Elements of all tensors among an operator's inputs, weights included."""
    return sum(_numel(value) for value in values if value.isCompleteTensor())


def _numel(value: Any) -> int:
    shape: Shape = value.type().sizes()
    return prod(shape) if shape else 0  # a number: the arithmetic of shapes is traced too
