"""What a plan says beside its candidates: a design with its aliases, a search or scheduler with its bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from se_bench.cli.progress import clock

if TYPE_CHECKING:
    from se_bench.search.factorial import Design
    from se_bench.search.session import Known


def data(known: Known, expected: Mapping[str, float], slots: int) -> dict[str, Any]:
    """The same for scripts; nothing for a plan that is all of its candidates."""
    from se_bench.search.bounds import bounds

    plan = known.plan.study.plan
    found: dict[str, Any] = {}
    if (design := known.plan.design) is not None:
        found["design"] = {
            "name": design.name,
            "resolution": design.resolution,
            "runs": len(design.runs),
            "generators": {axis: list(word) for axis, word in design.generators},
            "aliases": [[list(effect) for effect in group] for group in design.aliases()],
        }
    if plan.chooses or known.plan.study.budget:
        most = bounds(known.plan)
        found["at_most"] = {
            "candidates": most.candidates,
            "trials": most.trials,
            "epochs": most.epochs,
            "hours": most.hours,
            "expected_seconds": _most_seconds(known, expected, slots, most.epochs, most.hours),
        }
    if plan.sampler:
        found["search"] = {"sampler": plan.sampler, "seed": plan.seed, "options": dict(plan.sampler_options)}
    if plan.scheduler:
        found["scheduler"] = {"kind": plan.scheduler.kind, **plan.scheduler.options}
    return found


def lines(known: Known, expected: Mapping[str, float], slots: int) -> Iterator[str]:
    """The same for people."""
    plan = known.plan.study.plan
    if known.plan.design is not None:
        yield from _design(known.plan.design)
    if plan.sampler:
        options = "".join(f", {name}={value}" for name, value in plan.sampler_options.items())
        objectives = ", ".join(f"{way} {name}" for name, way in known.plan.study.objectives.items())
        yield f"Search by {plan.kind} (seed {plan.seed}{options}): {objectives}; accuracy on the validation split"
    if plan.scheduler:
        keys = "".join(f", {key}={value}" for key, value in plan.scheduler.options.items())
        yield f"Trials may end early: {plan.scheduler.kind}{keys}; the baseline never does"
    found = data(known, expected, slots)
    if most := found.get("at_most"):
        numbers = [f"{most[name]:,} {name}" for name in ("candidates", "trials", "epochs") if most[name] is not None]
        hours = [f"{most['hours']:g} h of training"] if most["hours"] is not None else []
        seconds = most["expected_seconds"]
        pace = f"; at the baseline's pace {clock(seconds)} with {slots} at once" if seconds is not None else ""
        yield f"At most {', '.join((*numbers, *hours))}{pace}"


def _design(design: Design) -> Iterator[str]:
    yield f"Design {design.name}: {len(design.runs)} of {2 ** len(design.axes)} combinations"
    for axis, word in design.generators:
        yield f"  {axis} = {' × '.join(word)}"
    for group in design.aliases():
        yield f"  one estimate together: {', '.join(' × '.join(effect) for effect in group)}"


def _most_seconds(
    known: Known, expected: Mapping[str, float], slots: int, epochs: int | None, hours: float | None
) -> float | None:
    """Wall time of the bounds, if every net took as long as the baseline."""
    seconds = {**expected, **known.durations}
    baseline = next((seconds[trial.trial_id] for trial in known.plan.trials if trial.trial_id in seconds), None)
    of_epochs = None
    if epochs is not None and baseline is not None:
        of_epochs = epochs * baseline / known.plan.study.setting.recipe.epochs / slots
    of_hours = hours * 3600 / slots if hours is not None else None
    return min((each for each in (of_epochs, of_hours) if each is not None), default=None)
