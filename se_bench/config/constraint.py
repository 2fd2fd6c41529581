"""A limit on a cost, as a study writes it: ``macs: "<= 41e6"``. Candidates beyond it are not trained."""

from __future__ import annotations

import operator
import re
import sys
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

Costs = Literal["macs", "params", "block_params", "elementwise", "activations", "memory_bytes"]

_COMPARE = {"<=": operator.le, "<": operator.lt, ">=": operator.ge, ">": operator.gt}
_FORM = re.compile(r"\s*(<=|>=|<|>)\s*([0-9][0-9_]*(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)\s*")


def _check(text: Any) -> Any:
    if not isinstance(text, str) or not _FORM.fullmatch(text):
        raise ValueError(f'a limit is written like "<= 41e6", not {text!r}')
    return text


Limit = Annotated[str, BeforeValidator(_check)]


def holds(limit: Limit, value: float) -> bool:
    """Whether ``value`` keeps the limit."""
    match = _FORM.fullmatch(limit)
    assert match is not None, "checked when the study was read"
    return bool(_COMPARE[match[1]](value, float(match[2])))


def excess(limit: Limit, value: float) -> float:
    """How far ``value`` is beyond the limit, as a share of it: above 0 exactly where the limit does not hold."""
    match = _FORM.fullmatch(limit)
    assert match is not None, "checked when the study was read"
    bound = float(match[2])
    distance = (value - bound) / (bound or 1.0) * (1 if "<" in match[1] else -1)
    return min(distance, 0.0) if holds(limit, value) else max(distance, sys.float_info.epsilon)
