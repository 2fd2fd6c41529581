"""Behind a proxy that gives the pages a path of their own."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from se_bench.dashboard.page.server import Address
from se_bench.dashboard.reader import Reader
from tests.dashboard.live.browsing import Browser
from tests.dashboard.live.servers import serving

PREFIX = "/lab/results/"


@pytest.fixture
def prefixed(reader: Reader) -> Iterator[str]:
    with serving(reader, Address(port=0, prefix=PREFIX)) as url:
        yield url


def test_every_request_and_link_stays_below_the_prefix(browser: Browser, prefixed: str) -> None:
    assert prefixed.endswith(PREFIX)
    browser.open(prefixed)
    browser.click("#studies a[href$='/study/full']")
    browser.drawn("pareto")
    browser.click("button[data-control=xs][data-value=log]")
    browser.until(lambda: browser.driver.current_url == f"{prefixed}study/full?v=1&xs=log", "the address is another")
    browser.driver.back()
    browser.until(lambda: browser.driver.current_url == f"{prefixed}study/full", "Back leads elsewhere")
    browser.click(".ag-cell a[href$='-0']")
    browser.until(lambda: browser.text("h1") == "baseline, seed 0", "the trial does not come")
    asked = [urlsplit(each["url"]) for each in browser.requests()]
    assert [url.path for url in asked if url.scheme == "http" and not url.path.startswith(PREFIX)] == []
    assert browser.complaints() == []
    assert browser.outside(prefixed) == []
