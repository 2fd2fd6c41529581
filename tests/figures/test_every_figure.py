"""What holds of every registered figure, whatever the study."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from se_bench import registry
from se_bench.analysis import importance
from se_bench.config.dashboard import EVERY, OPTIONS, Panel
from se_bench.dashboard.panel import shown
from se_bench.figures import parts, style
from tests.figures.odd_studies import HOSTILE, STUDIES, drawn, study, value_of

FIGURES = registry.names("figure")
every_figure = pytest.mark.parametrize("name", FIGURES)
every_study = pytest.mark.parametrize("odd", STUDIES)


@pytest.fixture(autouse=True, scope="module")
def _few_resamples() -> Any:
    """Forests take long, and how often they are grown is nothing that a figure shows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(importance.RESAMPLES, "fanova", 4)
        yield


def texts(found: Any) -> list[str]:
    """Every string of a figure."""
    if isinstance(found, dict):
        return [text for value in found.values() for text in texts(value)]
    if isinstance(found, list | tuple | np.ndarray):
        return [text for value in found for text in texts(value)]
    return [found] if isinstance(found, str) else []


@every_figure
@every_study
def test_it_draws_a_valid_figure_or_says_what_it_needs(name: str, odd: str) -> None:
    figure = drawn(name, odd)
    found = shown(study(odd), Panel.read({"figure": name}))
    assert (found.figure is None) == (figure is None)
    if figure is None:
        assert found.caption == f"Nothing to show yet: this needs {registry.load('figure', name).needs}."
        assert found.table is None
        return
    assert len(figure.data) > 0
    plain = json.loads(figure.to_json())
    assert json.loads(go.Figure(plain).to_json()) == plain
    assert found.caption.endswith(".")
    if found.table is not None:
        assert {len(row) for row in found.table.rows} == {len(found.table.columns)}


@every_figure
@every_study
def test_every_axis_says_what_it_measures(name: str, odd: str) -> None:
    figure = drawn(name, odd)
    if figure is None:
        return
    said = [annotation.text for annotation in figure.layout.annotations]
    for trace in figure.data:
        if trace.type == "parcoords":
            assert all(dimension.label for dimension in trace.dimensions)
            continue
        for kind in ("x", "y"):
            axis = figure.layout[parts.axis(f"{kind}axis", int((getattr(trace, f"{kind}axis") or kind)[1:] or 1) - 1)]
            assert axis.title.text or axis.type == "category" or axis.matches or said


@pytest.mark.parametrize("odd", ["no trial", "nothing trained"])
@every_figure
def test_it_has_no_value_where_there_is_nothing_to_show(name: str, odd: str) -> None:
    assert drawn(name, odd) is None


@pytest.mark.parametrize("name", FIGURES)
def test_it_has_a_value_of_an_ordinary_study(name: str) -> None:
    assert drawn(name, "factorial") is not None


@pytest.mark.parametrize("odd", ["full", "factorial"])
@every_figure
def test_the_same_study_gives_the_same_bytes(name: str, odd: str) -> None:
    once = drawn(name, odd)
    if once is None:
        return
    again = registry.load("figure", name).draw(value_of(name, STUDIES[odd]()))
    assert style.as_html(once, "figure-0") == style.as_html(again, "figure-0")


@every_figure
@every_study
def test_the_html_offers_no_upload_and_carries_no_script_from_elsewhere(name: str, odd: str) -> None:
    figure = drawn(name, odd)
    if figure is None:
        return
    html = style.as_html(figure, "figure-0")
    assert '"showSendToCloud": false' in html
    assert '"showSendToCloud": true' not in html
    assert 'id="figure-0"' in html
    assert "src=" not in html or odd == "hostile names"


def test_the_configuration_forbids_uploads() -> None:
    assert style.CONFIG["showSendToCloud"] is False


@every_figure
def test_html_in_a_name_is_shown_as_text(name: str) -> None:
    figure = drawn(name, "hostile names")
    if figure is None:
        assert name in ("interactions", "importance", "ablation"), "no two axes; axes that this version does not know"
        return
    said = texts(figure.to_plotly_json())
    assert not any("<img" in text or "</script" in text for text in said)
    html = style.as_html(figure, "figure-0")
    assert "<img" not in html
    assert html.count("</script>") == html.count("<script")
    named = shown(study("hostile names"), Panel.read({"figure": name}))
    assert any("&lt;img" in text for text in said) or name in ("edf", "fidelity")
    assert HOSTILE not in json.dumps(figure.to_plotly_json(), default=str)
    assert named.caption


@every_figure
def test_thousands_of_families_stay_within_what_a_browser_takes(name: str) -> None:
    figure = drawn(name, "thousands of families")
    if figure is None:
        return
    assert len(figure.data) < 250
    assert len(figure.to_json()) < 3_000_000
    points = sum(len(trace.x) for trace in figure.data if trace.type == "scatter" and trace.x is not None)
    assert points < 5_000, "more belong into scattergl"


@every_figure
@pytest.mark.parametrize("theme", style.THEMES)
def test_a_theme_can_be_applied_to_it(name: str, theme: str) -> None:
    figure = go.Figure(drawn(name, "factorial"))
    figure.update_layout(json.loads(style.theme_changes())[theme])
    colours = style.THEMES[theme]
    assert figure.layout.template.layout.font.color == colours["ink"]
    assert figure.layout.template.layout.xaxis.gridcolor == colours["grid"]
    assert figure.layout.font.color is None, "a colour of its own would stay in the other theme"
    for entry in figure.layout:
        if entry.startswith(("xaxis", "yaxis")):
            assert figure.layout[entry].gridcolor is None
            assert figure.layout[entry].color is None


@every_figure
def test_its_options_are_those_that_it_declares(name: str) -> None:
    assert set(OPTIONS[name]) <= set(Panel.model_fields) - set(EVERY)


def test_options_are_declared_for_our_figures_only() -> None:
    assert set(OPTIONS) == set(registry.BUILT_IN["figure"])
