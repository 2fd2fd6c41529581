"""The arithmetic of closed-form costs: one function for each kind of operator (conventions: docs/costs.md).

An operator reads its inputs and weights and writes its output, four bytes an element. Costs are of one image.
"""

from __future__ import annotations

from dataclasses import fields

from se_bench.records import Cost

BYTES = 4
"""Bytes of an element: traffic is given for float32."""


def operator(
    *, macs: int = 0, operations: int = 0, read: int = 0, written: int = 0, params: int = 0, buffers: int = 0
) -> Cost:
    """One operator that reads and writes so many elements."""
    return Cost(
        params=params,
        block_params=params,
        buffers=buffers,
        macs=macs,
        elementwise=operations,
        activations=written,
        memory_bytes=BYTES * (read + written),
    )


def layer(inputs: int, outputs: int, *, fan_in: int, weights: int, biases: int = 0) -> Cost:
    """A convolution or linear layer: ``fan_in`` MACs for each element that it writes; the bias counts none."""
    return operator(
        macs=fan_in * outputs,
        read=inputs + weights + biases,
        written=outputs,
        params=weights + biases,
    )


def linear(inputs: int, outputs: int, *, bias: bool, positions: int = 1) -> Cost:
    """``nn.Linear(inputs, outputs, bias)`` at so many positions."""
    return layer(
        positions * inputs,
        positions * outputs,
        fan_in=inputs,
        weights=inputs * outputs,
        biases=outputs if bias else 0,
    )


def conv(
    inputs: int,
    outputs: int,
    *,
    kernel: int,
    positions: int,
    groups: int = 1,
    bias: bool = False,
    positions_in: int | None = None,
    images: int = 1,
) -> Cost:
    """A convolution from ``inputs`` to ``outputs`` channels.

    ``kernel`` is the number of its taps (9 for 3x3), ``positions`` those of its output (those of its input too,
    unless ``positions_in`` says otherwise), ``images`` how often the same weights are applied.
    """
    fan_in = inputs // groups * kernel
    return layer(
        images * inputs * (positions if positions_in is None else positions_in),
        images * outputs * positions,
        fan_in=fan_in,
        weights=fan_in * outputs,
        biases=outputs if bias else 0,
    )


def batch_norm(channels: int, positions: int) -> Cost:
    """BatchNorm in inference mode: scale and shift; it reads four values a channel."""
    elements = channels * positions
    return operator(
        operations=2 * elements,
        read=elements + 4 * channels,
        written=elements,
        params=2 * channels,
        buffers=2 * channels + 1,
    )


def elementwise(elements: int, *, operations: int = 1, read: int | None = None) -> Cost:
    """A map: ``operations`` for each element written; it reads as many as it writes unless told otherwise."""
    return operator(operations=operations * elements, read=elements if read is None else read, written=elements)


def reduction(elements: int, results: int) -> Cost:
    """A mean, a maximum, a sum: one operation for each element read."""
    return operator(operations=elements, read=elements, written=results)


def copy(elements: int) -> Cost:
    """A concatenation or padding: elements are written, nothing is computed."""
    return operator(read=elements, written=elements)


def total(*costs: Cost) -> Cost:
    """The sum of costs."""
    return Cost(**{each.name: sum(getattr(cost, each.name) for cost in costs) for each in fields(Cost)})


NOTHING = operator()
"""The cost of no operator."""
