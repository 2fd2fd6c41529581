"""What the page of exports offers is what the page of the study shows."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

import pandas as pd
import pytest

from se_bench.config.filter_text import parse
from se_bench.config.load import load_dashboard
from se_bench.dashboard.pages.export import KEYS, selected
from se_bench.dashboard.reader import Reader
from se_bench.dashboard.report import render
from tests.analysis.small_studies import FULL
from tests.dashboard.live.browsing import Browser
from tests.dashboard.live.databases import trial_id


def fetched(server: str, name: str, **asked: str) -> tuple[Any, bytes]:
    with urlopen(f"{server}/download/{name}?{urlencode(asked)}", timeout=30) as answer:
        return answer.headers, answer.read()


def rows(data: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(data), comment="#")


def test_a_download_equals_the_selection_of_the_page(browser: Browser, server: str) -> None:
    """The mean of reduction=2 is above 0.84, so all its seeds are chosen, and none of another's."""
    browser.open(f"{server}/study/full?f=accuracy+%3E+0.84&sort=-accuracy")
    browser.until(lambda: browser.text("#grid-count") == "3 of 9 trials", "the filter does not hold")
    links = "return [...document.querySelectorAll('.ag-cell a')].map((each) => decodeURIComponent(each.pathname))"
    shown = browser.until(lambda: len(browser.script(links)) == 3 and browser.script(links), "no rows")
    browser.click("#download")
    browser.until(lambda: "3 of 9 trials" in browser.text("#exports"), "another selection is offered")
    address = browser.one("#exports a[href*='trials.csv']").get_attribute("href")
    assert urlsplit(address).netloc == urlsplit(server).netloc
    with urlopen(address, timeout=30) as answer:
        found = rows(answer.read())
    assert sorted(found["trial_id"]) == sorted(path.removeprefix("/trial/") for path in shown)
    assert sorted(found["trial_id"]) == [trial_id("full", "reduction=2", seed) for seed in (0, 1, 2)]
    assert browser.complaints() == []


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_every_form_has_all_rows_at_full_precision(server: str, form: str) -> None:
    headers, data = fetched(server, f"trials.{form}", study="full")
    if form == "csv":
        found = rows(data)
    elif form == "json":
        found = pd.DataFrame(json.loads(data)["rows"])
    else:
        found = pd.read_parquet(io.BytesIO(data))
    assert sorted(found["accuracy"]) == sorted(value for seeds in FULL.values() for value in seeds.values())
    assert headers["Content-Disposition"] == f'attachment; filename="full.{form}"'
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_each_trial_can_be_asked_by_itself(server: str) -> None:
    _, data = fetched(server, "trials.csv", study="full", f="accuracy > 0.82", seeds="each", box="macs:0:10050")
    assert sorted(rows(data)["accuracy"]) == [0.84, 0.85, 0.86]


def test_a_report_is_that_of_the_program(server: str, reader: Reader) -> None:
    headers, data = fetched(server, "report.html", study="full", dashboard="overview", f="seed < 2")
    assert data.decode() == render(reader.answer("full", parse("seed < 2")), load_dashboard("overview"))
    assert headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"study": "ful"}, "full"),
        ({"study": "full", "f": "acuracy > 1"}, "accuracy"),
        ({"study": ""}, "no study"),
    ],
)
def test_what_cannot_be_had_says_why(server: str, asked: dict[str, str], said: str) -> None:
    from urllib.error import HTTPError

    with pytest.raises(HTTPError) as refused:
        fetched(server, "trials.csv", **asked)
    assert refused.value.code == 400
    assert said in refused.value.read().decode()


def test_an_address_that_says_nothing_chooses_everything(reader: Reader) -> None:
    values = {key.name: key.default for key in KEYS} | {"study": "full"}
    frame, found = selected(reader, values)
    assert found.places.tolist() == list(range(len(frame)))
