"""All checks on the output of one system."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from types import MappingProxyType

import numpy as np

from harness.checks.characters import Selected
from harness.checks.counts import NOTHING_ELSE
from harness.checks.interface import WHOLE, AnyCheck, ArticleCheck, Check, CheckContext, Flag, Item, Neighbour
from harness.checks.length_model import LengthModel, learn_lengths
from harness.checks.load import NOT_CHECKED, load_checks
from harness.checks.screen import Batch, Screened, ScreenedArticles
from harness.store.runs.result import article_rows
from harness.types import Corpus, Outcome, Part, Reason, Segment, Translated

_BATCH_CHARACTERS = 1 << 18
"""Of sources, times systems: outputs have about as many, and each takes 16 bytes and more while it is screened."""

_Output = tuple[int, str]
"""A segment, by its row, and a translation of it."""

NO_TERMS: Mapping[str, str] = MappingProxyType({})


def _count_nothing(more: int) -> None:
    """Nobody wants to know."""
    del more


def check_system(
    corpus: Corpus,
    outcomes: Sequence[Outcome],
    glossary: Mapping[str, str] = NO_TERMS,
    *,
    others: Iterable[Sequence[Outcome]] = (),
) -> tuple[tuple[Flag, ...], ...]:
    """Check what a system wrote; refused and failed segments have no flags, they are counted elsewhere.

    Args:
        corpus: the articles.
        outcomes: one for each segment.
        glossary: source term to target term, several of them separated by ``|``.
        others: outcomes of other systems, to learn lengths from where the corpus has too few references.

    Returns:
        One tuple for each segment, in the order of the corpus.
    """
    context = CheckContext(corpus.pair, glossary, lengths_of(corpus, (outcomes, *others)))
    return check_outputs(corpus, [outcomes], context)[0]


def check_outputs(
    corpus: Corpus,
    systems: Sequence[Sequence[Outcome]],
    context: CheckContext,
    count: Callable[[int], None] = _count_nothing,
) -> list[tuple[tuple[Flag, ...], ...]]:
    """:func:`check_system` of several systems, knowing how long translations of this pair are.

    The systems are checked side by side: what checks read from a source and its references, and what they say of an
    output that several systems have, is worked out once. ``count`` is told how many more outputs are done.
    """
    checks = load_checks()
    of_segments = _of_segments(checks)
    of_articles = {kind: check for kind, check in checks.items() if isinstance(check, ArticleCheck)}
    flags: list[list[list[Flag]]] = [[] for _ in systems]
    suspects: dict[str, set[_Output]] = {kind: set() for kind in of_articles}
    segments = corpus.segments
    for rows in _batches(segments, len(systems)):
        items = _distinct(segments, rows, systems)
        batch = Batch([*items.values()]) if items else None
        by_text = dict(zip(items, check_batch(batch, context, of_segments) if batch else (), strict=True))
        for kind, check in of_articles.items():
            if batch:
                suspects[kind].update(itertools.compress(items, _selected(check, batch, context).tolist()))
        for row in rows:
            for outcomes, flags_of_system in zip(systems, flags, strict=True):
                outcome = outcomes[row]
                flags_of_system.append([*by_text[row, outcome.text]] if isinstance(outcome, Translated) else [])
            count(len(systems))
    for outcomes, flags_of_system in zip(systems, flags, strict=True):
        for kind, check in of_articles.items():
            for neighbours in _articles_with(suspects[kind], corpus, outcomes):
                for row, flag in _flags_of_article(kind, check, neighbours, context):
                    flags_of_system[row].append(flag)
    return [tuple(map(tuple, flags_of_system)) for flags_of_system in flags]


def _batches(segments: Sequence[Segment], systems: int) -> Iterator[range]:
    """Rows whose outputs are screened together: many enough to be worth it, few enough for a processor's cache."""
    first = characters = 0
    for row, segment in enumerate(segments):
        characters += (len(segment.source) + 1) * systems
        if characters >= _BATCH_CHARACTERS:
            yield range(first, row + 1)
            first, characters = row + 1, 0
    if first < len(segments):
        yield range(first, len(segments))


def _distinct(segments: Sequence[Segment], rows: range, systems: Sequence[Sequence[Outcome]]) -> dict[_Output, Item]:
    """The outputs of some rows: what several systems have is checked once."""
    items: dict[_Output, Item] = {}
    for row in rows:
        segment = segments[row]
        for outcomes in systems:
            outcome = outcomes[row]
            if isinstance(outcome, Translated) and (row, outcome.text) not in items:
                items[row, outcome.text] = Item(segment.source, outcome.text, segment.references)
    return items


def _articles_with(
    suspects: AbstractSet[_Output], corpus: Corpus, outcomes: Sequence[Outcome]
) -> Iterator[list[Neighbour]]:
    """The articles in which a system has one of these outputs."""
    segments = corpus.segments
    for rows in article_rows(corpus).values() if suspects else ():
        translated = [
            (row, outcome.text)
            for row in range(rows.start, rows.stop)
            if isinstance(outcome := outcomes[row], Translated)
        ]
        if not suspects.isdisjoint(translated):
            yield [Neighbour(row, segments[row].id.number, segments[row].source, text) for row, text in translated]


def _of_segments(checks: Mapping[str, AnyCheck]) -> dict[str, Check]:
    return {kind: check for kind, check in checks.items() if not isinstance(check, ArticleCheck)}


def check_segment(item: Item, context: CheckContext, checks: Mapping[str, Check] | None = None) -> list[Flag]:
    """Run the checks of single segments; one that fails is a flag :data:`~harness.checks.load.NOT_CHECKED`.

    Args:
        item: the segment.
        context: what is the same for all segments.
        checks: by kind, whatever their screens say; None: all there are.
    """
    return _apply(item, context, _of_segments(load_checks()) if checks is None else checks)


def check_batch(batch: Batch, context: CheckContext, checks: Mapping[str, Check]) -> list[list[Flag]]:
    """:func:`check_segment` of many, calling each check only where its screen does not rule it out."""
    called: list[dict[str, Check]] = [{} for _ in batch.items]
    for kind, check in checks.items():
        for row in np.flatnonzero(_selected(check, batch, context)).tolist():
            called[row][kind] = check
    return [
        _apply(item, context, of_item) if of_item else [] for item, of_item in zip(batch.items, called, strict=True)
    ]


def _selected(check: AnyCheck, batch: Batch, context: CheckContext) -> Selected:
    """The items that a check is called on: all, if there is no screen, or if it fails as the check may, too."""
    if isinstance(check, Screened | ScreenedArticles):
        try:
            selected = check.screen(batch, context)
            if selected.shape == (len(batch),):
                return selected
        except Exception:  # noqa: BLE001, S110 - the check itself says what is wrong
            pass
    return np.ones(len(batch), bool)


def _apply(item: Item, context: CheckContext, checks: Mapping[str, Check]) -> list[Flag]:
    flags: list[Flag] = []
    for kind, check in checks.items():
        try:
            flags_of_kind = list(check(item, context))
            if flags_of_kind:
                _refuse_unsound(flags_of_kind, kind, item.text)
        except Exception as error:  # noqa: BLE001 - a rule that fails on a text must not lose the run, which is paid for
            flags_of_kind = [_not_checked(kind, error)]
        if not flags_of_kind:
            continue
        flags += flags_of_kind
        if kind in NOTHING_ELSE and any(
            flag.kind == kind and (flag.where == WHOLE or kind == "refusal") for flag in flags_of_kind
        ):
            break
    return flags


def _flags_of_article(
    kind: str, check: ArticleCheck, segments: Sequence[Neighbour], context: CheckContext
) -> list[tuple[int, Flag]]:
    texts = {segment.row: segment.text for segment in segments}
    try:
        flags_of_kind = list(check.check_article(segments, context))
        for row, flag in flags_of_kind:
            _refuse_unsound([flag], kind, texts[row])
    except Exception as error:  # noqa: BLE001 - as above
        return [(row, _not_checked(kind, error)) for row in texts]
    return flags_of_kind


def _refuse_unsound(flags: Sequence[Flag], kind: str, text: str) -> None:
    """Raise where a check breaks its contract: nobody could count or show such a flag."""
    for flag in flags:
        inside = flag.where == WHOLE or 0 <= flag.where[0] <= flag.where[1] <= len(text)
        if flag.kind != kind or not inside or not 0 <= flag.confidence <= 1:
            raise ValueError(f"not a flag of '{kind}' in this text: {flag}")


def _not_checked(kind: str, error: Exception) -> Flag:
    why = Reason("flag.not_checked", {"kind": Part("kind", kind), "error": type(error).__name__})
    return Flag(NOT_CHECKED, WHOLE, why, 0.0, kind)


def lengths_of(corpus: Corpus, systems: Iterable[Sequence[Outcome]]) -> LengthModel:
    """Learn lengths from the references, or from all translations where the references are too few."""
    model = learn_lengths(
        ((segment.source, text) for segment in corpus.segments for text in segment.references), corpus.pair
    )
    if model.known:
        return model
    return learn_lengths(
        (
            (segment.source, outcome.text)
            for outcomes in systems
            for segment, outcome in zip(corpus.segments, outcomes, strict=True)
            if isinstance(outcome, Translated)
        ),
        corpus.pair,
    )
