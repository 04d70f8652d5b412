"""Compiles the kernels into the wheel where there is a C compiler; where there is none, the wheel is pure Python.

Hatchling runs this for ``pip install .``, ``pip install -e .`` and ``python -m build``. The library has no Python in it,
so one wheel serves every version of Python on its platform: ``py3-none-<platform>``.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SUFFIX = {"darwin": ".dylib", "win32": ".dll"}.get(sys.platform, ".so")
LIBRARY = f"harness/metrics/strings/libharness_kernels{SUFFIX}"
COMPILERS = ("cc", "gcc", "clang")

# No contraction into fused multiply-add: the same bits as Python's floating point on every processor.
FLAGS = ("-std=c11", "-O3", "-fPIC", "-shared", "-fvisibility=hidden", "-ffp-contract=off")


class KernelsHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the compiled library to the wheel, or leaves the wheel as it is."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; for an editable installation the library lies in the source tree, where Python will look for it."""
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        if version != "editable":
            build_data["force_include"] |= documentation(root)
        self._folder = tempfile.mkdtemp(prefix="harness-kernels-")
        built = Path(self._folder) / Path(LIBRARY).name
        why = compile_kernels(root / "native", built)
        if why:
            self.app.display_warning(f"built without compiled kernels (everything works, but slower): {why}")
            return
        if version == "editable":
            # Renamed into place: a process that has the old library open keeps it.
            place = root / LIBRARY
            shutil.copy(built, place.with_suffix(".new"))
            place.with_suffix(".new").replace(place)
        else:
            build_data["force_include"][str(built)] = LIBRARY
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{_platform()}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the temporary folder."""
        del version, build_data, artifact_path
        if self.target_name == "wheel":
            shutil.rmtree(self._folder, ignore_errors=True)


def documentation(root: Path) -> dict[str, str]:
    """The pages that `harness docs` shows where there is no repository; designs and pictures stay behind."""
    pages = [path for folder in ("docs", "docs/reference") for path in sorted((root / folder).glob("*.md"))]
    found = {str(path): f"harness/{path.relative_to(root).as_posix()}" for path in pages}
    return found | {str(root / name / "README.md"): f"harness/docs/{name}.md" for name in ("systems", "references")}


def compile_kernels(sources: Path, built: Path) -> str:
    """Compile and link ``sources/*.c`` into ``built``; returns why that was not possible, or ""."""
    compiler = _compiler()
    if not compiler:
        return "no C compiler (set CC, or install gcc or clang)"
    files = sorted(str(path) for path in sources.glob("*.c"))
    try:
        done = subprocess.run([*compiler, *FLAGS, *files, "-lm", "-o", str(built)], capture_output=True, text=True)
    except OSError as error:
        return f"{compiler[0]}: {error.strerror}"
    return f"{compiler[0]} failed: {done.stderr.strip()}" if done.returncode else ""


def _compiler() -> list[str]:
    """``CC`` if it is set, and then nothing else; otherwise the first compiler on the path."""
    asked = os.environ.get("CC")
    if asked:
        return shlex.split(asked)
    return next(([name] for name in COMPILERS if shutil.which(name)), [])


def _platform() -> str:
    from packaging.tags import platform_tags

    # The plainest tag of this machine: the library was made for it and not for an older one.
    tags = list(platform_tags())
    return next((tag for tag in tags if tag.startswith("linux_")), tags[0])
