"""Expressions on demand: compiled at the first search, and then as any other."""

from __future__ import annotations

import re

import pytest

from harness.types.patterns import on_demand


def test_an_expression_is_compiled_when_it_is_first_used(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    compile_now = re.compile

    def counted(pattern: str, flags: re.RegexFlag) -> re.Pattern[str]:
        compiled.append(pattern)
        return compile_now(pattern, flags)

    monkeypatch.setattr(re, "compile", counted)
    letters = on_demand("[a-c]+", re.IGNORECASE)
    assert (letters.pattern, compiled) == ("[a-c]+", [])
    assert letters.findall("xABx c") == ["AB", "c"]
    assert letters.sub("", "xABx c", count=1) == "xx c"
    assert letters.groups == 0
    assert compiled.count("[a-c]+") <= 2
    with pytest.raises(re.error):
        on_demand("(").search("")
