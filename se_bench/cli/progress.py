"""The live display of a run: trials done, running and failed, images a second, time left, best so far.

On a terminal it is redrawn in place; elsewhere (a pipe, a log file, CI) it is one plain line a trial.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from statistics import mean
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from se_bench.records import Candidate, Ended, Epoch, Record, Started, Status, Trial

if TYPE_CHECKING:
    from rich.console import Console

    from se_bench.search.session import Known

REDRAWS_A_SECOND = 4  # the display shares the processor with the trials


class Progress:
    """Watches the records of one run."""

    def __init__(self, console: Console, known: Known, expected: dict[str, float], slots: int) -> None:
        self._console = console
        self._slots = slots
        self._images_per_epoch = known.plan.images_per_epoch
        self._epochs_per_trial = known.plan.study.setting.recipe.epochs
        self._expected = expected
        self._candidate: dict[str, str] = {}
        self._label: dict[str, str] = {}
        self._counted: set[str] = set()
        """Trials that are sure to be trained; others join where a comparison stays open or a search proposes them."""
        self._searches = known.plan.study.plan.sampler is not None
        labels = {each.architecture_id: each.label for each in known.plan.candidates}
        for trial in known.missing:
            self._name(trial, labels[trial.architecture_id])
        first = known.plan.study.seeds[: known.plan.study.first_seeds]
        self._counted.update(trial.trial_id for trial in known.missing if trial.seed in first)
        self._running: dict[str, int] = {}
        self._last: dict[str, Epoch] = {}
        self._accuracies: defaultdict[str, list[float]] = defaultdict(list)
        self._done = self._stopped = self._failed = self._epochs = 0
        self._epoch_seconds = 0.0
        self._started = self._first_record = time.monotonic()
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if self._trials and self._console.is_terminal:
            self._live = Live(
                get_renderable=self._draw,
                console=self._console,
                refresh_per_second=REDRAWS_A_SECOND,
                transient=True,
            )
            self._live.start()
        elif self._trials:
            self._console.print("Starting workers ...")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()
        if self._trials and kind is None:
            took = clock(time.monotonic() - self._started)
            failed = f", {self._failed} failed" if self._failed else ""
            self._console.print(f"Trained {self._done} trials in {took}{failed}.")

    @property
    def _ended(self) -> int:
        return self._done + self._stopped + self._failed

    @property
    def _trials(self) -> int:
        return len(self._counted)

    def _name(self, trial: Trial, label: str) -> None:
        self._candidate[trial.trial_id] = label
        self._label[trial.trial_id] = f"{label} seed {trial.seed}"

    def planned(self, candidate: Candidate, trials: Sequence[Trial]) -> None:
        """A candidate has joined the study."""
        for trial in trials:
            self._name(trial, candidate.label)
        if self._searches:
            self._counted.update(trial.trial_id for trial in trials)

    def saw(self, record: Record) -> None:
        """Take a committed record into account."""
        self._counted.add(record.trial_id)
        if isinstance(record, Started):
            if not self._running and not self._epochs:
                self._first_record = time.monotonic()
            self._running[record.trial_id] = len(record.epochs)
            if record.epochs:
                self._last[record.trial_id] = record.epochs[-1]
        elif isinstance(record, Epoch):
            self._running[record.trial_id] = record.epoch
            self._last[record.trial_id] = record
            self._epochs += 1
            self._epoch_seconds += record.train_seconds + record.test_seconds
        else:
            self._end(record)

    def notice(self, text: str) -> None:
        """Something that delays the run, or that has become of it."""
        self._console.print(text, style="yellow", markup=False, highlight=False, soft_wrap=True)

    def say_what_is_kept(self, database: str) -> None:
        """After Ctrl-C: what is in the database, and how to go on."""
        self._console.print(
            f"Interrupted. Kept in {database}: {self._ended} of {self._trials} trials of this run; "
            f"{len(self._running)} in progress will go on from their last epoch.\nRun the same command to go on.",
            soft_wrap=True,
            markup=False,
            highlight=False,
        )

    def _end(self, record: Ended) -> None:
        self._running.pop(record.trial_id, None)
        if record.status is Status.COMPLETED:
            self._done += 1
            accuracy = self._last[record.trial_id].test_accuracy
            self._accuracies[self._candidate[record.trial_id]].append(accuracy)
            outcome = f"accuracy {accuracy:.4f}"
        elif record.status is Status.STOPPED:
            self._stopped += 1
            outcome = f"stopped after epoch {self._last[record.trial_id].epoch}"
        else:
            self._failed += 1
            outcome = f"{record.status.value}: {record.error.splitlines()[0] if record.error else 'no message'}"
        if not self._live:
            self._console.print(
                f"[{self._ended:>{len(str(self._trials))}}/{self._trials}] "
                f"{self._label[record.trial_id]}: {outcome} · {self._left()} left",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )

    def _draw(self) -> Table:
        ended = self._ended
        elapsed = time.monotonic() - self._first_record
        facts = Text.assemble(
            (f"{self._done}", "green"), f"/{self._trials} done · {len(self._running)} running · ",
            (f"{self._failed} failed", "red" if self._failed else ""),
        )  # fmt: skip
        if self._epochs:
            facts.append(f" · {self._epochs * self._images_per_epoch / elapsed:,.0f} images/s")
        facts.append(f" · {self._left()} left")
        grid = Table.grid(padding=(0, 1))
        total = self._trials * self._epochs_per_trial
        now = ended * self._epochs_per_trial + sum(self._running.values())
        grid.add_row(ProgressBar(total=total, completed=now, width=24), facts)
        if not self._epochs:
            grid.add_row("", Text("starting workers", style="dim"))
        elif self._accuracies:
            best = max(self._accuracies, key=lambda label: mean(self._accuracies[label]))
            values = self._accuracies[best]
            grid.add_row("", Text(f"best so far: {best}, accuracy {mean(values):.4f} (n={len(values)})", style="dim"))
        return grid

    def _left(self) -> str:
        """Time left, from the epochs of this run once there are some, from the plan's estimate before."""
        ended = self._ended
        remaining = (self._trials - ended) * self._epochs_per_trial - sum(self._running.values())
        if self._epochs:
            return clock(remaining * self._epoch_seconds / self._epochs / min(self._slots, self._trials))
        return clock(sum(self._expected.values()) / min(self._slots, max(1, self._trials)))


def clock(seconds: float) -> str:
    """``3 min 20 s``, ``2 h 05 min``, ``4 d 3 h``: two units at most."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"
