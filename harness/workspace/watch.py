"""The process that outlives the harness and ends its programs: run as a script, without the harness on its path.

Arguments: the harness's number, and a mark that its programs have in their environment. Input: a line for each process
group that begins (its number) or ends (the number negated), and ``0`` when the harness ends in order.

It asks for its parent as well: a process that was forked from the harness may hold the pipe open. It looks for marks
more than once, because what is about to be killed may start something. Windows has neither groups nor marks: there, the
tree of each program that is noted is ended.
"""

import os
import signal
import subprocess
import sys
import time

WINDOWS = os.name == "nt"
LOOKS = 5
"""Looks for marked processes that were never noted."""


def main(parent: int, mark: bytes) -> None:
    """Read until the harness has gone, then end what it has left."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    groups: set[int] = set()
    rest = b""
    ended = False
    while True:
        if has_input():
            chunk = os.read(0, 65536)
            if not chunk:
                break
            *lines, rest = (rest + chunk).split(b"\n")
            for number in map(int, lines):
                ended = not number
                if number > 0:
                    groups.add(number)
                else:
                    groups.discard(-number)
        elif os.getppid() != parent:
            break
    for group in groups:
        end(group)
    for _ in range(0 if ended else LOOKS):
        end_marked(mark)
        time.sleep(0.05)


def has_input() -> bool:
    """Whether reading would not wait; Windows cannot tell of a pipe, and reading waits."""
    if WINDOWS:
        return True
    import select

    return bool(select.select([0], [], [], 1.0)[0])


def end(group: int) -> None:
    """End a group at once."""
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(group)], capture_output=True, check=False)
        return
    try:
        os.killpg(group, signal.SIGKILL)
    except OSError:
        return


def end_marked(mark: bytes) -> None:
    """End every process that has the mark, where ``/proc`` shows it."""
    if sys.platform == "win32":
        return
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():  # noqa: PTH112, PTH208 - starts in a moment
        try:
            with open(f"/proc/{int(name)}/environ", "rb") as environment:  # noqa: PTH123
                if mark in environment.read().split(b"\0"):
                    os.kill(int(name), signal.SIGKILL)
        except (OSError, ValueError):
            continue


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2].encode())
