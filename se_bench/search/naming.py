"""Which candidate of a plan somebody means: by its label, or by axes that tell it from the others."""

from __future__ import annotations

from collections.abc import Sequence

from se_bench.config.axes import show
from se_bench.config.document import scalar
from se_bench.errors import UnknownNameError, nearest_name, unknown_name
from se_bench.records import Candidate


def find_candidate(candidates: Sequence[Candidate], words: str) -> Candidate:
    """The candidate with this label (``reduction=8``, ``baseline``), or the only one with these axes.

    Axes are written ``axis=value``, several of them apart by spaces: ``"reduction=8 gate=tanh"``.

    Raises:
        UnknownNameError: none has this name, or several have it.
    """
    labels = [each.label for each in candidates]
    if words in labels:
        return candidates[labels.index(words)]
    pairs = [pair.partition("=") for pair in words.split()]
    axes = {axis: value for axis, equals, value in pairs if equals}
    if not pairs or len(axes) < len(pairs):
        raise unknown_name("candidate", words, labels)
    known = dict.fromkeys(axis for each in candidates for axis in each.axes)
    for axis in axes:
        if axis not in known:
            raise UnknownNameError(
                f"no candidate has an axis {axis!r}", allowed=tuple(known), nearest=nearest_name(axis, known)
            )
    found = [each for each in candidates if all(_has(each, axis, value) for axis, value in axes.items())]
    if len(found) == 1:
        return found[0]
    if not found:
        raise unknown_name("candidate", words, labels)
    raise UnknownNameError(
        f"{len(found)} candidates have {words}",
        allowed=tuple(each.label for each in found),
        hint="name one of them, or the axes that tell it from the others",
    )


def _has(candidate: Candidate, axis: str, value: str) -> bool:
    return axis in candidate.axes and show(candidate.axes[axis]) in (value, show(scalar(value)))
