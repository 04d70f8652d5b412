"""Every call that only some operating systems have, each with its twin; nothing else in the harness makes them.

``tests/test_operating_systems.py`` reads the code and forbids such calls elsewhere. The twins for Windows follow its
documentation; they are tested as far as another system can.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Literal

WINDOWS = os.name == "nt"

How = Literal["politely", "at once"]

ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))
"""Signals that ask a command to end: by ``kill``, by closing its terminal, by Ctrl-Break."""

PATIENCE = 2.0
"""Seconds for which a file that another program holds open is tried again."""

PAUSE = 0.05

LINKS = 40
"""Links that are followed one after the other, as Linux does (``path_resolution(7)``)."""

DRIVERS = ("/dev/nvidiactl", "/dev/dxg")
"""Where Linux, and Linux inside Windows, show the driver of an NVIDIA card."""


CONTROL_GROUPS = Path("/sys/fs/cgroup")
"""Where Linux shows what a container may use; absent elsewhere."""


def own_group() -> dict[str, Any]:
    """Arguments of ``Popen`` that start a program apart, so that it can be ended with all that it starts."""
    if WINDOWS:
        return {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    return {"start_new_session": True}


def end_group(process: int, how: How) -> None:
    """End a program that was started with :func:`own_group`, and what it started. One that is gone is fine.

    Args:
        process: its number.
        how: ``politely`` lets programs put their things in order, which Windows only offers to those with a window.
    """
    if sys.platform == "win32":
        force = ["/F"] if how == "at once" else []
        subprocess.run(["taskkill", "/T", *force, "/PID", str(process)], capture_output=True, check=False)
        return
    try:
        os.killpg(process, signal.SIGKILL if how == "at once" else signal.SIGTERM)
    except ProcessLookupError:
        return


def describe_exit(returncode: int) -> str:
    """``exit code 3`` or ``SIGKILL (likely out of memory)``; shells report a signal as 128 and its number."""
    number = -returncode if returncode < 0 else returncode - 128
    try:
        name = signal.Signals(number).name
    except ValueError:
        return f"exit code {returncode}"
    text = f"{name} (likely out of memory)" if name == "SIGKILL" else name
    return text if returncode < 0 else f"exit code {returncode}, {text}"


def names_a_path(text: str) -> bool:
    """Whether a text has a separator of folders in it: a slash, and on Windows also a backslash."""
    return any(separator in text for separator in (os.sep, os.altsep) if separator)


def replace_file(source: Path, target: Path) -> None:
    """Rename ``source``; a file that is there is replaced, and readers see the old one or the new one.

    Windows refuses while another program has the target open, as a virus scanner does for a moment.

    Raises:
        OSError: it cannot be done, or not in :data:`PATIENCE` seconds.
    """
    last = time.monotonic() + PATIENCE
    while True:
        try:
            source.replace(target)
        except PermissionError:
            if not WINDOWS or time.monotonic() > last:
                raise
            time.sleep(PAUSE)
        else:
            return


def own_stream(path: Path) -> int | None:
    """The open file of this process that a name stands for, such as ``/dev/stdout`` or ``/dev/fd/63``.

    To open such a name would start at the beginning of a file that a shell appends to, and cannot be done for sockets.

    Returns:
        Its number; None for any other name.
    """
    for _ in range(LINKS):
        if path.name.isdecimal() and os.path.realpath(path.parent) in ("/dev/fd", f"/proc/{os.getpid()}/fd"):
            return int(path.name)
        if not path.is_symlink():
            break
        path = path.parent / path.readlink()
    return None


def processor_name() -> str:
    """The model of the processor as Linux tells it; empty elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def mounts() -> str:
    """The table of mounted file systems of Linux (``proc(5)``, mountinfo); empty elsewhere."""
    try:
        return Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""


def memory_kills(groups: Path = CONTROL_GROUPS, own: Path = Path("/proc/self/cgroup")) -> int:
    """Processes of this control group that Linux has ended because memory ran out; 0 where nothing tells.

    Args:
        groups: where control groups are mounted, of version 2 (``memory.events``) or 1 (``memory.oom_control``).
        own: which of them this process is in; a container may see its own as the root.
    """
    try:
        lines = [line.split(":", 2) for line in own.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return 0
    for _, controllers, path in lines:
        if controllers and "memory" not in controllers.split(","):
            continue
        mounted, name = (groups / "memory", "memory.oom_control") if controllers else (groups, "memory.events")
        for folder in (mounted / path.lstrip("/"), mounted):
            try:
                text = (folder / name).read_text(encoding="utf-8")
                return int(dict(line.split() for line in text.splitlines())["oom_kill"])
            except (OSError, ValueError, KeyError):
                continue
    return 0


def python_of(environment: Path) -> Path:
    """The interpreter of a virtual environment."""
    return environment / "Scripts" / "python.exe" if WINDOWS else environment / "bin" / "python"


def has_nvidia_driver() -> bool:
    """Whether there is a driver for an NVIDIA card, told without loading anything."""
    if WINDOWS:
        return (Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "nvcuda.dll").exists()
    return any(Path(device).exists() for device in DRIVERS)
