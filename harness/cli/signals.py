"""SIGTERM and SIGHUP end a command as Ctrl-C does: what is under way is cancelled, what has arrived is kept.

The exit code is the shell's: 128 and the signal's number, so 143 for SIGTERM, 129 for SIGHUP, 130 for Ctrl-C.
"""

from __future__ import annotations

import signal
from types import FrameType

from harness.workspace.operating_system import ENDING

BASE = 128

_received: list[int] = []


def install() -> None:
    """Take the signals over, but for those that whoever started the command has ignored, as ``nohup`` does."""
    for number in ENDING:
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _interrupt)


def exit_code() -> int:
    """The code of a command that was interrupted."""
    return BASE + (_received[0] if _received else signal.SIGINT)


def received() -> bool:
    """Whether one of the signals came."""
    return bool(_received)


def _interrupt(number: int, frame: FrameType | None) -> None:
    _received.append(number)
    # The event loop has a way of its own to take Ctrl-C, which ends every program and connection first.
    handler = signal.getsignal(signal.SIGINT)
    if callable(handler):
        handler(signal.SIGINT, frame)
    else:
        raise KeyboardInterrupt
