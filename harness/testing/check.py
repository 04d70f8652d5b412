"""The contract suite for a check: what :mod:`harness.checks.interface` promises, checked against yours.

::

    def test_contract():
        finds = [Item("Drei Äpfel!", "Three apples.", ())]
        check_contract(check_exclamation, "exclamation", finds=finds)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from harness.checks.interface import WHOLE, AnyCheck, ArticleCheck, CheckContext, Flag, Item, Neighbour
from harness.checks.length_model import LengthModel
from harness.checks.screen import Batch, Screened, ScreenedArticles
from harness.testing.contract import ContractError, require
from harness.types import LangPair

GLOSSARY: Mapping[str, str] = {"Haus": "house | home", "百": "(hundred"}

LENGTHS = LengthModel(ratio=0.05, scale=0.8, pairs=100)

PAIRS = (LangPair("de", "en"), LangPair("en", "zh"), LangPair("ja", "de"), LangPair("ar", "en"), LangPair("en", "tr"))

ODD = (
    "",
    " ",
    "\u200b\u202e\ufeff",
    "a\u0301 ñ ß ı İ ſ",
    "🫖👍🏽🇩🇪",
    "مرحبا بالعالم ١٢٫٥ ٣",
    "今天是2024年5月3日，一百二十三万人。",
    "नमस्ते दुनिया १२३",
    "สวัสดีชาวโลก ๑๒๓",
    "한국어 문장입니다",
    "{name} %1$s %( </b> <a href='x' &amp; ``` [x]( $(y) \\ ^",
    "http://x.y/z?a=b#c a@b.cd @me #tag 12,345.67 1.234,5 31/12/99 ½ Ⅷ",
    "no no no no no no no no no no no no",
    "\ud800 lone surrogate",
    "x" * 5_000,
    "1" * 400,
)
"""Texts in many scripts and of no sense at all; every one is source, translation and reference in turn."""

Found = TypeVar("Found")


def check_contract(
    check: AnyCheck | type[ArticleCheck],
    kind: str,
    *,
    finds: Sequence[Item] | Sequence[Sequence[Neighbour]],
    passes: Sequence[Item] | Sequence[Sequence[Neighbour]] = (),
    pair: LangPair = LangPair("de", "en"),  # noqa: B008 - it is frozen
    context: CheckContext | None = None,
) -> None:
    """Check that it finds what it is for, and is harmless on everything else.

    Args:
        check: what the entry point names.
        kind: the entry point's name.
        finds: at least one segment that must have a flag; of an :class:`ArticleCheck`, articles.
        passes: segments or articles that must have none.
        pair: the language pair of both.
        context: the glossary and the usual lengths of both; None takes a small glossary and lengths like English.

    Raises:
        ContractError: names what is broken.
    """
    made: AnyCheck = check() if isinstance(check, type) else check
    require(bool(finds), "give at least one text that must be flagged: a check that finds nothing keeps any contract")
    usual = context or CheckContext(pair, GLOSSARY, LENGTHS)
    for subject in finds:
        require(bool(_flags(made, kind, subject, usual)), f"nothing was found in {subject}")
    for subject in passes:
        flags = _flags(made, kind, subject, usual)
        require(not flags, f"flagged, and should not be: {subject}: {flags[:1]}")
    for other in PAIRS:
        odd = CheckContext(other, GLOSSARY, LENGTHS)
        for position, text in enumerate(ODD):
            source, reference = ODD[position - 1], ODD[position - 2]
            for subject in _subjects(made, source, text, reference):
                _flags(made, kind, subject, odd)


def _subjects(check: AnyCheck, source: str, text: str, reference: str) -> Iterable[Item | Sequence[Neighbour]]:
    if isinstance(check, ArticleCheck):
        yield []
        yield [Neighbour(4, 1, source, text), Neighbour(5, 2, text, source), Neighbour(7, 4, source, reference)]
        return
    yield Item(source, text, ())
    yield Item(text, text, (reference,) if reference else ())


def _flags(check: AnyCheck, kind: str, subject: Item | Sequence[Neighbour], context: CheckContext) -> list[Flag]:
    """The flags of a segment or an article, the same twice and each of them sound."""
    texts: Mapping[int, str]
    if isinstance(check, ArticleCheck):
        require(not isinstance(subject, Item), "a check of articles is given articles: a list of Neighbour each")
        segments = [] if isinstance(subject, Item) else list(subject)
        texts = {segment.row: segment.text for segment in segments}
        located = _twice(lambda: check.check_article(segments, context), subject)
        if located and isinstance(check, ScreenedArticles):
            batch = Batch([Item(segment.source, segment.text, ()) for segment in segments])
            selected = check.screen(batch, context)
            require(bool(selected.any()), f"the screen rules out an article that the check flags: {subject!r:.200}")
    else:
        require(isinstance(subject, Item), "a check of segments is given an Item each")
        example = subject if isinstance(subject, Item) else Item("", "", ())
        texts = {0: example.text}
        located = [(0, flag) for flag in _twice(lambda: check(example, context), subject)]
        if located and isinstance(check, Screened):
            selected = check.screen(Batch([example, example]), context)
            require(bool(selected.all()), f"the screen rules out a text that the check flags: {subject!r:.200}")
    for row, flag in located:
        require(row in texts, f"a flag of row {row}, which was not given: {flag}")
        _check_flag(flag, kind, texts[row])
    return [flag for _, flag in located]


def _twice(look: Callable[[], Iterable[Found]], subject: object) -> list[Found]:
    try:
        first, second = list(look()), list(look())
    except Exception as error:
        raise ContractError(f"it raised {type(error).__name__} on {subject!r:.200}: {error}") from error
    require(first == second, f"two looks at the same text differ: {first[:1]} and {second[:1]} on {subject!r:.200}")
    return first


def _check_flag(flag: Flag, kind: str, text: str) -> None:
    require(isinstance(flag, Flag), f"not a Flag: {flag!r}")
    require(flag.kind == kind, f"a flag of the kind '{flag.kind}', registered is '{kind}'")
    inside = flag.where == WHOLE or 0 <= flag.where[0] <= flag.where[1] <= len(text)
    require(inside, f"a flag at {flag.where} of a text of {len(text)} characters")
    require(0 < flag.confidence <= 1, f"a confidence of {flag.confidence}, not above 0 and at most 1")
    require(not isinstance(flag.why, str) or bool(flag.why.strip()), "a flag without a reason")
    require(flag.failed == "", "'failed' is for the harness to set")
