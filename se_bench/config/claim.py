"""A claim: a testable statement about candidates of a study, and what it may be about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from se_bench.config.axes import AxisValue
from se_bench.config.constraint import Costs
from se_bench.config.definition import Definition, Name, choice_error

Latency = Literal["latency_ms", "train_step_ms"]
Gates = Literal["gate_class_share", "gate_saturation", "gate_dynamics"]
Metric = Literal[
    "accuracy", "loss", "train_seconds", "aulc", "epochs_to", "seconds_to", "gradient_norm", Costs, Latency, Gates
]
Trend = Literal["increasing", "decreasing"]
Expectation = Literal["better", "worse", "not_worse", "higher", "lower", "equivalent", Trend]

COSTS: tuple[str, ...] = get_args(Costs)
"""Metrics that are known exactly, without training."""
LATENCIES: tuple[str, ...] = get_args(Latency)
"""Metrics of untrained nets: milliseconds of a pass, timed in turns, round by round instead of seed by seed."""
GATES: tuple[str, ...] = get_args(Gates)
"""Metrics of trained nets' gates, in the deepest unit of a stage; a net without gates has 0."""
HIGHER_IS_BETTER: dict[str, bool] = {
    **dict.fromkeys(("accuracy", "aulc"), True),
    **dict.fromkeys(("loss", "train_seconds", "epochs_to", "seconds_to", *LATENCIES, *COSTS), False),
}
"""Whether a larger value is the better one, of the metrics of which that can be said."""

_TRENDS = get_args(Trend)
_WITH_LEVEL = ("epochs_to", "seconds_to")
_WITH_STAGE = ("gradient_norm", "gate_class_share", "gate_saturation")
_MAYBE_STAGE = ("gate_dynamics",)
_NEED_DIRECTION = ("better", "worse", "not_worse")


def _side(value: Any) -> Any:
    if isinstance(value, str) and value != "baseline":
        raise choice_error("candidate", "a candidate is a mapping of axes, or the word baseline", value, ["baseline"])
    return value


Side = Annotated[dict[str, AxisValue] | Literal["baseline"], BeforeValidator(_side)]


class Pair(Definition):
    """Two candidates, of which the second is taken off the first."""

    candidate: Side
    """The one candidate: the axes by which it differs from the plan's defaults."""
    against: Side = "baseline"
    """The other."""


class Claim(Definition):
    """A testable statement about two candidates, about two differences, or along an ordered axis."""

    id: Name
    """A short name, unique in the study."""
    says: str
    """The statement in words."""
    candidate: Side | None = None
    """The candidate the statement is about: the axes by which it differs from the plan's defaults."""
    against: Side = "baseline"
    """The candidate it is compared with."""
    than: Pair | None = None
    """An interaction: the difference of this pair is what the first difference is compared with."""
    along: dict[str, Annotated[tuple[AxisValue, ...], Field(min_length=3)]] | None = None
    """A trend: one axis with at least three of its values, in order; `candidate` holds the other axes."""
    metric: Metric = "accuracy"
    """What is compared."""
    level: Annotated[float, Field(gt=0, le=1)] | None = None
    """`epochs_to` and `seconds_to`: the test accuracy that is to be reached."""
    stage: Annotated[int, Field(ge=1)] | None = None
    """`gradient_norm` and metrics of gates: the stage of the net, counted from 1 (`gate_dynamics`: all without it)."""
    expect: Expectation
    """`better`, `worse`, `higher`, `lower` by more than the margin; `not_worse`, `equivalent` within it; or a trend."""
    margin: Annotated[float, Field(ge=0)] = 0.0
    """In the metric's own unit: 0.01 of accuracy is one point. With `relative`, a share of the other's value."""
    relative: bool = False
    """Compare shares of the value of `against`, seed by seed: 0.003 is 0.3 % more, in every setting."""
    source: str = ""
    """Who says so."""

    def sides(self) -> Iterator[tuple[tuple[str, ...], dict[str, AxisValue]]]:
        """Each mapping of axes that names a candidate, with the keys under which it stands."""
        named: list[tuple[tuple[str, ...], Any]] = [(("candidate",), self.candidate), (("against",), self.against)]
        if self.than:
            named += [(("than", "candidate"), self.than.candidate), (("than", "against"), self.than.against)]
        yield from ((path, side) for path, side in named if isinstance(side, dict))

    @model_validator(mode="after")
    def _who(self) -> Claim:
        if self.along is None:
            if self.expect in _TRENDS:
                raise _at("expect", f"`expect: {self.expect}` needs `along`: one axis with its values in order")
            if self.candidate is None:
                raise _at("candidate", "this key is missing")
            return self
        if self.expect not in _TRENDS:
            raise choice_error("claim", "`along` is about a trend", self.expect, _TRENDS, key="expect")
        for key in ("against", "than"):
            if key in self.model_fields_set:
                raise _at(key, f"`{key}` does not go with `along`, which compares the values of one axis")
        if self.candidate == "baseline":
            raise _at("candidate", "`along` varies a candidate, not the baseline")
        if len(self.along) != 1:
            raise _at("along", "`along` names one axis")
        for axis, values in self.along.items():
            if axis in (self.candidate or {}):
                raise _at("candidate", f"`{axis}` is both in `along` and in `candidate`")
            if len({(type(value), value) for value in values}) < len(values):
                raise _at(f"along.{axis}", f"`{axis}` has a value twice")
        return self

    @model_validator(mode="after")
    def _what(self) -> Claim:
        if (self.level is None) == (self.metric in _WITH_LEVEL):
            raise _at("metric" if self.level is None else "level", "`level` goes with `epochs_to` and `seconds_to`")
        if (self.stage is None) == (self.metric in _WITH_STAGE) and self.metric not in _MAYBE_STAGE:
            metrics = " and ".join(f"`{name}`" for name in (*_WITH_STAGE, *_MAYBE_STAGE))
            raise _at("metric" if self.stage is None else "stage", f"`stage` goes with {metrics}")
        if self.relative and (self.than or self.along or self.metric in GATES):
            raise _at("relative", "`relative` compares two candidates, by a metric that is never zero")
        if self.metric not in HIGHER_IS_BETTER and self.expect in _NEED_DIRECTION:
            allowed = [each for each in get_args(Expectation) if each not in _NEED_DIRECTION]
            raise choice_error("claim", f"no {self.metric} is the better one", self.expect, allowed, key="expect")
        if self.expect == "equivalent" and self.margin == 0 and self.metric not in COSTS:
            raise ValueError("`expect: equivalent` needs a margin above 0")
        return self


def _at(key: str, message: str) -> PydanticCustomError:
    return choice_error("claim", message, "", (), key=key)
