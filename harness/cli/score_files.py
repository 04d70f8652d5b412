"""Files as ``harness score`` takes them: ``NAME=FILE``, and the scores that users bring."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.metrics.interface import Metric


def named_files(items: Sequence[str], flag: str) -> dict[str, Path]:
    """``NAME=FILE``, each name once.

    Raises:
        UsageError: it is not of this form, or a name is given twice.
    """
    files: dict[str, Path] = {}
    for item in items:
        name, separator, file = item.partition("=")
        if not separator or not name or not file:
            raise UsageError(f"{flag} {item}: not NAME=FILE")
        if name in files:
            raise UsageError(f"{flag}: the name '{name}' is given twice ({files[name]} and {file})")
        files[name] = Path(file)
    return files


def _file_and_column(path: Path) -> tuple[Path, str]:
    """``ratings.tsv#esa`` is the column esa, unless there is a file of that name."""
    file, separator, column = str(path).rpartition("#")
    return (Path(file), column) if separator and file and column and not path.exists() else (path, "")


def user_scores_of(items: Sequence[str], lower_is_better: Sequence[str], computed: Sequence[str]) -> list[Metric]:
    """``--scores``: METRIC=FILE is a TSV, METRIC:SYSTEM=FILE a column of numbers.

    Args:
        items: as given.
        lower_is_better: the columns of which less is better.
        computed: metrics whose scores are computed, and whose names are taken.

    Raises:
        UsageError: not of this form, a name is taken or given twice, or nothing is of the name of ``lower_is_better``.
    """
    if not items and not lower_is_better:
        return []
    from harness.metrics.scores.metric import Scores
    from harness.workspace.registry import suggestion

    files = named_files(items, "--scores")
    tables = {name: path for name, path in files.items() if ":" not in name}
    columns: dict[str, dict[str, Path]] = {}
    for name, path in files.items():
        if ":" in name:
            metric, _, system = name.partition(":")
            columns.setdefault(metric, {})[system] = path
    both = sorted(tables.keys() & columns.keys())
    if both:
        raise UsageError(f"--scores gives '{both[0]}' both as a table and per system")
    known = [*tables, *columns]
    for name in known:
        if name in computed:
            raise UsageError(
                f"--scores {name}: '{name}' is the name of a built-in metric",
                hint=f"choose another, such as my-{name}, or leave {name} out of --metric",
            )
    for name in lower_is_better:
        if name not in known:
            raise UsageError(f"--lower-is-better {name}: no --scores of that name", hint=suggestion(name, known))
    made: list[Metric] = [
        Scores.from_tsv(name, file, column=column, higher_is_better=name not in lower_is_better)
        for name, path in tables.items()
        for file, column in (_file_and_column(path),)
    ]
    made += [
        Scores.from_lines(name, by_system, higher_is_better=name not in lower_is_better)
        for name, by_system in columns.items()
    ]
    return made
