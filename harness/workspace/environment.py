"""What can move a number besides the settings: versions and the state of the repository."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from harness.workspace.distributions import version_of

PACKAGES = (
    "translation-harness",
    "sacrebleu",
    "numpy",
    "unbabel-comet",
    "torch",
    "transformers",
    "sentencepiece",
    "mecab-python3",
    "mecab-ko",
)


def environment(workspace: Path) -> dict[str, str]:
    """Versions of Python and of every package that can move a score, and the commit of the workspace."""
    versions = {"python": platform.python_version(), "platform": f"{platform.system()} {platform.machine()}"}
    for package in PACKAGES:
        installed = package_version(package)
        if installed:
            versions[package] = installed
    commit = _git(workspace, "rev-parse", "--short=12", "HEAD")
    if commit:
        versions["git"] = commit + (" (with changes)" if _git(workspace, "status", "--porcelain") else "")
    return versions


def package_version(package: str) -> str:
    """The installed version, or "" when the package is not installed; nothing is imported."""
    try:
        return version_of(distribution(package))
    except PackageNotFoundError:
        return ""


def user_cache() -> Path:
    """Where the harness keeps what belongs to a user and a machine, not to a workspace."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "translation-harness"


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
