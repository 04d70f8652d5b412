"""Which stored runs may go, and deleting them. A run that is a baseline is never among them."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from harness.store.runs.heads import RunHead, read_heads
from harness.store.runs.latest import recorded

Kept = Literal["", "baseline", "named", "latest", "link", "undated"]
"""Why a run stays although it is old enough to go; empty where it goes."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """A run that is old enough to go."""

    head: RunHead
    bytes: int
    kept: Kept


def plan_pruning(
    runs: Path,
    *,
    now: datetime,
    keep: int | None = None,
    older_than: timedelta | None = None,
    baselines: Collection[str] = (),
    named: bool = False,
) -> list[Pruned]:
    """The runs that are old enough to go, oldest first, and which of them stay all the same.

    Args:
        runs: folder of the runs.
        now: with its time zone.
        keep: the newest so many are not old enough; None for no such rule.
        older_than: younger ones are not old enough; None for no such rule.
        baselines: ids of runs that were accepted.
        named: whether runs with a name may go as well.

    Raises:
        StoreError: the record of the run made last is damaged.
    """
    heads = read_heads(runs)
    last = recorded(runs)
    old = heads if keep is None else heads[: max(len(heads) - keep, 0)]
    return [
        Pruned(head, _size(head.folder), _why_kept(head, baselines, last, named=named))
        for head in old
        if older_than is None or _older(head, now - older_than)
    ]


def delete_run(folder: Path) -> None:
    """Delete a run. Its manifest goes first, so that no reader takes what is left for a whole run."""
    (folder / "run.json").unlink()
    shutil.rmtree(folder)


def _why_kept(head: RunHead, baselines: Collection[str], last: Collection[str], *, named: bool) -> Kept:
    if {head.folder.name, head.id} & set(baselines):
        return "baseline"
    if head.folder.name in last:
        return "latest"
    if head.folder.is_symlink():
        return "link"
    if _made(head) is None:
        return "undated"
    return "named" if head.name and not named else ""


def _made(head: RunHead) -> datetime | None:
    try:
        made = datetime.fromisoformat(head.created)
    except ValueError:
        return None
    return made if made.tzinfo else None


def _older(head: RunHead, than: datetime) -> bool:
    """Whether it was made before a time; also where that cannot be known, so that it is listed with the reason."""
    made = _made(head)
    return made is None or made < than


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())
