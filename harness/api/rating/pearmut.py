"""Pearmut with a campaign loaded, on loopback.

``pearmut run`` listens on all interfaces, so its application is served by uvicorn on 127.0.0.1, by the Python that has
Pearmut. Its links have no secret in them and it answers any page of the browser; that is Pearmut's own.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from harness.api.loopback import ADDRESS
from harness.api.rating.campaign import PEARMUT
from harness.errors import UsageError
from harness.metrics.isolated.environment import Unusable, folder_of, look_up
from harness.metrics.isolated.install import add
from harness.metrics.isolated.recipe import Recipe
from harness.workspace.operating_system import python_of

ENVIRONMENT = Recipe("pearmut", ("pearmut==1.1.6",), Path(), oldest_python=(3, 12), newest_python=(3, 14))
"""The version that was tried, and the Pythons that it runs on; it computes no scores, so it has no worker."""

ADDING = 120.0
"""Seconds that adding a campaign may take."""


def install_pearmut() -> None:
    """Install Pearmut in an environment of its own, unless it is there.

    Raises:
        CannotInstall: it cannot be had, or no Python fits.
    """
    add(ENVIRONMENT)


def find_pearmut() -> Path:
    """The Python that has Pearmut: of its own environment, of the command beside this Python, or of the search path.

    Raises:
        UsageError: there is none, and how to get one.
    """
    if not isinstance(look_up(ENVIRONMENT), Unusable):
        return python_of(folder_of(ENVIRONMENT.name))
    beside = shutil.which("pearmut", path=str(Path(sys.executable).parent))
    command = beside or shutil.which("pearmut")
    if command is None:
        raise UsageError(
            "Pearmut is not installed",
            hint="add --install, for an environment of its own, or leave out --with to rate on the harness's page",
        )
    # The command of a tool that was installed for itself is a link to the environment that it has.
    folder = Path(command).resolve().parent
    for name in ("python", "python3", "python.exe"):
        if (folder / name).exists():
            return folder / name
    raise UsageError(f"{command}: there is no Python beside it", hint="install it in an environment of its own")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve_pearmut(folder: Path, port: int = 0) -> Iterator[tuple[subprocess.Popen[bytes], Mapping[str, str]]]:
    """Pearmut's own server, and the link of its dashboard and of each person; it is ended with the block.

    Args:
        folder: of the campaign; Pearmut keeps its data in it.
        port: 0 for any that is free.

    Raises:
        UsageError: Pearmut is not installed, or refuses the campaign.
    """
    python, chosen = str(find_pearmut()), port or _free_port()
    environment = {**os.environ, "PEARMUT_ROOT": "."}
    links = folder / "links.txt"
    if not links.exists():
        command = [python, "-c", "from pearmut.cli import main; main()", "add", PEARMUT]
        url = f"http://{ADDRESS}:{chosen}"
        added = subprocess.run(
            [*command, "--url", url], cwd=folder, env=environment, capture_output=True, timeout=ADDING, check=False
        )
        said = added.stdout.decode(errors="replace")
        if added.returncode:
            raise UsageError(f"Pearmut refuses {folder / PEARMUT}: {said.strip()[-300:]}", hint="report it, please")
        shown = "".join(f"{line.partition(url)[2].strip()}\n" for line in said.splitlines() if url in line)
        links.write_text(shown, encoding="utf-8")
    paths = links.read_text(encoding="utf-8").splitlines()
    server = subprocess.Popen(
        [
            python,
            "-m",
            "uvicorn",
            "pearmut.app:app",
            "--host",
            ADDRESS,
            "--port",
            str(chosen),
            "--log-level",
            "warning",
        ],
        cwd=folder,
        env=environment,
    )
    try:
        yield server, {_who(path): f"http://{ADDRESS}:{chosen}{path}" for path in paths}
    finally:
        server.terminate()
        server.wait()


def _who(path: str) -> str:
    """Whose link it is."""
    return parse_qs(urlsplit(path).query).get("user_id", ["dashboard"])[0]
