"""Chinese, Japanese and Korean, told apart by the characters that only one of them writes."""

from __future__ import annotations

from functools import cache

from harness.types.patterns import on_demand
from harness.workspace.languages import primary

_HAN = on_demand(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_KANA = on_demand(r"[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")
_HANGUL = on_demand(r"[\uac00-\ud7a3\u1100-\u11ff\u3131-\u318e]")
_FEWEST = 6
"""Characters of these scripts without which nothing is said."""
_FEWEST_IDEOGRAPHS = 12
"""Ideographs without kana that are no Japanese: a headline may have a few."""
_SOME_KANA = 0.04
"""Share of kana that Japanese prose does not go below."""
_MUCH = 0.2
"""Share of kana or hangul that names in a Chinese text do not reach."""
_FEWEST_FORMS = 3
_TIMES = 4
_TRADITIONAL_REGIONS = frozenset({"TW", "HK", "MO", "Hant"})
_SIMPLIFIED_REGIONS = frozenset({"CN", "SG", "MY", "Hans"})


def written_in(text: str, target: str) -> str:
    """The language or script a text is in, if it is another than ``target``; empty where it fits or is too short.

    Args:
        text: any text.
        target: a tag such as ``ja``, ``zh-Hant`` or ``zh-TW``; other languages than Chinese, Japanese and Korean get an
            empty answer. A bare ``zh`` may be of either script.

    Returns:
        ``ja``, ``ko``, ``zh``, ``zh-Hans``, ``zh-Hant``, or an empty string.
    """
    language = primary(target)
    if language not in {"zh", "ja", "ko"}:
        return ""
    han, kana, hangul = (len(pattern.findall(text)) for pattern in (_HAN, _KANA, _HANGUL))
    total = han + kana + hangul
    if total < _FEWEST:
        return ""
    if hangul >= _MUCH * total:
        actual = "ko"
    elif kana >= (_MUCH if language == "zh" else _SOME_KANA) * total:
        actual = "ja"
    elif language == "ja" and not _chinese_without_doubt(text, han):
        return ""
    else:
        actual = "zh"
    if actual != language:
        return actual
    return _other_script(text, target) if language == "zh" else ""


def _other_script(text: str, target: str) -> str:
    """The script of a Chinese text, if the target asks for the other one."""
    subtags = set(target.split("-")[1:])
    simplified, traditional = forms(text)
    if subtags & _TRADITIONAL_REGIONS and simplified >= max(_FEWEST_FORMS, _TIMES * traditional):
        return "zh-Hans"
    if subtags & _SIMPLIFIED_REGIONS and traditional >= max(_FEWEST_FORMS, _TIMES * simplified):
        return "zh-Hant"
    return ""


def forms(text: str) -> tuple[int, int]:
    """How many characters are simplified forms and how many are traditional ones: in one national standard only."""
    kinds = [_form(character) for character in _HAN.findall(text)]
    return kinds.count("simplified"), kinds.count("traditional")


def _chinese_without_doubt(text: str, count: int) -> bool:
    """Whether ideographs without kana are Chinese: one is simplified, or there are many and none is Japanese only."""
    characters = _HAN.findall(text)
    if any(_form(character) == "simplified" and not _has("shift_jis", character) for character in characters):
        return True
    return count >= _FEWEST_IDEOGRAPHS and not any(map(_only_japanese, characters))


@cache
def _only_japanese(character: str) -> bool:
    return _has("shift_jis", character) and not _has("gb2312", character) and not _has("big5", character)


@cache
def _form(character: str) -> str:
    mainland, taiwan = _has("gb2312", character), _has("big5", character)
    if mainland == taiwan:
        return "either"
    return "simplified" if mainland else "traditional"


def _has(standard: str, character: str) -> bool:
    try:
        character.encode(standard)
    except UnicodeEncodeError:
        return False
    return True
