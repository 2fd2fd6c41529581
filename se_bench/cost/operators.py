"""The cost of each operator, as small pure rules over shapes. Nothing is skipped silently.

Conventions (docs/costs.md): a convolution or linear layer counts one MAC a multiplication, its bias nothing;
a map counts one operation for each element it writes, a reduction one for each element it reads, BatchNorm
two (scale and shift, in inference mode), softmax three. Every operator writes its output once; views and
reshapes cost nothing.
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

MAPS = ("add", "add_", "mul", "mul_", "relu", "relu_", "sigmoid")
REDUCTIONS = ("mean", "amax", "adaptive_avg_pool2d")
COPIES = ("constant_pad_nd", "pad", "cat")
VIEWS = (
    "slice", "select", "unsqueeze", "squeeze", "view", "reshape", "flatten", "permute", "transpose", "expand",
    "expand_as", "chunk", "split", "size", "Int", "dropout", "detach", "contiguous",
)  # fmt: skip


def map_rule(operations: int = 1) -> Handle:
    """So many operations for each element written."""
    return lambda _, outputs: _counts(operations=operations * _numel(outputs[0]), written=_numel(outputs[0]))


def reduction_rule() -> Handle:
    """One operation for each element read."""
    return lambda inputs, outputs: _counts(operations=_numel(inputs[0]), written=_numel(outputs[0]))


def copy_rule() -> Handle:
    """Elements are written, nothing is computed."""
    return lambda _, outputs: _counts(written=_numel(outputs[0]))


def view_rule() -> Handle:
    """Nothing is computed or written."""
    return lambda _, __: Counter()


def layer_rule(macs: Callable[[list[Any], list[Any]], Any]) -> Handle:
    """A layer with weights: ``macs`` is fvcore's own count, a number or a Counter of one number."""

    def rule(inputs: list[Any], outputs: list[Any]) -> Counter[str]:
        found = macs(inputs, outputs)
        return _counts(macs=sum(found.values()) if isinstance(found, Counter) else found, written=_numel(outputs[0]))

    return rule


def _counts(*, macs: int = 0, operations: int = 0, written: int = 0) -> Counter[str]:
    return Counter(macs=int(macs), elementwise=operations, activations=written)


def _numel(value: Any) -> int:
    shape: Shape = value.type().sizes()
    return prod(shape)
