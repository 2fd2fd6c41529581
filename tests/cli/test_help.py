"""Help and listings are quick, complete, and true."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import se_bench
from se_bench import registry
from se_bench.cli.main import app
from se_bench.config import locate
from tests.cli.programs import call

HEAVY = {
    "torch",
    "torchvision",
    "ray",
    "dash",
    "pandas",
    "plotly",
    "sqlalchemy",
    "alembic",
    "scipy",
    "fvcore",
    "sklearn",
}
PROGRAM = typer.main.get_command(app)


def commands() -> list[tuple[str, ...]]:
    """Every command, as the words that call it."""
    found = []
    for name, command in PROGRAM.commands.items():  # type: ignore[attr-defined]
        below = getattr(command, "commands", None)
        found += [(name, *rest) for rest in zip(below)] if below else [(name,)]
    return found


def command_of(words: tuple[str, ...]):
    found = PROGRAM
    for word in words:
        found = found.commands[word]  # type: ignore[attr-defined]
    return found


every_command = pytest.mark.parametrize("words", commands(), ids=" ".join)


def test_all_commands_of_the_documentation_are_there() -> None:
    assert {words[0] for words in commands()} >= {
        "run", "plan", "status", "results", "export", "report", "cost", "list", "db"
    }  # fmt: skip


@every_command
def test_every_command_explains_itself_with_an_example(words: tuple[str, ...]) -> None:
    found = call(*words, "--help")
    assert found.code == 0
    assert "Usage:" in found.out
    assert f"se-bench {' '.join(words)}" in found.out.partition("Examples")[2]
    assert call(*words, "-h").out == found.out


@every_command
def test_every_option_and_argument_says_what_it_is_for(words: tuple[str, ...]) -> None:
    assert [each.name for each in command_of(words).params if not getattr(each, "help", "")] == []


@every_command
def test_every_example_is_one_that_the_program_accepts(words: tuple[str, ...]) -> None:
    examples = [line.strip() for line in command_of(words).help.splitlines() if line.strip().startswith("se-bench")]
    assert examples
    for example in examples:
        arguments = shlex.split(example.partition("|")[0])[1 + len(words) :]
        context = command_of(words).make_context(" ".join(words), arguments)
        study = context.params.get("study")
        assert study is None or Path(study).stem in locate.available("studies")


def test_the_program_names_its_commands_and_its_version() -> None:
    found = call("--help")
    assert all(words[0] in found.out for words in commands())
    assert call("--version").out == f"se-bench {se_bench.__version__}\n"
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", se_bench.__version__)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["run", "--help"],
        ["--version"],
        ["list", "backbones"],
        ["list", "studies", "--json"],
        ["run", "no_such_study"],
        ["results", "reduction_ratio", "--set", "recipe.epochs=ten"],
        ["cost", "--backbone", "cifar_resnet21"],
    ],
    ids=" ".join,
)
def test_what_needs_no_training_starts_nothing_heavy(arguments: list[str], here: Path) -> None:
    loaded = packages_loaded(arguments)
    assert "se_bench" in loaded
    assert loaded & HEAVY == set()


def test_pricing_a_small_study_starts_neither_torchs_compiler_nor_alembic(here: Path) -> None:
    loaded = packages_loaded(["plan", "reduction_ratio"])
    assert "torch" in loaded
    assert loaded & {"sympy", "alembic"} == set()  # the compiler imports sympy


def packages_loaded(arguments: list[str]) -> set[str]:
    """By the program with these arguments, in a process of its own."""
    program = (
        "import sys\n"
        "from se_bench.cli.main import main\n"
        "try:\n"
        "    main(sys.argv[1:])\n"
        "except SystemExit:\n"
        "    print('modules', *{name.partition('.')[0] for name in sys.modules})\n"
    )
    found = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    *_, last = found.stdout.splitlines()
    return set(last.split()[1:])


def test_the_package_is_the_program_too() -> None:
    found = subprocess.run([sys.executable, "-m", "se_bench", "--version"], capture_output=True, text=True, check=True)
    assert found.stdout == f"se-bench {se_bench.__version__}\n"


@pytest.mark.parametrize("kind", ["studies", "spaces", "settings", "dashboards"])
def test_definitions_are_listed_with_what_they_say_and_where_they_are(kind: str) -> None:
    rows = json.loads(call("list", kind, "--json").out)
    assert rows
    for row in rows:
        assert set(row) == {"name", "about", "file", "origin"}
        assert row["about"]
        assert Path(row["file"]).is_file()
    table = call("list", kind).out
    assert all(row["name"] in table for row in rows)


@pytest.mark.parametrize("kind", ["backbone", "block", "dataset", "figure"])
def test_registered_names_are_listed(kind: registry.Kind) -> None:
    rows = json.loads(call("list", f"{kind}s", "--json").out)
    assert {row["name"]: row["object"] for row in rows} == dict(registry.entries(kind))
    table = call("list", f"{kind}s").out
    assert all(name in table for name in registry.names(kind))


def test_a_users_own_study_is_listed_even_where_it_is_broken(here: Path) -> None:
    (here / "studies").mkdir()
    (here / "studies" / "mine.yaml").write_text("name: mine\nquestion: Why?\n")
    (here / "studies" / "broken.yaml").write_text("name: [\n")
    rows = {row["name"]: row for row in json.loads(call("list", "studies", "--json").out)}
    assert rows["mine"]["about"] == "Why?"
    assert rows["mine"]["origin"] == "here"
    assert rows["broken"]["about"].startswith("cannot be read")
    assert "reduction_ratio" in rows


def test_a_terminal_without_unicode_gets_what_it_can_show(here: Path) -> None:
    (here / "studies").mkdir()
    (here / "studies" / "mine.yaml").write_text("name: mine\nquestion: Is Δ > 0?\n", encoding="utf-8")
    found = subprocess.run(
        [str(Path(sys.executable).with_name("se-bench")), "list", "studies"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert "Is ? > 0?" in found.stdout
