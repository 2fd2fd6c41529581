"""A database filled with a demonstration: a study whose name, data and runs say that nobody trained anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import se_bench
from se_bench.config import document, locate
from se_bench.config.load import load_setting
from se_bench.dashboard.demo.candidates import MOST, SETTING, SPACE, VARY, draw_candidates
from se_bench.dashboard.demo.outcomes import FIRST_START, SLOTS, invent, records
from se_bench.errors import UserError
from se_bench.records import Candidate, Run, Trial
from se_bench.search.candidates import make_trial
from se_bench.store.repository import Store

PREFIX = "demo_"
"""What the name of every such study begins with."""
FINGERPRINT = "demo"
"""Of the images that were never looked at."""
ENVIRONMENT: dict[str, Any] = {
    "synthetic": True,
    "processor": "none: synthetic results of `se-bench demo-data`",
    "slots": SLOTS,
    "se_bench": se_bench.__version__,
}
QUESTION = "Synthetic results for a look at the dashboards: nothing was trained."
_RUNS = 3
_TRIALS_AT_ONCE = 20_000


def fill(
    database: str,
    study: str,
    *,
    trials: int,
    seeds: int,
    epochs: int,
    seed: int,
    among_real: bool = False,
    progress: Callable[[int], object] = lambda _: None,
) -> None:
    """Make the study and give it ``trials`` trials, with ``seeds`` seeds a candidate.

    The same arguments give the same results. Raises :class:`UserError` where the study is not named as a
    demonstration, the space has too few candidates, or the database has real results and ``among_real`` is not set.
    """
    _check(study, trials, seeds)
    with Store.open(database, create=True) as store:
        if not among_real:
            _refuse_real(store)
        candidates = draw_candidates(-(-trials // seeds), seed)
        places = np.arange(trials)
        of, of_seed = places % len(candidates), places // len(candidates)
        recipe = load_setting(SETTING).recipe.model_copy(update={"epochs": epochs}).identity()
        planned = [
            _planned(candidates[place], recipe, number)
            for place, number in zip(of.tolist(), of_seed.tolist(), strict=True)
        ]
        store.register(study, QUESTION, _definition(study, seeds, epochs), candidates, planned)
        runs = [f"{study}-{number}" for number in range(1, _RUNS + 1)]
        for run_id in runs:
            store.begin(_run(run_id, study))
        outcomes = invent(candidates, of, of_seed, epochs, seed)
        order = sorted(range(trials), key=lambda place: planned[place].trial_id)  # neighbours in the file
        for first in range(0, trials, _TRIALS_AT_ONCE):
            some = order[first : first + _TRIALS_AT_ONCE]
            found = list(records(planned, some, outcomes, runs, epochs, seed))
            store.keep_results([result for result, _ in found], [epoch for _, kept in found for epoch in kept])
            progress(first + len(some))


def _check(study: str, trials: int, seeds: int) -> None:
    if not study.startswith(PREFIX):
        raise UserError(f"the study of a demonstration is named {PREFIX}..., not {study!r}", key="--study")
    if trials > MOST * seeds:
        raise UserError(
            f"{trials:,} trials with {seeds} seeds are more than {MOST:,} candidates",
            key="--trials",
            hint=f"--seeds {-(-trials // MOST)}",
        )


def _refuse_real(store: Store) -> None:
    if real := [each.name for each in store.studies() if not each.name.startswith(PREFIX)]:
        raise UserError(
            f"it has results of real studies ({', '.join(sorted(real)[:3])}), which synthetic ones would stand among",
            file=str(store),
            hint="name another database with --db, or say --among-real-results",
        )


def _planned(candidate: Candidate, recipe: dict[str, Any], seed: int) -> Trial:
    return make_trial(
        candidate.architecture_id,
        candidate.architecture,
        dataset={"name": "digits", "size": 16},
        dataset_fingerprint=FINGERPRINT,
        recipe=recipe,
        seed=seed,
    )


def _run(run_id: str, study: str) -> Run:
    return Run(
        run_id=run_id,
        study=study,
        command="se-bench demo-data",
        started_at=FIRST_START,
        environment=ENVIRONMENT,
    )


def _definition(study: str, seeds: int, epochs: int) -> dict[str, Any]:
    """The study file that would ask for these trials, and those it refers to."""
    own = {
        "name": study,
        "question": QUESTION,
        "space": SPACE,
        "setting": SETTING,
        "plan": {"kind": "grid", "vary": {axis: list(values) for axis, values in VARY.items()}},
        "seeds": seeds,
    }
    documents = {
        "space": document.read(locate.find("search_spaces", SPACE).file).data,
        "setting": document.read(locate.find("studies/settings", SETTING).file).data,
    }
    documents["setting"] |= {"recipe": {**documents["setting"]["recipe"], "epochs": epochs}}
    return {"study": own, **documents}
