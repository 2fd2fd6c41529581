"""The browser's side of the dashboards' budgets: pages of `se-bench dashboard`, timed in headless Chromium."""

from __future__ import annotations

import json
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from dashboard_server import STUDY, Measurement
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

PATIENCE = 120.0
REPEATS = 5
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--disable-quic",
    "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage",
    "--enable-precise-memory-info", "--window-size=1440,900",
)  # fmt: skip

COMPLETE = {1_000: 1.5, 10_000: 2.0, 100_000: 2.5, 1_000_000: 5.0}
COMPLETE_COLD = {100_000: 5.0}
AXIS = {10_000: 250.0, 100_000: 350.0}
FILTER = {10_000: 150.0, 100_000: 200.0}
PAYLOAD = {10_000: 0.12, 100_000: 1.0}

WATCH = """
window.__at = {};
(function look() {
  const now = performance.now();
  const graph = document.querySelector(`[id*='"by":"front"'] .js-plotly-plot`);
  if (!__at.plot && graph && graph._fullData && graph._fullData.length) __at.plot = now;
  if (!__at.rows && document.querySelector(".ag-center-cols-container .ag-cell")) __at.rows = now;
  if (!(__at.plot && __at.rows)) requestAnimationFrame(look);
})();
"""
"""When the figure and the first rows of the table are there, in milliseconds of the page."""

ACT = """
const [action, changed, done] = [arguments[0], arguments[1], arguments[arguments.length - 1]];
const graph = document.querySelector(`[id*='"by":"front"'] .js-plotly-plot`);
const before = { data: graph.data, type: graph._fullLayout.xaxis.type };
const is = new Function("graph", "before", "return " + changed);
const start = performance.now();
graph.on("plotly_afterplot", function once() {
  if (!is(graph, before)) return;
  graph.removeListener("plotly_afterplot", once);
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
});
new Function("graph", action)(graph);
"""
"""Do something, and give the milliseconds until what it changed is painted."""

NEW_FIGURE = "graph.data !== before.data"
NEW_SCALE = "graph._fullLayout.xaxis.type !== before.type"
SELECT = """
const list = document.querySelector("select[data-control={0}]");
list.value = "{1}"; list.dispatchEvent(new Event("change", {{ bubbles: true }}));
"""
FILTERED = 'dash_clientside.set_props({{ control: "f" }}, {{ value: "{0}" }});'
OTHER_SCALE = """
const other = graph._fullLayout.xaxis.type === "log" ? "linear" : "log";
document.querySelector(`button[data-control=xs][data-value=${other}]`).click();
"""


def measure_pages(url: str, trials: int) -> Iterator[Measurement]:
    """The study page at this number of trials: opened cold and warm, asked other things, and what went over the wire.

    Cold is a browser that has nothing and a server that has answered nothing yet, but has read the study, as
    `se-bench dashboard STUDY` does before it says where it is.
    """
    with serving(url) as server, browsing() as driver:
        page = f"{server}study/{STUDY}"
        cold = opened(driver, page)
        yield _seconds("first contentful paint, cold", trials, cold["paint"], 1.0)
        yield _seconds("study page complete, cold", trials, cold["complete"], COMPLETE_COLD.get(trials))
        yield Measurement("scripts of a first visit, gzip", trials, cold["scripts"] / 1e6, "MB", 2.4)
        yield Measurement("layout", trials, cold["layout"] / 1e3, "kB", 50)
        warm = [opened(driver, page) for _ in range(REPEATS)]
        yield _seconds("first contentful paint, warm", trials, _median(warm, "paint"), 0.5)
        yield _seconds("study page complete, warm", trials, _median(warm, "complete"), COMPLETE.get(trials))
        yield Measurement("figure, gzip", trials, warm[-1]["figure"] / 1e6, "MB", PAYLOAD.get(trials))
        yield Measurement("heap", trials, warm[-1]["heap"] / 1e6, "MB", 150.0 if trials == 100_000 else None)
        axes = [SELECT.format("x", each) for each in ("params", "elementwise", "activations", "train_seconds", "loss")]
        yield _painted(driver, "another axis, painted", trials, axes, NEW_FIGURE, AXIS.get(trials))
        texts = [FILTERED.format(f"seed in (0, 1) and every = 1 and width = {width}") for width in (8, 16, 24, 32)]
        yield _painted(
            driver, "filtered, painted", trials, [*texts, FILTERED.format("")], NEW_FIGURE, FILTER.get(trials)
        )
        scales = [OTHER_SCALE] * REPEATS
        yield _painted(driver, "another scale, painted", trials, scales, NEW_SCALE, 100.0)
        yield from _asked(driver, server, trials)


@contextmanager
def serving(url: str) -> Iterator[str]:
    """The program's own server, on a free port, until the end."""
    words = [sys.executable, "-c", "from se_bench.cli.main import main; main()", "dashboard"]
    command = [*words, STUDY, "--db", url, "--port", "0", "--no-open"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found is not None, "the server does not say where it is"
            yield found[0].partition("study/")[0]
        finally:
            process.terminate()


@contextmanager
def browsing() -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    driver.set_script_timeout(PATIENCE)
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
    try:
        yield driver
    finally:
        driver.quit()


def opened(driver: webdriver.Chrome, page: str) -> dict[str, float]:
    """Times in milliseconds and sizes in bytes of one visit, from its beginning until figure and rows are there."""
    driver.get("about:blank")
    driver.get(page)
    return dict(
        driver.execute_async_script("""
            const done = arguments[0];
            (function wait() {
              if (!(window.__at.plot && window.__at.rows)) return setTimeout(wait, 20);
              const entries = performance.getEntriesByType("resource");
              const sum = (chosen, size) => entries.filter(chosen).reduce((all, each) => all + each[size], 0);
              const answers = entries.filter((each) => each.name.includes("_dash-update-component"));
              done({
                paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
                complete: Math.max(window.__at.plot, window.__at.rows),
                scripts: sum((each) => each.name.includes(".js"), "encodedBodySize"),
                layout: sum((each) => each.name.includes("_dash-layout"), "decodedBodySize"),
                figure: Math.max(0, ...answers.map((each) => each.encodedBodySize)),
                heap: performance.memory.usedJSHeapSize,
              });
            })();
        """)
    )


def _painted(
    driver: webdriver.Chrome, what: str, trials: int, actions: Sequence[str], changed: str, budget: float | None
) -> Measurement:
    times = [float(driver.execute_async_script(ACT, action, changed)) for action in actions]
    return Measurement(what, trials, statistics.median(times), "ms", budget)


def _asked(driver: webdriver.Chrome, server: str, trials: int) -> Iterator[Measurement]:
    """What the page sent and said in all of this."""
    events = [json.loads(each["message"])["message"] for each in driver.get_log("performance")]
    sent = [each["params"]["request"] for each in events if each["method"] == "Network.requestWillBeSent"]
    bodies = [len(each.get("postData", "")) for each in sent]
    yield Measurement("largest request", trials, max(bodies, default=0) / 1e3, "kB", 10)
    urls = [urlsplit(each["url"]) for each in sent]
    strangers = [each for each in urls if each.scheme in ("http", "https") and each.netloc != urlsplit(server).netloc]
    yield Measurement("requests to others", trials, len(strangers), "", 0)
    said = [each for each in driver.get_log("browser") if each["level"] == "SEVERE"]
    yield Measurement("errors in the console", trials, len(said), "", 0)


def _median(visits: Sequence[dict[str, Any]], what: str) -> float:
    return statistics.median(each[what] for each in visits)


def _seconds(what: str, trials: int, milliseconds: float, budget: float | None) -> Measurement:
    return Measurement(what, trials, milliseconds / 1000, "s", budget)
