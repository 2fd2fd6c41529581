"""``/compare?ids=A,B``: the fronts of several studies with one reference point, their errors, their definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dash import Input, Output, State, html

from se_bench.analysis import edf
from se_bench.analysis.answer import Answer
from se_bench.analysis.comparison import compare
from se_bench.analysis.edf import Distributions
from se_bench.config.dashboard import Panel
from se_bench.dashboard import panel
from se_bench.dashboard.page import parts
from se_bench.dashboard.page.parts import part
from se_bench.dashboard.page.site import Shown, Site
from se_bench.dashboard.pages.panels import filled
from se_bench.dashboard.reader import Reader
from se_bench.dashboard.state import Key, read
from se_bench.errors import UserError
from se_bench.figures import comparison
from se_bench.figures import edf as edf_figure

FILLER = "compare"
KEYS = (Key(name="ids"),)
PANEL = Panel(figure="comparison")
MOST = 8
"""Studies that are compared at once."""


def build(site: Site, search: str) -> Shown:
    """The studies of the address, and what there is to compare."""
    values, notices = read(search, KEYS)
    known = {each.name for each in site.reader.studies()}
    wanted = list(dict.fromkeys(name for name in values["ids"].split(",") if name))
    notices += [f"There is no study {name!r} in this database." for name in wanted if name not in known]
    names = [name for name in wanted if name in known]
    if len(names) > MOST:
        notices.append(f"{MOST} studies are compared at once; {', '.join(names[MOST:])} are left out.")
    names = names[:MOST]
    return Shown(
        title="Compare studies",
        trail=(("compare", site.href("compare")),),
        content=[
            *parts.stores(subject={"studies": names}, mark="", keys=KEYS, values={"ids": ",".join(names)}),
            html.H1("Compare studies"),
            *parts.notices(notices),
            html.Div(
                parts.choices("ids", "Studies", {name: name for name in sorted(known)}, names, many=True),
                className="controls",
            ),
            html.Section(
                [html.H2("Fronts"), parts.figure_frame(FILLER, "fronts", "Fronts of several studies", height=500)],
                className="panel",
            ),
            html.Section(
                [html.H2("Distributions of error"), parts.figure_frame(FILLER, "errors", "Errors of several studies")],
                className="panel",
            ),
            html.Section([html.H2("What differs in their definitions"), html.Div(id="definitions")], className="panel"),
        ],
    )


def answers_of(reader: Reader, names: Sequence[str]) -> tuple[dict[str, Answer], list[str]]:
    """The answers of studies by name, and a sentence for each that has none."""
    answers: dict[str, Answer] = {}
    problems: list[str] = []
    for name in names:
        try:
            answers[name] = reader.answer(name)
        except UserError as problem:
            problems.append(f"{name}: {problem.message}.")
    return answers, problems


def fronts(reader: Reader, names: Sequence[str]) -> panel.Shown:
    """The fronts of some studies, and the table of their hypervolumes and bests."""
    answers, problems = answers_of(reader, names)
    value = compare(list(answers.values()), PANEL) if answers else None
    if value is None:
        nothing = "Nothing to show yet: no trial is completed." if names else "Choose studies above."
        return panel.Shown(figure=None, caption=" ".join(problems) or nothing, table=None)
    return panel.Shown(
        figure=comparison.draw(value),
        caption=" ".join([value.caption, *problems]),
        table=comparison.tabulate(value),
    )


def errors(reader: Reader, names: Sequence[str]) -> panel.Shown:
    """How the errors of each study's candidates are distributed; of studies that measure the same."""
    answers, _ = answers_of(reader, names)
    found = {name: edf.compute(answer, Panel(figure="edf")) for name, answer in answers.items()}
    known = {name: value for name, value in found.items() if value is not None}
    if not known:
        return panel.Shown(figure=None, caption="Nothing to show yet: no trial is completed.", table=None)
    y = next(iter(known.values())).y
    families = [replace(value.families[0], family=name) for name, value in known.items() if value.y == y]
    together = Distributions(y=y, families=tuple(families))
    return panel.Shown(figure=edf_figure.draw(together), caption=together.caption, table=None)


def differences(documents: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """A row for each key of the definitions in which some differ: its path, and what each study says."""
    flat = {name: {key: said for key, said in _flat(data) if key.startswith(_TOLD)} for name, data in documents.items()}
    keys = dict.fromkeys(key for entries in flat.values() for key in entries)
    rows = [(key, *(entries.get(key, "–") for entries in flat.values())) for key in keys]
    return [row for row in rows if len(set(row[1:])) > 1]


_TOLD = (
    "study.space",
    "study.setting",
    "study.plan",
    "study.seeds",
    "study.objectives",
    "study.constraints",
    "setting",
)
"""What of a definition decides what is compared; the rest is words, claims, and what could have been varied."""


def _flat(value: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        return [pair for key, below in value.items() for pair in _flat(below, f"{path}.{key}" if path else str(key))]
    return [(path, ", ".join(map(str, value)) if isinstance(value, list) else str(value))]


def _definitions(reader: Reader, names: Sequence[str]) -> Any:
    rows = differences({name: reader.frames.study(name).definition for name in names})
    if len(names) < 2:
        return html.P("Choose at least two studies.", className="soft")
    if not rows:
        return html.P("Nothing: they are defined alike.", className="soft")
    return parts.table(("key", *names), rows, label="Differing keys", words=names)


def register(site: Site) -> None:
    """Compare again when other studies are chosen, and when any has changed."""

    @site.app.callback(
        *[Output(part(name, FILLER, figure), prop) for figure in ("fronts", "errors") for name, prop in parts.FILLED],
        Output("definitions", "children"),
        Input("question", "data"),
        Input("mark", "data"),
        State("subject", "data"),
    )
    def _compare(question: str, mark: str, subject: dict[str, Any]) -> tuple[Any, ...]:
        names = [name for name in read(question, KEYS)[0]["ids"].split(",") if name]
        both = (*filled(fronts(site.reader, names), "fronts"), *filled(errors(site.reader, names), "errors"))
        return *both, _definitions(site.reader, names)
