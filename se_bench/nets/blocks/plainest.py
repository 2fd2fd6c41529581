"""Several names can build one block; this file says which is the plainest, so that one net is one candidate.

A rule here needs a reason that holds for every input and every value of the weights: the same parameters, under the
same names, in the same equation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Spec = tuple[str, dict[str, Any]]
"""A block's registered name and the options that it is built with."""


def plainest(block: str, channels: int, options: Mapping[str, Any]) -> Spec:
    """The plainest block that builds the same as ``block`` with ``options`` on so many channels."""
    if block == "ese":  # one full layer with bias and a hard sigmoid is what eSE is
        return "se", _se({"op": "full", "bias": True}, "hard_sigmoid")
    if block == "ge_theta_minus":  # the mean itself as the gate's logit
        return "se", _se({"op": "parameter_free"}, "sigmoid")
    if block == "se":
        return "se", {**options, "excite": _excite(channels, dict(options["excite"]))}
    return block, dict(options)


def _se(excite: dict[str, Any], gate: str) -> dict[str, Any]:
    return {"squeeze": {"op": "avg"}, "excite": excite, "gate": {"op": gate}}


def _excite(channels: int, excite: dict[str, Any]) -> dict[str, Any]:
    op = excite["op"]
    alone = op == "grouped_shared" and excite["reading"] == "descriptor" and not excite["global_weight"]
    if alone and excite["groups"] == 1:  # one kernel over all channels, and nothing else
        op, excite = "conv1d", _only(excite, "conv1d", "kernel_size", "bias")
    if op == "grouped_full" and excite["groups"] == 1:
        op, excite = "full", _only(excite, "full", "bias")
    if op == "grouped_full" and excite["groups"] == channels:
        op, excite = "diagonal", _only(excite, "diagonal", "bias")
    one_weight = op == "diagonal" or (op == "conv1d" and excite["kernel_size"] == 1)
    if channels == 1 and one_weight:
        return _only(excite, "full", "bias")
    return excite


def _only(excite: Mapping[str, Any], op: str, *options: str) -> dict[str, Any]:
    return {"op": op, **{name: excite[name] for name in options}}
