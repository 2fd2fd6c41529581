"""What an open plan may choose from: for each axis its values, and an axis only where its condition holds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from se_bench.config.axes import Axes, AxisValue
from se_bench.config.space import Axis, Space
from se_bench.errors import OptionError
from se_bench.records import Candidate
from se_bench.search.candidates import Nets, Spelling
from se_bench.training.seeds import stream_seed

Values = tuple[AxisValue, ...] | range


@dataclass(frozen=True)
class Domain:
    """The axes that a plan varies, each after those that its condition is about."""

    space: Space
    fixed: Spelling
    axes: Mapping[str, Values]

    def spell(self, choose: Callable[[str, Values], AxisValue]) -> dict[str, AxisValue]:
        """One spelling: ``choose`` is asked for every axis that matters, given what was chosen before."""
        spelling = dict(self.fixed)
        for name, values in self.axes.items():
            if self.space.matters(name, Axes.read(spelling)):
                spelling[name] = choose(name, values)
        return spelling

    def choices_of(self, candidate: Candidate) -> dict[str, AxisValue] | None:
        """What :meth:`spell` chose for a candidate of an earlier run; None where this domain does not hold it."""
        chosen = {name: _frozen(candidate.axes[name]) for name in self.axes if name in candidate.axes}
        outside = any(value not in self.axes[name] for name, value in chosen.items())
        others = self.fixed.items()
        if outside or any(name in candidate.axes and _frozen(candidate.axes[name]) != own for name, own in others):
            return None
        return chosen


def domain(nets: Nets) -> Domain:
    """The plan's axes with their values; those of the whole space where it names none.

    Of the whole space only what can be built here is kept: on a net of three stages no stage 4. A value that the
    plan names itself and that cannot be built is a :class:`ConfigError`.
    """
    plan, space = nets.study.plan, nets.study.space
    axes: dict[str, Values] = dict(plan.vary)
    if not axes:
        axes = {name: _values(axis) for name, axis in space.axes.items() if name not in plan.fixed}
    backbones = axes.get("backbone", (plan.fixed.get("backbone"),))
    for name, values in axes.items():
        if isinstance(values, range):
            continue
        problems = {value: _problem(nets, backbones, name, value) for value in values}
        for problem in problems.values():
            if problem and plan.vary:
                raise nets.placed(problem)
        axes[name] = tuple(value for value in values if not problems[value])
    return Domain(space, plan.fixed, {name: axes[name] for name in _in_order(space, axes) if axes[name]})


def drawn(seed: int, draw: int, axis: str, values: Values) -> AxisValue:
    """A value that depends on the seed, the number of the draw and the axis alone.

    Lists are drawn from evenly; ranges, which hold ratios and widths, evenly on a logarithmic scale.
    """
    share = stream_seed(seed, "draw", draw, axis) / 2**63
    if isinstance(values, range):
        low, high = math.log(values.start), math.log(values.stop)
        return min(int(math.exp(low + share * (high - low))), values.stop - 1)
    return values[int(share * len(values))]


def _values(axis: Axis) -> Values:
    return range(axis.range[0], axis.range[1] + 1) if axis.range else axis.values or ()


def _problem(nets: Nets, backbones: Values, name: str, value: AxisValue) -> OptionError | None:
    """Why no backbone takes this value, all else at its default; None where one does."""
    problem = None
    for backbone in backbones:
        try:
            nets.resolve(Axes.read({**nets.study.plan.fixed, "backbone": backbone, name: value}))
        except OptionError as caught:
            if caught.key != name:  # about an axis that another value may mend
                return None
            problem = caught
        else:
            return None
    return problem


def _in_order(space: Space, axes: Mapping[str, Values]) -> list[str]:
    """Conditions before the axes that they decide about, otherwise as the file has them."""
    order: list[str] = []
    left = list(axes)
    while left:
        order.append(next(name for name in left if not space.conditions(name) & {*left}))
        left.remove(order[-1])
    return order


def _frozen(value: object) -> AxisValue:
    """A value as read back from JSON: lists are tuples."""
    return tuple(value) if isinstance(value, list) else value  # type: ignore[return-value]
