"""Which candidates need another seed: those of open comparisons, and no others."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from se_bench.analysis.answer import answer
from se_bench.analysis.claims import Asked, Verdict
from se_bench.analysis.looks import Looks
from se_bench.analysis.sequential import next_seed
from se_bench.records import Status
from tests.analysis.small_studies import claim, identity, records, study

LABELS = ("baseline", "far", "near", "spare")
MEANS = {"baseline": 0.0, "far": 0.05, "near": 0.0, "spare": 0.0}
RANGE = (3, 12)
FAR: Asked = (claim("better", name="far"), (identity("far"), identity("baseline")))
NEAR: Asked = (claim("better", name="near"), (identity("near"), identity("baseline")))


def accuracy(label: str, seed: int) -> float:
    rng = np.random.default_rng([seed, LABELS.index(label)])
    shared = np.random.default_rng(seed).normal(0.85, 0.01)
    return float(shared + MEANS[label] + rng.normal(0, 0.005))


def known(seeds: Mapping[str, int], statuses: Mapping[tuple[str, int], Status] | None = None):
    """Records of the first seeds of each candidate, completed but for those in ``statuses``."""
    statuses = statuses or {}
    return records(
        {label: {s: statuses.get((label, s), accuracy(label, s)) for s in range(seeds[label])} for label in LABELS}
    )


def needed(seeds: Mapping[str, int], claims: list[Asked], **more) -> set[str]:
    found = next_seed(study(seeds=RANGE), known(seeds, **more), claims)
    return {label for label in LABELS if identity(label) in found.architectures}


def test_only_open_comparisons_get_another_seed() -> None:
    seeds = dict.fromkeys(LABELS, 5)
    assert needed(seeds, [FAR, NEAR]) == {"near", "baseline"}
    assert needed(dict.fromkeys(LABELS, 3), [FAR, NEAR]) == {"far", "near", "baseline"}


def test_without_claims_each_candidate_is_compared_with_the_baseline() -> None:
    assert needed(dict.fromkeys(LABELS, 6), []) == {"near", "spare", "baseline"}


def test_with_the_last_seed_nothing_is_needed_however_open() -> None:
    assert needed(dict.fromkeys(LABELS, RANGE[1]), [NEAR]) == set()


def test_a_study_with_a_fixed_number_of_seeds_needs_none() -> None:
    found = next_seed(study(), known(dict.fromkeys(LABELS, 3)), [NEAR])
    assert (found.architectures, found.level) == (frozenset(), None)


def test_a_claim_about_costs_needs_no_seed() -> None:
    costs: Asked = (claim("lower", metric="params"), (identity("near"), identity("baseline")))
    assert needed(dict.fromkeys(LABELS, 3), [costs]) == set()


def test_a_comparison_waits_for_the_first_seed_that_is_not_over() -> None:
    """Whatever came after it: the looks must not depend on which trial ends first."""
    seeds = dict.fromkeys(LABELS, 8)
    running = {("near", 4): Status.RUNNING}
    found = answer(study(seeds=RANGE), known(seeds, running), [NEAR])
    assert found.claims[0].difference.n == 4
    assert found.candidates[1].difference is not None
    assert found.candidates[1].difference.n == 8
    assert needed(seeds, [NEAR], statuses=running) == {"near", "baseline"}


def test_a_trial_without_a_result_is_passed_over_and_what_cannot_be_said_is_not_asked_for() -> None:
    seeds = dict.fromkeys(LABELS, 6)
    found = answer(study(seeds=RANGE), known(seeds, {("near", 2): Status.DIVERGED}), [NEAR])
    assert found.claims[0].difference.n == 5
    # of "far" it can only be said that it is better, which its failure forbids: more seeds would not help
    assert needed(seeds, [FAR], statuses={("far", 2): Status.DIVERGED}) == set()
    assert needed(seeds, [NEAR], statuses={("baseline", 2): Status.DIVERGED}) == {"near", "baseline"}


@pytest.mark.parametrize(("claims", "still_open"), [([FAR, NEAR], 1), ([NEAR], 1), ([], 2)])
def test_the_level_is_what_holms_correction_leaves_at_the_next_look(claims: list[Asked], still_open: int) -> None:
    found = next_seed(study(seeds=RANGE), known(dict.fromkeys(LABELS, 6)), claims)
    assert found.level == pytest.approx(Looks(*RANGE).level(0.05 / still_open / 2, 7))


def test_seed_by_seed_a_study_comes_to_the_verdicts_of_all_seeds() -> None:
    """The comparison that is decided early stops there, and its verdict is the one that all seeds would give."""
    seeds = dict.fromkeys(LABELS, RANGE[0])
    while wanted := needed(seeds, [FAR, NEAR]):
        seeds |= {label: seeds[label] + 1 for label in wanted}
    assert seeds["spare"] == RANGE[0]
    assert seeds["far"] < seeds["near"] == seeds["baseline"] == RANGE[1]
    stopped = answer(study(seeds=RANGE), known(seeds), [FAR, NEAR])
    whole = answer(study(seeds=RANGE), known(dict.fromkeys(LABELS, RANGE[1])), [FAR, NEAR])
    assert [each.verdict for each in stopped.claims] == [each.verdict for each in whole.claims]
    assert stopped.claims[0].verdict is Verdict.SUPPORTED
    assert stopped.finished
