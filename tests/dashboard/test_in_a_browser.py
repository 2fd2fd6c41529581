"""Reports in a real browser: every panel of every dashboard is drawn, asks nothing of the network, and can be used."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from se_bench.analysis import importance
from se_bench.analysis.answer import Answer
from se_bench.config.dashboard import Dashboard
from se_bench.config.load import load_dashboard
from se_bench.config.locate import available
from se_bench.dashboard.panel import shown
from se_bench.dashboard.report import render
from se_bench.figures import style
from tests.dashboard.pages import Page
from tests.figures.odd_studies import factorial

SPOILT = "<img src=x onerror=\"document.documentElement.dataset.hacked='yes'\">"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--window-size=1200,900", "--virtual-time-budget=20000",
)  # fmt: skip
# What a reader does, and what is to be seen then; the page itself is as it is written.
HEAD = """
<script>
window.faults = [];
window.addEventListener("error", (event) => window.faults.push(event.message));
console.error = (...words) => window.faults.push(words.join(" "));
</script>
"""
CLICKS = """
<script>
(function () {
  const root = document.documentElement, button = document.getElementById("theme");
  const graphs = [...document.querySelectorAll(".plotly-graph-div")];
  const pareto = graphs.find((graph) => graph.data.some((trace) => trace.name === "front of the means"));
  const ink = () => pareto._fullLayout.font.color + " " + pareto._fullLayout.xaxis.gridcolor;
  const seen = { themes: [], axes: [], panels: graphs.length };
  const look = () => seen.themes.push([root.dataset.theme, ink(), button.textContent]);
  const baseline = () => pareto.data.findIndex((trace) => trace.name === "baseline");
  const read = () => seen.axes.push([pareto.layout.xaxis.title.text, pareto._fullData[baseline()].x[0]]);
  look();
  button.click();
  look();
  read();
  pareto.querySelectorAll(".updatemenu-button")[1].dispatchEvent(new MouseEvent("click", { bubbles: true }));
  read();
  const curve = pareto.data.findIndex((trace) => trace.mode === "markers" && trace.name !== "baseline");
  Plotly.Fx.hover(pareto, [{ curveNumber: curve, pointNumber: 0 }]);
  seen.hover = [...pareto.querySelectorAll(".hovertext text")].map((text) => text.textContent).join(" ");
  const entry = pareto.querySelector(".legendtoggle");
  for (const kind of ["mousedown", "mouseup"]) entry.dispatchEvent(new MouseEvent(kind, { bubbles: true }));
  window.setTimeout(() => {
    seen.hidden = pareto.data.filter((trace) => trace.visible === "legendonly").map((trace) => trace.name);
    seen.drawn = graphs.filter((graph) => graph.querySelector(".cartesianlayer .subplot, .parcoords")).length;
    seen.points = graphs.map((graph) => graph.querySelectorAll(".point, .points path").length);
    seen.requests = performance.getEntriesByType("resource").map((each) => each.name);
    seen.faults = window.faults;
    root.dataset.seen = JSON.stringify(seen);
  }, 2000);
})();
</script>
"""


@pytest.fixture(scope="module")
def everything() -> Iterator[Dashboard]:
    """All panels of all dashboards that come with the package, each once, of which the study has something to show."""
    every = {str(panel): panel for name in available("dashboards") for panel in load_dashboard(name).panels}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(importance.RESAMPLES, "fanova", 4)
        panels = [panel for panel in every.values() if panel.figure and shown(factorial(), panel).figure is not None]
        yield Dashboard(name="everything", panels=tuple(panels))


def spoilt() -> Answer:
    """A study with something to show in every figure, and HTML in the name of a candidate and of a claim."""
    answer = factorial()
    first, second, *others = answer.candidates
    named = dataclasses.replace(second, candidate=dataclasses.replace(second.candidate, label=SPOILT))
    claims = tuple(
        dataclasses.replace(each, claim=each.claim.model_copy(update={"id": SPOILT, "says": SPOILT}))
        for each in answer.claims
    )
    return dataclasses.replace(answer, candidates=(first, named, *others), claims=claims)


def opened(folder: Any, written: str) -> tuple[dict[str, Any], Page]:
    """What was seen when a page was opened from a file and used, and the page as the browser has made it."""
    browser = shutil.which("chromium")
    if browser is None:
        if os.environ.get("CI"):
            pytest.fail("CI needs the browser chromium")
        pytest.skip("the browser chromium is not installed")
    page = folder / "page.html"
    page.write_text(written.replace("<head>", f"<head>{HEAD}").replace("</body>", f"{CLICKS}</body>"), encoding="utf-8")
    command = [browser, *FLAGS, f"--user-data-dir={folder / 'profile'}", "--dump-dom", page.as_uri()]
    dumped = subprocess.run(command, capture_output=True, text=True, timeout=180, check=True).stdout
    found = Page(dumped[dumped.index("<html") :])
    return json.loads(found.tags[0][1]["data-seen"] or "{}"), found


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory, everything: Dashboard) -> tuple[dict[str, Any], Page]:
    return opened(tmp_path_factory.mktemp("browser"), render(spoilt(), everything))


Used = tuple[dict[str, Any], Page]


def test_every_panel_of_every_dashboard_is_drawn(used: Used, everything: Dashboard) -> None:
    seen, page = used
    panels = len(everything.panels)
    assert panels > 12
    assert seen["panels"] == seen["drawn"] == panels
    assert len(page.with_class("js-plotly-plot")) == panels


def test_nothing_goes_wrong_and_nothing_is_asked_of_the_network(used: Used) -> None:
    seen, _ = used
    assert seen["faults"] == []
    assert [address for address in seen["requests"] if not address.startswith("data:")] == []


def test_the_points_of_the_figures_are_there(used: Used) -> None:
    """A marker for each candidate, in the Pareto figure and in the forest plot."""
    seen, _ = used
    candidates = len(factorial().candidates)
    assert sum(number >= candidates - 1 for number in seen["points"]) >= 3


def test_the_theme_button_changes_page_and_figures(used: Used) -> None:
    seen, _ = used
    light, dark = (style.THEMES[name] for name in ("light", "dark"))
    assert seen["themes"] == [
        ["light", f"{light['ink']} {light['grid']}", "Dark"],
        ["dark", f"{dark['ink']} {dark['grid']}", "Light"],
    ]


def test_the_x_axis_can_be_chosen(used: Used) -> None:
    seen, _ = used
    assert seen["axes"] == [["MACs of one image (conv + linear)", 10_000], ["trainable parameters", 1000]]


def test_hovering_tells_of_a_candidate_and_the_legend_hides_one(used: Used) -> None:
    seen, _ = used
    assert "accuracy 0." in seen["hover"]
    assert "n=4" in seen["hover"]
    assert seen["hidden"] == ["front of the means"]


def test_a_name_with_html_in_it_runs_nothing(used: Used) -> None:
    _, page = used
    assert "data-hacked" not in page.tags[0][1]
    assert [found for tag, found in page.tags if tag == "img"] == []
    assert SPOILT in [row[0] for row in page.tables[0]]
    assert SPOILT in [row[0] for row in page.tables[1]]
