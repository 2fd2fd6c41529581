"""Numbers in words: the same in a terminal table and in a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from se_bench.analysis.answer import Answer, CandidateAnswer
from se_bench.analysis.claims import ClaimAnswer
from se_bench.analysis.estimates import Estimate
from se_bench.records import Run, Status

POINTS = 100
"""Differences of accuracy are shown in points, hundredths."""
MINUS = "\N{MINUS SIGN}"

CANDIDATE_COLUMNS = (
    "candidate",
    "n",
    "accuracy [95 %]",
    "Δ baseline, points [95 %]",
    "params",
    "MACs",
    "train s",
)
CLAIM_COLUMNS = ("claim", "verdict", "difference [95 %]", "p (Holm)", "n", "says")


def candidate_cells(each: CandidateAnswer) -> tuple[str, ...]:
    """A candidate's row of the table; see :data:`CANDIDATE_COLUMNS`."""
    n = str(each.metrics["accuracy"].n)
    seconds = each.metrics["train_seconds"].mean
    return (
        each.label,
        f"{n} ({each.unsuccessful} unsuccessful)" if each.unsuccessful else n,
        interval(each.metrics["accuracy"], digits=4),
        interval(each.difference, digits=2, scale=POINTS, signed=True) if each.difference else "",
        f"{each.candidate.cost.params:,}",
        f"{each.candidate.cost.macs:,}",
        f"{seconds:.1f}" if seconds is not None else "–",
    )


def claim_cells(each: ClaimAnswer) -> tuple[str, ...]:
    """A claim's row of the table; see :data:`CLAIM_COLUMNS`."""
    in_points = each.claim.metric == "accuracy"
    found = interval(each.difference, digits=2, scale=POINTS if in_points else 1.0, signed=True)
    unit = {"accuracy": " points", "train_seconds": " s"}.get(each.claim.metric, "")
    return (
        each.claim.id,
        each.verdict.value,
        found + unit if each.difference.n else "–",
        p_value(each.p),
        str(each.difference.n),
        f"{each.claim.says} ({each.note})" if each.note else each.claim.says,
    )


def interval(found: Estimate, *, digits: int, scale: float = 1.0, signed: bool = False) -> str:
    """``0.8921 [0.8810, 0.9032]``; the mean alone where there is no interval, a dash where there is none."""
    if found.mean is None:
        return "–"
    mean = number(scale * found.mean, digits, signed=signed)
    if found.low is None or found.high is None:
        return mean
    low, high = (number(scale * end, digits, signed=signed) for end in (found.low, found.high))
    return f"{mean} [{low}, {high}]"


def number(value: float, digits: int, *, signed: bool = False) -> str:
    """A decimal with a true minus sign, and no sign on what rounds to zero."""
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0:
        return text
    return (MINUS if value < 0 else "+" if signed else "") + text


def cost(value: float) -> str:
    """A cost or a measured value: whole numbers with commas, others with four digits that count."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"


def p_value(p: float | None) -> str:
    """``0.013``, ``< 0.001``, or a dash."""
    if p is None:
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def trial_counts(answer: Answer) -> str:
    """``30 of 30 trials completed``, and what became of the others."""
    return counted(answer.counts)


def counted(counts: Mapping[Status, int]) -> str:
    """:func:`trial_counts` of trials in each status."""
    others = [
        f"{count:,} {status.value.replace('_', ' ')}"
        for status, count in counts.items()
        if count and status is not Status.COMPLETED
    ]
    return ", ".join([f"{counts[Status.COMPLETED]:,} of {sum(counts.values()):,} trials completed", *others])


def circumstances(answer: Answer) -> str:
    """Setting, data, net and length of training in a sentence."""
    setting = answer.study.setting
    recipe = setting.recipe
    return (
        f"Setting {setting.name}: {setting.dataset.name}, {setting.backbone.name}, {recipe.epochs} epochs at "
        f"batch {recipe.batch_size}. Accuracy is that of the last epoch on the test split; differences are "
        f"taken between trials of the same seed; intervals are 95 % (t)."
    )


def machines(runs: Sequence[Run]) -> list[str]:
    """A line for each environment that trained these trials, with the days on which it did."""
    lines: dict[str, list[str]] = {}
    for run in runs:
        lines.setdefault(machine(run.environment), []).append(f"{run.started_at:%Y-%m-%d}")
    return [f"{line} ({', '.join(dict.fromkeys(days))})" for line, days in lines.items()]


def machine(environment: Any) -> str:
    """Processor, accelerators and versions in a line."""
    packages = environment.get("packages", {})
    parts = [
        str(environment.get("processor", "unknown processor")),
        f"{environment.get('slots')} trials at once on {environment.get('cores')} cores",
        *environment.get("gpus", ()),
        f"Python {environment.get('python')}",
        f"torch {packages.get('torch')}",
        f"se-bench {environment.get('se_bench')}",
    ]
    return ", ".join(parts)
