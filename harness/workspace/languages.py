"""Language tags: parsed once, BCP-47 inside, and the facts about scripts that metrics need.

A pair is written ``de-en``. Tags with a script or region use ``_`` inside a pair, because ``-`` separates source
from target: ``en-pt_BR``, ``zh_Hant-en``. :mod:`langcodes` checks and normalises; nothing is guessed silently.
"""

from __future__ import annotations

from functools import cache

from harness.errors import UsageError
from harness.types import LangPair
from harness.workspace.common_languages import COMMON

RTL_SCRIPTS = frozenset({"Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Rohg", "Mand", "Samr"})

NO_SPACES = frozenset({"zh", "yue", "wuu", "ja", "th", "km", "lo", "my", "bo", "dz"})
"""Languages written without spaces between words, where a word tokenizer made for spaces counts nothing."""

_SCRIPT_LETTERS = 4


def parse_tag(text: str) -> str:
    """Return the normalised BCP-47 tag of ``text`` (``pt_BR`` and ``pt-br`` both give ``pt-BR``).

    Raises:
        UsageError: not a valid tag; the message suggests what to write.
    """
    tag = text.strip().replace("_", "-")
    if tag in COMMON:
        return tag
    import langcodes

    if not tag or not langcodes.tag_is_valid(tag):
        raise UsageError(
            f"'{text}' is not a language tag",
            hint="write a BCP-47 tag such as de, pt_BR or zh_Hant",
        )
    return str(langcodes.standardize_tag(tag))


def parse_pair(text: str) -> LangPair:
    """Parse ``de-en`` or ``en-pt_BR``.

    Raises:
        UsageError: not two tags joined by one ``-``.
    """
    source, separator, target = text.partition("-")
    if not separator or "-" in target:
        raise UsageError(
            f"'{text}' is not a language pair",
            hint="write SOURCE-TARGET, with '_' inside a tag: de-en, en-pt_BR, zh_Hant-en",
        )
    pair = LangPair(parse_tag(source), parse_tag(target))
    if pair.source == pair.target:
        raise UsageError(f"source and target of '{text}' are the same language")
    return pair


@cache
def primary(tag: str) -> str:
    """The language without script and region: ``zh-Hant`` gives ``zh``."""
    return tag.split("-", maxsplit=1)[0].lower()


def direction(tag: str) -> str:
    """``rtl`` or ``ltr``, for HTML's ``dir``."""
    return "rtl" if script_of(tag) in RTL_SCRIPTS else "ltr"


@cache
def script_of(tag: str) -> str:
    """ISO 15924 code of the script a language is usually, or by its tag, written in."""
    if tag in COMMON:
        return COMMON[tag][1]
    import langcodes

    return str(langcodes.Language.get(tag).maximize().script)


@cache
def script_known(tag: str) -> bool:
    """Whether :func:`script_of` is more than a guess: the tag names a script, or one is usual for the language."""
    if tag in COMMON or any(len(subtag) == _SCRIPT_LETTERS and subtag.isalpha() for subtag in tag.split("-")[1:]):
        return True
    from langcodes.data_dicts import LIKELY_SUBTAGS

    return primary(tag) in LIKELY_SUBTAGS


def display_name(tag: str) -> str:
    """The English name of the language, e.g. ``Portuguese (Brazil)``."""
    if tag in COMMON:
        return COMMON[tag][0]
    import langcodes

    return str(langcodes.Language.get(tag).display_name("en"))
