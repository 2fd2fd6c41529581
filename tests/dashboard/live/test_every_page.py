"""What holds of every page: it comes without a complaint, asks nobody else, and can be used by everyone."""

from __future__ import annotations

from typing import Any

import pytest
from axe_core_python.selenium import Axe

from tests.analysis.small_studies import ODD
from tests.dashboard.live.browsing import Browser
from tests.dashboard.live.databases import trial_id

STUDY_PAGES = ["", "/overview", "/ablation", "/search", "/claims", "/progress"]
PAGES = [
    "/",
    *[f"/study/full{page}" for page in STUDY_PAGES],
    f"/trial/{trial_id('full', 'reduction=2', 1)}",
    "/compare?ids=full,odd_one_seed",
    "/export?study=full",
    "/no/such/page",
    "/study/no_such_study",
]
AXE = Axe().axe_script
SERIOUS = ("serious", "critical")


def settled(browser: Browser) -> None:
    """Wait until the page is there and none of its figures is still to come."""
    ready = "return document.querySelector('#page h1') !== null && !document.querySelector('.stage.waiting')"
    browser.until(lambda: browser.script(ready), "the page does not settle")


@pytest.mark.parametrize("path", PAGES)
def test_it_comes_without_a_complaint_asks_nobody_else_and_has_no_serious_barrier(
    browser: Browser, server: str, path: str
) -> None:
    browser.open(server + path)
    settled(browser)
    assert browser.text("h1")
    assert browser.all(".no-webgl") == []
    assert browser.script(BEYOND_THEIR_PLACE) == []
    assert findings(browser) == []
    browser.click("#theme")
    assert findings(browser, runOnly=["color-contrast"]) == []
    assert "\n".join(browser.complaints()) == ""
    assert browser.outside(server) == []
    assert browser.script("return document.getElementById('banner').hidden")


BEYOND_THEIR_PLACE = """
return [...document.querySelectorAll(".dash-graph")].filter((graph) => {
  const drawing = graph.querySelector(".main-svg");
  return drawing && drawing.getBoundingClientRect().bottom > graph.getBoundingClientRect().bottom + 1;
}).map((graph) => graph.id);
"""
"""Figures that are taller than the place they have, and so lie on what is below them."""


def has_its_page(browser: Browser, server: str, path: str) -> None:
    browser.open(server + path)
    settled(browser)
    assert "\n".join(browser.complaints()) == ""
    assert browser.text("h1") == path.split("/")[2]
    assert "trials completed" in browser.text("#counts")
    assert browser.script("return document.getElementById('banner').hidden")


@pytest.mark.parametrize("name", ODD)
def test_an_odd_study_has_a_page_too(browser: Browser, server: str, name: str) -> None:
    has_its_page(browser, server, f"/study/odd_{name.replace(' ', '_')}")


@pytest.mark.slow
@pytest.mark.parametrize("page", STUDY_PAGES[1:])
@pytest.mark.parametrize("name", ODD)
def test_an_odd_study_has_every_page_too(browser: Browser, server: str, name: str, page: str) -> None:
    has_its_page(browser, server, f"/study/odd_{name.replace(' ', '_')}{page}")


def findings(browser: Browser, **options: Any) -> list[tuple[str, str]]:
    """(rule, element) of each serious finding of axe on the page, but in drawings: what they say stands beside them."""
    browser.script(AXE)
    answer: dict[str, Any] = browser.driver.execute_async_script(
        "axe.run({ exclude: [['.main-svg']] }, arguments[0]).then(arguments[1])",
        {"resultTypes": ["violations"], **options},
    )
    return [
        (violation["id"], str(node["target"]) + node["html"][:160])
        for violation in answer["violations"]
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]
