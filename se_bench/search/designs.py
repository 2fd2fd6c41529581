"""The spellings of a plan whose candidates are known before anything is trained."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import count, product

from se_bench.config.axes import Axes, AxisValue
from se_bench.errors import ConfigError, OptionError
from se_bench.search import factorial
from se_bench.search.candidates import Nets, Spelling
from se_bench.search.domain import domain, drawn
from se_bench.search.factorial import Design

MOST_MISSES = 1000
"""So many draws in a row without a new net within the constraints end a random plan."""


def combinations(nets: Nets, design: Design | None) -> list[Spelling]:
    """The candidates of a plan, the baseline left out, in the order of the values in its file.

    ``design`` is that of a factorial plan. Raises :class:`ConfigError` for a space with fewer nets than a random plan
    asks for.
    """
    plan = nets.study.plan
    varied: list[dict[str, AxisValue]]
    if plan.kind == "random":
        return list(_draws(nets))
    if design is not None:
        varied = [
            {axis: plan.vary[axis][level] for axis, level in zip(design.axes, run, strict=True)} for run in design.runs
        ]
    elif plan.kind == "grid":
        varied = [dict(zip(plan.vary, values, strict=True)) for values in product(*plan.vary.values())]
    else:
        varied = [{}, *({axis: value} for axis, values in plan.vary.items() for value in values)]
    return [{**plan.fixed, **each} for each in varied]


def design_of(nets: Nets) -> Design | None:
    """The design of a factorial plan; None for other kinds.

    Raises :class:`ConfigError` for more axes than are searched for generators, or a fraction that would leave main
    effects with one estimate together.
    """
    plan = nets.study.plan
    if plan.kind != "factorial":
        return None
    axes = tuple(plan.vary)
    if len(axes) > factorial.MOST_AXES:
        problem = ConfigError(f"{len(axes)} axes; a factorial plan has at most {factorial.MOST_AXES}")
        raise nets.study.error("study", ("plan", "vary"), problem)
    if plan.resolution is not None:
        return factorial.of_resolution(axes, plan.resolution)
    if plan.fraction is None:
        return factorial.full(axes)
    power = int(plan.fraction.removeprefix("1/")).bit_length() - 1
    design = factorial.fractional(axes, power)
    if design is None:
        smallest = len(factorial.of_resolution(axes, 3).generators)
        problem = ConfigError(
            f"{plan.fraction} of the combinations of {len(axes)} axes cannot tell their main effects apart",
            allowed=tuple(f"1/{2**power}" for power in range(1, smallest + 1)),
        )
        raise nets.study.error("study", ("plan", "fraction"), problem)
    return design


def _draws(nets: Nets) -> Iterator[Spelling]:
    """Distinct nets, until as many as asked for are within the constraints; those beyond come too."""
    plan = nets.study.plan
    assert plan.candidates is not None, "checked when the study was read"
    chosen_from = domain(nets)
    seen: set[str] = set()
    kept = misses = 0
    for draw in count():
        if kept == plan.candidates:
            return
        if misses == MOST_MISSES:
            problem = ConfigError(
                f"{draw} draws found {kept} distinct nets that may be trained, not {plan.candidates}",
                hint=f"candidates: {kept}, other constraints, or a plan of kind grid",
            )
            raise nets.study.error("study", ("plan", "candidates"), problem)
        misses += 1
        spelling = chosen_from.spell(partial(drawn, plan.seed, draw))
        try:
            net = nets.resolve(Axes.read(spelling)).architecture_id
        except OptionError:  # values that no backbone takes together
            continue
        if net in seen or net == nets.resolve(Axes.read(dict(nets.without_block(spelling)))).architecture_id:
            continue
        seen.add(net)
        if nets.keeps_limits(nets.candidate(spelling)):
            kept += 1
            misses = 0
        yield spelling
