"""How much of a grid a search must train to have its front: `python -m benchmarks.search`.

TPE and NSGA-II, each with ASHA, search the grid of `se_block_grid.yaml`: 168 SE blocks in the quick setting. They
maximise validation accuracy and minimise MACs and parameters. Proposals, budget and scheduler are those of the
engine; training is replayed from the curves that `curves.py` has stored. A search may use a quarter of the grid's
epochs, the baseline's included, and ends when what it has trained whole has 95 % of the hypervolume of the whole
grid; the reference point is the worst of the grid in each objective. Random search with ASHA stands beside them.
Medians over seeds with 95 % bootstrap intervals. The last line printed is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from moocore import hypervolume
from ray.tune.schedulers import TrialScheduler

from benchmarks.curves import CURVES, GRID, Curve, read
from se_bench.config.load import load_study
from se_bench.records import Candidate, Ended, Epoch, KnownTrial, Started, Status, Trial
from se_bench.search.environment import describe
from se_bench.search.plan import make_plan
from se_bench.search.proposals import Proposals, proposals
from se_bench.search.samplers import Sampled
from se_bench.search.source import Work
from se_bench.search.tuning import scheduler

SAMPLERS = ("tpe", "nsga2", "RandomSampler")
SHARE = 0.25
GOAL = 0.95
SLOTS = 2
RESAMPLES = 10_000


@dataclass(frozen=True)
class Found:
    """What one search had after so many epochs."""

    epochs: int
    hypervolume: float
    """Over that of the whole grid."""


class Shown:
    """A trial as Tune's schedulers know it."""

    def __init__(self, work: Work) -> None:
        self.trial_id = work.trial.trial_id
        self.config = {"work": {"whole": work.whole}}


class Replay:
    """Searches of one grid whose curves are known."""

    def __init__(self, grid: Path, curves: Sequence[Curve], overrides: Sequence[str] = ()) -> None:
        study = load_study(str(grid), overrides=overrides)
        self._grid, self._overrides = str(grid), tuple(overrides)
        self._curves = {curve.architecture_id: curve for curve in curves}
        plan = make_plan(study)
        self._nets = plan.nets
        missing = [each.label for each in plan.candidates if each.architecture_id not in self._curves]
        if missing:
            raise SystemExit(f"{len(missing)} nets have no curve, such as {missing[0]}; run benchmarks/curves.py")
        of_blocks = [self._curves[each.architecture_id] for each in plan.candidates if not each.is_baseline]
        self.epochs = sum(len(curve.validation_accuracies) for curve in of_blocks)
        """Of the whole grid."""
        points = self._points(of_blocks)
        self._reference = points.max(axis=0)
        self._whole = float(hypervolume(points, ref=self._reference))

    def search(self, kind: str, seed: int, share: float) -> Iterator[Found]:
        """One search by the sampler ``kind``: what it has whenever a trial is whole."""
        budget = int(share * self.epochs)
        more = [f"plan.kind={kind}", f"plan.seed={seed}", "plan.scheduler={kind: asha}", f"budget={{epochs: {budget}}}"]
        study = load_study(self._grid, overrides=[*self._overrides, *more])
        nets = replace(self._nets, study=study)
        asha = scheduler(study.plan.scheduler, study.setting.recipe.epochs)
        assert asha is not None
        yield from self._run(asha, proposals(make_plan(study), self._recall, Sampled(nets)))

    def _run(self, asha: TrialScheduler, source: Proposals) -> Iterator[Found]:
        running: deque[tuple[Work, Shown, int]] = deque()
        whole: list[Curve] = []
        spent = 0
        while True:
            while len(running) < SLOTS and (work := source.take()) is not None:
                running.append((work, Shown(work), 0))
                asha.on_trial_add(None, running[-1][1])
                source.told(Started(trial_id=work.trial.trial_id, run_id="replay", at=datetime.now(UTC)))
            if not running:
                return
            work, shown, done = running.popleft()
            curve = self._curves[work.trial.architecture_id]
            spent += 1
            source.told(epoch_of(work.trial, curve, done + 1))
            result = {"epoch": done + 1, "score": curve.validation_accuracies[done]}
            stopped = asha.on_trial_result(None, shown, result) == asha.STOP
            if done + 1 < len(curve.validation_accuracies) and not stopped:
                running.append((work, shown, done + 1))
                continue
            status = curve.status if done + 1 == len(curve.validation_accuracies) else Status.STOPPED
            source.told(Ended(trial_id=work.trial.trial_id, status=status, at=datetime.now(UTC)))
            if status is Status.COMPLETED and not work.whole:
                whole.append(curve)
                yield Found(spent, self._share_of(whole))

    def _recall(self, candidate: Candidate, trials: Sequence[Trial]) -> dict[str, KnownTrial]:
        return {}

    def _share_of(self, curves: Sequence[Curve]) -> float:
        return float(hypervolume(self._points(curves), ref=self._reference)) / self._whole

    @staticmethod
    def _points(curves: Sequence[Curve]) -> np.ndarray:
        """Objectives of nets that were trained whole, (net, objective), all to be minimised."""
        whole = [each for each in curves if each.status is Status.COMPLETED]
        return np.array([(-each.validation_accuracies[-1], each.macs, each.params) for each in whole], dtype=float)


def epoch_of(trial: Trial, curve: Curve, number: int) -> Epoch:
    accuracy = curve.validation_accuracies[number - 1]
    return Epoch(
        trial_id=trial.trial_id, epoch=number, train_loss=0.0, train_accuracy=0.0, test_loss=0.0, test_accuracy=0.0,
        train_seconds=0.0, test_seconds=0.0, gradient_norms=(), validation_loss=0.0, validation_accuracy=accuracy,
    )  # fmt: skip


def share_to_goal(found: Iterator[Found], epochs: int, goal: float = GOAL) -> float:
    """The share of the grid's epochs after which a search has the goal; infinity where its budget does not suffice."""
    return next((each.epochs / epochs for each in found if each.hypervolume >= goal), math.inf)


def median(shares: Sequence[float]) -> dict[str, float | None]:
    """Over all searches, with the 95 % percentile bootstrap interval, and the worst; None is beyond the budget."""
    drawn = np.random.default_rng(0).choice(shares, (RESAMPLES, len(shares)))
    low, high = np.quantile(np.median(drawn, axis=1), [0.025, 0.975], method="nearest")
    found = {"median": float(np.median(shares)), "low": float(low), "high": float(high), "worst": max(shares)}
    return {name: round(value, 4) if math.isfinite(value) else None for name, value in found.items()}


def spelled(share: float | None) -> str:
    return f"more than {SHARE:.0%}" if share is None else f"{share:.1%}"


def main() -> None:
    options = read_options()
    if not CURVES.exists():
        raise SystemExit(f"no {CURVES.name} yet; train them once: python -m benchmarks.curves")
    replay = Replay(GRID, read(CURVES))
    result = {"benchmark": "search", "unit": "share of the grid's epochs", "seeds": options.seeds}
    result |= {"hypervolume": options.goal, "goal": SHARE, "grid_epochs": replay.epochs}
    meets = []
    for kind in SAMPLERS:
        searches = (replay.search(kind, seed, SHARE) for seed in range(options.seeds))
        shares = [share_to_goal(search, replay.epochs, options.goal) for search in searches]
        reached = sum(math.isfinite(share) for share in shares)
        over = median(shares)
        result[kind] = {"seeds_that_reach_it": reached, **over}
        meets.append(kind != "RandomSampler" and over["median"] is not None)
        low, center, high, worst = (spelled(over[name]) for name in ("low", "median", "high", "worst"))
        print(
            f"{kind} with ASHA: {center} [{low}, {high}] of the grid's epochs, at worst {worst}; "
            f"{reached} of {options.seeds} seeds get there",
            flush=True,
        )
    print(json.dumps(result | {"meets_goal": any(meets), "machine": describe(slots=SLOTS, gpus_per_trial=0.0)}))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=25, help="searches by each sampler")
    parser.add_argument("--goal", type=float, default=GOAL, help="of the grid's hypervolume (default 0.95)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
