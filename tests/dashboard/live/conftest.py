"""One browser and one server for all tests of the live page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from se_bench.dashboard.page.server import Address
from se_bench.dashboard.reader import Reader
from se_bench.store.repository import Store
from tests.analysis.small_studies import FULL, ODD
from tests.dashboard.live import browsing
from tests.dashboard.live.browsing import Browser
from tests.dashboard.live.databases import keep_study
from tests.dashboard.live.servers import serving

HOSTILE = "<img src=x onerror=\"document.title='hacked'\">/../a&b?c#d"
"""A name that nobody should have."""
CLAIMS = [
    {"id": "helps", "says": "r=2 is more accurate", "candidate": {"reduction": 1}, "expect": "better"},
]


@pytest.fixture(scope="package")
def driver() -> Iterator[Browser]:
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        if os.environ.get("CI"):
            pytest.fail("CI needs chromium and chromedriver")
        pytest.skip("chromium and chromedriver are not installed: apt-get install chromium chromium-driver")
    started = browsing.start(chromium, chromedriver)
    try:
        yield Browser(started)
    finally:
        started.quit()


@pytest.fixture
def browser(driver: Browser) -> Browser:
    """The browser, which remembers nothing of the test before."""
    driver.driver.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "all"})
    return driver


@pytest.fixture(scope="package")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished study, and every odd one."""
    path = tmp_path_factory.mktemp("live") / "results.db"
    with Store.open(str(path), create=True) as store:
        keep_study(store, "full", FULL, claims=CLAIMS)
        keep_study(store, HOSTILE, {"baseline": {0: 0.8, 1: 0.81}, HOSTILE: {0: 0.85, 1: 0.84}}, question=HOSTILE)
        for name, measured in ODD.items():
            keep_study(store, f"odd_{name.replace(' ', '_')}", measured)
    return path


@pytest.fixture(scope="package")
def reader(database: Path) -> Iterator[Reader]:
    with Reader(str(database)) as opened:
        yield opened


@pytest.fixture(scope="package")
def server(reader: Reader) -> Iterator[str]:
    """The address of a server of the database, without a slash at its end."""
    with serving(reader, Address(port=0)) as url:
        yield url.rstrip("/")
