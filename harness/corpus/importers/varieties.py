"""Language tags of imported files: which of them stand for one side of the pair."""

from __future__ import annotations

from functools import cache

from harness.errors import DataError, UsageError
from harness.workspace.languages import parse_tag, primary, script_of


def tag_of(written: str, where: str) -> str:
    """The normalised tag.

    Raises:
        DataError: it is none.
    """
    tag = _parsed(written)
    if not tag:
        raise DataError(
            f"{where}: '{' '.join(written.split())}' is not a language tag", hint="write a tag such as de or pt-BR"
        )
    return tag


def is_tag(written: str) -> bool:
    """Whether this is a language tag."""
    return bool(_parsed(written))


@cache
def fits(wanted: str, tag: str) -> bool:
    """Whether two normalised tags are of one language in one script: ``de``, ``de-AT``; not ``zh-CN``, ``zh-TW``."""
    return wanted == tag or (primary(wanted) == primary(tag) and script_of(wanted) == script_of(tag))


@cache
def _parsed(written: str) -> str:
    try:
        return parse_tag(written)
    except UsageError:
        return ""
