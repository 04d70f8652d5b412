"""``harness`` and ``python -m harness``."""

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    from harness.cli.app import main as run_app

    sys.exit(run_app(sys.argv[1:]))


if __name__ == "__main__":
    main()
