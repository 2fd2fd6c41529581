"""A dashboard: which panels a report or page of a study shows, in which order."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from se_bench.config.axes import Axes, AxisValue
from se_bench.config.definition import Definition, Name, choice_error, registered
from se_bench.config.study import Objective


def _axis(name: str) -> str:
    if name not in Axes.model_fields:
        raise choice_error("unknown_name", f"no axis '{name}'", name, Axes.model_fields)
    return name


AxisName = Annotated[str, AfterValidator(_axis)]

OPTIONS: dict[str, tuple[str, ...]] = {
    "pareto": ("x", "y", "by"),
    "front_at_costs": ("x", "y", "costs"),
    "comparison": ("x", "y"),
    "effects": ("by",),
    "main_effects": ("y", "axes"),
    "interactions": ("y", "axes"),
    "importance": ("y", "axes", "method"),
    "ablation": ("y",),
    "curves": ("by",),
    "edf": ("y", "by"),
    "metric_by_axis": ("y", "axes"),
    "parallel_coordinates": ("x", "y", "axes"),
    "fidelity": (),
    "timeline": (),
    "verdicts": (),
    "gate_profiles": (),
    "gate_units": (),
    "gate_interventions": (),
}
"""The options that each figure of ours takes, besides those that all take."""
EVERY = ("figure", "title", "text", "where")


class Panel(Definition):
    """One figure, or a piece of text."""

    figure: Annotated[str, registered("figure")] | None = None
    """A registered figure."""
    title: str = ""
    """The heading above it."""
    text: str = ""
    """A sentence or two below the heading."""
    where: dict[AxisName, AxisValue | tuple[AxisValue, ...]] = {}
    """Only candidates that have one of these values on each of these axes; baselines are always shown."""
    x: tuple[Objective, ...] = ()
    """The costs that can be chosen as the x axis; left out, the study's objectives."""
    y: Objective | None = None
    """What is measured; left out, the study's first objective."""
    by: AxisName | None = None
    """The axis whose values are families, each with a colour of its own."""
    axes: tuple[AxisName, ...] = ()
    """The axes of the space that are shown; left out, all that differ between candidates."""
    costs: tuple[Annotated[float, Field(gt=0)], ...] = ()
    """The costs at which the front is read; left out, round numbers over the front's range."""
    method: Literal["fanova", "ped_anova"] | None = None
    """How importance is computed; left out, by the number of candidates."""

    @model_validator(mode="before")
    @classmethod
    def _options_of_the_figure(cls, data: Any) -> Any:
        figure = data.get("figure") if isinstance(data, dict) else None
        if figure in OPTIONS:
            taken = (*EVERY, *OPTIONS[figure])
            for key in data:
                if key in cls.model_fields and key not in taken:
                    raise choice_error("option", f"`figure: {figure}` takes no `{key}`", key, taken, key=key)
        return data

    @model_validator(mode="after")
    def _shows_something(self) -> Panel:
        if not self.figure and not self.text:
            raise ValueError("a panel needs a `figure` or a `text`")
        if not self.figure and self.model_fields_set - {"title", "text"}:
            raise ValueError("a panel without a `figure` has a `title` and a `text`, and no options")
        return self


class Dashboard(Definition):
    """The panels of a study's report."""

    name: Name
    """The file's name without `.yaml`."""
    about: str = ""
    """What the dashboard is for, in a sentence."""
    panels: Annotated[tuple[Panel, ...], Field(min_length=1)]
    """What is shown, from top to bottom."""

    @model_validator(mode="before")
    @classmethod
    def _panels_are_a_list(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("panels"), dict):
            raise ValueError("`panels` is a list; start each panel with a dash")
        return data
