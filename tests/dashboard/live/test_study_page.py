"""The page of a study, used: what is chosen is in the address, every point leads to its trial, every row is right."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from se_bench.dashboard.reader import Reader
from tests.analysis.small_studies import FULL
from tests.dashboard.live.browsing import Browser
from tests.dashboard.live.conftest import HOSTILE
from tests.dashboard.live.databases import trial_id

FIGURE = "pareto"


@pytest.fixture
def study(browser: Browser, server: str) -> Browser:
    """The page of the finished study, drawn, with rows in its table."""
    browser.open(f"{server}/study/full")
    browser.drawn(FIGURE)
    browser.until(lambda: browser.text("#grid-count") == "9 trials", "the table is empty")
    return browser


def query(browser: Browser) -> dict[str, str]:
    found = parse_qs(urlsplit(browser.driver.current_url).query, keep_blank_values=True)
    return {key: value for key, (value,) in found.items()}


def choose(browser: Browser, key: str, value: str) -> None:
    browser.script(
        """const list = document.querySelector(`select[data-control=${arguments[0]}]`);
        list.value = arguments[1]; list.dispatchEvent(new Event("change", { bubbles: true }));""",
        key,
        value,
    )


def figure_json(browser: Browser) -> str:
    """All that the figure shows: every trace as it was sent, the axes, lines and words around them."""
    return str(
        browser.script(
            """const graph = document.querySelector(`[id*='"by":"front"'] .js-plotly-plot`);
            const { xaxis, yaxis, shapes, annotations } = graph._fullLayout;
            const axes = [xaxis, yaxis].map((axis) => [axis.title.text, axis.type, axis.autorange, axis.tickformat]);
            const around = [shapes, annotations].map((all) => all.map((each) => each._input));
            return JSON.stringify([graph.data, axes, around], (key, value) => (key === "uid" ? undefined : value));"""
        )
    )


def click_on(browser: Browser, label: str) -> None:
    """Click where the figure shows a candidate, as a hand would."""
    spot = browser.script(
        """const graph = document.querySelector(`[id*='"by":"front"'] .js-plotly-plot`);
        graph.scrollIntoView({ block: "center" });
        const place = graph.data.findIndex((trace) => trace.name === arguments[0] && trace.mode === "markers");
        const { xaxis, yaxis } = graph._fullLayout, box = graph.getBoundingClientRect();
        const [x, y] = [graph._fullData[place].x[0], graph._fullData[place].y[0]];
        return [box.left + xaxis._offset + xaxis.d2p(x), box.top + yaxis._offset + yaxis.d2p(y)];""",
        label,
    )
    x, y = (round(each) for each in spot)
    actions = ActionChains(browser.driver, duration=20)
    actions.w3c_actions.pointer_action.move_to_location(x - 3, y - 3)
    actions.w3c_actions.pointer_action.move_to_location(x, y)
    actions.w3c_actions.pointer_action.click()
    actions.perform()


def test_the_front_is_what_brute_force_finds(study: Browser) -> None:
    means = {label: sum(map(float, seeds.values())) / len(seeds) for label, seeds in FULL.items()}
    costs = {label: 10_000 + 50 * place for place, label in enumerate(FULL)}
    front = [
        (costs[one], means[one])
        for one in FULL
        if not any(
            costs[other] <= costs[one]
            and means[other] >= means[one]
            and (costs[other], means[other]) != (costs[one], means[one])
            for other in FULL
        )
    ]
    drawn = study.script(
        """const graph = document.querySelector(`[id*='"by":"front"'] .js-plotly-plot`);
        const trace = graph._fullData.find((each) => each.name === "front of the means");
        return Array.from(trace.x, (x, place) => [x, trace.y[place]]);"""
    )
    assert len(drawn) == len(front)
    for (x, y), (cost, mean) in zip(drawn, sorted(front), strict=True):
        assert x == cost
        assert math.isclose(y, mean, rel_tol=1e-6)


def test_what_is_chosen_is_in_the_address_and_the_address_shows_it_again(study: Browser) -> None:
    choose(study, "x", "params")
    study.until(lambda: study.drawn(FIGURE)["x"]["title"] == "trainable parameters", "the axis does not change")
    study.click("button[data-control=xs][data-value=log]")
    study.click("button[data-control=ci][data-value='0']")
    choose(study, "by", "reduction")
    study.until(lambda: study.drawn(FIGURE)["x"]["type"] == "log", "the scale does not change")
    study.until(lambda: query(study) == {"v": "1", "x": "params", "xs": "log", "by": "reduction", "ci": "0"}, "address")
    before = figure_json(study)
    study.open(study.driver.current_url)
    study.drawn(FIGURE)
    study.until(lambda: figure_json(study) == before, "the same address shows another figure")
    assert study.complaints() == []


def test_back_undoes_what_was_chosen_last(study: Browser) -> None:
    choose(study, "x", "params")
    study.until(lambda: study.drawn(FIGURE)["x"]["title"] == "trainable parameters", "the axis does not change")
    choose(study, "y", "loss")
    study.until(lambda: "loss" in study.drawn(FIGURE)["y"]["title"], "the axis does not change")
    study.driver.back()
    study.until(lambda: "accuracy" in study.drawn(FIGURE)["y"]["title"], "Back does not undo")
    assert query(study) == {"v": "1", "x": "params"}
    assert study.script("return document.querySelector('select[data-control=y]').value") == "accuracy"
    study.driver.forward()
    study.until(lambda: "loss" in study.drawn(FIGURE)["y"]["title"], "Forward does not redo")


def test_an_address_that_means_nothing_is_told_and_the_rest_of_it_holds(browser: Browser, server: str) -> None:
    browser.open(f"{server}/study/full?v=1&x=params&colour=red&y=beauty")
    assert browser.drawn(FIGURE)["x"]["title"] == "trainable parameters"
    assert "colour=red" in browser.text(".notice")
    assert "y=beauty" in browser.text(".notice")
    browser.until(lambda: query(browser) == {"v": "1", "x": "params"}, "the address keeps what means nothing")


@pytest.mark.parametrize(
    ("said", "sql"),
    [
        ("accuracy > 0.82", "accuracy > 0.82"),
        ("seed in (0, 2) and not accuracy > 0.82", "seed IN (0, 2) AND NOT accuracy > 0.82"),
        ("params >= 1200", "params >= 1200"),
        ("seed = 7", "seed = 7"),
    ],
)
def test_a_filter_counts_what_sql_counts(browser: Browser, server: str, database: Path, said: str, sql: str) -> None:
    counted = (
        "SELECT count(*) FROM se_bench_trials JOIN se_bench_study_trials USING (trial_id) "
        f"JOIN se_bench_architectures USING (architecture_id) WHERE study = 'full' AND {sql}"
    )
    with closing(sqlite3.connect(database)) as connection:
        ((expected,),) = connection.execute(counted)
    browser.open(f"{server}/study/full?seeds=each&f={quote(said)}")
    browser.until(lambda: browser.text("#grid-count").startswith(f"{expected} of 9 trials"), f"not {expected} rows")


def test_a_filter_that_cannot_be_read_says_where_and_keeps_the_figure(study: Browser) -> None:
    before = study.drawn(FIGURE)
    field = study.one('[id*=\'"control":"f"\']')
    field.send_keys("acuracy > 0.8")
    study.until(lambda: "acuracy" in study.text("#filter-problem"), "the problem is not told")
    assert "accuracy" in study.text("#filter-problem")
    assert study.drawn(FIGURE) == before
    assert study.script("return document.getElementById('banner').hidden")


def test_a_click_leads_to_the_trial(study: Browser) -> None:
    click_on(study, "reduction=2")
    link = study.one("#chosen a")
    wanted = trial_id("full", "reduction=2", 0)
    assert link.get_attribute("href").endswith("/trial/" + quote(wanted, safe=""))
    study.until(lambda: query(study).get("sel") == wanted, "the chosen trial is not in the address")
    study.click("#chosen a")
    study.until(lambda: study.text("h1") == "reduction=2, seed 0", "the page of the trial does not come")
    study.drawn("accuracy")
    assert "0.8500" in study.text("#trial-body")
    assert study.driver.title.startswith("reduction=2 seed 0")


def test_a_second_click_lets_it_go_again(study: Browser) -> None:
    click_on(study, "reduction=16")
    study.one("#chosen a")
    click_on(study, "reduction=16")
    study.until(lambda: not study.all("#chosen a"), "the trial stays chosen")
    assert query(study) == {}


def test_a_click_on_a_figure_that_has_aged_chooses_nothing(reader: Reader) -> None:
    from se_bench.dashboard.pages.front import answer, trial_at

    drawn, *_ = answer(reader, "full", "")
    curve = next(place for place, trace in enumerate(drawn["data"]) if trace.get("name") == "reduction=2")
    point = {"question": "", "mark": drawn["meta"]["mark"], "window": None, "curve": curve, "point": 0}
    assert trial_at(reader, "full", point) == trial_id("full", "reduction=2", 0)
    assert trial_at(reader, "full", {**point, "mark": "an older state"}) is None
    assert trial_at(reader, "full", {**point, "curve": 99}) is None
    assert trial_at(reader, "full", {**point, "point": 99}) is None


def test_the_table_sorts_on_the_server_and_keeps_it_in_the_address(study: Browser) -> None:
    study.click(".ag-header-cell[col-id=accuracy] .ag-header-cell-label")
    study.until(lambda: query(study).get("sort") == "accuracy", "the order is not in the address")
    accuracies = sorted(float(value) for seeds in FULL.values() for value in seeds.values())
    cells = ".ag-center-cols-container [role=row] [col-id=accuracy]"

    def shown() -> list[str]:
        return list(
            study.script(
                """const row = (cell) => Number(cell.closest("[row-index]").getAttribute("row-index"));
                return [...document.querySelectorAll(arguments[0])].sort((a, b) => row(a) - row(b))
                    .map((each) => each.textContent);""",
                cells,
            )
        )

    study.until(lambda: shown() == [f"{value:.4f}" for value in accuracies], "the rows are in another order")
    study.open(study.driver.current_url)
    study.until(lambda: shown() == [f"{value:.4f}" for value in accuracies], "the address forgets the order")


def test_a_box_narrows_the_table_and_can_become_the_filter(study: Browser) -> None:
    study.script(
        """const graph = document.querySelector(`[id*='"by":"front"'] .js-plotly-plot`);
        graph.emit("plotly_selected", { points: [], range: { x: [9990, 10060], y: [0.84, 0.9] } });"""
    )
    study.until(lambda: study.text("#grid-count") == "3 of 9 trials", "the box does not narrow the table")
    assert query(study)["box"] == "macs:9990:10060,accuracy:0.84:0.9"
    study.click("#box-filter")
    study.until(lambda: "box" not in query(study) and "f" in query(study), "the box does not become the filter")
    assert query(study)["f"] == "macs >= 9990 and macs <= 10060 and accuracy >= 0.84 and accuracy <= 0.9"
    study.until(lambda: study.text("#grid-count") == "3 of 9 trials", "the filter means something else")


def test_no_request_is_large(study: Browser) -> None:
    choose(study, "by", "reduction")
    study.until(lambda: query(study).get("by") == "reduction", "address")
    assert max(len(each["body"]) for each in study.requests()) <= 10_000


def test_what_the_browser_can_do_alone_asks_nobody(study: Browser) -> None:
    study.requests()
    study.click("button[data-control=xs][data-value=log]")
    study.until(lambda: study.drawn(FIGURE)["x"]["type"] == "log", "the scale does not change")
    ink = study.drawn(FIGURE)["ink"]
    study.click("#theme")
    study.until(lambda: study.drawn(FIGURE)["ink"] != ink, "the theme does not change")
    study.one("#budget").send_keys(Keys.HOME)
    study.until(lambda: "any cost" not in study.text("#budget-answer"), "the budget does not change")
    asked = [each["body"] for each in study.requests() if each["method"] == "POST"]
    assert [body for body in asked if "ask.data" not in body] == []


def test_another_axis_draws_no_panel_anew(study: Browser) -> None:
    study.requests()
    choose(study, "x", "params")
    study.until(lambda: "parameters" in figure_json(study), "the axis does not change")
    asked = [each["body"] for each in study.requests() if each["method"] == "POST"]
    assert any('"part":"drawn"' in body.replace("\\", "") and "front" in body for body in asked)
    assert [body for body in asked if '"by":"panel"' in body.replace("\\", "")] == []


def test_zoom_survives_a_refresh(study: Browser) -> None:
    whole = study.drawn(FIGURE)["x"]["range"]
    study.click("button.view[data-view=in]")
    study.until(lambda: study.drawn(FIGURE)["x"]["range"] != whole, "no zoom")
    zoomed = study.drawn(FIGURE)["x"]["range"]
    choose(study, "by", "reduction")  # the whole figure comes anew, as it does when a trial has come
    study.until(lambda: any(name == "reduction=16" for name, _ in study.drawn(FIGURE)["traces"]), "no families")
    assert study.drawn(FIGURE)["x"]["range"] == zoomed
    study.click("button.view[data-view=reset]")
    study.until(lambda: study.drawn(FIGURE)["x"]["range"] == whole, "no way back")


def test_all_of_it_can_be_reached_by_keyboard(study: Browser) -> None:
    """Skip link, controls, the table's rows and their trial, without a mouse."""
    body = study.one("body")
    body.send_keys(Keys.TAB)
    assert study.script("return document.activeElement.textContent") == "Skip to content"
    study.driver.switch_to.active_element.send_keys(Keys.ENTER)
    reached: list[str] = []
    for _ in range(60):
        ActionChains(study.driver).send_keys(Keys.TAB).perform()
        name = study.script(
            "const e = document.activeElement; return e.dataset.control || e.dataset.view || e.id || e.className"
        )
        reached.append(str(name))
        if "ag-header-cell" in reached[-1]:
            break
    assert {"y", "x", "by", "seeds", "xs", "ci", "front", "in", "out", "reset", "budget", "within"} <= set(reached)
    assert "ag-header-cell" in reached[-1]
    for _ in range(4):  # the baseline's three seeds come first
        ActionChains(study.driver).send_keys(Keys.ARROW_DOWN).perform()
    highlighted = """const graph = document.querySelector(`[id*='"by":"front"'] .js-plotly-plot`);
        return Array.from(graph.data[graph.data.length - 1].x)"""
    study.until(lambda: study.script(highlighted) == [10_050], "the row is not shown in the figure")
    ActionChains(study.driver).send_keys(Keys.ENTER).perform()
    study.until(lambda: study.text("h1") == "reduction=2, seed 0", "Enter does not open the trial")


def test_quick_changes_end_with_the_last_one(study: Browser) -> None:
    for value in ("params", "elementwise", "activations", "params", "macs", "elementwise"):
        choose(study, "x", value)
    study.until(lambda: query(study).get("x") == "elementwise", "the address is another")
    title = "elementwise operations of one image"
    study.until(lambda: study.drawn(FIGURE)["x"]["title"] == title, "an answer of before came last")
    study.until(lambda: not study.script("return document.querySelectorAll('[data-dash-is-loading]').length"), "busy")
    assert study.drawn(FIGURE)["x"]["title"] == title
    assert study.complaints() == []


def test_a_hostile_name_is_shown_as_text_and_its_links_lead_to_it(browser: Browser, server: str) -> None:
    browser.open(server)
    browser.click("#studies tbody a", HOSTILE)
    browser.until(lambda: browser.text("h1") == HOSTILE, "the link leads elsewhere")
    browser.drawn(FIGURE)
    assert HOSTILE in browser.text(".question")
    browser.click(".ag-center-cols-container a", HOSTILE)
    browser.until(lambda: browser.text("h1") == f"{HOSTILE}, seed 0", "the trial does not come")
    assert browser.all("#page img") == []
    assert browser.driver.title != "hacked"
    assert browser.complaints() == []
