"""Metrics of gates and of timed passes, shares of another candidate's value, and verdicts that rest on them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from se_bench.analysis import verdicts
from se_bench.analysis.answer import Answer, answer
from se_bench.analysis.claims import Verdict
from se_bench.analysis.measures import Measures
from se_bench.config.claim import Claim
from se_bench.config.dashboard import Panel
from se_bench.dashboard.words import claim_difference
from se_bench.figures import style
from se_bench.records import LatencyReading, Status, StudyRecords
from tests.analysis.small_studies import FULL, identity, records, study

NO_OPTIONS = Panel.read({"figure": "verdicts"})
BASELINE, SECOND, THIRD = (identity(label) for label in FULL)


def claim(**changes: Any) -> Claim:
    return Claim.model_validate({"id": "it", "says": "...", "candidate": {"reduction": 2}, **changes})


def judged(known: StudyRecords, asked: Claim, *architectures: str) -> Answer:
    return answer(study(claims=[asked]), known, [(asked, architectures or (SECOND, BASELINE))])


def latency(*rounds: tuple[float, float]) -> LatencyReading:
    """Times of the baseline and of the second candidate, round by round."""
    forward = {BASELINE: tuple(one for one, _ in rounds), SECOND: tuple(other for _, other in rounds)}
    steps = {name: tuple(3 * value for value in values) for name, values in forward.items()}
    return LatencyReading(batch=16, threads=1, device="cpu", forward_ms=forward, train_step_ms=steps)


def test_gates_are_measured_seed_by_seed_and_a_net_without_them_has_none() -> None:
    found = Measures(records(FULL)).of("gate_saturation", stage=2)
    assert found.values[BASELINE] == {0: 0.0, 1: 0.0, 2: 0.0}
    assert found.values[SECOND] == {seed: pytest.approx(0.01 * seed + 0.04) for seed in range(3)}
    dynamic = Measures(records(FULL)).of("gate_dynamics")
    assert dynamic.values[THIRD] == {seed: pytest.approx(0.01 + 0.001 * seed) for seed in range(3)}
    assert Measures(records(FULL)).of("gate_dynamics", stage=3).values[SECOND] == {0: 0.0, 1: 0.0, 2: 0.0}
    share = Measures(records(FULL)).of("gate_class_share", stage=1).values[SECOND]
    assert all(0 < value < 1 for value in share.values())
    assert share != Measures(records(FULL)).of("gate_class_share", stage=2).values[SECOND]


def test_trials_whose_gates_were_not_read_have_no_value_and_lost_ones_are_lost() -> None:
    measured = {**FULL, "reduction=2": {0: 0.85, 1: Status.DIVERGED, 2: 0.84}}
    known = records(measured)
    some = replace(known, gates=tuple(each for each in known.gates if each.trial_id != "reduction=2/2"))
    found = Measures(some).of("gate_class_share", stage=1)
    assert set(found.values[SECOND]) == {0}
    assert found.lost[SECOND] == {1}


def test_a_claim_about_gates_has_a_verdict() -> None:
    found = judged(records(FULL), claim(metric="gate_dynamics", expect="higher")).claims[0]
    assert (found.verdict, found.difference.n) == (Verdict.SUPPORTED, 3)
    assert found.difference.mean == pytest.approx(0.011)
    over = judged(records(FULL), claim(metric="gate_dynamics", expect="higher", margin=0.05)).claims[0]
    assert over.verdict is Verdict.REFUTED


def test_rounds_stand_for_seeds_in_their_order() -> None:
    known = replace(records(FULL), latency=latency((1.0, 1.1), (2.0, 2.3), (1.5, 1.6), (9.0, 9.0)))
    found = Measures(known).of("latency_ms")
    assert found.values[BASELINE] == {0: 1.0, 1: 2.0, 2: 1.5}
    assert found.values[SECOND] == {0: 1.1, 1: 2.3, 2: 1.6}
    assert Measures(known).of("train_step_ms").values[SECOND][1] == pytest.approx(6.9)
    assert Measures(records(FULL)).of("latency_ms").values == {}


def test_a_share_is_taken_round_by_round() -> None:
    known = replace(records(FULL), latency=latency((1.0, 1.1), (2.0, 2.22), (4.0, 4.36)))
    asked = claim(metric="latency_ms", expect="not_worse", margin=0.2, relative=True)
    (found,) = judged(known, asked).claims
    assert found.difference.values == pytest.approx((0.1, 0.11, 0.09))
    assert found.verdict is Verdict.SUPPORTED
    tight = claim(metric="latency_ms", expect="not_worse", margin=0.02, relative=True)
    assert judged(known, tight).claims[0].verdict is Verdict.REFUTED


def test_a_share_of_a_cost_is_arithmetic() -> None:
    """The second candidate has 10,050 MACs, the baseline 10,000."""
    for margin, verdict in ((0.005, Verdict.SUPPORTED), (0.004, Verdict.REFUTED)):
        (found,) = judged(records(FULL), claim(metric="macs", expect="not_worse", margin=margin, relative=True)).claims
        assert (found.verdict, found.exact) == (verdict, True)
        assert found.difference.mean == pytest.approx(0.005)


def test_a_share_of_accuracy_is_of_the_same_seeds() -> None:
    asked = claim(metric="accuracy", expect="better", relative=True)
    (found,) = judged(records(FULL), asked).claims
    assert found.difference.values == pytest.approx((0.85 / 0.80 - 1, 0.86 / 0.82 - 1, 0.84 / 0.81 - 1))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"metric": "gate_class_share", "expect": "higher"}, "`stage` goes with"),
        ({"metric": "accuracy", "expect": "better", "stage": 1}, "`stage` goes with"),
        ({"metric": "gate_dynamics", "expect": "better"}, "no gate_dynamics is the better one"),
        ({"metric": "gate_dynamics", "expect": "higher", "relative": True}, "never zero"),
        (
            {"metric": "macs", "expect": "lower", "relative": True, "than": {"candidate": {"reduction": 4}}},
            "compares two candidates",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        claim(**changes)


def test_effects_are_told_in_their_units() -> None:
    known = replace(records(FULL), latency=latency((1.0, 1.1), (2.0, 2.22), (4.0, 4.36)))

    def told(**changes: Any) -> str:
        return claim_difference(judged(known, claim(**changes)).claims[0])

    assert told(metric="macs", expect="not_worse", relative=True) == "+0.50 %"
    assert told(metric="macs", expect="not_worse") == "+50"
    assert told(metric="latency_ms", expect="not_worse", relative=True) == "+10.00 [+7.52, +12.48] %"
    assert told(metric="latency_ms", expect="not_worse").endswith(" ms")
    assert told(metric="gate_dynamics", expect="higher") == "+1.10 [+0.85, +1.35] points"
    assert told(metric="gate_class_share", stage=1, expect="higher").startswith("+0.")


def test_the_figure_of_verdicts_keeps_shares_apart_and_names_their_unit() -> None:
    asked = [
        (claim(metric="macs", expect="not_worse", margin=0.01, relative=True, id="share"), (SECOND, BASELINE)),
        (claim(metric="macs", expect="not_worse", margin=60, id="number"), (SECOND, BASELINE)),
        (claim(metric="gate_class_share", stage=2, expect="higher", id="gates"), (SECOND, BASELINE)),
    ]
    found = verdicts.compute(answer(study(claims=[each for each, _ in asked]), records(FULL), asked), NO_OPTIONS)
    assert found is not None
    assert [style.unit(each.metric) for each in found.claims] == [
        (100, "percent of the other's macs"),
        (1, "MACs"),
        (1, "class share of gates in stage 2"),
    ]
    assert found.claims[0].limits == (0.01,)
