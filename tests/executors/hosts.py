"""Separate hosts on one machine: each has its own network, name and temporary folder, and a cable to a switch.

They need no rights: all of it is in a user namespace, and is gone when the process that made it ends.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

NAMESPACES = ("--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child=KILL")
"""In which hosts can be made."""

RAY_FOLDER = Path("/tmp/ray")
"""Where Ray keeps sockets and logs; every host has its own."""


def why_not() -> str:
    """Why no hosts can be made on this machine; empty where they can."""
    if sys.platform != "linux":
        return "network namespaces are a part of Linux"
    try:
        tried = f"{' '.join(['unshare', *NAMESPACES])} ip link add switch type bridge"
        done = subprocess.run(tried.split(), capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{type(error).__name__}: {error}"
    return f"{tried}: {done.stderr.strip()}" if done.returncode else ""


def make_switch() -> None:
    """Make what the cables of all hosts end in."""
    _do("ip link set lo up")
    _do("ip link add switch type bridge")
    _do("ip link set switch up")


@dataclass(frozen=True, slots=True)
class Host:
    """One host, which lives as long as its process."""

    name: str
    number: int
    """From 1; the last part of its address."""
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        """IPv4."""
        return f"10.77.0.{self.number}"

    def command(self, *argv: str) -> list[str]:
        """The command line that runs a program there."""
        return ["nsenter", f"--target={self.process.pid}", "--net", "--uts", "--mount", "--", *argv]

    def cut_off(self) -> None:
        """Pull its cable; its programs run on."""
        _do(f"ip link set cable{self.number} down")


def make_host(name: str, number: int) -> Host:
    """Make a host and connect it to the switch."""
    wait = "echo; exec sleep infinity"
    process = subprocess.Popen(
        ["unshare", "--net", "--uts", "--mount", "sh", "-c", wait], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    assert process.stdout
    process.stdout.readline()  # it has its namespaces
    host = Host(name, number, process)
    _do(f"ip link add cable{number} type veth peer name eth0 netns {process.pid}")
    _do(f"ip link set cable{number} master switch up")
    RAY_FOLDER.mkdir(exist_ok=True)
    for line in (
        f"hostname {name}",
        "ip link set lo up",
        f"ip addr add {host.address}/24 dev eth0",
        "ip link set eth0 up",
        f"mount -t tmpfs {name} {RAY_FOLDER}",
    ):
        subprocess.run(host.command(*line.split()), check=True)
    return host


def _do(line: str) -> None:
    subprocess.run(line.split(), check=True)
