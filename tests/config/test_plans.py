"""Which keys a plan of each kind has, and what is refused with line, key and the next step."""

from __future__ import annotations

import inspect
from pathlib import Path

import optuna
import pytest

from se_bench.config.load import Study, load_study
from se_bench.config.samplers import SAMPLERS, SHORT_NAMES
from se_bench.errors import ConfigError

HEAD = "name: mine\nquestion: Which?\nspace: se_block\nsetting: digits\n"
VARY = "vary: {reduction: [4, 16], gate: [sigmoid, tanh]}"
PLANS = {
    "grid": f"plan: {{kind: grid, {VARY}}}",
    "one_factor": f"plan: {{kind: one_factor, {VARY}}}",
    "random": "plan: {kind: random, candidates: 5, seed: 3}",
    "factorial": f"plan: {{kind: factorial, fraction: 1/2, {VARY}}}",
    "tpe": "plan: {kind: tpe, candidates: 5, seed: 3, sampler_options: {n_startup_trials: 4}}",
    "nsga2": f"plan: {{kind: nsga2, {VARY}, sampler_options: {{mutation_prob: 1}}}}\nbudget: {{trials: 20}}",
    "GPSampler": "plan: {kind: GPSampler}\nbudget: {hours: 0.5, epochs: 100}",
    "CmaEsSampler": "plan: {kind: CmaEsSampler, candidates: 5}\nobjectives: {loss: minimize}",
    "asha": f"plan: {{{VARY}, scheduler: {{kind: asha, grace_epochs: 2, reduction: 4}}}}",
    "median": f"plan: {{{VARY}, scheduler: {{kind: median}}}}",
}


def load(folder: Path, text: str) -> Study:
    file = folder / "mine.yaml"
    file.write_text(HEAD + text + "\n")
    return load_study(str(file))


@pytest.mark.parametrize("name", PLANS)
def test_each_kind_is_read(tmp_path: Path, name: str) -> None:
    plan = load(tmp_path, PLANS[name]).plan
    assert plan.sampler == SHORT_NAMES.get(name, name if name.endswith("Sampler") else None)
    assert plan.chooses == (plan.sampler is not None or plan.scheduler is not None)


def test_a_scheduler_has_the_options_that_its_kind_reads(tmp_path: Path) -> None:
    asha, median = (load(tmp_path, PLANS[name]).plan.scheduler for name in ("asha", "median"))
    assert asha is not None
    assert median is not None
    assert (asha.options, median.options) == ({"grace_epochs": 2, "reduction": 4}, {"grace_epochs": 1})


@pytest.mark.parametrize(
    ("plan", "key", "says"),
    [
        ("{kind: tpee, candidates: 3}", "plan.kind", "did you mean: tpe"),
        ("{kind: GpSampler, candidates: 3}", "plan.kind", "did you mean: GPSampler"),
        ("{kind: GridSampler, candidates: 3}", "plan.kind", "allowed: grid, one_factor, random, factorial, tpe"),
        ("{candidates: 3, vary: {reduction: [4]}}", "plan.candidates", "a plan of kind grid has no `candidates`"),
        ("{seed: 3, vary: {reduction: [4]}}", "plan.seed", "only random plans and samplers do"),
        ("{kind: random, candidates: 3, fraction: 1/2}", "plan.fraction", "only factorial plans do"),
        ("{kind: tpe, candidates: 3, resolution: 4}", "plan.resolution", "next: remove it, or change `kind`"),
        ("{kind: random, candidates: 3, sampler_options: {group: true}}", "plan.sampler_options", "only samplers do"),
        ("{kind: grid}", "plan.vary", "needs `vary`"),
        ("{kind: factorial}", "plan.vary", "needs `vary`"),
        ("{kind: random}", "plan.candidates", "needs `candidates`"),
        ("{kind: tpe}", "plan.candidates", "nothing ends this search"),
        ("{kind: tpe, candidates: 0}", "plan.candidates", "greater than or equal to 1"),
        ("{kind: factorial, vary: {reduction: [4, 8, 16]}}", "plan.vary.reduction", "`reduction` has 3 values"),
        ("{kind: factorial, vary: {reduction: [4]}}", "plan.vary.reduction", "`reduction` has 1 value"),
        (f"{{kind: factorial, fraction: 1/3, {VARY}}}", "plan.fraction", "allowed: 1/2, 1/4, 1/8"),
        (f"{{kind: factorial, fraction: 0.5, {VARY}}}", "plan.fraction", "a fraction is 1/2, 1/4"),
        (f"{{kind: factorial, fraction: 1/2, resolution: 3, {VARY}}}", "plan.resolution", "give one of the two"),
        ("{kind: tpe, candidates: 3, sampler_options: {groups: true}}", "plan.sampler_options.groups", "mean: group"),
        ("{kind: tpe, candidates: 3, sampler_options: {group: 1}}", "plan.sampler_options.group", "group as bool"),
        ("{kind: tpe, candidates: 3, scheduler: {kind: hyperband}}", "plan.scheduler.kind", "next: asha"),
        (f"{{{VARY}, scheduler: {{kind: asah}}}}", "plan.scheduler.kind", "did you mean: asha"),
        (f"{{{VARY}, scheduler: {{kind: median, reduction: 3}}}}", "plan.scheduler.reduction", "asha and hyperband do"),
        (f"{{{VARY}, scheduler: {{kind: hyperband, grace_epochs: 3}}}}", "plan.scheduler.grace_epochs", "asha and"),
        (f"{{{VARY}, scheduler: {{kind: asha, grace_epochs: 8}}}}", "plan.scheduler.grace_epochs", "8 epochs"),
    ],
)
def test_what_a_plan_cannot_mean_is_refused_in_its_line(tmp_path: Path, plan: str, key: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, f"plan: {plan}")
    assert (caught.value.line, caught.value.key) == (5, key)
    assert says in str(caught.value)


SEARCH = "plan: {kind: tpe, candidates: 3}\n"


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        (SEARCH + "budget: {}", "budget", "allowed: trials, epochs, hours"),
        (SEARCH + "budget: {trails: 3}", "budget.trails", "did you mean: trials"),
        (SEARCH + "budget: {hours: 0}", "budget.hours", "greater than 0"),
        (SEARCH + "seeds: {min: 3, max: 9}", "seeds", "next: a number of seeds, such as 3"),
        (SEARCH + "objectives: {train_seconds: minimize}", "objectives.train_seconds", "use macs"),
        (
            "plan: {kind: CmaEsSampler, candidates: 3}\nobjectives: {accuracy: maximize, macs: minimize}",
            "objectives",
            "one objective, this study 2",
        ),
        (
            SEARCH + "claims: [{id: c, says: s, candidate: {gate: tanh}, expect: better}]",
            "claims",
            "in a study of its own, with other seeds",
        ),
    ],
)
def test_what_a_search_cannot_do_is_refused(tmp_path: Path, text: str, key: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert (caught.value.line, caught.value.key) == (6, key)
    assert says in str(caught.value)


def test_the_table_of_samplers_is_that_of_optuna() -> None:
    unusable = {"BaseSampler", "BaseGASampler", "GridSampler", "PartialFixedSampler", "nsgaii"}
    assert set(SAMPLERS) == set(optuna.samplers.__all__) - unusable


@pytest.mark.parametrize("name", SAMPLERS)
def test_the_options_of_a_sampler_are_those_of_its_class(name: str) -> None:
    taken = inspect.signature(getattr(optuna.samplers, name)).parameters
    types = {"int": int, "float": float, "bool": bool, "str": str}
    for option, kind in SAMPLERS[name].options.items():
        assert types[str(taken[option].annotation).split(" | ")[0]] is kind
