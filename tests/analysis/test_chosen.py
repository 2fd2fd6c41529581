"""What a search has chosen is read from the validation split, whatever the test split says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from se_bench.analysis.answer import answer
from se_bench.analysis.chosen import chosen
from se_bench.config.load import Study
from se_bench.dashboard import words
from se_bench.records import Status, StudyRecords
from tests.analysis.small_studies import Measured, identity, records, study

MEASURED: Measured = {
    "baseline": {0: 0.80, 1: 0.80},
    "reduction=2": {0: 0.99, 1: 0.99},  # best on the test split
    "reduction=4": {0: 0.85, 1: 0.85},
    "reduction=8": {0: 0.86, 1: Status.FAILED},
}
VALIDATION = {"baseline": 0.70, "reduction=2": 0.60, "reduction=4": 0.75, "reduction=8": 0.90}


def searched(objectives: Mapping[str, str]) -> Study:
    plain = study(objectives=objectives)
    return replace(plain, plan=plain.plan.model_copy(update={"kind": "tpe"}))


def measured() -> StudyRecords:
    found = records(MEASURED)
    values = {trial.trial_id: VALIDATION[trial.trial_id.partition("/")[0]] for trial in found.trials}
    epochs = tuple(
        replace(
            each,
            validation_accuracy=values[each.trial_id] if each.epoch == 2 else 1.0,
            validation_loss=1 - values[each.trial_id],
        )
        for each in found.epochs
    )
    return replace(found, epochs=epochs)


@pytest.mark.parametrize(
    ("objectives", "expected"),
    [
        ({"accuracy": "maximize"}, ["reduction=4"]),
        ({"loss": "minimize"}, ["reduction=4"]),
        ({"accuracy": "maximize", "macs": "minimize"}, ["baseline", "reduction=4"]),
        ({"macs": "minimize"}, ["baseline"]),
    ],
)
def test_the_front_of_the_objectives_on_the_validation_split(
    objectives: Mapping[str, str], expected: list[str]
) -> None:
    assert chosen(searched(objectives), measured()) == {identity(label) for label in expected}


def test_a_fixed_plan_chooses_nothing() -> None:
    assert chosen(study(), measured()) == frozenset()


def test_without_validation_images_nothing_is_chosen() -> None:
    assert chosen(searched({"accuracy": "maximize"}), records(MEASURED)) == frozenset()


def test_the_answer_names_it_and_says_by_what() -> None:
    found = answer(searched({"accuracy": "maximize", "macs": "minimize"}), measured(), ())
    assert [each.label for each in found.candidates if each.chosen] == ["baseline", "reduction=4"]
    assert words.chosen(found).startswith(
        "Chosen by validation accuracy, macs, before the test split was looked at: baseline; reduction=4."
    )
    assert words.chosen(answer(study(), measured(), ())) == ""
