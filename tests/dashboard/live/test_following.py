"""A study that goes on is followed, a database that is lost is told, and a finished one is left in peace."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from se_bench.dashboard.page.refresh import beat
from se_bench.dashboard.page.site import Site
from se_bench.dashboard.reader import Reader
from se_bench.records import Ended, Epoch, Started, Status
from se_bench.store.repository import Store
from tests.analysis.small_studies import Measured
from tests.dashboard.live.browsing import Browser
from tests.dashboard.live.databases import keep_study, trial_id
from tests.dashboard.live.servers import serving

GOING_ON: Measured = {
    "baseline": {0: 0.8, 1: 0.82},
    "reduction=2": {0: 0.85, 1: Status.PLANNED},
    "reduction=16": {0: Status.PLANNED, 1: Status.RUNNING},
}
VISIBLE = 5.0
"""Seconds within which a page shows what was committed."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(str(tmp_path / "results.db"), create=True) as opened:
        keep_study(opened, "going", GOING_ON)
        yield opened


@pytest.fixture
def following(store: Store) -> Iterator[Reader]:
    with Reader(str(store)) as opened:
        yield opened


@pytest.fixture
def going(following: Reader) -> Iterator[str]:
    with serving(following) as url:
        yield url.rstrip("/")


def train(store: Store, label: str, seed: int, accuracy: float) -> None:
    """What a run commits while it trains one trial."""
    found = trial_id("going", label, seed)
    store.keep(Started(trial_id=found, run_id="run of going", at=datetime.now(UTC)))
    for number in (1, 2):
        measured = accuracy * number / 2
        store.keep(
            Epoch(
                trial_id=found,
                epoch=number,
                train_loss=1 - measured,
                train_accuracy=measured,
                test_loss=1 - measured,
                test_accuracy=measured,
                train_seconds=1.0,
                test_seconds=0.1,
                gradient_norms=(1.0,),
            )
        )
    store.keep(Ended(trial_id=found, status=Status.COMPLETED, at=datetime.now(UTC)))


def points(browser: Browser) -> int:
    named = [count for name, count in browser.drawn("pareto")["traces"] if str(name).startswith(("base", "reduction"))]
    return sum(named)


def test_a_trial_that_a_run_commits_appears(browser: Browser, going: str, store: Store) -> None:
    browser.open(f"{going}/study/going")
    browser.until(
        lambda: browser.text("#counts") == "3 of 6 trials completed, 2 planned, 1 running.", "the page does not come"
    )
    assert points(browser) == 2
    train(store, "reduction=16", 0, 0.9)
    committed = time.monotonic()
    browser.until(lambda: points(browser) == 3, "the new trial does not appear")
    assert time.monotonic() - committed < VISIBLE
    browser.until(lambda: browser.text("#counts").startswith("4 of 6"), "the counts stay")
    assert browser.complaints() == []


def test_a_running_trials_page_follows_its_epochs(browser: Browser, going: str, store: Store) -> None:
    browser.open(f"{going}/trial/{trial_id('going', 'reduction=2', 1)}")
    browser.until(lambda: "planned, 0 epochs" in browser.text("#trial-body"), "the page does not come")
    train(store, "reduction=2", 1, 0.7)
    browser.until(lambda: "completed, 2 epochs" in browser.text("#trial-body"), "the trial stays planned")
    assert ["test", 2] in browser.drawn("accuracy")["traces"]
    assert "0.7000" in browser.text("#trial-body")


def test_a_study_that_comes_appears_in_the_list(browser: Browser, going: str, store: Store) -> None:
    browser.open(going)
    browser.until(lambda: browser.text("#studies a") == "going", "the list does not come")
    keep_study(store, "another", {"baseline": {0: 0.8}, "reduction=2": {0: 0.9}})
    browser.until(lambda: len(browser.all("#studies tbody tr")) == 2, "the new study does not appear")


def test_a_database_that_is_not_there_yet_is_waited_for(browser: Browser, tmp_path: Path) -> None:
    database = tmp_path / "later" / "results.db"
    with Reader(str(database)) as reader, serving(reader) as url:
        assert not reader.is_there
        browser.open(url)
        browser.until(lambda: "no such database" in browser.text("#page"), "an empty page")
        with Store.open(str(database), create=True) as store:
            keep_study(store, "first", {"baseline": {0: 0.8}, "reduction=2": {0: 0.9}})
            browser.until(lambda: browser.text("#studies a") == "first", "the page does not wait")


def test_the_mark_says_whether_anything_has_changed(following: Reader, store: Store) -> None:
    site = Site(app=None, reader=following, prefix="/")  # type: ignore[arg-type]
    subject = {"study": "going"}
    first = beat(site, subject)
    assert beat(site, subject) == first
    assert (first["active"], first["finished"]) == (True, False)
    assert len(json.dumps(first)) < 1000
    of_all = beat(site, {})
    for label, seed in (("reduction=2", 1), ("reduction=16", 0), ("reduction=16", 1)):
        train(store, label, seed, 0.9)
    assert beat(site, subject)["mark"] != first["mark"]
    assert beat(site, {})["mark"] != of_all["mark"]
    assert (beat(site, subject)["active"], beat(site, subject)["finished"]) == (False, True)


def test_a_finished_study_says_so_and_asks_no_more(browser: Browser, server: str) -> None:
    browser.open(f"{server}/study/full/progress")
    browser.until(lambda: browser.text("#age").startswith("Finished"), "the study is not said to be finished")
    assert browser.script("return window.dash_component_api.getLayout('tick').props.disabled") is True


def test_what_is_wrong_with_a_study_is_said_and_the_picture_stays(browser: Browser, going: str, store: Store) -> None:
    browser.open(f"{going}/study/going")
    assert points(browser) == 2
    with store._writing() as connection:  # as if another program had thrown it away
        for table in ("candidates", "study_trials", "studies"):
            column = "name" if table == "studies" else "study"
            connection.exec_driver_sql(f"DELETE FROM se_bench_{table} WHERE {column} = 'going'")
    browser.click("#refresh")
    browser.until(lambda: "no study in this database 'going'" in browser.text("#banner"), "nothing is said")
    assert points(browser) == 2
