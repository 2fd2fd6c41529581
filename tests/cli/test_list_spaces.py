"""`se-bench list spaces -v` shows each axis below the one that it depends on."""

from __future__ import annotations

import pytest

from se_bench.cli.main import main


def test_spaces_are_shown_as_trees(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["list", "spaces", "-v"])
    assert end.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("excitation "))
    tree = lines[start : start + 11]
    depth = {line.strip("│├└─ ").split(":")[0]: len(line) - len(line.lstrip("│├└─ ")) for line in tree[1:]}
    assert depth["block"] < depth["excite"] < depth["reduction"]
    assert depth["groups"] == depth["kernel_size"] == depth["reduction"]
    groups = next(line for line in tree if "groups" in line)
    assert "if excite = grouped_full or grouped_shared" in groups
