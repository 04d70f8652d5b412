"""``harness`` and ``python -m harness``."""

import gc
import os
import sys

YOUNG_OBJECTS = 100_000
"""How many new objects make Python look for garbage in cycles; texts and scores are millions, and form none."""


def main() -> None:
    """Run the command line and exit with its code."""
    if "_HARNESS_COMPLETE" in os.environ:  # a shell waits for the tab key, and shows no colours
        sys.modules["rich"] = None  # type: ignore[assignment]  # as if it were not installed
    from harness.cli.signals import install

    install()
    from harness.cli.app import main as run_app

    gc.set_threshold(YOUNG_OBJECTS)
    sys.exit(run_app(sys.argv[1:]))


if __name__ == "__main__":
    main()
