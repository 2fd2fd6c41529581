"""The ``se-bench`` program: its commands, its version, and how errors leave it.

Exit codes: 0 done, 1 done with failed trials or findings, 2 wrong input, 130 interrupted.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

import se_bench
from se_bench import collector
from se_bench.cli import (
    claims,
    cost,
    dashboard,
    db,
    demo_data,
    export,
    gates,
    importing,
    listing,
    plan,
    report,
    reproduce,
    results,
    run,
    status,
)
from se_bench.errors import EngineError, UserError

EXIT_WRONG_INPUT = 2
EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="se-bench",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Which channel-attention block is worth its cost, and is the difference real?\n\n"
    "[bold]Examples[/bold]\n\n"
    "  se-bench run reduction_ratio              train what is missing, print table and verdicts\n\n"
    "  se-bench plan reduction_ratio --seeds 3   what would be trained, and for how long\n\n"
    "  se-bench cost --backbone cifar_resnet20 --set reduction=8 --json\n\n"
    "  se-bench list studies",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"se-bench {se_bench.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop."),
    ] = False,
) -> None:
    pass


app.command("run", rich_help_panel="Studies")(run.command)
app.command("plan", rich_help_panel="Studies")(plan.command)
app.command("status", rich_help_panel="Studies")(status.command)
app.command("results", rich_help_panel="Studies")(results.command)
app.command("export", rich_help_panel="Studies")(export.command)
app.command("report", rich_help_panel="Studies")(report.command)
app.command("dashboard", rich_help_panel="Studies")(dashboard.command)
app.command("claims", rich_help_panel="Studies")(claims.command)
app.command("gates", rich_help_panel="Studies")(gates.command)
app.command("reproduce", rich_help_panel="Look up")(reproduce.command)
app.command("import", rich_help_panel="Look after")(importing.command)
app.command("cost", rich_help_panel="Look up")(cost.command)
app.command("list", rich_help_panel="Look up")(listing.command)
app.add_typer(db.app, name="db", rich_help_panel="Look after")
app.command("demo-data", rich_help_panel="Look after")(demo_data.command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and end the process with its exit code.

    Without ``arguments`` those of the process are taken, and it is the program's own: it ends at once then, for Python
    would spend up to two seconds on taking apart what the libraries have built. Whatever is to be kept is kept by then.
    """
    code: int | str | None = 0
    at_once = arguments is None
    if at_once:
        collector.run_seldom()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Δ gets a ? and not a traceback
    try:
        app(args=arguments, prog_name="se-bench")
    except SystemExit as end:  # how typer ends a command; 2 where it refused an argument
        code = end.code
    except UserError as problem:
        typer.echo(f"se-bench: {problem}", err=True)
        code = EXIT_WRONG_INPUT
        at_once |= isinstance(problem, EngineError)  # a library's threads may still wait for workers that are gone
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    if (at_once or code == EXIT_INTERRUPTED) and (code is None or isinstance(code, int)):
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError, AttributeError):  # nobody reads on, or there is none
                stream.flush()
        os._exit(code or 0)
    sys.exit(code)
