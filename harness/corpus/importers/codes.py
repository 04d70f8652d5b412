r"""Inline codes of TMX and XLIFF: what they leave of themselves in the plain text.

A code that breaks the line is a space. A code that stands for a placeholder (``{user}``, ``%d``), or that says what
stands for it (``equiv-text``), stays as that. Text in ``<sub>`` stays. Formatting that opens or closes goes without a
trace; any other code goes, but never so that the words beside it become one. All of it is counted.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import regex

from harness.corpus.importers.markup import local_name
from harness.errors import DataError

Kind = Literal["break", "text", "pair", "alone"]

BREAKS: Final = "codes for line breaks or tabs, read as a space"
KEPT: Final = "codes kept as the text they stand for"
SUBS: Final = "texts inside codes kept"
PAIRS: Final = "formatting codes left out"
LOST: Final = "codes that stand for no text left out"
DELETED: Final = "tracked deletions left out"

_COUNTED: Final[Mapping[Kind, str]] = {"break": BREAKS, "text": KEPT, "pair": PAIRS, "alone": LOST}
_PAIRED = frozenset({"bpt", "ept", "it", "sc", "ec", "bx", "ex", "sm", "em"})
_ALONE = frozenset({"ph", "x", "ut"})
TMX_CODES = frozenset({"hi", "bpt", "ept", "it", "ph", "ut", "sub"})

_GAP = "\x00"
"""Where a code was that stood for nothing; no XML has this character."""
_SPACE = "\x01"
"""Where the line was broken, or a tab stood."""
_SPACES = re.compile(f"[ {_GAP}]*{_SPACE}[ {_SPACE}{_GAP}]*")
_BREAK_TYPES = frozenset({"lb", "pb", "cb", "br", "linebreak", "line-break", "newline", "tab", "lf", "crlf"})
_BREAK = re.compile(
    r"</?(?:[a-z]+:)?(?:br|p|div|li|ul|ol|tr|td|th|table|h[1-6]|hr|blockquote|cr|tab|s|line-break|soft-page-break|lb)"
    r"(?:[\s/][^<>]*)?>|(?:\\[nrt])+|\{?\\(?:line|par|tab)\s*\}?|\s+",
    re.IGNORECASE,
)
_PLACEHOLDERS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r"%(?:\d+\$)?[-+ 0#]*\d*(?:\.\d+)?(?:hh|h|ll|l|j|z|t|L|q)?[a-zA-Z@]",
        *(r"%\(\w+\)[a-z]", r"%[\w.]+%", r"%\d+", "%%"),
        *(r"\{\{.*\}\}", r"[$#]?\{(?!\\).*\}", r"\[%.*%\]", r"\$[\w.]+\$", r"\$[\w.]+"),
        *(r"__\w+__", r"@\w+", r"[A-Z][A-Z0-9_]{2,}", r"\[\w+\]", r"\s+"),
    )
)
_LONGEST_PLACEHOLDER = 10_000
"""Characters; a longer native code is taken for markup."""
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|[A-Za-z][\w.-]*);")
_SHOWN = re.compile(r"<[a-z]+:\w+\s[^<>]*?(?:displaytext|val)=\"([^\"]*)\"[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<([A-Za-z][\w:.-]*)[^<>]*?(/?)>?", re.DOTALL)
_VOID = frozenset({"img", "input", "embed", "area", "source", "draw:image"})
_NEVER_SEEN = re.compile(r"bookmark|shy|wbr|proof|index|anchor", re.IGNORECASE)
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*")
"""The name that Angular gives a code whose text it has in ``disp``: ``INTERPOLATION``, ``LINE_BREAK``."""
_ANGULAR = re.compile(r"(?:INTERPOLATION|ICU|PH)(?:_\d+)?")
_GLUED = regex.compile(rf"(?<=([\p{{L}}\p{{N}}.!?:;,)])){_GAP}+(?=([\p{{L}}\p{{N}}(]))")
_WITHOUT_SPACES = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")


@dataclass(frozen=True, slots=True)
class Codes:
    """How the codes of one file are read."""

    counts: Counter[str]
    """Is added to."""
    known: frozenset[str] = frozenset()
    """The only elements there may be; empty for any."""
    natives: Mapping[str, str] = field(default_factory=dict)
    """The native codes that the file keeps elsewhere, by the id that codes refer to."""


def inline_text(element: Any, codes: Codes, where: str) -> str:
    """The plain text of an element, line breaks and runs of spaces as they are.

    Raises:
        DataError: headed by ``where``: an element that is not known, or an entity that nobody declared.
    """
    if not len(element):
        return str(element.text or "")
    return _closed("".join(_pieces(element, codes, where)))


def _closed(text: str) -> str:
    """The text without the gaps; between two words a space is left."""

    def space(match: Any) -> str:
        return "" if any(map(_WITHOUT_SPACES.match, match.groups())) else " "

    return str(_GLUED.sub(space, _SPACES.sub(" ", text))).replace(_GAP, "")


def _pieces(element: Any, codes: Codes, where: str) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        name = local_name(child)
        if not name:
            _refuse_entity(child, where)
        elif codes.known and name not in codes.known:
            raise DataError(f"{where}: <{name}> is not allowed in a text of this format")
        elif name == "mrk" and child.get("mtype") == "x-sdl-deleted":
            codes.counts[DELETED] += 1
        elif name == "cp":
            yield _character(child.get("hex", ""), codes, where)
        elif name in _ALONE or name in _PAIRED:
            yield from _code(child, codes, where, paired=name in _PAIRED)
        else:
            if name not in {"mrk", "sub"}:
                codes.counts[PAIRS] += 1
            yield from _pieces(child, codes, where)
        yield child.tail or ""


def _character(written: str, codes: Codes, where: str) -> str:
    """The character of a ``<cp>``; control characters are nothing that can be seen."""
    try:
        character = chr(int(written, 16))
    except (ValueError, OverflowError):
        raise DataError(f'{where}: <cp hex="{written}"> is not a character', hint="correct the code point") from None
    if character.isspace() or character.isprintable():
        return character
    codes.counts[LOST] += 1
    return _GAP


def _refuse_entity(child: Any, where: str) -> None:
    text = getattr(child, "text", "") or ""
    if isinstance(child.tag, Callable) and text.startswith("&"):  # type: ignore[arg-type]
        raise DataError(f"{where}: the entity {text} is not declared", hint="write the character itself")


def _code(element: Any, codes: Codes, where: str, *, paired: bool) -> Iterator[str]:
    kind, text = _meaning(element, codes)
    if paired and kind != "break":
        kind, text = "pair", ""
    codes.counts[_COUNTED[kind]] += 1
    yield {"break": _SPACE, "text": text, "pair": "", "alone": _GAP}[kind]
    for sub in element.iterchildren("{*}sub"):
        codes.counts[SUBS] += 1
        yield _GAP
        yield from _pieces(sub, codes, where)
        yield _GAP


def _meaning(element: Any, codes: Codes) -> tuple[Kind, str]:
    """What a code stands for, and its text."""
    kind = (element.get("ctype") or element.get("subType") or element.get("type") or "").lower()
    if kind.rpartition(":")[2].removeprefix("x-").removeprefix("html-") in _BREAK_TYPES:
        return "break", " "
    native = (element.text or "") + "".join(child.tail or "" for child in element)
    name = element.get("id", "")
    native = native or codes.natives.get(element.get("dataRef", ""), "")
    if not native and local_name(element) == "x":
        native = codes.natives.get(name, "")
    said, shown = element.get("equiv-text", element.get("equiv")), element.get("disp", "")
    if said is not None and not (shown and _CONSTANT.fullmatch(said)):
        return _said(said)
    if native:
        return _of_native(native)
    if _ANGULAR.fullmatch(name):
        return "text", f"{{{name}}}"
    return _said(shown) if shown else ("alone", "")


def _said(text: str) -> tuple[Kind, str]:
    """What an attribute says that stands for a code: markup is markup, all else is text."""
    kind, meaning = _of_native(text) if text else ("pair", "")
    return (kind, meaning) if kind != "alone" or text.startswith("<") else ("text", text)


def _of_native(native: str) -> tuple[Kind, str]:
    """What a native code stands for, by its own writing."""
    shown = _SHOWN.fullmatch(native.strip())
    if shown:
        character = html.unescape(f"&{shown[1]};")
        native = character if len(character) == 1 else html.unescape(shown[1])
    elif _ENTITY.fullmatch(native.strip()):
        native = html.unescape(native.strip())
    if native == "\xa0" or (len(native) == 1 and not native.isspace() and native not in "<>{}\\"):
        return "text", native
    if _BREAK.fullmatch(native) or _BREAK.fullmatch(native.strip()):
        return "break", " "
    if _is_placeholder(native) or _ENTITY.fullmatch(native):
        return "text", native
    return _of_markup(native.strip()), ""


def _is_placeholder(native: str) -> bool:
    """Whether a text is nothing but placeholders and white space.

    Every position that a row of placeholders can end at is visited once: one pattern for the whole row would try
    every way to divide it.
    """
    if len(native) > _LONGEST_PLACEHOLDER:
        return False
    reached, pending = {0}, [0]
    while pending:
        start = pending.pop()
        ends = {match.end() for pattern in _PLACEHOLDERS if (match := pattern.match(native, start))}
        pending += ends - reached
        reached |= ends
    return bool(native) and len(native) in reached


def _of_markup(native: str) -> Kind:
    if native.startswith(("</", "<!", "<?", "{\\", "\\", "}")):
        return "pair"
    tag = _TAG.match(native)
    if tag is None:
        return "alone"
    empty = native.endswith("/>") or tag[1].lower() in _VOID
    return "alone" if empty and not _NEVER_SEEN.search(tag[1]) else "pair"


_MARK = re.compile(r"\{(\w+)>|<(\w+)\}|\{(\w+)\}")
_STYLES = frozenset({"b", "i", "u", "sub", "sup"})


def text_of_marks(text: str, marks: Mapping[str, str], codes: Codes) -> str:
    """The text without tags that were written into it as ``{1>``, ``<1}`` and ``{2}``.

    Args:
        text: with the tags.
        marks: the native code of each tag that there is.
        codes: counts what was found.
    """

    def meaning(match: re.Match[str]) -> str:
        paired, alone = match[1] or match[2], match[3]
        if (paired or alone) not in marks and paired not in _STYLES:
            return match[0]
        kind, shown = _of_native(marks[alone]) if alone else ("pair", "")
        codes.counts[_COUNTED[kind]] += 1
        return {"break": _SPACE, "text": shown, "pair": "", "alone": _GAP}[kind]

    return _closed(_MARK.sub(meaning, text))
