"""The report in a real browser: figures are drawn, themes and axes change, and names run nothing."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from se_bench.config.load import load_dashboard
from se_bench.dashboard.report import render
from tests.analysis.small_studies import FULL, with_claim
from tests.dashboard.pages import Page

HOSTILE = "<img src=x onerror=\"document.documentElement.dataset.hacked='yes'\">"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--window-size=1200,900", "--virtual-time-budget=10000",
)  # fmt: skip
# What a reader does, and what is to be seen then; the page itself is as it is written.
CLICKS = """
<script>
(function () {
  const root = document.documentElement, button = document.getElementById("theme");
  const graph = document.querySelector(".plotly-graph-div");
  const ink = () => graph.layout.font.color;
  const axis = () => graph.layout.xaxis.title.text + " " + graph.data[1].x[0];
  root.dataset.before = root.dataset.theme + " " + ink() + " " + button.textContent;
  button.click();
  root.dataset.after = root.dataset.theme + " " + ink() + " " + button.textContent;
  root.dataset.axis = axis();
  graph.querySelectorAll(".updatemenu-button")[1].dispatchEvent(new MouseEvent("click", { bubbles: true }));
  root.dataset.other = axis();
})();
</script>
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str | None], Page]:
    """The attributes of the page's root after the clicks, and the page as the browser has made it."""
    browser = shutil.which("chromium")
    if browser is None:
        if os.environ.get("CI"):
            pytest.fail("CI needs the browser chromium")
        pytest.skip("the browser chromium is not installed")
    folder = tmp_path_factory.mktemp("browser")
    written = render(with_claim({**FULL, HOSTILE: {0: 0.85, 1: 0.86}}), load_dashboard("overview"))
    page = folder / "page.html"
    page.write_text(written.replace("</body>", f"{CLICKS}</body>"), encoding="utf-8")
    command = [browser, *FLAGS, f"--user-data-dir={folder / 'profile'}", "--dump-dom", page.as_uri()]
    dumped = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    found = Page(dumped[dumped.index("<html") :])
    return found.tags[0][1], found


Root = tuple[dict[str, str | None], Page]


def test_every_panel_is_drawn(root: Root) -> None:
    _, page = root
    panels = len(load_dashboard("overview").panels)
    assert len(page.with_class("js-plotly-plot")) == panels
    drawn = len(page.with_class("main-svg"))
    assert drawn >= panels
    assert drawn % panels == 0
    assert len(page.with_class("cartesianlayer")) >= panels


def test_the_points_of_the_figures_are_there(root: Root) -> None:
    """A marker for each candidate: in the Pareto figure, and for all but the baseline in the forest plot."""
    _, page = root
    candidates = len(FULL) + 1
    assert len(page.with_class("point")) >= candidates + candidates - 1


def test_the_theme_button_changes_page_and_figures(root: Root) -> None:
    attributes, _ = root
    assert attributes["data-before"] == "light #1c1e21 Dark"
    assert attributes["data-after"] == "dark #e8eaed Light"
    assert attributes["data-theme"] == "dark"


def test_the_x_axis_can_be_chosen(root: Root) -> None:
    attributes, _ = root
    assert attributes["data-axis"] == "MACs of one image (conv + linear) 10000"
    assert attributes["data-other"] == "trainable parameters 1000"


def test_a_name_with_html_in_it_runs_nothing(root: Root) -> None:
    attributes, page = root
    assert "data-hacked" not in attributes
    assert HOSTILE in [row[0] for row in page.tables[1]]
    assert [found for tag, found in page.tags if tag == "img"] == []
