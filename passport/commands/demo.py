# SPDX-License-Identifier: Apache-2.0
"""`passport demo`: the whole story on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from passport.demo.story import tell


@click.command("demo")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=Path("demo"))
@click.option("--once", is_flag=True, help="Tell the story and end, without waiting for Ctrl-C.")
@click.option(
    "--pause", type=click.FloatRange(0, 60), default=10.0, show_default=True, help="Seconds before the recall."
)
def demo_command(directory: Path, once: bool, pause: float) -> None:
    """Show the four verbs on real data: issue, verify, show, recall. State is kept in DIRECTORY, `demo` by default.

    Everything listens on 127.0.0.1 alone. The second run starts at once; remove DIRECTORY to begin anew.
    """
    tell(directory, once=once, pause_seconds=pause)
