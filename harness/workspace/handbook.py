"""The pages of documentation that come with the package, for people who have nothing but the installed wheel."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

import harness
from harness.errors import UsageError
from harness.workspace.registry import suggestion

BESIDE = {"systems": "systems/README.md", "references": "references/README.md"}
"""Pages that lie beside what they explain in the repository."""


@cache
def handbook() -> dict[str, Path]:
    """Name of a page to its file, such as ``statistics`` or ``reference/systems``, sorted."""
    installed = Path(str(files("harness"))) / "docs"
    root = Path(harness.__file__).resolve().parents[1]
    folder = installed if installed.is_dir() else root / "docs"
    pages = {str(path.relative_to(folder).with_suffix("").as_posix()): path for path in folder.rglob("*.md")}
    if folder != installed:
        pages |= {name: root / file for name, file in BESIDE.items()}
    return {name: pages[name] for name in sorted(pages) if not name.startswith("design/")}


def read_page(name: str) -> str:
    """The text of a page.

    Raises:
        UsageError: there is none of that name.
    """
    pages = handbook()
    if name not in pages:
        raise UsageError(f"unknown page '{name}'", hint=suggestion(name, list(pages)))
    return pages[name].read_text(encoding="utf-8")


def title_of(path: Path) -> str:
    """The first heading of a page."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((line.removeprefix("# ") for line in lines if line.startswith("# ")), path.stem)
