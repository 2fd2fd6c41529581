"""The columns of the table of trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the table."""

    name: str
    """Its key in a row, and what filters and addresses call it."""
    words: str
    """Its heading."""
    kind: str
    """``text``, ``instant``, or how a number is written: ``fraction``, ``decimal``, ``count``, ``seconds``."""
    width: int
    tip: str = ""


_TRIAL = (
    Column(name="candidate", words="candidate", kind="text", width=220),
    Column(name="seed", words="seed", kind="count", width=80),
    Column(name="status", words="status", kind="text", width=120),
    Column(name="accuracy", words="accuracy", kind="fraction", width=110, tip="Test split, last epoch; a fraction"),
    Column(name="validation_accuracy", words="validation acc.", kind="fraction", width=140, tip="Validation split"),
    Column(name="loss", words="loss", kind="fraction", width=100, tip="Test split, last epoch; nats"),
    Column(name="epochs", words="epochs", kind="count", width=90, tip="Epochs on record"),
    Column(name="train_seconds", words="train s", kind="seconds", width=100, tip="Seconds of all epochs"),
)
_COSTS = (
    Column(name="macs", words="MACs", kind="count", width=130, tip="Of one image: convolutions and linear layers"),
    Column(name="params", words="params", kind="count", width=110, tip="Trainable parameters"),
    Column(name="block_params", words="block params", kind="count", width=130, tip="Those of attention blocks"),
    Column(name="elementwise", words="elementwise", kind="count", width=130, tip="Other operations of one image"),
    Column(name="activations", words="activations", kind="count", width=120, tip="Elements written for one image"),
    Column(name="memory_bytes", words="memory bytes", kind="count", width=130, tip="Read and written for one image"),
)
_TIMES = (
    Column(name="started_at", words="started", kind="text", width=170, tip="UTC"),
    Column(name="ended_at", words="ended", kind="text", width=170, tip="UTC"),
    Column(name="error", words="error", kind="text", width=260),
)


def of(axes: Sequence[str]) -> tuple[Column, ...]:
    """Those of every study, and one for each of ``axes``."""
    own = (Column(name=axis, words=axis.replace("_", " "), kind="text", width=120) for axis in axes)
    return (*_TRIAL, *_COSTS, *own, *_TIMES)


def first(*objectives: str) -> tuple[str, ...]:
    """The columns that are shown unless the reader says otherwise, with those of a study's objectives."""
    shown = {"candidate", "seed", "status", "accuracy", "loss", "train_seconds", "macs", "params", *objectives}
    return tuple(each.name for each in of(()) if each.name in shown)
