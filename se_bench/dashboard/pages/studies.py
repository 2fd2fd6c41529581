"""``/``: every study of the database in a line; sorted, searched, ticked to be compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dash import ALL, ClientsideFunction, Input, Output, State, dcc, html

from se_bench.analysis.headline import Headline
from se_bench.dashboard import words
from se_bench.dashboard.page import parts
from se_bench.dashboard.page.site import Shown, Site
from se_bench.dashboard.reader import Reader
from se_bench.dashboard.state import Key, read
from se_bench.errors import NoResultsError
from se_bench.figures import style
from se_bench.records import Status
from se_bench.store.study_list import StudyLine

Line = tuple[StudyLine, Headline | None]

_SORTS: dict[str, tuple[str, Callable[[Line], Any]]] = {
    "name": ("study", lambda line: line[0].name),
    "state": ("state", lambda line: state(line[0].counts)),
    "done": ("done", lambda line: line[0].counts[Status.COMPLETED]),
    "running": ("running", lambda line: line[0].counts[Status.RUNNING]),
    "unsuccessful": ("failed", lambda line: unsuccessful(line[0].counts)),
    "total": ("total", lambda line: line[0].total),
    "best": ("best", lambda line: line[1].value if line[1] else float("-inf")),
    "front": ("front", lambda line: line[1].front if line[1] else -1),
    "cheapest": ("cheapest within 0.5 %", lambda line: line[1].cheapest if line[1] else ""),
    "changed": ("last change (UTC)", lambda line: line[0].updated_at),
}
_WORDS = ("study", "state", "best", "cheapest within 0.5 %")
KEYS = (
    Key(name="q"),
    Key(name="ids", asks=False),
    Key(name="sort", default="-changed", choices=tuple(f"{sign}{name}" for name in _SORTS for sign in ("", "-"))),
)


def build(site: Site, search: str) -> Shown:
    """The list as the address says; a database that is not there yet is waited for."""
    values, notices = read(search, KEYS)
    return Shown(
        title="Studies",
        content=[
            *parts.stores(subject={}, mark="", keys=KEYS, values=values),
            html.H1("Studies"),
            html.P(["Database: ", html.Code(site.reader.name)], className="soft"),
            *parts.notices(notices),
            html.Div(
                [
                    parts.text_field("q", "Search", values["q"], placeholder="a word of the name or the question"),
                    parts.hidden("sort", values["sort"]),
                    parts.hidden("ids", values["ids"]),
                    dcc.Link("Compare the ticked", id="compare", href=site.href("compare"), className="button"),
                ],
                className="controls",
            ),
            html.Div(id="studies"),
        ],
    )


def state(counts: Mapping[Status, int]) -> str:
    """A study's state in a word."""
    total = sum(counts.values())
    if not total:
        return "empty"
    if counts[Status.RUNNING]:
        return "running"
    if counts[Status.PLANNED] == total:
        return "planned"
    return "unfinished" if counts[Status.PLANNED] else "finished"


def unsuccessful(counts: Mapping[Status, int]) -> int:
    """Trials that ended without a result."""
    return sum(count for status, count in counts.items() if status.unsuccessful)


def lines(reader: Reader, search: str, sort: str) -> list[Line]:
    """The studies in whose name or question every word of ``search`` stands, in order."""
    wanted = search.lower().split()
    found = [
        (each, reader.headline(each.name))
        for each in reader.studies()
        if all(word in f"{each.name} {each.question}".lower() for word in wanted)
    ]
    _, key = _SORTS[sort.removeprefix("-")]
    return sorted(sorted(found, key=lambda line: line[0].name), key=key, reverse=sort.startswith("-"))


def shown(site: Site, search: str, sort: str, ticked: Sequence[str]) -> Any:
    """The table, or why there is none."""
    try:
        found = lines(site.reader, search, sort)
    except NoResultsError as problem:
        return [
            html.P(f"There is nothing here yet: {problem.message}."),
            html.P("The page waits. Next: se-bench run STUDY"),
        ]
    if not found:
        return html.P(
            "No study in the database yet. Next: se-bench run STUDY" if not search else "No study has these words."
        )
    columns = [_heading(name, said, sort) for name, (said, _) in _SORTS.items()]
    rows = [_row(site, each, own, ticked) for each, own in found]
    labels = [said for said, _ in _SORTS.values()]
    return parts.table(["", *columns], rows, label="Studies", left=[0, *(1 + labels.index(word) for word in _WORDS)])


def _heading(name: str, said: str, sort: str) -> Any:
    """A button that sorts by its column; pressed again, the other way round."""
    here = sort.removeprefix("-") == name
    arrow = ("▾" if sort.startswith("-") else "▴") if here else ""
    label = f"Sort by {said}" + (
        ", now descending" if here and sort.startswith("-") else ", now ascending" if here else ""
    )
    return html.Button(
        f"{said} {arrow}".strip(), id={"sort": name}, type="button", className="sorts", **{"aria-label": label}
    )


def _row(site: Site, study: StudyLine, own: Headline | None, ticked: Sequence[str]) -> parts.Row:
    tick = html.Button(
        "✓",
        type="button",
        className="choice tick",
        **{
            "data-control": "ids",
            "data-value": study.name,
            "data-many": "",
            "aria-pressed": "true" if study.name in ticked else "false",
            "aria-label": f"Compare {study.name}",
        },
    )
    about: list[Any] = [dcc.Link(study.name, href=site.href("study", study.name))]
    about += [" ", html.Strong("synthetic", className="synthetic")] if study.synthetic else []
    return (
        tick,
        html.Div([*about, html.Br(), html.Span(study.question, className="soft small")], className="about"),
        state(study.counts),
        f"{study.counts[Status.COMPLETED]:,}",
        f"{study.counts[Status.RUNNING]:,}",
        f"{unsuccessful(study.counts):,}",
        f"{study.total:,}",
        "–" if own is None else _two_lines(f"{own.value:.4f}", own.best),
        "–" if own is None else f"{own.front:,}",
        "–" if own is None else _two_lines(f"{words.cost(own.cost)} {style.short_title(own.x)}", own.cheapest),
        _two_lines(f"{study.updated_at:%Y-%m-%d}", f"{study.updated_at:%H:%M}"),
    )


def _two_lines(above: str, below: str) -> Any:
    return html.Div([above, html.Br(), html.Span(below, className="soft small")], className="two")


def register(site: Site) -> None:
    """Search and sort are answered by the server; the ticks are kept in the browser."""
    app = site.app

    @app.callback(
        Output("studies", "children"),
        Input("question", "data"),
        Input("mark", "data"),
        State({"control": "ids"}, "value"),
    )
    def _list(question: str, mark: str, ticked: str) -> Any:
        values, _ = read(question, KEYS)
        return shown(site, values["q"], values["sort"], (ticked or "").split(","))

    app.clientside_callback(
        ClientsideFunction("studies", "sort"),
        Output({"control": "sort"}, "value", allow_duplicate=True),
        Input({"sort": ALL}, "n_clicks"),
        State({"control": "sort"}, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("studies", "compare"),
        Output("compare", "href"),
        Input({"control": "ids"}, "value"),
        State("compare", "href"),
    )
