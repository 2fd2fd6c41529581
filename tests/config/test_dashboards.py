"""A dashboard says which figures with which options; a wrong one is refused with line, key and what is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from se_bench.config.dashboard import OPTIONS, Panel
from se_bench.config.load import load_dashboard
from se_bench.config.locate import available
from se_bench.errors import ConfigError

SHIPPED = ("ablation", "claims", "overview", "pareto", "search")


def refused(folder: Path, panel: str) -> ConfigError:
    file = folder / "d.yaml"
    file.write_text(f"name: d\npanels:\n  - figure: curves\n  - {panel}\n")
    with pytest.raises(ConfigError) as caught:
        load_dashboard(str(file))
    return caught.value


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_shipped_is_right_and_called_like_its_file(name: str) -> None:
    found = load_dashboard(name)
    assert found.name == name
    assert found.about.endswith(".")
    assert all(panel.title for panel in found.panels)


def test_these_are_shipped() -> None:
    assert set(SHIPPED) <= set(available("dashboards"))


def test_a_figure_takes_its_options(tmp_path: Path) -> None:
    file = tmp_path / "d.yaml"
    file.write_text(
        "name: d\npanels:\n"
        "  - {figure: pareto, x: [macs, params], y: loss, by: gate, where: {gate: [sigmoid, tanh], stages: all}}\n"
        "  - {figure: front_at_costs, costs: [1e6, 3e6]}\n"
        "  - {figure: importance, axes: [gate, squeeze], method: ped_anova}\n"
    )
    pareto, table, importance = load_dashboard(str(file)).panels
    assert (pareto.x, pareto.y, pareto.by) == (("macs", "params"), "loss", "gate")
    assert pareto.where == {"gate": ("sigmoid", "tanh"), "stages": "all"}
    assert table.costs == (1e6, 3e6)
    assert (importance.axes, importance.method) == (("gate", "squeeze"), "ped_anova")


@pytest.mark.parametrize(
    ("panel", "key", "says", "nearest"),
    [
        ("figure: parteo", "figure", "no figure 'parteo'", "pareto"),
        ("{figure: curves, x: [macs]}", "x", "`figure: curves` takes no `x`", None),
        ("{figure: pareto, costs: [3]}", "costs", "`figure: pareto` takes no `costs`", None),
        ("{figure: pareto, xx: [macs]}", "xx", "unknown key", "x"),
        ("{figure: pareto, x: [mac]}", "x.0", "'mac' is not one of them", "macs"),
        ("{figure: pareto, y: acuracy}", "y", "'acuracy' is not one of them", "accuracy"),
        ("{figure: pareto, by: gat}", "by", "no axis 'gat'", "gate"),
        ("{figure: pareto, where: {redction: 4}}", "where.redction", "no axis 'redction'", "reduction"),
        ("{figure: importance, axes: [squeezee]}", "axes.0", "no axis 'squeezee'", "squeeze"),
        ("{figure: importance, method: anova}", "method", "'anova' is not one of them", "fanova"),
        ("{figure: front_at_costs, costs: [-1.0]}", "costs.0", "greater than 0", None),
        ("{text: words, by: gate}", "", "has a `title` and a `text`, and no options", None),
        ("title: alone", "", "a panel needs a `figure` or a `text`", None),
    ],
)
def test_a_wrong_panel_is_refused_at_its_line(
    tmp_path: Path, panel: str, key: str, says: str, nearest: str | None
) -> None:
    problem = refused(tmp_path, panel)
    assert problem.line == 4
    assert problem.key == f"panels.1.{key}".rstrip(".")
    assert says in problem.message
    if nearest:
        assert problem.nearest == nearest


def test_what_a_figure_takes_is_said_where_it_is_refused(tmp_path: Path) -> None:
    problem = refused(tmp_path, "{figure: fidelity, by: gate}")
    assert set(problem.allowed) == {"figure", "title", "text", "where"}
    assert set(OPTIONS["pareto"]) < set(refused(tmp_path, "{figure: pareto, costs: [1.0]}").allowed)


def test_a_panel_may_be_words_alone() -> None:
    assert Panel.read({"title": "On method", "text": "Paired by seed."}).figure is None
