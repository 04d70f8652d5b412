"""Regular expressions that are compiled when they are first used: checks need most of theirs for few texts or none."""

from __future__ import annotations

import re
from typing import Any, cast

_METHODS = ("search", "match", "fullmatch", "findall", "finditer", "sub", "split")


class _OnDemand:
    def __init__(self, pattern: str, flags: re.RegexFlag) -> None:
        self.pattern, self._flags = pattern, flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self.pattern, self._flags)
        # Found without this method from now on.
        self.__dict__ |= {method: getattr(compiled, method) for method in _METHODS}
        return getattr(compiled, name)


def on_demand(pattern: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """:func:`re.compile`, put off until the first search; only then can an expression turn out to be none.

    What is returned has the attributes of a compiled expression, but its matches name the compiled one as their ``re``.
    """
    return cast("re.Pattern[str]", _OnDemand(pattern, flags))
