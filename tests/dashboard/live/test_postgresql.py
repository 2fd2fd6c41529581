"""The pages over PostgreSQL: as over SQLite, and through an outage of the server."""

from __future__ import annotations

import psycopg
import pytest

from se_bench.dashboard.reader import Reader
from se_bench.store.repository import Store
from tests.dashboard.live.browsing import Browser
from tests.dashboard.live.databases import keep_study
from tests.dashboard.live.servers import serving
from tests.dashboard.live.test_following import GOING_ON, points, train
from tests.postgresql import Server

pytestmark = pytest.mark.slow


def test_an_outage_is_told_the_picture_stays_and_the_study_is_followed_again(
    browser: Browser, own_postgresql: Server
) -> None:
    with psycopg.connect(own_postgresql.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE results")
    address = own_postgresql.url("results")
    with Store.open(address, create=True) as store:
        keep_study(store, "going", GOING_ON)
    with Reader(address) as reader, serving(reader) as url:
        browser.open(f"{url}study/going?f=seed+%3C+2")
        browser.until(lambda: browser.text("#grid-count") == "6 trials", "the table does not come")
        assert points(browser) == 2
        own_postgresql.stop()
        browser.click("#refresh")
        browser.until(lambda: "The database cannot be read" in browser.text("#banner"), "the outage is not told")
        assert points(browser) == 2
        own_postgresql.start()
        with Store.open(address) as store:
            train(store, "reduction=16", 0, 0.9)
        browser.click("#refresh")
        browser.until(lambda: points(browser) == 3, "the study is not followed again")
        assert browser.script("return document.getElementById('banner').hidden")


def test_the_server_of_the_pages_is_missed(browser: Browser, tmp_path) -> None:
    address = str(tmp_path / "results.db")
    with Store.open(address, create=True) as store:
        keep_study(store, "going", GOING_ON)
    with Reader(address) as reader:
        with serving(reader) as url:
            browser.open(f"{url}study/going")
            assert points(browser) == 2
        browser.until(lambda: "server does not answer" in browser.text("#banner"), "nobody misses the server")
        assert points(browser) == 2
