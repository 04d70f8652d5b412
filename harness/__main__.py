"""``harness`` and ``python -m harness``."""

import atexit
import gc
import os
import sys

YOUNG_OBJECTS = 300_000
"""How many new objects make Python look for garbage in cycles; texts and scores are millions, and form none."""


def main() -> None:
    """Run the command line and exit with its code."""
    gc.set_threshold(YOUNG_OBJECTS)
    ended: list[int] = []
    atexit.register(_leave, ended)  # before all others, and so the last to be called
    if "_HARNESS_COMPLETE" in os.environ:  # a shell waits for the tab key, and shows no colours
        sys.modules["rich"] = None  # type: ignore[assignment]  # as if it were not installed
    from harness.cli.signals import install

    install()
    from harness.cli.app import main as run_app

    ended.append(run_app(sys.argv[1:]))
    sys.exit(ended[0])


def _leave(ended: list[int]) -> None:
    """End the process at once: to take modules and texts apart one by one costs a tenth of a short command.

    Threads have ended and what others registered has run by now. A command without a code has not ended as it should,
    and what cannot be written yet is Python's to report.
    """
    if not ended:
        return
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        return
    os._exit(ended[0])


if __name__ == "__main__":
    main()
