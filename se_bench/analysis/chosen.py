"""What a search has chosen: the front of its objectives by the validation split, which the test split only reports."""

from __future__ import annotations

from collections import defaultdict
from statistics import fmean

import moocore
import numpy as np

from se_bench.config.load import Study
from se_bench.records import Epoch, Status, StudyRecords


def chosen(study: Study, records: StudyRecords) -> frozenset[str]:
    """Architectures that no other beats in every objective; empty for a plan that does not search.

    Accuracy and loss are means over seeds on the validation split after the last epoch. A candidate takes part when
    all of its trials are completed; the baseline does, too.
    """
    if not study.plan.sampler:
        return frozenset()
    last: dict[str, Epoch] = {epoch.trial_id: epoch for epoch in records.epochs}  # in order of epoch
    trials = defaultdict(list)
    for trial in records.trials:
        trials[trial.architecture_id].append(trial)
    points: dict[str, list[float]] = {}
    for candidate in records.candidates:
        own = trials[candidate.architecture_id]
        ends = [last[trial.trial_id] for trial in own if trial.trial_id in last]
        if not own or len(ends) < len(own) or any(trial.status is not Status.COMPLETED for trial in own):
            continue
        measured = {
            "accuracy": [epoch.validation_accuracy for epoch in ends if epoch.validation_accuracy is not None],
            "loss": [epoch.validation_loss for epoch in ends if epoch.validation_loss is not None],
        }
        if all(len(measured[name]) == len(own) for name in measured):
            points[candidate.architecture_id] = [
                fmean(measured[name]) if name in measured else float(getattr(candidate.cost, name))
                for name in study.objectives
            ]
    if not points:
        return frozenset()
    best = [direction == "maximize" for direction in study.objectives.values()]
    on_front = moocore.is_nondominated(np.array([*points.values()]), maximise=best, keep_weakly=True)
    return frozenset(name for name, is_on in zip(points, on_front, strict=True) if is_on)
