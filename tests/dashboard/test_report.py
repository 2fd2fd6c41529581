"""The report is one file that asks nothing of the network and says everything that the terminal says."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from functools import cache

import pytest

from se_bench.analysis.answer import Answer
from se_bench.config.dashboard import Dashboard
from se_bench.config.load import load_dashboard
from se_bench.dashboard import words
from se_bench.dashboard.report import render
from tests.analysis.small_studies import FULL, ODD, Measured, answered, claim, with_claim
from tests.dashboard.pages import Page
from tests.figures.colours import contrast

HOSTILE = "<script>alert('name')</script>"
ADDRESS = ("src", "href", "srcset", "data", "action", "poster")


@cache
def overview() -> Dashboard:
    return load_dashboard("overview")


def page_of(answer: Answer) -> Page:
    return Page(render(answer, overview()))


@pytest.fixture(scope="module")
def full() -> tuple[Answer, Page]:
    answer = with_claim(FULL)
    return answer, page_of(answer)


def test_nothing_is_loaded_from_anywhere(full: tuple[Answer, Page]) -> None:
    _, page = full
    addresses = [(tag, value) for tag, found in page.tags for name, value in found.items() if name in ADDRESS]
    assert [value for _, value in addresses if value and not value.startswith("data:")] == []
    assert not any("@import" in style or "url(" in style for style in page.styles)
    assert [found for tag, found in page.tags if tag in ("iframe", "object", "embed", "base")] == []


def test_every_tag_is_closed(full: tuple[Answer, Page]) -> None:
    assert full[1].unclosed == []


def test_the_tables_are_those_of_the_terminal(full: tuple[Answer, Page]) -> None:
    answer, page = full
    claims, candidates, _, evidence = page.tables
    assert claims == [list(words.CLAIM_COLUMNS), *(list(words.claim_cells(each)) for each in answer.claims)]
    assert candidates == [
        list(words.CANDIDATE_COLUMNS),
        *(list(words.candidate_cells(each)) for each in answer.candidates),
    ]
    assert evidence == [
        list(words.EVIDENCE_COLUMNS),
        *(list(words.evidence_cells(each)) for each in answer.candidates if each.difference),
    ]
    assert words.pairing(answer) in page.text


def test_the_question_the_verdicts_and_the_circumstances_are_on_the_page(full: tuple[Answer, Page]) -> None:
    answer, page = full
    assert answer.study.question in page.text
    assert "supported" in page.text
    assert words.circumstances(answer) in page.text
    assert "9 of 9 trials completed." in page.text
    assert "a <fast> one, 2 trials at once on 2 cores" in page.text


def test_there_is_a_figure_for_each_panel_under_its_title(full: tuple[Answer, Page]) -> None:
    _, page = full
    assert len(page.with_class("plotly-graph-div")) == len(overview().panels)
    for panel in overview().panels:
        assert panel.title in page.text


def test_every_figure_is_kept_from_uploading(full: tuple[Answer, Page]) -> None:
    drawings = [script for script in full[1].scripts if "Plotly.newPlot(" in script and len(script) < 100_000]
    assert len(drawings) == len(overview().panels)
    assert all('"showSendToCloud": false' in script for script in drawings)


@pytest.mark.parametrize("name", ODD)
def test_an_odd_study_has_a_page_too(name: str) -> None:
    answer = with_claim(ODD[name])
    page = page_of(answer)
    assert page.unclosed == []
    assert [row[0] for row in page.tables[1][1:]] == list(ODD[name])
    assert page.tables[0][1][1] == "undecided"
    assert ("Nothing to show yet" in page.text) == (len(page.with_class("plotly-graph-div")) < 3)
    assert ("Nothing has been trained yet" in page.text) == (not answer.records.runs)


def test_trials_without_a_result_are_listed_with_their_cause() -> None:
    page = page_of(with_claim(ODD["failed only"]))
    rows = page.tables[-1]
    assert all(line in page.text for line in words.unranked(with_claim(ODD["failed only"])))
    assert [row[:3] for row in rows[1:]] == [
        ["baseline", "0", "failed"],
        ["baseline", "1", "diverged"],
        ["reduction=2", "0", "failed"],
    ]
    assert rows[1][3] == "failed on purpose\nraised by hand"
    assert "0 of 3 trials completed, 1 diverged, 2 failed." in page.text


def test_a_study_without_claims_has_no_table_of_them() -> None:
    page = page_of(answered(FULL))
    assert [table[0][0] for table in page.tables] == ["candidate", "reduction", "candidate"]
    assert "Claims" not in page.text


def test_html_in_names_and_words_is_shown_as_text() -> None:
    measured: Measured = {"baseline": {0: 0.8, 1: 0.9}, HOSTILE: {0: 0.85, 1: 0.86}}
    asked = claim("better").model_copy(update={"says": HOSTILE, "id": HOSTILE})
    ours, hostile = with_claim(FULL), answered(measured, [(asked, HOSTILE, "baseline")])
    page = page_of(hostile)
    assert len(page.scripts) == len(page_of(ours).scripts)
    assert [row[0] for row in page.tables[1][1:]] == ["baseline", HOSTILE]
    assert page.tables[0][1][0] == HOSTILE
    assert page.tables[0][1][-1].startswith(HOSTILE)


def test_the_same_answer_gives_the_same_bytes_in_another_process() -> None:
    program = (
        "import hashlib; from tests.dashboard.test_report import *;"
        "print(hashlib.sha256(render(with_claim(FULL), overview()).encode()).hexdigest())"
    )
    other = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=True,
    )
    here = hashlib.sha256(render(with_claim(FULL), overview()).encode()).hexdigest()
    assert other.stdout.strip() == here


def test_every_colour_of_words_can_be_read_on_both_papers(full: tuple[Answer, Page]) -> None:
    (style,) = full[1].styles
    light, dark = (dict(re.findall(r"--(\w+): (#\w{6})", rule)) for rule in re.findall(r":root.*?\}", style, re.S))
    dark = light | dark
    for colours in (light, dark):
        for name in ("ink", "soft", "good", "bad"):
            assert contrast(colours[name], colours["paper"]) >= 4.5, name
        assert contrast(colours["ink"], colours["head"]) >= 4.5
    assert light["paper"] != dark["paper"]
