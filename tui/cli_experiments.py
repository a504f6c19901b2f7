"""The commands about A/B tests: what they are called with, and nothing that is slow to import."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from tui.cli_endings import no_verdict
from tui.cli_options import workspace_options

if TYPE_CHECKING:
    from tui.core.workspace import Options


@click.command()
@click.argument("name", required=False)
@click.option("--run", type=click.IntRange(1), metavar="N", help="Collect N more answers first.")
@click.option("--until-decided", is_flag=True, help="Begin no more of them once it is safe to stop.")
@click.option("--provider", "-p", help="Of the answers; else the prompt's own, else the first with a key.")
@click.option(
    "--gate",
    metavar="CLAIM",
    help="For CI: `not-worse-than v1 by 0.02`, or `v2 better-than v1`.",
)
@click.option(
    "--effect", type=click.FloatRange(0.01, 0.9), help="The least difference of rates that matters."
)
@click.option("--alpha", type=click.FloatRange(0.0001, 0.5), help="How often equal arms may seem to differ.")
@click.option(
    "--serving",
    type=click.Choice(["split", "thompson"]),
    help="By weight; or by Thompson sampling, which optimises and does not test.",
)
@click.option(
    "--by", type=click.Choice(["split", "cases"]), help="What decides: the split, or the cases both answered."
)
@click.option("--hold/--resume", "hold", default=None, help="Serve only the control, or go on.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@workspace_options
def ab(options: Options, **arguments: Any) -> None:
    """Print what is known of the A/B test of the prompt NAME, and the verdict; without NAME, of each a line.

    What is settled by an option is kept for the next time.

    \b
    With --gate the exit code is 0 if the claim is borne out, 1 if it is
    refuted, and 7 while it is not decided; 70 if that could not be told.
    """
    from tui.commands.ab import show

    with no_verdict():
        sys.exit(show(options, **arguments))


@click.command("promote")
@click.argument("name")
@click.argument("version")
@workspace_options
def promote_version(options: Options, name: str, version: str) -> None:
    """Make VERSION the one active version of the prompt NAME, which ends a test of it."""
    from tui.commands.ab import promote

    promote(options, name, version)


@click.command("split")
@click.argument("name")
@click.argument("shares", nargs=-1, required=True, metavar="vN=WEIGHT...")
@workspace_options
def split_traffic(options: Options, name: str, shares: tuple[str, ...]) -> None:
    """Share the traffic of the prompt NAME between versions, such as v1=50 v2=50."""
    from tui.commands.ab import split

    split(options, name, shares)
