"""Is the machinery right? Simulated studies whose truth is known, judged by the code that judges real ones.

    python -m benchmarks.calibrate --studies 10000 --write docs/statistics.md

How many studies without any effect get a false verdict (at most 5 of 100)? How often is a true effect found (within
3 points of theory)? How often does an interval cover the truth (95 of 100, within 1)? Only the accuracies are made
up; claims, estimates, looks and verdicts are those of `se_bench.analysis`. Ends with exit code 1 where an answer is
no. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import numpy as np
import scipy
from scipy import special

from benchmarks.simulated import (
    AT_THE_LIMIT,
    BASE,
    CORRELATION,
    LIMIT_MEANS,
    MIXED,
    MIXED_MEANS,
    NO_EFFECT,
    SPREAD,
    UNEQUAL,
    Known,
    World,
    claim,
    judged,
    one_by_one,
    study_of,
    than,
)
from se_bench.analysis.answer import Answer
from se_bench.analysis.claims import Asked, Verdict
from se_bench.analysis.estimates import Estimate
from se_bench.analysis.looks import Looks
from se_bench.analysis.power import detectable, equivalence_power, power
from se_bench.device import processor

T = TypeVar("T")
STEPWISE = 100
"""Of so many studies with a range of seeds one is also gone through seed by seed."""
FEWER = 5
"""Slow rows have a fifth of the studies."""
MARKS = ("<!-- calibration: written by make calibrate -->", "<!-- end of calibration -->")


@dataclass(frozen=True)
class Row:
    """One line of the table: a share, and what it must be."""

    what: str
    studies: int
    found: float
    low: float
    high: float

    @property
    def error(self) -> float:
        """The standard error of the simulation."""
        return math.sqrt(max(self.found * (1 - self.found), 1 / self.studies) / self.studies)

    @property
    def holds(self) -> bool:
        """Whether the share is what it must be, but for three standard errors."""
        return self.low - 3 * self.error <= self.found <= self.high + 3 * self.error


Interval = tuple[float, float, float]
"""Both ends, and the value itself were a no better than the baseline."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=10_000, help="simulated studies for each row")
    parser.add_argument("--write", type=Path, help="a page to put the table into, between its marks")
    options = parser.parse_args()
    started = time.process_time()
    rows = []
    for row in all_rows(options.studies):
        print(f"{'ok ' if row.holds else 'NO '} {100 * row.found:6.2f} %  {row.what}", flush=True)
        rows.append(row)
    seconds = time.process_time() - started
    where = f"{processor()}, one core, Python {platform.python_version()}, scipy {scipy.__version__}"
    date = f"{datetime.now(UTC):%Y-%m-%d}"
    if options.write:
        write(options.write, f"{table(rows)}\n\n{where}, {date}; {seconds:.0f} s.")
    print(
        json.dumps(
            {
                "benchmark": "calibrate",
                "rows": [{**asdict(row), "holds": row.holds} for row in rows],
                "seconds": round(seconds, 1),
                "where": where,
                "date": date,
            }
        )
    )
    sys.exit(not all(row.holds for row in rows))


def all_rows(studies: int) -> Iterator[Row]:
    """The whole calibration, row by row."""
    yield from _false_verdicts(studies)
    yield from _powers(studies)
    yield from _coverages(studies)


def _false_verdicts(studies: int) -> Iterator[Row]:
    fixed, added = (5, 5), (3, 20)
    worlds: Sequence[tuple[str, World, Sequence[Known]]] = (
        ("no effect, 3 seeds", World(seeds=(3, 3)), NO_EFFECT),
        ("no effect, 5 seeds", World(seeds=fixed), NO_EFFECT),
        ("no effect, 10 seeds", World(seeds=(10, 10)), NO_EFFECT),
        ("no effect, 5 seeds, spreads of 0.15 to 2 points", World(seeds=fixed, spreads=UNEQUAL), NO_EFFECT),
        ("no effect, 5 seeds, heavy tails (t with 4 degrees)", World(seeds=fixed, degrees=4), NO_EFFECT),
        ("no effect, 5 seeds, 256 test images", World(seeds=fixed, images=256), NO_EFFECT),
        ("no effect, 3 to 20 seeds", World(seeds=added), NO_EFFECT),
        ("no effect, 3 to 20 seeds, spreads of 0.15 to 2 points", World(seeds=added, spreads=UNEQUAL), NO_EFFECT),
        ("differences that are their margins, 5 seeds", World(seeds=fixed, means=LIMIT_MEANS), AT_THE_LIMIT),
        ("large effects beside none, 5 seeds", World(seeds=fixed, means=MIXED_MEANS), MIXED),
        ("large effects beside none, 3 to 20 seeds", World(seeds=added, means=MIXED_MEANS), MIXED),
    )
    for what, world, claims in worlds:
        yield false_verdicts(what, world, claims, studies)


def _powers(studies: int) -> Iterator[Row]:
    better: Asked = (claim("better"), ("a", "baseline"))
    for n in (3, 5, 10, 20):
        effect = known(detectable(n, 0.025))
        yield found_effects(
            f"better, {n} seeds", effect_world(effect, (n, n)), better, power(effect, n, 0.025), studies
        )
    interaction: Asked = (than("better"), ("a", "b", "c", "d"))
    world = effect_world(1.2, (8, 8), terms=4)
    yield found_effects("interaction, 8 seeds", world, interaction, power(1.2, 8, 0.025), studies)
    alike: Asked = (claim("equivalent", 1.2 * _deviation(2)), ("a", "baseline"))
    world = effect_world(0.0, (8, 8))
    yield found_effects("equivalent, 8 seeds", world, alike, equivalence_power(1.2, 8, 0.05), studies)
    theory = sequential_power(0.7, Looks(3, 20))
    yield found_effects("better, 3 to 20 seeds", effect_world(0.7, (3, 20)), better, theory, studies)


def _coverages(studies: int) -> Iterator[Row]:
    fewer = max(1, studies // FEWER)
    yield covered("t interval, 5 seeds", effect_world(1.0, (5, 5)), by_t, studies)
    yield covered("t interval, 3 seeds", effect_world(1.0, (3, 3)), by_t, studies)
    yield covered("t interval of an accuracy, 5 seeds", effect_world(1.0, (5, 5)), of_accuracy, studies)
    for n in (8, 20):
        yield covered(f"BCa interval, {n} seeds", effect_world(1.0, (n, n)), by_bootstrap, fewer)
    for effect in (0.0, 0.7, 2.0):
        what = f"interval of a difference, 3 to 20 seeds, true effect {effect:g} sd"
        yield covered(what, effect_world(effect, (3, 20)), by_t, fewer, low=0.95, high=1.0)
    yield covered("t interval of an accuracy, 3 to 20 seeds", effect_world(0.7, (3, 20)), of_accuracy, fewer)


def false_verdicts(what: str, world: World, asked: Sequence[Known], studies: int) -> Row:
    """The share of studies that get any verdict that is false."""
    rng, study = np.random.default_rng(1), study_of(world)
    claims = [(each, sides) for each, sides, _ in asked]
    true = [verdict for _, _, verdict in asked]
    wrong = 0
    for number in range(studies):
        accuracies = world.draw(rng)
        found = [each.verdict for each in judged(study, accuracies, claims).claims]
        if world.seeds[0] < world.seeds[1] and number % STEPWISE == 0:
            stepwise = [each.verdict for each in one_by_one(study, accuracies, claims).claims]
            assert stepwise == found, "adding seeds only where they are needed must not change a verdict"
        wrong += any(each not in (Verdict.UNDECIDED, right) for each, right in zip(found, true, strict=True))
    return Row(f"false verdict: {what}", studies, wrong / studies, 0.0, 0.05)


def found_effects(what: str, world: World, asked: Asked, theory: float, studies: int) -> Row:
    """The share of studies with a true effect whose one claim is supported."""
    rng, study = np.random.default_rng(2), study_of(world)
    found = sum(judged(study, world.draw(rng), [asked]).claims[0].verdict is Verdict.SUPPORTED for _ in range(studies))
    what = f"power: {what} (theory {100 * theory:.1f} %)"
    return Row(what, studies, found / studies, theory - 0.03, theory + 0.03)


def covered(
    what: str,
    world: World,
    interval: Callable[[Answer], Interval | None],
    studies: int,
    *,
    low: float = 0.94,
    high: float = 0.96,
) -> Row:
    """The share of intervals that hold the true value."""
    rng, study = np.random.default_rng(3), study_of(world)
    asked = [(claim("better"), ("a", "baseline"))]
    found = [interval(one_by_one(study, world.draw(rng), asked)) for _ in range(studies)]
    claimed = [each for each in found if each]  # where all seeds agree to the last digit, none is
    hits = sum(bottom <= value + world.means[1] <= top for bottom, top, value in claimed)
    return Row(f"coverage: {what}", len(claimed), hits / len(claimed), low, high)


def by_t(found: Answer) -> Interval | None:
    """The interval of a claim's difference."""
    return _interval(found.claims[0].difference, 0.0)


def by_bootstrap(found: Answer) -> Interval | None:
    """Its BCa interval."""
    ends = found.claims[0].difference.bootstrap
    return (*ends, 0.0) if ends else None


def of_accuracy(found: Answer) -> Interval | None:
    """The interval of an accuracy."""
    return _interval(found.candidates[1].metrics["accuracy"], BASE)


def _interval(found: Estimate, value: float) -> Interval | None:
    return (found.low, found.high, value) if found.low is not None and found.high is not None else None


def known(value: T | None) -> T:
    """``value``, which is there."""
    assert value is not None
    return value


def effect_world(effect: float, seeds: tuple[int, int], *, terms: int = 2) -> World:
    """A world in which a sum of ``terms`` accuracies of a seed has this mean over its standard deviation."""
    middle = sum(CORRELATION) / 2
    means = (0.0, effect * _deviation(terms), 0.0, 0.0, 0.0)
    return World(seeds=seeds, means=means, correlation=(middle, middle))


def _deviation(terms: int) -> float:
    return SPREAD * math.sqrt(terms * (1 - sum(CORRELATION) / 2))


def sequential_power(effect: float, looks: Looks) -> float:
    """Of the upper one of two one-sided tests at 2.5 %, by t statistics straight from normal numbers."""
    draws = np.random.default_rng(4).standard_normal((200_000, looks.last)) + effect
    n = np.arange(looks.first, looks.last + 1)
    sums, squares = (np.cumsum(each, axis=1)[:, looks.first - 1 :] for each in (draws, draws**2))
    t = sums / np.sqrt((squares - sums**2 / n) / (n - 1) * n)
    levels = np.array([looks.level(0.025, int(count)) for count in n])
    return float(np.mean(np.any(special.stdtr(n - 1, -t) <= levels, axis=1)))


def table(rows: Sequence[Row]) -> str:
    """The rows as Markdown."""
    lines = ["| what | studies | found | must be |", "|---|--:|--:|--:|"]
    for row in rows:
        must = f"{100 * row.low:.0f} to {100 * row.high:.0f} %"
        if row.low == 0:
            must = f"≤ {100 * row.high:.0f} %"
        elif row.high == 1:
            must = f"≥ {100 * row.low:.0f} %"
        doubt = f"{100 * row.found:.2f} ± {100 * row.error:.2f} %"
        lines.append(f"| {row.what} | {row.studies:,} | {doubt}{'' if row.holds else ' (!)'} | {must} |")
    return "\n".join(lines)


def write(page: Path, text: str) -> None:
    """Put ``text`` between the marks of ``page``."""
    start, end = MARKS
    before, found, rest = page.read_text(encoding="utf-8").partition(start)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        sys.exit(f"{page} lacks the lines {start} and {end}")
    page.write_text(f"{before}{start}\n{text}\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
