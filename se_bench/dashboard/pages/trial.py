"""``/trial/ID``: what a trial is, what it measured beside its other seeds and its baseline, and how to repeat it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from dash import MATCH, Input, Output, State, dcc, html, no_update

from se_bench.analysis import trial_curves
from se_bench.analysis.estimates import difference, estimate
from se_bench.analysis.trial_curves import Metric
from se_bench.dashboard import described, differing, repeat, words
from se_bench.dashboard.page import drawing, parts
from se_bench.dashboard.page.parts import part
from se_bench.dashboard.page.site import Shown, Site
from se_bench.dashboard.pages.panels import data_table
from se_bench.figures import trial_curves as picture
from se_bench.records import Cost, Status, TrialResult
from se_bench.store.details import Owner, TrialDetails

_COSTS = {
    "params": "trainable parameters",
    "block_params": "those of attention blocks",
    "buffers": "elements of untrained state",
    "macs": "MACs (conv + linear)",
    "elementwise": "other operations",
    "activations": "elements written",
    "memory_bytes": "bytes read and written",
}
_METRICS: tuple[Metric, ...] = ("accuracy", "loss")
FILLER = "curve"
_TAIL = 40
"""Lines of an error that are shown at once."""


def build(site: Site, trial_id: str, search: str) -> Shown:
    """The page of a trial. Raises :class:`UnknownNameError`."""
    found = site.reader.trial(trial_id)
    owner = _owner(found)
    label = owner.candidate.label if owner else found.trial.architecture_id
    mark = site.reader.watermark(owner.study) if owner else None
    goes_on = owner is not None and found.result.status in (Status.PLANNED, Status.RUNNING)
    subject = {"trial": trial_id, "seen": mark, **({"study": owner.study} if owner and goes_on else {"still": True})}
    frames = [
        html.Section(
            [html.H2(f"{metric.capitalize()} by epoch"), parts.figure_frame(FILLER, metric, metric, height=360)]
        )
        for metric in _METRICS
    ]
    return Shown(
        title=f"{label} seed {found.trial.seed}",
        trail=(
            *(((owner.study, site.href("study", owner.study)),) if owner else ()),
            (f"{label} seed {found.trial.seed}", site.href("trial", trial_id)),
        ),
        content=[
            *parts.stores(subject=subject, mark=mark),
            html.H1(f"{label}, seed {found.trial.seed}"),
            html.Div(body(site, found), id="trial-body"),
            html.Div(frames, className="beside"),
            html.Section(_circumstances(site, found), className="panel"),
        ],
    )


def body(site: Site, found: TrialDetails) -> list[Any]:
    """What changes while the trial runs, but for the curves."""
    owner = _owner(found)
    return [
        *_state(site, found),
        *([_configuration(owner)] if owner else []),
        html.Section([html.H2("Measured, seed by seed"), _seeds(site, found, owner)], className="panel"),
        *([_costs(owner)] if owner else []),
    ]


def _owner(found: TrialDetails) -> Owner | None:
    """The study as whose trial it is described: the first that has it in its plan."""
    return found.owners[0] if found.owners else None


def _state(site: Site, found: TrialDetails) -> list[Any]:
    result = found.result
    said = f"{result.status.value.replace('_', ' ')}, {result.epochs} epochs on record"
    owners = [
        part
        for place, each in enumerate(found.owners)
        for part in ([", "] if place else []) + [dcc.Link(each.study, href=site.href("study", each.study))]
    ]
    shown: list[Any] = [html.P([html.Strong(said), ". Part of ", *(owners or ["no study's present plan"]), "."])]
    if result.error:
        lines = result.error.splitlines()
        above = [] if len(lines) <= _TAIL else [html.P(f"The last {_TAIL} of {len(lines)} lines:", className="soft")]
        shown += [
            html.H2("Why it has no result"),
            *above,
            html.Pre("\n".join(lines[-_TAIL:]), className="log", tabIndex=0),
        ]
    return shown


def _configuration(owner: Owner) -> Any:
    """The axes that differ from the net without a block, then the others."""
    found = differing.settings(owner.candidate.axes, owner.baseline.axes if owner.baseline else None)
    columns = ("axis", "this trial", "no block")
    differs = [(each.axis, html.Strong(each.here), each.there) for each in found if each.differs]
    same = [(each.axis, each.here, each.there) for each in found if not each.differs]
    shown: list[Any] = [html.H2("Configuration, as a difference from the baseline")]
    if owner.candidate.is_baseline:
        shown.append(html.P("This is the baseline: the net without a block.", className="soft"))
    if differs:
        shown.append(parts.table(columns, differs, label="Differs from the baseline", words=columns))
    if same:
        table = parts.table(columns, same, label="As the baseline", words=columns)
        shown.append(html.Details([html.Summary(f"{len(same)} axes as the baseline"), table], className="as-table"))
    return html.Section(shown, className="panel")


def _seeds(site: Site, found: TrialDetails, owner: Owner | None) -> Any:
    """A row a seed, this trial's marked, and the mean over those that are completed."""
    own = {each.result.seed: each.result for each in found.seeds}
    base = {each.result.seed: each.result for each in (owner.baseline_seeds if owner else ())}
    rows: list[parts.Row] = []
    for seed, result in sorted(own.items()):
        name: Any = f"seed {seed}"
        name = (
            html.Strong(f"{name} (this)")
            if result.trial_id == found.trial.trial_id
            else dcc.Link(name, href=site.href("trial", result.trial_id))
        )
        rows.append((name, result.status.value.replace("_", " "), *_measured(result), _gain(result, base.get(seed))))
    accuracy = estimate([each.accuracy for each in own.values() if each.accuracy is not None])
    loss = estimate([each.loss for each in own.values() if each.loss is not None])
    gain = difference(_known(own), _known(base))
    rows.append(
        (
            "mean [95 %]",
            f"n = {accuracy.n}",
            words.interval(accuracy, digits=4),
            words.interval(loss, digits=4),
            "",
            words.interval(gain, digits=2, scale=words.POINTS, signed=True) if base else "",
        )
    )
    columns = ("seed", "status", "accuracy", "loss", "train s", "Δ baseline, points")
    return parts.table(columns, rows, label="Measured, seed by seed", words=("status",))


def _measured(result: TrialResult) -> tuple[str, str, str]:
    accuracy, loss, seconds = (
        "–" if value is None else f"{value:.{digits}f}"
        for value, digits in ((result.accuracy, 4), (result.loss, 4), (result.train_seconds, 1))
    )
    return accuracy, loss, seconds


def _gain(result: TrialResult, base: TrialResult | None) -> str:
    if base is None or result.accuracy is None or base.accuracy is None:
        return "–"
    return words.number(words.POINTS * (result.accuracy - base.accuracy), 2, signed=True)


def _known(results: dict[int, TrialResult]) -> dict[int, float]:
    return {seed: each.accuracy for seed, each in results.items() if each.accuracy is not None}


def _costs(owner: Owner) -> Any:
    base = owner.baseline.cost if owner.baseline else None
    rows = [
        (_COSTS[name], f"{value:,}", *_against(name, value, base))
        for name, value in asdict(owner.candidate.cost).items()
    ]
    table = parts.table(("cost of one image", "this", "baseline", "difference"), rows, label="Costs")
    return html.Section([html.H2("Costs"), table], className="panel")


def _against(name: str, value: int, base: Cost | None) -> tuple[str, str]:
    """The baseline's cost, and how much more this one is."""
    if base is None:
        return "–", "–"
    other = getattr(base, name)
    if value == other:
        return f"{other:,}", "0"
    share = f" ({words.number(100 * (value / other - 1), 2, signed=True)} %)" if other else ""
    return f"{other:,}", f"{value - other:+,}".replace("-", words.MINUS) + share


def _circumstances(site: Site, found: TrialDetails) -> list[Any]:
    trial, run, result = found.trial, found.run, found.result
    moments = {"started": result.started_at, "ended": result.ended_at}
    shown: list[Any] = [
        html.H2("How it was trained"),
        parts.facts(
            {
                "trial": trial.trial_id,
                "architecture": trial.architecture_id,
                "data": f"{_flat(trial.dataset)} (fingerprint {trial.dataset_fingerprint[:16]})",
                "recipe": _flat(trial.recipe),
                "numerics version": str(trial.numerics_version),
                **{name: f"{at:%Y-%m-%d %H:%M:%S} UTC" for name, at in moments.items() if at},
                **({"run": run.run_id, "command": html.Code(run.command)} if run else {}),
                **({"machine": words.machine(run.environment)} if run else {}),
                **({"commit": str(run.environment.get("git_commit") or "unknown")} if run else {}),
            }
        ),
    ]
    if run:
        rows = [(name, str(version)) for name, version in run.environment.get("packages", {}).items()]
        versions = parts.table(("package", "version"), rows, label="Versions", words=("version",))
        shown.append(html.Details([html.Summary("Versions"), versions], className="as-table"))
    line = _again_command(site, found)
    if line:
        copy = dcc.Clipboard(target_id="reproduce", title="Copy")
        shown += [
            html.H2("Reproduce"),
            html.Div([html.Pre(line, id="reproduce", tabIndex=0), copy], className="copied"),
        ]
    return shown


def _again_command(site: Site, found: TrialDetails) -> str | None:
    owner = _owner(found)
    study = site.reader.head(owner.study).study if owner else None
    if owner is None or study is None or found.run is None:
        return None
    return repeat.command(found.run, study.documents["study"].data["plan"], owner.candidate, found.trial.seed)


def _flat(mapping: Any) -> str:
    return ", ".join(f"{key} {value}" for key, value in mapping.items())


def curves(found: TrialDetails, metric: Metric) -> trial_curves.TrialCurves | None:
    """The curves of a metric, beside those of the other seeds and of the first study's baseline."""
    others = {each.result.seed: each.epochs for each in found.seeds if each.result.trial_id != found.trial.trial_id}
    base: Sequence[Any] = next(
        (
            each.epochs
            for owner in found.owners[:1]
            for each in owner.baseline_seeds
            if each.result.seed == found.trial.seed and not owner.candidate.is_baseline
        ),
        (),
    )
    return trial_curves.compute(metric, found.epochs, others, base)


def register(site: Site) -> None:
    """Draw the curves; while the trial runs, all of it again with every epoch."""

    @site.app.callback(
        *[Output(part(name, FILLER, MATCH), prop) for name, prop in parts.FILLED[:3]],
        Input("mark", "data"),
        State("subject", "data"),
        State(part("drawn", FILLER, MATCH), "id"),
    )
    def _fill(mark: str, subject: dict[str, Any], place: dict[str, str]) -> tuple[Any, ...]:
        metric: Metric = "loss" if place["of"] == "loss" else "accuracy"
        value = curves(site.reader.trial(subject["trial"]), metric)
        if value is None:
            return {"data": None}, "No epoch is on record yet.", None
        figure = picture.draw(value)
        data = drawing.drawn(figure, revision=f"{subject['trial']} {metric}")
        return data, described.sentence(figure), data_table(figure)

    @site.app.callback(Output("trial-body", "children"), Input("mark", "data"), State("subject", "data"))
    def _again(mark: str, subject: dict[str, Any]) -> Any:
        return no_update if mark == subject["seen"] else body(site, site.reader.trial(subject["trial"]))
