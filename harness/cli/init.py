"""``harness init``: make a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.errors import UsageError

SETTINGS = """\
# Defaults of this workspace. Command-line options take precedence. Every key is optional.
# metrics = ["bleu", "chrf", "comet"]  # the default, with cometkiwi where its model is on this machine
seed = 12345

# [metric.comet]
# model = "Unbabel/wmt22-comet-da"   # or the path of a checkpoint on this machine
"""

COPY_SYSTEM = """\
# The floor every engine must beat: the unchanged source.
engine = "copy"
label = "Copy of the source"
"""

IGNORED = """\
.cache/
runs/
"""

LINE_ENDS = """\
# On Windows, Git would otherwise write CRLF, which articles and outputs must not have.
references/** text=auto eol=lf
systems/** text=auto eol=lf
"""


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of the workspace; created if it does not exist.")
    ] = Path(),
    pair: Annotated[
        str | None, typer.Option("--pair", metavar="PAIR", help="A first language pair, e.g. de-en.")
    ] = None,
) -> None:
    """Create a workspace.

    Makes references/, systems/, reports/ and harness.toml. Existing files are left alone.
    """
    from harness.workspace.languages import parse_pair

    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", hint="name a folder")
    pair_folder = [folder / "references" / str(parse_pair(pair))] if pair is not None else []
    for new in (folder / "references", folder / "systems", folder / "reports", *pair_folder):
        new.mkdir(parents=True, exist_ok=True)
    for path, text in (
        (folder / "harness.toml", SETTINGS),
        (folder / "systems" / "copy.toml", COPY_SYSTEM),
        (folder / "reports" / ".gitignore", IGNORED),
        (folder / ".gitattributes", LINE_ENDS),
    ):
        if not path.exists():
            path.write_text(text, encoding="utf-8", newline="\n")
            typer.echo(f"created {path}")
    example = pair or "de-en"
    typer.echo(f"next: harness import FILE ... --pair {example} brings articles in; systems/<name>.toml adds a system")
