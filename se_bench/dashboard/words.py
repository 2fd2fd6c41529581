"""Numbers in words: the same in a terminal table and in a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from se_bench.analysis.answer import Answer, CandidateAnswer
from se_bench.analysis.claims import ClaimAnswer, Verdict
from se_bench.analysis.estimates import Estimate
from se_bench.analysis.one_sided import FEWEST
from se_bench.analysis.planning import Outlook
from se_bench.config.axes import show
from se_bench.config.external import ExternalRecipe
from se_bench.config.load import Study
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
EVIDENCE_COLUMNS = (
    "candidate",
    "n",
    "BCa, points [95 %]",
    "p",
    "p (signs)",
    "d_z",
    "g_z",
    "correlation",
    "removed",
)
UNRANKED = "†"
"""Stands beside the n of a candidate some of whose trials have no result."""
MANY_SEEDS = 1_000
_UNITS = {
    "accuracy": (POINTS, 2, "points"),
    "aulc": (POINTS, 2, "points"),
    "loss": (1, 4, ""),
    "train_seconds": (1, 2, "s"),
    "seconds_to": (1, 2, "s"),
    "epochs_to": (1, 2, "epochs"),
    "memory_bytes": (1, 0, "bytes"),
    "latency_ms": (1, 3, "ms"),
    "train_step_ms": (1, 3, "ms"),
    "gate_class_share": (1, 3, ""),
    "gate_saturation": (1, 3, ""),
    "gate_dynamics": (POINTS, 2, "points"),
}
"""Metric -> what its differences are multiplied with, their digits and unit."""
_PLAIN = (1, 4, "")
_SHARE = (100, 2, "%")


def candidate_cells(each: CandidateAnswer) -> tuple[str, ...]:
    """A candidate's row of the table; see :data:`CANDIDATE_COLUMNS`."""
    n = str(each.metrics["accuracy"].n)
    seconds = each.metrics["train_seconds"].mean
    return (
        each.label,
        f"{UNRANKED} {n}" if each.unsuccessful or each.stopped else n,
        interval(each.metrics["accuracy"], digits=4),
        interval(each.difference, digits=2, scale=POINTS, signed=True) if each.difference else "",
        f"{each.candidate.cost.params:,}",
        f"{each.candidate.cost.macs:,}",
        f"{seconds:.1f}" if seconds is not None else "–",
    )


def claim_cells(each: ClaimAnswer) -> tuple[str, ...]:
    """A claim's row of the table; see :data:`CLAIM_COLUMNS`."""
    notes = [note for note in (each.note, more_seeds(each)) if note]
    return (
        each.claim.id,
        each.verdict.value,
        claim_difference(each),
        p_value(each.p),
        "exact" if each.exact else str(each.difference.n),
        f"{each.claim.says} ({'; '.join(notes)})" if notes else each.claim.says,
    )


def claim_difference(each: ClaimAnswer) -> str:
    """A claim's difference with its interval and unit; of a trend, the change from one candidate to the next."""
    scale, digits, unit = _SHARE if each.claim.relative else _UNITS.get(each.claim.metric, _PLAIN)
    if each.exact and not each.claim.relative:
        assert each.difference.mean is not None
        found = f"{MINUS if each.difference.mean < 0 else '+'}{abs(each.difference.mean):,.10g}"
    elif each.exact or each.difference.n:
        found = interval(each.difference, digits=digits, scale=scale, signed=True)
    else:
        return "–"
    return " ".join(filter(None, (found, unit, "a step" if each.claim.along else "")))


def more_seeds(each: ClaimAnswer) -> str:
    """How many more seeds would likely decide an open claim; empty where that cannot be told."""
    if each.more_seeds is None:
        return ""
    if each.more_seeds > MANY_SEEDS:
        return f"more than {MANY_SEEDS:,} more seeds would be needed"
    return f"about {each.more_seeds} more seed{'s' if each.more_seeds > 1 else ''} would decide it"


def evidence_cells(each: CandidateAnswer) -> tuple[str, ...]:
    """How surely a candidate differs from its baseline, by every method; see :data:`EVIDENCE_COLUMNS`."""
    found, paired = each.difference, each.pairing
    assert found is not None
    low, high = (number(POINTS * end, 2, signed=True) for end in found.bootstrap or (0.0, 0.0))
    return (
        each.label,
        str(found.n),
        f"[{low}, {high}]" if found.bootstrap else "–",
        p_value(found.p),
        p_value(found.sign_flip_p),
        "–" if found.d_z is None else number(found.d_z, 2, signed=True),
        "–" if found.g_z is None else number(found.g_z, 2, signed=True),
        "–" if paired is None else number(paired.correlation, 2),
        "–" if paired is None else f"{number(100 * paired.removed, 0)} %",
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


def optional(value: float | None, digits: int) -> str:
    """A decimal, or a dash where nothing is known."""
    return "–" if value is None else number(value, digits)


def p_value(p: float | None) -> str:
    """``0.013``, ``< 0.001``, or a dash."""
    if p is None:
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def verdict_counts(claims: Iterable[ClaimAnswer]) -> str:
    """``31 statements: 8 supported, 12 refuted, 11 undecided``."""
    counts = Counter(claim.verdict for claim in claims)
    found = ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict)
    return f"{counts.total()} statements: {found}"


def trial_counts(answer: Answer) -> str:
    """``30 of 30 trials completed``, and what became of the others."""
    return counted(answer.counts, finished=answer.finished)


def counted(counts: Mapping[Status, int], *, finished: bool = False) -> str:
    """:func:`trial_counts` of trials in each status, of a study that needs no more or may still go on."""
    others = [
        f"{count:,} {'not needed' if finished and status is Status.PLANNED else status.value.replace('_', ' ')}"
        for status, count in counts.items()
        if count and status is not Status.COMPLETED
    ]
    return ", ".join([f"{counts[Status.COMPLETED]:,} of {sum(counts.values()):,} trials completed", *others])


def unranked(answer: Answer) -> list[str]:
    """A line for each candidate some of whose trials failed, and one for all that were only stopped early."""
    lines = []
    stopped = [each for each in answer.candidates if each.stopped]
    for each in answer.candidates:
        rate = each.failure_rate
        if rate.lost and rate.interval:
            low, high = (f"{100 * end:.0f}" for end in rate.interval)
            told = f"{rate.lost} of {rate.trials} trials failed, {100 * rate.lost / rate.trials:.0f} % [{low}, {high}]"
            lines.append(
                f"{UNRANKED} {each.label}: {told}. Its means are of the others, so it is not ranked with "
                f"candidates that have none, and no verdict is given in its favour."
            )
    if stopped:
        one = len(stopped) == 1
        whose = stopped[0].label if one else f"{len(stopped)} candidates"
        lines.append(
            f"{UNRANKED} {whose}: some trials were stopped early. {'Its' if one else 'Their'} means are of the others, "
            f"so {'it is' if one else 'they are'} not ranked with candidates that were trained whole, and no verdict "
            f"is given in {'its' if one else 'their'} favour."
        )
    return lines


def chosen(answer: Answer) -> str:
    """What a search has chosen, and by what; nothing of a plan that does not search."""
    names = [each.label for each in answer.candidates if each.chosen]
    if not names:
        return ""
    metrics = [f"validation {name}" if name in ("accuracy", "loss") else name for name in answer.study.objectives]
    return (
        f"Chosen by {', '.join(metrics)}, before the test split was looked at: {'; '.join(names)}. "
        f"A lucky one among many is chosen gladly: confirm it in a study of its own, with other seeds."
    )


def circumstances(answer: Answer) -> str:
    """Setting, data, net and length of training in a sentence."""
    setting = answer.study.setting
    recipe = setting.recipe
    least, most = answer.study.first_seeds, len(answer.study.seeds)
    intervals = "intervals are 95 % (t)"
    if least < most:
        intervals += f"; seeds were added from {least} to at most {most}, and those of differences allow for each look"
    if isinstance(recipe, ExternalRecipe):
        told = ", ".join(f"{key}={show(value)}" for key, value in recipe.identity().items() if key != "source")
        return (
            f"Setting {setting.name}: {setting.dataset.name}, {setting.backbone.name}, trained elsewhere "
            f"({recipe.source}{'; ' if told else ''}{told}). Accuracy is as its source tells it; differences are taken "
            f"between trials of the same seed; {intervals}."
        )
    return (
        f"Setting {setting.name}: {setting.dataset.name}, {setting.backbone.name}, {recipe.epochs} epochs at "
        f"batch {recipe.batch_size}. Accuracy is that of the last epoch on the test split; differences are "
        f"taken between trials of the same seed; {intervals}."
    )


def pairing(answer: Answer) -> str:
    """What pairing by seed brought to the study's differences; empty where that cannot be told."""
    found = answer.pairing
    if found is None:
        return ""
    share = f"{abs(100 * found.removed):.0f} % of the variance"
    comparisons = f"{found.comparisons} comparison{'s' if found.comparisons > 1 else ''} with the baseline"
    return (
        f"Pairing by seed {'removed' if found.removed >= 0 else 'added'} {share} of differences "
        f"({comparisons}, correlation {number(found.correlation, 2)})."
    )


def power(study: Study, found: Outlook) -> list[str]:
    """What a study can show with its seeds, and from what that was told."""
    if found.detectable is None:
        return [f"With {found.seeds} seed{'s' * (found.seeds > 1)} nothing can be decided: a test needs {FEWEST}."]
    seeds = f"{found.seeds} seeds" if study.first_seeds == found.seeds else f"at most {found.seeds} seeds"
    basis = {
        "study": f"{found.known} of them in the database",
        "setting": f"{found.known} other comparisons of setting {study.setting.name} in the database",
        "prior": f"the prior of setting {study.setting.name}: the database has nothing of it yet",
    }[found.source]
    lines = [
        f"With {seeds}, a difference {POINTS * found.detectable:.2f} points beyond its margin is found with "
        f"{100 * found.power:.0f} % power. This is for {found.comparisons} comparison{'s' * (found.comparisons > 1)}, "
        f"corrected by Holm, whose paired differences have a standard deviation of {POINTS * found.spread:.2f} points "
        f"and a correlation of {found.correlation:.2f} ({basis})."
    ]
    if found.if_equal:
        shares = ", ".join(f"{name} {100 * share:.0f} %" for name, share in found.if_equal.items())
        lines.append(f"If nothing differs, the chance that the claim is supported: {shares}.")
    return lines


def machines(runs: Sequence[Run]) -> list[str]:
    """A line for each environment that trained these trials, with the days on which it did."""
    lines: dict[str, list[str]] = {}
    for run in runs:
        lines.setdefault(machine(run.environment), []).append(f"{run.started_at:%Y-%m-%d}")
    return [f"{line} ({', '.join(dict.fromkeys(days))})" for line, days in lines.items()]


def machine(environment: Any) -> str:
    """Processor, accelerators and versions in a line; of results from elsewhere, where they came from."""
    if "imported_from" in environment:
        told = f"elsewhere ({environment['source']}), imported from {environment['imported_from']}"
        return f"{told} by se-bench {environment.get('se_bench')}"
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
