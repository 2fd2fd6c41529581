"""The answer for scripts (docs/commands.md). Keys are only ever added."""

from __future__ import annotations

from typing import Any

from se_bench.analysis.answer import Answer, CandidateAnswer
from se_bench.analysis.claims import ClaimAnswer
from se_bench.analysis.estimates import Difference, Estimate
from se_bench.analysis.pairing import Pairing


def to_json(found: Answer) -> dict[str, Any]:
    """Everything that is shown, at full precision; what is not known is None."""
    return {
        "study": found.study.name,
        "setting": found.study.setting.name,
        "finished": found.finished,
        "seeds": {"min": found.study.first_seeds, "max": len(found.study.seeds)},
        "candidates": [_candidate(each) for each in found.candidates],
        "claims": [_claim(each) for each in found.claims],
        "pairing": _pairing(found.pairing),
        "trials": {status.value: number for status, number in found.counts.items()},
    }


def _candidate(each: CandidateAnswer) -> dict[str, Any]:
    low, high = each.failure_rate.interval or (None, None)
    return {
        "label": each.label,
        "axes": dict(each.candidate.axes),
        "baseline": each.candidate.is_baseline,
        "n": each.metrics["accuracy"].n,
        "unsuccessful": each.unsuccessful,
        "failure_rate": {"mean": each.failure_rate.share, "low": low, "high": high},
        "ranked": each.ranked,
        "chosen": each.chosen,
        "accuracy": _interval(each.metrics["accuracy"]),
        "difference": {
            **_interval(each.difference),
            "p": each.difference.p if each.difference else None,
            **_resampled(each.difference),
        },
        "pairing": _pairing(each.pairing),
        "params": each.candidate.cost.params,
        "macs": each.candidate.cost.macs,
        "train_seconds": each.metrics["train_seconds"].mean,
    }


def _claim(each: ClaimAnswer) -> dict[str, Any]:
    return {
        "id": each.claim.id,
        "says": each.claim.says,
        "source": each.claim.source,
        "candidate": each.candidate,
        "against": each.against,
        "metric": each.claim.metric,
        "level": each.claim.level,
        "stage": each.claim.stage,
        "expect": each.claim.expect,
        "margin": each.claim.margin,
        "relative": each.claim.relative,
        "verdict": each.verdict.value,
        "estimate": each.difference.mean,
        "low": each.difference.low,
        "high": each.difference.high,
        "p": each.p,
        "n": each.difference.n,
        "exact": each.exact,
        "more_seeds": each.more_seeds,
        "note": each.note,
        **_resampled(each.difference),
    }


def _interval(found: Estimate | None) -> dict[str, float | None]:
    if found is None:
        return {"mean": None, "low": None, "high": None}
    return {"mean": found.mean, "low": found.low, "high": found.high}


def _resampled(found: Difference | None) -> dict[str, float | None]:
    low, high = (found.bootstrap if found else None) or (None, None)
    return {
        "bca_low": low,
        "bca_high": high,
        "sign_flip_p": found.sign_flip_p if found else None,
        "d_z": found.d_z if found else None,
        "g_z": found.g_z if found else None,
    }


def _pairing(found: Pairing | None) -> dict[str, float | None]:
    return {
        "removed": found.removed if found else None,
        "correlation": found.correlation if found else None,
        "comparisons": found.comparisons if found else 0,
    }
