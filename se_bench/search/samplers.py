"""Proposals of Optuna's samplers, asked and told through Ray's OptunaSearch.

What a sampler knows is what it was told in this process; nothing of it is kept. A search that goes on asks again
and is told again what the database knows. So that this leads to the same proposals, a sampler is made anew for each,
with a seed of the plan's and the proposal's number: it depends on nothing but what was told and that number. After a
run with several slots, in which values were told in another order, the sampler would propose something else; then
the candidates of that run are proposed first, and the sampler goes on from there.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from typing import Any

import optuna
from optuna.samplers import BaseSampler, PartialFixedSampler, QMCSampler, RandomSampler
from ray.tune.search.optuna import OptunaSearch

from se_bench.config.axes import Axes, AxisValue, show
from se_bench.config.constraint import excess
from se_bench.config.load import Study
from se_bench.config.samplers import SAMPLERS
from se_bench.errors import ConfigError, OptionError
from se_bench.records import Candidate
from se_bench.search.candidates import Nets
from se_bench.search.domain import Values, domain, drawn
from se_bench.search.evaluation import Measured, chance
from se_bench.search.proposals import Proposal
from se_bench.training.seeds import stream_seed

MOST_REFUSALS = 1000
"""So many proposals in a row without a new net within the constraints end a search."""
MOST_REPEATS = 5
"""After so many repetitions in a row nets are drawn at random until one is new. A sampler that is sure of itself may
propose one net for ever."""

optuna.logging.set_verbosity(optuna.logging.ERROR)


class Sampled:
    """Proposes what the plan's sampler does: a :class:`~se_bench.search.proposals.Proposer`.

    ``known`` are the candidates that earlier runs of the same search have proposed, in their order.
    """

    def __init__(self, nets: Nets, known: Sequence[Candidate] = ()) -> None:
        self._nets = nets
        self._study = nets.study
        self._domain = domain(nets)
        self._known = {
            each.architecture_id: choices
            for each in known
            if not each.is_baseline and (choices := self._domain.choices_of(each)) is not None
        }
        self._follows = True
        self._proposed: dict[int, Candidate] = {}
        self._seen: set[str] = set()
        self._asked = self._repeats = 0
        self._sampler = _Reseeded(_maker(self._study))
        ways = {"maximize": "max", "minimize": "min"}
        self._search = OptunaSearch(
            space=self._suggest,
            metric=list(self._study.objectives),
            mode=[ways[way] for way in self._study.objectives.values()],
            sampler=self._sampler,
        )

    def ask(self) -> Proposal | None:
        """The next proposal that can be built, is within the constraints and is new.

        None after ``MOST_REFUSALS`` in a row that are not.
        """
        for _ in range(MOST_REFUSALS):
            proposal = self._judged(*self._next())
            if proposal is not None:
                return proposal
        return None

    def tell(self, number: int, measured: Measured | None) -> None:
        """The objectives of a proposal: means over its seeds, and its exact costs."""
        candidate = self._proposed.pop(number)
        if measured is None:
            self._search.on_trial_complete(str(number), error=True)
            return
        values = {
            name: getattr(measured if name in ("accuracy", "loss") else candidate.cost, name)
            for name in self._study.objectives
        }
        self._search.on_trial_complete(str(number), values)

    def _judged(self, number: int, spelling: dict[str, AxisValue]) -> Proposal | None:
        """The proposal, if it is to be evaluated; else the sampler is told at once.

        What is beyond the constraints, or cannot be built, is told as infeasible. A net that was proposed before, or
        is the baseline, is told nothing: told twice, it would weigh twice.
        """
        try:
            net = self._nets.resolve(Axes.read(spelling)).architecture_id
        except OptionError:  # values that no backbone takes together
            self._trial.set_constraint("built", 1.0)
            self._search.on_trial_complete(str(number))
            return None
        candidate, baseline = self._nets.candidate(spelling), self._nets.baseline(spelling)
        if net in self._seen or net == baseline.architecture_id:
            self._repeats += 1
            self._search.on_trial_complete(str(number), error=True)
            return None
        if self._follows and self._known and net not in self._known and self._nets.keeps_limits(candidate):
            self._follows = False  # an earlier run has told in another order
            self._search.on_trial_complete(str(number), error=True)
            return None
        self._known.pop(net, None)
        self._seen.add(net)
        self._proposed[number] = candidate
        for cost, limit in self._study.constraints.items():
            self._trial.set_constraint(cost, excess(limit, getattr(candidate.cost, cost)))
        if not self._nets.keeps_limits(candidate):
            self.tell(number, chance(candidate.architecture["classes"]))
            return None
        self._repeats = 0
        return Proposal(number, candidate, baseline)

    def _next(self) -> tuple[int, dict[str, AxisValue]]:
        number = self._asked
        self._asked += 1
        choices: dict[str, AxisValue] = {}
        if self._known and not self._follows:
            choices = self._known.pop(next(iter(self._known)))
        elif self._repeats >= MOST_REPEATS:
            choices = self._domain.spell(partial(drawn, self._study.plan.seed, number))
        axes = self._domain.axes
        self._sampler.fixed = {name: _written(axes[name], value) for name, value in choices.items() if name in axes}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Optuna calls experimental, or falls back from
            self._search.suggest(str(number))
        return number, self._spelling

    def _suggest(self, trial: Any) -> None:
        """The space as Optuna's define-by-run: an axis is asked for where its condition holds."""
        self._trial = trial
        self._spelling = self._domain.spell(lambda axis, values: _suggested(trial, axis, values))


class _Reseeded(BaseSampler):
    """A sampler that is made anew for each proposal, from the proposal's number."""

    def __init__(self, make: Callable[[int], BaseSampler]) -> None:
        self._make = make
        self._made = make(0)
        self.fixed: dict[str, Any] = {}
        """What the next proposal shall be, whatever the sampler would propose; empty for what it would."""

    def before_trial(self, study: Any, trial: Any) -> None:
        made = self._make(trial.number)
        self._made = PartialFixedSampler(self.fixed, made) if self.fixed else made
        self._made.before_trial(study, trial)

    def infer_relative_search_space(self, study: Any, trial: Any) -> dict[str, Any]:
        return self._made.infer_relative_search_space(study, trial)

    def sample_relative(self, study: Any, trial: Any, search_space: dict[str, Any]) -> dict[str, Any]:
        return self._made.sample_relative(study, trial, search_space)

    def sample_independent(self, study: Any, trial: Any, param_name: str, param_distribution: Any) -> Any:
        return self._made.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(self, study: Any, trial: Any, state: Any, values: Any) -> None:
        self._made.after_trial(study, trial, state, values)


def _maker(study: Study) -> Callable[[int], BaseSampler]:
    """The plan's sampler, made for the number of a proposal.

    Raises :class:`ConfigError` for options that it does not take, or a package that it lacks.
    """
    plan = study.plan
    assert plan.sampler is not None, "only searches have samplers"
    needs = SAMPLERS[plan.sampler].needs
    if needs and find_spec(needs) is None:
        problem = ConfigError(f"{plan.sampler} needs the package {needs}", hint=f"pip install {needs}")
        raise study.error("study", ("plan", "kind"), problem)
    kind: Any = getattr(optuna.samplers, plan.sampler)

    def make(number: int) -> BaseSampler:
        seed = stream_seed(plan.seed, "sampler", number) % 2**32
        options: dict[str, Any] = {"seed": seed, **plan.sampler_options}
        if kind is QMCSampler:  # one sequence for all proposals; what is no number is drawn
            options |= {"seed": plan.seed, "independent_sampler": RandomSampler(seed=seed)}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Optuna calls experimental
            made: BaseSampler = kind(**options)
        return made

    try:
        make(0)
    except ValueError as refusal:
        raise study.error("study", ("plan", "sampler_options"), ConfigError(f"{plan.sampler}: {refusal}")) from None
    return make


def _ordered(values: Values) -> list[Any] | None:
    """A list of numbers in their order, which a sampler should know; None for any other."""
    if len(values) > 2 and all(type(value) in (int, float) for value in values):
        return sorted(values)
    return None


def _suggested(trial: Any, axis: str, values: Values) -> AxisValue:
    if isinstance(values, range):
        number: int = trial.suggest_int(axis, values.start, values.stop - 1, log=True)
        return number
    if ordered := _ordered(values):
        chosen: AxisValue = ordered[trial.suggest_int(axis, 0, len(ordered) - 1)]
        return chosen
    names = [show(value) for value in values]
    return values[names.index(trial.suggest_categorical(axis, names))]


def _written(values: Values, value: AxisValue) -> Any:
    """A value as the sampler has it: the inverse of :func:`_suggested`."""
    if isinstance(values, range):
        return value
    ordered = _ordered(values)
    return ordered.index(value) if ordered else show(value)
