"""`se-bench gates`: the nets on record, looked at; the database stays as it is."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli import tiny
from tests.cli.programs import Outcome, call, contents

GATES = ("gates", "tiny.yaml", *tiny.SET, "--seeds", "1")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("looked")
    tiny.write(folder)
    tiny.train(tiny.study(folder, seeds=1), folder / tiny.DATABASE)
    return folder


@pytest.fixture
def there(trained: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(trained)
    return trained


def refused(outcome: Outcome, *words: str) -> None:
    assert (outcome.code, outcome.out) == (2, "")
    assert all(word in outcome.err for word in words), outcome.err


def test_it_looks_at_the_nets_on_record_and_writes_nothing_to_the_database(there: Path) -> None:
    before = contents(there)
    first = call(*GATES, "reduction=4", "--json", "-o", "gates.html")
    assert first.code == 0
    assert "1 trials, 0 nets kept from an earlier look, 1 to be trained again" in first.err
    found = json.loads(first.out, parse_constant=pytest.fail)
    with closing(sqlite3.connect(there / tiny.DATABASE)) as connection:
        on_record = dict(connection.execute("SELECT trial_id, accuracy FROM se_bench_trials"))
    (net,) = found["nets"]
    assert net["accuracy"] == net["accuracy_on_record"] == on_record[net["trial_id"]]
    assert [unit["unit"] for unit in found["units"]] == ["stage1.0", "stage2.0", "stage3.0"]
    assert {each["n"] for each in found["interventions"]} == {1}
    assert len(found["interventions"]) == 3 * 4
    page = (there / "gates.html").read_text(encoding="utf-8")
    assert "Does the dynamic gate matter?" in page
    assert page.count("plotly-graph-div") >= 3
    second = call(*GATES, "reduction=4", "--json")
    assert "1 trials, 1 nets kept from an earlier look\n" in second.err
    assert json.loads(second.out) == found
    after = contents(there)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {"gates.html", "results/nets", f"results/nets/{net['trial_id']}.checkpoint"}


def test_one_seed_is_told_in_words(there: Path) -> None:
    found = call(*GATES, "block=se")
    assert found.code == 0
    assert "reduction=4: 256 test images, 1 seed\n" in found.out
    assert "too few seeds to say more" in found.out
    assert "another machine" not in found.out


def test_a_net_that_is_not_the_one_on_record_is_told(there: Path) -> None:
    copy = there / "other.db"
    with closing(sqlite3.connect(there / tiny.DATABASE)) as one, closing(sqlite3.connect(copy)) as other:
        one.backup(other)
        other.execute("UPDATE se_bench_trials SET accuracy = accuracy - 0.5")
        other.commit()
    found = call(*GATES, "reduction=4", "--db", "other.db")
    copy.unlink()
    assert found.code == 0
    assert "on another machine" in found.out


def test_what_has_no_gates_or_no_name_is_refused(there: Path) -> None:
    refused(call(*GATES, "baseline"), "'baseline' has no block")
    refused(call(*GATES, "reduction=5"), "no candidate 'reduction=5'", "did you mean: reduction=4")
    refused(call(*GATES, "reducton=4"), "no candidate has an axis 'reducton'", "did you mean: reduction")


def test_what_was_never_trained_is_refused_with_the_next_step(there: Path) -> None:
    refused(
        call(*GATES, "reduction=4", "--set", "recipe.learning_rate=0.2"), "no trial of", "is completed", "se-bench run"
    )


def test_without_a_database_there_is_nothing_to_look_at(here: Path) -> None:
    tiny.write(here)
    refused(call(*GATES, "reduction=4"), "se-bench run")
    assert [path.name for path in here.iterdir()] == ["tiny.yaml"]
