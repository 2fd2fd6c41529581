"""A real browser on a page: what it shows, what it said to its console, and whom it asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 30.0
"""Seconds after which something that does not come fails the test."""
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--disable-quic",
    "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--hide-scrollbars", "--window-size=1280,1000",
)  # fmt: skip


def start(chromium: str, chromedriver: str) -> webdriver.Chrome:
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(chromedriver))
    driver.set_script_timeout(PATIENCE)
    return driver


class Browser:
    """The driver, with what the tests ask of it."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, url: str) -> None:
        """Load a page anew, and forget what was before."""
        self.driver.get("about:blank")
        self.driver.get_log("browser")
        self.driver.get_log("performance")
        self.driver.get(url)

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        """Wait until ``condition`` is true; return what it gave. Not yet where the page is just put anew."""
        changing = [StaleElementReferenceException]
        return WebDriverWait(self.driver, PATIENCE, 0.05, changing).until(lambda _: condition(), what)

    def script(self, code: str, *arguments: Any) -> Any:
        return self.driver.execute_script(code, *arguments)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str) -> WebElement:
        """The first element of a selector, once it is there."""
        return self.until(lambda: self.all(selector), f"no {selector}")[0]

    def click(self, selector: str, text: str | None = None) -> None:
        """Click on the first element of a selector, or the first that says ``text``, once it is there."""

        def clicked() -> bool:
            for each in self.all(selector):
                if text is None or each.text == text:
                    each.click()
                    return True
            return False

        self.until(clicked, f"no {selector} to click on")

    def text(self, selector: str) -> str:
        return str(self.script("return (document.querySelector(arguments[0]) || {}).textContent || ''", selector))

    def drawn(self, place: str) -> dict[str, Any]:
        """A figure once it is drawn: ``data`` as [name, points] for each trace, and its layout's axes."""
        code = """
            const place = `[id*='"of":"${arguments[0]}"'][id*='"part":"graph"']`;
            const graph = document.querySelector(place + " .js-plotly-plot");
            if (!graph || !graph._fullData || !graph._fullData.length) return null;
            const axis = (name) => ({ type: graph._fullLayout[name].type, range: graph._fullLayout[name].range,
                                      title: graph._fullLayout[name].title.text });
            return { traces: graph._fullData.map((each) => [each.name, each._length || (each.x || []).length]),
                     x: axis("xaxis"), y: axis("yaxis"), ink: graph._fullLayout.font.color };
        """
        return dict(self.until(lambda: self.script(code, place), f"the figure {place} is not drawn"))

    def complaints(self) -> list[str]:
        """What the page wrote to the console since it was opened, but mere information and notes of the GL driver."""
        return [
            f"{each['level']} {each['message']}"
            for each in self.driver.get_log("browser")
            if each["level"] != "INFO" and "GL Driver Message" not in each["message"]
        ]

    def requests(self) -> list[dict[str, Any]]:
        """The requests since the last time: url, method, body."""
        events = [json.loads(each["message"])["message"] for each in self.driver.get_log("performance")]
        return [
            {"url": sent["url"], "method": sent["method"], "body": sent.get("postData", "")}
            for event in events
            if event["method"] == "Network.requestWillBeSent"
            for sent in [event["params"]["request"]]
        ]

    def outside(self, server: str) -> list[str]:
        """Whom the page asked that is not the server."""
        own = urlsplit(server).netloc
        urls = [each["url"] for each in self.requests()]
        return [
            url for url in urls if urlsplit(url).scheme not in ("data", "blob", "about") and urlsplit(url).netloc != own
        ]
