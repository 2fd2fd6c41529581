"""What holds of every registered figure."""

from __future__ import annotations

import json
from typing import Any

import plotly.graph_objects as go
import pytest

from se_bench import registry
from se_bench.analysis.answer import Answer
from se_bench.config.dashboard import Panel
from se_bench.figures import style
from se_bench.records import Status
from tests.analysis.small_studies import FULL, ODD, Measured, answered

MANY: Measured = {
    "baseline": {0: 0.8, 1: 0.81},
    **{f"reduction={2**power}": {0: 0.8 + power / 100, 1: 0.82} for power in range(14)},
}
PARTIAL: Measured = {
    "baseline": {0: 0.80, 1: 0.82, 2: Status.RUNNING},
    "reduction=2": {0: 0.85, 1: Status.DIVERGED, 2: Status.PLANNED},
    "reduction=16": {0: Status.FAILED, 1: Status.PLANNED, 2: Status.PLANNED},
}
STUDIES = {"full": FULL, "one seed": ODD["one seed"], "partial": PARTIAL, "many": MANY, "equal": ODD["equal values"]}
HOSTILE = '<img src=x onerror="alert(1)">&</script>'

every_figure = pytest.mark.parametrize("name", registry.names("figure"))
every_study = pytest.mark.parametrize("measured", STUDIES.values(), ids=list(STUDIES))


def drawn(name: str, answer: Answer) -> go.Figure:
    figure = registry.load("figure", name)
    return figure.draw(figure.compute(answer, Panel.read({"figure": name})))


def texts(found: Any) -> list[str]:
    """Every string of a figure."""
    if isinstance(found, dict):
        return [text for value in found.values() for text in texts(value)]
    if isinstance(found, list | tuple):
        return [text for value in found for text in texts(value)]
    return [found] if isinstance(found, str) else []


@every_figure
@every_study
def test_it_draws_a_valid_figure_with_titled_axes(name: str, measured: Measured) -> None:
    figure = drawn(name, answered(measured))
    assert len(figure.data) > 0
    assert go.Figure(json.loads(figure.to_json())) == figure
    titles = [figure.layout.xaxis.title.text, figure.layout.yaxis.title.text]
    assert titles[0]
    assert titles[1] or figure.layout.yaxis.type == "category"


@every_figure
@pytest.mark.parametrize("measured", [ODD["no trial"], ODD["nothing trained"]], ids=["no trial", "nothing trained"])
def test_it_has_no_value_where_there_is_nothing_to_show(name: str, measured: Measured) -> None:
    assert registry.load("figure", name).compute(answered(measured), Panel.read({"figure": name})) is None


@every_figure
def test_it_shows_every_candidate_of_a_full_study(name: str) -> None:
    shown = " ".join(texts(drawn(name, answered(FULL)).to_plotly_json()["data"]))
    assert all(label in shown for label in list(FULL)[1:])


@every_figure
@every_study
def test_the_same_study_gives_the_same_bytes(name: str, measured: Measured) -> None:
    one, two = (style.as_html(drawn(name, answered(measured)), "figure-0") for _ in range(2))
    assert one == two


@every_figure
@every_study
def test_the_html_offers_no_upload_and_carries_no_script_from_elsewhere(name: str, measured: Measured) -> None:
    html = style.as_html(drawn(name, answered(measured)), "figure-0")
    assert '"showSendToCloud": false' in html
    assert '"showSendToCloud": true' not in html
    assert 'id="figure-0"' in html
    assert "src=" not in html


def test_the_configuration_forbids_uploads() -> None:
    assert style.CONFIG["showSendToCloud"] is False


@every_figure
def test_html_in_a_label_is_shown_as_text(name: str) -> None:
    figure = drawn(name, answered({"baseline": {0: 0.8, 1: 0.9}, HOSTILE: {0: 0.85, 1: 0.86}}))
    shown = texts(figure.to_plotly_json()["data"])
    assert any("&lt;img" in text for text in shown)
    assert not any("<img" in text or "</script" in text for text in shown)
    html = style.as_html(figure, "figure-0")
    assert "<img" not in html
    assert html.count("</script>") == html.count("<script")


@every_figure
@pytest.mark.parametrize("theme", style.THEMES)
def test_a_theme_can_be_applied_to_it(name: str, theme: str) -> None:
    figure = drawn(name, answered(FULL))
    figure.update_layout(json.loads(style.theme_changes())[theme])
    assert figure.layout.font.color == style.THEMES[theme]["ink"]
    assert figure.layout.xaxis.gridcolor == style.THEMES[theme]["grid"]
