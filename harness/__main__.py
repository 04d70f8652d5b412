"""``harness`` and ``python -m harness``."""

import gc
import sys

YOUNG_OBJECTS = 100_000
"""How many new objects make Python look for garbage in cycles; texts and scores are millions, and form none."""


def main() -> None:
    """Run the command line and exit with its code."""
    from harness.cli.signals import install

    install()
    from harness.cli.app import main as run_app

    gc.set_threshold(YOUNG_OBJECTS)
    sys.exit(run_app(sys.argv[1:]))


if __name__ == "__main__":
    main()
