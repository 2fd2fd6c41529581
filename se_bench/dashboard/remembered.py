"""What a study claims of the candidates that a database has on record: no file is read, no net built."""

from __future__ import annotations

from collections.abc import Sequence

from se_bench.analysis.claims import Asked
from se_bench.config.axes import Axes
from se_bench.config.load import Study
from se_bench.errors import ConfigError
from se_bench.records import Candidate
from se_bench.search.claims import Spellings, resolve_claim


def asked(study: Study, candidates: Sequence[Candidate]) -> list[Asked]:
    """Each claim with the architectures that it compares, as planning resolves it.

    A claim about candidates that are not there (filtered out, or not proposed yet) is left out. A candidate is known
    by the axes that matter for it: one that a claim names by an axis without effect is not found.
    """
    spellings = _spelled(candidates)
    found: list[Asked] = []
    for number in range(len(study.claims)) if spellings else ():
        try:
            resolved = resolve_claim(study, number, spellings)
        except ConfigError:
            continue
        found.append((resolved.claim, resolved.architectures))
    return found


def _spelled(candidates: Sequence[Candidate]) -> Spellings:
    """The candidates with their axes, but those whose axes this version does not know."""
    spelled = []
    for each in candidates:
        try:
            spelled.append((Axes.read(dict(each.axes)), each))
        except ValueError:  # pydantic's
            continue
    return spelled
