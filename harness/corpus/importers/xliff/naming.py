"""Names of articles from the originals that XLIFF files name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from harness.corpus.names import to_article_id


def article_names(originals: Sequence[tuple[Path, str]]) -> list[str]:
    """A name for each file: that of its original without folder and suffix, or as much of it as tells originals apart.

    A file that names no original has the name of the XLIFF. An original that comes again has a number.

    Args:
        originals: the XLIFF, and what it names.
    """
    used = [original if to_article_id(original) else path.stem for path, original in originals]
    shorten = next((rule for rule in _RULES if _tells_apart(rule, used)), _whole)
    seen: dict[str, int] = {}
    names: list[str] = []
    for original in used:
        count = seen[original] = seen.get(original, 0) + 1
        names.append(shorten(original) if count == 1 else f"{shorten(original)}-{count}")
    return names


def _tells_apart(rule: Callable[[str], str], originals: Sequence[str]) -> bool:
    names = [to_article_id(rule(original)).casefold() for original in dict.fromkeys(originals)]
    return all(names) and len(set(names)) == len(names)


def _base(original: str) -> str:
    return original.replace("\\", "/").rstrip("/").rpartition("/")[2]


def _stem(original: str) -> str:
    base = _base(original)
    return base.rpartition(".")[0] or base


def _whole(original: str) -> str:
    return original


_RULES = (_stem, _base, _whole)
