"""The command that trains one trial again, by itself, into a database of its own."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from se_bench.records import Candidate, Run

_KEPT_WITH_VALUE = ("--set", "--setting")
DATABASE = "reproduced.db"


def command(run: Run, plan: Mapping[str, Any], candidate: Candidate, seed: int) -> str | None:
    """A line for a shell: the study as it was asked then, its plan cut down to the candidate and the seed.

    None for what no run of se-bench has trained.

    Args:
        run: what trained the trial; its command says which file and which overrides.
        plan: the study's plan as its definition has it.
        candidate: the trial's, as that study spells it. A baseline comes with one other candidate, as a plan
            must have something to compare.
        seed: the trial's.
    """
    asked = _asked(run)
    if asked is None:
        return None
    varied = plan.get("vary", {})
    if candidate.is_baseline:
        vary = {axis: values[:1] for axis, values in varied.items()}
    else:
        vary = {axis: [candidate.axes[axis]] for axis in varied if axis in candidate.axes}
    alone = {"kind": "grid", "vary": vary, "fixed": dict(plan.get("fixed", {}))}
    words = ["se-bench", "run", *asked, "--set", f"plan={_flow(alone)}", "--set", f"seeds=[{seed}]"]
    return shlex.join([*words, "--set", "claims=[]", "--db", DATABASE])


def _asked(run: Run) -> list[str] | None:
    """The study, its setting and its overrides, of a command line that trained; None for any other."""
    try:
        words = shlex.split(run.command)
    except ValueError:
        return None
    if words[:2] != ["se-bench", "run"] or run.environment.get("synthetic"):
        return None
    return [_study(words[2:], run.study), *_options(words[2:])]


def _study(words: Sequence[str], name: str) -> str:
    """The study's file where the command names one, else its name."""
    files = [word for word in words if word.endswith((".yaml", ".yml")) and not word.startswith("-")]
    return files[0] if files else name


def _options(words: Sequence[str]) -> list[str]:
    found: list[str] = []
    for place, word in enumerate(words):
        option, equals, _ = word.partition("=")
        if option not in _KEPT_WITH_VALUE:
            continue
        given = word.partition("=")[2] if equals else "".join(words[place + 1 : place + 2])
        if given.partition("=")[0] not in ("seeds", "claims", "plan") and not given.startswith("plan."):
            found += [option, given]
    return found


def _flow(value: Any) -> str:
    """A value as YAML in one line; JSON is YAML."""
    return json.dumps(value, ensure_ascii=False)
