"""What has changed between two definitions of a study, key by key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """A line for each key that differs: ``plan.vary.reduction: [2, 4] -> [2, 4, 8]``, in the order of ``after``.

    Lists compare as a whole, but for those of mappings with an ``id`` (claims), which compare by it.
    """
    old, new = dict(_flat(before)), dict(_flat(after))
    keys = [*new, *(key for key in old if key not in new)]
    lines = []
    for key in keys:
        if key not in old:
            lines.append(f"{key}: {_shown(new[key])} (new)")
        elif key not in new:
            lines.append(f"{key}: {_shown(old[key])} (gone)")
        elif old[key] != new[key]:
            lines.append(f"{key}: {_shown(old[key])} -> {_shown(new[key])}")
    return tuple(lines)


def same_search(changes: Iterable[str]) -> bool:
    """Whether a search with these changes goes on: more may be asked of it, but not something else."""
    more = ("study.plan.candidates", "study.budget", "study.seeds", "study.question")
    return all(line.startswith(more) for line in changes)


def _flat(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, list | tuple) and value and all(isinstance(each, Mapping) and "id" in each for each in value):
        value = {str(each["id"]): {name: own for name, own in each.items() if name != "id"} for each in value}
    if isinstance(value, Mapping):
        for name, own in value.items():
            yield from _flat(own, f"{key}.{name}" if key else str(name))
    else:
        yield key, list(value) if isinstance(value, tuple) else value


def _shown(value: Any) -> str:
    return f"[{', '.join(map(_shown, value))}]" if isinstance(value, list) else str(value)
