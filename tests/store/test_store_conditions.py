"""A filter as SQL gives the trials that the frame's own masks give, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from frame_examples import fill, filters
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from se_bench.config.filter_text import parse
from se_bench.config.filters import EVERYTHING, Filter
from se_bench.store.frame import Frame
from se_bench.store.frames import Frames
from se_bench.store.repository import Store


@pytest.fixture
def frames(store: Store, url: str) -> Iterator[Frames]:
    fill(store)
    with Frames.open(url) as opened:
        yield opened


def asked(frames: Frames, frame: Frame, filter_: Filter) -> list[str]:
    """The ids that the database gives for the query as it is shown."""
    with frames._engine.connect() as connection:
        return [row.trial_id for row in connection.exec_driver_sql(frames.query(frame, filter_))]


def masked(frame: Frame, filter_: Filter) -> list[str]:
    return frame.trials["trial_id"].plain(np.flatnonzero(frame.matching(filter_)))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_database_gives_what_the_frame_gives(frames: Frames, data: st.DataObject):
    frame = frames.frame("width")
    wanted = data.draw(filters(frame))
    assert asked(frames, frame, wanted) == masked(frame, wanted)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not accuracy > 50% and (r = 4 or status in (failed, crashed))",
        "trial ~ 00001 or not (seed != 0 or loss is missing)",
        'error ~ "<b>FAILED</b>; \'--"',
        'error = "\'; DROP TABLE se_bench_trials; --" or error ~ "100% :x \\\\ ? %s"',
        'started_at >= "2025-03-01T12:00:04.123456Z" and started_at < 2025-03-02',
        "updated_at > 2025-03-01",
        "accuracy > 0.5 and gate is known and not run is missing",
    ],
)
def test_some_in_words(frames: Frames, text: str):
    frame = frames.frame("width")
    assert asked(frames, frame, parse(text)) == masked(frame, parse(text))
    assert len(asked(frames, frame, EVERYTHING)) == len(frame)


def test_candidates_may_be_chosen_besides(frames: Frames):
    frame = frames.frame("width")
    among = np.array([True, False, True, False, False])
    with frames._engine.connect() as connection:
        rows = connection.exec_driver_sql(frames.query(frame, parse("seed = 0"), among)).all()
    assert [row.trial_id for row in rows] == ["trial-00000-0", "trial-00002-0"]


def test_most_candidates_are_told_by_the_few_that_do_not_count(frames: Frames):
    frame = frames.frame("width")
    assert "NOT IN (2)" in frames.query(frame, parse("not gate = softmax"))
    assert "IN (2)" in frames.query(frame, parse("gate = softmax and not reduction = 4"))
