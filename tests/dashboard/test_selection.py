"""A filter on what is measured chooses candidates by their means, never the seeds that did well."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from se_bench.config.filter_text import parse
from se_bench.dashboard.reader import Reader
from se_bench.dashboard.selection import chosen
from se_bench.errors import FilterError
from se_bench.store.frame import Frame
from tests.analysis.small_studies import FULL
from tests.dashboard.kept_studies import keep


@pytest.fixture(scope="module")
def frame(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Frame]:
    with Reader(keep(tmp_path_factory.mktemp("selection") / "results.db", full=FULL)) as reader:
        yield reader.frames.frame("full")


def of(frame: Frame, text: str, *, each: bool = False) -> set[tuple[str, int]]:
    places = np.flatnonzero(chosen(frame, parse(text), each=each))
    return {(row["candidate"], row["seed"]) for row in frame.rows(places, ("candidate", "seed"))}


def brute_force(level: float, seeds: set[int]) -> set[tuple[str, int]]:
    found = set()
    for label, measured in FULL.items():
        taken = [float(value) for seed, value in measured.items() if seed in seeds]
        if taken and sum(taken) / len(taken) > level:
            found |= {(label, seed) for seed in measured if seed in seeds}
    return found


@given(st.floats(0.78, 0.88).map(lambda level: round(level, 3)), st.sets(st.integers(0, 2), min_size=1))
def test_the_mean_is_over_what_the_other_conditions_let_through(frame: Frame, level: float, seeds: set[int]) -> None:
    said = f"accuracy > {level + 0.0004} and seed in ({', '.join(map(str, sorted(seeds)))})"  # no mean is a tie
    assert of(frame, said) == brute_force(level + 0.0004, seeds)


def test_each_trial_can_be_asked_by_itself(frame: Frame) -> None:
    assert of(frame, "accuracy > 0.85", each=True) == {("reduction=2", 1)}
    assert of(frame, "accuracy > 0.849") == {("reduction=2", seed) for seed in (0, 1, 2)}


def test_what_asks_of_a_mean_or_of_a_trial_is_refused(frame: Frame) -> None:
    with pytest.raises(FilterError):
        chosen(frame, parse("accuracy > 0.9 or seed = 1"))
    assert of(frame, "accuracy > 0.9 or seed = 1", each=True) == {(label, 1) for label in FULL}


def test_no_condition_chooses_everything(frame: Frame) -> None:
    assert len(of(frame, "")) == 9
