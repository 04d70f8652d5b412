"""Which side of a pair a heading or a part of a file name speaks of: tags, codes and names of its language."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Literal

from harness.types import LangPair
from harness.workspace.languages import primary

Side = Literal["source", "target", "neither"]

_PART = re.compile(r"[^\W_]+")
_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})+")


def normal(text: str) -> str:
    """Letters and digits in lower case, everything between them a hyphen: ``Portuguese (Brazil)``, ``pt_BR``."""
    return "-".join(_PART.findall(unicodedata.normalize("NFC", text).casefold()))


def side_named(text: str, pair: LangPair) -> Side:
    """Which language of the pair a text is the name of, and nothing else: ``de``, ``de_AT``, ``ger``, ``Deutsch``.

    Names are those in English, in the language itself and in the other language of the pair, and the codes of
    ISO 639. A region that the pair does not have is no hindrance, unless both sides are the same language.
    """
    key = normal(text)
    if not key:
        return "neither"
    source, target = _names(pair.source, pair.target), _names(pair.target, pair.source)
    name, _, region = key.partition("-")
    if key not in source | target and 2 <= len(region) <= 3 and len(name) > 3:  # "English (UK)"
        key = name
    if key in source or key in target:
        return "neither" if key in source and key in target else "source" if key in source else "target"
    return _side_of_tag(key, pair)


def _side_of_tag(key: str, pair: LangPair) -> Side:
    import langcodes

    if not _TAG.fullmatch(key) or primary(pair.source) == primary(pair.target) or not langcodes.tag_is_valid(key):
        return "neither"
    language = primary(str(langcodes.standardize_tag(key)))
    sides: dict[str, Side] = {primary(pair.source): "source", primary(pair.target): "target"}
    return sides.get(language, "neither")


@cache
def _names(tag: str, other: str) -> frozenset[str]:
    import langcodes

    language = langcodes.Language.get(tag)
    names = [tag, language.display_name("en"), language.display_name(tag), language.display_name(other)]
    if primary(tag) != primary(other):
        names += [primary(tag), *(language.language_name(by) for by in ("en", tag, other))]
        for variant in ("T", "B"):
            try:
                names.append(language.to_alpha3(variant=variant))
            except LookupError:  # a language that ISO 639 gives no such code
                continue
    return frozenset(filter(None, (normal(str(name)) for name in names)))
